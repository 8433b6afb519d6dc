package orders

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// What an order tells of the money that it is to be paid with.

// PaymentStarted tells that a provider is being asked for the money with the method of this rank.
type PaymentStarted struct {
	AttemptID id.PaymentAttemptID  `json:"attemptId"`
	Attempt   int                  `json:"attempt"` // counts all tries of the order, from 1
	Provider  string               `json:"provider"`
	Amount    money.Money          `json:"amount"`
	Renews    *id.PaymentAttemptID `json:"renews,omitempty"` // the attempt whose reservation would end soon
}

// PaymentDeclined tells that an attempt has definitely come to nothing: its provider has said no, or, as the code says,
// nobody has declined anything.
type PaymentDeclined struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Attempt   int                 `json:"attempt"`
	Provider  string              `json:"provider"`
	Reason    string              `json:"reason"`             // a sentence about the payment, all that the shopper reads of it
	Deadline  *time.Time          `json:"deadline,omitempty"` // until when the next methods are tried, where that has changed
	Resumed   bool                `json:"resumed,omitempty"`  // the order has waited for its shopper, and now the next method is tried by itself
	Code      DeclineCode         `json:"code,omitempty"`     // events of older versions don't have it
}

// DeclineCode is what has become of an attempt that came to nothing.
type DeclineCode string

// The codes of a decline.
const (
	DeclinedByProvider DeclineCode = "DECLINED"  // the provider has said no
	DeclinedNoAnswer   DeclineCode = "NO_ANSWER" // the provider did not answer, so that the attempt was called off
	DeclinedReplaced   DeclineCode = "REPLACED"  // the shopper has chosen other methods
	DeclinedReleased   DeclineCode = "RELEASED"  // the provider has let go of what it had reserved
	DeclinedNotAsked   DeclineCode = "NOT_ASKED" // the shop could not ask with this method any more
)

// PaymentMethodSkipped tells that nobody was asked with a method of the shopper, since it can't be used for what is owed,
// or that others are tried before it, since its provider does not answer.
type PaymentMethodSkipped struct {
	Rank     int    `json:"rank"` // in the shopper's list, from 1
	Provider string `json:"provider"`
	Reason   string `json:"reason"` // a sentence that a shopper may read
}

// PaymentUnknown tells that a provider has not answered and that its books are being looked up.
type PaymentUnknown struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Attempt   int                 `json:"attempt"`
	Provider  string              `json:"provider"`
	NextTry   *time.Time          `json:"nextTry,omitempty"`
}

// PaymentPending tells that the provider settles later, or that the shopper pays on invoice.
type PaymentPending struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Attempt   int                 `json:"attempt"`
	Provider  string              `json:"provider"`
	Invoice   bool                `json:"invoice,omitempty"`   // paid outside; the order goes on at once
	Partial   bool                `json:"partial,omitempty"`   // an invoice for a part; the rest is to be paid with other methods
	SettlesBy *time.Time          `json:"settlesBy,omitempty"` // until when the provider may take
	Deadline  *time.Time          `json:"deadline,omitempty"`  // until when the order waits for it, where that has changed
}

// PaymentActionRequired tells that the shopper must act until the deadline: give new payment details or pass a challenge.
type PaymentActionRequired struct {
	AttemptID *id.PaymentAttemptID `json:"attemptId,omitempty"` // of the challenge
	Deadline  time.Time            `json:"deadline"`
	Reason    string               `json:"reason"` // a sentence that a shopper may read
	Challenge bool                 `json:"challenge,omitempty"`
	Fallback  *Fallback            `json:"fallback,omitempty"` // the method that waits for the shopper's consent
	Rest      *money.Money         `json:"rest,omitempty"`     // what the staff ask for, of an order that is paid in part
	Partial   bool                 `json:"partial,omitempty"`  // a part of what is owed is reserved, invoiced or paid
}

// Fallback is a payment method that the shopper wants to be asked about before it is used in place of another.
type Fallback struct {
	Rank     int         `json:"rank"` // in the shopper's list, from 1
	Provider string      `json:"provider"`
	Amount   money.Money `json:"amount"`
}

// PaymentMethodsUpdated tells that the shopper has given new ranked methods, or has passed a challenge.
type PaymentMethodsUpdated struct {
	Providers []string  `json:"providers,omitempty"`
	Deadline  time.Time `json:"deadline"`
}

// PaymentAuthorized tells that a provider has reserved the amount.
type PaymentAuthorized struct {
	AttemptID id.PaymentAttemptID  `json:"attemptId"`
	Attempt   int                  `json:"attempt"`
	Provider  string               `json:"provider"`
	Amount    money.Money          `json:"amount"`
	Partial   bool                 `json:"partial,omitempty"`   // the rest is to be paid with other methods
	Renews    *id.PaymentAttemptID `json:"renews,omitempty"`    // the attempt whose reservation this one replaces
	ExpiresAt *time.Time           `json:"expiresAt,omitempty"` // when the provider lets go of it
	RenewAt   *time.Time           `json:"renewAt,omitempty"`   // when it is renewed, unless it was taken by then
}

// PaymentCaptured tells that a reserved amount was taken, or that an amount has come in outside the shop, of which
// nothing had been reserved.
type PaymentCaptured struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
	Invoice   bool                `json:"invoice,omitempty"` // paid outside; the staff say so
	Sealed    []byte              `json:"sealed,omitempty"`  // Reference, encrypted under the order's key

	Reference *string `json:"-"` // under which it is found there; nil where none was given, and once it has been erased
}

// PaymentVoided tells that a reserved amount was let go.
type PaymentVoided struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
	Replaced  bool                `json:"replaced,omitempty"` // another reservation has taken its place
}

// PaymentDisputed tells that the shopper's bank wants an amount back that was taken, or has taken it back already.
type PaymentDisputed struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
}

// PaymentDisputeWon tells that an amount which was disputed is the shop's again. Reversed is what had been lost before and
// is not any more, whether it is the shop's again or disputed still; events of older versions don't have it.
type PaymentDisputeWon struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
	Reversed  money.Money         `json:"reversed,omitzero"`
}

// PaymentDisputeLost tells that an amount which was disputed is gone for good.
type PaymentDisputeLost struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
}

// PaymentRefunded tells that a captured amount was given back.
type PaymentRefunded struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
	Reason    string              `json:"reason,omitempty"`
}

// PaymentCaptureFailed tells that a provider has refused for good to take a reserved amount, or that the order was over
// before it was asked.
type PaymentCaptureFailed struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
	Reason    string              `json:"reason,omitempty"` // the provider's, for the staff
	Over      bool                `json:"over,omitempty"`   // the order has ended, so that nothing of it is missing
}

// PaymentRefundFailed tells that a provider has refused for good to give a captured amount back, or that it came in outside
// the shop and must go back by the staff's hands.
type PaymentRefundFailed struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Amount    money.Money         `json:"amount"`
	Reason    string              `json:"reason,omitempty"` // the provider's, for the staff
}

// CompensationStarted tells which payments will be undone, and why. It is bound to what was done.
type CompensationStarted struct {
	Reason string             `json:"reason"`
	Steps  []CompensationStep `json:"steps"`
}

// CompensationStep is the undoing of one attempt.
type CompensationStep struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"`
	Provider  string              `json:"provider"`
	Action    string              `json:"action"` // void or refund
	Amount    money.Money         `json:"amount"`
}

// Kind is the stored name of the event; it never changes.
func (PaymentStarted) Kind() string { return "payment.started" }

// Kind is the stored name of the event; it never changes.
func (PaymentDeclined) Kind() string { return "payment.declined" }

// Kind is the stored name of the event; it never changes.
func (PaymentUnknown) Kind() string { return "payment.unknown" }

// Kind is the stored name of the event; it never changes.
func (PaymentPending) Kind() string { return "payment.pending" }

// Kind is the stored name of the event; it never changes.
func (PaymentActionRequired) Kind() string { return "payment.action_required" }

// Kind is the stored name of the event; it never changes.
func (PaymentMethodsUpdated) Kind() string { return "payment.methods_updated" }

// Kind is the stored name of the event; it never changes.
func (PaymentAuthorized) Kind() string { return "payment.authorized" }

// Kind is the stored name of the event; it never changes.
func (PaymentCaptured) Kind() string { return "payment.captured" }

// Kind is the stored name of the event; it never changes.
func (PaymentVoided) Kind() string { return "payment.voided" }

// Kind is the stored name of the event; it never changes.
func (PaymentMethodSkipped) Kind() string { return "payment.method_skipped" }

// Kind is the stored name of the event; it never changes.
func (PaymentDisputed) Kind() string { return "payment.disputed" }

// Kind is the stored name of the event; it never changes.
func (PaymentDisputeWon) Kind() string { return "payment.dispute_won" }

// Kind is the stored name of the event; it never changes.
func (PaymentDisputeLost) Kind() string { return "payment.dispute_lost" }

// Kind is the stored name of the event; it never changes.
func (PaymentRefunded) Kind() string { return "payment.refunded" }

// Kind is the stored name of the event; it never changes.
func (PaymentCaptureFailed) Kind() string { return "payment.capture_failed" }

// Kind is the stored name of the event; it never changes.
func (PaymentRefundFailed) Kind() string { return "payment.refund_failed" }

// Kind is the stored name of the event; it never changes.
func (CompensationStarted) Kind() string { return "payment.compensation_started" }
