package shoptest_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// TestOrder brings an order to every state, in a shop where nobody works and in one where jobs run, and looks at the
// events on its way and at everything that must be true of the shop.
func TestOrder(t *testing.T) {
	t.Parallel()
	idle, busy := shoptest.New(t), shoptest.New(t)
	busy.Run(t, shoptest.Working())
	confirmed := []string{"order.placed", "payment.started", "payment.authorized", "order.confirmed"}
	declined := []string{"order.placed", "payment.started", "payment.declined", "payment.action_required"}
	for _, c := range []struct {
		state  shoptest.State
		status orders.OrderStatus
		money  orders.OrderFinancialStatus
		events []string
	}{
		{shoptest.Placed, orders.StatusPendingPayment, orders.FinancialPending, confirmed[:1]},
		{shoptest.ActionRequired, orders.StatusActionRequired, orders.FinancialPending, declined},
		{shoptest.Confirmed, orders.StatusConfirmed, orders.FinancialAuthorized, confirmed},
		{shoptest.Paid, orders.StatusConfirmed, orders.FinancialPaid, append(slices.Clone(confirmed), "payment.captured")},
		{shoptest.Cancelled, orders.StatusCancelled, orders.FinancialVoided, append(slices.Clone(confirmed), "order.cancelled", "payment.compensation_started", "payment.voided")},
		{shoptest.Expired, orders.StatusExpired, orders.FinancialVoided, append(slices.Clone(declined), "payment.action_required", "order.expired")},
	} {
		for name, s := range map[string]*shoptest.Shop{"nobody works": idle, "jobs run": busy} {
			t.Run(string(c.state)+", "+name, func(t *testing.T) {
				placed := shoptest.Order(t, s, c.state)
				if o := placed.Order; o.Status != c.status || o.FinancialStatus != c.money || placed.AccessToken == "" {
					t.Errorf("the order is %s and %s, want %s and %s", o.Status, o.FinancialStatus, c.status, c.money)
				}
				events, err := event.Read(t.Context(), s.Pool, placed.Order.ID, 0, 100)
				if err != nil {
					t.Fatal(err)
				}
				var kinds []string
				for _, e := range events[:placed.Order.Version] {
					kinds = append(kinds, e.Kind)
				}
				if !slices.Equal(kinds, c.events) {
					t.Errorf("events %v, want %v", kinds, c.events)
				}
			})
		}
	}
	report, err := idle.Audit.Verify(t.Context(), audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		for _, v := range r.Violations {
			t.Errorf("%s is broken: %s: %s", r.Name, v.Subject, v.Detail)
		}
	}
}
