package payment_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

var errCrash = errors.New("the process dies here")

// crash is the end of a job in a process that dies before it can commit: all of the transaction is lost.
var crash = payment.Ends(1, func(*pgx.Batch, []int64) error { return errCrash })

// TestACrashBetweenAnswerAndCommitChargesOnce loses the provider's answer with the process. The lease keeps everybody
// away until it has run out; then the outcome is looked up, and not asked for again.
func TestACrashBetweenAnswerAndCommitChargesOnce(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"approve", "charge_then_drop", "slow"} {
		t.Run(token, func(t *testing.T) {
			d := newDesk(t)
			order := d.place(token, "approve")
			if err := d.Authorize(t.Context(), order, "job:authorize_payment:1", crash); !errors.Is(err, errCrash) {
				t.Fatalf("it did not crash: %v", err)
			}
			var later *payment.Later
			if err := d.authorize(order); !errors.As(err, &later) || later.In > quick.Lease {
				t.Fatalf("while the lease runs, another worker gets %v", err)
			}
			d.settle(order)
			d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
				"order.placed", "payment.started", "payment.authorized", "order.confirmed")
			d.mustBook(order, books{Charges: 1, Authorized: total})
			d.mustAgree(order)
		})
	}
}

// TestACrashBeforeTheCallChargesOnce dies after the intent: the provider never heard of the key.
func TestACrashBeforeTheCallChargesOnce(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	dying, die := context.WithCancel(t.Context())
	m.before = once("authorize", die)
	_ = d.Authorize(dying, order, "job:authorize_payment:1", crash)
	d.mustBook(order, books{})
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed {
		t.Errorf("order is %s", o.Status)
	}
}

// TestACrashAfterMovingMoneyMovesItOnce loses the provider's answer to a capture, a refund and a release.
func TestACrashAfterMovingMoneyMovesItOnce(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	d.capture(order)
	for range 2 { // the capture, then the refund
		if err := d.Operate(t.Context(), order, "job:move_money:1", crash); !errors.Is(err, errCrash) {
			t.Fatalf("it did not crash: %v", err)
		}
		d.settle(order)
		d.mustAgree(order)
		if d.order(order).Status == orders.StatusConfirmed {
			d.cancel(order)
		}
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total})
	d.mustOweNothing(order)
}

// TestManyWorkersOnOneOrderChargeOnce lets workers, callbacks and the shopper's cancellation loose on one order.
func TestManyWorkersOnOneOrderChargeOnce(t *testing.T) {
	t.Parallel()
	for name, tokens := range map[string][]string{
		"approve": {"approve"}, "after a decline": {"decline", "approve"}, "after errors": {"error", "charge_then_drop"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			order := d.place(tokens...)
			var workers sync.WaitGroup
			for range 4 {
				workers.Go(func() {
					for range 30 {
						if err := d.authorize(order); err != nil {
							var later *payment.Later
							if !errors.As(err, &later) {
								t.Errorf("worker: %v", err)
								return
							}
						}
					}
				})
			}
			workers.Wait()
			d.settle(order)
			d.mustBook(order, books{Charges: 1, Authorized: total})
			d.mustAgree(order)
			if o := d.order(order); o.Status != orders.StatusConfirmed {
				t.Errorf("order is %s: %v", o.Status, d.kinds(order))
			}
		})
	}
}

// TestWorkersAndACancellationAtOnce must end with nothing reserved, whoever is faster.
func TestWorkersAndACancellationAtOnce(t *testing.T) {
	d := newDesk(t)
	for range 10 {
		order := d.place("approve")
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _ = d.authorize(order) })
		}
		all.Go(func() { d.cancel(order) })
		all.Go(func() { _ = d.Operate(t.Context(), order, "job:move_money:1", finished) })
		all.Wait()
		d.settle(order)
		b := d.books(order)
		if b.Authorized != b.Voided {
			t.Fatalf("the provider still holds %d: %v", b.Authorized-b.Voided, d.kinds(order))
		}
		d.mustAgree(order)
		d.mustOweNothing(order)
	}
}
