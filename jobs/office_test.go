package jobs_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

// office is a shop whose background work runs as in production.
type office struct {
	*shoptest.Shop
	t    *testing.T
	jobs *jobs.Jobs
}

func newOffice(t *testing.T, config jobs.Config, changes ...func(*shop.Config)) *office {
	t.Helper()
	t.Parallel()
	s := shoptest.New(t, changes...)
	return &office{Shop: s, t: t, jobs: s.Run(t, config)}
}

// clerk may see and do everything.
var clerk = access.Actor{Kind: access.Staff, Scopes: access.AllScopes()}

const total = 4860

func method(token string) payment.Method {
	if token == "manual" {
		return payment.Method{Provider: "manual"}
	}
	return payment.Method{Provider: "test", Token: &token}
}

// place places an order of 48.60 USD to be paid by these methods, as checkout does in its transaction.
func (o *office) place(deadline time.Duration, tokens ...string) id.OrderID {
	o.t.Helper()
	var methods []payment.Method
	for _, token := range tokens {
		methods = append(methods, method(token))
	}
	return o.placeFor(nil, deadline, methods...)
}

// placeFor places such an order of a customer, or of a guest.
func (o *office) placeFor(customer *id.CustomerID, deadline time.Duration, methods ...payment.Method) id.OrderID {
	o.t.Helper()
	var order id.OrderID
	o.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		order, err = o.placeIn(ctx, tx, customer, deadline, methods...)
		return err
	})
	return order
}

func (o *office) placeIn(ctx context.Context, tx pgx.Tx, customer *id.CustomerID, deadline time.Duration, methods ...payment.Method) (id.OrderID, error) {
	order, until := id.NewOrderID(), time.Now().Add(deadline)
	zero, email := money.Zero("USD"), "ada@example.com"
	placed, err := o.Orders.Place(ctx, tx, access.Actor{}, orders.Placing{ID: order, Cause: "orderPlace", Placed: orders.Placed{
		CurrencyCode: "USD", CustomerID: customer,
		Lines: []orders.PlacedLine{{
			ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: id.NewProductID(),
			Title: "Lamp", Quantity: 1, UnitPrice: money.New(total, "USD"), Discount: zero, Tax: zero,
		}},
		ShippingPrice: zero, ShippingTax: zero, TotalPrice: money.New(total, "USD"), Deadline: &until,
		Personal: &orders.Personal{Email: &email},
	}})
	if err != nil {
		return order, err
	}
	return order, o.Payments.Start(ctx, tx, placed, methods)
}

func (o *office) tx(fn func(ctx context.Context, tx pgx.Tx) error) {
	o.t.Helper()
	if err := pg.InTx(o.t.Context(), o.Pool, func(tx pgx.Tx) error { return fn(o.t.Context(), tx) }); err != nil {
		o.t.Fatal(err)
	}
}

// await follows the order until an event of this kind, and gives the order as it was then.
func (o *office) await(order id.OrderID, kind string) orders.Order {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	start := 0
	events, err := o.Orders.Follow(ctx, clerk, order, nil, &start)
	if err != nil {
		o.t.Fatal(err)
	}
	var seen []string
	for e := range events {
		if seen = append(seen, e.Type); e.Type == kind {
			return e.Order
		}
	}
	o.t.Fatalf("no %s within 30 s: %v", kind, seen)
	return orders.Order{}
}

func (o *office) mustHave(order id.OrderID, kinds ...string) {
	o.t.Helper()
	events, err := event.Read(o.t.Context(), o.Pool, order, 0, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.Kind)
	}
	if !slices.Equal(got, kinds) {
		o.t.Errorf("events\n\t%v\nnot\n\t%v", got, kinds)
	}
}
