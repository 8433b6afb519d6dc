package customers_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// reset chooses a new password by a letter.
func (f fixture) reset(t *testing.T, who customers.Customer, password string) (customers.Customer, error) {
	t.Helper()
	if err := f.Recover(t.Context(), shopper, *who.Email); err != nil {
		t.Fatal(err)
	}
	sent, _ := f.letter(t)
	changed, _, err := f.Reset(t.Context(), shopper, who.ID, customers.ResetInput{Password: password, ResetToken: sent.Token})
	return changed, err
}

// Somebody has made an account with Ada's address. When she takes it over, nothing of theirs is in it.
func TestAccountIsTakenOverEmpty(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var told []customers.Customer
	f.OnTakeOver(func(_ context.Context, _ pgx.Tx, customer customers.Customer) error {
		told = append(told, customer)
		return nil
	})
	stranger := f.ada(t)
	toVerify, _ := f.letter(t)
	login := f.signIn(t).AccessToken
	if _, err := f.AddressCreate(t.Context(), login, home()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.pool.Exec(t.Context(), `update customer set tags = '{vip}'`); err != nil {
		t.Fatal(err)
	}
	ada, err := f.reset(t, stranger, "analytical")
	if err != nil {
		t.Fatal(err)
	}
	if ada.ID != stranger.ID || *ada.Email != "ada@example.com" || !ada.EmailVerified() || ada.FirstName != nil || ada.LastName != nil ||
		ada.Phone != nil || ada.AcceptsMarketing || len(ada.Tags) != 0 {
		t.Errorf("she finds %+v", ada)
	}
	for _, table := range []string{"customer_address", "customer_letter"} {
		if n := f.count(t, table); n != 0 {
			t.Errorf("%s: %d are left", table, n)
		}
	}
	if _, err := f.Authenticate(t.Context(), login); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("the stranger's login lives on: %v", err)
	}
	_, err = f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{Token: toVerify.Token})
	f.wantCodes(t, "the stranger's letter", err, "input.token=TOKEN_INVALID")
	if len(told) != 1 || told[0].ID != ada.ID || *told[0].Email != "ada@example.com" || told[0].EmailVerified() {
		t.Errorf("other domains are told of %+v", told)
	}

	if err := f.Recover(t.Context(), shopper, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	if own, _ := f.letter(t); !own.Proven {
		t.Errorf("her next letter is %+v", own)
	}

	// Her own things stay from then on, however often she forgets her password.
	fresh, err := f.SignIn(t.Context(), shopper, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "analytical"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.AddressCreate(t.Context(), fresh.AccessToken, home()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Update(t.Context(), shopper, fresh.AccessToken, customers.UpdateInput{FirstName: ptr("Ada")}); err != nil {
		t.Fatal(err)
	}
	again, err := f.reset(t, ada, "engine")
	if err != nil || again.FirstName == nil || *again.FirstName != "Ada" || f.count(t, "customer_address") != 1 || len(told) != 1 {
		t.Errorf("a second reset leaves %+v and %d addresses, %v", again, f.count(t, "customer_address"), err)
	}
	if got, want := f.history(t, ada.ID), []string{"customer.verified"}; !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
}

// Whoever confirms the address is signed in with the password and has read the letter: the account is their own.
func TestConfirmingTheAddressKeepsTheAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.OnTakeOver(func(context.Context, pgx.Tx, customers.Customer) error { return errors.New("it was taken over") })
	ada := f.ada(t)
	sent, _ := f.letter(t)
	if _, err := f.AddressCreate(t.Context(), f.signIn(t).AccessToken, home()); err != nil {
		t.Fatal(err)
	}
	shown, err := f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{Token: sent.Token})
	if err != nil || *shown.FirstName != "Ada" || f.count(t, "customer_address") != 1 {
		t.Errorf("she has %+v and %d addresses, %v", shown, f.count(t, "customer_address"), err)
	}
	if _, err := f.reset(t, ada, "analytical"); err != nil || f.count(t, "customer_address") != 1 {
		t.Errorf("a new password leaves %d addresses, %v", f.count(t, "customer_address"), err)
	}
}

// Somebody who changes their address to one with a slip of the keys in it loses the account to whoever reads that mailbox,
// but tells them nothing.
func TestAddressThatWasMistypedTellsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	sent, _ := f.letter(t)
	if _, err := f.Verify(t.Context(), signedIn(ada), customers.VerifyInput{Token: sent.Token}); err != nil {
		t.Fatal(err)
	}
	login := f.signIn(t).AccessToken
	if _, err := f.AddressCreate(t.Context(), login, home()); err != nil {
		t.Fatal(err)
	}
	changed, _, err := f.Update(t.Context(), shopper, login, customers.UpdateInput{Email: ptr("adam@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	adam, err := f.reset(t, changed, "whose is this")
	if err != nil || adam.FirstName != nil || adam.Phone != nil || f.count(t, "customer_address") != 0 {
		t.Errorf("the reader of the letter finds %+v and %d addresses, %v", adam, f.count(t, "customer_address"), err)
	}
}

// What can't be forgotten whole is not taken over: the letter may be used again.
func TestTakeOverIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	broken := errors.New("a domain that fails")
	f.OnTakeOver(func(context.Context, pgx.Tx, customers.Customer) error { return broken })
	ada := f.ada(t)
	login := f.signIn(t).AccessToken
	if _, err := f.AddressCreate(t.Context(), login, home()); err != nil {
		t.Fatal(err)
	}
	if err := f.Recover(t.Context(), shopper, "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	sent, _ := f.letter(t)
	input := customers.ResetInput{Password: "analytical", ResetToken: sent.Token}
	if _, _, err := f.Reset(t.Context(), shopper, ada.ID, input); !errors.Is(err, broken) {
		t.Fatalf("reset: %v", err)
	}
	if _, err := f.Authenticate(t.Context(), login); err != nil || f.count(t, "customer_address") != 1 || f.count(t, "customer where first_name = 'Ada'") != 1 {
		t.Errorf("half of it is gone: %v", err)
	}
	f.OnTakeOver(func(context.Context, pgx.Tx, customers.Customer) error { return nil })
	if _, _, err := f.Reset(t.Context(), shopper, ada.ID, input); err != nil {
		t.Errorf("the letter does not work any more: %v", err)
	}
}

func TestStaysSignedIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.ada(t)
	actor, err := f.Authenticate(t.Context(), f.signIn(t).AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	stays := func(actor access.Actor) (good bool) {
		err := pg.InTx(t.Context(), f.pool, func(tx pgx.Tx) (err error) {
			good, err = customers.StaysSignedIn(t.Context(), tx, ada.ID, actor.SessionID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return good
	}
	if !stays(actor) {
		t.Error("a good login has ended")
	}
	if _, err := f.reset(t, ada, "analytical"); err != nil {
		t.Fatal(err)
	}
	if stays(actor) {
		t.Error("a login of before the new password lives on")
	}
}
