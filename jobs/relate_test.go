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
	"github.com/wharfhq/wharf/internal/shoptest"
)

func TestWhatWasPaidForTogetherIsRelated(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	const file = "Handle,Title,Variant Price\ntea,Tea,1\ncup,Cup,1\npot,Pot,1\nunpaid,Unpaid,1\n"
	if _, err := catalog.Import(t.Context(), o.Pool, strings.NewReader(file), catalog.ImportOptions{Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	products, names := map[string]id.ProductID{}, map[id.ProductID]string{}
	for _, handle := range []string{"tea", "cup", "pot", "unpaid"} {
		p, err := catalog.ProductByHandle(t.Context(), o.Pool, clerk, handle)
		if err != nil {
			t.Fatal(err)
		}
		products[handle], names[p.ID] = p.ID, handle
	}
	await := map[id.OrderID]string{}
	for _, c := range []struct {
		handles      []string
		token, event string
	}{
		{[]string{"tea", "cup", "tea"}, "approve", "order.confirmed"},
		{[]string{"cup", "tea", "pot"}, "approve", "order.confirmed"},
		{[]string{"tea", "unpaid"}, "decline", "payment.action_required"},
		{[]string{"pot"}, "approve", "order.confirmed"},
	} {
		order, until, zero := id.NewOrderID(), time.Now().Add(time.Minute), money.Zero("USD")
		lines := make([]orders.PlacedLine, len(c.handles))
		for i, handle := range c.handles {
			lines[i] = orders.PlacedLine{
				ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: products[handle], Title: handle,
				Quantity: 1, UnitPrice: money.New(100, "USD"), Discount: zero, Tax: zero,
			}
		}
		o.tx(func(ctx context.Context, tx pgx.Tx) error {
			placed, err := o.Orders.Place(ctx, tx, access.Actor{}, orders.Placing{ID: order, Cause: "orderPlace", Placed: orders.Placed{
				CurrencyCode: "USD", Lines: lines, ShippingPrice: zero, ShippingTax: zero,
				TotalPrice: money.New(int64(len(lines))*100, "USD"), Deadline: &until,
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
	counted, pairs := map[string]int64{}, []catalog.BoughtTogether{}
	err := orders.BoughtTogether(t.Context(), o.Pool, func(product, other id.ProductID, n int64) {
		counted[names[product]+" "+names[other]] = n
		pairs = append(pairs, catalog.BoughtTogether{Product: product, Other: other, Orders: n})
	})
	if err != nil || len(counted) != 6 || counted["tea cup"] != 2 || counted["cup tea"] != 2 || counted["tea pot"] != 1 || counted["pot cup"] != 1 {
		t.Errorf("bought together: %v, %v", counted, err)
	}
	if err := catalog.SetBoughtTogether(t.Context(), o.Pool, pairs); err != nil {
		t.Fatal(err)
	}
	related, err := catalog.Recommended(t.Context(), o.Pool, access.Actor{}, products["tea"], catalog.Related)
	if err != nil || len(related) != 2 || related[0].Handle != "cup" || related[1].Handle != "pot" {
		t.Errorf("related to tea: %+v, %v", related, err)
	}
}
