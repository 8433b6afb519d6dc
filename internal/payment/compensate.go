package payment

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/orders"
)

// Compensate closes the payment of an order that was cancelled or has expired, in the same transaction: what was
// reserved will be released, what was taken given back, and what is still being asked for will be refused or undone
// when it comes. The caller has locked the order. Jobs do the work; an order that never needed a payment has none.
func (p *Payments) Compensate(ctx context.Context, tx pgx.Tx, order *orders.Order, cause string) error {
	d, err := open(ctx, tx, order)
	if errors.Is(err, errNothingOwed) {
		return nil
	}
	if err != nil {
		return err
	}
	d.payment.stage, d.payment.dueAt, d.payment.expiryDueAt = stageClosed, nil, nil
	reason := "The order was cancelled."
	if order.Status == orders.StatusExpired {
		reason = "The order has expired."
	}
	if err := p.undo(ctx, tx, d, reason); err != nil {
		return err
	}
	return p.save(ctx, tx, d, bySystem, cause)
}

// undo asks for exactly that to be undone which was done, attempt by attempt, unless it has been asked for already.
// It is called again whenever something new is learnt: of a closed payment nothing may stay, of any other nothing that
// came after its attempt had been given up. A refund that was refused is asked for again, though not for ever.
func (p *Payments) undo(ctx context.Context, tx pgx.Tx, d *dossier, reason string) error {
	closed := d.payment.stage == stageClosed
	if !closed && !slices.ContainsFunc(d.payment.Attempts, PaymentAttempt.stray) {
		return nil
	}
	var steps []orders.CompensationStep
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		if !closed && !a.stray() {
			continue
		}
		for _, todo := range a.undoing() {
			if d.asked.of(a.ID, todo.kind) > 0 {
				continue
			}
			todo.cause, todo.by = reason, bySystem
			if todo.kind == kindRefund {
				if may, err := p.askAgain(ctx, tx, d, &todo); err != nil {
					return err
				} else if !may {
					continue
				}
			}
			if err := d.request(ctx, tx, todo); err != nil {
				return err
			}
			steps = append(steps, orders.CompensationStep{
				AttemptID: a.ID, Provider: a.Provider, Action: todo.kind.word(), Amount: todo.amount,
			})
		}
	}
	if len(steps) > 0 {
		d.tell(orders.CompensationStarted{Reason: reason, Steps: steps})
	}
	return nil
}

// stray says that money is held under an attempt which had been given up. A provider that keeps its promises never
// lets this happen; one that does not must not cost the shopper anything.
func (a PaymentAttempt) stray() bool {
	return (a.stage == stageDeclined || a.stage == stageVoided) && (a.reserved() > 0 || a.refundable() > 0)
}

// undoing lists what has to be undone of an attempt. One whose outcome is not known is closed at its provider, which
// releases what may have been reserved and refuses what may still arrive.
func (a *PaymentAttempt) undoing() []operation {
	var todo []operation
	switch {
	case a.inFlight():
		todo = append(todo, operation{attempt: a.ID, kind: kindVoid, amount: a.amount})
	case a.toCome() > 0:
		todo = append(todo, operation{attempt: a.ID, kind: kindVoid, amount: a.money(a.toCome())})
	case a.reserved() > 0:
		todo = append(todo, operation{attempt: a.ID, kind: kindVoid, amount: a.money(a.reserved())})
	}
	if a.refundable() > 0 {
		todo = append(todo, operation{attempt: a.ID, kind: kindRefund, amount: a.money(a.refundable())})
	}
	return todo
}
