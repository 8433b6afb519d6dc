package customers_test

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// letter is the newest letter, as it is sent.
func (f fixture) letter(t *testing.T) (customers.Letter, bool) {
	t.Helper()
	list := *f.posted
	l, there, err := f.Letter(t.Context(), list[len(list)-1])
	if err != nil {
		t.Fatal(err)
	}
	return l, there
}

// history lists the kinds of what happened to a customer.
func (f fixture) history(t *testing.T, customer id.CustomerID) []string {
	t.Helper()
	events, err := event.ReadAll(t.Context(), f.pool, [][16]byte{customer})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range events[customer] {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// signedIn is who calls with the customer's own token.
func signedIn(customer customers.Customer) access.Actor {
	return access.Actor{Kind: access.Customer, ID: customer.ID, Address: shopper.Address}
}

func (f fixture) wantCodes(t *testing.T, what string, err error, want ...string) {
	t.Helper()
	if got := codes(err); !slices.Equal(got, want) {
		t.Errorf("%s: refused as %v, want %v", what, got, want)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	token := f.signIn(t).AccessToken
	got, fresh, err := f.Update(t.Context(), shopper, token, customers.UpdateInput{FirstName: ptr(" Augusta  Ada "), LastName: ptr(""), Phone: ptr(" "), AcceptsMarketing: ptr(false)})
	if err != nil || fresh != nil {
		t.Fatalf("%v, %v", fresh, err)
	}
	if *got.FirstName != "Augusta Ada" || got.LastName != nil || got.Phone != nil || got.AcceptsMarketing || *got.Email != "ada@example.com" || !got.UpdatedAt.After(ada.UpdatedAt) {
		t.Errorf("changed to %+v", got)
	}
	if len(*f.posted) != 1 {
		t.Errorf("%d letters, want only the one of the registration", len(*f.posted))
	}
	same, _, err := f.Update(t.Context(), shopper, token, customers.UpdateInput{})
	if err != nil || *same.FirstName != "Augusta Ada" || same.LastName != nil {
		t.Errorf("nothing changed to %+v, %v", same, err)
	}
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	token := f.signIn(t).AccessToken
	if _, err := f.Create(t.Context(), shopper, customers.CreateInput{Email: "eve@example.com", Password: "secret garden"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token string
		input customers.UpdateInput
		want  []string
	}{
		"no token":     {"nothing", customers.UpdateInput{}, []string{"customerAccessToken=TOKEN_INVALID"}},
		"taken":        {token, customers.UpdateInput{Email: ptr("EVE@example.com")}, []string{"customer.email=TAKEN"}},
		"empty e-mail": {token, customers.UpdateInput{Email: ptr(" ")}, []string{"customer.email=BLANK"}},
		"all wrong": {
			token,
			customers.UpdateInput{Email: ptr("ada@"), Password: ptr("1234"), FirstName: ptr("<b>x</b>"), LastName: ptr("www.evil.example"), Phone: ptr("0")},
			[]string{"customer.email=INVALID", "customer.password=TOO_SHORT", "customer.firstName=CONTAINS_HTML_TAGS", "customer.lastName=CONTAINS_URL", "customer.phone=INVALID"},
		},
	} {
		_, fresh, err := f.Update(t.Context(), shopper, c.token, c.input)
		f.wantCodes(t, name, err, c.want...)
		if fresh != nil {
			t.Errorf("%s: a token was given", name)
		}
	}
	if actor, err := f.Authenticate(t.Context(), token); err != nil || actor.Kind != access.Customer {
		t.Errorf("a refused change ended the login: %v", err)
	}
}

func TestNewPasswordEndsAllLoginsAndGivesOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	phone, laptop := f.signIn(t).AccessToken, f.signIn(t).AccessToken
	_, fresh, err := f.Update(t.Context(), shopper, laptop, customers.UpdateInput{Password: ptr("analytical engine")})
	if err != nil || fresh == nil {
		t.Fatal(err)
	}
	for name, old := range map[string]string{"phone": phone, "laptop": laptop} {
		if _, err := f.Authenticate(t.Context(), old); !fault.IsKind(err, fault.Unauthenticated) {
			t.Errorf("the login of the %s lives on: %v", name, err)
		}
	}
	if _, err := f.Authenticate(t.Context(), fresh.AccessToken); err != nil {
		t.Errorf("the new login does not work: %v", err)
	}
	if n := f.count(t, "customer_access_token"); n != 1 {
		t.Errorf("%d logins are kept, want 1", n)
	}
	_, err = f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"})
	f.wantCodes(t, "the old password", err, "input=UNIDENTIFIED_CUSTOMER")
}

func TestNewEmailMustBeShownAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	token := f.signIn(t).AccessToken
	first, _ := f.letter(t)
	for name, who := range map[string]access.Actor{"anybody": shopper, "another": {Kind: access.Customer, ID: id.NewCustomerID()}} {
		_, err := f.Verify(t.Context(), who, customers.VerifyInput{Token: first.Token})
		f.wantCodes(t, name, err, "input=UNIDENTIFIED_CUSTOMER")
	}
	if shown, err := f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{Token: first.Token}); err != nil || !shown.EmailVerified() {
		t.Fatalf("not verified: %v", err)
	}
	if err := f.Recover(t.Context(), shopper, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	reset, _ := f.letter(t)
	changed, _, err := f.Update(t.Context(), shopper, token, customers.UpdateInput{Email: ptr("Countess@example.com")})
	if err != nil || *changed.Email != "countess@example.com" || changed.EmailVerified() {
		t.Fatalf("%+v, %v", changed, err)
	}
	_, _, err = f.Reset(t.Context(), shopper, ada.ID, customers.ResetInput{Password: "mine now", ResetToken: reset.Token})
	f.wantCodes(t, "a letter to the old address", err, "input.resetToken=TOKEN_INVALID")
	second, there := f.letter(t)
	if !there || second.Email != "countess@example.com" || second.Reset {
		t.Fatalf("the letter is %+v", second)
	}
	if again, err := f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{Token: second.Token}); err != nil || !again.EmailVerified() {
		t.Errorf("the new address: %+v, %v", again, err)
	}
	if got, want := f.history(t, ada.ID), []string{"customer.verified", "customer.verified"}; !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
}

func TestRecoverAndReset(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	old := f.signIn(t).AccessToken
	if err := f.Recover(t.Context(), shopper, " ADA@example.com "); err != nil {
		t.Fatal(err)
	}
	sent, there := f.letter(t)
	if !there || !sent.Reset || sent.Email != "ada@example.com" || sent.Customer != ada.ID || sent.Proven || sent.FirstName != nil {
		t.Fatalf("the letter is %+v, %t", sent, there)
	}
	if again, _ := f.letter(t); again.Token != sent.Token {
		t.Error("a letter that is sent twice says two things")
	}
	var plain int
	if err := f.pool.QueryRow(t.Context(), `select count(*) from customer_letter l where l::text like '%' || $1 || '%'`, sent.Token).Scan(&plain); err != nil || plain != 0 {
		t.Errorf("the token stands in %d rows, %v", plain, err)
	}
	eve := id.NewCustomerID()
	for name, c := range map[string]struct {
		customer id.CustomerID
		input    customers.ResetInput
		want     string
	}{
		"another customer": {eve, customers.ResetInput{Password: "analytical", ResetToken: sent.Token}, "input.resetToken=TOKEN_INVALID"},
		"another token":    {ada.ID, customers.ResetInput{Password: "analytical", ResetToken: sent.Token + "x"}, "input.resetToken=TOKEN_INVALID"},
		"no token":         {ada.ID, customers.ResetInput{Password: "analytical"}, "input.resetToken=BLANK"},
		"short":            {ada.ID, customers.ResetInput{Password: "1234", ResetToken: sent.Token}, "input.password=TOO_SHORT"},
	} {
		_, _, err := f.Reset(t.Context(), shopper, c.customer, c.input)
		f.wantCodes(t, name, err, c.want)
	}
	got, fresh, err := f.Reset(t.Context(), shopper, ada.ID, customers.ResetInput{Password: "analytical", ResetToken: sent.Token})
	if err != nil || !got.EmailVerified() {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := f.Authenticate(t.Context(), fresh.AccessToken); err != nil {
		t.Errorf("the login of the reset: %v", err)
	}
	if _, err := f.Authenticate(t.Context(), old); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("an old login lives on: %v", err)
	}
	_, _, err = f.Reset(t.Context(), shopper, ada.ID, customers.ResetInput{Password: "again", ResetToken: sent.Token})
	f.wantCodes(t, "the token a second time", err, "input.resetToken=TOKEN_INVALID")
	if _, err := f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "analytical"}); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

// The request does the same for everybody, down to its rows; who it is for is looked up when the letter is sent.
func TestRecoverTellsNobodyWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		before, letters := f.passwords.Computed(), len(*f.posted)
		if err := f.Recover(t.Context(), shopper, email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
		if f.passwords.Computed() != before || len(*f.posted) != letters+1 {
			t.Errorf("%s: %d hashes and %d letters, want none and one", email, f.passwords.Computed()-before, len(*f.posted)-letters)
		}
	}
	if _, there := f.letter(t); there {
		t.Error("a letter goes to somebody without an account")
	}
	if n := f.count(t, "customer_letter where email = 'nobody@example.com'"); n != 0 {
		t.Errorf("%d letters to nobody are kept", n)
	}
	f.wantCodes(t, "no e-mail", f.Recover(t.Context(), shopper, "ada"), "email=INVALID")
	for range 4 {
		if err := f.Recover(t.Context(), shopper, "nobody@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Recover(t.Context(), shopper, "nobody@example.com"); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("a sixth letter to one address: %v", err)
	}
	if _, err := f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"}); err != nil {
		t.Errorf("asking for letters locks logins: %v", err)
	}
}

func TestOfTwoResetsAtOnceOneWins(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	if err := f.Recover(t.Context(), shopper, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	sent, _ := f.letter(t)
	const racers = 8
	errs := make([]error, racers)
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() {
			_, _, errs[i] = f.Reset(t.Context(), access.Actor{}, ada.ID, customers.ResetInput{Password: "racer " + string(rune('a'+i)), ResetToken: sent.Token})
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			f.wantCodes(t, "a loser", err, "input.resetToken=TOKEN_INVALID")
		}
	}
	if won != 1 || f.count(t, "customer_access_token") != 1 {
		t.Errorf("%d won and %d logins are kept, want one", won, f.count(t, "customer_access_token"))
	}
}

func TestLettersEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	verify, _ := f.letter(t)
	if err := f.Recover(t.Context(), shopper, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	reset, _ := f.letter(t)
	if _, err := f.pool.Exec(t.Context(), `update customer_letter set expires_at = now()`); err != nil {
		t.Fatal(err)
	}
	_, _, err := f.Reset(t.Context(), shopper, ada.ID, customers.ResetInput{Password: "analytical", ResetToken: reset.Token})
	f.wantCodes(t, "reset", err, "input.resetToken=TOKEN_INVALID")
	_, err = f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{Token: verify.Token})
	f.wantCodes(t, "verify", err, "input.token=TOKEN_INVALID")
	_, err = f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{})
	f.wantCodes(t, "nothing", err, "input.token=BLANK")
	_, _, err = f.Reset(t.Context(), shopper, ada.ID, customers.ResetInput{Password: "analytical", ResetToken: verify.Token})
	f.wantCodes(t, "a token for something else", err, "input.resetToken=TOKEN_INVALID")
	if err := f.Purge(t.Context()); err != nil || f.count(t, "customer_letter") != 0 {
		t.Errorf("%d ended letters are kept, %v", f.count(t, "customer_letter"), err)
	}
}

func TestVerificationIsSentAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	token := f.signIn(t).AccessToken
	if _, err := f.SendVerification(t.Context(), shopper, token); err != nil || len(*f.posted) != 2 {
		t.Fatalf("%d letters, %v", len(*f.posted), err)
	}
	sent, _ := f.letter(t)
	if _, err := f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{Token: sent.Token}); err != nil {
		t.Fatal(err)
	}
	if again, err := f.SendVerification(t.Context(), shopper, token); err != nil || !again.EmailVerified() || len(*f.posted) != 2 {
		t.Errorf("who is verified gets %d letters, %v", len(*f.posted), err)
	}
	_, err := f.SendVerification(t.Context(), shopper, "nothing")
	f.wantCodes(t, "no token", err, "input.customerAccessToken=TOKEN_INVALID")
}

// A login with the old password that was being checked while the password changed must not live on.
func TestNoLoginSlipsPastANewPassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	token := f.signIn(t).AccessToken
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			_, _ = f.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"})
		})
	}
	_, fresh, err := f.Update(t.Context(), shopper, token, customers.UpdateInput{Password: ptr("analytical engine")})
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if n := f.count(t, "customer_access_token"); n != 1 {
		t.Errorf("%d logins are kept, want only the one of the new password", n)
	}
	if _, err := f.Authenticate(t.Context(), fresh.AccessToken); err != nil {
		t.Error(err)
	}
}

func TestNobodysMailboxIsFilledByChangingTheEmail(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	token := f.signIn(t).AccessToken
	var err error
	is := "ada@example.com"
	for i := range 12 {
		to := []string{"victim@example.com", "ada@example.com"}[i%2]
		if _, _, err = f.Update(t.Context(), shopper, token, customers.UpdateInput{Email: &to}); err != nil {
			break
		}
		is = to
	}
	if !fault.IsKind(err, fault.Throttled) || len(*f.posted) != 10 { // five for each, the one of the registration among them
		t.Errorf("%d letters, and then %v", len(*f.posted), err)
	}
	if n := f.count(t, "customer where email = '"+is+"'"); n != 1 {
		t.Error("what was refused has changed the e-mail")
	}
}

// Whoever registers with the addresses of strangers sends them no more letters than whoever asks for passwords.
func TestRegisteringSendsOnlySoManyLetters(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	register := func(who access.Actor, email string) error {
		_, err := f.Create(t.Context(), who, customers.CreateInput{Email: email, Password: "difference"})
		return err
	}
	elsewhere := access.Actor{Address: netip.MustParseAddr("198.51.100.1")}
	f.ada(t)
	for i := range 19 {
		if err := register(shopper, fmt.Sprintf("stranger-%d@example.com", i)); err != nil {
			t.Fatalf("account %d: %v", i, err)
		}
	}
	hashed := f.passwords.Computed()
	for name, email := range map[string]string{"a free e-mail": "one-more@example.com", "a taken one": "ada@example.com"} {
		if err := register(shopper, email); !fault.IsKind(err, fault.Throttled) {
			t.Errorf("%s from a network without letters: %v", name, err)
		}
	}
	for range 5 {
		if err := f.Recover(t.Context(), elsewhere, "victim@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		if err := f.Recover(t.Context(), elsewhere, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	for name, email := range map[string]string{"a free e-mail": "victim@example.com", "a taken one": "ada@example.com"} {
		if err := register(elsewhere, email); !fault.IsKind(err, fault.Throttled) {
			t.Errorf("%s that has its letters: %v", name, err)
		}
	}
	if n := f.passwords.Computed() - hashed; n != 0 {
		t.Errorf("%d hashes for what is refused", n)
	}
	if n := f.count(t, "customer"); n != 20 || len(*f.posted) != 20+9 {
		t.Errorf("%d accounts and %d letters, want 20 and 29", n, len(*f.posted))
	}
	// What is refused locks nobody's logins.
	if _, err := f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference engine"}); err != nil {
		t.Errorf("the network's logins are locked: %v", err)
	}
}

// A form that is sent in vain takes no letter from the owner of the address, or nobody could recover a password while
// somebody else registers.
func TestTakenEmailTakesNoLetter(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ada(t)
	for range 6 {
		_, err := f.Create(t.Context(), shopper, customers.CreateInput{Email: "ada@example.com", Password: "mine now"})
		f.wantCodes(t, "a taken e-mail", err, "input.email=TAKEN")
	}
	if err := f.Recover(t.Context(), access.Actor{Address: netip.MustParseAddr("198.51.100.1")}, "ada@example.com"); err != nil {
		t.Errorf("the owner gets no letter: %v", err)
	}
}
