package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

// bundle makes "card" of "2 mug, 1 pot", or of whatever else.
func (s *stockroom) bundle(key, variant, parts string) (inventory.ProductBundle, error) {
	s.Helper()
	in := inventory.ProductBundleSetInput{IdempotencyKey: key, VariantID: s.variants[variant].String()}
	for part := range strings.SplitSeq(parts, ", ") {
		var c inventory.ProductBundleComponentInput
		var name string
		if n, _ := fmt.Sscanf(part, "%d %s", &c.Quantity, &name); n == 2 {
			c.VariantID = s.variants[name].String()
			in.Components = append(in.Components, c)
		}
	}
	return s.SetBundle(s.Context(), s.boss, in)
}

// available writes what can be shipped of a variant from the shelves, and with backorders.
func (s *stockroom) available(variant string) string {
	s.Helper()
	a, err := inventory.Availability(s.Context(), s.pool, []id.ProductVariantID{s.variants[variant]})
	if err != nil {
		s.Fatal(err)
	}
	return fmt.Sprint(a[s.variants[variant]].Quantity, "/", a[s.variants[variant]].Promisable)
}

func TestABundleTakesItsParts(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\nX,mug,4\nX,pot,3\nN,mug,4\nN,pot,1\n")
	made, err := s.bundle("k", "card", "2 mug, 1 pot")
	if err != nil || made.Version != 2 || fmt.Sprint(made.Components) != fmt.Sprint([]inventory.Component{{VariantID: s.variants["mug"], Quantity: 2}, {VariantID: s.variants["pot"], Quantity: 1}}) {
		t.Fatalf("made %+v %v", made, err)
	}
	if again, err := s.bundle("k", "card", "2 mug, 1 pot"); err != nil || again.Version != 2 {
		t.Errorf("the repeated request made %+v %v", again, err)
	}
	if got := s.available("card"); got != "3/3" {
		t.Errorf("%s bundles can be shipped, want 3: there are 3 pots", got)
	}
	most, err := inventory.MostForOneOrder(t.Context(), s.pool, []id.ProductVariantID{s.variants["card"]})
	if err != nil || most[s.variants["card"]].Any() != 3 {
		t.Errorf("one order can have %v %v", most, err)
	}
	stores, err := inventory.StoreAvailabilities(t.Context(), s.pool, []id.ProductVariantID{s.variants["card"]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range stores[s.variants["card"]] {
		if want := map[string]int{"Near": 1, "Far": 0}[store.Location.Name]; store.QuantityAvailable != want || store.Available != (want > 0) {
			t.Errorf("%s has %d, want %d", store.Location.Name, store.QuantityAvailable, want)
		}
	}
	for mugs, want := range map[int]int{2: 1, 3: 0} { // a bundle and two mugs are in one store, a bundle and three in none
		able, err := inventory.StoresWithStock(t.Context(), s.pool, []inventory.Demand{s.ship("card", 1), s.ship("mug", mugs)})
		if err != nil || len(able) != want {
			t.Errorf("a bundle and %d mugs are in %d stores %v, want %d", mugs, len(able), err, want)
		}
	}

	order := id.NewOrderID()
	if err := s.reserve(order, s.ship("card", 2)); err != nil {
		t.Fatal(err)
	}
	s.expect("mug@N 4/0, mug@W 5/0, mug@X 4/4, pot@N 1/0, pot@X 3/2") // all of it from X, which has it all
	if err := s.reserve(id.NewOrderID(), s.collect("card", "N", 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.reserve(id.NewOrderID(), s.ship("card", 1)); err != nil {
		t.Fatal(err)
	}
	s.expect("mug@N 4/2, mug@W 5/2, mug@X 4/4, pot@N 1/1, pot@X 3/3") // nobody has all of it
	if got := s.available("card"); got != "0/0" {
		t.Errorf("%s bundles can be shipped, want none", got)
	}
	sold, err := inventory.SoldOut(t.Context(), s.pool)
	if err != nil || len(sold) != 2 || !slices.Contains(sold, s.variants["pot"]) || !slices.Contains(sold, s.variants["card"]) {
		t.Errorf("sold out are %v %v", sold, err)
	}
	if err := s.tx(func(tx pgx.Tx) error { return inventory.Release(s.Context(), tx, order, "test") }); err != nil {
		t.Fatal(err)
	}
	s.expect("mug@N 4/2, mug@W 5/2, mug@X 4/0, pot@N 1/1, pot@X 3/1")
	if got := s.available("card"); got != "2/2" {
		t.Errorf("%s bundles can be shipped after the release, want 2", got)
	}
	s.audited()
}

// TestABundleAndItsPartAreCountedTogether: of 5 mugs nobody gets two bundles of two and two mugs besides.
func TestABundleAndItsPartAreCountedTogether(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\nW,pot,9\n")
	if _, err := s.bundle("k", "card", "2 mug, 1 pot"); err != nil {
		t.Fatal(err)
	}
	short := s.outOfStock(s.reserve(id.NewOrderID(), s.ship("card", 2), s.ship("mug", 2), s.ship("pot", 1)))
	var got []string
	for _, m := range short {
		got = append(got, fmt.Sprint(m.VariantID == s.variants["card"], " ", m.Wanted, " of ", m.Available, " ", m.Lines))
	}
	if text := strings.Join(got, ", "); text != "true 2 of 2 [0], false 2 of 5 [1]" {
		t.Errorf("short are %s", text)
	}
	s.expect("mug@W 5/0, pot@W 9/0")
	if err := s.reserve(id.NewOrderID(), s.ship("card", 2), s.ship("mug", 1)); err != nil {
		t.Fatal(err)
	}
	s.expect("mug@W 5/5, pot@W 9/2")
}

func TestBundlesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\nW,pot,0\n")
	two := make([]string, 51)
	for i := range two {
		two[i] = "1 mug"
	}
	for want, of := range map[string][2]string{
		"input.variantId HAS_STOCK":                         {"mug", "1 pot"},
		"input.components.0.variantId NESTED_BUNDLE":        {"card", "1 card"},
		"input.components.1.variantId INVALID":              {"card", "1 mug, 2 mug"},
		"input.components.0.quantity QUANTITY_OUT_OF_RANGE": {"card", "0 mug"},
		"input.components.1.quantity QUANTITY_OUT_OF_RANGE": {"card", "1 mug, 1001 pot"},
		"input.components.0.variantId NOT_TRACKED":          {"pot", "1 card"},
		"input.components INVALID":                          {"card", strings.Join(two, ", ")},
		"input.variantId VARIANT_NOT_FOUND":                 {"nothing", "1 mug"},
		"input.components.1.variantId VARIANT_NOT_FOUND":    {"card", "1 mug, 1 nothing"},
	} {
		if _, err := s.bundle(want, of[0], of[1]); refusals(err) != want {
			t.Errorf("%s of %s: %s (%v), want %s", of[0], of[1], refusals(err), err, want)
		}
	}
	in := inventory.ProductBundleSetInput{IdempotencyKey: "clerk", VariantID: s.variants["card"].String()}
	if _, err := s.SetBundle(t.Context(), s.clerk, in); refusals(err) != " FORBIDDEN" {
		t.Errorf("a store's staff: %v", err)
	}
	s.expect("mug@W 5/0, pot@W 0/0")

	// An empty shelf is given up for a bundle; then nothing that is about shelves is taken any more.
	if _, err := s.bundle("k", "pot", "2 mug"); err != nil {
		t.Fatal(err)
	}
	s.expect("mug@W 5/0")
	five := 5
	if _, err := s.set("s", inventory.InventoryLevelInput{OnHand: &five}, "pot@W"); refusals(err) != "input.levels.0.variantId IS_BUNDLE" {
		t.Errorf("a shelf for a bundle: %v", err)
	}
	if _, err := s.send("t", "", "W", "pot", 1); refusals(err) != "input.lines.0.variantId IS_BUNDLE" {
		t.Errorf("bundles on their way: %v", err)
	}
	if n := s.importStock("W,pot,7\n"); n != 0 {
		t.Errorf("a file counted %d bundles", n)
	}
	if _, err := s.bundle("nested", "card", "1 pot"); refusals(err) != "input.components.0.variantId NESTED_BUNDLE" {
		t.Errorf("a bundle in a bundle: %v", err)
	}
	if _, err := s.bundle("part", "mug", "1 card"); refusals(err) != "input.components.0.variantId NOT_TRACKED, input.variantId NESTED_BUNDLE" {
		t.Errorf("a bundle of what is a part: %v", err)
	}
	one := 1
	stale := inventory.ProductBundleSetInput{IdempotencyKey: "stale", VariantID: s.variants["pot"].String(), ExpectedVersion: &one}
	if _, err := s.SetBundle(t.Context(), s.boss, stale); refusals(err) != "input.expectedVersion VERSION_CONFLICT" {
		t.Errorf("an old version: %v", err)
	}
	s.expect("mug@W 5/0")

	// Taken apart, it has no units until somebody counts some.
	if apart, err := s.bundle("apart", "pot", ""); err != nil || len(apart.Components) != 0 || s.available("pot") != "0/0" {
		t.Errorf("taken apart it is %+v %v with %s", apart, err, s.available("pot"))
	}
	if _, err := s.set("again", inventory.InventoryLevelInput{OnHand: &five}, "pot@W"); err != nil || s.available("pot") != "5/5" {
		t.Errorf("counted again: %v, %s", err, s.available("pot"))
	}
	if got := s.told("pot"); got != "bundle_changed, bundle_changed" {
		t.Errorf("the history tells %s", got)
	}
	s.audited()
}

// TestBundlesChangeUnderOrders: while staff change what a bundle is made of, each order takes all parts of one make.
func TestBundlesChangeUnderOrders(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,1000\nW,pot,1000\n")
	if _, err := s.bundle("0", "card", "3 mug"); err != nil {
		t.Fatal(err)
	}
	orders := make([]id.OrderID, 60)
	var all sync.WaitGroup
	for i := range orders {
		orders[i] = id.NewOrderID()
		all.Go(func() {
			if err := s.reserve(orders[i], s.ship("card", 1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Go(func() {
		for i := range 10 {
			if _, err := s.bundle(fmt.Sprint("change ", i), "card", []string{"2 pot", "3 mug"}[i%2]); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	for _, order := range orders {
		var taken string
		err := s.pool.QueryRow(t.Context(), `select string_agg(quantity || ' ' || case variant_id when $2 then 'mug' else 'pot' end, ', ') from reservation where order_id = $1`, order, s.variants["mug"]).Scan(&taken)
		if err != nil || taken != "3 mug" && taken != "2 pot" {
			t.Errorf("an order took %s %v", taken, err)
		}
	}
	s.consistent()
	s.audited()
}

// TestFollowersOfABundleHearOfItsParts, also after it was made of others.
func TestFollowersOfABundleHearOfItsParts(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,9\nW,pot,4\n")
	for i := range 5 { // a part whose shelf has changed often
		if _, err := s.adjust(fmt.Sprint("often ", i), s.change("mug@W", inventory.QuantityOnHand, -1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.bundle("0", "card", "1 mug"); err != nil {
		t.Fatal(err)
	}
	go s.Serve(t.Context())
	_, err := s.pool.Exec(t.Context(), `update product set published_at = now()`)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := s.Follow(t.Context(), s.boss, []string{s.variants["card"].String()})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want int) {
		t.Helper()
		for c := range changes {
			if c.Available.Quantity == want {
				return
			}
		}
		t.Fatalf("the followers never heard of %d", want)
	}
	expect(4)
	if _, err := s.adjust("one", s.change("mug@W", inventory.QuantityOnHand, -1)); err != nil {
		t.Fatal(err)
	}
	expect(3)
	if _, err := s.bundle("1", "card", "2 pot"); err != nil { // its shelf has changed less often than the mugs'
		t.Fatal(err)
	}
	expect(2)
	if err := s.reserve(id.NewOrderID(), s.ship("pot", 1)); err != nil {
		t.Fatal(err)
	}
	expect(1)
}
