package orders

import (
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// DiscountApplicationTargetType is what a discount reduces.
type DiscountApplicationTargetType string

// The targets of discounts.
const (
	TargetLines    DiscountApplicationTargetType = "LINE_ITEM"
	TargetShipping DiscountApplicationTargetType = "SHIPPING_LINE"
)

// OrderDiscount is what one promotion took off an order, as it was when the order was placed. It is within the lines'
// discounts, or within the shipping price, already.
type OrderDiscount struct {
	PromotionID id.PromotionID                `json:"promotionId"`
	Title       string                        `json:"title"`
	Code        *string                       `json:"code,omitempty"` // that was named; nil where it came by itself
	TargetType  DiscountApplicationTargetType `json:"target"`
	Amount      money.Money                   `json:"amount"`
	Lines       []int64                       `json:"lines,omitempty"` // off each line, in the order of the lines
}

// DiscountApplication is a discount of an order, as the vocabulary knows it.
type DiscountApplication any

// DiscountApplicationConnection is one page of an order's discounts.
type DiscountApplicationConnection = pg.Connection[DiscountApplication]

// DiscountApplicationEdge is one discount of a page.
type DiscountApplicationEdge = pg.Edge[DiscountApplication]

// DiscountCodeApplication is a discount whose code was named.
type DiscountCodeApplication struct {
	Code       string
	Title      string
	TargetType DiscountApplicationTargetType
	Amount     money.Money
}

// AutomaticDiscountApplication is a discount that came by itself.
type AutomaticDiscountApplication struct {
	Title      string
	TargetType DiscountApplicationTargetType
	Amount     money.Money
}

// IsDiscountApplication marks it as a discount of an order.
func (DiscountCodeApplication) IsDiscountApplication() {}

// IsDiscountApplication marks it as a discount of an order.
func (AutomaticDiscountApplication) IsDiscountApplication() {}

// Application is the discount as the vocabulary knows it.
func (d OrderDiscount) Application() DiscountApplication {
	if d.Code != nil {
		return DiscountCodeApplication{Code: *d.Code, Title: d.Title, TargetType: d.TargetType, Amount: d.Amount}
	}
	return AutomaticDiscountApplication{Title: d.Title, TargetType: d.TargetType, Amount: d.Amount}
}

// DiscountAllocation is the part of a discount that is on one line, or on the shipping.
type DiscountAllocation struct {
	AllocatedAmount     money.Money
	DiscountApplication DiscountApplication
}

// ShippingDiscountAllocations are the discounts on the shipping.
func (o Order) ShippingDiscountAllocations() []DiscountAllocation {
	list := []DiscountAllocation{}
	for _, d := range o.Discounts {
		if d.TargetType == TargetShipping {
			list = append(list, DiscountAllocation{d.Amount, d.Application()})
		}
	}
	return list
}

// DiscountAllocations are the discounts on the line, each with its promotion.
func (l OrderLineItem) DiscountAllocations() []DiscountAllocation {
	list := []DiscountAllocation{}
	for _, d := range l.Discounts {
		list = append(list, DiscountAllocation{d.Amount, d.Application()})
	}
	return list
}

// discountsOf is the part of each discount that is on one line.
func discountsOf(discounts []OrderDiscount, line int) []OrderDiscount {
	var list []OrderDiscount
	for _, d := range discounts {
		if d.TargetType == TargetLines && d.Lines[line] > 0 {
			d.Amount.Minor, d.Lines = d.Lines[line], nil
			list = append(list, d)
		}
	}
	return list
}
