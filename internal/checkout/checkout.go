// Package checkout turns what a shopper wants into an order, and calls orders off again.
//
// Placing prices and checks everything first, with no transaction open, and then commits together with whatever else
// is waiting in this process, in one transaction: the idempotency keys, the carts, the stock, the orders' first events
// with the jobs that follow them, and the payments that are to be made. Under the locks each order is decided alone,
// and it is checked that nothing its shopper was shown has changed; if something has, it is worked out anew. Nothing outside the database is called: the shopper is answered as soon as that transaction is safe, and
// payment follows in the background. What can't be done is refused whole and leaves nothing.
//
// Cancelling and expiring undo exactly what the order did: its stock, its place in a store's hour, and its payment,
// in one transaction.
package checkout

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/tax"
)

// Domains are what checkout composes. It is the one place in the shop that knows so many.
type Domains struct {
	Pool       *pgxpool.Pool
	Keys       *access.Keys
	Settings   *settings.Settings
	Customers  *customers.Customers
	Carts      *cart.Carts
	Orders     *orders.Orders
	Payments   *payment.Payments
	Promotions *promotions.Promotions
	Tax        tax.Provider
	Rates      fulfillment.RateProvider
	Queue      int // how many orders may wait for their commit; 0 is 1,024
}

// Checkout places, cancels and expires orders.
type Checkout struct {
	Domains
	writer    *writer
	variants  *gather[id.ProductVariantID, catalog.ProductVariant]
	available *gather[id.ProductVariantID, inventory.Available]
	statuses  *gather[id.OrderID, orders.OrderStatus]
}

// New makes the flow.
func New(d Domains) *Checkout {
	c := &Checkout{Domains: d}
	c.writer = newWriter(d.Queue, c.commitBatch)
	c.variants = newGather(func(ctx context.Context, ids []id.ProductVariantID) (map[id.ProductVariantID]catalog.ProductVariant, error) {
		return catalog.VariantsByID(ctx, d.Pool, ids)
	})
	c.available = newGather(func(ctx context.Context, ids []id.ProductVariantID) (map[id.ProductVariantID]inventory.Available, error) {
		return inventory.Availability(ctx, d.Pool, ids)
	})
	c.statuses = newGather(func(ctx context.Context, ids []id.OrderID) (map[id.OrderID]orders.OrderStatus, error) {
		return d.Orders.Statuses(ctx, d.Pool, ids)
	})
	return c
}
