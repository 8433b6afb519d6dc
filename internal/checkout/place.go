package checkout

import (
	"context"
	"errors"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// Placement is the answer to an order that was placed: the order as it was then, however far it has come since, and
// the token that opens it to a guest.
type Placement struct {
	Order       orders.Order
	AccessToken string
}

// errStale says that something has changed between working an order out and committing it: the cart, a price, what a
// store has. It is worked out anew.
var errStale = errors.New("the order was worked out on what has changed since")

// staleTries is how often an order is worked out anew before the shopper is told.
const staleTries = 20

// Place places an order, from a cart or from bare lines. It answers as soon as one transaction has committed; nothing
// remote is called. The same key gives the same answer, also to a twin that runs at the same time and after a crash.
// What can't be placed is refused whole, with faults that say what the shopper can do about it.
func (c *Checkout) Place(ctx context.Context, actor access.Actor, in OrderPlaceInput) (Placement, error) {
	if err := idempotency.Check(in.IdempotencyKey); err != nil {
		return Placement{}, err
	}
	request, err := c.request(actor, in)
	if err != nil {
		return Placement{}, err
	}
	order, err := c.workOutAndCommit(ctx, actor, request, normal(in))
	if err == nil {
		return c.placement(order), nil
	}
	err = busyIfLocked(err)
	if errors.Is(err, pg.ErrNoConnection) { // nobody waits for another one
		return Placement{}, err
	}
	// What made this one fail may be what the first request with its key has done: the cart is closed, the last unit
	// is gone. A key that was used for something else is said before anything else.
	switch placed, repeated, lookErr := c.repeat(ctx, request); {
	case repeated && lookErr == nil:
		return placed, nil
	case errors.Is(lookErr, idempotency.ErrReused):
		return Placement{}, lookErr
	}
	return Placement{}, err
}

func (c *Checkout) workOutAndCommit(ctx context.Context, actor access.Actor, request idempotency.Request, in OrderPlaceInput) (orders.Order, error) {
	full := map[id.LocationID]bool{}
	for range staleTries {
		draft, err := c.workOut(ctx, actor, in, full)
		if err != nil && !errors.Is(err, errStale) {
			return orders.Order{}, err
		}
		if err == nil {
			order, err := c.writer.place(ctx, request, draft)
			switch {
			case draft.delivery.assigned && errors.Is(err, fulfillment.ErrFull):
				full[draft.delivery.store.ID] = true
			case !errors.Is(err, errStale):
				return order, err
			}
		}
	}
	return orders.Order{}, fault.New(fault.Conflict, string(VersionConflict),
		"What you order keeps changing while it is placed. Look at it again and repeat.").At("input")
}

// repeat gives the first answer again if the key has had its effect.
func (c *Checkout) repeat(ctx context.Context, request idempotency.Request) (Placement, bool, error) {
	outcome, found, err := idempotency.Look(ctx, c.Pool, request)
	if err != nil || !found {
		return Placement{}, false, err
	}
	order, err := c.Orders.At(ctx, c.Pool, outcome.OrderID, &outcome.Version, nil)
	if err != nil {
		return Placement{}, false, err
	}
	return c.placement(order), true, nil
}

func (c *Checkout) placement(order orders.Order) Placement {
	return Placement{Order: order, AccessToken: c.Keys.OrderToken(order.ID)}
}
