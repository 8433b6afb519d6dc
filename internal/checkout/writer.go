package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
)

// commit makes a draft an order, in one transaction: all of it or nothing. It takes its locks in one order (the key,
// the cart, the stock rows by id, the store's hour), so that no two orders deadlock. errStale says that the draft
// rests on what has changed and must be worked out anew.
func (c *Checkout) commit(ctx context.Context, request idempotency.Request, d draft) (orders.Order, error) {
	order, err := c.once(ctx, request, func(ctx context.Context, tx pgx.Tx) (orders.Order, error) {
		order, err := c.write(ctx, tx, d)
		if err != nil {
			return orders.Order{}, err
		}
		failpoint.Hit(failpoint.PlaceBeforeCommit)
		return order, nil
	})
	if err == nil {
		failpoint.Hit(failpoint.PlaceAfterCommit)
	}
	return order, err
}

func (c *Checkout) write(ctx context.Context, tx pgx.Tx, d draft) (orders.Order, error) {
	if err := c.unchanged(ctx, tx, d); err != nil {
		return orders.Order{}, err
	}
	deadline, err := deadlineOf(ctx, tx, d)
	if err != nil {
		return orders.Order{}, err
	}
	placing := orders.Placing{ID: id.NewOrderID(), Cause: placeOperation}
	if err := c.reserve(ctx, tx, d, placing.ID, deadline); err != nil {
		return orders.Order{}, err
	}
	placing.Placed = d.placed(access.HashToken(c.Keys.OrderToken(placing.ID)), deadline)
	order, err := c.Orders.Place(ctx, tx, d.actor, placing)
	if err != nil {
		return orders.Order{}, at(err, "input", "cartId")
	}
	if err := c.Payments.Start(ctx, tx, order, d.methods); err != nil {
		return orders.Order{}, err
	}
	if d.cart != nil {
		if err := cart.Close(ctx, tx, d.cart.ID, order.ID); err != nil {
			return orders.Order{}, err
		}
	}
	return order, nil
}

// unchanged reads again, under the cart's lock, what the draft was worked out from: another version of the cart or
// another price is never committed silently.
func (c *Checkout) unchanged(ctx context.Context, tx pgx.Tx, d draft) error {
	if d.cart != nil {
		now, err := c.Carts.Lock(ctx, tx, d.cart.ID)
		if fault.IsKind(err, fault.NotFound) || err == nil && (now.OrderID != nil || now.Version != d.cart.Version) {
			return errStale
		}
		if err != nil {
			return err
		}
	}
	variants, err := catalog.VariantsByID(ctx, tx, d.variantIDs())
	if err != nil {
		return err
	}
	for _, l := range d.lines {
		now, was := variants[l.variant.ID], l.variant
		if !now.Offered || now.Price != was.Price || now.Taxable != was.Taxable || now.TaxClass != was.TaxClass ||
			now.RequiresShipping != was.RequiresShipping || now.WeightGrams != was.WeightGrams {
			return errStale
		}
	}
	return nil
}

// deadlineOf is until when the order must be paid, by the database's time; nil when nothing is owed.
func deadlineOf(ctx context.Context, tx pgx.Tx, d draft) (*time.Time, error) {
	if d.total.IsZero() {
		return nil, nil
	}
	now, err := databaseTime(ctx, tx)
	if err != nil {
		return nil, err
	}
	deadline := now.Add(d.deadline)
	return &deadline, nil
}

// reserve takes the units and, for a pick-up, a place in the store's hour. What can't be had at a store that we chose
// is looked for at another one.
func (c *Checkout) reserve(ctx context.Context, tx pgx.Tx, d draft, order id.OrderID, deadline *time.Time) error {
	err := inventory.Reserve(ctx, tx, inventory.Reservation{OrderID: order, Lines: d.demand(), ExpiresAt: deadline})
	var missing *inventory.OutOfStock
	switch {
	case errors.As(err, &missing) && d.delivery.assigned:
		return errStale
	case errors.As(err, &missing):
		return d.outOfStock(missing.Shortages)
	case fault.IsKind(err, fault.Invalid):
		return errStale // the store has closed its counter
	case err != nil:
		return err
	}
	if d.delivery.store == nil {
		return nil
	}
	err = fulfillment.BookPickup(ctx, tx, order, *d.delivery.store)
	return at(err, "input", "delivery", "pickup", "locationId")
}
