package stripe_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/stripe"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// mock builds Stripe's own stripe-mock, which checks each call against the specification of the API, and starts it on a
// port of its own.
func mock(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "stripe-mock")
	build := exec.CommandContext(t.Context(), "go", "build", "-modfile=tools/go.mod", "-o", program, "github.com/stripe/stripe-mock")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build stripe-mock: %v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), program, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0") //nolint:gosec // it was built above
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
	})
	listening := regexp.MustCompile(`HTTP at address: (\S+)`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return "http://" + m[1]
		}
	}
	t.Fatal("stripe-mock has ended without listening")
	return ""
}

// releasesAreNoRefunds is the first version of the API that does not count as refunded what is released.
const releasesAreNoRefunds = "2025-03-31.basil"

// heard is one call as Stripe hears it.
type heard struct {
	Call string
	Form url.Values
	Key  string // the idempotency key; of calls that change something
}

// recorder stands before the mock, which knows no state: it lets an intent be in the status that a test needs.
type recorder struct {
	mu     sync.Mutex
	heard  []heard
	wrong  []string // calls that the mock has refused, and headers that are missing
	intent map[string]any
	after  map[string]map[string]any // what an intent is like from a call on
}

func (r *recorder) take() []heard {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.heard
	r.heard = nil
	return calls
}

// hear records a call before it is passed on.
func (r *recorder) hear(q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	q.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if q.Method == http.MethodGet {
		form = q.URL.Query()
	}
	call := heard{Call: q.Method + " " + q.URL.Path, Form: form}
	if q.Method == http.MethodPost {
		call.Key = q.Header.Get("Idempotency-Key")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, call)
	if err != nil || q.Header.Get("Stripe-Account") != account || q.Header.Get("Stripe-Version") < releasesAreNoRefunds ||
		q.Header.Get("Authorization") != "Bearer "+secretKey || (q.Method == http.MethodPost && call.Key == "") {
		r.wrong = append(r.wrong, call.Call+": its headers or its form are not as they should be")
	}
}

// answer puts the intent of the test into the mock's answer.
func (r *recorder) answer(a *http.Response) error {
	body, err := io.ReadAll(a.Body)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	call := a.Request.Method + " " + a.Request.URL.Path
	if a.StatusCode != http.StatusOK {
		r.wrong = append(r.wrong, call+": "+string(body))
	}
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		return err
	}
	if object["object"] == "payment_intent" {
		for suffix, fields := range r.after {
			if strings.HasSuffix(call, suffix) {
				maps.Copy(r.intent, fields)
			}
		}
		maps.Copy(object, r.intent)
	}
	if object["object"] == "payment_method" {
		object["customer"] = "cus_1"
	}
	if body, err = json.Marshal(object); err != nil {
		return err
	}
	a.Body, a.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	a.Header.Del("Content-Length")
	return nil
}

// TestRequestShapes sends every call that the provider knows to stripe-mock, which refuses what the specification of
// Stripe's API does not have, and compares the ones that move money field by field.
func TestRequestShapes(t *testing.T) {
	t.Parallel()
	target, err := url.Parse(mock(t))
	if err != nil {
		t.Fatal(err)
	}
	card := map[string]any{
		"id": "ch_1", "object": "charge", "status": "succeeded", "amount": 4860, "amount_captured": 0, "amount_refunded": 0,
		"payment_method_details": map[string]any{"type": "card", "card": map[string]any{
			"brand": "visa", "last4": "4242", "multicapture": map[string]any{"status": "available"},
		}},
	}
	r := &recorder{
		intent: map[string]any{"id": "pi_1", "amount": 4860, "currency": "usd", "status": "requires_payment_method", "last_payment_error": nil},
		after: map[string]map[string]any{
			"/confirm": {"status": "requires_capture", "amount_capturable": 4860, "latest_charge": card},
			"/capture": {"status": "succeeded", "amount_capturable": 0, "latest_charge": map[string]any{
				"id": "ch_1", "object": "charge", "status": "succeeded", "amount": 4860, "amount_captured": 1000, "amount_refunded": 0, "disputed": true,
			}},
			"/cancel": {"status": "canceled"},
		},
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = r.answer
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		r.hear(q)
		proxy.ServeHTTP(rw, q)
	}))
	t.Cleanup(server.Close)
	p, err := stripe.New(pgtest.New(t), stripe.Options{
		Key: secretKey, ReturnURL: returnURL, Account: account, Multicapture: true, Delayed: true, URL: server.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	a := ask("pm_card_visa")
	a.Customer, a.Save = uuid.NewString(), true
	taken, back, undo := change(a, 1000), change(a, 250), change(a, 4860)
	for _, step := range []struct {
		name string
		do   func() error
		want []heard // those that move money
	}{
		{"authorize", func() error { _, err := p.Authorize(t.Context(), a); return err }, []heard{
			{"POST /v1/customers", url.Values{"metadata[wharf_customer]": {a.Customer}}, "customer-" + a.Customer},
			{"POST /v1/payment_intents", url.Values{
				"amount": {"4860"}, "currency": {"usd"}, "capture_method": {"automatic_async"}, "automatic_payment_methods[enabled]": {"true"},
				"payment_method_options[card][capture_method]": {"manual"}, "expand[0]": {"latest_charge"}, "customer": {"cus_"},
				"metadata[wharf_key]": {a.Key}, "metadata[wharf_order]": {a.Reference},
			}, "intent-" + a.Key},
			{"POST /v1/payment_intents/pi_1/confirm", url.Values{
				"payment_method": {"pm_card_visa"}, "return_url": {returnURL}, "setup_future_usage": {"off_session"}, "expand[0]": {"latest_charge"},
				"payment_method_options[card][request_multicapture]": {"if_available"},
			}, a.Key},
		}},
		{"capture", func() error { _, err := p.Capture(t.Context(), taken); return err }, []heard{
			{"POST /v1/payment_intents/pi_1/capture", url.Values{
				"amount_to_capture": {"1000"}, "final_capture": {"false"}, "metadata[c-" + taken.Key + "]": {"1000"}, "expand[0]": {"latest_charge"},
			}, taken.Key},
		}},
		{"refund", func() error { _, err := p.Refund(t.Context(), back); return err }, []heard{
			{"POST /v1/refunds", url.Values{
				"payment_intent": {"pi_1"}, "amount": {"250"}, "metadata[wharf_operation]": {back.Key}, "metadata[wharf_key]": {a.Key},
				"metadata[wharf_order]": {a.Reference},
			}, back.Key},
		}},
		{"void", func() error { _, err := p.Void(t.Context(), undo); return err }, []heard{
			{"POST /v1/payment_intents/pi_1/cancel", url.Values{"expand[0]": {"latest_charge"}}, undo.Key},
		}},
		{"look up by search", func() error { _, err := p.Lookup(t.Context(), uuid.NewString()); return unknownIsFine(err) }, nil},
		{"read the books", func() error { _, _, err := p.Charges(t.Context(), time.Now().Add(-time.Minute), ""); return err }, nil},
		{"forget a method", func() error { return p.Forget(t.Context(), "pm_1") }, []heard{
			{"POST /v1/payment_methods/pm_1/detach", url.Values{}, ""},
		}},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		var moved []heard
		for _, call := range r.take() {
			if !strings.HasPrefix(call.Call, "POST") {
				continue
			}
			if customer := call.Form.Get("customer"); customer != "" { // the mock makes its name up
				call.Form.Set("customer", customer[:4])
			}
			if strings.HasSuffix(call.Call, "/detach") { // it needs no key of ours
				call.Key = ""
			}
			moved = append(moved, call)
		}
		if !reflect.DeepEqual(moved, step.want) {
			t.Errorf("%s sends\n%v\ninstead of\n%v", step.name, moved, step.want)
		}
	}
	for _, problem := range r.wrong {
		t.Error(problem)
	}
}

func unknownIsFine(err error) error {
	if err == payment.ErrUnknownKey { //nolint:errorlint // it is this very error
		return nil
	}
	return err
}
