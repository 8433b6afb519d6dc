package checkout

import (
	"context"
	"errors"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

// maxStores is how many stores a group of a cart offers, the best first.
const maxStores = 250

// DeliveryGroups says how a cart's lines can be delivered, and for how much: what is to be collected apart from the rest,
// the rest to the selected address, or to the buyer's country, or the shop's own until that is known. While nothing else
// is collected, stores that have all of the rest are offered too. What nobody has to carry is in no group.
func (c *Checkout) DeliveryGroups(ctx context.Context, of cart.Cart) ([]cart.CartDeliveryGroup, error) {
	shop, err := c.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	to := destinationOf(of, shop)
	shipped := cart.CartDeliveryGroup{ID: of.GroupID(false), DeliveryAddress: to, DeliveryOptions: []cart.CartDeliveryOption{}}
	collected := cart.CartDeliveryGroup{ID: of.GroupID(true), DeliveryAddress: to, DeliveryOptions: []cart.CartDeliveryOption{}, PickUp: true}
	for _, l := range of.AllLines {
		switch {
		case !l.Variant.RequiresShipping:
		case l.PickUp:
			collected.AllLines = append(collected.AllLines, l)
		default:
			shipped.AllLines = append(shipped.AllLines, l)
		}
	}
	groups := []cart.CartDeliveryGroup{}
	if len(shipped.AllLines) > 0 {
		if err := c.quoteShipping(ctx, &shipped, of, shop); err != nil {
			return nil, err
		}
		if len(collected.AllLines) == 0 {
			if err := c.quoteStores(ctx, &shipped, of, of.Chosen.Option); err != nil {
				return nil, err
			}
		}
		groups = append(groups, choose(shipped, of))
	}
	if len(collected.AllLines) > 0 {
		if err := c.quoteStores(ctx, &collected, of, of.Chosen.PickUp); err != nil {
			return nil, err
		}
		groups = append(groups, choose(collected, of))
	}
	return groups, nil
}

// destinationOf is the address that a cart goes to; until one is selected, all that is known is a country.
func destinationOf(of cart.Cart, shop settings.Shop) address.MailingAddress {
	if to := of.SelectedAddress(); to != nil {
		return *to
	}
	country := shop.Country
	if of.BuyerIdentity.CountryCode != nil {
		country = *of.BuyerIdentity.CountryCode
	}
	return address.MailingAddress{ID: id.MailingAddressID(of.ID.UUID), CountryCodeV2: &country}
}

// quoteShipping offers what carriers do. Where they can't be asked, the group is shown without them: a cart that was
// changed is never answered as if it had not been.
func (c *Checkout) quoteShipping(ctx context.Context, group *cart.CartDeliveryGroup, of cart.Cart, shop settings.Shop) error {
	to := group.DeliveryAddress
	if to.CountryCodeV2 == nil || !shop.ShipsTo(*to.CountryCodeV2) {
		return nil
	}
	province, _ := to.Region()
	var carried draft
	for _, l := range group.AllLines {
		carried.lines = append(carried.lines, line{variant: l.Variant, quantity: l.Quantity})
	}
	options, err := c.options(ctx, fulfillment.Consignment{
		Country: *to.CountryCodeV2, Province: province, Zip: deref(to.Zip), Subtotal: of.Cost.SubtotalAmount, Grams: carried.grams(),
	})
	if errors.Is(err, fulfillment.ErrNoRates) {
		group.Unasked = true
		return nil
	}
	if err != nil {
		return err
	}
	fulfillment.Sort(options)
	for _, o := range options {
		option := cart.CartDeliveryOption{
			Handle: o.Handle, Title: o.Title, EstimatedCost: o.Price, DeliveryMethodType: orders.DeliveryShipping,
		}
		if of.FreeShipping {
			option.EstimatedCost.Minor = 0
		}
		if o.Description != "" {
			option.Description = &o.Description
		}
		group.DeliveryOptions = append(group.DeliveryOptions, option)
	}
	return nil
}

// quoteStores offers the stores that have all of a group and take orders now, the best first. The one that was chosen is
// among them as long as it does.
func (c *Checkout) quoteStores(ctx context.Context, group *cart.CartDeliveryGroup, of cart.Cart, chosen *string) error {
	demand := make([]inventory.Demand, len(group.AllLines))
	for i, l := range group.AllLines {
		demand[i] = inventory.Demand{VariantID: l.VariantID, Quantity: l.Quantity}
	}
	able, err := inventory.StoresWithStock(ctx, c.Pool, demand)
	if err != nil {
		return err
	}
	if err := fulfillment.CountHour(ctx, c.Pool, able); err != nil {
		return err
	}
	able = slices.DeleteFunc(able, func(s inventory.Candidate) bool { return !s.HasCapacity() })
	able = fulfillment.Rank(able, fulfillment.Place{Zip: deref(group.DeliveryAddress.Zip)})
	for i, s := range able {
		handle := cart.StoreHandle(s.Location.ID)
		if i >= maxStores && (chosen == nil || *chosen != handle) {
			continue
		}
		ready := s.Location.PickUpTime()
		group.DeliveryOptions = append(group.DeliveryOptions, cart.CartDeliveryOption{
			Handle: handle, Title: s.Location.Name, Description: &ready, EstimatedCost: money.Zero(of.CurrencyCode),
			DeliveryMethodType: orders.DeliveryPickUp, Location: &cart.PickUpPlace{
				ID: s.Location.ID, Country: (*address.CountryCode)(s.Location.Address.CountryCode), Province: deref(s.Location.Address.ProvinceCode),
			},
		})
	}
	return nil
}

// choose settles what a group goes by: what was chosen as long as it is offered, else the cheapest that carriers offer. A
// store is never chosen for the shopper.
func choose(group cart.CartDeliveryGroup, of cart.Cart) cart.CartDeliveryGroup {
	chosen := of.Chosen.Option
	if group.PickUp {
		chosen = of.Chosen.PickUp
	}
	switch {
	case chosen != nil:
		group.Selected = group.Option(*chosen)
	case len(group.DeliveryOptions) > 0 && group.DeliveryOptions[0].Location == nil:
		group.Selected = &group.DeliveryOptions[0]
	}
	if group.Selected != nil && group.Selected.Location == nil {
		_, known := group.DeliveryAddress.Region()
		group.Estimated = of.SelectedAddress() == nil || !known
	}
	return group
}
