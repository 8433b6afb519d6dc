package orders

import (
	"fmt"
	"slices"
	"time"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// transitions is the published table: from which status an order may go to which.
var transitions = map[OrderStatus][]OrderStatus{
	"":                   {StatusPendingPayment},
	StatusPendingPayment: {StatusConfirmed, StatusActionRequired, StatusCancelled, StatusExpired},
	StatusActionRequired: {StatusPendingPayment, StatusConfirmed, StatusCancelled, StatusExpired},
	StatusConfirmed:      {StatusInFulfillment, StatusReadyForPickup, StatusCompleted, StatusActionRequired, StatusCancelled},
	StatusInFulfillment:  {StatusReadyForPickup, StatusCompleted, StatusCancelled},
	StatusReadyForPickup: {StatusCompleted, StatusCancelled, StatusExpired},
}

// Final says that the order's status can change no more; its money still may.
func (s OrderStatus) Final() bool {
	return s == StatusCompleted || s == StatusCancelled || s == StatusExpired
}

// AwaitsPayment says that the order holds stock but is not paid for yet.
func (s OrderStatus) AwaitsPayment() bool {
	return s == StatusPendingPayment || s == StatusActionRequired
}

// mayBecome says whether the table has the step.
func (s OrderStatus) mayBecome(next OrderStatus) bool { return slices.Contains(transitions[s], next) }

// statusAfter is the status to which an event leads.
func statusAfter(status OrderStatus, data event.Data) OrderStatus {
	switch d := data.(type) {
	case Placed, PaymentMethodsUpdated:
		return StatusPendingPayment
	case PaymentDeclined:
		if d.Resumed && status == StatusActionRequired {
			return StatusPendingPayment
		}
		return status
	case PaymentActionRequired:
		return StatusActionRequired
	case Confirmed:
		return StatusConfirmed
	case Cancelled:
		return StatusCancelled
	case Expired:
		return StatusExpired
	default:
		return status
	}
}

// fits says whether an event may meet an order of that status. What leads to a status may happen only once on the
// way; only who is asked for new payment details may be asked for something else meanwhile.
func fits(status OrderStatus, data event.Data) bool {
	next := statusAfter(status, data)
	switch data.(type) {
	case Placed, Confirmed, Cancelled, Expired:
		return status.mayBecome(next)
	case PaymentMethodsUpdated:
		return status == StatusActionRequired
	case PaymentActionRequired:
		return status == next || status.mayBecome(next)
	case PaymentStarted:
		return !status.Final()
	default:
		return true
	}
}

// check refuses what must not happen to the order as it stands. What has been appended is never checked again.
func check(o Order, data event.Data) error {
	if _, placed := data.(Placed); placed != (o.Version == 0) {
		return refused(o, data)
	}
	if !fits(o.Status, data) {
		return refused(o, data)
	}
	var amount, limit money.Money
	switch d := data.(type) {
	case PersonalDataErased, NoteAdded:
		if o.Erased {
			return fault.New(fault.Conflict, "NOT_ALLOWED", "The personal data of this order has been erased.")
		}
		return nil
	case CustomerLinked:
		if o.CustomerID != nil || o.Erased {
			return fault.New(fault.Conflict, "NOT_ALLOWED", "This order is a customer's, or nobody's any more.")
		}
		return nil
	case CustomerUnlinked:
		if o.CustomerID == nil || o.Erased {
			return fault.New(fault.Conflict, "NOT_ALLOWED", "This order is in no account.")
		}
		return nil
	case PaymentAuthorized:
		// A provider's word is a fact, even if two of them said yes; but no amount is above the total.
		amount, limit = d.Amount, o.TotalPrice
	case PaymentVoided:
		amount, limit = d.Amount, o.Reserved()
	case PaymentCaptured:
		if amount, limit = d.Amount, o.Reserved(); d.Invoice {
			limit = o.Receivable()
		}
	case PaymentRefunded:
		// What went to a gift card is still with the provider, where somebody may give it back a second time.
		amount, limit = d.Amount, money.New(o.Paid.Captured.Minor-o.Paid.Refunded.Minor, o.CurrencyCode)
	case GiftCardRedeemed:
		amount, limit = d.Amount, o.Owed()
	case GiftCardReturned:
		amount, limit = d.Amount, money.New(o.card(d.GiftCardID).kept(), o.CurrencyCode)
	case GiftCardRefunded:
		amount, limit = d.Amount, o.kept()
		if d.Redeemed {
			limit = money.New(o.card(d.GiftCardID).kept(), o.CurrencyCode)
		}
	default:
		return nil
	}
	if amount.CurrencyCode != o.CurrencyCode || amount.Minor < 0 || amount.Minor > limit.Minor {
		return fmt.Errorf("%s of %s does not fit order %s, which has %s of it", data.Kind(), amount, o.ID, limit)
	}
	return nil
}

func refused(o Order, data event.Data) error {
	return notAllowed(o, "The order is "+o.Status.words()+"; this is not possible now.").
		Because(fmt.Errorf("%s in %s of version %d", data.Kind(), o.Status, o.Version))
}

// Reserved is what providers hold for the order and nobody has taken or let go.
func (o Order) Reserved() money.Money {
	return money.New(o.Paid.Authorized.Minor-o.Paid.Voided.Minor-o.Paid.Captured.Minor, o.CurrencyCode)
}

// kept is what providers have taken and was not given back, neither by them nor to a gift card.
func (o Order) kept() money.Money {
	_, _, credited := o.fromCards()
	return money.New(o.Paid.Captured.Minor-o.Paid.Refunded.Minor-credited, o.CurrencyCode)
}

// Receivable is what may come in outside the shop: the total without what was taken and has not gone back. A card that was
// given up may have been taken late, and have been given back since, or be lost to the shopper's bank for good.
func (o Order) Receivable() money.Money {
	held := max(o.Paid.Captured.Minor-o.Paid.Refunded.Minor-o.Paid.DisputeLost.Minor, 0)
	return money.New(o.TotalPrice.Minor-held, o.CurrencyCode)
}

// Apply gives the order as it is after one more event. It is pure, and it takes every event that was ever appended:
// whether something may happen was decided before.
func Apply(o Order, e event.Event, data event.Data) Order {
	o.Version, o.UpdatedAt = e.Version, e.At
	o.Status = statusAfter(o.Status, data)
	switch d := data.(type) {
	case Placed:
		o = placed(id.OrderID(e.Stream), e.At, d)
	case Confirmed:
		o.ConfirmedAt, o.Deadline, o.Challenge, o.PaymentFallback = &e.At, nil, false, nil
	case Cancelled:
		o.CancelReason, o.CanceledAt, o.Deadline = &d.Reason, &e.At, nil
		o.FulfillmentStatus, o.Challenge, o.PaymentFallback = FulfillmentRestocked, false, nil
	case Expired:
		o.Deadline, o.FulfillmentStatus, o.Challenge, o.PaymentFallback = nil, FulfillmentRestocked, false, nil
	case PaymentActionRequired:
		o.Deadline, o.Challenge, o.PaymentFallback = moment(d.Deadline), d.Challenge, d.Fallback
	case PaymentMethodsUpdated:
		o.Deadline, o.Challenge, o.PaymentFallback = moment(d.Deadline), false, nil
	case PaymentPending:
		o.waits(d.Deadline)
	case PaymentStarted:
		o.Paid.Asked, o.Paid.AskedOf = true, &d.AttemptID
	case PaymentDeclined:
		o.answered(d.AttemptID)
		o.waits(d.Deadline)
		if d.Resumed {
			o.Challenge, o.PaymentFallback = false, nil
		}
	case PaymentAuthorized:
		o.Paid.Authorized.Minor += d.Amount.Minor
		o.answered(d.AttemptID)
	case PaymentVoided:
		o.Paid.Voided.Minor += d.Amount.Minor
		o.answered(d.AttemptID)
	case PaymentCaptured:
		o.Paid.Captured.Minor += d.Amount.Minor
		if d.Invoice {
			o = received(o, e, d)
		}
	case PaymentRefunded:
		o.Paid.Refunded.Minor += d.Amount.Minor
	case PaymentDisputed:
		o.disputes(d.Amount.Minor, 0)
	case PaymentDisputeLost:
		o.disputes(0, d.Amount.Minor)
	case PaymentDisputeWon:
		o.disputes(-d.Amount.Minor, -d.Reversed.Minor)
	case GiftCardRedeemed:
		g := o.card(d.GiftCardID)
		g.LastCharacters, g.Amount.Minor = d.LastCharacters, g.Amount.Minor+d.Amount.Minor
		o = o.withCard(g)
	case GiftCardReturned:
		g := o.card(d.GiftCardID)
		g.Returned.Minor += d.Amount.Minor
		o = o.withCard(g)
	case GiftCardRefunded:
		o = o.withCard(refundedTo(o.card(d.GiftCardID), e.Version, d))
	case NoteAdded:
		if d.Body != nil {
			o.Notes = append(slices.Clone(o.Notes), OrderNote{Body: *d.Body, By: e.By, CreatedAt: e.At})
		}
	case CustomerLinked:
		o.CustomerID = &d.CustomerID
	case CustomerUnlinked:
		o.CustomerID = nil
	case PersonalDataErased:
		o = withoutPersonal(o)
	}
	o.FinancialStatus = financialStatus(o)
	return o
}

// answered notes that what a provider was asked for is known. Of an order that is paid with several methods, what
// becomes of one says nothing of another.
func (o *Order) answered(attempt id.PaymentAttemptID) {
	if of := o.Paid.AskedOf; of == nil || *of == attempt {
		o.Paid.Asked, o.Paid.AskedOf = false, nil
	}
}

// received is the order after money came in outside the shop. It was never reserved, so it counts as reserved and taken at
// once.
func received(o Order, e event.Event, d PaymentCaptured) Order {
	o.Paid.Authorized.Minor += d.Amount.Minor
	o.answered(d.AttemptID)
	o.Receipts = append(slices.Clone(o.Receipts), OrderReceipt{
		AttemptID: d.AttemptID, Amount: d.Amount, Reference: d.Reference, By: e.By, CreatedAt: e.At,
	})
	return o
}

// disputes adds to what the shopper's bank wants back, or has for good. What is not wanted any more is not lost either.
func (o *Order) disputes(wanted, lost int64) {
	disputed := max(o.Paid.Disputed.Minor+wanted, 0)
	o.Paid.Disputed = money.New(disputed, o.CurrencyCode)
	o.Paid.DisputeLost = money.New(min(max(o.Paid.DisputeLost.Minor+lost, 0), disputed), o.CurrencyCode)
}

// waits moves the deadline of an order that awaits its payment; nil leaves it.
func (o *Order) waits(until *time.Time) {
	if until != nil && o.Status.AwaitsPayment() {
		o.Deadline = moment(*until)
	}
}

// refundedTo is a card's entry after money was given back to the card.
func refundedTo(g OrderGiftCard, version int, d GiftCardRefunded) OrderGiftCard {
	g.LastCharacters = d.LastCharacters
	if d.Redeemed {
		g.Refunded.Minor += d.Amount.Minor
	} else {
		g.Credited.Minor += d.Amount.Minor
	}
	if d.Issued {
		g.IssuedIn = version
	}
	return g
}

// placed is an order at its first event.
func placed(order id.OrderID, at time.Time, p Placed) Order {
	zero := money.Zero(p.CurrencyCode)
	o := Order{
		ID: order, Version: 1, OrderNumber: p.OrderNumber, Name: fmt.Sprintf("#%d", p.OrderNumber),
		Status: StatusPendingPayment, FulfillmentStatus: FulfillmentUnfulfilled, ReturnStatus: ReturnNone,
		ProcessedAt: at, UpdatedAt: at,
		CartID: p.CartID, CustomerID: p.CustomerID, TokenHash: p.TokenHash,
		CurrencyCode: p.CurrencyCode, TaxesIncluded: p.TaxesIncluded, CustomerLocale: p.Locale,
		Lines: make([]OrderLineItem, len(p.Lines)), Delivery: p.Delivery, Pickup: p.Pickup,
		SubtotalPrice: zero, TotalShippingPrice: p.ShippingPrice, ShippingTax: p.ShippingTax, TotalTax: p.ShippingTax,
		TotalDiscount: zero, TotalPrice: p.TotalPrice, Discounts: p.Discounts,
		Paid: PaymentTotals{Authorized: zero, Voided: zero, Captured: zero, Refunded: zero},
	}
	if p.Deadline != nil {
		o.Deadline = moment(*p.Deadline)
	}
	personal := p.Personal
	if personal == nil {
		personal = &Personal{}
	}
	for i, line := range p.Lines {
		o.Lines[i] = OrderLineItem{
			ID: line.ID, VariantID: line.VariantID, ProductID: line.ProductID, Sku: line.Sku, Title: line.Title,
			VariantTitle: line.VariantTitle, Quantity: line.Quantity, CurrentQuantity: line.Quantity,
			UnitPrice: line.UnitPrice, Discount: line.Discount, Discounts: discountsOf(p.Discounts, i), Tax: line.Tax,
			RequiresShipping: line.RequiresShipping, BackorderedQuantity: line.Backordered, Components: line.Components,
			CustomAttributes: personal.LineAttributes[i], Collected: line.Collected, ParentLineItemID: line.Parent,
		}
		if line.PromisedAt != nil {
			o.Lines[i].PromisedAt = moment(*line.PromisedAt)
		}
		o.SubtotalPrice.Minor += line.UnitPrice.Minor*int64(line.Quantity) - line.Discount.Minor
		o.TotalDiscount.Minor += line.Discount.Minor
		o.TotalTax.Minor += line.Tax.Minor
	}
	o.Email, o.Phone, o.FirstName, o.LastName = personal.Email, personal.Phone, personal.FirstName, personal.LastName
	o.ShippingAddress, o.Delivery.Collector = personal.ShippingAddress, personal.Collector
	o.Note, o.CustomAttributes, o.Metafields = personal.Note, personal.Attributes, personal.Metafields
	return o
}

// withoutPersonal is the order of which nobody can tell any more whose it was.
func withoutPersonal(o Order) Order {
	o.Email, o.Phone, o.FirstName, o.LastName = nil, nil, nil, nil
	o.ShippingAddress, o.Delivery.Collector, o.Note, o.CustomAttributes, o.Notes = nil, nil, nil, nil, nil
	o.Metafields = nil
	o.Receipts = slices.Clone(o.Receipts)
	for i := range o.Receipts {
		o.Receipts[i].Reference = nil
	}
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		o.Lines[i].CustomAttributes = nil
	}
	o.Erased = true
	return o
}

// financialStatus follows from the sums. After a cancellation it stays what it was until all is let go or given back,
// and until nothing can come any more of what a provider was asked. What a gift card has paid is taken at once. What the
// shopper's bank has taken back for good is given back as if the shop had done it; while it only wants it, nothing
// changes. A part that is reserved is no part that is paid.
func financialStatus(o Order) OrderFinancialStatus {
	total, reserved := o.TotalPrice.Minor, o.Reserved().Minor
	cards, back, credited := o.fromCards()
	over := o.Status == StatusCancelled || o.Status == StatusExpired
	if over && (reserved > 0 || o.Paid.Asked) {
		back = 0 // the cards have theirs back already, but not all is settled
	}
	captured, refunded := o.Paid.Captured.Minor+cards, o.Paid.Refunded.Minor+credited+back+o.Paid.DisputeLost.Minor
	switch {
	case captured > 0 && refunded >= captured:
		return FinancialRefunded
	case captured > 0 && refunded > 0:
		return FinancialPartiallyRefunded
	case captured > 0 && captured >= total:
		return FinancialPaid
	case cards > 0 && o.Paid.Captured.IsZero() && reserved > 0 && cards+reserved >= total:
		return FinancialAuthorized
	case captured > 0:
		return FinancialPartiallyPaid
	case reserved > 0 && reserved >= total:
		return FinancialAuthorized
	case reserved > 0:
		return FinancialPending
	case over && !o.Paid.Asked:
		return FinancialVoided
	case total == 0:
		return FinancialPaid
	default:
		return FinancialPending
	}
}

// moment cuts a time to what the database keeps, so that it reads the same from the event and from the row.
func moment(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

// words is the status inside a sentence.
func (s OrderStatus) words() string {
	switch s {
	case StatusPendingPayment:
		return "waiting for its payment"
	case StatusActionRequired:
		return "waiting for new payment details"
	case StatusConfirmed:
		return "confirmed"
	case StatusInFulfillment:
		return "being packed"
	case StatusReadyForPickup:
		return "ready for pick-up"
	case StatusCompleted:
		return "completed"
	case StatusCancelled:
		return "cancelled"
	case StatusExpired:
		return "expired"
	default:
		return "not placed yet"
	}
}
