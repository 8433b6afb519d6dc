package checkout

import (
	"context"
	"errors"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

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
	for i := range d.lines {
		d.lines[i].collect = d.lines[i].variant.RequiresShipping
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
		asked:     append(field, "locationId"),
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
	if err := fulfillment.CountHour(ctx, c.Pool, able); err != nil {
		return inventory.Location{}, err
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
	at := *d
	at.delivery.store = &inventory.Location{ID: store}
	_, err := inventory.Try(ctx, c.Pool, at.demand(), inventory.Route{})
	var missing *inventory.OutOfStock
	switch {
	case errors.As(err, &missing):
		return d.outOfStock(missing.Shortages)
	case err != nil && !isFault(err):
		return err
	}
	return errStale // it has come in since, or the store has closed its counter
}

func isFault(err error) bool {
	_, ok := fault.As(err)
	return ok
}

// carried is what a store has to have: goods that nobody carries come from elsewhere.
func (d *draft) carried() []inventory.Demand {
	var demand []inventory.Demand
	for _, l := range d.lines {
		if l.collect {
			demand = append(demand, inventory.Demand{VariantID: l.variant.ID, Quantity: l.quantity})
		}
	}
	return demand
}
