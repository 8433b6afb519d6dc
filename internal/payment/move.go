package payment

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/id"
)

// errSendBack is what the staff read of money that must go back by itself and has come in outside, where the shop moves
// nothing: a refund of the staff's own books that they have sent it.
var errSendBack = Declined("It came in outside the shop. Send it back, and book that as a refund.")

// move is the remote part: no transaction, no lock and no connection of the shop is held.
func (p *Payments) move(ctx context.Context, order id.OrderID, e *errand) (Charge, error) {
	defer e.end()
	o, a := e.operation, e.attempt
	provider, ok := p.Provider(a.Provider)
	if !ok {
		return Charge{}, fmt.Errorf("payment provider %s: %w", a.Provider, errGone)
	}
	if o.kind == kindRefund && provider.About().Outside {
		if o.by == bySystem {
			return Charge{}, errSendBack
		}
		return a.sentBack(o.amount.Minor), nil
	}
	stopping := ctx
	ctx, cancel := context.WithTimeout(ctx, p.pace.Call)
	defer cancel()
	call := map[operationKind]func(context.Context, Change) (Charge, error){
		kindCapture: provider.Capture, kindRefund: provider.Refund, kindVoid: provider.Void,
	}[o.kind]
	charge, err := call(ctx, Change{Key: o.key(), Charge: a.key(), Reference: uuid.UUID(order).String(), Amount: o.amount})
	if stopping.Err() == nil {
		p.heard(stopping, a.Provider, a.key(), silence(err, ErrDeclined))
	}
	return charge, err
}

// lookAfter asks the provider what it knows of a charge about which it has given an answer that does not fit: what it has
// done counts, and not how it tells. Where that is not to be had, the answer stands.
func (p *Payments) lookAfter(ctx context.Context, a *PaymentAttempt, answer Charge) Charge {
	provider, ok := p.Provider(a.Provider)
	if !ok {
		return answer
	}
	if charge, err := p.lookup(ctx, provider, a.key()); err == nil {
		return charge
	}
	return answer
}
