package payment

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// When a part was taken and the rest let go, by the staff or by a provider, the order goes on: nobody is sent to pay what
// the shop may not want any more. Should the rest be paid all the same, the staff ask the shopper for it.

// OrderPaymentRequestInput asks the shopper of an order to pay what is outstanding.
type OrderPaymentRequestInput struct {
	IdempotencyKey  string
	OrderID         string
	ExpectedVersion *int
}

var errNoRest = fault.New(fault.Conflict, "NOT_ALLOWED", "Nothing is outstanding for this order.").At("input", "orderId")

// AskForRest asks the shopper of a confirmed order to pay what is outstanding, as after a payment that has failed: until
// a deadline, after which the order expires and what was taken goes back.
func (p *Payments) AskForRest(ctx context.Context, actor access.Actor, in OrderPaymentRequestInput) (orders.Order, error) {
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return orders.Order{}, err
	}
	change := orderChange{operation: "orderPaymentRequest", key: in.IdempotencyKey, order: in.OrderID, expected: in.ExpectedVersion}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		if err := orders.CanRequestPayment(*o); err != nil {
			return at(err, "input", "orderId")
		}
		d, err := open(ctx, tx, o)
		switch {
		case errors.Is(err, errNothingOwed):
			return errNoRest
		case err != nil:
			return err
		}
		if err := d.askable(); err != nil {
			return err
		}
		rest := money.New(d.left(), d.payment.Amount.CurrencyCode)
		if err := p.askShopper(ctx, tx, d, shop, orders.PaymentActionRequired{Reason: reasonRest, Rest: &rest}); err != nil {
			return err
		}
		d.watch()
		return p.save(ctx, tx, d, actor.By(), change.operation)
	})
}

// askable says why a shopper can't be asked to pay the rest: a capture, a release or a renewal is under way, or nothing is
// outstanding. What is being given back is no hindrance.
func (d *dossier) askable() error {
	if d.current() != nil {
		return errRenewing
	}
	for _, asked := range d.asked {
		switch asked.kind {
		case kindVoid:
			return errReleasing
		case kindCapture:
			return errCapturing
		}
	}
	if d.left() == 0 {
		return errNoRest
	}
	return nil
}
