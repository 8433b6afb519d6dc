package payment_test

import (
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/payment"
)

func TestProcessTellsWhatIsStillToBeDone(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	look := func(order id.OrderID) []operations.OrderProcessStep {
		steps, err := d.Process(t.Context(), d.pool, order)
		if err != nil {
			t.Fatal(err)
		}
		return steps
	}
	one := func(order id.OrderID, name string, state operations.OrderProcessState) operations.OrderProcessStep {
		t.Helper()
		steps := look(order)
		if len(steps) != 1 || steps[0].Name != name || steps[0].State != state {
			t.Fatalf("it tells %+v, not one %s that is %s", steps, name, state)
		}
		return steps[0]
	}

	running := d.place("approve")
	m.before = once("authorize", func() {
		if s := one(running, payment.StepAuthorize, operations.Running); s.Attempt != 1 || s.NextTryAt != nil {
			t.Errorf("it runs as %+v", s)
		}
	})
	d.settle(running)
	if steps := look(running); len(steps) != 0 {
		t.Errorf("when all is done it tells %+v", steps)
	}

	unknown := d.place("error")
	d.work(d.authorize(unknown))
	if s := one(unknown, payment.StepAuthorize, operations.Retrying); s.NextTryAt == nil || s.Reason == nil || time.Until(*s.NextTryAt) > time.Minute {
		t.Errorf("unknown, it tells %+v", s)
	}

	asked := d.place("challenge")
	d.settle(asked)
	if s := one(asked, payment.StepAuthorize, operations.Blocked); s.Reason == nil || *s.Reason == "" {
		t.Errorf("the shopper is told %+v", s)
	}

	pending := d.place("pending")
	d.work(d.authorize(pending))
	one(pending, payment.StepAuthorize, operations.Blocked)

	d.cancel(running)
	one(running, payment.StepMove, operations.Waiting)
}
