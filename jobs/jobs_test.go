package jobs_test

import (
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/shoptest"
)

func TestAnOrderIsPaidInTheBackground(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "decline", "approve")
	confirmed := o.await(order, "order.confirmed")
	if confirmed.Status != orders.StatusConfirmed || confirmed.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("order is %s and %s", confirmed.Status, confirmed.FinancialStatus)
	}
	o.mustHave(order, "order.placed", "payment.started", "payment.declined", "payment.started", "payment.authorized", "order.confirmed")
}

func TestAnUnpaidOrderExpiresAtItsDeadline(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(300*time.Millisecond, "error")
	expired := o.await(order, "order.expired")
	if expired.Status != orders.StatusExpired {
		t.Errorf("order is %s", expired.Status)
	}
}

func TestAPendingPaymentSettlesByCallback(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "pending")
	o.await(order, "order.confirmed")
	o.mustHave(order, "order.placed", "payment.started", "payment.pending", "payment.authorized", "order.confirmed")
}
