package payment

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/orders"
)

// PaymentFallbackConfirmInput says that the shopper agrees to the payment method that waits for it.
type PaymentFallbackConfirmInput struct {
	IdempotencyKey  string
	OrderID         string
	AccessToken     *string
	ExpectedVersion *int
}

var errNoFallback = fault.New(fault.Conflict, "NOT_ALLOWED", "No payment method waits for the shopper's consent.").At("input", "orderId")

// ConfirmFallback goes on with the method about which the shopper wanted to be asked, with a fresh deadline.
func (p *Payments) ConfirmFallback(ctx context.Context, actor access.Actor, in PaymentFallbackConfirmInput) (orders.Order, error) {
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return orders.Order{}, err
	}
	change := orderChange{
		operation: "paymentFallbackConfirm", key: in.IdempotencyKey, order: in.OrderID, token: in.AccessToken,
		expected: in.ExpectedVersion, shopper: true,
	}
	after, err := p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		d, err := p.waiting(ctx, tx, o, errNoFallback)
		if err != nil {
			return err
		}
		m := &d.payment
		if o.PaymentFallback == nil || m.tried >= len(m.methods) || !m.methods[m.tried].asks() {
			return errNoFallback
		}
		m.methods[m.tried].Fallback = nil
		m.deadline = d.now.Add(shop.PaymentDeadline)
		defer failpoint.Hit(failpoint.ConsentBeforeCommit)
		return p.resume(ctx, tx, d, actor, change.operation, providersOf(m.methods[m.tried:]))
	})
	if err == nil {
		failpoint.Hit(failpoint.ConsentAfterCommit)
	}
	return after, err
}
