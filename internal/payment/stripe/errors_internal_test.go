package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	api "github.com/stripe/stripe-go/v85"

	"github.com/wharfhq/wharf/internal/payment"
)

// TestWhatAnErrorMeans: a definite no, a shopper who must act, or an outcome that nobody knows.
func TestWhatAnErrorMeans(t *testing.T) {
	t.Parallel()
	secret := "pi_1_secret_x"
	for name, c := range map[string]struct {
		err    error
		kind   error // nil: the outcome is unknown
		reason string
		busy   bool
	}{
		"a declined card":       {&api.Error{Type: api.ErrorTypeCard, HTTPStatusCode: 402, Code: "card_declined", Msg: "Your card has insufficient funds."}, payment.ErrDeclined, "Your card has insufficient funds.", false},
		"a decline of no words": {&api.Error{Type: api.ErrorTypeCard, HTTPStatusCode: 402}, payment.ErrDeclined, reasonDeclined, false},
		"one of too many":       {&api.Error{Type: api.ErrorTypeCard, HTTPStatusCode: 402, Msg: strings.Repeat("x", maxReason+1)}, payment.ErrDeclined, reasonDeclined, false},
		"a shopper who must be there": {
			&api.Error{Type: api.ErrorTypeCard, HTTPStatusCode: 402, Code: api.ErrorCodeAuthenticationRequired}, payment.ErrActionRequired, reasonChallenge, false,
		},
		"an unknown token":         {&api.Error{Type: api.ErrorTypeInvalidRequest, HTTPStatusCode: 404, Code: api.ErrorCodeResourceMissing}, payment.ErrDeclined, reasonToken, false},
		"an amount too small":      {&api.Error{Type: api.ErrorTypeInvalidRequest, HTTPStatusCode: 400, Code: "amount_too_small"}, payment.ErrDeclined, reasonRefused, false},
		"a status it can't have":   {&api.Error{Type: api.ErrorTypeInvalidRequest, HTTPStatusCode: 400, Code: api.ErrorCodePaymentIntentUnexpectedState}, nil, "", false},
		"a wrong key":              {&api.Error{Type: api.ErrorTypeInvalidRequest, HTTPStatusCode: 401}, nil, "", false},
		"a key of too few rights":  {&api.Error{Type: api.ErrorTypeInvalidRequest, HTTPStatusCode: 403}, nil, "", false},
		"a key for something else": {&api.Error{Type: api.ErrorTypeIdempotency, HTTPStatusCode: 400}, nil, "", false},
		"a key in use":             {&api.Error{Type: api.ErrorTypeIdempotency, HTTPStatusCode: 409}, nil, "", true},
		"an intent in use":         {&api.Error{Type: api.ErrorTypeInvalidRequest, HTTPStatusCode: 429, Code: api.ErrorCodeLockTimeout}, nil, "", true},
		"too many calls":           {&api.Error{Type: api.ErrorTypeInvalidRequest, HTTPStatusCode: 429, Code: api.ErrorCodeRateLimit}, nil, "", false},
		"a failure of Stripe's":    {&api.Error{Type: api.ErrorTypeAPI, HTTPStatusCode: 500, PaymentIntent: &api.PaymentIntent{ClientSecret: secret}}, nil, "", false},
		"no answer":                {&url.Error{Op: "Post", URL: "https://api.stripe.com/" + secret, Err: context.DeadlineExceeded}, nil, "", false},
		"a body that is none":      {fmt.Errorf("body sample: %s", secret), nil, "", false},
	} {
		got := refused("ask", c.err)
		definite := errors.Is(got, payment.ErrDeclined) || errors.Is(got, payment.ErrActionRequired)
		if (c.kind == nil && definite) || (c.kind != nil && !errors.Is(got, c.kind)) || payment.Reason(got) != c.reason {
			t.Errorf("%s means %v", name, got)
		}
		if errors.Is(got, errBusy) != c.busy {
			t.Errorf("%s: whether a twin is under way is %t", name, !c.busy)
		}
		if strings.Contains(got.Error(), secret) {
			t.Errorf("%s tells a secret: %v", name, got)
		}
	}
	if err := failed("ask", &url.Error{Err: context.DeadlineExceeded}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deadline is %v", err)
	}
	if err := failed("ask", fmt.Errorf("read: %w", context.Canceled)); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled call is %v", err)
	}
}

// TestHowAnIntentStands reads intents as Stripe writes them.
func TestHowAnIntentStands(t *testing.T) {
	t.Parallel()
	const charge = `{"id": "ch_1", "status": "%s", "amount": 4860, "amount_captured": %d, "amount_refunded": %d}`
	for name, c := range map[string]struct {
		fields string
		state  payment.ChargeState
		want   [4]int64 // authorized, captured, refunded, voided
		broken bool
	}{
		"made":                          {fields: `"status": "requires_confirmation"`},
		"made without a method":         {fields: `"status": "requires_payment_method"`},
		"declined":                      {fields: `"status": "requires_payment_method", "last_payment_error": {"type": "card_error", "message": "No."}`, state: payment.ChargeDeclined},
		"a challenge that was failed":   {fields: `"status": "requires_payment_method", "last_payment_error": {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"}`, state: payment.ChargeDeclined},
		"reserved":                      {fields: `"status": "requires_capture", "amount_capturable": 4860, "latest_charge": ` + fmt.Sprintf(charge, "succeeded", 0, 0), state: payment.ChargeAuthorized, want: [4]int64{4860, 0, 0, 0}},
		"captured in part, more may be": {fields: `"status": "requires_capture", "amount_capturable": 3860, "latest_charge": ` + fmt.Sprintf(charge, "succeeded", 1000, 200), state: payment.ChargeAuthorized, want: [4]int64{4860, 1000, 200, 0}},
		"captured in part for good":     {fields: `"status": "succeeded", "amount_received": 1000, "latest_charge": ` + fmt.Sprintf(charge, "succeeded", 1000, 0), state: payment.ChargeAuthorized, want: [4]int64{4860, 1000, 0, 3860}},
		"taken at once":                 {fields: `"status": "succeeded", "amount_received": 4860, "latest_charge": ` + fmt.Sprintf(charge, "succeeded", 4860, 0), state: payment.ChargeAuthorized, want: [4]int64{4860, 4860, 0, 0}},
		"with a charge that is named":   {fields: `"status": "succeeded", "amount_received": 4860, "latest_charge": "ch_1"`, broken: true},
		"canceled before":               {fields: `"status": "canceled"`, state: payment.ChargeClosed},
		"canceled after a decline":      {fields: `"status": "canceled", "latest_charge": ` + fmt.Sprintf(charge, "failed", 0, 0), state: payment.ChargeClosed},
		"released":                      {fields: `"status": "canceled", "latest_charge": ` + fmt.Sprintf(charge, "succeeded", 0, 0), state: payment.ChargeClosed, want: [4]int64{4860, 0, 0, 4860}},
		"at the bank":                   {fields: `"status": "processing", "latest_charge": ` + fmt.Sprintf(charge, "pending", 0, 0), state: payment.ChargePending},
		"something new":                 {fields: `"status": "requires_prayer"`, broken: true},
	} {
		var intent api.PaymentIntent
		if err := json.Unmarshal([]byte(`{"id": "pi_1", "amount": 4860, "currency": "usd", `+c.fields+`}`), &intent); err != nil {
			t.Fatal(name, err)
		}
		got, err := standing(&intent)
		if c.broken {
			if err == nil {
				t.Errorf("%s reads as %+v", name, got)
			}
			continue
		}
		amounts := [4]int64{got.Authorized.Minor, got.Captured.Minor, got.Refunded.Minor, got.Voided.Minor}
		if err != nil || got.State != c.state || amounts != c.want {
			t.Errorf("%s reads as %s %v, %v", name, got.State, amounts, err)
		}
	}
}

func TestHowLongABankMayTake(t *testing.T) {
	t.Parallel()
	for details, want := range map[string]string{
		`{"type": "sepa_debit"}`:      "2026-12-18T12:00:00Z",
		`{"type": "us_bank_account"}`: "2026-12-07T12:00:00Z",
		`{"type": "card"}`:            "",
	} {
		var intent api.PaymentIntent
		text := `{"id": "pi_1", "amount": 4860, "currency": "usd", "status": "processing", "latest_charge": {"id": "ch_1", "status": "pending", "created": 1795780800, "payment_method_details": ` + details + `}}`
		if err := json.Unmarshal([]byte(text), &intent); err != nil {
			t.Fatal(err)
		}
		got, err := standing(&intent)
		if err != nil || got.State != payment.ChargePending {
			t.Fatalf("%s reads as %+v, %v", details, got, err)
		}
		if by := got.SettlesBy; (by == nil) != (want == "") || (by != nil && by.Format(time.RFC3339) != want) {
			t.Errorf("%s settles by %v, not %s", details, by, want)
		}
	}
}

// TestDisputes adds up what the bank wants and what is lost.
func TestDisputes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/disputes" || r.URL.Query().Get("payment_intent") != "pi_1" {
			t.Errorf("it asks for %s", r.URL)
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, `{"object": "list", "has_more": false, "data": [
			{"id": "du_1", "amount": 100, "status": "lost"}, {"id": "du_2", "amount": 20, "status": "needs_response"},
			{"id": "du_3", "amount": 3000, "status": "won"}, {"id": "du_4", "amount": 4, "status": "warning_under_review"},
			{"id": "du_5", "amount": 50000, "status": "warning_closed"}, {"id": "du_6", "amount": 700000, "status": "prevented"}]}`)
	}))
	t.Cleanup(server.Close)
	p, err := New(nil, Options{Key: "sk_test_x", ReturnURL: "https://shop.example", URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	intent := &api.PaymentIntent{ID: "pi_1", Amount: 4860, Currency: "usd", Status: "succeeded", LatestCharge: &api.Charge{
		Status: "succeeded", AmountCaptured: 4860, Disputed: true,
	}}
	c, err := p.charge(t.Context(), intent)
	if err != nil || c.Disputed.Minor != 124 || c.DisputeLost.Minor != 100 {
		t.Errorf("disputed is %s, lost %s, %v", c.Disputed, c.DisputeLost, err)
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for details, want := range map[string]string{
		`{"type": "card", "card": {"brand": "visa", "last4": "4242"}}`:      "Visa ending in 4242",
		`{"type": "card", "card": {"brand": "amex", "last4": "0005"}}`:      "American Express ending in 0005",
		`{"type": "card", "card": {"brand": "unknown"}}`:                    "Card",
		`{"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}`:           "Bank account ending in 3000",
		`{"type": "us_bank_account", "us_bank_account": {"last4": "6789"}}`: "Bank account ending in 6789",
		`{"type": "amazon_pay", "amazon_pay": {}}`:                          "Amazon pay",
		`{}`: "Saved payment method",
	} {
		var c api.Charge
		if err := json.Unmarshal([]byte(`{"payment_method_details": `+details+`}`), &c); err != nil {
			t.Fatal(err)
		}
		if got := label(&c); got != want {
			t.Errorf("%s is called %q, not %q", details, got, want)
		}
	}
	if got := label(nil); got != "Saved payment method" {
		t.Errorf("nothing is called %q", got)
	}
}

// TestNonsenseIsNoSilence: what Stripe has answered and makes no sense is told from what never came, or came from somebody on
// the way.
func TestNonsenseIsNoSilence(t *testing.T) {
	t.Parallel()
	const intent = `{"id": "pi_1", "currency": "usd", "status": "requires_capture"}`
	for name, c := range map[string]struct {
		status   int
		length   string // that is announced
		body     string
		nonsense bool
	}{
		"an intent":             {200, "", intent, false},
		"half an intent":        {200, "", intent[:30], true},
		"a list":                {200, "", `[` + intent + `]`, true},
		"nothing":               {200, "", `{}`, true},
		"a web page of a proxy": {200, "", `<html>`, false},
		"an empty answer":       {200, "", ``, false},
		"no end":                {200, "", `{"id": "` + strings.Repeat("x", maxAnswer), true},
		"the rest never comes":  {200, "1000", intent, false},
		"a proxy's page":        {502, "", `<html>Bad gateway</html>`, false},
		"a proxy's object":      {503, "", `{"message": "busy"}`, false},
		"a proxy's word":        {503, "", `{"error": "Service Unavailable"}`, false},
		"a proxy's reason":      {502, "", `{"error": {"message": "busy"}}`, false},
		"no reason":             {500, "", `{"error": null}`, false},
		"a page somewhere else": {302, "", ``, false},
		"a failure of Stripe's": {500, "", `{"error": {"type": "api_error"}}`, false},
		"a key that is wrong":   {401, "", `{"error": {"type": "invalid_request_error"}}`, false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			if c.length != "" {
				rw.Header().Set("Content-Length", c.length)
			}
			if !strings.HasPrefix(c.body, "<") {
				rw.Header().Set("Content-Type", "application/json")
			}
			rw.WriteHeader(c.status)
			_, _ = io.WriteString(rw, c.body)
		}))
		p, err := New(nil, Options{Key: "sk_test_x", ReturnURL: "https://shop.example", URL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.retrieve(t.Context(), "pi_1")
		if errors.Is(err, payment.ErrNonsense) != c.nonsense || (err == nil) != (name == "an intent") {
			t.Errorf("%s is %v", name, err)
		}
		server.Close()
	}
}
