package payment_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// hold keeps a row locked until it is let go.
func (d *desk) hold(sql string, order id.OrderID) (letGo func()) {
	d.t.Helper()
	held, released, over := make(chan error, 1), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		err := pg.InTx(context.WithoutCancel(d.t.Context()), d.pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(context.WithoutCancel(d.t.Context()), `set local idle_in_transaction_session_timeout = 0`)
			if err == nil {
				_, err = tx.Exec(context.WithoutCancel(d.t.Context()), sql, order)
			}
			held <- err
			<-released
			return err
		})
		if err != nil {
			d.t.Error(err)
		}
	}()
	if err := <-held; err != nil {
		d.t.Fatal(err)
	}
	return sync.OnceFunc(func() { close(released); <-over })
}

// waiting waits until somebody waits for a lock of the database.
func (d *desk) waiting() {
	d.t.Helper()
	const waitingSQL = `
select exists (select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database())`
	limit := time.Now().Add(20 * time.Second)
	for yes := false; !yes; {
		if err := d.pool.QueryRow(d.t.Context(), waitingSQL).Scan(&yes); err != nil || time.Now().After(limit) {
			d.t.Fatalf("nobody waits for a lock: %v", err)
		}
	}
}

// queued waits until so many steps wait for the transaction that runs.
func (d *desk) queued(n int) {
	d.t.Helper()
	for limit := time.Now().Add(20 * time.Second); d.StepsWaiting() != n; {
		if time.Now().After(limit) {
			d.t.Fatalf("%d steps wait, want %d", d.StepsWaiting(), n)
		}
		runtime.Gosched()
	}
}

// transactions counts those in which events of a kind were written.
func (d *desk) transactions(kind string) (n int) {
	d.t.Helper()
	const transactionsSQL = `select count(distinct tx) from event where kind = $1`
	if err := d.pool.QueryRow(d.t.Context(), transactionsSQL, kind).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// TestStepsOfManyOrdersAreTakenTogether: what comes while a transaction runs goes into the next one, whole.
func TestStepsOfManyOrdersAreTakenTogether(t *testing.T) {
	d := newDesk(t)
	first, many := d.place("approve"), make([]id.OrderID, 20)
	for i := range many {
		many[i] = d.place("approve")
	}
	letGo := d.hold(`select from payment where order_id = $1 for update`, first)
	defer letGo()
	var all sync.WaitGroup
	all.Go(func() { d.work(d.authorize(first)) })
	d.waiting()
	for _, order := range many {
		all.Go(func() { d.work(d.authorize(order)) })
	}
	d.queued(len(many))
	letGo()
	all.Wait()
	for _, order := range append(many, first) {
		d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
			"order.placed", "payment.started", "payment.authorized", "order.confirmed")
		d.mustBook(order, books{Charges: 1, Authorized: total})
		d.mustAgree(order)
	}
	if n := d.transactions("payment.started"); n != 2 {
		t.Errorf("the payments of the one and of the many began in %d transactions", n)
	}
}

// TestAHeldOrderKeepsNoOtherWaiting: its step waits, those of all others go on.
func TestAHeldOrderKeepsNoOtherWaiting(t *testing.T) {
	d := newDesk(t)
	held, free := d.place("approve"), d.place("approve")
	letGo := d.hold(`select from orders where id = $1 for update`, held)
	defer letGo()
	var waits sync.WaitGroup
	waits.Go(func() { d.work(d.authorize(held)) })
	d.waiting()
	d.settle(free)
	d.mustHave(free, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed")
	d.mustHave(held, orders.StatusPendingPayment, orders.FinancialPending, "order.placed")
	letGo()
	waits.Wait()
	d.mustHave(held, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed")
}

// TestAJobThatCannotEndKeepsNoOtherFromEnding: of what was decided together, one fails, and each is done alone.
func TestAJobThatCannotEndKeepsNoOtherFromEnding(t *testing.T) {
	d := newDesk(t)
	first, bad, good := d.place("approve"), d.place("approve"), d.place("approve")
	ended := make(chan int64, 10)
	job := func(n int64) payment.Done {
		return payment.Ends(n, func(_ *pgx.Batch, jobs []int64) error {
			if slices.Contains(jobs, 2) {
				return errCrash
			}
			for _, n := range jobs {
				ended <- n
			}
			return nil
		})
	}
	letGo := d.hold(`select from payment where order_id = $1 for update`, first)
	defer letGo()
	var all sync.WaitGroup
	all.Go(func() { d.work(d.Authorize(t.Context(), first, "job:authorize_payment:1", job(1))) })
	d.waiting()
	var failed error
	all.Go(func() { failed = d.Authorize(t.Context(), bad, "job:authorize_payment:2", job(2)) })
	all.Go(func() { d.work(d.Authorize(t.Context(), good, "job:authorize_payment:3", job(3))) })
	d.queued(2)
	letGo()
	all.Wait()
	if !errors.Is(failed, errCrash) {
		t.Errorf("the job that can't end got %v", failed)
	}
	d.mustHave(good, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed")
	d.mustHave(bad, orders.StatusPendingPayment, orders.FinancialPending, "order.placed", "payment.started")
	d.settle(bad)
	d.mustBook(bad, books{Charges: 1, Authorized: total})
	d.mustAgree(bad)
}
