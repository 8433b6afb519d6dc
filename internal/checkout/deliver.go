package checkout

import (
	"context"
	"math"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
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
	store     *inventory.Location // of a pick-up
	assigned  bool                // the store was found by us: another may do as well
	collector *string
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
	case physical:
		return refuse(Blank, "Say how the order is delivered: shipping or pickup.", "input", "delivery")
	default:
		d.delivery = delivery{
			chosen: orders.OrderDelivery{MethodType: orders.DeliveryNone}, price: money.Zero(shop.Currency), country: shop.Country,
		}
		if d.cart != nil && d.cart.BuyerIdentity.CountryCode != nil {
			d.delivery.country = *d.cart.BuyerIdentity.CountryCode
		}
		return c.inStock(ctx, d)
	}
}

// ship sends the order to an address by the option that was asked for, or the cheapest.
func (c *Checkout) ship(ctx context.Context, d *draft, shop settings.Shop, in OrderShippingInput, physical bool, subtotal money.Money) error {
	to, err := mailingAddress(in.Address)
	if err != nil {
		return err
	}
	country := *to.CountryCodeV2
	d.delivery = delivery{country: country, price: money.Zero(shop.Currency), address: &to}
	if to.ProvinceCode != nil {
		d.delivery.province = *to.ProvinceCode
	}
	if !physical {
		d.delivery.chosen = orders.OrderDelivery{MethodType: orders.DeliveryNone}
		return c.inStock(ctx, d)
	}
	if !shop.ShipsTo(country) {
		return refuse(NotShippable, "The shop does not ship to "+country.Name()+".", "input", "delivery", "shipping", "address", "country")
	}
	options, err := c.options(ctx, fulfillment.Consignment{
		Country: country, Province: d.delivery.province, Zip: deref(to.Zip), Subtotal: subtotal, Grams: d.grams(),
	})
	if err != nil {
		return err
	}
	if len(options) == 0 {
		return refuse(NotShippable, "There is no way to ship this order to "+country.Name()+".", "input", "delivery", "shipping", "address")
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
		if l.variant.RequiresShipping {
			grams += l.variant.WeightGrams * float64(l.quantity)
		}
	}
	return int64(math.Ceil(min(grams, math.MaxInt32)))
}

// inStock tells a shopper at once that something is sold out, without waiting for a lock. The promise itself is made
// under the lock.
func (c *Checkout) inStock(ctx context.Context, d *draft) error {
	available, err := inventory.Availability(ctx, c.Pool, d.variantIDs())
	if err != nil {
		return err
	}
	wanted := make(map[id.ProductVariantID]int, len(d.lines))
	for _, l := range d.lines {
		wanted[l.variant.ID] += l.quantity
	}
	var shortages []inventory.Shortage
	for i, l := range d.lines {
		variant := l.variant.ID
		if d.delivery.store != nil && l.variant.RequiresShipping || available[variant].Covers(wanted[variant]) {
			continue
		}
		shortages = append(shortages, inventory.Shortage{
			VariantID: variant, Wanted: wanted[variant], Available: available[variant].Promisable, Lines: []int{i},
		})
	}
	return d.outOfStock(shortages)
}

// pickUp hands the order over in a store: the one that was asked for, or the best one that has everything.
func (c *Checkout) pickUp(ctx context.Context, d *draft, shop settings.Shop, in OrderPickupInput) error {
	field := []string{"input", "delivery", "pickup"}
	var refused refusals
	collector := refused.name(in.Collector, append(field, "collector")...)
	zip := refused.name(in.PostalCode, append(field, "postalCode")...)
	if in.Near != nil && !in.Near.Valid() {
		refused.refuse(Invalid, "This place is not on earth.", append(field, "near")...)
	}
	if err := refused.err(); err != nil {
		return err
	}
	store, err := c.store(ctx, d, in, fulfillment.Place{Near: in.Near, Zip: deref(zip)})
	if err != nil {
		return err
	}
	d.delivery = delivery{
		chosen:    orders.OrderDelivery{MethodType: orders.DeliveryPickUp, Title: &store.Name, LocationID: &store.ID},
		price:     money.Zero(shop.Currency),
		country:   shop.Country,
		store:     &store,
		assigned:  in.LocationID == nil,
		collector: collector,
		province:  deref(store.Address.ProvinceCode),
	}
	if store.Address.CountryCode != nil {
		d.delivery.country = address.CountryCode(*store.Address.CountryCode)
	}
	return c.inStock(ctx, d)
}

func (c *Checkout) store(ctx context.Context, d *draft, in OrderPickupInput, place fulfillment.Place) (inventory.Location, error) {
	able, err := inventory.StoresWithStock(ctx, c.Pool, d.carried())
	if err != nil {
		return inventory.Location{}, err
	}
	if in.LocationID != nil {
		return c.givenStore(ctx, d, *in.LocationID, able)
	}
	able = slices.DeleteFunc(able, func(s inventory.Candidate) bool { return !s.HasCapacity() || d.full[s.Location.ID] })
	if len(able) == 0 {
		return inventory.Location{}, fault.New(fault.Conflict, string(NoStoreAvailable),
			"No store has everything in stock and takes orders now.").At("input", "delivery", "pickup")
	}
	return fulfillment.Rank(able, place)[0].Location, nil
}

// givenStore is the store that was asked for, if it can hand the order over.
func (c *Checkout) givenStore(ctx context.Context, d *draft, text string, able []inventory.Candidate) (inventory.Location, error) {
	field := []string{"input", "delivery", "pickup", "locationId"}
	notFound := fault.New(fault.NotFound, string(LocationNotFound), "There is no such store, or it does not hand orders out.").At(field...)
	named, err := id.ParseLocationID(text)
	if err != nil {
		return inventory.Location{}, notFound
	}
	store, err := inventory.LocationByID(ctx, c.Pool, named)
	if fault.IsKind(err, fault.NotFound) || err == nil && !(store.Active && store.PickupEnabled) {
		return inventory.Location{}, notFound
	}
	if err != nil {
		return inventory.Location{}, err
	}
	if slices.ContainsFunc(able, func(s inventory.Candidate) bool { return s.Location.ID == named }) {
		return store, nil
	}
	return inventory.Location{}, c.missingAt(ctx, d, named)
}

// missingAt says what a store does not have enough of.
func (c *Checkout) missingAt(ctx context.Context, d *draft, store id.LocationID) error {
	levels, err := inventory.Levels(ctx, c.Pool, d.variantIDs())
	if err != nil {
		return err
	}
	available, err := inventory.Availability(ctx, c.Pool, d.variantIDs())
	if err != nil {
		return err
	}
	wanted := make(map[id.ProductVariantID]int, len(d.lines))
	for _, l := range d.lines {
		wanted[l.variant.ID] += l.quantity
	}
	var shortages []inventory.Shortage
	for i, l := range d.lines {
		variant, there := l.variant.ID, 0
		for _, level := range levels[variant] {
			if level.LocationID == store {
				there = level.Promisable()
			}
		}
		if l.variant.RequiresShipping && available[variant].Tracked && there < wanted[variant] {
			shortages = append(shortages, inventory.Shortage{
				VariantID: variant, LocationID: &store, Wanted: wanted[variant], Available: there, Lines: []int{i},
			})
		}
	}
	if len(shortages) == 0 {
		return errStale // it has come in since
	}
	return d.outOfStock(shortages)
}

// carried is what a store has to have: goods that nobody carries come from elsewhere.
func (d *draft) carried() []inventory.Demand {
	var demand []inventory.Demand
	for _, l := range d.lines {
		if l.variant.RequiresShipping {
			demand = append(demand, inventory.Demand{VariantID: l.variant.ID, Quantity: l.quantity})
		}
	}
	return demand
}

// mailingAddress checks where an order is sent.
func mailingAddress(in address.MailingAddressInput) (address.MailingAddress, error) {
	var refused refusals
	at := func(name string) []string { return []string{"input", "delivery", "shipping", "address", name} }
	a := address.MailingAddress{
		ID:        id.NewMailingAddressID(),
		FirstName: refused.name(in.FirstName, at("firstName")...),
		LastName:  refused.name(in.LastName, at("lastName")...),
		Company:   refused.name(in.Company, at("company")...),
		Address1:  refused.name(in.Address1, at("address1")...),
		Address2:  refused.name(in.Address2, at("address2")...),
		City:      refused.name(in.City, at("city")...),
		Zip:       refused.name(in.Zip, at("zip")...),
	}
	if a.Address1 == nil {
		refused.refuse(Blank, "The street is needed to send the order.", at("address1")...)
	}
	if a.City == nil {
		refused.refuse(Blank, "The city is needed to send the order.", at("city")...)
	}
	if !present(in.Country) {
		refused.refuse(Blank, "The country is needed to send the order.", at("country")...)
		return a, refused.err()
	}
	country, ok := address.ParseCountry(*in.Country)
	if !ok {
		refused.refuse(Invalid, "There is no such country. Give an ISO code or its English name.", at("country")...)
		return a, refused.err()
	}
	a.CountryCodeV2 = &country
	if present(in.Phone) {
		phone, ok := contact.Phone(*in.Phone, string(country))
		if !ok {
			refused.refuse(Invalid, "This is no phone number.", at("phone")...)
		}
		a.Phone = &phone
	}
	switch province, ok := provinceOf(country, in.Province, a.Zip); {
	case ok && province != "":
		a.ProvinceCode = &province
	case !ok && present(in.Province):
		refused.refuse(Invalid, country.Name()+" has no such province. Give its code or its English name.", at("province")...)
	case !ok:
		refused.refuse(Blank, "The province is needed to send the order.", at("province")...)
	}
	return a, refused.err()
}

// provinceOf is the province that was given, else the one that the postal code lies in. Only countries whose provinces
// are known need one.
func provinceOf(country address.CountryCode, given, zip *string) (string, bool) {
	if present(given) {
		return address.ParseProvince(country, *given)
	}
	if province, ok := address.ProvinceOfZip(country, deref(zip)); ok {
		return province, true
	}
	return "", !address.HasProvinces(country)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
