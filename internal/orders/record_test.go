package orders_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

func authorized(o orders.Order) orders.PaymentAuthorized {
	return orders.PaymentAuthorized{AttemptID: id.NewPaymentAttemptID(), Attempt: 1, Provider: "test", Amount: o.TotalPrice}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	o = d.mustRecord(o.ID, orders.PaymentStarted{AttemptID: id.NewPaymentAttemptID(), Attempt: 1, Provider: "test", Amount: o.TotalPrice})
	o = d.mustRecord(o.ID, authorized(o), orders.Confirmed{})
	if o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialAuthorized || o.Version != 4 || o.Deadline != nil {
		t.Errorf("the order is %s, %s, version %d, deadline %v", o.Status, o.FinancialStatus, o.Version, o.Deadline)
	}
	want := []string{"order.placed", "payment.started", "payment.authorized", "order.confirmed"}
	if got := d.kinds(o.ID); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	d.sameAsRow(o)
}

func TestRecordRefusesWhatTheStateForbids(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	o = d.mustRecord(o.ID, orders.Cancelled{Reason: orders.CancelCustomer})
	for _, data := range []event.Data{
		orders.Confirmed{},
		orders.Expired{},
		orders.Cancelled{Reason: orders.CancelStaff},
		lamp(),
		orders.PaymentMethodsUpdated{Deadline: time.Now()},
		orders.PaymentActionRequired{Deadline: time.Now()},
		orders.PaymentStarted{AttemptID: id.NewPaymentAttemptID(), Amount: o.TotalPrice},
	} {
		_, err := d.record(o.ID, data)
		if f, ok := fault.As(err); !ok || f.Kind != fault.Conflict || f.Code != "NOT_ALLOWED" {
			t.Errorf("%s of a cancelled order: %v", data.Kind(), err)
		}
	}
	// One of several that does not fit takes the others with it.
	if _, err := d.record(o.ID, authorized(o), orders.Confirmed{}); !fault.IsKind(err, fault.Conflict) {
		t.Errorf("confirmed after a cancellation: %v", err)
	}
	if got := d.kinds(o.ID); len(got) != 2 {
		t.Errorf("events %v", got)
	}
	d.sameAsRow(o)

	// Money that comes too late is a fact, and goes back.
	o = d.mustRecord(o.ID, authorized(o))
	if o.Status != orders.StatusCancelled || o.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("after a late success the order is %s, %s", o.Status, o.FinancialStatus)
	}
	o = d.mustRecord(o.ID, orders.PaymentVoided{AttemptID: id.NewPaymentAttemptID(), Provider: "test", Amount: o.TotalPrice})
	if o.FinancialStatus != orders.FinancialVoided {
		t.Errorf("after letting go the order is %s", o.FinancialStatus)
	}
}

func TestMoneyThatIsNotThereIsNotRecorded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	attempt := id.NewPaymentAttemptID()
	for name, data := range map[string][]event.Data{
		"capture of nothing":    {orders.PaymentCaptured{AttemptID: attempt, Amount: usd(1)}},
		"void of nothing":       {orders.PaymentVoided{AttemptID: attempt, Amount: usd(1)}},
		"refund of nothing":     {orders.PaymentRefunded{AttemptID: attempt, Amount: usd(1)}},
		"more than the total":   {orders.PaymentAuthorized{AttemptID: attempt, Amount: usd(o.TotalPrice.Minor + 1)}},
		"negative":              {orders.PaymentAuthorized{AttemptID: attempt, Amount: usd(-1)}},
		"another currency":      {orders.PaymentAuthorized{AttemptID: attempt, Amount: euro(o.TotalPrice.Minor)}},
		"captured twice":        {authorized(o), orders.PaymentCaptured{Amount: o.TotalPrice}, orders.PaymentCaptured{Amount: usd(1)}},
		"refunded twice":        {authorized(o), orders.PaymentCaptured{Amount: o.TotalPrice}, orders.PaymentRefunded{Amount: o.TotalPrice}, orders.PaymentRefunded{Amount: usd(1)}},
		"voided after captured": {authorized(o), orders.PaymentCaptured{Amount: o.TotalPrice}, orders.PaymentVoided{Amount: usd(1)}},
	} {
		if _, err := d.record(o.ID, data...); err == nil {
			t.Errorf("%s was recorded", name)
		}
	}
	if got := d.kinds(o.ID); len(got) != 1 {
		t.Errorf("events %v", got)
	}
}

func TestManyWritersOfOneOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	var confirmed, refused atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := d.record(o.ID, authorized(o), orders.Confirmed{})
			switch {
			case err == nil:
				confirmed.Add(1)
			case fault.IsKind(err, fault.Conflict):
				refused.Add(1)
			default:
				t.Errorf("record: %v", err)
			}
		})
	}
	wg.Wait()
	if confirmed.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d confirmed the order, %d were refused", confirmed.Load(), refused.Load())
	}
	events, err := event.Read(t.Context(), d.pool, o.ID, 0, 100)
	if err != nil || len(events) != 3 || event.Verify(events) != nil {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func TestExpectedVersion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	if err := orders.Expect(o, nil); err != nil {
		t.Errorf("who expects nothing is refused: %v", err)
	}
	if err := orders.Expect(o, ptr(1)); err != nil {
		t.Errorf("who expects the current version is refused: %v", err)
	}
	f, ok := fault.As(orders.Expect(o, ptr(2)))
	if !ok || f.Kind != fault.Conflict || f.Data["currentVersion"] != 1 {
		t.Errorf("who expects another version gets %+v", f)
	}
}

func TestLockOfNoOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	err := d.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := d.Lock(ctx, tx, id.NewOrderID())
		return err
	})
	if !fault.IsKind(err, fault.NotFound) {
		t.Errorf("locked with %v", err)
	}
}
