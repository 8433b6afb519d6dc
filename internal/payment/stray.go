package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
)

const owedSQL = `
select exists (select from payment where order_id = $1)`

// stray deals with a charge of no attempt. Where it is for one of the shop's orders it goes back: the keys of what is
// done are made of the charge's own, so that it is done once. A charge for anything else may be another system's: it is
// told, and left alone. One under a key that is not of the shop's kind is another system's, and told only where it claims
// to be for one of the shop's orders: a person must see why.
func (r *reconciliation) stray(ctx context.Context, e Entry, k known) error {
	held := e.Charge.Authorized.Minor - e.Charge.Voided.Minor - e.Charge.Refunded.Minor
	if held <= 0 {
		if !k.broken {
			return nil
		}
		return r.agrees(ctx, e.Key, BreakResolved)
	}
	if e.Key == "" {
		return nil // no shop like this one has made it
	}
	if !isKey(e.Reference) {
		if !isKey(e.Key) {
			return nil // it is another system's in all that it says
		}
		return r.found(ctx, e.Key, nil, BreakStray, fmt.Sprintf("%s, for %.100q, which is no order's id", e.Charge.amounts(), e.Reference))
	}
	order := uuid.MustParse(e.Reference)
	mine, err := r.isOrder(ctx, order)
	if err != nil {
		return err
	}
	switch {
	case !isKey(e.Key) && !mine:
		return nil
	case !isKey(e.Key):
		return r.found(ctx, e.Key, (*id.OrderID)(&order), BreakStray, e.Charge.amounts()+", under a key that no shop like this one makes")
	case !mine:
		return r.found(ctx, e.Key, nil, BreakStray, fmt.Sprintf("%s, for %s, which is no order of the shop", e.Charge.amounts(), order))
	}
	if err := r.found(ctx, e.Key, (*id.OrderID)(&order), BreakStray, e.Charge.amounts()); err != nil {
		return err
	}
	if e.torn { // no money is moved for an answer that makes no sense as a whole
		return nil
	}
	if err := r.giveBack(ctx, uuid.MustParse(e.Key), order, e); errors.Is(err, errLeftAlone) {
		return nil
	} else if err != nil {
		r.log.WarnContext(ctx, "a stray charge could not be given back yet", "provider", r.name, "charge", e.Key, "error", err)
		return nil
	}
	return r.agrees(ctx, e.Key, BreakRepaired)
}

// unreadStray tells of a charge of no attempt that cannot be read, by the same rule: what is another system's in all that can be
// read of it is none of the shop's business.
func (r *reconciliation) unreadStray(ctx context.Context, e Entry) error {
	if isKey(e.Reference) {
		order := uuid.MustParse(e.Reference)
		if mine, err := r.isOrder(ctx, order); err != nil {
			return err
		} else if mine {
			return r.unread(ctx, e.Key, (*id.OrderID)(&order), e.Unread)
		}
	}
	if !isKey(e.Key) || e.renamed {
		return nil
	}
	return r.unread(ctx, e.Key, nil, e.Unread)
}

// isOrder says whether something is to be paid for an order of the shop.
func (r *reconciliation) isOrder(ctx context.Context, order uuid.UUID) (mine bool, err error) {
	err = r.pool.QueryRow(ctx, owedSQL, order).Scan(&mine)
	return mine, err
}

// isKey says that a text has the form of the shop's own keys.
func isKey(text string) bool { return uuid.Validate(text) == nil }

// giveBack releases what a stray charge reserves and refunds what it has taken.
func (r *reconciliation) giveBack(ctx context.Context, key, order uuid.UUID, e Entry) error {
	call := func(name string, do func(context.Context, Change) (Charge, error), minor int64) (Charge, error) {
		amount := e.Charge.Authorized
		amount.Minor = minor
		return r.call(ctx, r.pace.Call, func(ctx context.Context) (Charge, error) {
			failpoint.Hit(failpoint.ReconcileBeforeCall)
			charge, err := do(ctx, Change{
				Key: uuid.NewSHA1(key, []byte("stray "+name)).String(), Charge: e.Key, Reference: order.String(), Amount: amount,
			})
			failpoint.Hit(failpoint.ReconcileAfterCall)
			return charge, err
		})
	}
	charge, err := call("void", r.provider.Void, e.Charge.Authorized.Minor)
	if err != nil && !errors.Is(err, ErrDeclined) {
		return err
	}
	if charge.State == "" {
		charge = e.Charge
	}
	if taken := charge.Captured.Minor - charge.Refunded.Minor; taken > 0 {
		if charge, err = call("refund", r.provider.Refund, taken); err != nil {
			return err
		}
	}
	if left := charge.Authorized.Minor - charge.Voided.Minor - charge.Refunded.Minor; left > 0 {
		return fmt.Errorf("the provider still shows %s", charge.amounts())
	}
	return nil
}
