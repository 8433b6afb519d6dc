// Package paymenttest is what every payment provider must pass, whoever wrote it: the promises of payment.Provider,
// one test each. A vendor's own test calls Run and adds what only it can do.
package paymenttest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

// Vendor is a provider under test.
type Vendor struct {
	Provider payment.Provider
	Approved string // a token that is approved at once
	Declined string // a token that is declined; empty when the provider never declines
	Books    bool   // whether it reserves money; a provider that is paid outside does not
}

// Run tests the promises. open gives a provider that nobody else uses.
func Run(t *testing.T, open func(t *testing.T) Vendor) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Vendor){
		"it says who it is":                                    about,
		"the same key never reserves twice":                    sameKey,
		"the same key at once from many sides reserves once":   sameKeyAtOnce,
		"a decline is final":                                   declineIsFinal,
		"what nobody asked for is unknown":                     unknownKey,
		"a look-up finds what was reserved":                    lookup,
		"a voided key is closed for good":                      voided,
		"a key that was never heard of can be closed":          closedUnheard,
		"closing and reserving at once never leaves money":     closeRace,
		"a capture takes once, and no more than was reserved":  capture,
		"a refund gives back once, and no more than was taken": refund,
		"what was taken is not voided":                         voidAfterCapture,
		"an impatient caller gets its answer in time":          deadline,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

const amount = 4860

func key() string { return uuid.Must(uuid.NewV7()).String() }

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func authorization(token string) payment.Authorization {
	return payment.Authorization{Key: key(), Reference: key(), Token: token, Amount: usd(amount)}
}

func change(a payment.Authorization, minor int64) payment.Change {
	return payment.Change{Key: key(), Charge: a.Key, Reference: a.Reference, Amount: usd(minor)}
}

// reserved fails unless the charge has these totals; a provider that does not book has none.
func reserved(t *testing.T, v Vendor, c payment.Charge, authorized, captured, refunded, voided int64) {
	t.Helper()
	if !v.Books {
		authorized, captured, refunded, voided = 0, 0, 0, 0
	}
	got := [4]int64{c.Authorized.Minor, c.Captured.Minor, c.Refunded.Minor, c.Voided.Minor}
	if want := [4]int64{authorized, captured, refunded, voided}; got != want {
		t.Errorf("authorized, captured, refunded, voided are %v, not %v", got, want)
	}
}

func about(t *testing.T, v Vendor) {
	about := v.Provider.About()
	if about.Name == "" || about.Title == "" {
		t.Errorf("%+v lacks a name or a title", about)
	}
	if about != v.Provider.About() {
		t.Error("it changes its name")
	}
}

func approve(t *testing.T, v Vendor, a payment.Authorization) payment.Charge {
	t.Helper()
	c, err := v.Provider.Authorize(t.Context(), a)
	if err != nil {
		t.Fatalf("authorize: %v", err)
	}
	want := payment.ChargeAuthorized
	if !v.Books {
		want = payment.ChargeInvoiced
	}
	if c.State != want {
		t.Fatalf("the charge is %s, not %s", c.State, want)
	}
	return c
}

func sameKey(t *testing.T, v Vendor) {
	a := authorization(v.Approved)
	first := approve(t, v, a)
	second := approve(t, v, a)
	if !reflect.DeepEqual(first, second) {
		t.Errorf("first %+v, then %+v", first, second)
	}
	reserved(t, v, second, amount, 0, 0, 0)
}

func sameKeyAtOnce(t *testing.T, v Vendor) {
	a := authorization(v.Approved)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c, err := v.Provider.Authorize(t.Context(), a)
			if err != nil {
				t.Errorf("authorize: %v", err)
			}
			reserved(t, v, c, amount, 0, 0, 0)
		})
	}
	all.Wait()
}

func declineIsFinal(t *testing.T, v Vendor) {
	if v.Declined == "" {
		t.Skip("this provider never declines")
	}
	a := authorization(v.Declined)
	for range 2 {
		c, err := v.Provider.Authorize(t.Context(), a)
		if !errors.Is(err, payment.ErrDeclined) || payment.Reason(err) == "" {
			t.Fatalf("it answers %v: no decline with a reason", err)
		}
		reserved(t, v, c, 0, 0, 0, 0)
		a.Token = v.Approved // the key is spent, whatever comes with it
	}
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil || c.State != payment.ChargeDeclined {
		t.Errorf("looked up, it is %s, %v", c.State, err)
	}
}

func unknownKey(t *testing.T, v Vendor) {
	if _, err := v.Provider.Lookup(t.Context(), key()); !errors.Is(err, payment.ErrUnknownKey) {
		t.Errorf("it answers %v", err)
	}
}

func lookup(t *testing.T, v Vendor) {
	a := authorization(v.Approved)
	approve(t, v, a)
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if !v.Books {
		if !errors.Is(err, payment.ErrUnknownKey) {
			t.Errorf("it answers %v", err)
		}
		return
	}
	if err != nil || c.State != payment.ChargeAuthorized {
		t.Errorf("looked up, it is %s, %v", c.State, err)
	}
	reserved(t, v, c, amount, 0, 0, 0)
}

func voided(t *testing.T, v Vendor) {
	a := authorization(v.Approved)
	approve(t, v, a)
	undo := change(a, amount)
	for range 2 {
		c, err := v.Provider.Void(t.Context(), undo)
		if err != nil || c.State != payment.ChargeClosed {
			t.Fatalf("voided, it is %s, %v", c.State, err)
		}
		reserved(t, v, c, amount, 0, 0, amount)
	}
	c, _ := v.Provider.Authorize(t.Context(), a)
	if live := c.Authorized.Minor - c.Voided.Minor; live != 0 {
		t.Errorf("asked again, it reserves %d", live)
	}
	if _, err := v.Provider.Capture(t.Context(), change(a, amount)); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("a capture after it answers %v", err)
	}
}

func closedUnheard(t *testing.T, v Vendor) {
	a := authorization(v.Approved)
	c, err := v.Provider.Void(t.Context(), change(a, amount))
	if err != nil || c.State != payment.ChargeClosed {
		t.Fatalf("closed, it is %s, %v", c.State, err)
	}
	reserved(t, v, c, 0, 0, 0, 0)
	late, err := v.Provider.Authorize(t.Context(), a)
	if v.Books && !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("a late authorization answers %v", err)
	}
	reserved(t, v, late, 0, 0, 0, 0)
}

func closeRace(t *testing.T, v Vendor) {
	for range 10 {
		a := authorization(v.Approved)
		var both sync.WaitGroup
		both.Go(func() { _, _ = v.Provider.Authorize(t.Context(), a) })
		both.Go(func() {
			if _, err := v.Provider.Void(t.Context(), change(a, amount)); err != nil {
				t.Errorf("void: %v", err)
			}
		})
		both.Wait()
		c, err := v.Provider.Lookup(t.Context(), a.Key)
		if err != nil && !errors.Is(err, payment.ErrUnknownKey) {
			t.Fatal(err)
		}
		if live := c.Authorized.Minor - c.Voided.Minor; live != 0 {
			t.Fatalf("%d stays reserved", live)
		}
	}
}

func capture(t *testing.T, v Vendor) {
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	part := change(a, 1000)
	for range 2 {
		c, err := v.Provider.Capture(t.Context(), part)
		if err != nil {
			t.Fatalf("capture: %v", err)
		}
		reserved(t, v, c, amount, 1000, 0, 0)
	}
	if _, err := v.Provider.Capture(t.Context(), change(a, amount)); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("more than is left answers %v", err)
	}
	c, err := v.Provider.Capture(t.Context(), change(a, amount-1000))
	if err != nil {
		t.Fatalf("capture of the rest: %v", err)
	}
	reserved(t, v, c, amount, amount, 0, 0)
}

func refund(t *testing.T, v Vendor) {
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	if _, err := v.Provider.Refund(t.Context(), change(a, 1)); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("a refund of what was not taken answers %v", err)
	}
	if _, err := v.Provider.Capture(t.Context(), change(a, amount)); err != nil {
		t.Fatalf("capture: %v", err)
	}
	part := change(a, 860)
	for range 2 {
		c, err := v.Provider.Refund(t.Context(), part)
		if err != nil {
			t.Fatalf("refund: %v", err)
		}
		reserved(t, v, c, amount, amount, 860, 0)
	}
	if _, err := v.Provider.Refund(t.Context(), change(a, amount)); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("more than is left answers %v", err)
	}
}

func voidAfterCapture(t *testing.T, v Vendor) {
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	if _, err := v.Provider.Capture(t.Context(), change(a, amount)); err != nil {
		t.Fatalf("capture: %v", err)
	}
	c, err := v.Provider.Void(t.Context(), change(a, amount))
	if err != nil {
		t.Fatalf("void: %v", err)
	}
	reserved(t, v, c, amount, amount, 0, 0)
}

func deadline(t *testing.T, v Vendor) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := authorization(v.Approved)
	c, err := v.Provider.Authorize(ctx, a)
	if v.Books && (err == nil || errors.Is(err, payment.ErrDeclined)) {
		t.Errorf("without any time left it answers %+v, %v", c, err)
	}
}
