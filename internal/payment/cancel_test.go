package payment_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

// TestCancelAtAnyMoment calls an order off at each moment of its payment. Whenever it is, nothing stays reserved or
// taken, both books agree, and what never was is not undone.
func TestCancelAtAnyMoment(t *testing.T) {
	t.Parallel()
	started := []string{"order.placed", "payment.started"}
	type end struct {
		financial orders.OrderFinancialStatus
		books     books
		kinds     []string
	}
	released := books{Charges: 1, Authorized: total, Voided: total}
	for name, c := range map[string]struct {
		tokens []string
		cancel func(d *desk, m *meddler, order id.OrderID)
		want   end
	}{
		"before anybody is asked": {
			[]string{"approve"},
			func(d *desk, _ *meddler, order id.OrderID) { d.cancel(order) },
			end{orders.FinancialVoided, books{}, []string{"order.placed", "order.cancelled"}},
		},
		"while the call is on its way": {
			[]string{"approve"},
			func(d *desk, m *meddler, order id.OrderID) {
				m.before = once("authorize", func() { d.cancel(order) })
				d.settle(order)
			},
			end{orders.FinancialVoided, released, append(slices.Clone(started),
				"order.cancelled", "payment.compensation_started", "payment.authorized", "payment.voided")},
		},
		"while the call is on its way, and the release overtakes it": {
			[]string{"approve"},
			func(d *desk, m *meddler, order id.OrderID) {
				m.before = once("authorize", func() {
					d.cancel(order)
					d.work(d.Operate(d.t.Context(), order, "job:move_money:1", finished))
				})
				d.settle(order)
			},
			end{orders.FinancialVoided, books{}, append(slices.Clone(started),
				"order.cancelled", "payment.compensation_started", "payment.voided")},
		},
		"when the provider has booked but its answer is not read yet": {
			[]string{"approve"},
			func(d *desk, m *meddler, order id.OrderID) {
				m.after = once("authorize", func() { d.cancel(order) })
				d.settle(order)
			},
			end{orders.FinancialVoided, released, append(slices.Clone(started),
				"order.cancelled", "payment.compensation_started", "payment.authorized", "payment.voided")},
		},
		"when the provider has booked, and the release overtakes the answer": {
			[]string{"approve"},
			func(d *desk, m *meddler, order id.OrderID) {
				m.after = once("authorize", func() {
					d.cancel(order)
					d.work(d.Operate(d.t.Context(), order, "job:move_money:1", finished))
				})
				d.settle(order)
			},
			end{orders.FinancialVoided, released, append(slices.Clone(started),
				"order.cancelled", "payment.compensation_started", "payment.authorized", "payment.voided")},
		},
		"after it was authorized": {
			[]string{"approve"},
			func(d *desk, _ *meddler, order id.OrderID) { d.settle(order); d.cancel(order) },
			end{orders.FinancialVoided, released, append(slices.Clone(started),
				"payment.authorized", "order.confirmed", "order.cancelled", "payment.compensation_started", "payment.voided")},
		},
		"after it was captured": {
			[]string{"approve"},
			func(d *desk, _ *meddler, order id.OrderID) {
				d.settle(order)
				d.capture(order)
				d.settle(order)
				d.cancel(order)
			},
			end{orders.FinancialRefunded, books{Charges: 1, Authorized: total, Captured: total, Refunded: total}, append(slices.Clone(started),
				"payment.authorized", "order.confirmed", "payment.captured", "order.cancelled", "payment.compensation_started", "payment.refunded")},
		},
		"while it is being captured": {
			[]string{"approve"},
			func(d *desk, m *meddler, order id.OrderID) {
				d.settle(order)
				d.capture(order)
				m.before = once("capture", func() { d.cancel(order) })
				d.settle(order)
			},
			end{orders.FinancialRefunded, books{Charges: 1, Authorized: total, Captured: total, Refunded: total}, append(slices.Clone(started),
				"payment.authorized", "order.confirmed", "order.cancelled", "payment.compensation_started", "payment.captured",
				"payment.compensation_started", "payment.refunded")},
		},
		"before a capture that was asked for": {
			[]string{"approve"},
			func(d *desk, _ *meddler, order id.OrderID) { d.settle(order); d.capture(order); d.cancel(order) },
			end{orders.FinancialVoided, released, append(slices.Clone(started),
				"payment.authorized", "order.confirmed", "order.cancelled", "payment.compensation_started", "payment.capture_failed", "payment.voided")},
		},
		"before a second part that was asked for": {
			[]string{"approve"},
			func(d *desk, m *meddler, order id.OrderID) {
				d.settle(order)
				must(d.t, d.take(order, "20.00"))
				must(d.t, d.take(order, "28.60"))
				m.before = once("capture", func() { d.cancel(order) })
				d.settle(order)
			},
			end{orders.FinancialRefunded, books{Charges: 1, Authorized: total, Captured: 2000, Refunded: 2000, Voided: total - 2000}, append(slices.Clone(started),
				"payment.authorized", "order.confirmed", "order.cancelled", "payment.compensation_started", "payment.captured",
				"payment.compensation_started", "payment.capture_failed", "payment.voided", "payment.refunded")},
		},
		"while the outcome is unknown": {
			[]string{"error"},
			func(d *desk, _ *meddler, order id.OrderID) { d.work(d.authorize(order)); d.cancel(order) },
			end{orders.FinancialVoided, books{}, append(slices.Clone(started),
				"payment.unknown", "order.cancelled", "payment.compensation_started", "payment.voided")},
		},
		"while it is pending": {
			[]string{"pending"},
			func(d *desk, _ *meddler, order id.OrderID) { d.work(d.authorize(order)); d.cancel(order) },
			end{orders.FinancialVoided, books{}, append(slices.Clone(started),
				"payment.pending", "order.cancelled", "payment.compensation_started", "payment.voided")},
		},
		"while the shopper is asked": {
			[]string{"challenge"},
			func(d *desk, _ *meddler, order id.OrderID) { d.settle(order); d.cancel(order) },
			end{orders.FinancialVoided, books{}, append(slices.Clone(started),
				"payment.action_required", "order.cancelled", "payment.compensation_started", "payment.voided")},
		},
		"between two methods": {
			[]string{"decline", "approve"},
			func(d *desk, _ *meddler, order id.OrderID) { d.work(d.authorize(order)); d.cancel(order) },
			end{orders.FinancialVoided, books{}, append(slices.Clone(started), "payment.declined", "order.cancelled")},
		},
		"when all were declined": {
			[]string{"decline"},
			func(d *desk, _ *meddler, order id.OrderID) { d.settle(order); d.cancel(order) },
			end{orders.FinancialVoided, books{}, append(slices.Clone(started),
				"payment.declined", "payment.action_required", "order.cancelled")},
		},
		"on invoice": {
			[]string{"manual"},
			func(d *desk, _ *meddler, order id.OrderID) { d.settle(order); d.cancel(order) },
			end{orders.FinancialVoided, books{}, append(slices.Clone(started),
				"payment.pending", "order.confirmed", "order.cancelled", "payment.compensation_started", "payment.voided")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := &meddler{}
			d := newDesk(t, meddle(m))
			order := d.place(c.tokens...)
			c.cancel(d, m, order)
			d.settle(order)
			d.mustHave(order, orders.StatusCancelled, c.want.financial, c.want.kinds...)
			d.mustBook(order, c.want.books)
			d.mustAgree(order)
			d.mustOweNothing(order)
		})
	}
}

// TestAReleaseIsTriedUntilItIsDone shows that giving back is not given up when the provider is away.
func TestAReleaseIsTriedUntilItIsDone(t *testing.T) {
	away := 3
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.cancel(order)
	m.answer = unavailable("void", &away)
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
	if away != 0 {
		t.Errorf("the provider was asked %d times too few", away)
	}
}
