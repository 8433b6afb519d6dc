package jobs_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/search"
	"github.com/wharfhq/wharf/internal/shoptest"
)

func TestTheBestSellersAreWhatWasPaidFor(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	const file = "Handle,Title,Variant Price\nfew,Few,1\nmany,Many,1\nunpaid,Unpaid,1\nnone,None,1\n"
	if _, err := catalog.Import(t.Context(), o.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	await := map[id.OrderID]string{}
	for handle, c := range map[string]struct {
		quantity int
		token    string
		event    string
	}{"few": {2, "approve", "order.confirmed"}, "many": {5, "approve", "order.confirmed"}, "unpaid": {9, "decline", "payment.action_required"}} {
		p, err := catalog.ProductByHandle(t.Context(), o.Pool, clerk, handle)
		if err != nil {
			t.Fatal(err)
		}
		order, until, zero := id.NewOrderID(), time.Now().Add(time.Minute), money.Zero("USD")
		price := money.New(int64(c.quantity)*100, "USD")
		o.tx(func(ctx context.Context, tx pgx.Tx) error {
			placed, err := o.Orders.Place(ctx, tx, access.Actor{}, orders.Placing{ID: order, Cause: "orderPlace", Placed: orders.Placed{
				CurrencyCode: "USD",
				Lines: []orders.PlacedLine{{
					ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: p.ID, Title: p.Title,
					Quantity: c.quantity, UnitPrice: money.New(100, "USD"), Discount: zero, Tax: zero,
				}},
				ShippingPrice: zero, ShippingTax: zero, TotalPrice: price, Deadline: &until,
			}})
			if err != nil {
				return err
			}
			return o.Payments.Start(ctx, tx, placed, []payment.Method{method(c.token)})
		})
		await[order] = c.event
	}
	for order, kind := range await {
		o.await(order, kind)
	}
	sold, err := orders.UnitsSold(t.Context(), o.Pool)
	if err != nil {
		t.Fatal(err)
	}
	o.tx(func(ctx context.Context, tx pgx.Tx) error {
		changed, err := catalog.SetUnitsSold(ctx, tx, sold)
		if err != nil {
			return err
		}
		return search.Touch(ctx, tx, changed)
	})
	o.Listed(t)
	two := 2
	best, err := o.Search.Products(t.Context(), access.Actor{}, "", catalog.SortBestSelling, pg.Page{First: &two})
	if err != nil || best.Nodes[0].Handle != "many" || best.Nodes[0].UnitsSold != 5 || best.Nodes[1].Handle != "few" {
		t.Errorf("best sellers: %+v, %v", best.Nodes, err)
	}
}
