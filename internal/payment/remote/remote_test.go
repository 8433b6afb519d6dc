package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/remote"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	signed "github.com/wharfhq/wharf/internal/remote"
)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func ask(token string) payment.Authorization {
	return payment.Authorization{Key: uuid.NewString(), Reference: uuid.NewString(), Token: token, Amount: usd(4860)}
}

func change(a payment.Authorization, minor int64) payment.Change {
	return payment.Change{Key: uuid.NewString(), Charge: a.Key, Reference: a.Reference, Amount: usd(minor)}
}

// unknown says whether an error leaves the outcome open: it is none of those that mean something.
func unknown(err error) bool {
	return err != nil && !errors.Is(err, payment.ErrDeclined) && !errors.Is(err, payment.ErrActionRequired) && !errors.Is(err, payment.ErrUnknownKey)
}

// TestWhatIsNoAnswerLeavesTheOutcomeOpen lets every call meet every fault after which nothing is certain, then looks
// up and asks again: money has moved once, whether the first call had got through or not.
func TestWhatIsNoAnswerLeavesTheOutcomeOpen(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{
		simulator.Down, simulator.Hang, simulator.Broken, simulator.Throttled, simulator.Moved, simulator.Slow, simulator.Malformed,
		simulator.Oversized, simulator.Cut, simulator.Dropped,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(_ *simulator.Options, inside *remote.Options) {
				inside.Client = signed.Options{FirstByte: 250 * time.Millisecond, Whole: 500 * time.Millisecond, MaxAnswer: 64 << 10}
			})
			disturbed := func(call func() error) {
				t.Helper()
				if err := w.Modes.Set(simulator.Rule{Fault: fault, Millis: 400}); err != nil {
					t.Fatal(err)
				}
				if err := call(); !unknown(err) {
					t.Errorf("disturbed, it answers %v", err)
				}
				if err := w.Modes.Set(); err != nil {
					t.Fatal(err)
				}
			}
			a := ask("approve")
			take, give, release := change(a, 3000), change(a, 1000), change(a, 0)
			steps := []struct {
				name string
				call func() (payment.Charge, error)
				want [4]int64
			}{
				{"authorize", func() (payment.Charge, error) { return w.provider.Authorize(t.Context(), a) }, [4]int64{4860, 0, 0, 0}},
				{"capture", func() (payment.Charge, error) { return w.provider.Capture(t.Context(), take) }, [4]int64{4860, 3000, 0, 0}},
				{"refund", func() (payment.Charge, error) { return w.provider.Refund(t.Context(), give) }, [4]int64{4860, 3000, 1000, 0}},
				{"void", func() (payment.Charge, error) { return w.provider.Void(t.Context(), release) }, [4]int64{4860, 3000, 1000, 1860}},
			}
			for _, s := range steps {
				disturbed(func() error { _, err := s.call(); return err })
				disturbed(func() error { _, err := w.provider.Lookup(t.Context(), a.Key); return err })
				c, err := s.call()
				if got := [4]int64{c.Authorized.Minor, c.Captured.Minor, c.Refunded.Minor, c.Voided.Minor}; err != nil || got != s.want {
					t.Errorf("%s, asked again: %v instead of %v, %v", s.name, got, s.want, err)
				}
			}
			disturbed(func() error { return w.provider.Forget(t.Context(), "pm_1") })
			disturbed(func() error { _, _, err := w.provider.Charges(t.Context(), time.Time{}, ""); return err })
		})
	}
}

// TestAnImplausibleAnswerIsLeftToTheShop: another amount, currency or order is in the charge that the shop judges.
func TestAnImplausibleAnswerIsLeftToTheShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for fault, wrong := range map[simulator.Fault]func(payment.Authorization, payment.Charge) bool{
		simulator.AnswerSize: func(_ payment.Authorization, c payment.Charge) bool { return c.Authorized == usd(4861) },
		simulator.AnswerCoin: func(_ payment.Authorization, c payment.Charge) bool { return c.Authorized == money.New(4860, "EUR") },
		simulator.AnswerRef: func(a payment.Authorization, c payment.Charge) bool {
			return c.Reference != a.Reference && c.Reference != ""
		},
	} {
		if err := w.Modes.Set(simulator.Rule{Fault: fault}); err != nil {
			t.Fatal(err)
		}
		a := ask("approve")
		if c, err := w.provider.Authorize(t.Context(), a); err != nil || !wrong(a, c) {
			t.Errorf("%s: %+v, %v", fault, c, err)
		}
	}
}

// partner is a provider that answers every call with the same text.
func partner(t *testing.T, status int, answer func(key string) string) *remote.Provider {
	t.Helper()
	return partnerOf(t, "application/json", status, answer)
}

// partnerOf is one whose answers have this Content-Type.
func partnerOf(t *testing.T, kind string, status int, answer func(key string) string) *remote.Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := signed.Verify(r.Header, body, time.Now(), secrets); err != nil {
			t.Errorf("a call is not signed: %v", err)
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer(asked))
	}))
	t.Cleanup(server.Close)
	return must(remote.New(remote.Options{Name: "acme", URL: server.URL, Secrets: secrets, Live: true, Loopback: true}))
}

// asked is the key of every charge in the tests below.
const asked = "0196a1f0-0000-7000-8000-000000000001"

func TestOnlyAWholeAnswerMeansSomething(t *testing.T) {
	t.Parallel()
	const authorized = `"state": "authorized", "currency": "USD", "authorized": 4860`
	for name, c := range map[string]struct {
		status int
		answer string // %s is the key
		want   func(payment.Charge, error) bool
	}{
		"authorized": {200, `{"charge": {"key": "%s", ` + authorized + `, "id": "ch_1", "news": [1]}, "more": {}}`, func(c payment.Charge, err error) bool {
			return err == nil && c.State == payment.ChargeAuthorized && c.Authorized == usd(4860) && c.Ref == "ch_1"
		}},
		"declined": {200, `{"charge": {"key": "%s", "state": "declined", "reason": "No.\n\u202eAt\u0000 all"}}`, func(_ payment.Charge, err error) bool {
			return errors.Is(err, payment.ErrDeclined) && payment.Reason(err) == "No. At all"
		}},
		"declined without a word": {200, `{"charge": {"key": "%s", "state": "declined"}}`, func(_ payment.Charge, err error) bool {
			return errors.Is(err, payment.ErrDeclined) && payment.Reason(err) == "Your payment was declined."
		}},
		"declined at length": {200, `{"charge": {"key": "%s", "state": "declined", "reason": "` + strings.Repeat("é ", 5000) + `"}}`, func(_ payment.Charge, err error) bool {
			return errors.Is(err, payment.ErrDeclined) && len([]rune(payment.Reason(err))) == 300
		}},
		"challenge": {200, `{"charge": {"key": "%s", "state": "challenge", "challengeUrl": "https://bank.example/3ds?x=1"}}`, func(c payment.Charge, err error) bool {
			return errors.Is(err, payment.ErrActionRequired) && c.ChallengeURL == "https://bank.example/3ds?x=1"
		}},
		"pending":  {200, `{"charge": {"key": "%s", "state": "pending"}}`, func(c payment.Charge, err error) bool { return err == nil && c.State == payment.ChargePending }},
		"invoiced": {200, `{"charge": {"key": "%s", "state": "invoiced"}}`, func(c payment.Charge, err error) bool { return err == nil && c.State == payment.ChargeInvoiced }},

		"a decline with another status": {402, `{"charge": {"key": "%s", "state": "declined"}}`, nil},
		"created":                       {201, `{"charge": {"key": "%s", ` + authorized + `}}`, nil},
		"not found":                     {404, `{"charge": {"key": "%s", "state": "declined"}}`, nil},
		"unauthorized":                  {401, ``, nil},
		"empty":                         {200, ``, nil},
		"a web page":                    {200, `<html>`, nil},
		"half":                          {200, `{"charge": {"key": "%s", "state": "decl`, nil},
		"two answers":                   {200, `{"charge": {"key": "%s", "state": "declined"}} {}`, nil},
		"a list":                        {200, `[{"charge": {"key": "%s", "state": "declined"}}]`, nil},
		"null":                          {200, `null`, nil},
		"nothing of a charge":           {200, `{}`, nil},
		"another charge":                {200, `{"charge": {"key": "another", "state": "declined"}}`, nil},
		"no key":                        {200, `{"charge": {"state": "declined"}}`, nil},
		"no state":                      {200, `{"charge": {"key": "%s"}}`, nil},
		"another state":                 {200, `{"charge": {"key": "%s", "state": "DECLINED"}}`, nil},
		"an amount with a point":        {200, `{"charge": {"key": "%s", "state": "authorized", "currency": "USD", "authorized": 48.60}}`, nil},
		"an amount in words":            {200, `{"charge": {"key": "%s", "state": "authorized", "currency": "USD", "authorized": "4860"}}`, nil},
		"an amount out of range":        {200, `{"charge": {"key": "%s", "state": "authorized", "currency": "USD", "authorized": 92233720368547758080}}`, nil},
		"authorized, but nothing":       {200, `{"charge": {"key": "%s", "state": "authorized", "currency": "USD"}}`, nil},
		"no currency":                   {200, `{"charge": {"key": "%s", "state": "authorized", "authorized": 4860}}`, nil},
		"no such currency":              {200, `{"charge": {"key": "%s", "state": "authorized", "currency": "usd", "authorized": 4860}}`, nil},
		"below zero":                    {200, `{"charge": {"key": "%s", ` + authorized + `, "refunded": -1}}`, nil},
		"captured too much":             {200, `{"charge": {"key": "%s", ` + authorized + `, "captured": 4861}}`, nil},
		"released too much":             {200, `{"charge": {"key": "%s", ` + authorized + `, "captured": 4860, "voided": 1}}`, nil},
		"refunded too much":             {200, `{"charge": {"key": "%s", ` + authorized + `, "captured": 10, "refunded": 11}}`, nil},
		"sums that run over":            {200, `{"charge": {"key": "%s", "state": "authorized", "currency": "USD", "authorized": 9223372036854775807, "captured": 9223372036854775807, "voided": 9223372036854775807}}`, nil},
		"declined, with money":          {200, `{"charge": {"key": "%s", "state": "declined", "currency": "USD", "authorized": 4860}}`, nil},
		"pending, with money":           {200, `{"charge": {"key": "%s", "state": "pending", "currency": "USD", "authorized": 4860}}`, nil},
		"closed, with money":            {200, `{"charge": {"key": "%s", "state": "closed", "currency": "USD", "authorized": 4860, "voided": 1}}`, nil},
		"a script for the shopper":      {200, `{"charge": {"key": "%s", "state": "challenge", "challengeUrl": "javascript:alert(1)"}}`, nil},
		"a page without a host":         {200, `{"charge": {"key": "%s", "state": "challenge", "challengeUrl": "/challenge"}}`, nil},
		"a page with a name in it":      {200, `{"charge": {"key": "%s", "state": "challenge", "challengeUrl": "https://shop@evil.example/"}}`, nil},
		"a name without end":            {200, `{"charge": {"key": "%s", ` + authorized + `, "id": "` + strings.Repeat("x", 256) + `"}}`, nil},
		"a saved method without a name": {200, `{"charge": {"key": "%s", ` + authorized + `, "saved": {"label": "Visa"}}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := partner(t, c.status, func(key string) string { return strings.ReplaceAll(c.answer, "%s", key) })
			a := ask("approve")
			a.Key = asked
			charge, err := p.Authorize(t.Context(), a)
			if c.want != nil {
				if !c.want(charge, err) {
					t.Errorf("it reads as %+v, %v", charge, err)
				}
				return
			}
			if !unknown(err) {
				t.Errorf("it is believed: %+v, %v", charge, err)
			}
			for what, call := range map[string]func() error{
				"lookup":  func() error { _, err := p.Lookup(t.Context(), asked); return err },
				"capture": func() error { _, err := p.Capture(t.Context(), change(a, 1)); return err },
				"void":    func() error { _, err := p.Void(t.Context(), change(a, 1)); return err },
			} {
				if err := call(); !unknown(err) {
					t.Errorf("%s believes it: %v", what, err)
				}
			}
		})
	}
}

func TestNoChargeIsToldOutright(t *testing.T) {
	t.Parallel()
	a := ask("approve")
	a.Key = asked
	p := partner(t, 200, func(string) string { return `{"charge": null}` })
	if _, err := p.Lookup(t.Context(), asked); !errors.Is(err, payment.ErrUnknownKey) {
		t.Errorf("a look-up says %v", err)
	}
	if _, err := p.Authorize(t.Context(), a); !unknown(err) {
		t.Errorf("an authorization says %v", err)
	}
	for what, call := range map[string]func(context.Context, payment.Change) (payment.Charge, error){"capture": p.Capture, "refund": p.Refund, "void": p.Void} {
		if _, err := call(t.Context(), change(a, 1)); !unknown(err) {
			t.Errorf("a %s says %v", what, err)
		}
	}
	p = partner(t, 200, func(string) string { return `{"charge": null, "refused": {"reason": "No such charge."}}` })
	if _, err := p.Capture(t.Context(), change(a, 1)); !errors.Is(err, payment.ErrDeclined) || payment.Reason(err) != "No such charge." {
		t.Errorf("a refused capture says %v", err)
	}
}

// TestARefusedVoidIsNoDecline: the shop must not take a payment for declined while its provider holds the money.
func TestARefusedVoidIsNoDecline(t *testing.T) {
	t.Parallel()
	a := ask("approve")
	a.Key = asked
	for charge, state := range map[string]payment.ChargeState{
		`{"key": "%s", "state": "closed"}`:   payment.ChargeClosed,
		`{"key": "%s", "state": "declined"}`: payment.ChargeDeclined,
		`{"key": "%s", "state": "authorized", "currency": "USD", "authorized": 4860, "captured": 4860}`:            payment.ChargeAuthorized,
		`{"key": "%s", "state": "closed", "currency": "USD", "authorized": 4860, "captured": 860, "voided": 4000}`: payment.ChargeClosed,

		`null`: "",
		`{"key": "%s", "state": "authorized", "currency": "USD", "authorized": 4860}`:                   "",
		`{"key": "%s", "state": "authorized", "currency": "USD", "authorized": 4860, "captured": 4859}`: "",
		`{"key": "%s", "state": "pending"}`:                                                             "",
		`{"key": "%s", "state": "challenge"}`:                                                           "",
		`{"key": "%s", "state": "invoiced"}`:                                                            "",
		`{"key": "another", "state": "closed"}`:                                                         "",
	} {
		p := partner(t, 200, func(key string) string {
			return strings.ReplaceAll(`{"charge": `+charge+`, "refused": {"reason": "Not now."}}`, "%s", key)
		})
		c, err := p.Void(t.Context(), change(a, 4860))
		if state == "" && (!unknown(err) || c != payment.Charge{}) {
			t.Errorf("%s is believed: %+v, %v", charge, c, err)
		}
		if state != "" && (err != nil || c.State != state) {
			t.Errorf("%s reads as %+v, %v", charge, c, err)
		}
	}
}

func TestBooksThatCannotBeReadAreAnError(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{}`, `{"charges": null}`, `{"charges": {"key": "a"}}`, `{"charges": [{"key": "a"`,
	} {
		p := partner(t, 200, func(string) string { return answer })
		if entries, next, err := p.Charges(t.Context(), time.Time{}, "2"); err == nil {
			t.Errorf("%s reads as %+v, %s", answer, entries, next)
		}
	}
}

// TestAChargeThatCannotBeReadIsOneOfMany: the books tell of all others as if it were not there.
func TestAChargeThatCannotBeReadIsOneOfMany(t *testing.T) {
	t.Parallel()
	const at, good = `"changedAt": "2026-11-27T12:00:00Z"`, `{"key": "good", "state": "declined", "changedAt": "2026-11-27T11:00:00Z"}`
	since := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	for bad, want := range map[string]struct{ key, says string }{
		`{"key": "a", "state": "authorized", "currency": "XYZ", "authorized": 700, ` + at + `}`: {"a", `amounts in "XYZ"`},
		`{"key": "a", "state": "authorized", "currency": "USD", "authorized": "7", ` + at + `}`: {"a", "cannot be read"},
		`{"key": "a", "state": "authorized", "currency": "USD", "authorized": 7.5, ` + at + `}`: {"a", "cannot be read"},
		`{"key": "a", "state": "gone", ` + at + `}`:                                             {"a", `state "gone"`},
		`{"key": "a", "state": "closed", "currency": "USD", "authorized": 7, ` + at + `}`:       {"a", "money reserved"},
		`{"key": "a", "state": "declined", "changedAt": "yesterday"}`:                           {"a", "cannot be read"},
		`{"key": "a", "state": "declined"}`:                                                     {"a", "when"},
		`{"state": "declined", ` + at + `}`:                                                     {"", "charge"},
		`{"key": 7, "state": "declined", ` + at + `}`:                                           {"", "cannot be read"},
		`"declined"`: {"", "cannot be read"},
		`null`:       {"", "state"},
	} {
		p := partner(t, 200, func(string) string { return `{"charges": [` + good + `, ` + bad + `, ` + good + `]}` })
		entries, next, err := p.Charges(t.Context(), since, "")
		if err != nil || next != "" || len(entries) != 3 {
			t.Errorf("%s: %+v, %q, %v", bad, entries, next, err)
			continue
		}
		for _, e := range []payment.Entry{entries[0], entries[2]} {
			if e.Key != "good" || e.Unread != "" || e.Charge.State != payment.ChargeDeclined || !e.ChangedAt.Equal(since.Add(time.Hour)) {
				t.Errorf("beside %s the good one is %+v", bad, e)
			}
		}
		if e := entries[1]; e.Key != want.key || !strings.Contains(e.Unread, want.says) || e.Charge != (payment.Charge{}) || e.ChangedAt.Before(since.Add(time.Hour)) {
			t.Errorf("%s reads as %+v", bad, e)
		}
	}
}

// TestNonsenseIsNoSilence: what a provider has answered and makes no sense is told from no answer, and what could be read of it
// is given all the same.
func TestNonsenseIsNoSilence(t *testing.T) {
	t.Parallel()
	const good = `{"key": "good", "state": "declined", "changedAt": "2026-11-27T11:00:00Z"}`
	for answer, c := range map[string]struct {
		status, entries int
		nonsense        bool
	}{
		`{"charges": [` + good:                {200, 0, true},
		``:                                    {200, 0, false},
		`{}`:                                  {200, 0, true},
		`{"charges": null}`:                   {200, 0, true},
		`{"charges": {"good": ` + good + `}}`: {200, 0, true},
		`{"charges": [` + good + `], "next": 17}`:       {200, 1, true},
		`{"charges": [` + strings.Repeat(" ", 2<<20):    {200, 0, true},
		`{"charges": [` + good + `], "next": "again"} `: {200, 1, false},
		`Busy.`:                       {503, 0, false},
		`{"charges": [` + good + `]}`: {500, 0, false},
	} {
		p := partner(t, c.status, func(string) string { return answer })
		entries, _, err := p.Charges(t.Context(), time.Now(), "")
		if len(entries) != c.entries || errors.Is(err, payment.ErrNonsense) != c.nonsense || (err == nil) != (c.status == 200 && !c.nonsense && answer != "") {
			t.Errorf("%.60q is %d entries, %.100v", answer, len(entries), err)
		}
	}
	for answer, nonsense := range map[string]bool{`<html>`: false, `{"charges": [` + good: false, `{}`: true} { // of a proxy, or of a service that does not say what it writes
		_, _, err := partnerOf(t, "text/html; charset=utf-8", 200, func(string) string { return answer }).Charges(t.Context(), time.Now(), "")
		if err == nil || errors.Is(err, payment.ErrNonsense) != nonsense {
			t.Errorf("%s of another type is %v", answer, err)
		}
	}
	for name, fault := range map[string]simulator.Fault{"cut": simulator.Cut, "hang": simulator.Hang, "drop": simulator.Dropped} {
		w := newWorld(t, func(_ *simulator.Options, inside *remote.Options) {
			inside.Client = signed.Options{FirstByte: 250 * time.Millisecond, Whole: 500 * time.Millisecond}
		})
		if err := w.Modes.Set(simulator.Rule{Fault: fault}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.provider.Charges(t.Context(), time.Now(), ""); err == nil || errors.Is(err, payment.ErrNonsense) {
			t.Errorf("%s is %v", name, err)
		}
	}
	for _, answer := range []string{`{"charge": {"key": "another", "state": "declined"}}`, `{"charge": {"key": 7}}`, `{}`, `[`} {
		if _, err := partner(t, 200, func(string) string { return answer }).Lookup(t.Context(), asked); !errors.Is(err, payment.ErrNonsense) {
			t.Errorf("a look-up that is %s says %v", answer, err)
		}
	}
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	options := remote.Options{Name: "acme", URL: "https://pay.example.com/", Secrets: secrets, Account: "acct_1", Live: true, Clock: now}
	live := must(remote.New(options))
	options.Live = false
	test := must(remote.New(options))
	const genuine = `{"version": 1, "type": "charge.changed", "account": "acct_1", "live": true, "charge": "c1", "amount": 1}`
	for body, want := range map[string]struct {
		charge, foreign string
		fails           bool
	}{
		genuine: {charge: "c1"},
		strings.Replace(genuine, "acct_1", "acct_2", 1):                {charge: "c1", foreign: "it is of another account"},
		strings.Replace(genuine, `"account": "acct_1", `, "", 1):       {charge: "c1", foreign: "it is of another account"},
		strings.Replace(genuine, "true", "false", 1):                   {charge: "c1", foreign: "it is a test, and this shop is live"},
		strings.Replace(genuine, "charge.changed", "payout.made", 1):   {},
		strings.Replace(genuine, `"version": 1`, `"version": 2`, 1):    {fails: true},
		strings.Replace(genuine, `"charge": "c1"`, `"charge": ""`, 1):  {fails: true},
		strings.Replace(genuine, `"charge": "c1"`, `"charge": [1]`, 1): {fails: true},
		"": {fails: true},
	} {
		header := http.Header{}
		signed.Sign(header, "msg_1", now.Now(), []byte(body), secrets)
		notices, err := live.Notification(header, []byte(body))
		switch {
		case want.fails:
			if err == nil || errors.Is(err, payment.ErrForged) {
				t.Errorf("%s reads as %+v, %v", body, notices, err)
			}
		case want.charge == "":
			if err != nil || len(notices) != 0 {
				t.Errorf("%s reads as %+v, %v", body, notices, err)
			}
		default:
			expected := payment.Notice{ID: "msg_1", Charge: want.charge, Foreign: want.foreign}
			if err != nil || len(notices) != 1 || notices[0] != expected {
				t.Errorf("%s reads as %+v, %v", body, notices, err)
			}
		}
		if body == genuine {
			if notices, err := test.Notification(header, []byte(body)); err != nil || len(notices) != 1 || notices[0].Foreign == "" {
				t.Errorf("a shop that is a test takes it: %+v, %v", notices, err)
			}
			now.Advance(6 * time.Minute)
			if _, err := live.Notification(header, []byte(body)); !errors.Is(err, payment.ErrForged) {
				t.Errorf("an old one is answered with %v", err)
			}
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	good := remote.Options{Name: "acme", URL: "https://pay.example.com/wharf", Secrets: secrets}
	if p, err := remote.New(good); err != nil || p.About() != (payment.PaymentProvider{Name: "acme", Title: "acme", NeedsToken: true}) {
		t.Errorf("good options give %v", err)
	}
	for name, alter := range map[string]func(*remote.Options){
		"no name":         func(o *remote.Options) { o.Name = "" },
		"a strange name":  func(o *remote.Options) { o.Name = "Acme Pay" },
		"a name too long": func(o *remote.Options) { o.Name = strings.Repeat("a", 33) },
		"no secret":       func(o *remote.Options) { o.Secrets = nil },
		"no address":      func(o *remote.Options) { o.URL = "" },
		"plain HTTP":      func(o *remote.Options) { o.URL = "http://pay.example.com/" },
		"this machine":    func(o *remote.Options) { o.URL = "https://127.0.0.1/" },
	} {
		o := good
		alter(&o)
		if _, err := remote.New(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if text := fmt.Sprintf("%+v", must(remote.New(good))); strings.Contains(text, "49 242 144 246") { // how its bytes begin
		t.Errorf("the secret shows in %s", text)
	}
}
