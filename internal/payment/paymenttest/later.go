package paymenttest

import (
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
)

// vault pays with a method that was kept, and no more once it is forgotten.
func vault(t *testing.T, v Vendor) {
	keeper, ok := v.Provider.(payment.Vault)
	if !ok {
		t.Skip("this provider keeps no methods")
	}
	a := authorization(v.Approved)
	a.Customer, a.Save = key(), true
	c := approve(t, v, a)
	if c.Saved == nil || c.Saved.Ref == "" || c.Saved.Label == "" {
		t.Fatalf("kept is %+v", c.Saved)
	}
	if again, err := v.Provider.Lookup(t.Context(), a.Key); err != nil || again.Saved == nil || again.Saved.Ref != c.Saved.Ref {
		t.Errorf("looked up, kept is %+v, %v", again.Saved, err)
	}
	renewal := authorization(c.Saved.Ref)
	renewal.Customer, renewal.OffSession = a.Customer, true
	reserved(t, v, approve(t, v, renewal), amount, 0, 0, 0)
	for range 2 {
		if err := keeper.Forget(t.Context(), c.Saved.Ref); err != nil {
			t.Fatalf("forget: %v", err)
		}
	}
	late := authorization(c.Saved.Ref)
	late.Customer = a.Customer
	if c, err := v.Provider.Authorize(t.Context(), late); err == nil {
		t.Errorf("a forgotten method still pays: %s", c.State)
	}
}

func expiry(t *testing.T, v Vendor) {
	if v.Expires == "" {
		t.Skip("no reservation of this provider ends")
	}
	c := approve(t, v, authorization(v.Expires))
	if c.ExpiresAt == nil || !c.ExpiresAt.After(time.Now()) {
		t.Errorf("it ends at %v", c.ExpiresAt)
	}
}

func settling(t *testing.T, v Vendor) {
	if v.Days == "" {
		t.Skip("this provider decides at once")
	}
	c, err := v.Provider.Authorize(t.Context(), authorization(v.Days))
	if err != nil || c.State != payment.ChargePending || c.SettlesBy == nil || !c.SettlesBy.After(time.Now().Add(time.Hour)) {
		t.Errorf("it is %s until %v, %v", c.State, c.SettlesBy, err)
	}
}
