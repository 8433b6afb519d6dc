package checkout

import (
	"context"
	"math"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

// delivery is how the goods get to the buyer, and where the sale happens for the tax.
type delivery struct {
	chosen    orders.OrderDelivery
	price     money.Money
	country   address.CountryCode
	province  string
	address   *address.MailingAddress
	keep      bool                  // the address goes into the customer's book
	store     *inventory.Location   // of what is collected
	assigned  bool                  // the store was found by us: another may do as well
	asked     []string              // the input that asked for the store
	pickup    *orders.OrderDelivery // of the lines that are collected while the others are shipped
	collector *string
	near      *address.Coordinate // where the address is, when the shopper's client knows
}

// destination is where an order is shipped, for the choice among the locations that can.
func (d delivery) destination() inventory.Destination {
	to := inventory.Destination{Near: d.near, Country: string(d.country), Province: d.province}
	if d.address != nil {
		to.Zip = deref(d.address.Zip)
	}
	return to
}

// chooseDelivery settles the delivery: by a carrier to an address, or from a store. Goods that nobody has to carry
// need none.
func (c *Checkout) chooseDelivery(ctx context.Context, d *draft, shop settings.Shop, in OrderPlaceInput, subtotal money.Money) error {
	physical := slices.ContainsFunc(d.lines, func(l line) bool { return l.variant.RequiresShipping })
	var chosen OrderDeliveryInput
	if in.Delivery != nil {
		chosen = *in.Delivery
	}
	switch {
	case chosen.Shipping != nil && chosen.Pickup != nil:
		return refuse(Invalid, "An order is shipped or picked up, not both.", "input", "delivery")
	case chosen.Pickup != nil:
		return c.pickUp(ctx, d, shop, *chosen.Pickup)
	case chosen.Shipping != nil:
		return c.ship(ctx, d, shop, *chosen.Shipping, physical, subtotal)
	case physical && d.cart != nil:
		return c.deliverCart(ctx, d, shop, subtotal)
	case physical:
		return refuse(Blank, "Say how the order is delivered: shipping or pickup.", "input", "delivery")
	default:
		d.delivery = delivery{
			chosen: orders.OrderDelivery{MethodType: orders.DeliveryNone}, price: money.Zero(shop.Currency), country: shop.Country,
		}
		if d.cart != nil {
			if country, province, _ := d.cart.Destination(); country != "" {
				d.delivery.country, d.delivery.province = country, province
			}
		}
		return c.inStock(ctx, d)
	}
}

// ship sends the order to an address by the option that was asked for, or the cheapest.
func (c *Checkout) ship(ctx context.Context, d *draft, shop settings.Shop, in OrderShippingInput, physical bool, subtotal money.Money) error {
	to, said, err := c.shippingAddress(ctx, d, in)
	if err != nil {
		return err
	}
	if in.Near != nil && !in.Near.Valid() {
		return refuse(Invalid, "This place is not on earth.", "input", "delivery", "shipping", "near")
	}
	country := *to.CountryCodeV2
	d.delivery = delivery{country: country, price: money.Zero(shop.Currency), address: &to, near: in.Near}
	if to.ProvinceCode != nil {
		d.delivery.province = *to.ProvinceCode
	}
	if !physical {
		d.delivery.chosen = orders.OrderDelivery{MethodType: orders.DeliveryNone}
		return c.inStock(ctx, d)
	}
	if !shop.ShipsTo(country) {
		if in.CustomerAddressID == nil {
			said = append(slices.Clone(said), "country")
		}
		return refuse(NotShippable, "The shop does not ship to "+country.Name()+".", said...)
	}
	options, err := c.options(ctx, fulfillment.Consignment{
		Country: country, Province: d.delivery.province, Zip: deref(to.Zip), Subtotal: subtotal, Grams: d.grams(),
	})
	if err != nil {
		return err
	}
	if len(options) == 0 {
		return refuse(NotShippable, "There is no way to ship this order to "+country.Name()+".", said...)
	}
	option, ok := fulfillment.Choose(options, deref(in.OptionHandle))
	if !ok {
		return refuse(OptionNotFound, "This shipping option is not offered for the order.", "input", "delivery", "shipping", "optionHandle")
	}
	d.delivery.price = option.Price
	d.delivery.chosen = orders.OrderDelivery{MethodType: orders.DeliveryShipping, OptionHandle: option.Handle, Title: &option.Title}
	return c.inStock(ctx, d)
}

func (c *Checkout) options(ctx context.Context, consignment fulfillment.Consignment) ([]fulfillment.Option, error) {
	if c.Rates == nil {
		return nil, nil
	}
	return c.Rates.Options(ctx, consignment)
}

// grams is what the goods weigh, rounded up.
func (d *draft) grams() int64 {
	var grams float64
	for _, l := range d.lines {
		if l.variant.RequiresShipping && !l.collect {
			grams += l.variant.WeightGrams * float64(l.quantity)
		}
	}
	return int64(math.Ceil(min(grams, math.MaxInt32)))
}

// inStock tells a shopper at once that something is sold out, without waiting for a lock. The promise itself is made
// under the lock.
func (c *Checkout) inStock(ctx context.Context, d *draft) error {
	available, err := c.available.of(ctx, d.variantIDs())
	if err != nil {
		return err
	}
	wanted := d.wanted()
	var shortages []inventory.Shortage
	for i, l := range d.lines {
		variant := l.variant.ID
		if l.collect || available[variant].Covers(wanted[variant]) {
			continue
		}
		shortages = append(shortages, inventory.Shortage{
			VariantID: variant, Wanted: wanted[variant], Available: available[variant].Promisable, Lines: []int{i},
		})
	}
	return d.outOfStock(shortages)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// wanted is how many units of each variant the order needs from afar, over all its lines.
func (d *draft) wanted() map[id.ProductVariantID]int {
	wanted := make(map[id.ProductVariantID]int, len(d.lines))
	for _, l := range d.lines {
		if !l.collect {
			wanted[l.variant.ID] += l.quantity
		}
	}
	return wanted
}
