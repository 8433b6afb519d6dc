package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

// stockroom is a bench with staff: "boss" may change stock everywhere, "clerk" at the near store only.
type stockroom struct {
	*bench
	*inventory.Inventory
	boss, clerk access.Actor
}

func openStockroom(t *testing.T, stock string) *stockroom {
	t.Helper()
	b := open(t, stock)
	keys, err := access.LoadKeys(t.Context(), b.pool)
	if err != nil {
		t.Fatal(err)
	}
	all := access.Scopes{"inventory:write"}
	return &stockroom{
		bench: b, Inventory: inventory.New(b.pool, event.New(), keys, slog.New(slog.DiscardHandler)),
		boss:  access.Actor{Kind: access.Staff, ID: id.New(), Scopes: all},
		clerk: access.Actor{Kind: access.Staff, ID: id.New(), Scopes: all, Bound: true, Locations: []id.LocationID{b.locations["N"]}},
	}
}

// change is by how much a figure of a shelf named like "mug@W" changes.
func (s *stockroom) change(at string, quantity inventory.InventoryQuantity, delta int) inventory.InventoryChangeInput {
	variant, location := s.shelf(at)
	return inventory.InventoryChangeInput{VariantID: variant, LocationID: location, Quantity: &quantity, Delta: delta}
}

func (s *stockroom) shelf(at string) (variant, location string) {
	s.Helper()
	v, l, _ := strings.Cut(at, "@")
	return s.variants[v].String(), s.locations[l].String()
}

func (s *stockroom) adjust(key string, changes ...inventory.InventoryChangeInput) (inventory.Adjusted, error) {
	return s.Adjust(s.Context(), s.boss, inventory.InventoryAdjustInput{IdempotencyKey: key, Reason: inventory.ReasonCorrection, Changes: changes})
}

func (s *stockroom) set(key string, level inventory.InventoryLevelInput, at string) (inventory.Adjusted, error) {
	level.VariantID, level.LocationID = s.shelf(at)
	return s.Set(s.Context(), s.boss, inventory.InventorySetInput{IdempotencyKey: key, Reason: inventory.ReasonCount, Levels: []inventory.InventoryLevelInput{level}})
}

// figures writes a shelf as "on hand/reserved damaged safety incoming, state, available".
func (s *stockroom) figures(at string) string {
	s.Helper()
	v, l, _ := strings.Cut(at, "@")
	levels, err := inventory.Levels(context.WithoutCancel(s.Context()), s.pool, []id.ProductVariantID{s.variants[v]})
	if err != nil {
		s.Fatal(err)
	}
	for _, level := range levels[s.variants[v]] {
		if level.LocationID == s.locations[l] {
			return fmt.Sprintf("%d/%d %d %d %d %s %d", level.OnHand, level.Reserved, level.Damaged, level.SafetyStock, level.Incoming, level.State, level.Available())
		}
	}
	return "none"
}

func (s *stockroom) expectFigures(at, want string) {
	s.Helper()
	if got := s.figures(at); got != want {
		s.Errorf("%s is %s, want %s", at, got, want)
	}
	s.consistent()
	s.audited()
}

// audited asks the shop's own invariants of stock.
func (s *stockroom) audited() {
	s.Helper()
	const query = `
select string_agg(detail, '; ')
from (select detail from audit.s1_violations union all select detail from audit.s2_violations union all
      select detail from audit.s3_violations union all select detail from audit.s4_violations union all
      select detail from audit.s8_violations) v`
	var found *string
	if err := s.pool.QueryRow(context.WithoutCancel(s.Context()), query).Scan(&found); err != nil || found != nil {
		s.Errorf("the invariants of stock: %v %v", *found, err)
	}
}

func refusals(err error) string {
	var all []string
	var walk func(error)
	walk = func(err error) {
		var joined interface{ Unwrap() []error }
		if f, ok := fault.As(err); ok && !errors.As(err, &joined) {
			all = append(all, strings.Join(f.Field, ".")+" "+f.Code)
			return
		}
		if errors.As(err, &joined) {
			for _, one := range joined.Unwrap() {
				walk(one)
			}
			return
		}
		if err != nil {
			all = append(all, err.Error())
		}
	}
	walk(err)
	return strings.Join(all, ", ")
}

func TestAdjust(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	first, err := s.adjust("a",
		s.change("mug@W", inventory.QuantityOnHand, 5), s.change("mug@W", inventory.QuantityDamaged, 2),
		s.change("mug@W", inventory.QuantitySafetyStock, 3), s.change("card@N", inventory.QuantityOnHand, 7))
	if err != nil {
		t.Fatal(err)
	}
	s.expectFigures("mug@W", "15/0 2 3 0 IN 10")
	s.expectFigures("card@N", "7/0 0 0 0 IN 7") // tracked from now on
	if first.Adjustment.By != s.boss.By() || len(first.Levels) != 2 {
		t.Errorf("the answer is %+v", first)
	}

	// The same key again changes nothing and names the same change; with other input it is refused.
	again, err := s.adjust("a",
		s.change("mug@W", inventory.QuantityOnHand, 5), s.change("mug@W", inventory.QuantityDamaged, 2),
		s.change("mug@W", inventory.QuantitySafetyStock, 3), s.change("card@N", inventory.QuantityOnHand, 7))
	if err != nil || again.Adjustment != first.Adjustment {
		t.Errorf("the repeated request is %+v %v, want %+v", again.Adjustment, err, first.Adjustment)
	}
	if _, err := s.adjust("a", s.change("mug@W", inventory.QuantityOnHand, 6)); refusals(err) != "input.idempotencyKey IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("another input under the same key is %v", err)
	}
	s.expectFigures("mug@W", "15/0 2 3 0 IN 10")

	movements, err := s.Movements(t.Context(), s.boss, nil, nil, page(10))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range movements.Nodes {
		lines = append(lines, fmt.Sprintf("%s %+d %+d by %s", m.CauseKind, m.OnHandDelta, m.DamagedDelta, strings.SplitN(m.By, ":", 2)[0]))
	}
	if got := lines[0]; got != "import +10 +0 by system" || len(lines) != 3 {
		t.Errorf("the ledger says %q", lines)
	}
	if m := movements.Nodes[1]; m.CauseID != uuid.UUID(first.Adjustment.ID).String() || m.Reason == nil || *m.Reason != inventory.ReasonCorrection {
		t.Errorf("the movement says %+v", m)
	}
}

func page(n int) pg.Page { return pg.Page{First: &n} }

func TestDamagedUnitsAndSafetyStockAreNotSold(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	if _, err := s.adjust("a", s.change("mug@W", inventory.QuantityDamaged, 2), s.change("mug@W", inventory.QuantitySafetyStock, 3)); err != nil {
		t.Fatal(err)
	}
	if short := s.outOfStock(s.reserve(id.NewOrderID(), s.ship("mug", 6))); short[0].Available != 5 {
		t.Errorf("%d can be had, want 5", short[0].Available)
	}
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 5)); err != nil {
		t.Fatal(err)
	}
	s.expectFigures("mug@W", "10/5 2 3 0 OUT 0")
	available, err := inventory.Availability(t.Context(), s.pool, []id.ProductVariantID{s.variants["mug"]})
	if a := available[s.variants["mug"]]; err != nil || a.Quantity != 0 || a.ForSale() {
		t.Errorf("the shop sees %+v %v", a, err)
	}
}

func TestAdjustRefuses(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\nN,mug,1\n")
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 4)); err != nil {
		t.Fatal(err)
	}
	stale := s.change("mug@W", inventory.QuantityOnHand, 1)
	version := 1
	stale.ExpectedVersion = &version
	strange := s.change("mug@W", inventory.QuantityOnHand, 1)
	strange.VariantID = id.NewProductVariantID().String()
	nowhere := s.change("mug@W", inventory.QuantityOnHand, 1)
	nowhere.LocationID = "gid://wharf/Location/x"
	all := s.change("mug@W", inventory.QuantityOnHand, 0)
	all.VariantID, all.LocationID = "x", id.NewLocationID().String()
	many := make([]inventory.InventoryChangeInput, 500)
	for i := range many {
		many[i] = s.change("mug@W", inventory.QuantityOnHand, 1)
	}
	for _, c := range []struct {
		name    string
		changes []inventory.InventoryChangeInput
		want    string
	}{
		{"nothing", nil, "input.changes INVALID"},
		{"an empty list", []inventory.InventoryChangeInput{}, "input.changes INVALID"},
		{"500", many, "input.changes INVALID"},
		{"no change", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, 0)}, "input.changes.0.delta QUANTITY_OUT_OF_RANGE"},
		{"below zero", []inventory.InventoryChangeInput{s.change("mug@N", inventory.QuantityOnHand, -2)}, "input.changes.0.delta QUANTITY_OUT_OF_RANGE"},
		{"too many", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, 1_000_000_000)}, "input.changes.0 QUANTITY_OUT_OF_RANGE"},
		{"out of range", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, 1<<31)}, "input.changes.0.delta QUANTITY_OUT_OF_RANGE"},
		{"below what is promised", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, -7)}, "input.changes.0 INSUFFICIENT_STOCK"},
		{"promised units broken", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityDamaged, 7)}, "input.changes.0 INSUFFICIENT_STOCK"},
		{"more broken than there are", []inventory.InventoryChangeInput{s.change("mug@N", inventory.QuantityDamaged, 2)}, "input.changes.0 QUANTITY_OUT_OF_RANGE"},
		{"an old version", []inventory.InventoryChangeInput{stale}, "input.changes.0.expectedVersion VERSION_CONFLICT"},
		{"no variant, no location", []inventory.InventoryChangeInput{strange}, "input.changes.0.variantId VARIANT_NOT_FOUND"},
		{"no location", []inventory.InventoryChangeInput{nowhere}, "input.changes.0.locationId LOCATION_NOT_FOUND"},
		{"one of two", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, 1), s.change("mug@N", inventory.QuantityOnHand, -5)}, "input.changes.1.delta QUANTITY_OUT_OF_RANGE"},
		{"a figure beside an unknown location", []inventory.InventoryChangeInput{s.change("mug@N", inventory.QuantityOnHand, -5), nowhere}, "input.changes.0.delta QUANTITY_OUT_OF_RANGE, input.changes.1.locationId LOCATION_NOT_FOUND"},
		{"a figure beside an unknown variant", []inventory.InventoryChangeInput{strange, s.change("mug@W", inventory.QuantityOnHand, -7)}, "input.changes.0.variantId VARIANT_NOT_FOUND, input.changes.1 INSUFFICIENT_STOCK"},
		{"a shelf that is not there yet", []inventory.InventoryChangeInput{nowhere, s.change("card@N", inventory.QuantityOnHand, -1)}, "input.changes.0.locationId LOCATION_NOT_FOUND, input.changes.1.delta QUANTITY_OUT_OF_RANGE"},
		{"all in one", []inventory.InventoryChangeInput{all}, "input.changes.0.variantId VARIANT_NOT_FOUND, input.changes.0.locationId LOCATION_NOT_FOUND, input.changes.0.delta QUANTITY_OUT_OF_RANGE"},
		{"a version beside a figure of another shelf", []inventory.InventoryChangeInput{stale, s.change("mug@N", inventory.QuantityDamaged, 2)}, "input.changes.0.expectedVersion VERSION_CONFLICT, input.changes.1 QUANTITY_OUT_OF_RANGE"},
		{"what follows from another change", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, -7), s.change("mug@W", inventory.QuantityOnHand, 0), nowhere}, "input.changes.1.delta QUANTITY_OUT_OF_RANGE, input.changes.2.locationId LOCATION_NOT_FOUND"},
		{"what follows from a figure that is too low", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, -50), s.change("mug@W", inventory.QuantityOnHand, 1)}, "input.changes.0.delta QUANTITY_OUT_OF_RANGE"},
		{"both", []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, -50), s.change("mug@N", inventory.QuantityOnHand, -5)}, "input.changes.0.delta QUANTITY_OUT_OF_RANGE, input.changes.1.delta QUANTITY_OUT_OF_RANGE"},
	} {
		if _, err := s.adjust("k", c.changes...); refusals(err) != c.want {
			t.Errorf("%s: %s, want %s", c.name, refusals(err), c.want)
		}
	}
	// The clerk of a store is not told what lies in the warehouse, nor which version its shelf has.
	blind := stale
	blind.Delta = -7
	_, err := s.Adjust(t.Context(), s.clerk, inventory.InventoryAdjustInput{IdempotencyKey: "k", Reason: inventory.ReasonCount, Changes: []inventory.InventoryChangeInput{blind, s.change("mug@N", inventory.QuantityOnHand, -2)}})
	if got := refusals(err); got != "input.changes.0.locationId LOCATION_NOT_FOUND, input.changes.1.delta QUANTITY_OUT_OF_RANGE" {
		t.Errorf("the clerk of a store changes the warehouse: %s", got)
	}
	long := strings.Repeat("x", 256)
	_, err = s.Adjust(t.Context(), s.boss, inventory.InventoryAdjustInput{Reason: inventory.ReasonCount, Reference: &long, Changes: []inventory.InventoryChangeInput{s.change("mug@N", inventory.QuantityOnHand, -2)}})
	if got := refusals(err); got != "input.idempotencyKey INVALID, input.reference TOO_LONG, input.changes.0.delta QUANTITY_OUT_OF_RANGE" {
		t.Errorf("no key, a long reference and a figure too low: %s", got)
	}
	s.expectFigures("card@N", "none") // a refusal makes no shelf
	s.expectFigures("mug@W", "10/4 0 0 0 IN 6")
	s.expectFigures("mug@N", "1/0 0 0 0 IN 1")
	// No refusal has used its key up.
	if _, err := s.adjust("k", s.change("mug@W", inventory.QuantityOnHand, 1)); err != nil {
		t.Error(err)
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	n := func(v int) *int { return &v }
	if _, err := s.set("a", inventory.InventoryLevelInput{OnHand: n(7), CompareOnHand: n(9)}, "mug@W"); refusals(err) != "input.levels.0.compareOnHand COMPARE_FAILED" {
		t.Errorf("a count on another figure: %v", err)
	}
	if _, err := s.set("a", inventory.InventoryLevelInput{OnHand: n(7), Damaged: n(1), LowStockThreshold: n(6), CompareOnHand: n(10)}, "mug@W"); err != nil {
		t.Fatal(err)
	}
	s.expectFigures("mug@W", "7/0 1 0 0 LOW 6")
	// Backorders are promised beyond the shelf, and can be taken back only as far as nothing rests on them.
	if _, err := s.set("b", inventory.InventoryLevelInput{BackorderLimit: n(10)}, "mug@W"); err != nil {
		t.Fatal(err)
	}
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 8)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.set("c", inventory.InventoryLevelInput{BackorderLimit: n(1)}, "mug@W"); refusals(err) != "input.levels.0 INSUFFICIENT_STOCK" {
		t.Errorf("a limit below what is promised: %v", err)
	}
	if _, err := s.set("c", inventory.InventoryLevelInput{OnHand: n(-1)}, "mug@W"); refusals(err) != "input.levels.0.onHand QUANTITY_OUT_OF_RANGE" {
		t.Errorf("a figure below 0: %v", err)
	}
	s.expectFigures("mug@W", "7/8 1 0 0 OUT 0")
}

// TestASetOfManyShelves: nothing, too many, one that is named twice and one elsewhere are refused, and nothing is changed.
func TestASetOfManyShelves(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	level := func(at string, onHand int) inventory.InventoryLevelInput {
		variant, location := s.shelf(at)
		return inventory.InventoryLevelInput{VariantID: variant, LocationID: location, OnHand: &onHand}
	}
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 4)); err != nil {
		t.Fatal(err)
	}
	below, other := -1, 9
	wrong, strange, counted := level("mug@W", below), level("mug@W", 1), level("mug@W", 8)
	wrong.Damaged, strange.LocationID, counted.CompareOnHand = &below, id.NewLocationID().String(), &other
	miscounted, old := counted, counted
	miscounted.Damaged, old.ExpectedVersion = &below, &below
	many := make([]inventory.InventoryLevelInput, 500)
	for i := range many {
		many[i] = level("mug@W", i)
	}
	for _, c := range []struct {
		name   string
		actor  access.Actor
		levels []inventory.InventoryLevelInput
		want   string
	}{
		{"nothing", s.boss, []inventory.InventoryLevelInput{}, "input.levels INVALID"},
		{"500", s.boss, many, "input.levels INVALID"},
		{"one twice", s.boss, []inventory.InventoryLevelInput{level("mug@W", 5), level("mug@N", 1), level("mug@W", 7)}, "input.levels.2 INVALID"},
		{"all that is wrong", s.boss, []inventory.InventoryLevelInput{wrong, strange, level("mug@W", 10)}, "input.levels.0.onHand QUANTITY_OUT_OF_RANGE, input.levels.0.damaged QUANTITY_OUT_OF_RANGE, input.levels.1.locationId LOCATION_NOT_FOUND, input.levels.2 INVALID"},
		{"a figure too low beside an unknown location", s.boss, []inventory.InventoryLevelInput{strange, level("mug@W", 2)}, "input.levels.0.locationId LOCATION_NOT_FOUND, input.levels.1 INSUFFICIENT_STOCK"},
		{"a count beside a figure out of range", s.boss, []inventory.InventoryLevelInput{miscounted}, "input.levels.0.damaged QUANTITY_OUT_OF_RANGE, input.levels.0.compareOnHand COMPARE_FAILED"},
		{"a count of another version", s.boss, []inventory.InventoryLevelInput{old}, "input.levels.0.expectedVersion VERSION_CONFLICT, input.levels.0.compareOnHand COMPARE_FAILED"},
		{"a count beside an unknown location", s.boss, []inventory.InventoryLevelInput{strange, counted}, "input.levels.0.locationId LOCATION_NOT_FOUND, input.levels.1.compareOnHand COMPARE_FAILED"},
		{"no figure", s.boss, []inventory.InventoryLevelInput{{VariantID: strange.VariantID, LocationID: strange.LocationID}}, "input.levels.0.locationId LOCATION_NOT_FOUND, input.levels.0 INVALID"},
		{"elsewhere", s.clerk, []inventory.InventoryLevelInput{level("mug@N", 1), level("mug@W", 5)}, "input.levels.1.locationId LOCATION_NOT_FOUND"},
	} {
		_, err := s.Set(t.Context(), c.actor, inventory.InventorySetInput{IdempotencyKey: "k", Reason: inventory.ReasonCount, Levels: c.levels})
		if refusals(err) != c.want {
			t.Errorf("%s: %s, want %s", c.name, refusals(err), c.want)
		}
	}
	s.expectFigures("mug@W", "10/4 0 0 0 IN 6")
	s.expectFigures("mug@N", "none")
}

// TestParallelAdjustmentsAndOrders lets orders and staff change one shelf at once, each request sent twice: nothing is
// lost, nothing counts twice, nothing deadlocks.
func TestParallelAdjustmentsAndOrders(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,100\nX,mug,100\nW,pot,100\nX,pot,100\n")
	var all sync.WaitGroup
	for i := range 20 {
		for range 2 {
			all.Go(func() {
				// the shelves in either order
				changes := []inventory.InventoryChangeInput{s.change("mug@W", inventory.QuantityOnHand, 1), s.change("pot@X", inventory.QuantityOnHand, -1)}
				if i%2 == 0 {
					changes[0], changes[1] = changes[1], changes[0]
				}
				if _, err := s.adjust(fmt.Sprint("k", i), changes...); err != nil {
					t.Errorf("adjust: %v", err)
				}
			})
		}
		all.Go(func() {
			if err := s.reserve(id.NewOrderID(), s.ship("pot", 1), s.ship("mug", 1)); err != nil {
				t.Errorf("reserve: %v", err)
			}
		})
	}
	all.Wait()
	s.expectFigures("mug@W", "120/20 0 0 0 IN 100")
	s.expectFigures("pot@X", "80/0 0 0 0 IN 80")
}

// TestTheDatabaseRefuses breaks the rules by hand.
func TestTheDatabaseRefuses(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 4)); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`update stock_level set damaged = 7`,
		`update stock_level set damaged = -1`,
		`update stock_level set safety_stock = -1`,
		`update stock_level set incoming = -1`,
		`update stock_level set on_hand = 3`,
		`update stock_level set reserved = 11`,
		`update stock_level set sellable = 100`,
		`update stock_movement set delta = 11`,
		`delete from stock_movement`,
		`insert into stock_movement select gen_random_uuid(), variant_id, location_id, 1, cause_kind, cause_id, by from stock_movement`,
		`insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by)
		 select gen_random_uuid(), variant_id, location_id, 0, 'import', 'x', by from stock_movement`,
	} {
		err := s.tx(func(tx pgx.Tx) error {
			_, err := tx.Exec(s.Context(), sql)
			return err
		})
		if pg.SQLState(err) == "" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	s.expectFigures("mug@W", "10/4 0 0 0 IN 6")
}
