package checkout_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/settings"
)

var manager = access.Actor{Kind: access.Staff, ID: [16]byte{1}, Scopes: access.AllScopes()}

// sellBeyond lets the shop promise so many more of a variant than it has, by so many days from now.
func (s *till) sellBeyond(variant id.ProductVariantID, limit, days int) {
	s.Helper()
	policy := inventory.PolicyContinue
	_, err := s.Inventory.SetPolicy(s.Context(), manager, inventory.InventoryPolicySetInput{
		IdempotencyKey: variant.String(), VariantID: variant.String(), InventoryPolicy: &policy, BackorderLimit: &limit, RestockDays: &days,
	})
	if err != nil {
		s.Fatal(err)
	}
}

func TestOrderKeepsWhatItWasPromised(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, shade, chair := s.goods("Lamp", 2000, 3), s.goods("Shade", 500, 100), s.goods("Chair", 3000, 5)
	s.sellBeyond(lamp, 6, 7)
	set := s.bundle("Set", 4000, map[id.ProductVariantID]int{lamp: 2, shade: 1})
	placed := s.place(order("k", line(chair, 1), line(lamp, 2), line(set, 2)))
	in7 := time.Now().AddDate(0, 0, 7)
	for i, want := range []struct {
		variant     id.ProductVariantID
		backordered int
		components  int
	}{{chair, 0, 0}, {lamp, 0, 0}, {set, 2, 2}} {
		l := placed.Order.Lines[i]
		if l.VariantID != want.variant || l.BackorderedQuantity != want.backordered || len(l.Components) != want.components || (l.PromisedAt != nil) != (want.backordered > 0) {
			t.Errorf("line %d: %d backordered by %v, made of %v", i, l.BackorderedQuantity, l.PromisedAt, l.Components)
		}
		if l.PromisedAt != nil && l.PromisedAt.Sub(in7).Abs() > time.Hour {
			t.Errorf("line %d is promised by %v, want in seven days", i, l.PromisedAt)
		}
	}
	again, err := s.Orders.At(t.Context(), s.Pool, placed.Order.ID, &placed.Order.Version, nil)
	if err != nil || !again.Lines[2].PromisedAt.Equal(*placed.Order.Lines[2].PromisedAt) || !slices.Equal(again.Lines[2].Components, placed.Order.Lines[2].Components) {
		t.Errorf("folded from its events it is %+v %v", again.Lines[2], err)
	}
	// Three lamps are there and nine can be promised; six are.
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, order("over", line(set, 1), line(lamp, 2)))
	s.refused(err, "OUT_OF_STOCK input.lines.0.quantity", "OUT_OF_STOCK input.lines.1.quantity")
	s.place(order("last", line(set, 1), line(lamp, 1)))
	_, err = s.Checkout.Place(t.Context(), access.Actor{}, order("none", line(lamp, 1)))
	s.refused(err, "OUT_OF_STOCK input.lines.0.quantity")
	if s.reserved(lamp) != 9 || s.reserved(shade) != 3 || s.reserved(set) != 0 {
		t.Errorf("%d lamps, %d shades and %d sets are reserved", s.reserved(lamp), s.reserved(shade), s.reserved(set))
	}
	s.sound()

	// What a bundle is made of later changes nothing for those who have bought it.
	if _, err := s.Inventory.SetBundle(t.Context(), manager, inventory.ProductBundleSetInput{
		IdempotencyKey: "other", VariantID: set.String(), Components: []inventory.ProductBundleComponentInput{{VariantID: chair.String(), Quantity: 1}},
	}); err != nil {
		t.Fatal(err)
	}
	s.sound()
	if _, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", placed)); err != nil {
		t.Fatal(err)
	}
	if s.reserved(lamp) != 3 || s.reserved(shade) != 1 || s.reserved(chair) != 0 {
		t.Errorf("after the first was canceled %d lamps, %d shades and %d chairs are reserved", s.reserved(lamp), s.reserved(shade), s.reserved(chair))
	}
	s.sound()
}

// TestBundleIsCollectedInOneStore, and a store that has its parts only for some of the lines says so.
func TestBundleIsCollectedInOneStore(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, shade := s.goods("Lamp", 2000, 0), s.goods("Shade", 500, 0)
	set := s.bundle("Set", 4000, map[id.ProductVariantID]int{lamp: 2, shade: 1})
	near, far := s.store("Near", "MN", "55425", bloomington, nil), s.store("Far", "NY", "10001", manhattan, nil)
	s.stock(lamp, near, 3)
	s.stock(lamp, far, 3)
	s.stock(shade, far, 3)
	placed := s.place(collect("k", checkout.OrderPickupInput{Near: &minneapolis}, set, 1))
	if got := *placed.Order.Delivery.LocationID; got != far {
		t.Errorf("it is collected at %s, which has no shades", got)
	}
	given := ptr(far.String())
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, collect("two", checkout.OrderPickupInput{LocationID: given}, set, 1))
	s.refused(err, "OUT_OF_STOCK input.lines.0.quantity")
	if got := data(err, "quantityAvailable"); got != 0 {
		t.Errorf("%v sets are said to be there", got)
	}
	s.place(collect("lamp", checkout.OrderPickupInput{LocationID: given}, lamp, 1))
	s.sound()
}

func TestLocationsAreChosenAsTheShopIsSet(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 2000, 10)
	near, far := s.store("Near", "CA", "94110", address.Coordinate{Latitude: 37.76, Longitude: -122.42}, nil), s.store("Far", "NY", "10001", manhattan, nil)
	for _, location := range []id.LocationID{near, far} {
		s.exec(`update location set ships_online = true where id = $1`, location)
		s.stock(lamp, location, 10)
	}
	set := func(strategy settings.Allocation, priority ...id.LocationID) {
		t.Helper()
		in := inventory.InventoryAllocationSetInput{Strategy: &strategy, LocationPriorityIDs: []string{}}
		for _, location := range priority {
			in.LocationPriorityIDs = append(in.LocationPriorityIDs, location.String())
		}
		if _, err := s.Inventory.SetAllocation(t.Context(), manager, s.Settings, in); err != nil {
			t.Fatal(err)
		}
	}
	from := func(key string, at *address.Coordinate, want id.LocationID) {
		t.Helper()
		in := order(key, line(lamp, 1)) // to San Francisco
		in.Delivery.Shipping.Near = at
		placed := s.place(in)
		if n := s.number(`select count(*) from reservation where order_id = $1 and location_id = $2`, placed.Order.ID, want); n != 1 {
			t.Errorf("%s: it is not shipped from there", key)
		}
	}
	from("as few parcels as can be, the default first", nil, s.warehouse)
	set(settings.Nearest)
	from("the closest postal code", nil, near)
	from("the closest point", &manhattan, far)
	set(settings.ByPriority, far, near)
	from("as staff have set it", nil, far)
	set(settings.FewestSplits)
	from("as it was", nil, s.warehouse)

	in := order("nowhere", line(lamp, 1))
	in.Delivery.Shipping.Near = &address.Coordinate{Latitude: 91}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, in)
	s.refused(err, "INVALID input.delivery.shipping.near")
	for want, ids := range map[string][]string{
		"LOCATION_NOT_FOUND input.locationPriorityIds.1": {near.String(), "x"},
		"LOCATION_NOT_FOUND input.locationPriorityIds.0": {id.NewLocationID().String()},
		"INVALID input.locationPriorityIds.1":            {near.String(), near.String()},
	} {
		_, err := s.Inventory.SetAllocation(t.Context(), manager, s.Settings, inventory.InventoryAllocationSetInput{LocationPriorityIDs: ids})
		s.refused(err, want)
	}
	bound := manager
	bound.Bound, bound.Locations = true, []id.LocationID{near}
	_, err = s.Inventory.SetAllocation(t.Context(), bound, s.Settings, inventory.InventoryAllocationSetInput{})
	s.refused(err, "FORBIDDEN")
	if n := s.number(`select count(*) from event where kind = 'shop.changed' and by = 'staff:01000000-0000-0000-0000-000000000000'`); n != 3 {
		t.Errorf("the shop's history tells of %d changes, want 3", n)
	}
}

// held is the life of an order's reservations: their state, and whether they lapse with the order's deadline.
func (s *till) held(order id.OrderID) string {
	s.Helper()
	var text string
	err := s.Pool.QueryRow(s.Context(), `
select string_agg(distinct r.state || case when r.expires_at is null then '' when r.expires_at = (o.doc ->> 'deadline')::timestamptz then ' until the deadline' else ' until ' || r.expires_at end, ', ')
from reservation r join orders o on o.id = r.order_id where r.order_id = $1`, order).Scan(&text)
	if err != nil {
		s.Fatal(err)
	}
	return text
}

// broken is what the view of a broken invariant of reservations says.
func (s *till) broken() int {
	s.Helper()
	return s.number(`select count(*) from audit.s6_violations`)
}

// TestLifeOfAReservation follows what an order holds: it lapses with the deadlines of the payment, lasts once it is
// paid, and goes in the transaction in which the order ends, or not at all.
func TestLifeOfAReservation(t *testing.T) {
	t.Parallel()
	s := open(t)
	crash, dying := errors.New("the process dies here"), false
	s.Events.Connect(func(context.Context, pgx.Tx, *pgx.Batch, []event.Event) error {
		if dying {
			return crash
		}
		return nil
	})
	lamp := s.goods("Lamp", 2000, 10)
	expect := func(what string, placed checkout.Placement, held string, broken int) {
		t.Helper()
		if got := s.held(placed.Order.ID); got != held {
			t.Errorf("%s: %s, want %s", what, got, held)
		}
		if n := s.broken(); n != broken {
			t.Errorf("%s: %d reservations are out of place, want %d", what, n, broken)
		}
	}
	in := order("declined", line(lamp, 2))
	in.Payment[0].Token = ptr("decline")
	declined := s.place(in)
	expect("placed", declined, "HELD until the deadline", 0)
	if err := s.Payments.Authorize(t.Context(), declined.Order.ID, "test", done); err != nil {
		t.Fatal(err)
	}
	expect("declined", declined, "HELD until the deadline", 0)
	if _, err := s.Payments.UpdateMethods(t.Context(), access.Actor{}, payment.OrderPaymentUpdateInput{
		IdempotencyKey: "u", OrderID: declined.Order.ID.String(), AccessToken: &declined.AccessToken,
		Payment: []payment.PaymentMethodInput{{Provider: "test", Token: ptr("approve")}},
	}); err != nil {
		t.Fatal(err)
	}
	expect("another card", declined, "HELD until the deadline", 0)
	if err := s.Payments.Authorize(t.Context(), declined.Order.ID, "test", done); err != nil {
		t.Fatal(err)
	}
	expect("paid", declined, "CONFIRMED", 0)

	// An order that dies while it is called off is whole, and so is what it holds.
	dying = true
	if _, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", declined)); !errors.Is(err, crash) {
		t.Fatalf("%v, want the crash", err)
	}
	dying = false
	expect("called off halfway", declined, "CONFIRMED", 0)
	if _, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", declined)); err != nil {
		t.Fatal(err)
	}
	expect("called off", declined, "RELEASED", 0)

	// The deadline passes: for a minute the job may be on its way, then somebody must look.
	late := s.place(order("late", line(lamp, 3)))
	for what, c := range map[string]struct {
		ago    string
		broken int
	}{"just now": {"59 seconds", 0}, "too long": {"61 seconds", 1}} {
		s.exec(`update reservation set expires_at = now() - $2::interval where order_id = $1`, late.Order.ID, c.ago)
		if n := s.broken(); n != c.broken {
			t.Errorf("overdue since %s: %d reservations are out of place, want %d", what, n, c.broken)
		}
	}
	s.overdue(late.Order.ID, -time.Second)
	if err := s.Checkout.Expire(t.Context(), late.Order.ID, "test", ends(crash)); !errors.Is(err, crash) {
		t.Fatalf("%v, want the crash", err)
	}
	if s.reserved(lamp) != 3 {
		t.Errorf("%d units are reserved by an order that did not expire", s.reserved(lamp))
	}
	if err := s.Checkout.Expire(t.Context(), late.Order.ID, "test", done); err != nil {
		t.Fatal(err)
	}
	if got := s.held(late.Order.ID); got != "RELEASED" || s.reserved(lamp) != 0 || s.broken() != 0 {
		t.Errorf("expired: %s, %d reserved, %d out of place", got, s.reserved(lamp), s.broken())
	}

	// Nothing to pay, nothing to wait for. And what no order stands behind, or one that has ended, is found.
	given := s.goods("Flyer", 0, 5)
	s.exec(`update product_variant set requires_shipping = false where id = $1`, given)
	free := order("free", line(given, 1))
	free.Payment, free.Delivery = nil, nil
	expect("nothing to pay", s.place(free), "CONFIRMED", 0)
	s.exec(`with again as (update reservation set state = 'HELD', expires_at = now() + interval '1 hour' where order_id = $1 returning variant_id, location_id, quantity)
update stock_level l set reserved = l.reserved + a.quantity from again a where l.variant_id = a.variant_id and l.location_id = a.location_id`, late.Order.ID)
	if n := s.broken(); n != 1 {
		t.Errorf("an order that has ended holds units, and %d are found", n)
	}
	s.exec(`update reservation set order_id = gen_random_uuid() where order_id = $1`, late.Order.ID)
	if n := s.broken(); n != 1 {
		t.Errorf("an order that never was holds units, and %d are found", n)
	}
}
