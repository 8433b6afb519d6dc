package audit

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// OperatorEventType is what has happened that operators should know.
type OperatorEventType string

// The types of operators' events.
const (
	OperatorConsistencyBroken    OperatorEventType = "CONSISTENCY_BROKEN"
	OperatorConsistencyRestored  OperatorEventType = "CONSISTENCY_RESTORED"
	OperatorReconciliationBroken OperatorEventType = "RECONCILIATION_BROKEN"
	OperatorReconciliationMended OperatorEventType = "RECONCILIATION_MENDED"
	OperatorCallbackRefused      OperatorEventType = "CALLBACK_REFUSED"
	OperatorCaptureFailed        OperatorEventType = "CAPTURE_FAILED"
	OperatorRefundFailed         OperatorEventType = "REFUND_FAILED"
	OperatorDisputed             OperatorEventType = "DISPUTED"
	OperatorDisputeLost          OperatorEventType = "DISPUTE_LOST"
	OperatorDisputeWon           OperatorEventType = "DISPUTE_WON"
	OperatorProviderUnavailable  OperatorEventType = "PROVIDER_UNAVAILABLE"
	OperatorProviderAvailable    OperatorEventType = "PROVIDER_AVAILABLE"
	OperatorStockLow             OperatorEventType = "STOCK_LOW"
	OperatorStockOut             OperatorEventType = "STOCK_OUT"
	OperatorStockBack            OperatorEventType = "STOCK_BACK"
)

// OperatorEvent is one event of the log that operators should know, in their words.
type OperatorEvent struct {
	Type       OperatorEventType
	At         time.Time
	By         string // who, as in events
	Cause      string // what led to it: an operation or a job
	Message    string // a sentence for people
	Invariant  *string
	Provider   *string // of payments
	OrderID    *id.OrderID
	VariantID  *id.ProductVariantID
	LocationID *id.LocationID

	stream  [16]byte
	version int
}

// OperatorEventConnection is one page of what operators should know.
type OperatorEventConnection = pg.Connection[OperatorEvent]

// OperatorEventEdge is one event of a page.
type OperatorEventEdge = pg.Edge[OperatorEvent]

// readings say of each kind of event that operators should know how it is told. The index event_operators_providers holds
// exactly these kinds.
var readings = []reading{
	told(OperatorConsistencyBroken, func(e *OperatorEvent, d ConsistencyBroken) string {
		e.Invariant = &d.Name
		message := fmt.Sprintf("%s is violated, %d times: %s", d.Name, d.Violations, d.Statement)
		if len(d.Samples) > 0 {
			message += fmt.Sprintf(" The first is %s: %s", d.Samples[0].Subject, d.Samples[0].Detail)
		}
		return message
	}),
	told(OperatorConsistencyRestored, func(e *OperatorEvent, d ConsistencyRestored) string {
		e.Invariant = &d.Name
		return fmt.Sprintf("%s holds again: %s", d.Name, d.Statement)
	}),
	told(OperatorReconciliationBroken, func(e *OperatorEvent, d payment.ReconciliationBroken) string {
		e.Provider, e.OrderID = &d.Provider, d.OrderID
		if d.Reason == payment.BreakUnreadable {
			return fmt.Sprintf("The books of %s can't be compared to their end (%s): %s", d.Provider, d.Reason, d.Detail)
		}
		return fmt.Sprintf("The books of %s and the shop's differ on charge %s (%s): %s", d.Provider, d.Charge, d.Reason, d.Detail)
	}),
	told(OperatorReconciliationMended, func(_ *OperatorEvent, d payment.ReconciliationMended) string {
		if d.Reason == payment.BreakUnreadable { // which says nothing of whether they agree
			return "What was told of the books is over: they can be read to their end again, or are not compared any more."
		}
		if d.State == payment.BreakRepaired {
			return "The books agree again: the shop has seen to it."
		}
		return "The books agree again, without the shop's doing."
	}),
	told(OperatorCallbackRefused, func(e *OperatorEvent, d payment.CallbackRefused) string {
		e.Provider, e.OrderID = &d.Provider, d.OrderID
		return fmt.Sprintf("The notification %q of %s was not followed: %s", d.EventID, d.Provider, d.Reason)
	}),
	told(OperatorCaptureFailed, func(e *OperatorEvent, d orders.PaymentCaptureFailed) string {
		e.ofOrder(d.Provider)
		return fmt.Sprintf("%s does not take the %s that it has authorized%s", d.Provider, d.Amount, because(d.Reason))
	}),
	told(OperatorRefundFailed, func(e *OperatorEvent, d orders.PaymentRefundFailed) string {
		e.ofOrder(d.Provider)
		return fmt.Sprintf("%s does not give %s back%s", d.Provider, d.Amount, because(d.Reason))
	}),
	told(OperatorDisputed, func(e *OperatorEvent, d orders.PaymentDisputed) string {
		e.ofOrder(d.Provider)
		return fmt.Sprintf("%s that were paid with %s are disputed.", d.Amount, d.Provider)
	}),
	told(OperatorDisputeLost, func(e *OperatorEvent, d orders.PaymentDisputeLost) string {
		e.ofOrder(d.Provider)
		return fmt.Sprintf("%s that were disputed with %s are lost.", d.Amount, d.Provider)
	}),
	told(OperatorDisputeWon, func(e *OperatorEvent, d orders.PaymentDisputeWon) string {
		e.ofOrder(d.Provider)
		return fmt.Sprintf("%s that were disputed with %s are the shop's again.", d.Amount, d.Provider)
	}),
	told(OperatorProviderUnavailable, func(e *OperatorEvent, d payment.ProviderUnavailable) string {
		e.Provider = &d.Provider
		return fmt.Sprintf("%s has not answered since %s and is left alone: %s.", d.Provider, d.Since.Format(time.DateTime), d.Reason)
	}),
	told(OperatorProviderAvailable, func(e *OperatorEvent, d payment.ProviderAvailable) string {
		e.Provider = &d.Provider
		return fmt.Sprintf("%s has answered again since %s. It had not since %s.", d.Provider, d.Since.Format(time.DateTime), d.Away.Format(time.DateTime))
	}),
	told(OperatorStockLow, func(e *OperatorEvent, d inventory.WentLow) string {
		e.ofShelf()
		return fmt.Sprintf("%d are left to promise; low is %d.", d.Available, d.Threshold)
	}),
	told(OperatorStockOut, func(e *OperatorEvent, _ inventory.WentOut) string {
		e.ofShelf()
		return "Nothing is left to promise."
	}),
	told(OperatorStockBack, func(e *OperatorEvent, d inventory.CameBack) string {
		e.ofShelf()
		return fmt.Sprintf("There is enough again: %d are left to promise.", d.Available)
	}),
}

// reading makes an event of one kind what operators are told.
type reading struct {
	of   OperatorEventType
	kind string
	read func(*OperatorEvent, json.RawMessage) error
}

func told[D event.Data](of OperatorEventType, message func(*OperatorEvent, D) string) reading {
	var kind D
	return reading{of: of, kind: kind.Kind(), read: func(e *OperatorEvent, text json.RawMessage) error {
		var data D
		if err := json.Unmarshal(text, &data); err != nil {
			return fmt.Errorf("decode %s: %w", data.Kind(), err)
		}
		e.Type, e.Message = of, message(e, data)
		return nil
	}}
}

func (e *OperatorEvent) ofOrder(provider string) {
	e.Provider, e.OrderID = &provider, (*id.OrderID)(&e.stream)
}

// ofShelf says which variant the event concerns. Its location is read with the event, as of all kinds.
func (e *OperatorEvent) ofShelf() { e.VariantID = (*id.ProductVariantID)(&e.stream) }

// because adds a reason that somebody else has written, and may have left out.
func because(reason string) string {
	if reason == "" {
		return "."
	}
	return ": " + reason
}
