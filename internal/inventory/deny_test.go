package inventory_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

func (s *stockroom) limitOf(at string) int {
	s.Helper()
	var limit int
	row := s.pool.QueryRow(s.Context(), `select backorder_limit from stock_level where variant_id = $1`, s.variants[at])
	if err := row.Scan(&limit); err != nil {
		s.Fatal(err)
	}
	return limit
}

// TestDenyLastsWhileTheShelfStillOwes: what was promised beyond the shelf before the denial stays promised, and as it is
// served or given back nothing of it is promised again.
func TestDenyLastsWhileTheShelfStillOwes(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	five := 5
	deny := func(key string) {
		t.Helper()
		item, err := s.policy(key, "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &denying})
		if err != nil || item.InventoryPolicy != denying {
			t.Fatalf("denying: %+v %v", item, err)
		}
	}
	release := func(order id.OrderID) {
		t.Helper()
		if err := s.tx(func(tx pgx.Tx) error { return inventory.Release(s.Context(), tx, order, "test") }); err != nil {
			t.Fatal(err)
		}
	}
	order := func(n int) (id.OrderID, error) {
		o := id.NewOrderID()
		return o, s.reserve(o, s.ship("mug", n))
	}
	if _, err := s.policy("on", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five}); err != nil {
		t.Fatal(err)
	}
	big, err := order(12)
	if err != nil {
		t.Fatal(err)
	}
	small, err := order(3)
	if err != nil {
		t.Fatal(err)
	}
	deny("off")
	deny("off again")
	if got := s.limitOf("mug"); got != 5 {
		t.Errorf("the limit is %d while five are owed", got)
	}
	// A delivery serves two of the five; one that is given back and one of them can't be had again.
	if _, err := s.adjust("in", s.change("mug@W", inventory.QuantityOnHand, 2)); err != nil {
		t.Fatal(err)
	}
	if got := s.limitOf("mug"); got != 3 {
		t.Errorf("the limit is %d while three are owed", got)
	}
	release(small)
	if got := s.limitOf("mug"); got != 0 {
		t.Errorf("the limit is %d while nothing is owed", got)
	}
	if _, err := order(1); s.outOfStock(err)[0].Available != 0 {
		t.Errorf("of an empty shelf: %v", err)
	}
	release(big)
	if _, err := order(13); s.outOfStock(err)[0].Available != 12 {
		t.Errorf("beyond the shelf: %v", err)
	}
	if _, err := order(12); err != nil {
		t.Error(err)
	}
	s.audited()

	// Who says CONTINUE or another limit ends it, also while something is owed.
	if _, err := s.policy("on again", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five}); err != nil {
		t.Fatal(err)
	}
	if _, err := order(5); err != nil {
		t.Fatal(err)
	}
	deny("off at last")
	if item, err := s.policy("on at last", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five}); err != nil || item.InventoryPolicy != selling {
		t.Errorf("selling again: %+v %v", item, err)
	}
	deny("off once more")
	seven := 7
	_, err = s.Set(t.Context(), s.boss, inventory.InventorySetInput{IdempotencyKey: "limit", Reason: inventory.ReasonOther, Levels: []inventory.InventoryLevelInput{
		{VariantID: s.variants["mug"].String(), LocationID: s.locations["W"].String(), BackorderLimit: &seven},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := order(2); err != nil {
		t.Errorf("within the limit that was set: %v", err)
	}
	if item, err := s.Item(t.Context(), s.variants["mug"]); err != nil || item.InventoryPolicy != selling {
		t.Errorf("with a limit: %+v %v", item, err)
	}
	s.audited()
}

// TestThePolicyKeepsWhatIsLeftOut: null takes a term away, and what is not named stays.
func TestThePolicyKeepsWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,1\n")
	week := 7
	soon, past := time.Now().AddDate(0, 1, 0).Truncate(time.Second), time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		in   inventory.InventoryPolicySetInput
		from *time.Time
		days *int
	}{
		{inventory.InventoryPolicySetInput{AvailableFrom: &soon, RestockDays: &week}, &soon, &week},
		{inventory.InventoryPolicySetInput{InventoryPolicy: &selling}, &soon, &week},
		{inventory.InventoryPolicySetInput{NotFrom: true}, nil, &week},
		{inventory.InventoryPolicySetInput{AvailableFrom: &soon}, &soon, &week},
		{inventory.InventoryPolicySetInput{NoRestockDays: true}, &soon, nil},
		{inventory.InventoryPolicySetInput{AvailableFrom: &past, RestockDays: &week}, &past, &week}, // holds nothing back
	} {
		item, err := s.policy(string(rune('a'+i)), "mug", c.in)
		if err != nil || (item.AvailableFrom == nil) != (c.from == nil) || c.from != nil && !item.AvailableFrom.Equal(*c.from) ||
			(item.RestockDays == nil) != (c.days == nil) || c.days != nil && *item.RestockDays != *c.days {
			t.Errorf("%d: %+v %v", i, item, err)
		}
	}
	if _, err := s.policy("a", "mug", inventory.InventoryPolicySetInput{NotFrom: true}); refusals(err) != "input.idempotencyKey IDEMPOTENCY_KEY_REUSED" && refusals(err) != " IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("taking away under a key that set: %v", err)
	}
	promises, err := inventory.Promises(t.Context(), s.pool, []id.ProductVariantID{s.variants["mug"]}, inventory.Route{})
	if p := promises[s.variants["mug"]]; err != nil || p.At != nil || p.Backordered != 0 {
		t.Errorf("what has been on sale since 1999 is promised %+v %v", p, err)
	}
}

func TestASetThatSaysNothingIsRefused(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	ten := 10
	_, err := s.Set(t.Context(), s.boss, inventory.InventorySetInput{IdempotencyKey: "k", Reason: inventory.ReasonCount, Levels: []inventory.InventoryLevelInput{
		{VariantID: s.variants["mug"].String(), LocationID: s.locations["W"].String(), OnHand: &ten},
		{VariantID: s.variants["mug"].String(), LocationID: s.locations["N"].String(), CompareOnHand: &ten},
	}})
	if refusals(err) != "input.levels.1 INVALID" {
		t.Errorf("refused with %q (%v)", refusals(err), err)
	}
	var n int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from stock_adjustment`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d changes were written (%v)", n, err)
	}
}
