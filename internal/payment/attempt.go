package payment

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// stage is how far a payment or an attempt has come, as it is stored.
type stage string

// The stages. A payment is open, waits for the shopper, is settled one way or the other, or is closed because its
// order is over. An attempt is started until its outcome is known.
const (
	stageOpen           stage = "OPEN"
	stageActionRequired stage = "ACTION_REQUIRED"
	stageAuthorized     stage = "AUTHORIZED"
	stageInvoiced       stage = "INVOICED"
	stageClosed         stage = "CLOSED"

	stageStarted  stage = "STARTED"
	stageUnknown  stage = "UNKNOWN"
	stagePending  stage = "PENDING"
	stageDeclined stage = "DECLINED"
	stageVoided   stage = "VOIDED"
)

// Payment is what is owed for an order, with the tries to get it.
type Payment struct {
	ID       id.PaymentID
	OrderID  id.OrderID
	Amount   money.Money
	Attempts []PaymentAttempt
	Refunds  []Refund // only where the payment is read to be shown

	methods     []Method
	tried       int
	waitsFor    *string // why the next attempt is not made yet, in words that a shopper may read
	stage       stage
	deadline    time.Time
	dueAt       *time.Time
	expiryDueAt *time.Time
}

// IsNode marks a Payment as a Node of the API.
func (Payment) IsNode() {}

// PaymentAttempt is one try to get the money with one method.
type PaymentAttempt struct {
	ID           id.PaymentAttemptID
	OrderID      id.OrderID
	Provider     string
	Rank         int // of the method in the shopper's list, from 1
	Reason       *string
	ChallengeURL *string // where the shopper does what the provider asks for
	StartedAt    time.Time
	FinishedAt   *time.Time
	ExpiresAt    *time.Time // when the provider lets go of what is reserved; nil when it does not say
	RenewAt      *time.Time // when the shop renews it, unless it was taken by then
	SettlesBy    *time.Time // until when a provider that settles later may take

	number     int // of the attempt on this order, from 1
	token      string
	stage      stage
	challenged bool
	abandoned  bool
	amount     money.Money
	authorized int64
	captured   int64
	refunded   int64
	voided     int64
	credited   int64 // given back to a gift card, while the provider keeps it
	ref        *string
	tries      int
	leaseUntil *time.Time
	nextTryAt  *time.Time
	renews     *id.PaymentAttemptID      // the attempt whose reservation this one renews
	disputed   int64                     // what the shopper's bank has taken back, or wants to
	lostFor    int64                     // the part of it that is gone for good
	save       bool                      // the provider is to keep the method for the customer
	savedFor   *id.CustomerID            // for whom it was asked to; nil where it is to keep it for nobody any more
	stored     *id.StoredPaymentMethodID // the kept method with which it is paid, or as which its method was kept
}

// IsNode marks a PaymentAttempt as a Node of the API.
func (PaymentAttempt) IsNode() {}

// inFlight says that the outcome is not known: money may be reserved under this attempt's key.
func (a *PaymentAttempt) inFlight() bool {
	switch a.stage {
	case stageStarted, stageUnknown, stagePending, stageActionRequired:
		return true
	}
	return false
}

// reserved is what the provider holds and nobody has taken or released.
func (a *PaymentAttempt) reserved() int64 { return a.authorized - a.captured - a.voided }

// kept is what was taken and not given back, neither by the provider nor to a gift card.
func (a *PaymentAttempt) kept() int64 { return a.captured - a.refunded - a.credited }

// refundable is what can be given back. What the shopper's bank takes back by itself is not given a second time.
func (a *PaymentAttempt) refundable() int64 { return max(a.kept()-a.disputed, 0) }

func (a *PaymentAttempt) money(minor int64) money.Money {
	return money.New(minor, a.amount.CurrencyCode)
}

// settle ends the attempt at a stage. Why it has waited until now is no reason any more.
func (a *PaymentAttempt) settle(s stage, reason string, now time.Time) {
	if reason != "" {
		a.Reason = &reason
	} else if a.inFlight() {
		a.Reason = nil
	}
	a.stage, a.leaseUntil, a.nextTryAt, a.ChallengeURL, a.FinishedAt = s, nil, nil, nil, &now
}

// absorb takes over what the provider says about the amounts and gives the events that tell what is new. Amounts at a
// provider only grow, so answers that arrive twice or in the wrong order come to the same end.
func (a *PaymentAttempt) absorb(c Charge, now time.Time) []event.Data {
	var news []event.Data
	if c.Ref != "" {
		a.ref = &c.Ref
	}
	a.lasts(c.ExpiresAt, now)
	if d := c.Authorized.Minor - a.authorized; d > 0 {
		a.authorized += d
		news = append(news, orders.PaymentAuthorized{
			AttemptID: a.ID, Attempt: a.number, Provider: a.Provider, Amount: a.money(d),
			Renews: a.renews, ExpiresAt: a.ExpiresAt, RenewAt: a.RenewAt,
		})
	}
	if d := c.Captured.Minor - a.captured; d > 0 {
		a.captured += d
		news = append(news, orders.PaymentCaptured{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(d)})
	}
	if d := c.Voided.Minor - a.voided; d > 0 {
		a.voided += d
		news = append(news, orders.PaymentVoided{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(d)})
	}
	if d := c.Refunded.Minor - a.refunded; d > 0 {
		a.refunded += d
		news = append(news, orders.PaymentRefunded{AttemptID: a.ID, Provider: a.Provider, Amount: a.money(d)})
	}
	return append(news, a.absorbDispute(c)...)
}

// plausible refuses what a provider cannot mean: another amount than the one asked for, another currency, or the charge
// of another order.
func (a *PaymentAttempt) plausible(c Charge) bool {
	if c.Reference != "" && c.Reference != uuid.UUID(a.OrderID).String() {
		return false
	}
	for _, m := range []money.Money{c.Authorized, c.Captured, c.Refunded, c.Voided} {
		if m.Minor < 0 || (m.Minor > 0 && m.CurrencyCode != a.amount.CurrencyCode) {
			return false
		}
	}
	whole := c.Authorized.Minor == a.amount.Minor || c.Authorized.Minor == 0 ||
		c.Authorized.Minor == a.authorized // a part of an invoice that has come in
	return whole && c.Captured.Minor+c.Voided.Minor <= c.Authorized.Minor && c.Refunded.Minor <= c.Captured.Minor &&
		(c.State != ChargeAuthorized || c.Authorized.Minor > 0)
}

// misfit is nil for a charge that is plausible; else an error that says what it is, and what was asked for.
func (a *PaymentAttempt) misfit(c Charge) error {
	if a.plausible(c) {
		return nil
	}
	told := fmt.Sprintf("%s, and %s was asked for", c.amounts(), a.amount)
	if c.Reference != "" && c.Reference != uuid.UUID(a.OrderID).String() {
		told += fmt.Sprintf("; for %.100q, and not for its order", c.Reference)
	}
	return fmt.Errorf("provider %s: %w", a.Provider, &misfit{told})
}
