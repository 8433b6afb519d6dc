package graph_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/graph"
	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// lines is a log that may be written from many places at once.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

// letterbox is where letters arrive.
type letterbox chan notifications.Message

func (l letterbox) Send(_ context.Context, m notifications.Message) error {
	l <- m
	return nil
}

// written are the forms in which a database or a log shows a text: as it is, in other cases, as a code is stored without
// what people write between its letters, and as the bytes of columns and of JSON.
func written(secret string) []string {
	forms := []string{}
	for _, form := range []string{secret, strings.ToLower(secret), strings.ToUpper(secret), strings.ReplaceAll(secret, "-", "")} {
		raw := []byte(form)
		for shift := range 3 { // base64 shows the same bytes in three ways, by where they begin
			text := base64.StdEncoding.EncodeToString(append(make([]byte, shift), raw...))
			forms = append(forms, strings.TrimRight(text, "=")[4*((shift+2)/3):len(text)-4])
		}
		forms = append(forms, form, hex.EncodeToString(raw))
	}
	return forms
}

// TestNoSecretIsKeptOrLogged: whatever opens something, or stands for somebody, is in no table, job, event or line of the
// log, where whoever reads a backup would find it. What was given to be kept is found, as text and as bytes, so that the
// search is known to find.
func TestNoSecretIsKeptOrLogged(t *testing.T) {
	t.Parallel()
	log := &lines{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	letters := make(letterbox, 100)
	s := shoptest.New(t, func(c *shop.Config) { c.Logger, c.Sender = logger, letters })
	s.Run(t, shoptest.Working())
	server, err := graph.New(s.Shop, graph.Options{Log: logger, Clock: s.Clock, NoRateLimit: true})
	if err != nil {
		t.Fatal(err)
	}
	a := api{Shop: s, server: server}
	variant := s.Goods(t, "lamp", "25.00", 5)
	ask := func(token, document string, input map[string]any) map[string]any {
		t.Helper()
		var data map[string]any
		a.want(t, token, document, map[string]any{"input": input}, &data)
		return data
	}
	secrets := map[string]string{"the shopper's password": "canary of the analytical engine", "the password of the staff": "compile me"}
	keep := func(name string, value any) string {
		t.Helper()
		secret, _ := value.(string)
		if secret == "" {
			t.Fatalf("there is no secret %q", name)
		}
		secrets[name] = secret
		return secret
	}

	staff := keep("the staff's token", staffToken(t, a, partners.RoleAdmin))
	key := ask(staff, createKey, map[string]any{"name": "ERP", "scopes": []string{"orders:read"}})
	partner := keep("a partner's key", under(t, key, "apiKeyCreate.key"))
	a.want(t, partner, `{ orders(first: 1) { nodes { id } } }`, nil, &map[string]any{})
	card := ask(staff, issueCard, map[string]any{"idempotencyKey": "card", "initialValue": map[string]any{"amount": "5", "currencyCode": "USD"}})
	code := keep("a gift card's code", under(t, card, "giftCardCreate.code"))

	account := map[string]any{"email": "kept@example.com", "password": secrets["the shopper's password"]}
	ask("", createCustomer, account)
	login := keep("the shopper's token", under(t, ask("", signIn, account), "customerAccessTokenCreate.customerAccessToken.accessToken"))
	ask("", signIn, map[string]any{"email": "kept@example.com", "password": keep("a mistyped password", "canary of the analytical enigne")})
	a.want(t, "", `mutation { customerRecover(email: "kept@example.com") { customerUserErrors { code } } }`, nil, &map[string]any{})
	inLetter := regexp.MustCompile(`wharfl_[A-Za-z0-9_-]+`)
	for _, name := range []string{"a letter's token", "another letter's token"} { // one confirms the address, one resets the password
		select {
		case letter := <-letters:
			keep(name, inLetter.FindString(letter.Text))
		case <-time.After(20 * time.Second):
			t.Fatal("no letter has come")
		}
	}

	cart := under(t, ask("", `mutation($input: CartInput) { cartCreate(input: $input) { cart { id } userErrors { message } } }`, map[string]any{
		"lines":         []any{map[string]any{"merchandiseId": variant.String()}},
		"buyerIdentity": map[string]any{"customerAccessToken": login}, "giftCardCodes": []string{code},
	}), "cartCreate.cart.id")
	address, err := url.Parse(cart.(string))
	if err != nil {
		t.Fatal(err)
	}
	keep("what opens the cart", address.Query().Get("key"))
	wish := map[string]any{
		"idempotencyKey": "canary", "cartId": cart, "buyer": map[string]any{"email": "kept@example.com"},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Lovelace", "address1": "1 Main St", "city": "Albany", "province": "NY", "zip": "12207", "country": "US",
		}}},
		"payment": []any{map[string]any{"provider": "test", "token": "approve"}}, "giftCardCodes": []string{code},
	}
	const place = `mutation($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } accessToken userErrors { code message } } }`
	order := ask(login, place, wish)
	keep("what opens the order", under(t, order, "orderPlace.accessToken"))
	until(t, 20*time.Second, "the order is confirmed", func() bool {
		var data map[string]any
		a.want(t, login, `query($input: ID!) { order(id: $input) { status } }`, map[string]any{"input": under(t, order, "orderPlace.order.id")}, &data)
		return under(t, data, "order.status") == "CONFIRMED"
	})

	rows, err := s.Pool.Query(t.Context(), `select schemaname::text, tablename::text from pg_tables where schemaname in ('public', 'river') and tablename <> 'schema_migrations'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (pgx.Identifier, error) {
		name := make(pgx.Identifier, 2)
		return name, row.Scan(&name[0], &name[1])
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pool.Exec(t.Context(), `insert into idempotency_key (caller, key, operation, input_hash) values ('canary', 'canary', 'canary', 'found as bytes')`); err != nil {
		t.Fatal(err)
	}
	kept, raw := 0, 0
	count := func(table pgx.Identifier, forms []string) (n int) {
		t.Helper()
		const countSQL = `select count(*) from %s t where exists (select from unnest($1::text[]) f(form) where strpos(t::text, form) > 0)`
		if err := s.Pool.QueryRow(t.Context(), fmt.Sprintf(countSQL, table.Sanitize()), forms).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, table := range tables {
		kept += count(table, []string{"kept@example.com"})
		raw += count(table, written("found as bytes"))
		for name, secret := range secrets {
			if n := count(table, written(secret)); n > 0 {
				t.Errorf("%s is in %d rows of %s", name, n, table.Sanitize())
			}
		}
	}
	if kept < 3 || raw != 1 {
		t.Errorf("of what is kept %d rows were found, and %d of what is kept as bytes", kept, raw)
	}
	said := log.String()
	for name, secret := range secrets {
		for _, form := range written(secret) {
			if strings.Contains(said, form) {
				t.Errorf("%s is in the log", name)
			}
		}
	}
	if !strings.Contains(said, "/graphql") {
		t.Errorf("the log says nothing of requests:\n%s", said)
	}
}
