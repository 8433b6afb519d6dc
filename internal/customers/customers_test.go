package customers_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

var shopper = access.Actor{Address: netip.MustParseAddr("192.0.2.7")}

type fixture struct {
	*customers.Customers
	pool      *pgxpool.Pool
	passwords *access.Passwords
	posted    *[]id.CustomerLetterID // the letters that were written, in their order
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	pool := pgtest.New(t)
	keys, err := access.LoadKeys(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	passwords := access.NewPasswords(access.HashCost{Memory: 64, Time: 1, Threads: 1})
	f := fixture{customers.New(pool, passwords, access.NewAttempts(pool, keys, false), keys, event.New()), pool, passwords, new([]id.CustomerLetterID)}
	f.Connect(func(_ context.Context, _ pgx.Tx, letter id.CustomerLetterID) error {
		*f.posted = append(*f.posted, letter)
		return nil
	})
	return f
}

func (f fixture) count(t *testing.T, table string) int {
	t.Helper()
	var n int
	if err := f.pool.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func ptr[T any](v T) *T { return &v }

func (f fixture) ada(t *testing.T) customers.Customer {
	t.Helper()
	ada, err := f.Create(t.Context(), shopper, customers.CreateInput{
		Email: " Ada@Example.com", Password: "difference engine", FirstName: ptr("Ada"), LastName: ptr(" Lovelace "),
		Phone: ptr("+44 20 7946 0958"), AcceptsMarketing: ptr(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return ada
}

func (f fixture) signIn(t *testing.T) customers.AccessToken {
	t.Helper()
	token, err := f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "ADA@example.com", Password: "difference engine"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// codes lists what was refused as field=CODE.
func codes(err error) []string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if f, ok := fault.As(err); ok {
			return []string{strings.Join(f.Field, ".") + "=" + f.Code}
		}
		return []string{fmt.Sprint(err)}
	}
	var all []string
	for _, one := range joined.Unwrap() {
		all = append(all, codes(one)...)
	}
	return all
}

func TestCreate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	if *ada.Email != "ada@example.com" || ada.DisplayName() != "Ada Lovelace" || *ada.Phone != "+442079460958" || !ada.AcceptsMarketing || len(ada.Tags) != 0 {
		t.Errorf("the account is %+v", ada)
	}
	var stored string
	if err := f.pool.QueryRow(t.Context(), `select password_hash from customer`).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$") {
		t.Errorf("the password is stored as %q", stored)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, c := range map[string]struct {
		input customers.CreateInput
		want  []string
	}{
		"nothing":          {customers.CreateInput{}, []string{"input.email=BLANK", "input.password=BLANK"}},
		"no e-mail":        {customers.CreateInput{Email: "ada", Password: "difference"}, []string{"input.email=INVALID"}},
		"no such domain":   {customers.CreateInput{Email: "ada@localhost", Password: "difference"}, []string{"input.email=BAD_DOMAIN"}},
		"short password":   {customers.CreateInput{Email: "a@example.com", Password: "1234"}, []string{"input.password=TOO_SHORT"}},
		"long password":    {customers.CreateInput{Email: "a@example.com", Password: strings.Repeat("x", 73)}, []string{"input.password=TOO_LONG"}},
		"space at its end": {customers.CreateInput{Email: "a@example.com", Password: "difference "}, []string{"input.password=PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE"}},
		"names": {
			customers.CreateInput{Email: "a@example.com", Password: "difference", FirstName: ptr("<b>Ada</b>"), LastName: ptr("http://evil.example")},
			[]string{"input.firstName=CONTAINS_HTML_TAGS", "input.lastName=CONTAINS_URL"},
		},
		"card number": {
			customers.CreateInput{Email: "a@example.com", Password: "difference", FirstName: ptr("4242 4242 4242 4242"), LastName: ptr(strings.Repeat("x", 256))},
			[]string{"input.firstName=INVALID", "input.lastName=TOO_LONG"},
		},
		"phone": {customers.CreateInput{Email: "a@example.com", Password: "difference", Phone: ptr("call me")}, []string{"input.phone=INVALID"}},
	} {
		if _, err := f.Create(t.Context(), shopper, c.input); !slices.Equal(codes(err), c.want) {
			t.Errorf("%s: refused as %v, want %v", name, codes(err), c.want)
		}
	}
	if n := f.count(t, "customer"); n != 0 {
		t.Errorf("%d accounts were made by refused input", n)
	}
	if n := f.passwords.Computed(); n != 1 { // the one of nobody, at the start
		t.Errorf("%d passwords were hashed for refused input", n-1)
	}
}

func TestTakenEmailIsRefusedAfterTheSameWorkAndCounted(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	for i := range access.MaxAttempts {
		before := f.passwords.Computed()
		_, err := f.Create(t.Context(), shopper, customers.CreateInput{Email: "ada@EXAMPLE.com", Password: "mine now"})
		if want := []string{"input.email=TAKEN"}; !slices.Equal(codes(err), want) {
			t.Fatalf("try %d: %v, want %v", i, codes(err), want)
		}
		if got := f.passwords.Computed() - before; got != 1 {
			t.Errorf("%d hashes for a taken e-mail, want 1 as for a free one", got)
		}
	}
	_, err := f.Create(t.Context(), shopper, customers.CreateInput{Email: "ada@example.com", Password: "mine now"})
	if refused, ok := fault.As(err); !ok || refused.Kind != fault.Throttled || refused.Message != "Too many tries. Try again later." {
		t.Errorf("who tries a taken e-mail ten times may go on: %v", err)
	}
	if _, err := f.Create(t.Context(), shopper, customers.CreateInput{Email: "new@example.com", Password: "mine now"}); err != nil {
		t.Errorf("a new shopper from the same address is refused: %v", err)
	}
	// the owner's password is as it was
	if _, err := f.SignIn(t.Context(), access.Actor{Address: netip.MustParseAddr("192.0.2.8")},
		customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"}); err != nil {
		t.Errorf("the owner cannot sign in: %v", err)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	token := f.signIn(t)
	if left := time.Until(token.ExpiresAt); left < 29*24*time.Hour || left > 31*24*time.Hour {
		t.Errorf("the token ends in %s, want 30 days", left)
	}
	actor, err := f.Authenticate(t.Context(), token.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if actor.Kind != access.Customer || id.CustomerID(actor.ID) != ada.ID || !actor.ExpiresAt.Equal(token.ExpiresAt) {
		t.Errorf("the token is of %+v, want Ada's", actor)
	}
	var stored []byte
	if err := f.pool.QueryRow(t.Context(), `select token_hash from customer_access_token`).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if !access.TokenMatches(token.AccessToken, stored) {
		t.Error("the token is not stored as its hash")
	}
}

// Whether an account exists shows neither in the words nor in the work done.
func TestWrongPasswordAndUnknownEmailLookTheSame(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	var answers []string
	for _, input := range []customers.AccessTokenCreateInput{
		{Email: "ada@example.com", Password: "wrong"}, {Email: "eve@example.com", Password: "wrong"}, {Email: "not\x00an e-mail", Password: "wrong"},
	} {
		before := f.passwords.Computed()
		_, err := f.SignIn(t.Context(), shopper, input)
		if got := f.passwords.Computed() - before; got != 1 {
			t.Errorf("%s: %d hashes were computed, want 1", input.Email, got)
		}
		answers = append(answers, fmt.Sprint(codes(err), err))
	}
	if answers[0] != "[input=UNIDENTIFIED_CUSTOMER] Unidentified customer" || answers[1] != answers[0] || answers[2] != answers[0] {
		t.Errorf("the answers are %q, want three alike", answers)
	}
	if n := f.count(t, "customer_access_token"); n != 0 {
		t.Errorf("%d tokens were given", n)
	}
}

func TestLockStopsNewLoginsAndNotThoseThatAreThere(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	token := f.signIn(t)
	thief := access.Actor{Address: netip.MustParseAddr("198.51.100.1")}
	for range access.MaxAttempts {
		if _, err := f.SignIn(t.Context(), thief, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "guess"}); !fault.IsKind(err, fault.Invalid) {
			t.Fatal(err)
		}
	}
	before := f.passwords.Computed()
	if _, err := f.SignIn(t.Context(), thief, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"}); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("a locked account let somebody in: %v", err)
	}
	if f.passwords.Computed() != before {
		t.Error("a locked account's password was looked at")
	}
	if _, err := f.Authenticate(t.Context(), token.AccessToken); err != nil {
		t.Errorf("the lock ended a login that was there: %v", err)
	}
	// Nobody else is locked out: neither who shares the address, nor who is new there, nor the owner at home.
	if _, err := f.Create(t.Context(), thief, customers.CreateInput{Email: "eve@example.com", Password: "eve's own"}); err != nil {
		t.Errorf("a new shopper at the address is refused: %v", err)
	}
	if _, err := f.SignIn(t.Context(), thief, customers.AccessTokenCreateInput{Email: "eve@example.com", Password: "eve's own"}); err != nil {
		t.Errorf("another account at the address is locked, too: %v", err)
	}
	if _, err := f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"}); err != nil {
		t.Errorf("the owner is locked out at home: %v", err)
	}
}

func TestRenewKillsTheOldToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	old := f.signIn(t)
	oldActor, _ := f.Authenticate(t.Context(), old.AccessToken)
	fresh, err := f.Renew(t.Context(), old.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if actor, err := f.Authenticate(t.Context(), fresh.AccessToken); err != nil || id.CustomerID(actor.ID) != ada.ID {
		t.Errorf("the new token is of %+v, %v", actor, err)
	}
	if _, err := f.Authenticate(t.Context(), old.AccessToken); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("the old token still works: %v", err)
	}
	if err := f.Recheck(t.Context(), oldActor); !fault.IsKind(err, fault.Forbidden) {
		t.Errorf("a socket of the old token lives on: %v", err)
	}
	if _, err := f.Renew(t.Context(), old.AccessToken); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("the old token was renewed again: %v", err)
	}
	if n := f.count(t, "customer_access_token"); n != 1 {
		t.Errorf("%d tokens are kept, want 1", n)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	token, other := f.signIn(t), f.signIn(t)
	actor, _ := f.Authenticate(t.Context(), token.AccessToken)
	if err := f.Recheck(t.Context(), actor); err != nil {
		t.Fatalf("the login is dead before it was ended: %v", err)
	}
	session, err := f.SignOut(t.Context(), token.AccessToken)
	if err != nil || session.UUID != actor.SessionID {
		t.Errorf("ended %v, %v; want %v", session, err, actor.SessionID)
	}
	if _, err := f.Authenticate(t.Context(), token.AccessToken); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("the token still works: %v", err)
	}
	if err := f.Recheck(t.Context(), actor); !fault.IsKind(err, fault.Forbidden) {
		t.Errorf("a socket of the token lives on: %v", err)
	}
	if _, err := f.Authenticate(t.Context(), other.AccessToken); err != nil {
		t.Errorf("the other device was signed out too: %v", err)
	}
	if _, err := f.SignOut(t.Context(), token.AccessToken); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("a dead token was ended again: %v", err)
	}
}

func TestEndedTokenIsDead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	token := f.signIn(t)
	actor, _ := f.Authenticate(t.Context(), token.AccessToken)
	if _, err := f.pool.Exec(t.Context(), `update customer_access_token set expires_at = now()`); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Authenticate(t.Context(), token.AccessToken); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("an ended token works: %v", err)
	}
	if _, err := f.Renew(t.Context(), token.AccessToken); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("an ended token was renewed: %v", err)
	}
	if err := f.Recheck(t.Context(), actor); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("an ended token keeps sockets open: %v", err)
	}
	if err := f.Purge(t.Context()); err != nil || f.count(t, "customer_access_token") != 1 {
		t.Errorf("a token that has just ended was forgotten (%v): its sockets would hear the wrong reason", err)
	}
	f.signIn(t)
	if n := f.count(t, "customer_access_token"); n != 1 {
		t.Errorf("%d tokens are kept after the next login, want the ended one gone", n)
	}
}

func TestForeignAndAbsentAccountsLookTheSame(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	eve, err := f.Create(t.Context(), shopper, customers.CreateInput{Email: "eve@example.com", Password: "secret garden"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		actor access.Actor
		sees  bool
	}{
		"herself":                {access.Actor{Kind: access.Customer, ID: ada.ID}, true},
		"staff":                  {access.Actor{Kind: access.Staff, Scopes: access.Scopes{"customers:read"}}, true},
		"the shop":               {access.SystemActor, true},
		"another customer":       {access.Actor{Kind: access.Customer, ID: eve.ID}, false},
		"a guest":                {access.Actor{Kind: access.Guest, ID: ada.ID}, false},
		"anyone":                 {access.Actor{}, false},
		"staff of another scope": {access.Actor{Kind: access.Staff, ID: ada.ID, Scopes: access.Scopes{"orders:write"}}, false},
		"a customer with scopes": {access.Actor{Kind: access.Customer, ID: eve.ID, Scopes: access.AllScopes()}, false},
	} {
		got, err := f.Visible(t.Context(), c.actor, ada.ID)
		if err != nil || (got != nil) != c.sees {
			t.Errorf("%s sees %v, %v; want sight: %t", name, got, err, c.sees)
		}
		if absent, err := f.Visible(t.Context(), c.actor, id.NewCustomerID()); absent != nil || err != nil {
			t.Errorf("%s sees an account that is not there: %v, %v", name, absent, err)
		}
	}
}

func TestStaleHashIsRenewedAtLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	keys, err := access.LoadKeys(t.Context(), f.pool)
	if err != nil {
		t.Fatal(err)
	}
	stronger := access.NewPasswords(access.HashCost{Memory: 128, Time: 1, Threads: 1})
	today := customers.New(f.pool, stronger, access.NewAttempts(f.pool, keys, false), keys, event.New())
	input := customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"}
	for _, want := range []int64{2, 1} { // the check and the new hash; afterwards only the check
		before := stronger.Computed()
		if _, err := today.SignIn(t.Context(), shopper, input); err != nil {
			t.Fatal(err)
		}
		if got := stronger.Computed() - before; got != want {
			t.Errorf("%d hashes, want %d", got, want)
		}
	}
}
