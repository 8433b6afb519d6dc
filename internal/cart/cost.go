package cart

import (
	"context"
	"errors"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/tax"
)

// cost adds tax and delivery to a cart whose lines are reduced already. Placing the cart as it is comes to the same
// total, unless it is estimated. Where a tax service or the carriers do not answer, what they would add is left out.
func (c *Carts) cost(ctx context.Context, shop settings.Shop, cart *Cart) error {
	if cart.Groups == nil && cart.goesSomewhere() && c.Deliveries != nil {
		groups, err := c.Deliveries(ctx, *cart)
		if err != nil {
			return err
		}
		cart.Groups = groups
	}
	cart.locate()
	places, known := cart.places(shop)
	cart.Cost.TotalAmountEstimated = !known
	shipping, added := money.Zero(cart.CurrencyCode), money.Zero(cart.CurrencyCode)
	for _, p := range places {
		shipping.Minor += p.Shipping.Minor
	}
	if places[0].Country != "" {
		result, err := Tax(ctx, c.tax, tax.Sale{Currency: cart.CurrencyCode, Included: shop.PricesIncludeTax, Lines: taxLines(cart.AllLines)}, places)
		switch {
		case errors.Is(err, tax.ErrUnavailable):
			cart.Cost.TotalAmountEstimated, cart.untaxed = true, true
		case err != nil:
			return err
		default:
			cart.Cost.TotalTaxAmount, added = &result.Total, result.Added()
		}
	}
	total, err := Total(cart.Cost.SubtotalAmount, shipping, added)
	cart.Cost.TotalAmount = total
	return err
}

// goesSomewhere says whether the shopper has told where the cart goes, so that its delivery counts.
func (c Cart) goesSomewhere() bool {
	return c.Carried() && (c.SelectedAddress() != nil || c.Chosen != Chosen{} ||
		slices.ContainsFunc(c.AllLines, func(l CartLine) bool { return l.PickUp }))
}

// Carried says whether somebody has to carry something of the cart.
func (c Cart) Carried() bool {
	return slices.ContainsFunc(c.AllLines, func(l CartLine) bool { return l.Variant.RequiresShipping })
}

// Destination is where a cart goes as far as it is known: to the selected address, else to the buyer's country.
func (c Cart) Destination() (country address.CountryCode, province, zip string) {
	if to := c.SelectedAddress(); to != nil && to.CountryCodeV2 != nil {
		province, _ = to.Region()
		return *to.CountryCodeV2, province, deref(to.Zip)
	}
	if c.BuyerIdentity.CountryCode != nil {
		country = *c.BuyerIdentity.CountryCode
	}
	return country, "", ""
}

// nowhere stands for a store that nobody knows yet.
var nowhere id.LocationID

// locate says of the lines which store they would be taken from if the cart were placed now: the chosen one, else the
// best. What is shipped comes from wherever that is done.
func (c *Cart) locate() {
	for _, group := range c.Groups {
		store := &nowhere
		switch {
		case group.Selected != nil && group.Selected.Location != nil:
			store = &group.Selected.Location.ID
		case !group.PickUp:
			continue
		case c.Chosen.PickUp == nil && len(group.DeliveryOptions) > 0:
			store = &group.DeliveryOptions[0].Location.ID
		}
		for i, line := range c.AllLines {
			if line.Variant.RequiresShipping && line.PickUp == group.PickUp {
				c.AllLines[i].wanted[i].LocationID = store
			}
		}
	}
}

// places says where the lines of the cart go, the first place taking those that go nowhere else, and whether all of it
// is known. What is collected is sold at the store.
func (c Cart) places(shop settings.Shop) (places []Place, known bool) {
	country, province, _ := c.Destination()
	home := Place{Country: country, Province: province, Shipping: money.Zero(c.CurrencyCode)}
	known = c.Groups != nil || !c.Carried()
	for _, group := range c.Groups {
		if group.Selected == nil || group.Estimated {
			known = false
		}
		switch {
		case group.Selected == nil:
		case group.Selected.Location != nil:
			store := group.Selected.Location.place(shop, c.CurrencyCode)
			if len(c.Groups) == 1 {
				home = store
				continue
			}
			for i, line := range c.AllLines {
				if line.PickUp && line.Variant.RequiresShipping {
					store.Lines = append(store.Lines, i)
				}
			}
			places = append(places, store)
		case !group.Estimated:
			home.Shipping = group.Selected.EstimatedCost
		}
	}
	return append([]Place{home}, places...), known && home.Country != ""
}

func (p PickUpPlace) place(shop settings.Shop, c money.Currency) Place {
	place := Place{Country: shop.Country, Province: p.Province, Shipping: money.Zero(c)}
	if p.Country != nil {
		place.Country = *p.Country
	}
	return place
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
