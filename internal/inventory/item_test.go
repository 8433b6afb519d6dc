package inventory_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

func (s *stockroom) policy(key, variant string, in inventory.InventoryPolicySetInput) (inventory.InventoryItem, error) {
	in.IdempotencyKey, in.VariantID = key, s.variants[variant].String()
	return s.SetPolicy(s.Context(), s.boss, in)
}

// waiting writes who waits for how many units, the oldest first, by the names of the orders.
func (s *stockroom) waiting(names map[id.OrderID]string) string {
	s.Helper()
	first := 50
	page, err := s.Backorders(s.Context(), s.boss, nil, nil, pg.Page{First: &first})
	if err != nil {
		s.Fatal(err)
	}
	words := make([]string, len(page.Nodes))
	for i, b := range page.Nodes {
		words[i] = fmt.Sprintf("%s %d of %d", names[b.OrderID], b.Waiting, b.Quantity)
		if b.PromisedAt != nil {
			words[i] += fmt.Sprintf(" in %d days", int(time.Until(*b.PromisedAt).Hours()/24+0.5))
		}
	}
	return strings.Join(words, ", ")
}

var (
	selling = inventory.PolicyContinue
	denying = inventory.PolicyDeny
)

func TestBackordersAreServedOldestFirst(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,2\n")
	limit, week := 10, 7
	item, err := s.policy("k", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &limit, RestockDays: &week})
	if err != nil || item.InventoryPolicy != selling || *item.RestockDays != 7 || item.Version != 2 {
		t.Fatalf("the item is %+v %v", item, err)
	}
	names := map[id.OrderID]string{}
	orders := map[string]id.OrderID{}
	order := func(name string, n int) error {
		o := id.NewOrderID()
		names[o], orders[name] = name, o
		return s.reserve(o, s.ship("mug", n))
	}
	for _, o := range []struct {
		name string
		n    int
	}{{"ann", 1}, {"bob", 4}, {"cid", 3}} {
		if err := order(o.name, o.n); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.waiting(names); got != "bob 3 of 4 in 7 days, cid 3 of 3 in 7 days" {
		t.Errorf("waiting are %s", got)
	}
	// What is on its way is promised next, as far as it covers those who came before as well.
	in9 := time.Now().AddDate(0, 0, 9)
	sent, err := s.CreateTransfer(t.Context(), s.boss, inventory.InventoryTransferCreateInput{
		IdempotencyKey: "t", DestinationLocationID: s.locations["W"].String(), ExpectedAt: &in9,
		Lines: []inventory.InventoryTransferLineInput{{VariantID: s.variants["mug"].String(), Quantity: 8}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := order("dan", 2); err != nil {
		t.Fatal(err)
	}
	if err := order("eve", 1); err != nil {
		t.Fatal(err)
	}
	if got := s.waiting(names); got != "bob 3 of 4 in 7 days, cid 3 of 3 in 7 days, dan 2 of 2 in 9 days, eve 1 of 1 in 7 days" {
		t.Errorf("waiting are %s", got)
	}
	if short := s.outOfStock(order("fay", 2)); short[0].Available != 1 {
		t.Errorf("beyond the limit: %+v", short)
	}
	s.expectFigures("mug@W", "2/11 0 0 8 OUT 0")

	// Four come in: they are the oldest's, and no new order gets one of them.
	if _, err := s.receive("r", sent, "mug", 4, 0, false); err != nil {
		t.Fatal(err)
	}
	if got := s.waiting(names); got != "cid 2 of 3 in 7 days, dan 2 of 2 in 9 days, eve 1 of 1 in 7 days" {
		t.Errorf("after four came in, waiting are %s", got)
	}
	if got := s.available("mug"); got != "0/5" {
		t.Errorf("a new order could have %s", got)
	}
	// What is there for older orders is not handed to a younger one.
	fulfill := func(name string) error {
		return s.tx(func(tx pgx.Tx) error { return inventory.Fulfill(s.Context(), tx, orders[name], "system", "test") })
	}
	if err := fulfill("cid"); refusals(err) != " BACKORDERED" {
		t.Errorf("handed over before they were there: %v", err)
	}
	if err := fulfill("ann"); err != nil {
		t.Error(err)
	}
	s.expectFigures("mug@W", "5/10 0 0 4 OUT 0")
	// One breaks, and one who was served gives back: the next ones move up.
	if _, err := s.adjust("broken", s.change("mug@W", inventory.QuantityDamaged, 1)); err != nil {
		t.Fatal(err)
	}
	if got := s.waiting(names); got != "cid 3 of 3 in 7 days, dan 2 of 2 in 9 days, eve 1 of 1 in 7 days" {
		t.Errorf("after one broke, waiting are %s", got)
	}
	if err := s.tx(func(tx pgx.Tx) error { return inventory.Release(s.Context(), tx, orders["bob"], "test") }); err != nil {
		t.Fatal(err)
	}
	if got := s.waiting(names); got != "dan 1 of 2 in 9 days, eve 1 of 1 in 7 days" {
		t.Errorf("after bob gave up, waiting are %s", got)
	}
	s.audited()

	// DENY takes no promise back, and makes no new one.
	if item, err := s.policy("deny", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &denying}); err != nil || item.InventoryPolicy != denying || *item.RestockDays != week {
		t.Errorf("denying: %+v %v", item, err)
	}
	if short := s.outOfStock(order("gus", 1)); short[0].Available != 0 {
		t.Errorf("denied: %+v", short)
	}
	if got := s.waiting(names); got != "dan 1 of 2 in 9 days, eve 1 of 1 in 7 days" {
		t.Errorf("after the denial, waiting are %s", got)
	}
	if got := s.told("mug"); got != "policy_changed, policy_changed" {
		t.Errorf("the history tells %s", got)
	}
	s.audited()
}

func TestBackordersArePagedAndKeptToTheirPlaces(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,0\nN,mug,0\n")
	if _, err := s.policy("k", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling}); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		demand := s.ship("mug", 1)
		if i == 3 {
			demand = s.collect("mug", "N", 1)
		}
		if err := s.reserve(id.NewOrderID(), demand); err != nil {
			t.Fatal(err)
		}
	}
	list := func(actor string, page pg.Page, variant *string) inventory.InventoryBackorderConnection {
		t.Helper()
		who := s.boss
		if actor == "clerk" {
			who = s.clerk
		}
		c, err := s.Backorders(t.Context(), who, variant, nil, page)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	two, ten, none := 2, 10, "gid://wharf/ProductVariant/x"
	first := list("boss", pg.Page{First: &two}, nil)
	next := list("boss", pg.Page{First: &ten, After: &first.Edges[1].Cursor}, nil)
	if len(first.Nodes) != 2 || len(next.Nodes) != 3 || next.Nodes[0].Since.Before(first.Nodes[1].Since) || !first.PageInfo.HasNextPage || next.PageInfo.HasNextPage {
		t.Errorf("two pages of %d and %d", len(first.Nodes), len(next.Nodes))
	}
	last := list("boss", pg.Page{First: &two, Reverse: true}, nil)
	if last.Nodes[0].OrderID != next.Nodes[2].OrderID {
		t.Error("the other way around begins with another one")
	}
	if own := list("clerk", pg.Page{First: &ten}, nil); len(own.Nodes) != 1 || own.Nodes[0].LocationID != s.locations["N"] {
		t.Errorf("the clerk sees %+v", own.Nodes)
	}
	if nobody := list("boss", pg.Page{First: &ten}, &none); len(nobody.Nodes) != 0 {
		t.Errorf("of no variant: %+v", nobody.Nodes)
	}
	bad := "nonsense"
	if _, err := s.Backorders(t.Context(), s.boss, nil, nil, pg.Page{First: &two, After: &bad}); refusals(err) == "" {
		t.Error("a cursor that is none was taken")
	}
}

func TestPoliciesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,1\n")
	n := func(i int) *int { return &i }
	for i, c := range []struct {
		want string
		in   inventory.InventoryPolicySetInput
	}{
		{"input.backorderLimit INVALID", inventory.InventoryPolicySetInput{BackorderLimit: n(1)}},
		{"input.backorderLimit INVALID", inventory.InventoryPolicySetInput{InventoryPolicy: &denying, BackorderLimit: n(1)}},
		{"input.backorderLimit QUANTITY_OUT_OF_RANGE", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: n(0)}},
		{"input.restockDays QUANTITY_OUT_OF_RANGE", inventory.InventoryPolicySetInput{RestockDays: n(-1)}},
		{"input.restockDays QUANTITY_OUT_OF_RANGE", inventory.InventoryPolicySetInput{RestockDays: n(3651)}},
		{"input.locationIds INVALID", inventory.InventoryPolicySetInput{LocationIDs: []string{}}},
		{"input.locationIds.0 LOCATION_NOT_FOUND", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, LocationIDs: []string{"x"}}},
		{"input.locationIds.0 LOCATION_NOT_FOUND", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, LocationIDs: []string{id.NewLocationID().String()}}},
		{"input.expectedVersion VERSION_CONFLICT", inventory.InventoryPolicySetInput{ExpectedVersion: n(9)}},
	} {
		if _, err := s.policy(strconv.Itoa(i), "mug", c.in); refusals(err) != c.want {
			t.Errorf("%+v: %s (%v), want %s", c.in, refusals(err), err, c.want)
		}
	}
	if _, err := s.policy("none", "nothing", inventory.InventoryPolicySetInput{}); refusals(err) != "input.variantId VARIANT_NOT_FOUND" {
		t.Errorf("of no variant: %v", err)
	}
	if _, err := s.SetPolicy(t.Context(), s.clerk, inventory.InventoryPolicySetInput{IdempotencyKey: "c", VariantID: s.variants["mug"].String()}); refusals(err) != " FORBIDDEN" {
		t.Errorf("a store's staff: %v", err)
	}
	if _, err := s.bundle("b", "card", "1 mug"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.policy("b2", "card", inventory.InventoryPolicySetInput{InventoryPolicy: &selling}); refusals(err) != "input.inventoryPolicy IS_BUNDLE" {
		t.Errorf("of a bundle: %v", err)
	}

	// More is promised than a lower limit would allow.
	if _, err := s.policy("on", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: n(5)}); err != nil {
		t.Fatal(err)
	}
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 6)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.policy("less", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: n(4)}); refusals(err) != "input.backorderLimit INSUFFICIENT_STOCK" {
		t.Errorf("below what is promised: %v", err)
	}
	s.expectFigures("mug@W", "1/6 0 0 0 OUT 0")

	// Something that nobody has counted is ordered in advance from now on.
	soon := time.Now().AddDate(0, 1, 0).Truncate(time.Second)
	item, err := s.policy("advance", "pot", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: n(2), AvailableFrom: &soon, LocationIDs: []string{s.locations["X"].String()}})
	if err != nil || !item.Tracked || item.InventoryPolicy != selling || !item.AvailableFrom.Equal(soon) {
		t.Errorf("in advance: %+v %v", item, err)
	}
	promises, err := inventory.Promises(t.Context(), s.pool, []id.ProductVariantID{s.variants["pot"], s.variants["mug"]}, inventory.Route{})
	if p := promises[s.variants["pot"]]; err != nil || p.At == nil || !p.At.Equal(soon) || p.Backordered != 1 {
		t.Errorf("promised are %+v %v", promises, err)
	}
	if _, ok := promises[s.variants["mug"]]; ok {
		t.Error("what can't be had is promised")
	}
	outlook, err := inventory.Outlook(t.Context(), s.pool, []inventory.Demand{s.ship("pot", 2), s.ship("mug", 1), s.ship("pot", 1)}, inventory.Route{})
	if err != nil || outlook[0] != nil || outlook[1] != nil || outlook[2] != nil {
		t.Errorf("three of two, and what can't be had: %v %v", outlook, err)
	}
	outlook, err = inventory.Outlook(t.Context(), s.pool, []inventory.Demand{s.ship("pot", 2), s.ship("mug", 1)}, inventory.Route{})
	if err != nil || outlook[0] == nil || outlook[0].Backordered != 2 || outlook[1] != nil {
		t.Errorf("what can be had beside what can't: %v %v", outlook, err)
	}
	s.audited()
}
