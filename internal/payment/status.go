package payment

import "github.com/wharfhq/wharf/internal/money"

// PaymentStatus is how far a payment has come, as shoppers and staff see it.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentActionRequired PaymentStatus = "ACTION_REQUIRED"
	PaymentAuthorized     PaymentStatus = "AUTHORIZED"
	PaymentCaptured       PaymentStatus = "CAPTURED"
	PaymentManual         PaymentStatus = "MANUAL"
	PaymentPartAuthorized PaymentStatus = "PARTIALLY_AUTHORIZED"
	PaymentPartCaptured   PaymentStatus = "PARTIALLY_CAPTURED"
	PaymentPending        PaymentStatus = "PENDING"
	PaymentRefunded       PaymentStatus = "REFUNDED"
	PaymentVoided         PaymentStatus = "VOIDED"
)

// PaymentAttemptState is how far one try has come, as shoppers and staff see it.
type PaymentAttemptState string

// The states of an attempt.
const (
	AttemptActionRequired PaymentAttemptState = "ACTION_REQUIRED"
	AttemptAuthorized     PaymentAttemptState = "AUTHORIZED"
	AttemptCaptured       PaymentAttemptState = "CAPTURED"
	AttemptDeclined       PaymentAttemptState = "DECLINED"
	AttemptPending        PaymentAttemptState = "PENDING"
	AttemptRefunded       PaymentAttemptState = "REFUNDED"
	AttemptStarted        PaymentAttemptState = "STARTED"
	AttemptUnknown        PaymentAttemptState = "UNKNOWN"
	AttemptVoided         PaymentAttemptState = "VOIDED"
)

// State follows from the stage and from the amounts.
func (a PaymentAttempt) State() PaymentAttemptState {
	switch {
	case a.captured > 0 && a.kept()-a.lostFor <= 0:
		return AttemptRefunded
	case a.toCome() > 0:
		return AttemptPending
	case a.captured > 0:
		return AttemptCaptured
	}
	return PaymentAttemptState(a.stage)
}

// Status follows from the stage and from the amounts of the attempts. What is held of a part of what is owed says so.
func (p Payment) Status() PaymentStatus {
	captured, gone := p.CapturedAmount().Minor, p.RefundedAmount().Minor+p.sum(func(a *PaymentAttempt) int64 { return a.lostFor }).Minor
	reserved := p.AuthorizedAmount().Minor
	switch {
	case captured > 0 && gone >= captured:
		return PaymentRefunded
	case captured >= p.Amount.Minor:
		return PaymentCaptured
	case captured > 0:
		return PaymentPartCaptured
	case reserved >= p.Amount.Minor:
		return PaymentAuthorized
	case reserved > 0:
		return PaymentPartAuthorized
	case p.stage == stageInvoiced:
		return PaymentManual
	case p.stage == stageActionRequired:
		return PaymentActionRequired
	case p.stage == stageClosed:
		return PaymentVoided
	}
	return PaymentPending
}

// AuthorizedAmount is what is reserved and neither taken nor released.
func (p Payment) AuthorizedAmount() money.Money { return p.sum((*PaymentAttempt).reserved) }

// CapturedAmount is what was taken.
func (p Payment) CapturedAmount() money.Money {
	return p.sum(func(a *PaymentAttempt) int64 { return a.captured })
}

// RefundedAmount is what was given back, by the provider or to a gift card.
func (p Payment) RefundedAmount() money.Money {
	return p.sum(func(a *PaymentAttempt) int64 { return a.refunded + a.credited })
}

// DisputedAmount is what the shopper's bank has taken back, or wants to.
func (p Payment) DisputedAmount() money.Money {
	return p.sum(func(a *PaymentAttempt) int64 { return a.disputed })
}

// OutstandingAmount is what is still to be paid before the order can go on.
func (p Payment) OutstandingAmount() money.Money {
	if p.stage == stageClosed {
		return money.Zero(p.Amount.CurrencyCode)
	}
	d := dossier{payment: p}
	return money.New(d.left(), p.Amount.CurrencyCode)
}

func (p Payment) sum(of func(*PaymentAttempt) int64) money.Money {
	total := money.Zero(p.Amount.CurrencyCode)
	for i := range p.Attempts {
		total.Minor += of(&p.Attempts[i])
	}
	return total
}
