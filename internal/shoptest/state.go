package shoptest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// State is how far an order has come.
type State string

// The states that Order brings an order to.
const (
	Placed         State = "placed"          // accepted; nobody has asked a provider yet
	ActionRequired State = "action required" // declined; the shopper is asked for new payment details
	Confirmed      State = "confirmed"       // the money is reserved
	Paid           State = "paid"            // and taken
	Cancelled      State = "cancelled"       // after the money was reserved, which is given back
	Expired        State = "expired"         // the shopper did not act in time
)

// Order gives an order of one thing for 25.00 USD and its shipping, in this state. It goes the way of any order,
// through the functions that the API and the jobs call, and works beside jobs that run as well as without.
func Order(t testing.TB, s *Shop, state State) checkout.Placement {
	t.Helper()
	name := fmt.Sprintf("order-%d", s.orders.Add(1))
	token := "approve"
	if state == ActionRequired || state == Expired {
		token = "decline"
	}
	placed := s.Place(t, name, s.Goods(t, name, "25.00", 1), 1, token)
	w := walk{t, s, placed.Order}
	switch state {
	case Placed:
	case ActionRequired:
		w.pay(orders.StatusActionRequired)
	case Confirmed:
		w.pay(orders.StatusConfirmed)
	case Paid:
		w.pay(orders.StatusConfirmed)
		w.capture()
	case Cancelled:
		w.pay(orders.StatusConfirmed)
		w.cancel()
	case Expired:
		w.pay(orders.StatusActionRequired)
		w.expire()
	default:
		t.Fatalf("there is no state %q", state)
	}
	placed.Order = w.order
	return placed
}

// walk is an order on its way.
type walk struct {
	t     testing.TB
	s     *Shop
	order orders.Order
}

func (w *walk) pay(until orders.OrderStatus) {
	w.t.Helper()
	w.work(w.s.Payments.Authorize, func() bool { return w.order.Status == until })
}

func (w *walk) capture() {
	w.t.Helper()
	if _, err := w.s.Payments.Capture(w.t.Context(), access.SystemActor, payment.PaymentCaptureInput{
		IdempotencyKey: "capture " + w.order.Name, OrderID: w.order.ID.String(),
	}); err != nil {
		w.t.Fatal(err)
	}
	w.work(w.s.Payments.Operate, func() bool { return w.order.FinancialStatus == orders.FinancialPaid })
}

func (w *walk) cancel() {
	w.t.Helper()
	if _, err := w.s.Checkout.Cancel(w.t.Context(), access.SystemActor, checkout.OrderCancelInput{
		IdempotencyKey: "cancel " + w.order.Name, OrderID: w.order.ID.String(),
	}); err != nil {
		w.t.Fatal(err)
	}
	w.work(w.s.Payments.Operate, func() bool { return w.order.FinancialStatus == orders.FinancialVoided })
}

// expire asks the shopper once more, with a deadline that has passed.
func (w *walk) expire() {
	w.t.Helper()
	ctx := w.t.Context()
	err := pg.InTx(ctx, w.s.Pool, func(tx pgx.Tx) error {
		o, err := w.s.Orders.Lock(ctx, tx, w.order.ID)
		if err != nil {
			return err
		}
		return w.s.Orders.Record(ctx, tx, &o, "system", "test",
			orders.PaymentActionRequired{Deadline: time.Now().Add(-time.Second), Reason: "Declined."})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.work(w.s.Checkout.Expire, func() bool { return w.order.Status == orders.StatusExpired })
}

// work does a job by hand until the order is there. A job of the shop's own may be faster, or hold the order for a
// moment.
func (w *walk) work(job func(context.Context, id.OrderID, string, payment.Done) error, there func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	for {
		err := job(ctx, w.order.ID, "test", payment.Done{})
		var later *payment.Later
		if err != nil && !errors.As(err, &later) {
			w.t.Fatal(err)
		}
		if w.order, err = w.s.Orders.Order(ctx, w.s.Pool, w.order.ID); err != nil {
			w.t.Fatal(err)
		}
		if there() {
			return
		}
		wait := 10 * time.Millisecond
		if later != nil {
			wait = min(later.In, 100*time.Millisecond)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			w.t.Fatalf("order %s is %s and %s", w.order.Name, w.order.Status, w.order.FinancialStatus)
		}
	}
}
