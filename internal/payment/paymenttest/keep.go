package paymenttest

import (
	"errors"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
)

// pages bounds how much of the books is read: a provider whose books do not end fails.
const pages = 1000

// ledger reads the whole books since then.
func ledger(t *testing.T, b payment.Bookkeeper, since time.Time) map[string]payment.Entry {
	t.Helper()
	all := map[string]payment.Entry{}
	page := ""
	for range pages {
		entries, next, err := b.Charges(t.Context(), since, page)
		if err != nil {
			t.Fatalf("read the books: %v", err)
		}
		for _, e := range entries {
			all[e.Key] = e
		}
		if next == "" {
			return all
		}
		page = next
	}
	t.Fatal("the books do not end")
	return nil
}

func books(t *testing.T, v Vendor) {
	keeper, ok := v.Provider.(payment.Bookkeeper)
	if !ok {
		t.Skip("this provider shows no books")
	}
	since := time.Now().Add(-time.Minute) // as its clock may be late
	var asked []payment.Authorization
	for range 3 {
		a := authorization(v.Approved)
		approve(t, v, a)
		asked = append(asked, a)
	}
	if _, err := v.Provider.Capture(t.Context(), change(asked[1], amount)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Provider.Void(t.Context(), change(asked[2], amount)); err != nil {
		t.Fatal(err)
	}
	shown := ledger(t, keeper, since)
	for _, a := range asked {
		e, ok := shown[a.Key]
		if !ok {
			t.Errorf("charge %s is not in the books", a.Key)
			continue
		}
		if e.Reference != a.Reference || e.ChangedAt.Before(since) {
			t.Errorf("it is shown as of %s, changed at %s", e.Reference, e.ChangedAt)
		}
		now, err := v.Provider.Lookup(t.Context(), a.Key)
		if err != nil {
			t.Fatal(err)
		}
		reserved(t, v, e.Charge, now.Authorized.Minor, now.Captured.Minor, now.Refunded.Minor, now.Voided.Minor)
	}
}

func booksEnd(t *testing.T, v Vendor) {
	keeper, ok := v.Provider.(payment.Bookkeeper)
	if !ok {
		t.Skip("this provider shows no books")
	}
	a := authorization(v.Approved)
	approve(t, v, a)
	if shown := ledger(t, keeper, time.Now().Add(time.Hour)); len(shown) != 0 {
		t.Errorf("%d charges have changed in the future", len(shown))
	}
}

func vault(t *testing.T, v Vendor) {
	keeper, ok := v.Provider.(payment.Vault)
	if !ok || !v.Saves {
		t.Skip("this provider keeps no methods")
	}
	a := authorization(v.Approved)
	a.Customer, a.Save = key(), true
	c := approve(t, v, a)
	if c.Saved == nil || c.Saved.Ref == "" || c.Saved.Label == "" {
		t.Fatalf("the method is saved as %+v", c.Saved)
	}
	if _, err := v.Provider.Void(t.Context(), change(a, amount)); err != nil {
		t.Fatal(err)
	}
	now, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil || now.Saved == nil || now.Saved.Ref != c.Saved.Ref {
		t.Errorf("once its charge is released, it is told of as %+v, %v", now.Saved, err)
	}
	again := authorization(c.Saved.Ref)
	again.Customer, again.OffSession = a.Customer, true
	reserved(t, v, approve(t, v, again), amount, 0, 0, 0)

	stranger := authorization(c.Saved.Ref)
	stranger.Customer = key()
	if c, err := v.Provider.Authorize(t.Context(), stranger); err == nil || c.Authorized.Minor != 0 {
		t.Errorf("another customer pays with it: %+v, %v", c, err)
	}
	for range 2 {
		if err := keeper.Forget(t.Context(), c.Saved.Ref); err != nil {
			t.Fatalf("forget: %v", err)
		}
	}
	late := authorization(c.Saved.Ref)
	late.Customer = a.Customer
	if c, err := v.Provider.Authorize(t.Context(), late); !errors.Is(err, payment.ErrDeclined) || c.Authorized.Minor != 0 {
		t.Errorf("forgotten, it still answers %+v, %v", c, err)
	}
	if err := keeper.Forget(t.Context(), "pm_"+key()); err != nil {
		t.Errorf("one that nobody knows is forgotten already, but it answers %v", err)
	}
}
