package orders

import "github.com/wharfhq/wharf/internal/pg"

// Fulfillment is what was sent of an order in one parcel.
type Fulfillment struct {
	TrackingCompany *string
	Lines           []FulfillmentLineItem
	Tracking        []FulfillmentTrackingInfo
}

// FulfillmentLineItem is one line of an order in a parcel.
type FulfillmentLineItem struct {
	LineItem OrderLineItem
	Quantity int
}

// FulfillmentTrackingInfo is how a parcel can be followed.
type FulfillmentTrackingInfo struct {
	Number *string
	URL    *string
}

// FulfillmentLineItemConnection is one page of what is in a parcel.
type FulfillmentLineItemConnection = pg.Connection[FulfillmentLineItem]

// FulfillmentLineItemEdge is one line of a page.
type FulfillmentLineItemEdge = pg.Edge[FulfillmentLineItem]

// SuccessfulFulfillments are the parcels that were sent: none, since no event of an order tells of one.
func (Order) SuccessfulFulfillments(*int) []Fulfillment { return []Fulfillment{} }

// FulfillmentLineItems is one page of what is in the parcel.
func (f Fulfillment) FulfillmentLineItems(after, before *string, first, last *int, reverse *bool) (FulfillmentLineItemConnection, error) {
	page := pg.Page{First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse}
	return pg.Slice(page, f.Lines, func(line FulfillmentLineItem) string { return line.LineItem.ID.String() })
}

// TrackingInfo is how the parcel can be followed, at most the first n ways.
func (f Fulfillment) TrackingInfo(first *int) []FulfillmentTrackingInfo {
	if first != nil && *first < len(f.Tracking) {
		return f.Tracking[:max(0, *first)]
	}
	return append([]FulfillmentTrackingInfo{}, f.Tracking...)
}
