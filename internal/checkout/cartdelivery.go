package checkout

import (
	"context"
	"errors"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

// deliverCart delivers an order as its cart says: to the selected address, by the chosen options, and from the chosen
// store what is to be collected. What was not chosen is settled as if the cart were none: the cheapest option, the best
// store.
func (c *Checkout) deliverCart(ctx context.Context, d *draft, shop settings.Shop, subtotal money.Money) error {
	collected, shipped := 0, 0
	for i := range d.lines {
		l := &d.lines[i]
		switch {
		case !l.variant.RequiresShipping:
		case l.of.PickUp:
			l.collect = true
			collected++
		default:
			shipped++
		}
	}
	chosen := d.cart.Chosen
	switch {
	case shipped == 0:
		return ofCart(c.pickUp(ctx, d, shop, atStore(chosen.PickUp)))
	case collected == 0 && cart.StoreOf(chosen.Option) != nil:
		return ofCart(c.pickUp(ctx, d, shop, atStore(chosen.Option)))
	}
	selected := d.cart.Selected()
	if selected == nil {
		return refuse(Blank, "Say how the order is delivered: shipping or pickup.", "input", "delivery")
	}
	to := selected.DeliveryAddress
	err := c.ship(ctx, d, shop, OrderShippingInput{Address: asInput(to), OptionHandle: chosen.Option}, true, subtotal)
	d.delivery.keep = !selected.OneTimeUse
	if err != nil || collected == 0 {
		return ofCart(err)
	}
	store, err := c.store(ctx, d, atStore(chosen.PickUp), fulfillment.Place{Zip: deref(to.Zip)})
	if err != nil {
		return ofCart(err)
	}
	d.delivery.store, d.delivery.assigned, d.delivery.asked = &store, chosen.PickUp == nil, []string{"input", "cartId"}
	d.delivery.pickup = &orders.OrderDelivery{MethodType: orders.DeliveryPickUp, Title: &store.Name, LocationID: &store.ID}
	return c.enoughForBoth(ctx, d, shop)
}

// enoughForBoth refuses an order whose parts want the same units: each alone there is enough of, and no other try to place
// it would find more.
func (c *Checkout) enoughForBoth(ctx context.Context, d *draft, shop settings.Shop) error {
	_, err := inventory.Try(ctx, c.Pool, d.demand(), inventory.RouteOf(shop, d.delivery.destination()))
	var missing *inventory.OutOfStock
	switch {
	case errors.As(err, &missing):
		return d.outOfStock(missing.Shortages)
	case err != nil && !isFault(err):
		return err
	}
	return nil // a store that has closed its counter meanwhile is found out when the order is committed
}

// places are where the lines go, for the tax: what is collected while the rest is shipped is sold at the store.
func (d *draft) places(shop settings.Shop) []cart.Place {
	places := []cart.Place{{Country: d.delivery.country, Province: d.delivery.province, Shipping: d.delivery.price}}
	if d.delivery.pickup == nil {
		return places
	}
	store := cart.Place{Country: shop.Country, Province: deref(d.delivery.store.Address.ProvinceCode), Shipping: money.Zero(shop.Currency)}
	if code := d.delivery.store.Address.CountryCode; code != nil {
		store.Country = address.CountryCode(*code)
	}
	for i, l := range d.lines {
		if l.collect {
			store.Lines = append(store.Lines, i)
		}
	}
	return append(places, store)
}

// atStore is a pick-up in the store that a cart has chosen, or in the best.
func atStore(handle *string) OrderPickupInput {
	store := cart.StoreOf(handle)
	if store == nil {
		return OrderPickupInput{}
	}
	named := store.String()
	return OrderPickupInput{LocationID: &named}
}

// asInput is a cart's address as it would have been given with the order: it is held against the same rules.
func asInput(a address.MailingAddress) address.MailingAddressInput {
	return address.MailingAddressInput{
		FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Address1: a.Address1, Address2: a.Address2,
		City: a.City, Zip: a.Zip, Phone: a.Phone, Country: (*string)(a.CountryCodeV2), Province: a.ProvinceCode,
	}
}

// ofCart turns what is wrong with a delivery into what is wrong with the cart that asked for it.
func ofCart(err error) error { return elsewhere(err, "input", "cartId") }

// elsewhere turns what is wrong with an input that was filled in for the caller into what is wrong with the one that the
// caller gave.
func elsewhere(err error, field ...string) error {
	var refused refusals
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, one := range list {
		f, ok := fault.As(one)
		if !ok || errors.Is(err, errStale) {
			return err
		}
		refused.add(f.At(field...))
	}
	return refused.err()
}
