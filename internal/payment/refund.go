package payment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// RefundReason is why money goes back.
type RefundReason string

// The reasons for a refund.
const (
	RefundCustomer    RefundReason = "CUSTOMER"     // the shopper has changed their mind
	RefundDamaged     RefundReason = "DAMAGED"      // it came broken, or is not what was ordered
	RefundNotReceived RefundReason = "NOT_RECEIVED" // it never came
	RefundPrice       RefundReason = "PRICE"        // it was too expensive
	RefundOther       RefundReason = "OTHER"
)

// PaymentRefundInput asks for money of an order to be given back: an amount, or what was paid for units of its lines
// and for the shipping, or, with neither, everything. Lines that are given and empty are not left out: they name nothing.
type PaymentRefundInput struct {
	IdempotencyKey  string
	OrderID         string
	Amount          *money.MoneyInput
	Lines           []PaymentRefundLineInput
	Shipping        *bool
	Reason          *RefundReason      // nil is OTHER
	To              *RefundDestination // nil is ORIGINAL
	ExpectedVersion *int
}

// ToGiftCard says that credit is asked for. Only then may the answer tell the code of a card: a refund to what was paid
// with answers with the version that the order had before, which may be the one in which an earlier refund has issued a card.
func (in PaymentRefundInput) ToGiftCard() bool { return in.To != nil && *in.To == RefundToGiftCard }

// PaymentRefundLineInput names units of one line.
type PaymentRefundLineInput struct {
	LineItemID string
	Quantity   int
}

// RefundState is how far a refund has come.
type RefundState string

// The states of a refund.
const (
	RefundPending   RefundState = "PENDING"   // the provider is being asked
	RefundSucceeded RefundState = "SUCCEEDED" // the money is on its way
	RefundFailed    RefundState = "FAILED"    // the provider has refused it, or a part of it
)

// Refund is money that was asked to be given back.
type Refund struct {
	ID             id.RefundID
	OrderID        id.OrderID
	Amount         money.Money
	ShippingAmount money.Money // the part for the shipping
	GiftCardAmount money.Money // the part that went to gift cards
	Lines          []RefundLine
	Reason         RefundReason
	State          RefundState
	RequestedBy    string // who asked, as in events: staff:<uuid>, partner:<uuid>
	CreatedAt      time.Time

	failed int64 // what providers have refused of it
}

// given says that some of it has gone back or still may. What it named is then not given back again by line, and the
// part that a provider has refused is asked for as an amount.
func (r Refund) given() bool { return r.failed < r.Amount.Minor }

// RefundLine is the part of a refund for units of one line.
type RefundLine struct {
	LineItemID id.OrderLineItemID
	Quantity   int
	Amount     money.Money
}

// maxRefundLines bounds what one request may name.
const maxRefundLines = 250

// Refund asks for money of an order to be given back. A job asks the providers; what goes to gift cards is there at
// once. The answer is the order as it stands. What is being given back already counts as gone, so any number of requests together never give back more than was taken.
func (p *Payments) Refund(ctx context.Context, actor access.Actor, in PaymentRefundInput) (orders.Order, error) {
	amount, err := amountOf(in.Amount)
	if err != nil {
		return orders.Order{}, err
	}
	reason := RefundOther
	if in.Reason != nil {
		reason = *in.Reason
	}
	if err := in.namesSomething(); err != nil {
		return orders.Order{}, err
	}
	shipping := in.Shipping != nil && *in.Shipping
	if amount != nil && (shipping || len(in.Lines) > 0) {
		return orders.Order{}, fault.New(fault.Invalid, "INVALID", "Give an amount, or lines and shipping, not both.").At("input", "amount")
	}
	units, err := unitsOf(in.Lines)
	if err != nil {
		return orders.Order{}, err
	}
	change := orderChange{
		operation: "paymentRefund", key: in.IdempotencyKey, order: in.OrderID, expected: in.ExpectedVersion,
		input: []any{amount, units, shipping, reason},
	}
	to := RefundToOriginal
	if in.ToGiftCard() {
		to = RefundToGiftCard
		change.input = []any{amount, units, shipping, reason, to}
	}
	return p.once(ctx, actor, change, func(ctx context.Context, tx pgx.Tx, o *orders.Order) error {
		if err := orders.CanRefund(*o); err != nil {
			return at(err, "input", "orderId")
		}
		d, err := open(ctx, tx, o)
		switch {
		case errors.Is(err, errNothingOwed):
			d = &dossier{order: o} // gift cards have paid for all of it
		case err != nil:
			return err
		}
		r := Refund{
			ID: id.NewRefundID(), OrderID: o.ID, ShippingAmount: money.Zero(o.CurrencyCode), GiftCardAmount: money.Zero(o.CurrencyCode),
			Reason: reason, RequestedBy: actor.By(),
		}
		parts, err := d.divide(ctx, tx, &r, amount, units, shipping, to)
		if err != nil {
			return err
		}
		if err := keepRefund(ctx, tx, r); err != nil {
			return err
		}
		return p.giveBack(ctx, tx, o, r, parts, change.operation)
	})
}

var (
	errNoLines    = fault.New(fault.Invalid, "BLANK", "Name at least one line, or leave lines out to give everything back.").At("input", "lines")
	errNoShipping = fault.New(fault.Invalid, "BLANK", "Without its shipping nothing of the order is named. Leave shipping out to give everything back.").At("input", "shipping")
)

// namesSomething refuses a wish that names parts of an order and has none: whoever filters the lines and is left with
// none must not give everything back.
func (in PaymentRefundInput) namesSomething() error {
	switch {
	case in.Amount != nil || len(in.Lines) > 0 || (in.Shipping != nil && *in.Shipping):
		return nil
	case in.Lines != nil:
		return errNoLines
	case in.Shipping != nil:
		return errNoShipping
	}
	return nil
}

// unit is a wish for units of a line, as it is hashed with the key.
type unit struct {
	Line     id.OrderLineItemID `json:"line"`
	Quantity int                `json:"quantity"`
	place    int
}

func unitsOf(lines []PaymentRefundLineInput) ([]unit, error) {
	if len(lines) > maxRefundLines {
		return nil, fault.Newf(fault.Invalid, "INVALID", "Name at most %d lines.", maxRefundLines).At("input", "lines")
	}
	seen := make(map[id.OrderLineItemID]bool, len(lines))
	units := make([]unit, len(lines))
	for i, l := range lines {
		place := []string{"input", "lines", strconv.Itoa(i)}
		line, err := id.ParseOrderLineItemID(l.LineItemID)
		if err != nil {
			return nil, errNoLine.At(append(place, "lineItemId")...)
		}
		switch {
		case seen[line]:
			return nil, fault.New(fault.Invalid, "INVALID", "Name each line once.").At(append(place, "lineItemId")...)
		case l.Quantity < 1:
			return nil, fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A quantity is at least 1.").At(append(place, "quantity")...)
		}
		seen[line] = true
		units[i] = unit{Line: line, Quantity: l.Quantity, place: i}
	}
	return units, nil
}

var errNoLine = fault.New(fault.Invalid, "LINE_NOT_FOUND", "The order has no such line.")

// divide works out the refund's amount and shares it out over what the money was taken with.
func (d *dossier) divide(ctx context.Context, tx pgx.Tx, r *Refund, amount *money.Money, units []unit, shipping bool, to RefundDestination) (shares, error) {
	taken, err := d.taken(ctx, tx)
	if err != nil {
		return shares{}, err
	}
	left := money.New(taken.sum(), d.order.CurrencyCode)
	r.Amount = left
	switch {
	case amount != nil:
		r.Amount = *amount
	case shipping || len(units) > 0:
		before, err := refundsOf(ctx, tx, []id.OrderID{d.order.ID})
		if err != nil {
			return shares{}, err
		}
		if err := r.itemize(*d.order, before[d.order.ID], units, shipping); err != nil {
			return shares{}, err
		}
	}
	field := wished(amount, units, shipping)
	switch {
	case amount == nil && left.Minor == 0:
		return shares{}, d.nothingLeft()
	case r.Amount.Minor == 0:
		return shares{}, r.nothingPaid(*d.order, units).At("input", field)
	}
	if err := within(r.Amount, left); err != nil {
		if amount == nil {
			err = at(err, "input", field)
		}
		return shares{}, err
	}
	parts := taken.share(r.Amount.Minor, to)
	r.GiftCardAmount.Minor = parts.toCards()
	return parts, nil
}

// wished is the field of the input that says how much is to be given back.
func wished(amount *money.Money, units []unit, shipping bool) string {
	switch {
	case amount != nil:
		return "amount"
	case len(units) > 0:
		return "lines"
	case shipping:
		return "shipping"
	}
	return "orderId"
}

// nothingLeft says why nothing of an order can be given back: its shopper's bank has it, or it is on its way.
func (d *dossier) nothingLeft() error {
	if disputed := d.payment.DisputedAmount(); disputed.Minor > 0 {
		return at(orders.Disputed(*d.order, disputed), "input", "orderId")
	}
	return fault.New(fault.Conflict, "NOT_ALLOWED", "All that was taken is being given back already.").At("input", "orderId")
}

// nothingPaid says that there is nothing to give back for what was named.
func (r *Refund) nothingPaid(o orders.Order, units []unit) *fault.Fault {
	message := "Nothing was paid for the shipping."
	switch {
	case len(units) > 0:
		message = "Nothing was paid for this."
	case o.ShippingPaid().Minor > 0:
		message = "What was paid for the shipping is being given back already."
	}
	return fault.New(fault.Conflict, "NOT_ALLOWED", message)
}

// itemize works out what was paid for the units and the shipping, less what was given back for them before. The parts
// of a line are rounded, and its last unit takes what is left, so that together they are what was paid for it.
func (r *Refund) itemize(o orders.Order, before []Refund, units []unit, shipping bool) error {
	r.Amount = money.Zero(o.CurrencyCode)
	for _, u := range units {
		line, ok := lineOf(o, u.Line)
		if !ok {
			return errNoLine.At("input", "lines", strconv.Itoa(u.place), "lineItemId")
		}
		quantity, paid := line.Quantity, line.Paid(o.TaxesIncluded)
		leftUnits, leftAmount := quantity, paid.Minor
		for _, earlier := range before {
			for _, l := range earlier.Lines {
				if l.LineItemID == u.Line && earlier.given() {
					leftUnits, leftAmount = leftUnits-l.Quantity, leftAmount-l.Amount.Minor
				}
			}
		}
		if u.Quantity > leftUnits {
			return fault.Newf(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "Of this line %d can still be given back.", leftUnits).
				With("quantityAvailable", leftUnits).At("input", "lines", strconv.Itoa(u.place), "quantity")
		}
		amount := leftAmount
		if u.Quantity < leftUnits {
			share, err := paid.Share(int64(u.Quantity), int64(quantity))
			if err != nil {
				return fmt.Errorf("share out line %s: %w", u.Line, err)
			}
			amount = min(share.Minor, leftAmount)
		}
		r.Lines = append(r.Lines, RefundLine{LineItemID: u.Line, Quantity: u.Quantity, Amount: money.New(amount, o.CurrencyCode)})
		r.Amount.Minor += amount
	}
	if shipping {
		r.ShippingAmount = o.ShippingPaid()
		for _, earlier := range before {
			if earlier.given() {
				r.ShippingAmount.Minor -= earlier.ShippingAmount.Minor
			}
		}
		r.Amount.Minor += r.ShippingAmount.Minor
	}
	return nil
}

func lineOf(o orders.Order, line id.OrderLineItemID) (orders.OrderLineItem, bool) {
	for _, l := range o.Lines {
		if l.ID == line {
			return l, true
		}
	}
	return orders.OrderLineItem{}, false
}
