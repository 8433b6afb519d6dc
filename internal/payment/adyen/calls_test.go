package adyen_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/adyen"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestACallThatGoesWrongIsNoDecline: whatever goes wrong, the outcome is open, the same key finds it, and Adyen has
// reserved once and taken once.
func TestACallThatGoesWrongIsNoDecline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, fault := range []simulator.Fault{
		simulator.Down, simulator.Broken, simulator.Throttled, simulator.Moved, simulator.Malformed, simulator.Oversized,
		simulator.Cut, simulator.Dropped,
	} {
		a := authorization("approve")
		w.misbehave(t, simulator.Rule{Fault: simulator.Lost}, simulator.Rule{Fault: fault})
		if c, err := w.provider.Authorize(t.Context(), a); err == nil || errors.Is(err, payment.ErrDeclined) {
			t.Errorf("%s: it answers %+v, %v", fault, c, err)
		}
		if _, err := w.provider.Lookup(t.Context(), a.Key); !errors.Is(err, payment.ErrUnknownKey) {
			t.Errorf("%s: looked up, it answers %v", fault, err)
		}
		w.misbehave(t, simulator.Rule{Fault: simulator.Lost})
		if c, err := w.provider.Authorize(t.Context(), a); err != nil || c.State != payment.ChargeAuthorized || c.Authorized != usd(total) {
			t.Errorf("%s: asked again, it answers %+v, %v", fault, c, err)
		}
		take := change(a, total)
		w.misbehave(t, simulator.Rule{Fault: simulator.Early}, simulator.Rule{Fault: fault})
		if c, err := w.provider.Capture(t.Context(), take); err == nil || errors.Is(err, payment.ErrDeclined) {
			t.Errorf("%s: a capture answers %+v, %v", fault, c, err)
		}
		w.misbehave(t, simulator.Rule{Fault: simulator.Early})
		for range 2 {
			if c, err := w.provider.Capture(t.Context(), take); err != nil || c.Captured != usd(total) {
				t.Errorf("%s: asked again, a capture answers %+v, %v", fault, c, err)
			}
		}
		if c, err := w.Books.Charge(a.Key); err != nil || c.Authorized != total || c.Captured != total {
			t.Errorf("%s: Adyen's books say %+v, %v", fault, c, err)
		}
	}
}

// TestAnAnswerThatCannotBeMeantIsNotKept: what is notified counts.
func TestAnAnswerThatCannotBeMeantIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, fault := range []simulator.Fault{simulator.AnswerSize, simulator.AnswerCoin, simulator.AnswerRef} {
		a := authorization("approve")
		w.misbehave(t, simulator.Rule{Fault: simulator.Early}, simulator.Rule{Fault: fault, Times: 1})
		if c, err := w.provider.Authorize(t.Context(), a); err == nil || errors.Is(err, payment.ErrDeclined) {
			t.Errorf("%s: it answers %+v, %v", fault, c, err)
		}
		if c, err := w.provider.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeAuthorized || c.Authorized != usd(total) {
			t.Errorf("%s: looked up, it is %+v, %v", fault, c, err)
		}
	}
}

// TestAChallengeIsFinishedByWhatTheShopperBrings: Adyen hears of a confirmed challenge only from the shop.
func TestAChallengeIsFinishedByWhatTheShopperBrings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.held = true // no notification comes
	a := authorization("challenge")
	asked, err := w.provider.Authorize(t.Context(), a)
	if !errors.Is(err, payment.ErrActionRequired) || !strings.HasPrefix(asked.ChallengeURL, "http://127.0.0.1") {
		t.Fatalf("it answers %+v, %v", asked, err)
	}
	confirm(t, asked)
	a.Challenged = true
	for _, result := range []string{"", "something that somebody made up"} {
		a.Result = result
		if c, err := w.provider.Authorize(t.Context(), a); !errors.Is(err, payment.ErrActionRequired) || c.ChallengeURL != asked.ChallengeURL {
			t.Errorf("with %q it answers %+v, %v", result, c, err)
		}
	}
	a.Result = "result-" + a.Key
	for range 2 {
		if c, err := w.provider.Authorize(t.Context(), a); err != nil || c.State != payment.ChargeAuthorized || c.Authorized != usd(total) {
			t.Errorf("it answers %+v, %v", c, err)
		}
	}
}

// TestAChallengeWhenNobodyIsThere is a no, and the key is closed.
func TestAChallengeWhenNobodyIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := authorization("challenge")
	a.OffSession = true
	if c, err := w.provider.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) || c.Authorized.Minor != 0 {
		t.Errorf("it answers %+v, %v", c, err)
	}
	if c, err := w.provider.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeClosed {
		t.Errorf("looked up, it is %s, %v", c.State, err)
	}
	if c, err := w.Books.Charge(a.Key); err != nil || c.State != simulator.Closed {
		t.Errorf("at Adyen it is %s, %v", c.State, err)
	}
}

// TestWhatIsAuthorizedAfterItsKeyWasClosed never counts, and the next release cancels it.
func TestWhatIsAuthorizedAfterItsKeyWasClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := authorization("approve")
	if c, err := w.provider.Void(t.Context(), change(a, total)); err != nil || c.State != payment.ChargeClosed {
		t.Fatalf("closed, it is %s, %v", c.State, err)
	}
	late := simulator.Authorization{Face: "adyen", Account: merchant, Key: a.Key, Reference: a.Reference, Token: "approve", Amount: a.Amount}
	if _, err := w.World.Authorize(late); err != nil { // the request that had been on its way
		t.Fatal(err)
	}
	c, err := w.provider.Lookup(t.Context(), a.Key)
	if err != nil || c.State != payment.ChargeClosed || c.Authorized != usd(total) || c.Voided.Minor != 0 {
		t.Errorf("looked up, it is %+v, %v", c, err)
	}
	if _, err := w.provider.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) {
		t.Errorf("asked for, it answers %v", err)
	}
	for range 2 {
		if c, err = w.provider.Void(t.Context(), change(a, total)); err != nil || c.State != payment.ChargeClosed || c.Voided != usd(total) {
			t.Errorf("released, it is %+v, %v", c, err)
		}
	}
	if c, err := w.Books.Charge(a.Key); err != nil || c.Rest() != 0 || c.Captured != 0 {
		t.Errorf("Adyen's books say %+v, %v", c, err)
	}
}

// TestAKeyThatLooksDeclinedIsClosedToo: one try of the shopper's was notified as failed, and another one may go well.
func TestAKeyThatLooksDeclinedIsClosedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := authorization("pending")
	if c, err := w.provider.Authorize(t.Context(), a); err != nil || c.State != payment.ChargePending {
		t.Fatalf("it answers %+v, %v", c, err)
	}
	w.learn(t, w.note(a.Key, "AUTHORISATION", "TRY1", total, refused))
	if c, err := w.provider.Void(t.Context(), change(a, total)); err != nil || c.State != payment.ChargeDeclined {
		t.Fatalf("released, it is %+v, %v", c, err)
	}
	if asked := w.asked(t, a.Key, "REVOKE"); len(asked) != 1 {
		t.Errorf("what may be reserved was cancelled %d times", len(asked))
	}
	w.learn(t, w.note(a.Key, "AUTHORISATION", "TRY2", total))
	if c, err := w.provider.Lookup(t.Context(), a.Key); err != nil || c.State != payment.ChargeClosed || c.Authorized != usd(total) {
		t.Errorf("authorized after all, it is %+v, %v", c, err)
	}
}

// TestWhatAdyenItselfHasDeclinedNeedsNoCancellation, while its key is closed like any other.
func TestWhatAdyenItselfHasDeclinedNeedsNoCancellation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.held = true // only the answer tells of the no
	a := authorization("decline")
	if _, err := w.provider.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("it answers %v", err)
	}
	if c, err := w.provider.Void(t.Context(), change(a, total)); err != nil || c.State != payment.ChargeDeclined {
		t.Errorf("released, it is %+v, %v", c, err)
	}
	if closed, revoked := w.asked(t, a.Key, "CLOSE"), w.asked(t, a.Key, "REVOKE"); len(closed) != 1 || len(revoked) != 0 {
		t.Errorf("it was closed %d times and cancelled %d times", len(closed), len(revoked))
	}
}

// asked lists Adyen's names of the requests of a kind.
func (w *world) asked(t *testing.T, charge, kind string) (names []string) {
	t.Helper()
	rows, err := w.pool.Query(t.Context(), `select psp_reference from adyen_call where charge = $1 and kind = $2 order by at`, charge, kind)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return names
}

func refused(i *simulator.AdyenItem) {
	i.Success, i.Reason = "false", "Insufficient balance on payment"
}

// TestACancellationThatFailsIsAskedForAgain, since what is reserved must go.
func TestACancellationThatFailsIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := authorization("approve")
	if _, err := w.provider.Authorize(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	w.misbehave(t, simulator.Rule{Fault: simulator.Lost})
	release := change(a, total)
	for range 3 { // it waits for the outcome
		if c, err := w.provider.Void(t.Context(), release); err != nil || c.State != payment.ChargeClosed || c.Voided.Minor != 0 {
			t.Fatalf("it answers %+v, %v", c, err)
		}
	}
	first := w.asked(t, a.Key, "CANCEL")
	if len(first) != 1 {
		t.Fatalf("it has asked %d times", len(first))
	}
	w.learn(t, w.note(a.Key, "CANCELLATION", first[0], total, refused))
	w.misbehave(t, simulator.Rule{Fault: simulator.Early})
	if c, err := w.provider.Void(t.Context(), release); err != nil || c.Voided != usd(total) {
		t.Errorf("asked again, it is %+v, %v", c, err)
	}
	if all := w.asked(t, a.Key, "CANCEL"); len(all) != 2 || all[0] != first[0] || all[1] == first[0] {
		t.Errorf("it has asked as %v", all)
	}
}

// TestACaptureThatIsRefusedLater is declined when that is known, is asked for once, and holds nothing back.
func TestACaptureThatIsRefusedLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := authorization("approve")
	if _, err := w.provider.Authorize(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	w.misbehave(t, simulator.Rule{Fault: simulator.Lost})
	take := change(a, 1000)
	for range 2 {
		if c, err := w.provider.Capture(t.Context(), take); err != nil || c.Captured.Minor != 0 {
			t.Fatalf("it answers %+v, %v", c, err)
		}
	}
	names := w.asked(t, a.Key, "CAPTURE")
	if len(names) != 1 {
		t.Fatalf("it has asked %d times", len(names))
	}
	w.learn(t, w.note(a.Key, "CAPTURE", names[0], 1000, refused))
	for range 2 {
		c, err := w.provider.Capture(t.Context(), take)
		if !errors.Is(err, payment.ErrDeclined) || payment.Reason(err) != "The amount is not available on this charge." || c.Captured.Minor != 0 || c.Authorized != usd(total) {
			t.Errorf("refused, it answers %+v, %v", c, err)
		}
	}
	if names := w.asked(t, a.Key, "CAPTURE"); len(names) != 1 {
		t.Errorf("it has asked %d times", len(names))
	}
}

// TestWhatIsBeingTakenIsNotReleasedMeanwhile: a cancellation that is known before the capture it came after must not
// count the money twice.
func TestWhatIsBeingTakenIsNotReleasedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := authorization("approve")
	if _, err := w.provider.Authorize(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	w.held = true
	take := change(a, 1000)
	if _, err := w.provider.Capture(t.Context(), take); err != nil {
		t.Fatal(err)
	}
	if _, err := w.provider.Void(t.Context(), change(a, total)); err != nil {
		t.Fatal(err)
	}
	taken, released := w.inbox[0], w.inbox[1]
	w.learn(t, released)
	if c, err := w.provider.Lookup(t.Context(), a.Key); err != nil || c.Captured.Minor != 0 || c.Voided != usd(3860) {
		t.Errorf("released, it is %+v, %v", c, err)
	}
	w.learn(t, taken)
	if c, err := w.provider.Lookup(t.Context(), a.Key); err != nil || c.Captured != usd(1000) || c.Voided != usd(3860) {
		t.Errorf("taken, it is %+v, %v", c, err)
	}
}

// TestARequestThatMeetsItselfIsSentAgain: the same request that is being done is sent again a moment later.
func TestARequestThatMeetsItselfIsSentAgain(t *testing.T) {
	t.Parallel()
	calls := 0
	p := against(t, func(rw http.ResponseWriter, _ *http.Request) {
		switch calls++; calls {
		case 1:
			rw.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(rw, `{"status":409,"errorCode":"704","message":"request already processed or in progress","errorType":"validation"}`)
		case 2:
			rw.Header().Set("transient-error", "true")
			rw.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(rw, `{"status":422,"errorCode":"905"}`)
		default:
			_, _ = io.WriteString(rw, `{"resultCode": "Authorised", "pspReference": "NC6HT9CRT65ZGN82"}`)
		}
	})
	if c, err := p.Authorize(t.Context(), authorization("approve")); err != nil || c.State != payment.ChargeAuthorized || c.Ref != "NC6HT9CRT65ZGN82" {
		t.Errorf("it answers %+v, %v", c, err)
	}
	if calls != 3 {
		t.Errorf("it has called %d times", calls)
	}
}

// against makes a provider for an Adyen that a test plays.
func against(t *testing.T, answer http.HandlerFunc, changes ...func(*adyen.Config)) *adyen.Provider {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c := adyen.Config{APIKey: apiKey, MerchantAccount: merchant, HMACKeys: []string{hmacKey}, URL: server.URL + "/v71", ReturnURL: "https://shop.example/paid?lang=en"}
	for _, change := range changes {
		change(&c)
	}
	p, err := adyen.New(pgtest.New(t), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWhatIsSent is the shape of each request.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	type sent struct{ method, path, idempotency, body string }
	var mu sync.Mutex
	var all []sent
	p := against(t, func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-API-Key") != apiKey || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("its headers are %v", r.Header)
		}
		mu.Lock()
		all = append(all, sent{r.Method, r.URL.RequestURI(), r.Header.Get("Idempotency-Key"), string(body)})
		mu.Unlock()
		if r.Method == http.MethodDelete {
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(rw, `{"resultCode": "Authorised", "pspReference": "NC6HT9CRT65ZGN82", "status": "received"}`)
	})
	a := authorization("scheme:8416038790273850@b0ac5cb1")
	a.Customer, a.OffSession = "b0ac5cb1", true
	first := authorization("scheme")
	first.Customer, first.Save = "b0ac5cb1", true
	take, give, unheard := change(a, 1000), change(a, 500), authorization("scheme")
	for _, call := range []func() error{
		func() error { _, err := p.Authorize(t.Context(), a); return err },
		func() error { _, err := p.Authorize(t.Context(), first); return err },
		func() error { _, err := p.Capture(t.Context(), take); return err },
		func() error { _, err := p.Refund(t.Context(), give); return err },
		func() error { _, err := p.Void(t.Context(), change(a, total)); return err },
		func() error { _, err := p.Void(t.Context(), change(unheard, total)); return err },
		func() error { return p.Forget(t.Context(), a.Token) },
	} {
		if err := call(); err != nil {
			t.Fatal(err)
		}
	}
	common := `"amount":{"currency":"USD","value":4860},`
	tail := `"authenticationData":{"threeDSRequestData":{"nativeThreeDS":"disabled"}},"additionalData":{"manualCapture":"true"}}`
	back := func(a payment.Authorization) string {
		return `"returnUrl":"https://shop.example/paid?lang=en\u0026order=` + a.Reference + `",`
	}
	head := func(a payment.Authorization) string {
		return `{"merchantAccount":"WharfTests","reference":"` + a.Key + `","merchantOrderReference":"` + a.Reference + `",` + common
	}
	of := `{"merchantAccount":"WharfTests","reference":"` + a.Key + `"`
	want := []sent{
		{"POST", "/v71/payments", a.Key, head(a) + `"paymentMethod":{"type":"scheme","storedPaymentMethodId":"8416038790273850"},` + back(a) +
			`"shopperReference":"b0ac5cb1","shopperInteraction":"ContAuth","recurringProcessingModel":"UnscheduledCardOnFile",` + tail},
		{"POST", "/v71/payments", first.Key, head(first) + `"paymentMethod":{"type":"scheme"},` + back(first) +
			`"shopperReference":"b0ac5cb1","shopperInteraction":"Ecommerce","recurringProcessingModel":"CardOnFile","storePaymentMethod":true,` + tail},
		{"POST", "/v71/payments/NC6HT9CRT65ZGN82/captures", take.Key, of + `,"amount":{"currency":"USD","value":1000}}`},
		{"POST", "/v71/payments/NC6HT9CRT65ZGN82/refunds", give.Key, of + `,"amount":{"currency":"USD","value":500}}`},
		{"POST", "/v71/payments/NC6HT9CRT65ZGN82/cancels", "", of + `}`},
		{"POST", "/v71/cancels", "", strings.ReplaceAll(of, a.Key, unheard.Key) + `,"paymentReference":"` + unheard.Key + `"}`},
		{"DELETE", "/v71/storedPaymentMethods/8416038790273850?merchantAccount=WharfTests&shopperReference=b0ac5cb1", "", ""},
	}
	if len(all) != len(want) {
		t.Fatalf("%d requests were sent, not %d", len(all), len(want))
	}
	for i := range want {
		if want[i].idempotency == "" && want[i].method == "POST" {
			if _, err := uuid.Parse(all[i].idempotency); err != nil {
				t.Errorf("request %d has the idempotency key %q", i, all[i].idempotency)
			}
			all[i].idempotency = ""
		}
		if all[i] != want[i] {
			t.Errorf("sent is\n\t%v\nnot\n\t%v", all[i], want[i])
		}
		if body := []byte(all[i].body); len(body) > 0 && !json.Valid(body) {
			t.Errorf("request %d is no JSON", i)
		}
	}
}

// TestNoErrorTellsTheAddress: a stored method and its shopper are named in it, and errors are logged.
func TestNoErrorTellsTheAddress(t *testing.T) {
	t.Parallel()
	p := against(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	err := p.Forget(t.Context(), "scheme:8416038790273850@b0ac5cb1")
	if err == nil || !errors.Is(err, io.EOF) {
		t.Fatalf("broken off, it says %v", err)
	}
	for _, secret := range []string{"8416038790273850", "b0ac5cb1", merchant} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s shows in %q", secret, err)
		}
	}
}

// TestWhatAdyenRefusesToRead is a definite no, with nothing of Adyen's own words in it.
func TestWhatAdyenRefusesToRead(t *testing.T) {
	t.Parallel()
	calls := 0
	p := against(t, func(rw http.ResponseWriter, _ *http.Request) {
		calls++
		rw.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(rw, `{"status":422,"errorCode":"14_004","message":"Missing payment method details: 4111","errorType":"validation"}`)
	})
	a := authorization("scheme")
	for range 2 {
		if _, err := p.Authorize(t.Context(), a); !errors.Is(err, payment.ErrDeclined) || payment.Reason(err) != "The payment provider does not know this payment method." {
			t.Errorf("it answers %v", err)
		}
	}
	for _, token := range []string{"", "Scheme", "scheme:", "scheme:123", "scheme:123@", "scheme:1/../2@guest-1", "scheme:8416038790273850@somebody", "scheme\x00", strings.Repeat("x", 255)} {
		if _, err := p.Authorize(t.Context(), authorization(token)); !errors.Is(err, payment.ErrDeclined) {
			t.Errorf("the token %q is answered with %v", token, err)
		}
	}
	if calls != 1 {
		t.Errorf("it has called %d times", calls)
	}
	guest := authorization("scheme:8416038790273850@guest-8a51")
	if _, err := p.Authorize(t.Context(), guest); !errors.Is(err, payment.ErrDeclined) || calls != 2 {
		t.Errorf("a guest's own method is answered with %v after %d calls", err, calls)
	}
}

// TestWhatABankDecidesInDays says until when, and keeps to it.
func TestWhatABankDecidesInDays(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	week := time.Now().Add(7 * 24 * time.Hour)
	for answer, want := range map[string]time.Time{
		`{"resultCode": "Pending", "pspReference": "NC6HT9CRT65ZGN82"}`:                                        {},
		`{"resultCode": "Received", "pspReference": "NC6HT9CRT65ZGN82"}`:                                       week,
		`{"resultCode": "PresentToShopper", "action": {"expiresAt": "` + soon.Format(time.RFC3339) + `"}}`:     soon,
		`{"resultCode": "PresentToShopper", "action": {"expiresAt": "one of these days"}}`:                     week,
		`{"resultCode": "PresentToShopper", "action": {"expiresAt": "2001-01-01T00:00:00Z", "type": "await"}}`: week,
	} {
		p := against(t, func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, answer) })
		a := authorization("multibanco")
		first, err := p.Authorize(t.Context(), a)
		again, lookErr := p.Lookup(t.Context(), a.Key)
		if err != nil || lookErr != nil || first.State != payment.ChargePending || again.State != payment.ChargePending {
			t.Fatalf("%s makes %+v, %v, and looked up %+v, %v", answer, first, err, again, lookErr)
		}
		switch {
		case want.IsZero():
			if first.SettlesBy != nil {
				t.Errorf("%s settles by %s", answer, first.SettlesBy)
			}
		case first.SettlesBy == nil || again.SettlesBy == nil || !first.SettlesBy.Equal(*again.SettlesBy) || first.SettlesBy.Sub(want).Abs() > time.Minute:
			t.Errorf("%s settles by %v, then by %v, not by %s", answer, first.SettlesBy, again.SettlesBy, want)
		}
	}
}

// TestAWrongSettingIsNoDecline: an order waits until the shop's own mistake is mended.
func TestAWrongSettingIsNoDecline(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{
		http.StatusUnauthorized: `{"status":401,"errorCode":"000","message":"Unauthorized"}`,
		http.StatusForbidden:    `{"status":403,"errorCode":"901","message":"Invalid Merchant Account"}`,
		http.StatusNotFound:     `not found`,
		http.StatusBadRequest:   `{"status":400,"errorCode":"702","message":"Unexpected input"}`,
		http.StatusOK:           `{"resultCode": "SomethingNew", "pspReference": "NC6HT9CRT65ZGN82"}`,
		http.StatusAccepted:     `{"resultCode": "Authorised"}`,
	} {
		p := against(t, func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, body)
		})
		if c, err := p.Authorize(t.Context(), authorization("scheme")); err == nil || errors.Is(err, payment.ErrDeclined) {
			t.Errorf("%d is taken for %+v, %v", status, c, err)
		}
	}
}
