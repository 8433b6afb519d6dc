package paymenttest

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment"
)

func challenge(t *testing.T, v Vendor) {
	if v.Challenged == "" {
		t.Skip("this provider asks nobody to act")
	}
	a := authorization(v.Challenged)
	var asked payment.Charge
	for range 2 {
		c, err := v.Provider.Authorize(t.Context(), a)
		if !errors.Is(err, payment.ErrActionRequired) || payment.Reason(err) == "" {
			t.Fatalf("it answers %v: no request to act that says what to do", err)
		}
		reserved(t, v, c, 0, 0, 0, 0)
		asked = c
	}
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil || c.State != payment.ChargeChallenge {
		t.Errorf("looked up, it is %s, %v", c.State, err)
	}
	if _, err := v.Provider.Capture(t.Context(), change(a, amount)); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("a capture before it answers %v", err)
	}
	a.Challenged = true
	if v.Act != nil {
		if c, err := v.Provider.Authorize(t.Context(), a); !errors.Is(err, payment.ErrActionRequired) || c.Authorized.Minor != 0 {
			t.Errorf("a shopper who only says to have acted gets %+v, %v", c, err)
		}
		v.Act(t, asked)
	}
	for range 2 {
		reserved(t, v, approve(t, v, a), amount, 0, 0, 0)
	}
	c, err = v.Provider.Capture(t.Context(), change(a, amount))
	if err != nil {
		t.Fatalf("capture: %v", err)
	}
	reserved(t, v, c, amount, amount, 0, 0)
}

func challengeVoided(t *testing.T, v Vendor) {
	if v.Challenged == "" {
		t.Skip("this provider asks nobody to act")
	}
	a := authorization(v.Challenged)
	asked, err := v.Provider.Authorize(t.Context(), a)
	if !errors.Is(err, payment.ErrActionRequired) {
		t.Fatalf("it answers %v", err)
	}
	if c, err := v.Provider.Void(t.Context(), change(a, amount)); err != nil || c.State != payment.ChargeClosed {
		t.Fatalf("voided, it is %s, %v", c.State, err)
	}
	if v.Act != nil {
		v.Act(t, asked)
	}
	a.Challenged = true
	if c, err := v.Provider.Authorize(t.Context(), a); err == nil || c.Authorized.Minor != 0 {
		t.Errorf("a shopper who acts too late gets %+v, %v", c, err)
	}
}

// challengeRefused: a shop that was not told finds it in the books, where no amount shows it.
func challengeRefused(t *testing.T, v Vendor) {
	if v.Refuse == nil {
		t.Skip("nobody refuses what this provider asks for")
	}
	since := time.Now().Add(-time.Minute) // as its clock may be late
	a := authorization(v.Challenged)
	asked, err := v.Provider.Authorize(t.Context(), a)
	if !errors.Is(err, payment.ErrActionRequired) {
		t.Fatalf("it answers %v", err)
	}
	v.Refuse(t, a.Key, asked)
	if c, err := v.Provider.Lookup(t.Context(), a.Key); c.State != payment.ChargeDeclined && !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("looked up, it is %s, %v", c.State, err)
	}
	keeper, ok := v.Provider.(payment.Bookkeeper)
	if !ok {
		return
	}
	shown := ledger(t, keeper, since)[a.Key]
	if shown.Charge.State != payment.ChargeDeclined {
		t.Errorf("the books show %+v", shown)
	}
	reserved(t, v, shown.Charge, 0, 0, 0, 0)
}

// undecided asks for a charge that is decided later.
func undecided(t *testing.T, v Vendor) payment.Authorization {
	t.Helper()
	if v.Pending == "" {
		t.Skip("this provider decides at once")
	}
	a := authorization(v.Pending)
	for range 2 {
		c, err := v.Provider.Authorize(t.Context(), a)
		if err != nil || c.State != payment.ChargePending {
			t.Fatalf("it answers %s, %v", c.State, err)
		}
		reserved(t, v, c, 0, 0, 0, 0)
	}
	return a
}

func pending(t *testing.T, v Vendor) {
	a := undecided(t, v)
	header, body := v.Settle(t, a.Key)
	notifier, ok := v.Provider.(payment.Notifier)
	if !ok {
		t.Fatal("a provider that decides later must tell")
	}
	var ids []string
	for range 2 { // it may come twice, and is the same notification
		notices, err := notifier.Notification(header, body)
		if err != nil || len(notices) != 1 || notices[0].Charge != a.Key || notices[0].ID == "" || notices[0].Foreign != "" {
			t.Fatalf("its notification reads as %+v, %v", notices, err)
		}
		ids = append(ids, notices[0].ID)
	}
	if ids[0] != ids[1] {
		t.Errorf("the same notification has the names %v", ids)
	}
	for _, ask := range []func() (payment.Charge, error){
		func() (payment.Charge, error) { return v.Provider.Lookup(t.Context(), a.Key) },
		func() (payment.Charge, error) { return v.Provider.Authorize(t.Context(), a) },
	} {
		c, err := ask()
		if err != nil || c.State != payment.ChargeAuthorized {
			t.Errorf("settled, it is %s, %v", c.State, err)
		}
		reserved(t, v, c, amount, 0, 0, 0)
	}
}

func pendingVoided(t *testing.T, v Vendor) {
	a := undecided(t, v)
	undo := change(a, amount)
	if v.Stays {
		if c, err := v.Provider.Void(t.Context(), undo); err == nil || errors.Is(err, payment.ErrDeclined) {
			t.Fatalf("what can't be withdrawn yet answers %+v, %v", c, err)
		}
		v.Settle(t, a.Key)
		c, err := v.Provider.Void(t.Context(), undo)
		if err != nil || c.State != payment.ChargeClosed {
			t.Fatalf("voided at last, it is %s, %v", c.State, err)
		}
		reserved(t, v, c, amount, 0, 0, amount)
		return
	}
	if c, err := v.Provider.Void(t.Context(), undo); err != nil || c.State != payment.ChargeClosed {
		t.Fatalf("voided, it is %s, %v", c.State, err)
	}
	v.Settle(t, a.Key)
	c, err := v.Provider.Lookup(t.Context(), a.Key)
	if err != nil || c.State != payment.ChargeClosed {
		t.Errorf("looked up, it is %s, %v", c.State, err)
	}
	reserved(t, v, c, 0, 0, 0, 0)
}

func forged(t *testing.T, v Vendor) {
	notifier, ok := v.Provider.(payment.Notifier)
	if !ok {
		t.Skip("this provider sends no notifications")
	}
	a := undecided(t, v)
	header, body := v.Settle(t, a.Key)
	other := bytes.Replace(body, []byte(a.Key), []byte(key()), 1)
	if bytes.Equal(other, body) { // it names the charge in another way
		other = append(bytes.Clone(body), ' ')
	}
	for name, message := range map[string]struct {
		header http.Header
		body   []byte
	}{
		"of another charge": {header, other},
		"without headers":   {http.Header{}, body},
		"without anything":  {http.Header{}, nil},
	} {
		if v.SignedBody && bytes.Equal(message.body, body) {
			continue
		}
		if notices, err := notifier.Notification(message.header, message.body); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: it is believed: %+v, %v", name, notices, err)
		}
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
