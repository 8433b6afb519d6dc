package paymenttest

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

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
	if c, err := v.Provider.Void(t.Context(), change(a, amount)); err != nil || c.State != payment.ChargeClosed {
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
		if notices, err := notifier.Notification(message.header, message.body); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: it is believed: %+v, %v", name, notices, err)
		}
	}
}
