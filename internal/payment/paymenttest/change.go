package paymenttest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wharfhq/wharf/internal/payment"
)

func capture(t *testing.T, v Vendor) {
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	if v.Provider.About().Once {
		captureOnce(t, v, a)
		return
	}
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

// captureOnce is capture for a provider that releases the rest with the first one.
func captureOnce(t *testing.T, v Vendor, a payment.Authorization) {
	t.Helper()
	part := change(a, 1000)
	for range 2 {
		c, err := v.Provider.Capture(t.Context(), part)
		if err != nil {
			t.Fatalf("capture: %v", err)
		}
		reserved(t, v, c, amount, 1000, 0, amount-1000)
	}
	if c, err := v.Provider.Capture(t.Context(), change(a, 1)); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("a second capture answers %+v, %v", c, err)
	}
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

// taken gives a charge of which everything is captured.
func taken(t *testing.T, v Vendor) payment.Authorization {
	t.Helper()
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	if _, err := v.Provider.Capture(t.Context(), change(a, amount)); err != nil {
		t.Fatalf("capture: %v", err)
	}
	return a
}

func oneChange(t *testing.T, v Vendor) {
	a := taken(t, v)
	part := change(a, 1000)
	if _, err := v.Provider.Refund(t.Context(), part); err != nil {
		t.Fatalf("refund: %v", err)
	}
	part.Amount = usd(2000)
	_, _ = v.Provider.Refund(t.Context(), part) // whatever it says: the first amount has moved, and no other
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil {
		t.Fatal(err)
	}
	reserved(t, v, c, amount, amount, 1000, 0)
}

// atOnce calls from so many sides at the same time, and says how often the answer was yes. Any other answer is a
// decline.
func atOnce(t *testing.T, sides int, call func(int) (payment.Charge, error)) int64 {
	t.Helper()
	var all sync.WaitGroup
	var agreed atomic.Int64
	for i := range sides {
		all.Go(func() {
			switch _, err := call(i); {
			case err == nil:
				agreed.Add(1)
			case !errors.Is(err, payment.ErrDeclined):
				t.Errorf("it answers %v", err)
			}
		})
	}
	all.Wait()
	return agreed.Load()
}

func sameChangeAtOnce(t *testing.T, v Vendor) {
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	take, give, release := change(a, 1000), change(a, 600), change(a, amount)
	steps := []struct {
		name                       string
		call                       func(context.Context, payment.Change) (payment.Charge, error)
		change                     payment.Change
		captured, refunded, voided int64
	}{
		{"capture", v.Provider.Capture, take, 1000, 0, 0},
		{"refund", v.Provider.Refund, give, 1000, 600, 0},
		{"void", v.Provider.Void, release, 1000, 600, amount - 1000},
	}
	for _, s := range steps {
		if agreed := atOnce(t, 8, func(int) (payment.Charge, error) { return s.call(t.Context(), s.change) }); agreed != 8 {
			t.Errorf("%s: %d of 8 were answered with yes", s.name, agreed)
		}
		c, err := v.Provider.Lookup(t.Context(), a.Key)
		if err != nil {
			t.Fatal(err)
		}
		if v.Provider.About().Once {
			s.voided = amount - 1000
		}
		reserved(t, v, c, amount, s.captured, s.refunded, s.voided)
	}
}

func capturesAtOnce(t *testing.T, v Vendor) {
	if !v.Books {
		t.Skip("this provider takes no money")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	want := int64(4) // times 1000 of 4860
	if v.Provider.About().Once {
		want = 1
	}
	agreed := atOnce(t, 8, func(int) (payment.Charge, error) { return v.Provider.Capture(t.Context(), change(a, 1000)) })
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil || agreed != want || c.Captured != usd(want*1000) {
		t.Errorf("%d were answered with yes, and %d is captured, %v", agreed, c.Captured.Minor, err)
	}
}

func refundsAtOnce(t *testing.T, v Vendor) {
	a := taken(t, v)
	agreed := atOnce(t, 8, func(int) (payment.Charge, error) { return v.Provider.Refund(t.Context(), change(a, 1000)) })
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil || agreed != 4 || c.Refunded != usd(4000) {
		t.Errorf("%d were answered with yes, and %d is refunded, %v", agreed, c.Refunded.Minor, err)
	}
}

func refundRest(t *testing.T, v Vendor) {
	a := taken(t, v)
	for _, part := range []int64{860, 3000, 1000} {
		if _, err := v.Provider.Refund(t.Context(), change(a, part)); err != nil {
			t.Fatalf("refund of %d: %v", part, err)
		}
	}
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil {
		t.Fatal(err)
	}
	reserved(t, v, c, amount, amount, amount, 0)
}
