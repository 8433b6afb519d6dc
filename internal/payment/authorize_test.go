package payment_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/orders"
)

// TestEveryTokenEndsAsPromised walks each token of the test provider to its end.
func TestEveryTokenEndsAsPromised(t *testing.T) {
	shared := newDesk(t)
	type road struct {
		tokens    []string
		status    orders.OrderStatus
		financial orders.OrderFinancialStatus
		books     books
		kinds     []string
	}
	paid := books{Charges: 1, Authorized: total}
	for name, want := range map[string]road{
		"approve": {
			[]string{"approve"},
			orders.StatusConfirmed, orders.FinancialAuthorized, paid,
			[]string{"order.placed", "payment.started", "payment.authorized", "order.confirmed"},
		},
		"decline asks the shopper": {
			[]string{"decline"},
			orders.StatusActionRequired, orders.FinancialPending,
			books{},
			[]string{"order.placed", "payment.started", "payment.declined", "payment.action_required"},
		},
		"insufficient funds asks the shopper": {
			[]string{"decline_insufficient_funds"},
			orders.StatusActionRequired, orders.FinancialPending,
			books{},
			[]string{"order.placed", "payment.started", "payment.declined", "payment.action_required"},
		},
		"an unknown token is declined": {
			[]string{"tok_nobody"},
			orders.StatusActionRequired, orders.FinancialPending,
			books{},
			[]string{"order.placed", "payment.started", "payment.declined", "payment.action_required"},
		},
		"decline falls back to the next method": {
			[]string{"decline", "approve"},
			orders.StatusConfirmed, orders.FinancialAuthorized, paid,
			[]string{"order.placed", "payment.started", "payment.declined", "payment.started", "payment.authorized", "order.confirmed"},
		},
		"all declined asks the shopper": {
			[]string{"decline", "decline_insufficient_funds"},
			orders.StatusActionRequired, orders.FinancialPending,
			books{},
			[]string{"order.placed", "payment.started", "payment.declined", "payment.started", "payment.declined", "payment.action_required"},
		},
		"slow": {
			[]string{"slow"},
			orders.StatusConfirmed, orders.FinancialAuthorized, paid,
			[]string{"order.placed", "payment.started", "payment.authorized", "order.confirmed"},
		},
		"charge_then_drop is looked up": {
			[]string{"charge_then_drop"},
			orders.StatusConfirmed, orders.FinancialAuthorized, paid,
			[]string{"order.placed", "payment.started", "payment.authorized", "order.confirmed"},
		},
		"charge_then_drop needs no second method": {
			[]string{"charge_then_drop", "approve"},
			orders.StatusConfirmed, orders.FinancialAuthorized, paid,
			[]string{"order.placed", "payment.started", "payment.authorized", "order.confirmed"},
		},
		"error gives way to the next method": {
			[]string{"error", "approve"},
			orders.StatusConfirmed, orders.FinancialAuthorized, paid,
			[]string{"order.placed", "payment.started", "payment.unknown", "payment.declined", "payment.started", "payment.authorized", "order.confirmed"},
		},
		"timeout gives way to the next method": {
			[]string{"timeout", "approve"},
			orders.StatusConfirmed, orders.FinancialAuthorized, paid,
			[]string{"order.placed", "payment.started", "payment.unknown", "payment.declined", "payment.started", "payment.authorized", "order.confirmed"},
		},
		"challenge asks the shopper to act": {
			[]string{"challenge", "approve"},
			orders.StatusActionRequired, orders.FinancialPending,
			books{},
			[]string{"order.placed", "payment.started", "payment.action_required"},
		},
		"invoice goes on at once": {
			[]string{"manual"},
			orders.StatusConfirmed, orders.FinancialPending,
			books{},
			[]string{"order.placed", "payment.started", "payment.pending", "order.confirmed"},
		},
		"decline falls back to invoice": {
			[]string{"decline", "manual"},
			orders.StatusConfirmed, orders.FinancialPending,
			books{},
			[]string{"order.placed", "payment.started", "payment.declined", "payment.started", "payment.pending", "order.confirmed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := shared.in(t)
			order := d.place(want.tokens...)
			d.settle(order)
			d.mustHave(order, want.status, want.financial, want.kinds...)
			d.mustBook(order, want.books)
			d.mustAgree(order)
		})
	}
}
