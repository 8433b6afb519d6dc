package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
)

// PaymentCaptureInput asks for the money of an order to be taken.
type PaymentCaptureInput struct {
	IdempotencyKey  string
	OrderID         string
	Amount          *money.MoneyInput // nil is all that is reserved
	ExpectedVersion *int
}

// PaymentVoidInput asks for what is reserved for an order to be let go.
type PaymentVoidInput struct {
	IdempotencyKey  string
	OrderID         string
	ExpectedVersion *int
}

// ErrNothingToCapture says that no money is reserved for the order.
var ErrNothingToCapture = fault.New(fault.Conflict, "NOT_ALLOWED", "No money is authorized for this order.").At("input", "orderId")

var (
	errCapturing = fault.New(fault.Conflict, "NOT_ALLOWED", "The money is being taken at this moment.").At("input", "orderId")
	errRenewing  = fault.New(fault.Conflict, "NOT_ALLOWED", "The reservation is being renewed at this moment.").At("input", "orderId")
	errReleasing = fault.New(fault.Conflict, "NOT_ALLOWED", "The money is being released at this moment.").At("input", "orderId")
)

// Capture asks for the reserved money of an order to be taken, all of it or a part; parts may follow one another. A
// job does it; the answer is the order as it stands.
func (p *Payments) Capture(ctx context.Context, actor access.Actor, in PaymentCaptureInput) (orders.Order, error) {
	amount, err := amountOf(in.Amount)
	if err != nil {
		return orders.Order{}, err
	}
	change := orderChange{
		operation: "paymentCapture", key: in.IdempotencyKey, order: in.OrderID, expected: in.ExpectedVersion,
	}
	if amount != nil { // a key of a capture of everything means the same as ever
		change.input = amount
	}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		if err := orders.CanCapture(*o); err != nil {
			return at(err, "input", "orderId")
		}
		d, err := open(ctx, tx, o)
		if errors.Is(err, errNothingOwed) {
			return ErrNothingToCapture
		}
		if err != nil {
			return err
		}
		asked, err := d.requestCapture(ctx, tx, amount, actor.By(), change.operation)
		if err != nil {
			return err
		}
		if !asked {
			return ErrNothingToCapture
		}
		return p.hooks.Requested(ctx, tx, o.ID)
	})
}

// amountOf reads an amount that a caller has sent; nil where none was.
func amountOf(in *money.MoneyInput) (*money.Money, error) {
	if in == nil {
		return nil, nil
	}
	m, err := in.Money()
	switch {
	case err != nil:
		return nil, fault.New(fault.Invalid, "INVALID", "This is no amount of this currency.").Because(err).At("input", "amount")
	case m.Minor <= 0:
		return nil, fault.New(fault.Invalid, "INVALID", "The amount is above 0.").At("input", "amount")
	}
	return &m, nil
}

// within refuses an amount in another currency than the order's, and one above what there is.
func within(amount, most money.Money) error {
	switch {
	case amount.CurrencyCode != most.CurrencyCode:
		return fault.Newf(fault.Invalid, "INVALID", "The order is in %s.", most.CurrencyCode).At("input", "amount", "currencyCode")
	case amount.Minor > most.Minor:
		return fault.Newf(fault.Invalid, "AMOUNT_TOO_LARGE", "At most %s is left.", most).With("amountAvailable", most).At("input", "amount")
	}
	return nil
}

// Void asks for what is reserved for an order and not taken to be let go. An order that goes on with nothing taken is
// not paid for any more, so its shopper is asked for another method once the release is done.
func (p *Payments) Void(ctx context.Context, actor access.Actor, in PaymentVoidInput) (orders.Order, error) {
	change := orderChange{operation: "paymentVoid", key: in.IdempotencyKey, order: in.OrderID, expected: in.ExpectedVersion}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		if err := orders.CanVoid(*o); err != nil {
			return at(err, "input", "orderId")
		}
		d, err := open(ctx, tx, o)
		if err != nil {
			return err
		}
		list, err := d.releasable()
		if err != nil {
			return err
		}
		for _, a := range list {
			err := request(ctx, tx, o.ID, operation{
				attempt: a.ID, kind: kindVoid, amount: a.money(a.reserved()), cause: change.operation, by: actor.By(),
			})
			if err != nil {
				return err
			}
		}
		return p.hooks.Requested(ctx, tx, o.ID)
	})
}

// releasable are the attempts of which something is reserved that nobody is letting go yet. Nothing is let go while a
// reservation is being taken or renewed.
func (d *dossier) releasable() ([]*PaymentAttempt, error) {
	if d.current() != nil { // what comes of it would take the place of what is let go
		return nil, errRenewing
	}
	var list []*PaymentAttempt
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		switch {
		case a.reserved() == 0 || d.asked.of(a.ID, kindVoid) > 0:
			continue
		case d.asked.of(a.ID, kindCapture) > 0:
			return nil, errCapturing
		}
		list = append(list, a)
	}
	return list, nil
}

const askedSQL = `
select exists (
	select
	from payment_operation
	where order_id = $1
		and kind = 'CAPTURE'
		and requested_by = $2
		and cause = $3
)`

// CaptureConfirmed takes the money of an order that was just confirmed, when the shop is set to take it at once. It asks
// once, however often its job comes back: what a capture has left, which another job may have ended meanwhile, is the
// staff's. In a shop that is not set so there is nothing to do, and the job is left to the queue to end.
func (p *Payments) CaptureConfirmed(ctx context.Context, order id.OrderID, cause string, done Done) error {
	shop, err := p.settings.Load(ctx)
	if err != nil || shop.Capture != settings.CaptureImmediately {
		return err
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		o, err := p.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		d, err := open(ctx, tx, &o)
		if errors.Is(err, errNothingOwed) {
			return nil
		}
		if err != nil {
			return err
		}
		var asked bool
		if err := tx.QueryRow(ctx, askedSQL, order, bySystem, cause).Scan(&asked); err != nil || asked {
			return err
		}
		_, err = d.requestCapture(ctx, tx, nil, bySystem, cause)
		failpoint.Hit(failpoint.CaptureBeforeIntent)
		return err
	})
	if err != nil {
		return fmt.Errorf("take the money of %s: %w", order, err)
	}
	failpoint.Hit(failpoint.CaptureAfterIntent)
	return p.Operate(ctx, order, cause, done)
}

// requestCapture asks for an amount of what is reserved, or for all of it when none is named; it says whether there is
// anything to take or being taken. Where several methods pay, they give in the order in which they were asked.
func (d *dossier) requestCapture(ctx context.Context, tx pgx.Tx, amount *money.Money, by, cause string) (bool, error) {
	left, some, err := d.takeable()
	if err != nil || !some {
		return false, err
	}
	most := money.Zero(d.payment.Amount.CurrencyCode)
	for _, minor := range left {
		most.Minor += minor
	}
	take := most
	if amount != nil {
		if err := within(*amount, most); err != nil {
			return false, err
		}
		take = *amount
	}
	for i, part := range spread(take.Minor, left) {
		if part == 0 {
			continue
		}
		a := &d.payment.Attempts[i]
		err := d.request(ctx, tx, operation{attempt: a.ID, kind: kindCapture, amount: a.money(part), cause: cause, by: by})
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// takeable is what can still be asked to be taken of each attempt, and whether anything is there that is being taken or can
// be. Nothing is taken while a reservation is being let go that nothing has replaced.
func (d *dossier) takeable() (left []int64, some bool, err error) {
	if d.payment.stage != stageAuthorized {
		return nil, false, nil
	}
	left = make([]int64, len(d.payment.Attempts))
	paid := d.left() == 0
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		switch {
		case a.stage != stageAuthorized || a.reserved() == 0:
			continue
		case d.asked.of(a.ID, kindVoid) > 0 && (d.replaced(a) || d.lapsing(a) || a.renews != nil):
			continue // another reservation is there in its place
		case paid && d.lapsing(a):
			continue // nothing rests on it any more
		case d.asked.of(a.ID, kindVoid) > 0:
			return nil, false, errReleasing
		}
		some = true
		left[i] = max(0, a.reserved()-d.asked.adds(a, kindCapture)) // less may be reserved than was asked for: the provider has let some go
	}
	return left, some, nil
}

// spread shares an amount out over what there is, first come, first used. The parts add up to the amount, as far as
// there is enough.
func spread(amount int64, available []int64) []int64 {
	parts := make([]int64, len(available))
	for i, most := range available {
		parts[i] = max(min(amount, most), 0)
		amount -= parts[i]
	}
	return parts
}
