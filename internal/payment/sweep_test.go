package payment_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

func (d *desk) overdue() payment.Overdue {
	d.t.Helper()
	var found payment.Overdue
	d.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		found, err = d.TakeOverdue(ctx, tx, 100)
		return err
	})
	return found
}

// later lets time pass for everything that the sweep looks at.
func (d *desk) later(by time.Duration) {
	d.t.Helper()
	for _, sql := range []string{
		`update payment set due_at = due_at - $1::interval, expiry_due_at = expiry_due_at - $1::interval, deadline = deadline - $1::interval`,
		`update payment_attempt set lease_until = lease_until - $1::interval, next_try_at = next_try_at - $1::interval`,
		`update payment_operation set due_at = due_at - $1::interval, lease_until = lease_until - $1::interval, next_try_at = next_try_at - $1::interval`,
	} {
		if _, err := d.pool.Exec(d.t.Context(), sql, by); err != nil {
			d.t.Fatal(err)
		}
	}
}

func has(list []id.OrderID, order id.OrderID) bool { return slices.Contains(list, order) }

// TestTheSweepTakesUpWhatIsLeftLying: a step whose job was lost, one whose worker has died, one whose time has come.
func TestTheSweepTakesUpWhatIsLeftLying(t *testing.T) {
	d := newDesk(t)
	lost := d.place("approve") // its job never ran
	dead := d.place("approve")
	if err := d.Authorize(t.Context(), dead, "job:authorize_payment:1", crash); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	unknown := d.place("error")
	d.work(d.authorize(unknown))
	release := d.place("approve")
	d.settle(release)
	d.cancel(release)
	unpaid := d.place("decline")
	d.settle(unpaid)
	done := d.place("approve")
	d.settle(done)

	if found := d.overdue(); len(found.Authorize)+len(found.Operate)+len(found.Expire) != 0 {
		t.Errorf("nothing is overdue yet, but it takes up %+v", found)
	}
	d.later(10 * time.Second)
	found := d.overdue()
	for name, order := range map[string]id.OrderID{"lost": lost, "dead": dead, "unknown": unknown} {
		if !has(found.Authorize, order) {
			t.Errorf("%s is not taken up", name)
		}
	}
	if len(found.Authorize) != 3 || !slices.Equal(found.Operate, []id.OrderID{release}) || len(found.Expire) != 0 {
		t.Errorf("it takes up %+v", found)
	}
	if again := d.overdue(); len(again.Authorize)+len(again.Operate)+len(again.Expire) != 0 {
		t.Errorf("what was just taken up is taken up again: %+v", again)
	}
	for _, order := range found.Authorize {
		d.settleMost(order)
	}
	d.settle(release)
	for _, order := range []id.OrderID{lost, dead} {
		if o := d.order(order); o.Status != orders.StatusConfirmed {
			t.Errorf("order is %s: %v", o.Status, d.kinds(order))
		}
		d.mustBook(order, books{Charges: 1, Authorized: total})
	}
	d.mustOweNothing(release)

	d.later(time.Hour)
	if found := d.overdue(); !has(found.Expire, unpaid) || has(found.Expire, done) || has(found.Expire, release) {
		t.Errorf("an hour later it lets expire %v", found.Expire)
	}
}

// settleMost works the jobs of an order that may never come to rest by itself.
func (d *desk) settleMost(order id.OrderID) {
	d.t.Helper()
	for range 3 {
		d.work(d.authorize(order))
	}
}

func TestTwoSweepsAtOnceShareTheWork(t *testing.T) {
	d := newDesk(t)
	for range 20 {
		d.place("approve")
	}
	d.later(10 * time.Second)
	var mu sync.Mutex
	taken := map[id.OrderID]int{}
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			for _, order := range d.overdue().Authorize {
				mu.Lock()
				taken[order]++
				mu.Unlock()
			}
		})
	}
	both.Wait()
	if len(taken) != 20 {
		t.Errorf("%d orders were taken up", len(taken))
	}
	for order, times := range taken {
		if times != 1 {
			t.Errorf("%s was taken up %d times", order, times)
		}
	}
}

// TestNobodyIsAskedAfterTheDeadline: what comes then is the expiry's business.
func TestNobodyIsAskedAfterTheDeadline(t *testing.T) {
	d := newDesk(t)
	order := d.placeUntil(-time.Second, "approve")
	d.settle(order)
	d.mustHave(order, orders.StatusPendingPayment, orders.FinancialPending, "order.placed")
	d.mustBook(order, books{})
}
