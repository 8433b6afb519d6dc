package cart

import (
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// BaseCartLineConnection is a page of lines.
type BaseCartLineConnection = pg.Connection[BaseCartLine]

// BaseCartLineEdge is one line of a page.
type BaseCartLineEdge = pg.Edge[BaseCartLine]

// Lines is a page of the cart's lines.
func (c Cart) Lines(after, before *string, first, last *int, reverse *bool) (*BaseCartLineConnection, error) {
	return pageOf(c.AllLines, after, before, first, last, reverse)
}

func pageOf(lines []CartLine, after, before *string, first, last *int, reverse *bool) (*BaseCartLineConnection, error) {
	page := pg.Page{First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse}
	all := make([]BaseCartLine, len(lines))
	for i, line := range lines {
		all[i] = line
	}
	connection, err := pg.Slice(page, all, func(line BaseCartLine) string { return line.(CartLine).ID.String() })
	return &connection, err
}

// CartDeliveryGroup is the lines of a cart that are delivered together, with the ways to deliver them.
type CartDeliveryGroup struct {
	ID              id.CartDeliveryGroupID
	AllLines        []CartLine
	DeliveryOptions []CartDeliveryOption // the cheapest first
}

// CartLines is a page of the group's lines.
func (g CartDeliveryGroup) CartLines(after, before *string, first, last *int, reverse *bool) (*BaseCartLineConnection, error) {
	return pageOf(g.AllLines, after, before, first, last, reverse)
}

// GroupType is always the same: nothing is sold by subscription.
func (CartDeliveryGroup) GroupType() CartDeliveryGroupType { return OneTimePurchase }

// SelectedDeliveryOption is the cheapest: another is chosen when the order is placed.
func (g CartDeliveryGroup) SelectedDeliveryOption() *CartDeliveryOption {
	if len(g.DeliveryOptions) == 0 {
		return nil
	}
	return &g.DeliveryOptions[0]
}

// CartDeliveryGroupConnection is a page of delivery groups.
type CartDeliveryGroupConnection = pg.Connection[CartDeliveryGroup]

// CartDeliveryGroupEdge is one group of a page.
type CartDeliveryGroupEdge = pg.Edge[CartDeliveryGroup]

// CartDeliveryGroupType says whether something is bought once or again and again.
type CartDeliveryGroupType string

// OneTimePurchase is bought once.
const OneTimePurchase CartDeliveryGroupType = "ONE_TIME_PURCHASE"

// CartDeliveryOption is a way to deliver a group.
type CartDeliveryOption struct {
	Handle        string
	Title         *string
	Description   *string
	EstimatedCost money.Money
}

// Code is the handle.
func (o CartDeliveryOption) Code() *string { return &o.Handle }

// DeliveryMethodType is always shipping: pick-up is chosen when the order is placed.
func (CartDeliveryOption) DeliveryMethodType() orders.DeliveryMethodType {
	return orders.DeliveryShipping
}
