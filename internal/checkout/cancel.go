package checkout

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/promotions"
)

// OrderCancelInput says which order to cancel, and why.
type OrderCancelInput struct {
	IdempotencyKey  string
	OrderID         string
	AccessToken     *string
	Reason          *orders.OrderCancelReason // nil is CUSTOMER for shoppers, STAFF for staff and partners
	Note            *string
	ExpectedVersion *int
}

const cancelOperation = "orderCancel"

// Cancel calls an order off at any moment before it is completed. Its stock is free at once; what was reserved or
// taken of the shopper's money is given back by jobs that are enqueued in the same transaction. The same key gives
// the same answer.
func (c *Checkout) Cancel(ctx context.Context, actor access.Actor, in OrderCancelInput) (orders.Order, error) {
	if err := idempotency.Check(in.IdempotencyKey); err != nil {
		return orders.Order{}, err
	}
	order, err := id.ParseOrderID(in.OrderID)
	if err != nil {
		return orders.Order{}, orders.NotFound.At("input", "orderId")
	}
	seen, err := c.Orders.Visible(ctx, actor, order, in.AccessToken)
	if errors.Is(err, orders.NotFound) {
		return orders.Order{}, orders.NotFound.At("input", "orderId")
	}
	if err != nil {
		return orders.Order{}, err
	}
	if !orders.MayWrite(actor, seen, in.AccessToken) {
		return orders.Order{}, fault.New(fault.Forbidden, "FORBIDDEN", "You may see this order, but not cancel it.")
	}
	if in.Note != nil && *in.Note == "" {
		in.Note = nil
	}
	reason, err := cancelReason(actor, in)
	if err != nil {
		return orders.Order{}, err
	}
	hash, err := idempotency.Hash(c.Keys, []any{order, reason, in.Note, in.ExpectedVersion})
	if err != nil {
		return orders.Order{}, err
	}
	request := idempotency.Request{
		Caller:    idempotency.Caller(c.Keys, actor, order, [16]byte{}, ""),
		Key:       in.IdempotencyKey,
		Operation: cancelOperation,
		Hash:      hash,
	}
	news := []event.Data{orders.Cancelled{Reason: reason}}
	if in.Note != nil {
		news = []event.Data{orders.NoteAdded{Body: in.Note}, news[0]}
	}
	after, err := c.once(ctx, request, func(ctx context.Context, tx pgx.Tx) (orders.Order, error) {
		o, err := c.Orders.Lock(ctx, tx, order)
		if err != nil {
			return o, err
		}
		if err := orders.Expect(o, in.ExpectedVersion); err != nil {
			return o, at(err, "input", "expectedVersion")
		}
		if err := orders.CanCancel(o); err != nil {
			return o, at(err, "input", "orderId")
		}
		if err := c.end(ctx, tx, &o, actor.By(), cancelOperation, news...); err != nil {
			return o, err
		}
		failpoint.Hit(failpoint.CancelBeforeCommit)
		return o, nil
	})
	if err == nil {
		failpoint.Hit(failpoint.CancelAfterCommit)
	}
	return after, err
}

// end lets an order that the caller has locked end unfulfilled: first its own story and its money, which nobody else waits
// for, then what others may want at this moment: its units, its place in a store's hour, what gift cards paid and its
// promotions. Every way to end an order takes the locks in this order.
func (c *Checkout) end(ctx context.Context, tx pgx.Tx, o *orders.Order, by, cause string, news ...event.Data) error {
	if err := c.Orders.Record(ctx, tx, o, by, cause, news...); err != nil {
		return err
	}
	if err := c.Payments.Compensate(ctx, tx, o, cause); err != nil {
		return err
	}
	if err := inventory.Release(ctx, tx, o.ID, cause); err != nil {
		return err
	}
	if o.Store() != nil {
		if err := fulfillment.ReleasePickup(ctx, tx, o.ID); err != nil {
			return err
		}
	}
	return c.giveBack(ctx, tx, o, by, cause)
}

// giveBack returns what the order took of gift cards and of promotions' uses.
func (c *Checkout) giveBack(ctx context.Context, tx pgx.Tx, o *orders.Order, by, cause string) error {
	returned, err := promotions.GiveBack(ctx, tx, *o, by, cause)
	if err != nil {
		return err
	}
	if len(returned) > 0 {
		if err := c.Orders.Record(ctx, tx, o, by, cause, returned...); err != nil {
			return err
		}
	}
	return promotions.ReturnUses(ctx, tx, *o)
}

// cancelReason is why the order is called off. Shoppers speak for themselves only.
func cancelReason(actor access.Actor, in OrderCancelInput) (orders.OrderCancelReason, error) {
	if in.Note != nil {
		switch {
		case utf8.RuneCountInString(*in.Note) > maxText:
			return "", refuse(TooLong, "The note is too long.", "input", "note")
		case !isText(*in.Note):
			return "", refuse(Invalid, "The note holds characters that are no text.", "input", "note")
		case holdsCard(*in.Note):
			return "", refuseCard("input", "note")
		}
	}
	shopper := actor.Kind == access.Anonymous || actor.Kind == access.Guest || actor.Kind == access.Customer
	switch {
	case in.Reason == nil && shopper:
		return orders.CancelCustomer, nil
	case in.Reason == nil:
		return orders.CancelStaff, nil
	case shopper && *in.Reason != orders.CancelCustomer && *in.Reason != orders.CancelOther:
		return "", refuse(Invalid, "A shopper cancels for the reason CUSTOMER or OTHER.", "input", "reason")
	}
	return *in.Reason, nil
}

// once runs an effect under an idempotency key, and gives the first answer again for a key that had its effect. When
// the answer to the commit was lost, the same is tried again on a new connection: the claim waits until the lost
// transaction has ended one way or the other, and then finds its outcome or takes its place.
func (c *Checkout) once(ctx context.Context, r idempotency.Request, effect func(context.Context, pgx.Tx) (orders.Order, error)) (orders.Order, error) {
	var (
		order orders.Order
		err   error
	)
	for range commitTries {
		err = pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
			if err := waitAtMost(ctx, tx, lockWithin); err != nil {
				return err
			}
			outcome, repeated, err := idempotency.Claim(ctx, tx, r)
			if err != nil {
				return err
			}
			if repeated {
				order, err = c.Orders.At(ctx, tx, outcome.OrderID, &outcome.Version, nil)
				return err
			}
			if order, err = effect(ctx, tx); err != nil {
				return err
			}
			return idempotency.Complete(ctx, tx, r, idempotency.Outcome{OrderID: order.ID, Version: order.Version})
		})
		if !errors.Is(err, pg.ErrCommitUnknown) {
			break
		}
	}
	if err != nil {
		return orders.Order{}, busyIfLocked(err)
	}
	return order, nil
}

// commitTries is how often a commit whose answer was lost is looked after before the caller is told.
const commitTries = 3
