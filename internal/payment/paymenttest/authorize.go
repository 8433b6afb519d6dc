package paymenttest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
)

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
	}
	other := a
	other.Token = v.Approved // the key is spent, whatever comes with it
	if c, err := v.Provider.Authorize(t.Context(), other); err == nil {
		t.Errorf("another method under the same key is taken: %+v", c)
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

func oneAmount(t *testing.T, v Vendor) {
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	for name, other := range map[string]payment.Authorization{
		"amount":   {Key: a.Key, Reference: a.Reference, Token: a.Token, Amount: usd(amount + 1)},
		"currency": {Key: a.Key, Reference: a.Reference, Token: a.Token, Amount: money.New(amount, "EUR")},
	} {
		// A decline would be believed, and the money that is reserved forgotten.
		if c, err := v.Provider.Authorize(t.Context(), other); err == nil || errors.Is(err, payment.ErrDeclined) {
			t.Errorf("another %s under the same key is answered with %+v, %v", name, c, err)
		}
	}
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil || c.Authorized != usd(amount) {
		t.Errorf("looked up, it is %+v, %v", c, err)
	}
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
