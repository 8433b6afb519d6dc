package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/examples/internal/try"
	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/paymenttest"
	"github.com/wharfhq/wharf/internal/payment/remote"
	signed "github.com/wharfhq/wharf/internal/remote"
	"github.com/wharfhq/wharf/internal/shop"
)

var secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of the tests: 32 bytes."))

// running is the example as a shop meets it.
type running struct {
	*server
	provider *remote.Provider
}

func run(t *testing.T, settle time.Duration) running {
	t.Helper()
	b, err := openBooks(filepath.Join(t.TempDir(), "books"))
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := parseSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(b, secrets, "", "", settle)
	web := httptest.NewServer(s.handler())
	t.Cleanup(web.Close)
	s.url = web.URL
	shared, err := signed.ParseSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := remote.New(remote.Options{Name: "example", Title: "Example", URL: web.URL + "/", Secrets: shared, Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	return running{s, provider}
}

// TestPromises holds the example to what every payment provider promises, through the client that shops use.
func TestPromises(t *testing.T) {
	t.Parallel()
	paymenttest.Run(t, func(t *testing.T) paymenttest.Vendor {
		r := run(t, time.Hour)
		type callback struct {
			header http.Header
			body   []byte
		}
		inbox := make(chan callback, 10)
		listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			body, _ := io.ReadAll(q.Body)
			inbox <- callback{q.Header, body}
			w.WriteHeader(http.StatusNoContent)
		}))
		t.Cleanup(listener.Close)
		r.teller.url = listener.URL
		return paymenttest.Vendor{
			Provider: r.provider, Approved: "approve", Declined: "decline", Books: true, Saves: true, Challenged: "challenge", Pending: "pending",
			Act: func(t *testing.T, c payment.Charge) {
				response, err := http.Post(c.ChallengeURL, "", nil)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					t.Fatalf("the page answers %s", response.Status)
				}
			},
			Settle: func(t *testing.T, key string) (http.Header, []byte) {
				if !r.decide(key) {
					return nil, nil
				}
				select {
				case c := <-inbox:
					return c.header, c.body
				case <-time.After(10 * time.Second):
					t.Fatal("no notification comes")
					return nil, nil
				}
			},
		}
	})
}

// TestTheBooksOutliveTheProcess opens the same file again, with a torn line at its end.
func TestTheBooksOutliveTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books")
	b, err := openBooks(path)
	if err != nil {
		t.Fatal(err)
	}
	a := authorization{Key: "c1", Reference: "o1", Token: "approve", Amount: 4860, Currency: "USD", Customer: "ada", Save: true}
	if _, _, err := b.authorize(a); err != nil {
		t.Fatal(err)
	}
	take := change{Key: "k1", Charge: "c1", Amount: 1000, Currency: "USD"}
	if _, reason, err := b.change("capture", take); err != nil || reason != "" {
		t.Fatal(reason, err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"operation":"cap`); err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	for range 2 { // the second time nothing is torn
		again, err := openBooks(path)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := b.charge("c1"), again.charge("c1"); !reflect.DeepEqual(x, y) {
			t.Errorf("opened again, it is %+v instead of %+v", y, x)
		}
		if c, reason, err := again.change("capture", take); err != nil || reason != "" || c.Captured != 1000 {
			t.Errorf("asked again, it answers %+v, %q, %v", c, reason, err)
		}
		if _, _, err := again.authorize(authorization{Key: "c1", Reference: "o1", Token: "approve", Amount: 1, Currency: "USD"}); err == nil {
			t.Error("the key serves another amount")
		}
	}
}

func TestCallsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := run(t, time.Hour).server
	secrets, err := signed.ParseSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{
		`{"version": 1, "operation": "lookup", "charge": "x"}`:               200,
		`{"version": 1, "operation": "lookup", "charge": "x", "live": true}`: 403,
		`{"version": 2, "operation": "lookup", "charge": "x"}`:               400,
		`{"version": 1, "operation": "steal"}`:                               400,
		`{"version": 1, "operation": "capture"}`:                             400,
		`{"version": 1, "operation": "authorize"}`:                           400,
		`{`: 400,
	} {
		for genuine, status := range map[bool]int{true: want, false: 401} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			if signed.Sign(r.Header, "msg_1", time.Now(), []byte(body), secrets); !genuine {
				r.Header.Set(signed.HeaderID, "msg_2")
			}
			w := httptest.NewRecorder()
			s.handler().ServeHTTP(w, r)
			if w.Code != status {
				t.Errorf("%s, signed %t: %d %s", body, genuine, w.Code, w.Body)
			}
		}
	}
}

// TestAShopIsPaid lets a shopper pay with the example: the charge is settled later and told by a notification, then
// taken and partly given back over the API.
func TestAShopIsPaid(t *testing.T) {
	t.Parallel()
	r := run(t, 50*time.Millisecond)
	s := try.Open(t, func(c *shop.Config) { c.Providers = append(c.Providers, r.provider) })
	r.teller.url = s.URL + "/callbacks/payments/example"
	s.Goods(t, "lamp", "25.00", 3)
	_, key, err := s.Partners.CreateKey(t.Context(), access.SystemActor, partners.KeyCreateInput{
		Name: "till", Scopes: []string{"orders:read", "payments:write"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(query string, variables map[string]any, into any) {
		t.Helper()
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequest(http.MethodPost, s.URL+"/graphql", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var answer struct {
			Data   json.RawMessage
			Errors []struct{ Message string }
		}
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Errors) > 0 {
			t.Fatalf("%v, %+v", err, answer.Errors)
		}
		if err := json.Unmarshal(answer.Data, into); err != nil {
			t.Fatal(err)
		}
	}

	var shelf struct {
		Products struct {
			Nodes []struct {
				Variants struct{ Nodes []struct{ ID string } }
			}
		}
	}
	ask(`{ products(first: 1) { nodes { variants(first: 1) { nodes { id } } } } }`, nil, &shelf)
	var placed struct {
		OrderPlace struct {
			Order      *struct{ ID string }
			UserErrors []struct{ Code string }
		}
	}
	ask(`mutation($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }`, map[string]any{"input": map[string]any{
		"idempotencyKey": "one order", "lines": []any{map[string]any{"merchandiseId": shelf.Products.Nodes[0].Variants.Nodes[0].ID, "quantity": 1}},
		"buyer": map[string]any{"email": "ada@example.com"},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Lovelace", "address1": "1 Main Street", "city": "Albany", "province": "New York", "zip": "12207", "country": "United States",
		}}},
		"payment": []any{map[string]any{"provider": "example", "token": "pending"}},
	}}, &placed)
	if placed.OrderPlace.Order == nil {
		t.Fatalf("refused: %v", placed.OrderPlace.UserErrors)
	}
	id := placed.OrderPlace.Order.ID

	type state struct {
		Order struct {
			Status, FinancialStatus string
			TotalPrice              struct{ Amount string }
			Events                  struct{ Nodes []struct{ Type string } }
		}
	}
	// until waits for the order to get there; its background work runs beside the test.
	until := func(status, financial string) state {
		t.Helper()
		var now state
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			ask(`query($id: ID!) { order(id: $id) { status financialStatus totalPrice { amount } events(first: 50) { nodes { type } } } }`, map[string]any{"id": id}, &now)
			if now.Order.Status == status && now.Order.FinancialStatus == financial {
				return now
			}
			if time.Now().After(deadline) {
				t.Fatalf("it stays %+v", now.Order)
			}
		}
	}
	total := until("CONFIRMED", "AUTHORIZED").Order.TotalPrice.Amount
	notified := `select count(*) from payment_callback where provider = 'example' and state = 'APPLIED'`
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var n int
		if err := s.Pool.QueryRow(t.Context(), notified).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d notifications were followed", n)
		}
	}

	var moved struct {
		Done struct {
			UserErrors []struct{ Code, Message string }
		}
	}
	act := func(mutation string, input map[string]any) {
		t.Helper()
		input["orderId"] = id
		if ask(mutation, map[string]any{"input": input}, &moved); len(moved.Done.UserErrors) > 0 {
			t.Fatalf("refused: %+v", moved.Done.UserErrors)
		}
	}
	act(`mutation($input: PaymentCaptureInput!) { done: paymentCapture(input: $input) { userErrors { code message } } }`, map[string]any{"idempotencyKey": "capture"})
	until("CONFIRMED", "PAID")
	act(`mutation($input: PaymentRefundInput!) { done: paymentRefund(input: $input) { userErrors { code message } } }`,
		map[string]any{"idempotencyKey": "refund", "amount": map[string]any{"amount": "1.50", "currencyCode": "USD"}})
	end := until("CONFIRMED", "PARTIALLY_REFUNDED")

	var kinds []string
	for _, e := range end.Order.Events.Nodes {
		kinds = append(kinds, e.Type)
	}
	want := "order.placed payment.started payment.pending payment.authorized order.confirmed payment.captured payment.refunded"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("its events are\n%s, not\n%s", got, want)
	}
	charges, _ := r.books.changed(time.Time{}, "")
	if len(charges) != 1 {
		t.Fatalf("the provider has %d charges", len(charges))
	}
	paid := strings.ReplaceAll(total, ".", "")
	c := charges[0]
	if got, err := json.Marshal([]int64{c.Authorized, c.Captured, c.Refunded, c.Voided}); err != nil || string(got) != "["+paid+","+paid+",150,0]" {
		t.Errorf("the provider's books say %s of %s, %v", got, total, err)
	}
}
