package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
)

// PaymentCaptureInput asks for the money of an order to be taken.
type PaymentCaptureInput struct {
	IdempotencyKey  string
	OrderID         string
	ExpectedVersion *int
}

// ErrNothingToCapture says that no money is reserved for the order.
var ErrNothingToCapture = fault.New(fault.Conflict, "NOT_ALLOWED", "No money is authorized for this order.").At("input", "orderId")

// Capture asks for the reserved money of an order to be taken. A job does it; the answer is the order as it stands.
func (p *Payments) Capture(ctx context.Context, actor access.Actor, in PaymentCaptureInput) (orders.Order, error) {
	change := orderChange{operation: "paymentCapture", key: in.IdempotencyKey, order: in.OrderID, expected: in.ExpectedVersion}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		d, err := open(ctx, tx, o)
		if errors.Is(err, errNothingOwed) {
			return ErrNothingToCapture
		}
		if err != nil {
			return err
		}
		asked, err := d.requestCapture(ctx, tx, actor.By(), change.operation)
		if err != nil {
			return err
		}
		if !asked {
			return ErrNothingToCapture
		}
		return p.requested(ctx, tx, o.ID)
	})
}

// CaptureConfirmed takes the money of an order that was just confirmed, when the shop is set to take it at once. In a
// shop that is not there is nothing to do, and the job is left to the queue to end.
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
		_, err = d.requestCapture(ctx, tx, bySystem, cause)
		return err
	})
	if err != nil {
		return fmt.Errorf("take the money of %s: %w", order, err)
	}
	return p.Operate(ctx, order, cause, done)
}

// requestCapture asks for what is reserved, once; it says whether there is anything to take or being taken.
func (d *dossier) requestCapture(ctx context.Context, tx pgx.Tx, by, cause string) (bool, error) {
	if d.payment.stage != stageAuthorized {
		return false, nil
	}
	asked, err := openOperations(ctx, tx, d.order.ID)
	if err != nil {
		return false, err
	}
	for _, o := range asked {
		if o.kind == kindCapture {
			return true, nil
		}
	}
	for i := range d.payment.Attempts {
		a := &d.payment.Attempts[i]
		if a.stage == stageAuthorized && a.reserved() > 0 {
			return true, request(ctx, tx, d.order.ID, operation{
				attempt: a.ID, kind: kindCapture, amount: a.money(a.reserved()), cause: cause, by: by,
			})
		}
	}
	return false, nil
}
