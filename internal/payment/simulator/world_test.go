package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/remote"
)

const account = "acct_of_this_shop"

var secrets = func() []remote.Secret {
	s, err := remote.ParseSecrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		panic(err)
	}
	return s
}()

// world is a simulator that answers, and a shop that it tells of changes.
type world struct {
	*simulator.World
	t   *testing.T
	url string

	mu     sync.Mutex
	told   []told
	heard  chan struct{} // one for each that was told
	answer int           // with which callbacks are answered; 204 when 0
}

type told struct {
	ID                                   string
	Charge, Account, Reference, Currency string
	Amount                               int64
	Live                                 bool
}

func newWorld(t *testing.T, o simulator.Options) *world {
	t.Helper()
	if o.Ledger == "" {
		o.Ledger = filepath.Join(t.TempDir(), "books")
	}
	o.Faces = []simulator.Face{simulator.Remote{Secrets: secrets, Account: account, Live: true}}
	inner, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	w := &world{World: inner, t: t, heard: make(chan struct{}, 1000)}
	if w.url, err = inner.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	shop := httptest.NewServer(http.HandlerFunc(w.listen))
	t.Cleanup(shop.Close)
	w.Callbacks.Send("remote", shop.URL)
	return w
}

// listen is the shop: it checks the signature of every callback.
func (w *world) listen(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	id, err := remote.Verify(r.Header, body, time.Now(), secrets)
	n := told{ID: id}
	if err := errors.Join(err, json.Unmarshal(body, &n)); err != nil {
		w.t.Errorf("a callback is not as it must be: %v", err)
	}
	w.mu.Lock()
	w.told = append(w.told, n)
	answer := w.answer
	w.mu.Unlock()
	if answer == 0 {
		answer = http.StatusNoContent
	}
	rw.WriteHeader(answer)
	w.heard <- struct{}{}
}

// hear waits for so many callbacks more, and gives all that came so far.
func (w *world) hear(n int) []told {
	w.t.Helper()
	for range n {
		select {
		case <-w.heard:
		case <-time.After(10 * time.Second):
			w.t.Fatal("a callback does not come")
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.told)
}

// rules sets them over HTTP, as a test in another process does.
func (w *world) rules(rules ...simulator.Rule) {
	w.t.Helper()
	text, err := json.Marshal(rules)
	if err != nil {
		w.t.Fatal(err)
	}
	if status, body := w.control(http.MethodPut, "/control/rules", string(text)); status != http.StatusOK {
		w.t.Fatalf("rules: %d %s", status, body)
	}
}

func (w *world) control(method, path, body string) (int, string) {
	w.t.Helper()
	request, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// authorize asks over HTTP for an amount to be reserved.
func (w *world) authorize(a simulator.Authorization) (remote.Answer, error) {
	w.t.Helper()
	body := fmt.Appendf(nil, `{"version": 1, "operation": "authorize", "account": %q, "live": true, "authorization":
		{"key": %q, "reference": %q, "token": %q, "amount": %d, "currency": %q}}`, account, a.Key, a.Reference, a.Token, a.Amount.Minor, a.Amount.CurrencyCode)
	client := remote.New(remote.Options{Loopback: true, Whole: 2 * time.Second, FirstByte: 500 * time.Millisecond})
	return client.Post(context.Background(), remote.Call{URL: w.url + "/remote/", ID: uuid.NewString(), Body: body, Secrets: secrets})
}

// booked is what the books have reserved under a key.
func (w *world) booked(key string) int64 {
	c, err := w.Books.Charge(key)
	if errors.Is(err, simulator.ErrUnknownCharge) {
		return 0
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Authorized
}

// TestEveryFaultOfCalls says of each what the caller sees, and whether money is reserved all the same: as a rule for
// any token, and the same again as a token of its own where there is one.
func TestEveryFaultOfCalls(t *testing.T) {
	t.Parallel()
	type want struct {
		token  string
		status int // 0 is an error
		body   string
		booked int64
	}
	for fault, want := range map[simulator.Fault]want{
		simulator.Down:       {"", 0, "", 0},
		simulator.Hang:       {"timeout", 0, "", 0},
		simulator.Broken:     {"error", 500, "Something went wrong", 0},
		simulator.Throttled:  {"throttle", 429, "Too many requests", 0},
		simulator.Moved:      {"", 0, "", 0},
		simulator.Slow:       {"slow", 200, `"authorized":4860`, 4860},
		simulator.Malformed:  {"malformed", 200, `"amount": `, 4860},
		simulator.Oversized:  {"", 0, "", 4860},
		simulator.Cut:        {"cut", 0, "", 4860},
		simulator.Dropped:    {"charge_then_drop", 0, "", 4860},
		simulator.AnswerSize: {"", 200, `"authorized":4861`, 4860},
		simulator.AnswerCoin: {"", 200, `"currency":"EUR"`, 4860},
		simulator.AnswerRef:  {"", 200, `"reference":"order_`, 4860},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{Slow: 100 * time.Millisecond})
			try := func(a simulator.Authorization) {
				t.Helper()
				began := time.Now()
				answer, err := w.authorize(a)
				if (want.status == 0) != (err != nil) || answer.Status != want.status || !strings.Contains(string(answer.Body), want.body) {
					t.Errorf("%s: answered with %d %s, %v", a.Token, answer.Status, answer.Body, err)
				}
				if fault == simulator.Throttled && answer.Header.Get("Retry-After") != "1" {
					t.Errorf("the headers are %v", answer.Header)
				}
				if took := time.Since(began); fault == simulator.Slow && took < 100*time.Millisecond {
					t.Errorf("it took %s", took)
				}
				if booked := w.booked(a.Key); booked != want.booked {
					t.Errorf("%s: booked is %d, not %d", a.Token, booked, want.booked)
				}
			}
			a := ask("approve")
			w.rules(simulator.Rule{Fault: fault, Millis: 100})
			try(a)
			w.rules()
			if answer, err := w.authorize(a); err != nil || answer.Status != 200 || !strings.Contains(string(answer.Body), `"authorized":4860`) {
				t.Errorf("when all is well again, it answers %d %s, %v", answer.Status, answer.Body, err)
			}
			if booked := w.booked(a.Key); booked != 4860 {
				t.Errorf("booked is then %d", booked)
			}
			if want.token != "" {
				try(ask(want.token))
			}
			if hits := w.Modes.Hits(); len(hits) != 1 || hits[fault] != 1 {
				t.Errorf("struck is %v", hits)
			}
		})
	}
}

// TestPartTakesHalf: the provider says yes, and takes less.
func TestPartTakesHalf(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	a := ask("approve")
	done(t)(w.Authorize(a))
	w.rules(simulator.Rule{Fault: simulator.Part, Times: 1})
	take := change(a.Key, 3000)
	for range 2 { // the same key has the same answer
		if c := done(t)(w.Capture(take)); c.Captured != 1500 {
			t.Errorf("it took %d", c.Captured)
		}
	}
	if c := done(t)(w.Capture(change(a.Key, 1000))); c.Captured != 2500 {
		t.Errorf("after the fault, it has taken %d", c.Captured)
	}
}

func TestADisputedTokenIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	a := ask("dispute")
	done(t)(w.Authorize(a))
	done(t)(w.Capture(change(a.Key, 3000)))
	if c, err := w.Books.Charge(a.Key); err != nil || c.Disputed != 3000 {
		t.Errorf("disputed is %d, %v", c.Disputed, err)
	}
	if came := w.hear(3); len(came) != 3 {
		t.Errorf("told was %+v", came)
	}
}

// TestEveryFaultOfCallbacks says of each what a shop is told when an amount is reserved.
func TestEveryFaultOfCallbacks(t *testing.T) {
	t.Parallel()
	for fault, want := range map[simulator.Fault]func(w *world, a simulator.Authorization, came []told) bool{
		simulator.Duplicated: func(_ *world, a simulator.Authorization, came []told) bool {
			same := true
			for _, n := range came {
				same = same && n == came[0]
			}
			return same && len(came) == 10 && came[0].Charge == a.Key
		},
		simulator.WrongAmount: func(_ *world, a simulator.Authorization, came []told) bool {
			return came[0].Amount == 4861 && came[0].Charge == a.Key
		},
		simulator.WrongCurrency: func(_ *world, a simulator.Authorization, came []told) bool {
			return came[0].Currency == "EUR" && came[0].Charge == a.Key
		},
		simulator.WrongAccount: func(_ *world, _ simulator.Authorization, came []told) bool {
			return came[0].Account != account
		},
		simulator.WrongReference: func(w *world, a simulator.Authorization, came []told) bool {
			other, err := w.Books.Changed(time.Time{}, 0, 1)
			return err == nil && came[0].Reference == other[0].Asked.Reference && came[0].Reference != a.Reference
		},
		simulator.TestEvent: func(_ *world, _ simulator.Authorization, came []told) bool { return !came[0].Live },
		simulator.Shuffled:  func(_ *world, a simulator.Authorization, came []told) bool { return came[0].Charge == a.Key },
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simulator.Options{})
			before := ask("approve")
			done(t)(w.Authorize(before))
			if n := w.hear(1)[0]; n.Charge != before.Key || n.Amount != 4860 || n.Currency != "USD" || n.Account != account || n.Reference != before.Reference || !n.Live {
				t.Fatalf("without a fault, told is %+v", n)
			}
			w.rules(simulator.Rule{Fault: fault})
			a := ask("approve")
			if answer, err := w.authorize(a); err != nil || answer.Status != 200 {
				t.Fatalf("answered with %d, %v", answer.Status, err)
			}
			expected := 1
			if fault == simulator.Duplicated {
				expected = 10
			}
			if came := w.hear(expected)[1:]; !want(w, a, came) {
				t.Errorf("told is %+v", came)
			}
			if c, err := w.Books.Charge(a.Key); err != nil || totals(c) != [5]int64{4860} || c.Currency != "USD" {
				t.Errorf("the books say %+v, %v", c, err)
			}
		})
	}
}

func TestLostCallbacksNeverCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	w.rules(simulator.Rule{Fault: simulator.Lost})
	done(t)(w.Authorize(ask("approve")))
	w.rules()
	last := ask("approve")
	done(t)(w.Authorize(last))
	if came := w.hear(1); len(came) != 1 || came[0].Charge != last.Key {
		t.Errorf("told is %+v", came)
	}
	if sent := w.Callbacks.Sent(); sent.Lost != 1 {
		t.Errorf("counted is %+v", sent)
	}
}

func TestAnEarlyCallbackComesBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	w.rules(simulator.Rule{Fault: simulator.Early})
	for range 10 {
		a := ask("approve")
		if _, err := w.authorize(a); err != nil {
			t.Fatal(err)
		}
		w.mu.Lock()
		came := len(w.told) > 0 && w.told[len(w.told)-1].Charge == a.Key
		w.mu.Unlock()
		if !came {
			t.Error("the call was answered before its callback was taken")
		}
	}
}

func TestShuffledCallbacksOvertakeEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{Seed: 7})
	w.rules(simulator.Rule{Fault: simulator.Shuffled})
	var sent []string
	for range 20 {
		a := ask("approve")
		done(t)(w.Authorize(a))
		sent = append(sent, a.Key)
	}
	var came []string
	for _, n := range w.hear(20) {
		came = append(came, n.Charge)
	}
	if slices.Equal(sent, came) {
		t.Error("they came in order")
	}
	slices.Sort(sent)
	slices.Sort(came)
	if !slices.Equal(sent, came) {
		t.Errorf("sent were %v, and %v came", sent, came)
	}
}

func TestCallbacksAreRepeatedUntilTheyAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	w.answer = http.StatusServiceUnavailable
	a := ask("approve")
	done(t)(w.Authorize(a))
	w.hear(2)
	w.mu.Lock()
	w.answer = 0
	w.mu.Unlock()
	came := w.hear(1)
	for _, n := range came {
		if n.ID != came[0].ID || n.Charge != a.Key {
			t.Errorf("told is %+v", came)
		}
	}
}

func TestARuleHasBounds(t *testing.T) {
	t.Parallel()
	strikes := func(rule simulator.Rule) []bool {
		w := newWorld(t, simulator.Options{Seed: 42})
		w.rules(rule)
		var list []bool
		for range 40 {
			answer, err := w.authorize(ask("approve"))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, answer.Status == 500)
		}
		return list
	}
	count := func(list []bool) int {
		n := 0
		for _, struck := range list {
			if struck {
				n++
			}
		}
		return n
	}
	third := strikes(simulator.Rule{Fault: simulator.Broken, Share: 0.3})
	if n := count(third); n < 5 || n > 20 {
		t.Errorf("a share of 0.3 struck %d of 40", n)
	}
	if !slices.Equal(third, strikes(simulator.Rule{Fault: simulator.Broken, Share: 0.3})) {
		t.Error("the same seed strikes otherwise")
	}
	if list := strikes(simulator.Rule{Fault: simulator.Broken, Times: 3}); count(list) != 3 || !list[0] || !list[1] || !list[2] {
		t.Errorf("three times are %v", list)
	}
	for _, rule := range []simulator.Rule{
		{Fault: simulator.Broken, Face: "stripe"},
		{Fault: simulator.Broken, Calls: []string{"capture", "lookup"}},
		{Fault: simulator.Broken, Charge: "another"},
	} {
		if n := count(strikes(rule)); n != 0 {
			t.Errorf("%+v struck %d times", rule, n)
		}
	}
	if n := count(strikes(simulator.Rule{Fault: simulator.Broken, Face: "remote", Calls: []string{"authorize"}})); n != 40 {
		t.Errorf("a rule of this face and call struck %d of 40", n)
	}
}

func TestAPendingChargeSettlesByItselfAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "books")
	first := newWorld(t, simulator.Options{Ledger: path, BooksOptions: simulator.BooksOptions{}, Settle: time.Hour})
	a := ask("pending")
	if c := done(t)(first.Authorize(a)); c.State != simulator.Pending {
		t.Fatalf("it is %+v", c)
	}
	first.hear(1)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := newWorld(t, simulator.Options{Ledger: path, Settle: time.Millisecond})
	if n := second.hear(1)[0]; n.Charge != a.Key || n.Amount != 4860 {
		t.Errorf("told is %+v", n)
	}
	if booked := second.booked(a.Key); booked != 4860 {
		t.Errorf("booked is %d", booked)
	}
}

func TestTheChallengePage(t *testing.T) {
	t.Parallel()
	for decision, want := range map[string]simulator.State{"confirm": simulator.Authorized, "refuse": simulator.Declined} {
		w := newWorld(t, simulator.Options{})
		a := ask("challenge")
		done(t)(w.Authorize(a))
		page := strings.TrimPrefix(w.ChallengeURL(a.Key), w.url)
		if status, body := w.control(http.MethodGet, page, ""); status != 200 || !strings.Contains(body, "48.60 USD") || !strings.Contains(body, "<button") {
			t.Errorf("the page is %d %s", status, body)
		}
		for range 2 { // a shopper may press twice
			if status, body := w.control(http.MethodPost, page, url.Values{"decision": {decision}}.Encode()); status != 200 || strings.Contains(body, "<button") {
				t.Errorf("pressed, it is %d %s", status, body)
			}
		}
		if c, err := w.Books.Charge(a.Key); err != nil || c.State != want {
			t.Errorf("%s: it is %+v, %v", decision, c, err)
		}
		if came := w.hear(2); len(came) != 2 || came[1].Charge != a.Key {
			t.Errorf("told is %+v", came)
		}
		if status, _ := w.control(http.MethodGet, "/challenge/nobody", ""); status != 404 {
			t.Errorf("a page of nobody is %d", status)
		}
	}
}

func TestTheControlDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	for _, bad := range []string{`[{"fault": "fire"}]`, `[{"fault": "error", "share": 2}]`, `[{"fault": "error", "times": -1}]`, `{}`, `[`} {
		if status, _ := w.control(http.MethodPut, "/control/rules", bad); status != 400 {
			t.Errorf("%s: %d", bad, status)
		}
	}
	if status, _ := w.control(http.MethodPut, "/control/callbacks", `{"face": "nobody", "url": "http://127.0.0.1/"}`); status != 400 {
		t.Errorf("callbacks of nobody: %d", status)
	}
	a := ask("approve")
	done(t)(w.Authorize(a))
	for _, step := range []struct {
		path string
		want [5]int64
	}{
		{"capture?amount=3000", [5]int64{4860, 3000, 0, 0, 0}},
		{"refund?amount=500", [5]int64{4860, 3000, 500, 0, 0}},
		{"dispute?amount=100", [5]int64{4860, 3000, 500, 0, 100}},
		{"expire", [5]int64{4860, 3000, 500, 1860, 100}},
		{"settle", [5]int64{4860, 3000, 500, 1860, 100}},
	} {
		status, body := w.control(http.MethodPost, "/control/charges/"+a.Key+"/"+step.path, "")
		var answer simulator.Answer
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 || totals(answer.Charge) != step.want {
			t.Errorf("%s: %d %s", step.path, status, body)
		}
	}
	if came := w.hear(5); len(came) != 5 {
		t.Errorf("told is %+v", came)
	}
	for path, want := range map[string]int{
		"/control/charges/" + a.Key + "/burn": 404, "/control/charges/nobody/settle": 404, "/control/charges/" + a.Key + "/capture?amount=x": 400,
	} {
		if status, body := w.control(http.MethodPost, path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	status, body := w.control(http.MethodGet, "/control/charges", "")
	var all []simulator.Charge
	if err := json.Unmarshal([]byte(body), &all); err != nil || status != 200 || len(all) != 1 || all[0].Asked.Reference != a.Reference {
		t.Errorf("the books are %d %s", status, body)
	}
	if status, body := w.control(http.MethodGet, fmt.Sprintf("/control/charges?after=%d", all[0].Change), ""); status != 200 || strings.TrimSpace(body) != "[]" {
		t.Errorf("the page after is %d %s", status, body)
	}
}
