package payment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// OrderPaymentUpdateInput gives an order new ranked payment methods.
type OrderPaymentUpdateInput struct {
	IdempotencyKey  string
	OrderID         string
	AccessToken     *string
	Payment         []PaymentMethodInput
	ExpectedVersion *int
}

// PaymentChallengeCompleteInput says that the shopper has done what the provider asked for.
type PaymentChallengeCompleteInput struct {
	IdempotencyKey string
	OrderID        string
	AccessToken    *string
	Result         *string // what the provider's page has given back to the shopper's browser
}

var (
	errNoOrder      = orders.NotFound.At("input", "orderId")
	errNotAsked     = fault.New(fault.Conflict, "NOT_ALLOWED", "The order does not wait for new payment details.").At("input", "orderId")
	errNoChallenge  = fault.New(fault.Conflict, "NOT_ALLOWED", "The order does not wait for a confirmation by the shopper.").At("input", "orderId")
	errLongResult   = fault.Newf(fault.Invalid, "INVALID", "A result has between 1 and %d characters.", maxResult).At("input", "result")
	errDeadlinePast = fault.New(fault.Conflict, "NOT_ALLOWED", "The time to pay this order has run out.").At("input", "orderId")
)

// maxResult is how long what comes back from a challenge may be. Providers pack much into it.
const maxResult = 8192

// UpdateMethods replaces the payment methods of an order whose payment has failed, so that it goes on without a new
// checkout, with a fresh deadline. A challenge that is left undone is closed at its provider before a new method is
// tried.
func (p *Payments) UpdateMethods(ctx context.Context, actor access.Actor, in OrderPaymentUpdateInput) (orders.Order, error) {
	in.Payment = Normal(in.Payment)
	if err := p.CheckMethods(in.Payment, "input", "payment"); err != nil {
		return orders.Order{}, err
	}
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return orders.Order{}, err
	}
	change := orderChange{
		operation: "orderPaymentUpdate", key: in.IdempotencyKey, order: in.OrderID, token: in.AccessToken,
		expected: in.ExpectedVersion, input: in.Payment, shopper: true,
	}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		d, err := p.waiting(ctx, tx, o, errNotAsked)
		if err != nil {
			return err
		}
		if err := p.bound(ctx, tx, actor, o.ID); err != nil {
			return err
		}
		var abandoned []*PaymentAttempt
		if a := d.current(); a != nil {
			a.abandoned, a.nextTryAt, a.leaseUntil = true, nil, nil
			abandoned = append(abandoned, a)
		}
		if d.takesLapsing() { // the new methods would pay it a second time
			return errCapturing
		}
		left := money.New(d.left(), d.payment.Amount.CurrencyCode)
		if err := p.Admit(ctx, tx, WishOf(actor, o.CustomerID, left), in.Payment, "input", "payment"); err != nil {
			return err
		}
		d.payment.methods, d.payment.tried = in.Payment, 0
		d.payment.deadline = d.now.Add(shop.PaymentDeadline)
		return p.resume(ctx, tx, d, actor, change.operation, providersOf(in.Payment), abandoned...)
	})
}

// How often shoppers may come with new methods in half an hour: for one order, and from one address. It is plenty for
// whoever looks for another card, and too little for whoever tries stolen ones.
const (
	updatesOfOrder     = 10
	updatesFromAddress = 60
)

// bound keeps shoppers from trying card after card; a repeated request is not counted again.
func (p *Payments) bound(ctx context.Context, tx pgx.Tx, actor access.Actor, order id.OrderID) error {
	if actor.Can("payments:write") {
		return nil
	}
	if err := p.attempts.Spend(ctx, tx, "payment update of order", order.String(), updatesOfOrder); err != nil {
		return err
	}
	return p.attempts.Spend(ctx, tx, "payment update from address", access.Network(actor.Address).String(), updatesFromAddress)
}

const keepResultSQL = `
insert into payment_challenge_result (attempt_id, result)
values ($1, $2)
on conflict (attempt_id) do update
set result = excluded.result`

// CompleteChallenge goes on with an attempt for which the provider had asked the shopper to act.
func (p *Payments) CompleteChallenge(ctx context.Context, actor access.Actor, in PaymentChallengeCompleteInput) (orders.Order, error) {
	if r := in.Result; r != nil && (*r == "" || len(*r) > maxResult || strings.ContainsRune(*r, 0)) {
		return orders.Order{}, errLongResult
	}
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return orders.Order{}, err
	}
	change := orderChange{
		operation: "paymentChallengeComplete", key: in.IdempotencyKey, order: in.OrderID, token: in.AccessToken, shopper: true,
	}
	if in.Result != nil { // a key without one means the same as ever
		change.input = *in.Result
	}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		d, err := p.waiting(ctx, tx, o, errNoChallenge)
		if err != nil {
			return err
		}
		a := d.current()
		if a == nil || a.stage != stageActionRequired {
			return errNoChallenge
		}
		if in.Result != nil {
			if _, err := tx.Exec(ctx, keepResultSQL, a.ID, *in.Result); err != nil {
				return fmt.Errorf("keep the result of a challenge: %w", err)
			}
		}
		a.stage, a.challenged, a.Reason, a.ChallengeURL, a.nextTryAt = stageStarted, true, nil, nil, nil
		d.payment.deadline = d.now.Add(shop.PaymentDeadline)
		return p.resume(ctx, tx, d, actor, change.operation, nil, a)
	})
}

// waiting opens the dossier of an order that waits for its shopper, whose time has not run out.
func (p *Payments) waiting(ctx context.Context, tx pgx.Tx, o *orders.Order, refusal error) (*dossier, error) {
	d, err := open(ctx, tx, o)
	if errors.Is(err, errNothingOwed) {
		return nil, refusal
	}
	if err != nil {
		return nil, err
	}
	if o.Status != orders.StatusActionRequired || d.payment.stage != stageActionRequired {
		return nil, refusal
	}
	if !d.now.Before(d.payment.deadline) {
		return nil, errDeadlinePast
	}
	return d, nil
}

// resume opens the payment again until its fresh deadline, and keeps the stock as long.
func (p *Payments) resume(ctx context.Context, tx pgx.Tx, d *dossier, actor access.Actor, cause string, providers []string, changed ...*PaymentAttempt) error {
	d.payment.stage, d.payment.dueAt, d.payment.expiryDueAt = stageOpen, &d.now, &d.payment.deadline
	d.tell(orders.PaymentMethodsUpdated{Providers: providers, Deadline: d.payment.deadline})
	if err := inventory.Extend(ctx, tx, d.order.ID, d.payment.deadline); err != nil {
		return err
	}
	return p.save(ctx, tx, d, actor.By(), cause, changed...)
}

// orderChange is a request to change one order's payment.
type orderChange struct {
	operation string
	key       string
	order     string
	token     *string
	expected  *int
	input     any
	shopper   bool // whether the order's own shopper may ask for it
}

// once makes a change for a caller who may make it, exactly once per idempotency key.
func (p *Payments) once(ctx context.Context, actor access.Actor, c orderChange, change func(context.Context, pgx.Tx, *orders.Order) error) (orders.Order, error) {
	if err := idempotency.Check(c.key); err != nil {
		return orders.Order{}, err
	}
	order, err := id.ParseOrderID(c.order)
	if err != nil {
		return orders.Order{}, errNoOrder
	}
	seen, err := p.orders.Visible(ctx, actor, order, c.token)
	if errors.Is(err, orders.NotFound) {
		return orders.Order{}, errNoOrder
	}
	if err != nil {
		return orders.Order{}, err
	}
	if !actor.Can("payments:write") && !(c.shopper && orders.MayWrite(actor, seen, c.token)) {
		return orders.Order{}, fault.New(fault.Forbidden, "FORBIDDEN", "You may see this order, but not change its payment.")
	}
	hash, err := idempotency.Hash(p.keys, []any{order, c.expected, c.input})
	if err != nil {
		return orders.Order{}, err
	}
	r := idempotency.Request{
		Caller: idempotency.Caller(p.keys, actor, order, [16]byte{}, ""), Key: c.key, Operation: c.operation, Hash: hash,
	}
	var after orders.Order
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		outcome, known, err := idempotency.Claim(ctx, tx, r)
		if err != nil {
			return err
		}
		if known {
			after, err = p.orders.At(ctx, tx, outcome.OrderID, &outcome.Version, nil)
			return err
		}
		if after, err = p.orders.Lock(ctx, tx, order); err != nil {
			return err
		}
		if err := orders.Expect(after, c.expected); err != nil {
			return at(err, "input", "expectedVersion")
		}
		if err := change(ctx, tx, &after); err != nil {
			return err
		}
		if err := idempotency.Complete(ctx, tx, r, idempotency.Outcome{OrderID: after.ID, Version: after.Version}); err != nil {
			return err
		}
		failpoint.Hit(failpoint.RequestBeforeCommit)
		return nil
	})
	if err == nil {
		failpoint.Hit(failpoint.RequestAfterCommit)
	}
	if errors.Is(err, pg.ErrCommitUnknown) {
		return p.answered(ctx, r, err)
	}
	return after, err
}

// answered finds out what became of a change whose commit was not answered: the key was kept with it, or neither was.
func (p *Payments) answered(ctx context.Context, r idempotency.Request, lost error) (orders.Order, error) {
	outcome, known, err := idempotency.Look(ctx, p.pool, r)
	if err != nil || !known {
		return orders.Order{}, fmt.Errorf("%s: %w", r.Operation, errors.Join(lost, err))
	}
	return p.orders.At(ctx, p.pool, outcome.OrderID, &outcome.Version, nil)
}

// at names the field of the input that a refusal is about.
func at(err error, field ...string) error {
	if f, ok := fault.As(err); ok {
		return f.At(field...)
	}
	return err
}
