package jobs_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// TestAReservationIsRenewedByItself, and the one before it released, while nobody does anything.
func TestAReservationIsRenewedByItself(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "expires")
	o.await(order, "order.confirmed")
	renewed := o.await(order, "payment.voided")
	if renewed.Status != orders.StatusConfirmed || renewed.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("the order is %s and %s", renewed.Status, renewed.FinancialStatus)
	}
	o.mustHave(order, "order.placed", "payment.started", "payment.authorized", "order.confirmed",
		"payment.started", "payment.authorized", "payment.voided")
	o.mustBeSound()
}

// TestPartsArePaidOneAfterTheOther by the job that each of them leaves for the next.
func TestPartsArePaidOneAfterTheOther(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	part := method("approve")
	part.Amount = &money.MoneyInput{Amount: "20.00", CurrencyCode: "USD"}
	order := o.placeFor(nil, time.Minute, part, method("approve"))
	o.await(order, "order.confirmed")
	o.mustHave(order, "order.placed", "payment.started", "payment.authorized", "payment.started", "payment.authorized", "order.confirmed")
	o.mustBeSound()
}

// TestAShopperActsAtTheBank: the order goes on by the bank's callback, whichever the decision is.
func TestAShopperActsAtTheBank(t *testing.T) {
	pages := http.NewServeMux()
	site := httptest.NewServer(pages)
	t.Cleanup(site.Close)
	var bank *testprovider.Provider
	o := newOffice(t, shoptest.Working(), func(c *shop.Config) {
		bank = testprovider.New(c.Pool, testprovider.Options{Secret: []byte("a secret of the tests"), Site: site.URL})
		c.Providers = []payment.Provider{bank}
	})
	pages.Handle(testprovider.ChallengePath+"{charge}", bank.Challenge(func(ctx context.Context, header http.Header, body []byte) error {
		return o.Payments.Callback(ctx, "test", header, body)
	}))
	for decision, want := range map[string][]string{
		"confirm": {"order.placed", "payment.started", "payment.action_required", "payment.authorized", "order.confirmed"},
		"refuse":  {"order.placed", "payment.started", "payment.action_required", "payment.declined", "payment.started", "payment.authorized", "order.confirmed"},
	} {
		order := o.place(time.Minute, "challenge", "approve")
		o.await(order, "payment.action_required")
		by, err := payment.PaymentsByOrder(t.Context(), o.Pool, []id.OrderID{order})
		if err != nil || by[order][0].Attempts[0].ChallengeURL == nil {
			t.Fatalf("the shopper is sent nowhere: %+v, %v", by[order], err)
		}
		answer, err := http.PostForm(*by[order][0].Attempts[0].ChallengeURL, url.Values{"decision": {decision}})
		if err != nil || answer.Body.Close() != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %+v, %v", decision, answer, err)
		}
		o.await(order, "order.confirmed")
		o.mustHave(order, want...)
	}
	o.mustBeSound()
}

// TestTheRestOfAnInvoiceIsPaidAtOnce, not when somebody sweeps.
func TestTheRestOfAnInvoiceIsPaidAtOnce(t *testing.T) {
	config := shoptest.Working()
	config.Sweep = time.Hour
	o := newOffice(t, config)
	part := method("manual")
	part.Amount = &money.MoneyInput{Amount: "20.00", CurrencyCode: "USD"}
	order := o.placeFor(nil, time.Minute, part, method("approve"))
	o.await(order, "order.confirmed")
	o.mustHave(order, "order.placed", "payment.started", "payment.pending", "payment.started", "payment.authorized", "order.confirmed")
	o.mustBeSound()
}

// TestADisputeIsFollowedToItsEnd by the callbacks of the provider's bank.
func TestADisputeIsFollowedToItsEnd(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "dispute_won")
	o.await(order, "order.confirmed")
	if _, err := o.Payments.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: "k", OrderID: order.String()}); err != nil {
		t.Fatal(err)
	}
	o.await(order, "payment.dispute_won")
	o.mustHave(order, "order.placed", "payment.started", "payment.authorized", "order.confirmed",
		"payment.captured", "payment.disputed", "payment.dispute_won")
	o.mustBeSound()
}

// TestADeletedMethodIsForgottenInTheBackground: its provider does not know it any more.
func TestADeletedMethodIsForgottenInTheBackground(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	ada, yes, m := id.NewCustomerID(), true, method("approve")
	m.Save = &yes
	o.await(o.placeFor(&ada, time.Minute, m), "order.confirmed")
	first := 5
	list, err := o.Payments.StoredPaymentMethods(t.Context(), ada, pg.Page{First: &first})
	if err != nil || len(list.Nodes) != 1 {
		t.Fatalf("kept are %+v, %v", list.Nodes, err)
	}
	in := payment.StoredPaymentMethodDeleteInput{ID: list.Nodes[0].ID.String()}
	if _, err := o.Payments.DeleteStored(t.Context(), access.Actor{Kind: access.Customer, ID: uuid.UUID(ada)}, in); err != nil {
		t.Fatal(err)
	}
	limit := time.Now().Add(20 * time.Second)
	for left := 1; left > 0; {
		if time.Now().After(limit) {
			t.Fatal("the provider still knows the method")
		}
		if err := o.Pool.QueryRow(t.Context(), `select count(*) from payment_stored_method where ref is not null`).Scan(&left); err != nil {
			t.Fatal(err)
		}
	}
	var known int
	if err := o.Pool.QueryRow(t.Context(), `select count(*) from test_provider_method where forgotten_at is null`).Scan(&known); err != nil || known != 0 {
		t.Errorf("the provider knows %d, %v", known, err)
	}
}

// TestAnInvoiceIsPaidAndGivenBack in the background, and every invariant holds at each rest.
func TestAnInvoiceIsPaidAndGivenBack(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.placeFor(nil, time.Minute, payment.Method{Provider: "manual"})
	o.await(order, "order.confirmed")
	pay := func(key, amount string) {
		t.Helper()
		in := payment.PaymentMarkPaidInput{IdempotencyKey: key, OrderID: order.String(), Amount: &money.MoneyInput{Amount: money.Decimal(amount), CurrencyCode: "USD"}}
		if _, err := o.Payments.MarkPaid(t.Context(), clerk, in); err != nil {
			t.Fatal(err)
		}
	}
	pay("a", "10.00")
	in := payment.PaymentRefundInput{IdempotencyKey: "b", OrderID: order.String(), Amount: &money.MoneyInput{Amount: "4.00", CurrencyCode: "USD"}}
	if _, err := o.Payments.Refund(t.Context(), clerk, in); err != nil {
		t.Fatal(err)
	}
	o.await(order, "payment.refunded")
	pay("c", "20.00")
	o.mustBeSound()
	if _, err := o.Checkout.Cancel(t.Context(), clerk, checkout.OrderCancelInput{IdempotencyKey: "d", OrderID: order.String()}); err != nil {
		t.Fatal(err)
	}
	o.await(order, "payment.refund_failed") // the shop can't send it back
	in = payment.PaymentRefundInput{IdempotencyKey: "e", OrderID: order.String()}
	if _, err := o.Payments.Refund(t.Context(), clerk, in); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		now, err := o.Orders.Order(t.Context(), o.Pool, order)
		if err != nil {
			t.Fatal(err)
		}
		if now.FinancialStatus == orders.FinancialRefunded {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("what came in for the cancelled order is not booked as given back: it is %s", now.FinancialStatus)
		}
	}
	o.mustHave(order, "order.placed", "payment.started", "payment.pending", "order.confirmed", "payment.captured", "payment.refunded",
		"payment.captured", "order.cancelled", "payment.compensation_started", "payment.refund_failed", "payment.refunded")
	o.mustBeSound()
}
