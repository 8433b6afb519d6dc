package notifications

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// write makes the message of an event from the order as it was right after it.
func (n *Notifications) write(ctx context.Context, m message, step orders.OrderEvent) (Message, error) {
	shop, err := n.settings.Load(ctx)
	if err != nil {
		return Message{}, fmt.Errorf("read the shop's name: %w", err)
	}
	l := letterOf(m.kind, shop.Name, step.Order)
	if shop.HasStorefront() {
		l.Link = shop.OrderURL(uuid.UUID(step.Order.ID).String())
	}
	subject, plain, page, err := render(m.kind, l)
	if err != nil {
		return Message{}, err
	}
	return Message{
		ID: m.id, Kind: m.kind, Order: step.Order.Name, To: *step.Order.Email,
		Subject: subject, Text: plain, HTML: page, Date: step.OccurredAt,
	}, nil
}

// letterOf writes an order down for people. Whatever a shopper or a merchant typed becomes a single line.
func letterOf(kind Kind, shop string, o orders.Order) letter {
	l := letter{Shop: oneLine(shop), Order: oneLine(o.Name), Owed: !o.Owed().IsZero(), Challenge: o.Challenge, Reason: reason(o.CancelReason)}
	if o.FirstName != nil {
		l.Name = oneLine(*o.FirstName)
	}
	for _, item := range o.Lines {
		variant := ""
		if item.VariantTitle != nil && *item.VariantTitle != "Default Title" {
			variant = oneLine(*item.VariantTitle)
		}
		l.Lines = append(l.Lines, line{oneLine(item.Title), variant, price(lineTotal(item)), item.Quantity})
	}
	l.Totals = append(l.Totals, total{"Subtotal", price(o.SubtotalPrice), false})
	if !o.TotalShippingPrice.IsZero() || o.Delivery.MethodType == orders.DeliveryShipping {
		l.Totals = append(l.Totals, total{"Shipping", price(o.TotalShippingPrice), false})
	}
	tax := "Tax"
	if o.TaxesIncluded {
		tax = "Tax (included)"
	}
	if !o.TotalTax.IsZero() {
		l.Totals = append(l.Totals, total{tax, price(o.TotalTax), false})
	}
	l.Totals = append(l.Totals, total{"Total", price(o.TotalPrice), true})
	if kind != OrderCancelled && kind != OrderExpired {
		l.Delivery = deliveryOf(o)
	}
	if o.Deadline != nil {
		l.Deadline = o.Deadline.UTC().Format("January 2, 2006 at 15:04 UTC")
	}
	held := o.Paid.Authorized.Minor - o.Paid.Voided.Minor - o.Paid.Refunded.Minor
	l.Refund = held > 0
	return l
}

// lineTotal is what a line costs after its discount. The order's own totals were checked when it was placed, so a
// line cannot overflow.
func lineTotal(item orders.OrderLineItem) money.Money {
	return money.New(item.UnitPrice.Minor*int64(item.Quantity)-item.Discount.Minor, item.UnitPrice.CurrencyCode)
}

func deliveryOf(o orders.Order) delivery {
	if o.Delivery.MethodType == orders.DeliveryPickUp {
		d := delivery{Heading: "Pick up at"}
		if o.Delivery.Title != nil {
			d.Lines = append(d.Lines, oneLine(*o.Delivery.Title))
		}
		if o.Delivery.Collector != nil {
			d.Lines = append(d.Lines, "Collected by "+oneLine(*o.Delivery.Collector))
		}
		return d
	}
	d := delivery{Heading: "Ships to"}
	if o.ShippingAddress != nil {
		withName := true
		d.Lines = slices.Clone(o.ShippingAddress.Formatted(nil, &withName))
		for i := range d.Lines {
			d.Lines[i] = oneLine(d.Lines[i])
		}
	}
	if o.Pickup != nil && o.Pickup.Title != nil {
		d.Lines = append(d.Lines, "The rest is picked up at "+oneLine(*o.Pickup.Title))
	}
	return d
}

// reason says in words why an order was canceled. Suspicions stay ours.
func reason(r *orders.OrderCancelReason) string {
	if r == nil {
		return ""
	}
	switch *r {
	case orders.CancelCustomer:
		return "as you asked"
	case orders.CancelInventory:
		return "an item is no longer available"
	case orders.CancelDeclined:
		return "the payment was declined"
	}
	return ""
}

// price writes an amount as shoppers read it: $1,234.50, or 1,234.50 CHF where the currency has no sign of its own.
func price(m money.Money) string {
	whole, fraction, has := strings.Cut(string(m.Amount()), ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", rest
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if has {
		whole += "." + fraction
	}
	if symbol := m.CurrencyCode.Symbol(); symbol != string(m.CurrencyCode) {
		return sign + symbol + whole
	}
	return sign + whole + " " + string(m.CurrencyCode)
}
