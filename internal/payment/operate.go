package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
)

// Operate does the next thing that was asked for with the money of an order: takes it, gives it back or releases it.
// Like Authorize it may run any number of times, also side by side; a *Later says that the job must come back.
func (p *Payments) Operate(ctx context.Context, order id.OrderID, cause string, done Done) error {
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return err
	}
	e, err := p.intendOperation(ctx, shop, order, cause, done)
	if err != nil || e == nil {
		return err
	}
	o := e.operation
	failpoint.Hit(failpoint.OperateBeforeCall)
	charge, callErr := p.move(ctx, order, e)
	failpoint.Hit(failpoint.OperateAfterCall)
	var answer error
	if callErr == nil {
		if answer = e.attempt.misfit(charge); answer != nil {
			charge = p.lookAfter(ctx, e.attempt, charge)
		}
	}
	// What the provider has said is told and kept even if the process is being stopped and nobody waits any more.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	if callErr == nil {
		if err := p.tellMisfit(ctx, e.attempt, answer, cause); err != nil {
			return err
		}
	}
	var later *Later
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		var err error
		if later, err = p.concludeOperation(ctx, tx, shop, order, o, charge, callErr, cause); err != nil || later != nil {
			return err
		}
		failpoint.Hit(failpoint.OperateBeforeJobDone)
		if err := done.End(ctx, tx); err != nil {
			return fmt.Errorf("end the job: %w", err)
		}
		failpoint.Hit(failpoint.OperateBeforeResult)
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the outcome of %s %s: %w", o.kind.word(), o.id, err)
	}
	failpoint.Hit(failpoint.OperateAfterResult)
	if later != nil {
		return later
	}
	return nil
}

// errand is one worker's go at one operation: what the provider is told, decided and committed before the call.
type errand struct {
	operation *operation
	attempt   *PaymentAttempt
	over      func() // it no longer counts among the calls of its provider
}

// end is called when the call is over, or when there will be none.
func (e *errand) end() {
	if e != nil {
		e.over()
	}
}

// intendOperation leases the first operation that is due, so that nobody else does it at the same time. What somebody else has
// done before anybody has asked for it is done: a provider may hold more than the shop may still give back.
func (p *Payments) intendOperation(ctx context.Context, shop settings.Shop, order id.OrderID, cause string, done Done) (*errand, error) {
	var mine *errand
	var later *Later
	goes := false
	defer func() {
		if !goes {
			mine.end()
		}
	}()
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		mine.end() // of a try that came to nothing
		mine, later = nil, nil
		o, err := p.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		d, err := open(ctx, tx, &o)
		if errors.Is(err, errNothingOwed) {
			return done.End(ctx, tx)
		}
		if err != nil {
			return err
		}
		due, wait, err := d.due(ctx, tx)
		if err != nil {
			return err
		}
		if len(d.news) > 0 { // of what was dropped
			if err := p.save(ctx, tx, d, bySystem, cause); err != nil {
				return err
			}
		}
		if due == nil && wait == 0 {
			return done.End(ctx, tx)
		}
		if due == nil {
			later = &Later{In: wait}
			return nil
		}
		attempt := d.attempt(due.attempt)
		if due.tries == 0 && due.overtaken(attempt) {
			if err := due.begin(ctx, tx, attempt); err != nil {
				return err
			}
			if err := saveOperation(ctx, tx, due, &due.nextTryAt); err != nil {
				return err
			}
			if later, err = p.concludeOperation(ctx, tx, shop, order, due, Charge{}, errOvertaken, cause); err != nil || later != nil {
				return err
			}
			return done.End(ctx, tx)
		}
		wait, leave := p.admit(attempt.Provider, d.now.Sub(due.nextTryAt))
		if wait > 0 {
			later = &Later{In: wait}
			due.reason = p.busy(attempt.Provider)
			return saveOperation(ctx, tx, due, d.in(wait))
		}
		mine = &errand{due, attempt, leave}
		if err := due.begin(ctx, tx, attempt); err != nil {
			return err
		}
		due.tries++
		if waits(due.reason) {
			due.reason = nil // its turn has come
		}
		due.lease = d.in(p.pace.Lease)
		failpoint.Hit(failpoint.OperateBeforeIntent)
		return saveOperation(ctx, tx, due, due.lease)
	})
	if err != nil {
		return nil, fmt.Errorf("take up the operations of %s: %w", order, err)
	}
	if later != nil {
		return nil, later
	}
	if mine != nil {
		failpoint.Hit(failpoint.OperateAfterIntent)
	}
	goes = true
	return mine, nil
}

// errOvertaken stands for the provider's no to what somebody else has done.
var errOvertaken = Declined("It is done already.")

// due gives the first operation that may be done now, or how long to wait for one. What was asked of one attempt is
// done in the order in which it was asked for, kind by kind: a second refund begins when the first one's outcome is
// known. A capture that nobody has begun is dropped when its order is over; the caller tells what was.
func (d *dossier) due(ctx context.Context, tx pgx.Tx) (*operation, time.Duration, error) {
	asked, err := openOperations(ctx, tx, d.order.ID)
	if err != nil {
		return nil, 0, err
	}
	type turn struct {
		attempt id.PaymentAttemptID
		kind    operationKind
	}
	var wait time.Duration
	taken := map[turn]bool{}
	for i := range asked {
		o := &asked[i]
		if o.kind == kindCapture && o.tries == 0 && d.payment.stage == stageClosed {
			d.failed(o, d.attempt(o.attempt), reasonOver)
			if err := saveOperation(ctx, tx, o, nil); err != nil {
				return nil, 0, err
			}
			continue
		}
		if mine := (turn{o.attempt, o.kind}); taken[mine] {
			continue
		} else {
			taken[mine] = true
		}
		w := o.wait(d.now)
		if w == 0 {
			return o, 0, nil
		}
		if wait == 0 || w < wait {
			wait = w
		}
	}
	return nil, wait, nil
}

// concludeOperation takes over what the provider has said. Taking money and giving it back may be refused for good, and
// what must go back all the same is asked for anew by undo; a release is tried until the provider's books say that
// nothing is left to let go.
func (p *Payments) concludeOperation(ctx context.Context, tx pgx.Tx, shop settings.Shop, order id.OrderID, asked *operation, c Charge, callErr error, cause string) (*Later, error) {
	locked, err := p.orders.Lock(ctx, tx, order)
	if err != nil {
		return nil, err
	}
	d, err := open(ctx, tx, &locked)
	if err != nil {
		return nil, err
	}
	o, err := readOperation(ctx, tx, asked.id)
	if err != nil {
		return nil, err
	}
	a := d.attempt(o.attempt)
	if callErr == nil {
		callErr = a.misfit(c)
	}
	declined := errors.Is(callErr, ErrDeclined)
	if callErr == nil && o.stage == operationOpen { // once somebody else has ended it, what has come since is not beside it
		if err := p.tellSurplus(ctx, tx, &o, a, c, cause); err != nil {
			return nil, err
		}
	}
	if callErr == nil || (declined && c.State != "" && a.plausible(c)) {
		d.tell(p.news(ctx, d, a, c)...)
		if err := p.saved(ctx, tx, d, a, c, cause); err != nil {
			return nil, err
		}
	}
	if declined && o.overtaken(a) {
		callErr, declined = nil, false
	}
	var moved int64
	if callErr == nil {
		moved, callErr = o.shownBy(a)
	}
	if o.stage == operationOpen && (callErr == nil || declined || o.tries == asked.tries) {
		switch {
		case callErr == nil:
			d.finish(&o, a)
			if err := p.released(ctx, tx, d, shop, &o); err != nil {
				return nil, err
			}
		case declined && (o.kind != kindVoid || !a.leaves() || o.by != bySystem):
			d.failed(&o, a, Reason(callErr))
		case errors.Is(callErr, errNotShown) && p.short(d, &o, a, moved):
		default:
			p.log.WarnContext(ctx, "payment operation goes on later", "operation", o.id.String(), "kind", o.kind, "error", callErr)
			o.lease, o.nextTryAt = nil, d.now.Add(p.pace.pause(o.tries))
			o.reason = why(callErr)
		}
		dueAt := &o.nextTryAt
		if o.stage != operationOpen {
			dueAt = nil
			d.over(&o)
			if err := p.afterCapture(ctx, tx, d, shop, &o, a); err != nil {
				return nil, err
			}
		}
		if err := saveOperation(ctx, tx, &o, dueAt); err != nil {
			return nil, err
		}
	}
	reason := "The order was called off in the meantime."
	if o.kind == kindRefund && o.stage == operationFailed {
		reason = "The payment provider has refused the refund, so it is asked again."
	}
	if err := p.undo(ctx, tx, d, reason); err != nil {
		return nil, err
	}
	d.watch()
	later, err := d.more(ctx, tx)
	if err != nil {
		return nil, err
	}
	return later, p.save(ctx, tx, d, o.by, cause, a)
}

// finish ends an operation that the provider has done. A release of which nothing came, because nothing had been
// reserved, is told too: it is the end of what was started.
func (d *dossier) finish(o *operation, a *PaymentAttempt) {
	o.stage, o.lease, o.reason = operationDone, nil, nil
	if o.kind != kindVoid {
		return
	}
	if a.captured > 0 { // it was taken before it could be released; what is kept is given back instead
		if a.inFlight() || a.stage == stageInvoiced { // of an invoice, nothing more than that is to come
			a.settle(stageAuthorized, "", d.now)
		}
		return
	}
	a.settle(stageVoided, "", d.now)
	if a.voided == 0 {
		d.tell(orders.PaymentVoided{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(0)})
	}
}

// reasonOver is what the staff read of a capture that was asked for in vain.
const reasonOver = "The order is over."

// failed ends an operation that the provider has refused for good, or that came too late, and tells it.
func (d *dossier) failed(o *operation, a *PaymentAttempt, reason string) {
	o.fail(reason)
	switch o.kind {
	case kindCapture:
		d.tell(orders.PaymentCaptureFailed{AttemptID: a.ID, Provider: a.Provider, Amount: o.amount, Reason: reason, Over: d.payment.stage == stageClosed})
	case kindRefund:
		d.tell(orders.PaymentRefundFailed{AttemptID: a.ID, Provider: a.Provider, Amount: o.amount, Reason: reason})
	case kindVoid: // there was nothing to release, which is as good
		if a.voided == 0 {
			d.tell(orders.PaymentVoided{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(0)})
		}
	}
}

// reasonReleased is what the shopper reads when the shop has let the reservation go.
const reasonReleased = "The shop has released your payment."

// released asks the shopper to pay anew when the staff have let go all that was reserved for an order that goes on:
// nothing leaves unpaid.
func (p *Payments) released(ctx context.Context, tx pgx.Tx, d *dossier, shop settings.Shop, o *operation) error {
	held := d.payment.AuthorizedAmount().Minor + d.payment.CapturedAmount().Minor
	if o.kind != kindVoid || o.by == bySystem || d.payment.stage != stageAuthorized || held > 0 || d.order.Status != orders.StatusConfirmed {
		return nil
	}
	return p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{Reason: reasonReleased})
}

// leaves says whether there is still something to release.
func (a *PaymentAttempt) leaves() bool {
	return a.inFlight() || a.stage == stageInvoiced || a.reserved() > 0
}

func (o *operation) fail(reason string) {
	o.stage, o.lease, o.reason = operationFailed, nil, &reason
}

// more says when the job must come back for what else was asked for.
func (d *dossier) more(ctx context.Context, tx pgx.Tx) (*Later, error) {
	next, wait, err := d.due(ctx, tx)
	if err != nil || (next == nil && wait == 0) {
		return nil, err
	}
	return &Later{In: wait}, nil
}
