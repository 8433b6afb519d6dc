package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	d.capture(running)
	looked := false
	m.before = once("capture", func() {
		looked = true
		if s := one(running, payment.StepMove, operations.Running); s.Reason == nil || *s.Reason != "The payment provider is being asked, and has not answered yet." {
			t.Errorf("what is being taken runs as %+v", s)
		}
	})
	d.settle(running)
	if !looked {
		t.Error("nothing was taken")
	}
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
	if s := one(pending, payment.StepAuthorize, operations.Blocked); s.Reason == nil || *s.Reason != "The payment provider decides later, and tells us then." {
		t.Errorf("while the provider decides, it tells %+v", s)
	}
	m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		if errors.Is(err, payment.ErrActionRequired) {
			err = payment.ErrActionRequired // in no words
		}
		return c, err
	}
	speechless := d.place("challenge")
	d.settle(speechless)
	if s := one(speechless, payment.StepAuthorize, operations.Blocked); s.Reason == nil || *s.Reason != "The payment provider waits for you to confirm the payment." {
		t.Errorf("of a challenge without words it tells %+v", s)
	}
	m.answer = nil

	d.cancel(running)
	one(running, payment.StepMove, operations.Waiting)
}

// TestProcessTellsWhyItHangs: whoever looks at an order sees what its step waits for, and not only the log.
func TestProcessTellsWhyItHangs(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	why := func(order id.OrderID) string {
		t.Helper()
		steps, err := d.Process(t.Context(), d.pool, order)
		if err != nil || len(steps) != 1 || steps[0].State != operations.Retrying || steps[0].Reason == nil {
			t.Fatalf("it tells %+v, %v", steps, err)
		}
		return *steps[0].Reason
	}
	const gone, misfit = "The shop is not connected to this payment provider at the moment.",
		"The answer of the payment provider does not fit what it was asked for; we are checking."

	lies := func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		c.Captured.Minor += total + 1
		return c, err
	}
	asked := d.place("approve")
	m.answer = lies
	d.work(d.authorize(asked))
	if got := why(asked); got != misfit {
		t.Errorf("of an answer that does not fit it tells %q", got)
	}
	m.answer = nil
	d.settle(asked)
	if a := d.attempts(asked)[0]; a.State() != payment.AttemptAuthorized || a.Reason != nil {
		t.Errorf("when it is done, it is %s, %v", a.State(), a.Reason)
	}

	taking := d.place("approve")
	d.settle(taking)
	d.capture(taking)
	move := func(order id.OrderID) { d.work(d.Operate(t.Context(), order, "job:move_money:1", finished)) }
	m.answer = lies
	move(taking)
	if got := why(taking); got != misfit {
		t.Errorf("of a capture whose answer does not fit it tells %q", got)
	}
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		c.Captured.Minor = 0
		return c, err
	}
	time.Sleep(quick.MaxRetry) // the pause that the job was told to make
	move(taking)
	if got := why(taking); got != "The payment provider has agreed to this, and is still working on it." {
		t.Errorf("of a capture that does not show it tells %q", got)
	}
	m.answer = nil
	d.settle(taking)
	d.mustOweNothing(taking)
	d.mustBook(taking, books{Charges: 1, Authorized: total, Captured: total})

	unplugged := d.place("approve")
	d.settle(unplugged)
	d.capture(unplugged)
	d.exec(`update payment_attempt set provider = 'sold' where order_id = $1`, unplugged)
	move(unplugged)
	if got := why(unplugged); got != gone {
		t.Errorf("of a provider that is not there any more it tells %q", got)
	}
	stranger := d.placeUnpaid(30 * time.Minute)
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, stranger)
		if err != nil {
			return err
		}
		return d.Start(ctx, tx, o, []payment.Method{{Provider: "sold", Token: methods("approve")[0].Token}})
	})
	d.work(d.authorize(stranger))
	if got := why(stranger); got != gone {
		t.Errorf("of a method whose provider is not there any more it tells %q", got)
	}
}

// TestProcessTellsWhatAMovementWaitsFor: parts are taken one after the other, and the second says that it is not its turn.
func TestProcessTellsWhatAMovementWaitsFor(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	must(t, d.take(order, "20.00"))
	must(t, d.take(order, "10.00"))
	m.before = once("capture", func() {
		steps, err := d.Process(t.Context(), d.pool, order)
		must(t, err)
		if len(steps) != 2 {
			t.Fatalf("it tells %+v", steps)
		}
		for _, s := range steps {
			switch {
			case s.Name != payment.StepMove || s.NextTryAt != nil:
				t.Errorf("it tells %+v", s)
			case s.State == operations.Running && s.Reason != nil && *s.Reason == "The payment provider is being asked, and has not answered yet.":
			case s.State == operations.Waiting && s.Reason != nil && *s.Reason == "What was asked for before it is done first.":
			default:
				t.Errorf("it tells %+v", s)
			}
		}
		if steps[0].State == steps[1].State {
			t.Errorf("both are %s", steps[0].State)
		}
	})
	d.settle(order)
	d.mustOweNothing(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: 3000})
}
