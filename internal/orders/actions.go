package orders

import (
	"fmt"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/money"
)

// OrderActionName is something that can be done with an order.
type OrderActionName string

// The actions, each the name of a mutation.
const (
	ActionCancel            OrderActionName = "CANCEL"
	ActionUpdatePayment     OrderActionName = "UPDATE_PAYMENT"
	ActionCompleteChallenge OrderActionName = "COMPLETE_CHALLENGE"
	ActionConfirmFallback   OrderActionName = "CONFIRM_FALLBACK"
	ActionCapture           OrderActionName = "CAPTURE"
	ActionVoid              OrderActionName = "VOID"
	ActionRefund            OrderActionName = "REFUND"
	ActionMarkPaid          OrderActionName = "MARK_PAID"
	ActionRequestPayment    OrderActionName = "REQUEST_PAYMENT"
)

// OrderAction is something that may be done with an order, or why it may not.
type OrderAction struct {
	Action    OrderActionName
	Available bool
	Reason    *string
}

// Hindered says which actions can't be done at this moment for a reason that is no matter of the order itself. Without a
// version it says nothing, since nobody has looked.
type Hindered struct {
	Version int // of the order when it was looked at
	Actions map[OrderActionName]error
}

// Actions says of each action whether it may be done. It asks the same rules that the actions obey, and of what is to be
// paid outside or by the shopper also the sums: what an invoice is for, the payment alone knows. What hinders now is no
// matter of an order as it was at an earlier version: of that, and where nobody has looked, it says what the order alone
// tells, which is never that the rest may be asked for.
func (o Order) Actions(now Hindered) []OrderAction {
	canRequestPayment := mayRequestPayment
	if now.Version == 0 || now.Version != o.Version {
		now = Hindered{}
	} else { // the payment knows whether anything is outstanding
		canRequestPayment = CanRequestPayment
	}
	rules := []struct {
		action OrderActionName
		rule   func(Order) error
	}{
		{ActionCancel, CanCancel},
		{ActionUpdatePayment, CanUpdatePayment},
		{ActionCompleteChallenge, CanCompleteChallenge},
		{ActionConfirmFallback, CanConfirmFallback},
		{ActionCapture, CanCapture},
		{ActionVoid, CanVoid},
		{ActionRefund, CanRefund},
		{ActionMarkPaid, mayMarkPaid},
		{ActionRequestPayment, canRequestPayment},
	}
	actions := make([]OrderAction, len(rules))
	for i, r := range rules {
		actions[i] = OrderAction{Action: r.action, Available: true}
		err := r.rule(o)
		if err == nil {
			err = now.Actions[r.action]
		}
		if err != nil {
			reason := err.Error()
			if f, ok := fault.As(err); ok {
				reason = f.Message
			}
			actions[i].Available, actions[i].Reason = false, &reason
		}
	}
	return actions
}

// CanCancel allows a cancellation until the order is completed, cancelled or expired.
func CanCancel(o Order) error {
	if o.Status == StatusCancelled {
		return notAllowed(o, "The order has been cancelled already.")
	}
	if o.Status.Final() {
		return notAllowed(o, "The order is "+o.Status.words()+" and can't be cancelled.")
	}
	return nil
}

// CanUpdatePayment allows new payment methods only while the shopper is asked for them.
func CanUpdatePayment(o Order) error {
	if o.Status != StatusActionRequired {
		return notAllowed(o, "The order is "+o.Status.words()+" and needs no new payment details.")
	}
	return nil
}

// CanCompleteChallenge allows the shopper to say that the provider's challenge is passed, while there is one.
func CanCompleteChallenge(o Order) error {
	if o.Status != StatusActionRequired || !o.Challenge {
		return notAllowed(o, "No challenge of the payment provider is open.")
	}
	return nil
}

// CanConfirmFallback allows the shopper to agree to another payment method, while one waits for it.
func CanConfirmFallback(o Order) error {
	if o.Status != StatusActionRequired || o.PaymentFallback == nil {
		return notAllowed(o, "No payment method waits for the shopper's consent.")
	}
	return nil
}

// CanCapture allows to take the money that is reserved for an order that goes on.
func CanCapture(o Order) error {
	switch {
	case o.Status == StatusCancelled || o.Status == StatusExpired:
		return notAllowed(o, "The order is "+o.Status.words()+"; what is authorized for it is not taken.")
	case o.Status.AwaitsPayment():
		return notAllowed(o, "The order is "+o.waitsFor()+"; what is authorized for it is not taken yet.")
	case o.Reserved().Minor <= 0:
		return notAllowed(o, "No authorized money is left to take.")
	}
	return nil
}

// CanMarkPaid allows to book what has come in outside the shop, also after the order is completed: an invoice may be paid
// late. What comes in for an order that was called off goes back the way it came.
func CanMarkPaid(o Order) error {
	if o.Status == StatusCancelled || o.Status == StatusExpired {
		return notAllowed(o, "The order is "+o.Status.words()+"; what comes in for it is not booked, but given back.")
	}
	return nil
}

// mayMarkPaid is CanMarkPaid where something is to be paid, and no provider is asked for it. While the shopper is asked, what
// is still reserved may be a reservation that will end. It is a hint, and stricter than the operation: the order does not
// know what of it is invoiced, which may be booked while a provider is asked for the rest. What is lost to the shopper's bank
// pays nothing: whether it is to be paid in another way, the payment alone knows.
func mayMarkPaid(o Order) error {
	if err := CanMarkPaid(o); err != nil {
		return err
	}
	left := o.Owed().Minor - max(o.Paid.Captured.Minor-o.Paid.DisputeLost.Minor, 0)
	if o.Status != StatusActionRequired {
		left -= o.Reserved().Minor
	}
	switch {
	case left <= 0:
		return notAllowed(o, "Nothing is to be paid for this order any more.")
	case o.Status == StatusPendingPayment, o.Status == StatusActionRequired && o.Paid.Asked:
		return notAllowed(o, "A payment is under way at this moment.")
	}
	return nil
}

// CanRequestPayment allows to ask the shopper of an order that goes on, and that nobody packs yet, to pay what is
// outstanding.
func CanRequestPayment(o Order) error {
	if o.Status != StatusConfirmed {
		return notAllowed(o, "The order is "+o.Status.words()+"; its shopper is not asked to pay the rest.")
	}
	return nil
}

// mayRequestPayment is CanRequestPayment as far as an order tells by itself, which is never enough: providers may have taken
// a part, and the rest be neither reserved nor paid outside. Whether the rest is invoiced, the payment alone knows.
func mayRequestPayment(o Order) error {
	if err := CanRequestPayment(o); err != nil {
		return err
	}
	taken := o.Paid.Captured.Minor
	for _, r := range o.Receipts {
		taken -= r.Amount.Minor
	}
	if taken <= 0 || o.Owed().Minor-o.Paid.Captured.Minor-o.Reserved().Minor <= 0 {
		return notAllowed(o, "Nothing is outstanding for this order.")
	}
	return notAllowed(o, "The order does not tell whether anything is outstanding for it.")
}

// CanVoid allows to let go what is reserved: all of it while nothing has been packed, and at any time what is left
// beside money that was taken.
func CanVoid(o Order) error {
	switch {
	case o.Status == StatusCancelled || o.Status == StatusExpired:
		return notAllowed(o, "The order is "+o.Status.words()+"; what is reserved for it is let go by itself.")
	case o.Status.AwaitsPayment():
		return notAllowed(o, "The order is "+o.waitsFor()+"; what is reserved for it is let go when the order is called off.")
	case o.Reserved().Minor <= 0:
		return notAllowed(o, "No authorized money is left to release.")
	case o.Status != StatusConfirmed && o.Paid.Captured.IsZero():
		return notAllowed(o, "The order is "+o.Status.words()+" and would be unpaid.")
	}
	return nil
}

// CanRefund allows to give back what was taken and not given back yet, by providers or from gift cards.
func CanRefund(o Order) error {
	if o.Status.AwaitsPayment() && len(o.GiftCards) > 0 {
		return notAllowed(o, "The order is "+o.Status.words()+"; what gift cards have paid goes back when it is cancelled.")
	}
	cards, back, _ := o.fromCards()
	switch left := o.kept().Minor + cards - back; {
	case left <= 0:
		return notAllowed(o, "No money that was taken is left to give back.")
	case left <= o.Paid.Disputed.Minor:
		return Disputed(o, o.Paid.Disputed)
	}
	return nil
}

// Disputed refuses to give back what the shopper's bank takes back by itself.
func Disputed(o Order, amount money.Money) error {
	return notAllowed(o, fmt.Sprintf("Of this payment %s is disputed: what the shopper's bank takes back is not given back a second time.", amount))
}

// waitsFor says what an order waits for whose payment is not settled.
func (o Order) waitsFor() string {
	switch {
	case o.Status == StatusActionRequired && o.Challenge:
		return "waiting for its shopper to confirm the payment"
	case o.Status == StatusActionRequired && o.PaymentFallback != nil:
		return "waiting for its shopper to agree to another payment method"
	}
	return o.Status.words()
}

func notAllowed(o Order, message string) *fault.Fault {
	return fault.New(fault.Conflict, "NOT_ALLOWED", message).
		With("status", string(o.Status)).With("currentVersion", o.Version)
}
