package orders

import "github.com/wharfhq/wharf/internal/money"

// The amounts of the vocabulary that follow from what an order holds. An order is not edited after it was placed, so
// what it was and what it is now are the same; what was given back is told apart.

// OriginalTotalPrice is the total as placed.
func (o Order) OriginalTotalPrice() money.Money { return o.TotalPrice }

// OriginalTotalDuties is nothing: the shop collects no customs duties.
func (Order) OriginalTotalDuties() *money.Money { return nil }

// CurrentTotalDuties is nothing: the shop collects no customs duties.
func (Order) CurrentTotalDuties() *money.Money { return nil }

// CurrentSubtotalPrice is what the lines cost now.
func (o Order) CurrentSubtotalPrice() money.Money { return o.SubtotalPrice }

// CurrentTotalPrice is the total as it is now.
func (o Order) CurrentTotalPrice() money.Money { return o.TotalPrice }

// CurrentTotalShippingPrice is what shipping costs now.
func (o Order) CurrentTotalShippingPrice() money.Money { return o.TotalShippingPrice }

// CurrentTotalTax is the tax as it is now.
func (o Order) CurrentTotalTax() money.Money { return o.TotalTax }

// TotalRefunded is what was given back, by providers or to gift cards, and what the shopper's bank has taken back for
// good.
func (o Order) TotalRefunded() money.Money {
	_, back, credited := o.fromCards()
	return money.New(o.Paid.Refunded.Minor+back+credited+o.Paid.DisputeLost.Minor, o.CurrencyCode)
}

// Edited says whether the order was changed after it was placed.
func (Order) Edited() bool { return false }

// OriginalTotalPrice is what the line costs before discounts. It was checked for overflow when the order was placed.
func (l OrderLineItem) OriginalTotalPrice() money.Money {
	return money.New(l.UnitPrice.Minor*int64(l.Quantity), l.UnitPrice.CurrencyCode)
}

// DiscountedTotalPrice is what the line costs after discounts.
func (l OrderLineItem) DiscountedTotalPrice() money.Money {
	return money.New(l.OriginalTotalPrice().Minor-l.Discount.Minor, l.UnitPrice.CurrencyCode)
}

// Paid is what was paid for the line, with its tax and after its discount. taxesIncluded says whether the tax is in the
// price already.
func (l OrderLineItem) Paid(taxesIncluded bool) money.Money {
	paid := l.DiscountedTotalPrice()
	if !taxesIncluded {
		paid.Minor += l.Tax.Minor
	}
	return paid
}

// ShippingPaid is what was paid for the shipping, with its tax.
func (o Order) ShippingPaid() money.Money {
	paid := o.TotalShippingPrice
	if !o.TaxesIncluded {
		paid.Minor += o.ShippingTax.Minor
	}
	return paid
}
