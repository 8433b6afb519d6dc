package checkout_test

import (
	"strconv"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

var (
	bloomington = address.Coordinate{Latitude: 44.8547, Longitude: -93.2457}
	minneapolis = address.Coordinate{Latitude: 44.9778, Longitude: -93.2650}
	manhattan   = address.Coordinate{Latitude: 40.7589, Longitude: -73.9851}
)

func collect(key string, in checkout.OrderPickupInput, variant id.ProductVariantID, quantity int) checkout.OrderPlaceInput {
	o := order(key, line(variant, quantity))
	o.Delivery = pickup(in)
	return o
}

func TestPickUpAtAGivenStore(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 10_000, 0) // nothing to ship
	store := s.store("Bloomington", "MN", "55425", bloomington, nil)
	s.stock(lamp, store, 3)
	in := collect("k", checkout.OrderPickupInput{LocationID: ptr(store.String()), Collector: ptr("Grace Hopper")}, lamp, 2)
	o := s.place(in).Order
	if o.Delivery.MethodType != orders.DeliveryPickUp || *o.Delivery.LocationID != store || *o.Delivery.Title != "Bloomington" || *o.Delivery.Collector != "Grace Hopper" {
		t.Errorf("delivery %+v", o.Delivery)
	}
	if o.ShippingAddress != nil || o.TotalShippingPrice != usd(0) || o.TotalTax != usd(1375) || o.TotalPrice != usd(21375) {
		t.Errorf("address %v, shipping %s, Minnesota's tax %s, total %s", o.ShippingAddress, o.TotalShippingPrice, o.TotalTax, o.TotalPrice)
	}
	if n := s.number(`select quantity from reservation where location_id = $1 and method = 'PICKUP'`, store); n != 2 {
		t.Errorf("%d units are kept at the store, want 2", n)
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, collect("k2", checkout.OrderPickupInput{LocationID: ptr(store.String())}, lamp, 2))
	s.refused(err, "OUT_OF_STOCK input.lines.0.quantity")
	if got := data(err, "quantityAvailable"); got != 1 {
		t.Errorf("%v are said to be there, want 1", got)
	}
}

func TestStoreThatHandsNothingOutIsNotFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 100, 5)
	closed := s.store("Closed", "MN", "55425", bloomington, nil)
	s.exec(`update location set active = false where id = $1`, closed)
	for _, location := range []string{s.warehouse.String(), closed.String(), id.NewLocationID().String(), "store"} {
		_, err := s.Checkout.Place(t.Context(), access.Actor{}, collect("k", checkout.OrderPickupInput{LocationID: &location}, lamp, 1))
		s.refused(err, "LOCATION_NOT_FOUND input.delivery.pickup.locationId")
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, collect("k", checkout.OrderPickupInput{}, lamp, 1))
	s.refused(err, "NO_STORE_AVAILABLE input.delivery.pickup")
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, collect("k", checkout.OrderPickupInput{Near: &address.Coordinate{Latitude: 91}}, lamp, 1))
	s.refused(err, "INVALID input.delivery.pickup.near")
	s.nothingHappened()
}

func TestBestStoreIsTheNearestThatHasEverything(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp, chair := s.goods("Lamp", 100, 50), s.goods("Chair", 100, 50)
	near := s.store("Bloomington", "MN", "55425", bloomington, nil)
	far := s.store("Manhattan", "NY", "10036", manhattan, nil)
	s.stock(lamp, near, 2)
	s.stock(lamp, far, 9)
	s.stock(chair, far, 9)
	at := func(key string, in checkout.OrderPickupInput, variants ...id.ProductVariantID) id.LocationID {
		t.Helper()
		o := order(key)
		for _, v := range variants {
			o.Lines = append(o.Lines, line(v, 1))
		}
		o.Delivery = pickup(in)
		return *s.place(o).Order.Delivery.LocationID
	}
	if got := at("a", checkout.OrderPickupInput{Near: &minneapolis}, lamp); got != near {
		t.Error("the nearest store was not chosen")
	}
	if got := at("b", checkout.OrderPickupInput{Near: &minneapolis}, lamp, chair); got != far {
		t.Error("a store without a chair was chosen")
	}
	if got := at("c", checkout.OrderPickupInput{PostalCode: ptr("55402")}, lamp); got != near {
		t.Error("the store with the closest postal code was not chosen")
	}
	if got := at("d", checkout.OrderPickupInput{Near: &minneapolis}, lamp); got != far {
		t.Error("a store that has sold out was chosen")
	}
	if got := at("e", checkout.OrderPickupInput{}, lamp, chair); got != far {
		t.Error("without a wish no store was found")
	}
}

func TestStoreTakesNoMoreThanItCanHandOver(t *testing.T) {
	t.Parallel()
	const buyers, capacity = 12, 5
	s := staffed(t)
	lamp := s.goods("Lamp", 100, 0)
	n := capacity
	near := s.store("Bloomington", "MN", "55425", bloomington, &n)
	far := s.store("Manhattan", "NY", "10036", manhattan, nil)
	s.stock(lamp, near, 100)
	s.stock(lamp, far, 100)
	at := map[id.LocationID]int{}
	for _, a := range s.together(buyers, func(i int) checkout.OrderPlaceInput {
		return collect("k"+strconv.Itoa(i), checkout.OrderPickupInput{Near: &minneapolis}, lamp, 1)
	}) {
		if a.err != nil {
			t.Fatal(a.err)
		}
		at[*a.Order.Delivery.LocationID]++
	}
	if at[near] != capacity || at[far] != buyers-capacity {
		t.Errorf("%d at the near store and %d at the far one, want %d and %d", at[near], at[far], capacity, buyers-capacity)
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, collect("given", checkout.OrderPickupInput{LocationID: ptr(near.String())}, lamp, 1))
	s.refused(err, "PICKUP_CAPACITY_REACHED input.delivery.pickup.locationId")

	// An order that is called off gives its place back.
	var first id.OrderID
	if err := s.Pool.QueryRow(t.Context(), `select order_id from pickup_booking limit 1`).Scan(&first); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Checkout.Cancel(t.Context(), access.SystemActor, checkout.OrderCancelInput{IdempotencyKey: "c", OrderID: first.String()}); err != nil {
		t.Fatal(err)
	}
	s.place(collect("given", checkout.OrderPickupInput{LocationID: ptr(near.String())}, lamp, 1))
	s.sound()
}

// TestAFullChainStillHasItsFreeStore: goods that are not counted leave no reservation, but they fill a store's hour as
// all others do, and however many stores are full, the one that is not is found.
func TestAFullChainStillHasItsFreeStore(t *testing.T) {
	t.Parallel()
	s := open(t)
	card := s.goods("Card", 100, 0)
	s.exec(`delete from stock_level where variant_id = $1`, card)
	s.exec(`delete from stock_item where variant_id = $1`, card)
	one := 1
	for i := range 25 {
		full := s.store("Full "+strconv.Itoa(i), "MN", "55425", bloomington, &one)
		s.exec(`insert into pickup_hour (location_id, hour, taken) values ($1, date_trunc('hour', now()), 1)`, full)
	}
	free := s.store("Manhattan", "NY", "10036", manhattan, &one)
	in := checkout.OrderPickupInput{Near: &minneapolis}
	if got := *s.place(collect("k", in, card, 1)).Order.Delivery.LocationID; got != free {
		t.Errorf("the order went to %s, not to %s", got, free)
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, collect("k2", in, card, 1))
	s.refused(err, "NO_STORE_AVAILABLE input.delivery.pickup")
}

func TestGoodsThatNobodyCarriesNeedNoDelivery(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	song, lamp := s.goods("Song", 99, 100), s.goods("Lamp", 100, 0)
	s.exec(`update product_variant set requires_shipping = false where id = $1`, song)
	in := order("k", line(song, 1))
	in.Delivery = nil
	if o := s.place(in).Order; o.Delivery.MethodType != orders.DeliveryNone || o.TotalPrice != usd(99) || o.ShippingAddress != nil {
		t.Errorf("delivery %+v, total %s", o.Delivery, o.TotalPrice)
	}
	// With a lamp that is collected, the song still comes from where songs are.
	store := s.store("Bloomington", "MN", "55425", bloomington, nil)
	s.stock(lamp, store, 1)
	both := order("k2", line(song, 1), line(lamp, 1))
	both.Delivery = pickup(checkout.OrderPickupInput{})
	s.place(both)
	if n := s.number(`select count(*) from reservation where variant_id = $1 and location_id = $2`, song, s.warehouse); n != 2 {
		t.Errorf("%d songs are kept in the warehouse, want 2", n)
	}
	s.sound()
}
