package simulator_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/payment/simulator"
)

func TestEachCallIsOverheardAlsoOneThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Options{})
	_, _ = w.authorize(ask("approve"))
	heard := w.Overhear()
	w.rules(simulator.Rule{Fault: simulator.Down, Times: 1})
	a := ask("approve")
	if _, err := w.authorize(a); err == nil {
		t.Error("the first call was answered")
	}
	if _, err := w.authorize(a); err != nil {
		t.Error(err)
	}
	calls := heard()
	if len(calls) != 2 {
		t.Fatalf("heard is %+v, want two calls", calls)
	}
	for _, c := range calls {
		if c.Operation != "authorize" || c.Charge != a.Key {
			t.Errorf("heard is %+v, want authorize of %s", c, a.Key)
		}
	}
	if calls[1].At.Before(calls[0].At) {
		t.Error("they are not in their order")
	}
}
