package payment

import (
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// What is shown of an attempt, besides its plain fields.

// Number is the how-manieth try of the order it is, from 1.
func (a PaymentAttempt) Number() int { return a.number }

// Amount is what the provider was asked for.
func (a PaymentAttempt) Amount() money.Money { return a.amount }

// AuthorizedAmount is what the provider has reserved, all in all.
func (a PaymentAttempt) AuthorizedAmount() money.Money { return a.money(a.authorized) }

// CapturedAmount is what was taken.
func (a PaymentAttempt) CapturedAmount() money.Money { return a.money(a.captured) }

// RefundedAmount is what was given back.
func (a PaymentAttempt) RefundedAmount() money.Money { return a.money(a.refunded) }

// VoidedAmount is what was reserved and let go.
func (a PaymentAttempt) VoidedAmount() money.Money { return a.money(a.voided) }

// DisputedAmount is what the shopper's bank has taken back, or wants to.
func (a PaymentAttempt) DisputedAmount() money.Money { return a.money(a.disputed) }

// DisputeLostAmount is the part of that which is gone for good.
func (a PaymentAttempt) DisputeLostAmount() money.Money { return a.money(a.lostFor) }

// Renews is the attempt whose reservation this one renews.
func (a PaymentAttempt) Renews() *id.PaymentAttemptID { return a.renews }

// ProviderReference is the provider's own name of the charge, for the staff alone.
func (a PaymentAttempt) ProviderReference() *string { return a.ref }
