package inventory_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
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
	if refusals(err) != "input.levels.1 INVALID, input.levels.1.compareOnHand COMPARE_FAILED" {
		t.Errorf("refused with %q (%v)", refusals(err), err)
	}
	var n int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from stock_adjustment`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d changes were written (%v)", n, err)
	}
}

// TestAReceiptBookedByMistakeIsTakenBack: a denied shelf may owe again what a receipt has covered, and nothing that was
// promised since then, nor what a promise that has ended was part of.
func TestAReceiptBookedByMistakeIsTakenBack(t *testing.T) {
	t.Parallel()
	five := 5
	for name, c := range map[string]struct {
		receipt int
		between string // what happens before the mistake is seen
		back    int
		want    string
		figures string
		limit   int
	}{
		"part of what is owed":              {2, "", -2, "", "10/15 0 0 0 OUT 0", 5},
		"more than is owed":                 {7, "", -7, "", "10/15 0 0 0 OUT 0", 5},
		"in two parts":                      {7, "take back 3", -4, "", "10/15 0 0 0 OUT 0", 5},
		"more than came in":                 {7, "", -8, "input.changes.0 INSUFFICIENT_STOCK", "17/15 0 0 0 IN 2", 0},
		"what is promised to nobody":        {7, "sell 1", -1, "", "16/16 0 0 0 OUT 0", 0},
		"what was sold since":               {7, "sell 1", -7, "input.changes.0 INSUFFICIENT_STOCK", "17/16 0 0 0 IN 1", 0},
		"but for what was sold since":       {7, "sell 1", -6, "", "11/16 0 0 0 OUT 0", 5},
		"after a promise was given back":    {7, "release 3", -7, "", "10/12 0 0 0 OUT 0", 2},
		"given back and sold again":         {7, "release 3, sell 3", -7, "input.changes.0 INSUFFICIENT_STOCK", "17/15 0 0 0 IN 2", 0},
		"after more may be promised":        {7, "continue", -7, "", "10/15 0 0 0 OUT 0", 5},
		"after another limit and a denial":  {7, "limit 1, deny", -7, "input.changes.0 INSUFFICIENT_STOCK", "17/15 0 0 0 IN 2", 0},
		"after the same denial once more":   {7, "deny", -7, "", "10/15 0 0 0 OUT 0", 5},
		"units that broke, as they came in": {2, "break 2", -2, "", "10/15 0 0 0 OUT 0", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStockroom(t, "W,mug,10\n")
			policy := func(key string, p inventory.InventoryPolicySetInput) {
				t.Helper()
				if _, err := s.policy(key, "mug", p); err != nil {
					t.Fatal(err)
				}
			}
			adjust := func(key string, n int) {
				t.Helper()
				if _, err := s.adjust(key, s.change("mug@W", inventory.QuantityOnHand, n)); err != nil {
					t.Fatal(err)
				}
			}
			sell := func(n int) id.OrderID {
				t.Helper()
				order := id.NewOrderID()
				if err := s.reserve(order, s.ship("mug", n)); err != nil {
					t.Fatal(err)
				}
				return order
			}
			policy("on", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five})
			sell(12)
			small := sell(3)
			policy("off", inventory.InventoryPolicySetInput{InventoryPolicy: &denying})
			adjust("in", c.receipt)
			for step := range strings.SplitSeq(c.between, ", ") {
				switch step {
				case "take back 3":
					adjust("first", -3)
				case "sell 1":
					sell(1)
				case "sell 3":
					sell(3)
				case "release 3":
					if err := s.tx(func(tx pgx.Tx) error { return inventory.Release(t.Context(), tx, small, "test") }); err != nil {
						t.Fatal(err)
					}
				case "continue":
					policy("on again", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five})
				case "limit 1":
					one := 1
					policy("another", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &one})
				case "deny":
					policy("off again", inventory.InventoryPolicySetInput{InventoryPolicy: &denying})
				case "break 2":
					if _, err := s.adjust("broke", s.change("mug@W", inventory.QuantityDamaged, 2)); err != nil {
						t.Fatal(err)
					}
					if _, err := s.adjust("mended", s.change("mug@W", inventory.QuantityDamaged, -2)); err != nil {
						t.Fatal(err)
					}
				}
			}
			_, err := s.adjust("back", s.change("mug@W", inventory.QuantityOnHand, c.back))
			if refusals(err) != c.want {
				t.Errorf("%q, want %q", refusals(err), c.want)
			}
			s.expectFigures("mug@W", c.figures)
			if got := s.limitOf("mug"); got != c.limit {
				t.Errorf("the limit is %d, want %d", got, c.limit)
			}
			if free := max(s.freeOf("mug"), 0); free > 0 {
				if err := s.reserve(id.NewOrderID(), s.ship("mug", free+1)); s.outOfStock(err)[0].Available != free {
					t.Errorf("one more than is free: %v", err)
				}
			}
		})
	}
}

// freeOf is how many units of a variant lie there whole and are promised to nobody.
func (s *stockroom) freeOf(variant string) (n int) {
	s.Helper()
	row := s.pool.QueryRow(s.Context(), `select on_hand - damaged - reserved from stock_level where variant_id = $1`, s.variants[variant])
	if err := row.Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

// TestReceiptsAreTakenBackOnceOfMany: many corrections of the same mistake at once, each under a key of its own, together
// take back no more than came in.
func TestReceiptsAreTakenBackOnceOfMany(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	five := 5
	if _, err := s.policy("on", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five}); err != nil {
		t.Fatal(err)
	}
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 15)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.policy("off", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &denying}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.adjust("in", s.change("mug@W", inventory.QuantityOnHand, 4)); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := s.adjust(fmt.Sprint("back", i), s.change("mug@W", inventory.QuantityOnHand, -1))
			if got := refusals(err); got != "" && got != "input.changes.0 INSUFFICIENT_STOCK" {
				t.Errorf("taken back: %v", err)
			}
		})
	}
	all.Wait()
	s.expectFigures("mug@W", "10/15 0 0 0 OUT 0")
	if got := s.limitOf("mug"); got != 5 {
		t.Errorf("the limit is %d, want 5", got)
	}
}

// TestALimitThatIsSaidHolds: what a receipt has covered is not owed again by the word of somebody who says that nothing may
// be, and the refusal says how many must be on the shelf then.
func TestALimitThatIsSaidHolds(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	five, ten, none := 5, 10, 0
	if _, err := s.policy("on", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &selling, BackorderLimit: &five}); err != nil {
		t.Fatal(err)
	}
	if err := s.reserve(id.NewOrderID(), s.ship("mug", 15)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.policy("off", "mug", inventory.InventoryPolicySetInput{InventoryPolicy: &denying}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.adjust("in", s.change("mug@W", inventory.QuantityOnHand, 5)); err != nil {
		t.Fatal(err)
	}
	refusal := func(err error, least int) {
		t.Helper()
		f, ok := fault.As(err)
		if !ok || f.Code != "INSUFFICIENT_STOCK" || f.Data["quantityAvailable"] != least || !strings.Contains(f.Message, fmt.Sprintf("at least %d that are whole", least)) {
			t.Errorf("%v with %v, want %d", err, f, least)
		}
	}
	_, err := s.set("said", inventory.InventoryLevelInput{OnHand: &ten, BackorderLimit: &none}, "mug@W")
	refusal(err, 15)
	s.expectFigures("mug@W", "15/15 0 0 0 OUT 0")
	if got := s.limitOf("mug"); got != 0 {
		t.Errorf("the limit is %d, want 0", got)
	}
	_, err = s.set("too few", inventory.InventoryLevelInput{OnHand: &five}, "mug@W")
	refusal(err, 10)

	// Left out, it may owe again what it owed.
	if _, err := s.set("left out", inventory.InventoryLevelInput{OnHand: &ten}, "mug@W"); err != nil {
		t.Error(err)
	}
	s.expectFigures("mug@W", "10/15 0 0 0 OUT 0")
	if got := s.limitOf("mug"); got != 5 {
		t.Errorf("the limit is %d, want 5", got)
	}
}

// TestASetThatWentThroughIsRepeated: what is refused today is no reason to refuse the answer to what was done before.
func TestASetThatWentThroughIsRepeated(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,10\n")
	seven := 7
	variant, location := s.shelf("mug@W")
	level := inventory.InventoryLevelInput{VariantID: variant, LocationID: location, OnHand: &seven}
	twice := func(key string) inventory.InventorySetInput {
		return inventory.InventorySetInput{IdempotencyKey: key, Reason: inventory.ReasonCount, Levels: []inventory.InventoryLevelInput{level, level}}
	}
	made, err := s.SetWithRepetitions(t.Context(), s.boss, twice("k"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Set(t.Context(), s.boss, twice("k"))
	if err != nil || again.Adjustment.ID != made.Adjustment.ID {
		t.Errorf("repeated: %+v %v", again.Adjustment, err)
	}
	if _, err := s.Set(t.Context(), s.boss, twice("new")); refusals(err) != "input.levels.1 INVALID" {
		t.Errorf("under a new key: %v", err)
	}
}
