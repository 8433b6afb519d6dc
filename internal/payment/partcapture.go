package payment

import (
	"fmt"

	"github.com/wharfhq/wharf/internal/orders"
)

// A provider may agree to a capture and take a part of it. The rest is awaited under the same key, since it may only be
// late, but not for ever: nobody could release it, or ask the shopper for it. After that the capture has taken what was
// taken, and the rest is reserved as it was before, to be taken anew, released or given up with its order. Should the
// provider take it all the same, that is taken over as whatever else it does by itself.

// reasonLetGo is what the staff read of a capture whose reservation was let go before anything of it was taken.
const reasonLetGo = "The reservation was released before it was taken."

// short ends a capture of which the charge shows less than was asked for, and tells the rest: when nothing is reserved
// any more that could still be taken, and otherwise when the rest has been awaited for long enough. It says whether it has
// ended. One of which nothing is shown yet is awaited for as long as its provider takes: some agree first and take later.
func (p *Payments) short(d *dossier, o *operation, a *PaymentAttempt, taken int64) bool {
	if o.kind != kindCapture || o.stage != operationOpen {
		return false
	}
	if a.reserved() > 0 {
		switch {
		case taken <= 0:
			return false
		case o.partSince == nil:
			o.partSince = &d.now
			return false
		case d.now.Sub(*o.partSince) < p.pace.Rest:
			return false
		}
	}
	if taken <= 0 {
		d.failed(o, a, reasonLetGo)
		return true
	}
	whole, rest := o.amount, a.money(o.amount.Minor-taken)
	o.stage, o.lease, o.reason, o.amount = operationDone, nil, nil, a.money(taken)
	d.tell(orders.PaymentCaptureFailed{
		AttemptID: a.ID, Provider: a.Provider, Amount: rest, Over: d.payment.stage == stageClosed,
		Reason: fmt.Sprintf("Of %s only %s was taken.", whole, o.amount),
	})
	return true
}
