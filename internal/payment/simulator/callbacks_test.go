package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/payment/simulator"
)

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

// TestACallbackThatOneDoesNotTakeGoesToTheNext sends to the shop and to a process of it that is down.
func TestACallbackThatOneDoesNotTakeGoesToTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	shop := httptest.NewServer(http.HandlerFunc(w.listen))
	t.Cleanup(shop.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	w.Callbacks.Send("remote", gone.URL, "", shop.URL)
	var asked []string
	for range 4 {
		a := ask("approve")
		done(t)(w.Authorize(a))
		asked = append(asked, a.Key)
	}
	var came []string
	for _, n := range w.hear(4) {
		came = append(came, n.Charge)
	}
	slices.Sort(asked)
	slices.Sort(came)
	if !slices.Equal(asked, came) || w.Callbacks.Sent().Refused == 0 {
		t.Errorf("of %v came %v; counted is %+v", asked, came, w.Callbacks.Sent())
	}
	w.Callbacks.Send("remote", "")
	before := w.quiet() // what has come may not have been answered yet
	done(t)(w.Authorize(ask("approve")))
	if after := w.Callbacks.Sent(); after.Waiting != 0 || after.Refused != before.Refused {
		t.Errorf("something is sent to nowhere: %+v", after)
	}
}
