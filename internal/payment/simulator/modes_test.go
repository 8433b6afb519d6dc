package simulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment/simulator"
)

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
