package stripe_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/payment/stripe"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestEachEventTellsOfItsCharge(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.New(t), multicapture())
	a := ask("challenge")
	if _, err := s.Authorize(t.Context(), a); !errors.Is(err, payment.ErrActionRequired) {
		t.Fatal(err)
	}
	for _, happen := range []func() (simulator.Answer, error){
		func() (simulator.Answer, error) { return s.world.Settle(a.Key) },
		func() (simulator.Answer, error) { return s.world.Capture(bookChange(a, 4000)) },
		func() (simulator.Answer, error) { return s.world.Void(bookChange(a, 0)) },
		func() (simulator.Answer, error) { return s.world.Refund(bookChange(a, 1000)) },
		func() (simulator.Answer, error) { return s.world.Dispute(a.Key, 0) },
	} {
		done, err := happen()
		if err != nil {
			t.Fatal(err)
		}
		header, body := s.event(t, simulator.News{ID: string(done.Entry.Kind), Entry: done.Entry, Charge: done.First, Account: account})
		notices, err := s.Notification(header, body)
		if want := (payment.Notice{ID: "evt_" + string(done.Entry.Kind), Charge: a.Key}); err != nil || len(notices) != 1 || notices[0] != want {
			t.Errorf("%s reads as %+v, %v", done.Entry.Kind, notices, err)
		}
		if done.Entry.Kind == simulator.KindDispute && strings.Contains(string(body), "wharf_key") {
			t.Error("a dispute names the key, which Stripe's never do")
		}
	}
}

func bookChange(a payment.Authorization, minor int64) simulator.Change {
	c := change(a, minor)
	return simulator.Change{Key: c.Key, Charge: c.Charge, Amount: c.Amount}
}

// signed signs a body as Stripe does.
func signed(body, secret string, at time.Time) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	header := http.Header{}
	header.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil))))
	return header
}

// body is an event about an intent of the shop.
func body(account string, live bool) string {
	return fmt.Sprintf(`{"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "account": %q, "livemode": %t,
		"data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"wharf_key": "key"}}}}`, account, live)
}

func TestForgedEventsAreRefused(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := open(t, pool, onceOnly())
	now := time.Now()
	genuine := body(account, false)
	other := signed(genuine, signing, now)
	other.Set("Stripe-Signature", strings.Replace(other.Get("Stripe-Signature"), "v1=", "v0=", 1))
	for name, forged := range map[string]struct {
		header http.Header
		body   string
	}{
		"no signature":    {http.Header{}, genuine},
		"another secret":  {signed(genuine, "whsec_other", now), genuine},
		"an empty secret": {signed(genuine, "", now), genuine},
		"another body":    {signed(genuine, signing, now), genuine + " "},
		"an old one":      {signed(genuine, signing, now.Add(-5*time.Minute-2*time.Second)), genuine},
		"another version": {other, genuine},
	} {
		if notices, err := s.Notification(forged.header, []byte(forged.body)); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s is believed: %+v, %v", name, notices, err)
		}
	}
	trusting, err := stripe.New(pool, stripe.Options{Key: secretKey, ReturnURL: returnURL})
	if err != nil {
		t.Fatal(err)
	}
	if notices, err := trusting.Notification(signed(genuine, "", now), []byte(genuine)); !errors.Is(err, payment.ErrForged) {
		t.Errorf("without a secret it is believed: %+v, %v", notices, err)
	}
}

// TestWhomAnEventIsFor says which events are followed, by a shop that changes its secret at the moment.
func TestWhomAnEventIsFor(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for name, c := range map[string]struct {
		key     string
		account string
		body    string
		foreign string
		none    bool
	}{
		"of the shop":                 {key: "sk_test_x", body: body("", false)},
		"of its connected account":    {key: "rk_live_x", account: account, body: body(account, true)},
		"a test, to a live shop":      {key: "sk_live_x", body: body("", false), foreign: "a test event, and the shop takes real payments"},
		"real money, to a test shop":  {key: "sk_test_x", body: body("", true), foreign: "an event of live mode, and the shop takes test payments"},
		"of another account":          {key: "sk_test_x", account: account, body: body("acct_other", false), foreign: "an event of another account"},
		"of the platform itself":      {key: "sk_test_x", account: account, body: body("", false), foreign: "an event of another account"},
		"of somebody's connected one": {key: "sk_test_x", body: body(account, false), foreign: "an event of another account"},
		"about something else":        {key: "sk_test_x", body: `{"id": "evt_1", "data": {"object": {"id": "cus_1", "object": "customer"}}}`, none: true},
		"about another system's":      {key: "sk_test_x", body: `{"id": "evt_1", "data": {"object": {"id": "pi_2", "object": "payment_intent"}}}`, none: true},
		"with a whole intent within":  {key: "sk_test_x", body: `{"id": "evt_1", "data": {"object": {"id": "du_1", "object": "dispute", "payment_intent": {"id": "pi_2"}}}}`, none: true},
		"with no intent within":       {key: "sk_test_x", body: `{"id": "evt_1", "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": null}}}`, none: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := stripe.New(pool, stripe.Options{
				Key: c.key, Account: c.account, ReturnURL: returnURL, Secrets: []string{"whsec_new", "whsec_old"},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"whsec_old", "whsec_new"} {
				notices, err := p.Notification(signed(c.body, secret, time.Now()), []byte(c.body))
				if err != nil {
					t.Fatal(err)
				}
				var want []payment.Notice
				if !c.none {
					want = []payment.Notice{{ID: "evt_1", Charge: "key", Foreign: c.foreign}}
				}
				if len(notices) != len(want) || (len(want) == 1 && notices[0] != want[0]) {
					t.Errorf("it reads as %+v, not %+v", notices, want)
				}
			}
		})
	}
	p, err := stripe.New(pool, stripe.Options{Key: "sk_test_x", ReturnURL: returnURL, Secrets: []string{signing}})
	if err != nil {
		t.Fatal(err)
	}
	if notices, err := p.Notification(signed("{", signing, time.Now()), []byte("{")); err == nil || errors.Is(err, payment.ErrForged) {
		t.Errorf("a signed body that is none reads as %+v, %v", notices, err)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	right := stripe.Options{Key: "sk_live_" + uuid.NewString(), ReturnURL: returnURL, Secrets: []string{signing}, Account: account}
	if p, err := stripe.New(nil, right); err != nil || !p.Live() {
		t.Errorf("the right ones: %v", err)
	}
	for name, spoil := range map[string]func(*stripe.Options){
		"no key":            func(o *stripe.Options) { o.Key = "" },
		"a publishable key": func(o *stripe.Options) { o.Key = "pk_live_x" },
		"another key":       func(o *stripe.Options) { o.Key = "sk_x" },
		"no return URL":     func(o *stripe.Options) { o.ReturnURL = "" },
		"a script":          func(o *stripe.Options) { o.ReturnURL = "javascript:alert(1)" },
		"another secret":    func(o *stripe.Options) { o.Secrets = []string{signing, "secret"} },
		"another account":   func(o *stripe.Options) { o.Account = "shop" },
		"no API":            func(o *stripe.Options) { o.URL = "api.stripe.com" },
	} {
		o := right
		spoil(&o)
		if _, err := stripe.New(nil, o); err == nil || strings.Contains(err.Error(), right.Key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
