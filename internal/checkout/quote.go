package checkout

import (
	"context"

	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
)

// DeliveryGroups says how a cart's lines can be shipped, and for how much: to the buyer's country, or the shop's own
// until that is known. What nobody has to carry is in no group.
func (c *Checkout) DeliveryGroups(ctx context.Context, of cart.Cart) ([]cart.CartDeliveryGroup, error) {
	shop, err := c.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	country := shop.Country
	if of.BuyerIdentity.CountryCode != nil {
		country = *of.BuyerIdentity.CountryCode
	}
	group := cart.CartDeliveryGroup{ID: id.CartDeliveryGroupID(of.ID.UUID), DeliveryOptions: []cart.CartDeliveryOption{}}
	var carried draft
	for _, l := range of.AllLines {
		if l.Variant.RequiresShipping {
			group.AllLines = append(group.AllLines, l)
			carried.lines = append(carried.lines, line{variant: l.Variant, quantity: l.Quantity})
		}
	}
	if len(group.AllLines) == 0 {
		return nil, nil
	}
	if !shop.ShipsTo(country) {
		return []cart.CartDeliveryGroup{group}, nil
	}
	options, err := c.options(ctx, fulfillment.Consignment{
		Country: country, Subtotal: of.Cost.SubtotalAmount, Grams: carried.grams(),
	})
	if err != nil {
		return nil, err
	}
	fulfillment.Sort(options)
	for _, o := range options {
		option := cart.CartDeliveryOption{Handle: o.Handle, Title: &o.Title, EstimatedCost: o.Price}
		if of.FreeShipping {
			option.EstimatedCost.Minor = 0
		}
		if o.Description != "" {
			option.Description = &o.Description
		}
		group.DeliveryOptions = append(group.DeliveryOptions, option)
	}
	return []cart.CartDeliveryGroup{group}, nil
}
