package inventory_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

// TestABundleIsNotSoldWithoutAPartThatIs: what is kept back from the shop is not sold inside something else.
func TestABundleIsNotSoldWithoutAPartThatIs(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\nW,pot,5\n")
	if _, err := s.bundle("b", "card", "1 mug, 2 pot"); err != nil {
		t.Fatal(err)
	}
	card := s.variants["card"]
	have := func() [4]int {
		t.Helper()
		available, err := inventory.Availability(t.Context(), s.pool, []id.ProductVariantID{card})
		if err != nil {
			t.Fatal(err)
		}
		most, err := inventory.MostForOneOrder(t.Context(), s.pool, []id.ProductVariantID{card})
		if err != nil {
			t.Fatal(err)
		}
		short, err := inventory.Short(t.Context(), s.pool, []inventory.Demand{s.ship("card", 3), s.ship("mug", 5)})
		if err != nil {
			t.Fatal(err)
		}
		sold, err := inventory.SoldOut(t.Context(), s.pool)
		if err != nil {
			t.Fatal(err)
		}
		out := 0
		for _, v := range sold {
			if v == card {
				out++
			}
		}
		return [4]int{available[card].Promisable, most[card].Any(), len(short), out}
	}
	// Of three bundles there are two; the five mugs and those in the bundles are more than there are.
	if got := have(); got != [4]int{2, 2, 2, 0} {
		t.Errorf("offered whole: %v", got)
	}
	for _, c := range []struct {
		sql  string
		want [4]int
	}{
		{`update product set published_at = null where handle = 'pot'`, [4]int{0, 0, 1, 1}},
		{`update product set published_at = now() + interval '1 day' where handle = 'pot'`, [4]int{0, 0, 1, 1}},
		{`update product set published_at = now(), status = 'DRAFT' where handle = 'pot'`, [4]int{0, 0, 1, 1}},
		{`update product set status = 'ARCHIVED' where handle = 'pot'`, [4]int{0, 0, 1, 1}},
		{`update product set status = 'ACTIVE' where handle = 'pot'`, [4]int{2, 2, 2, 0}},
	} {
		if _, err := s.pool.Exec(t.Context(), c.sql); err != nil {
			t.Fatal(err)
		}
		if got := have(); got != c.want {
			t.Errorf("%s: %v, want %v", c.sql, got, c.want)
		}
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\nN,mug,3\nX,mug,2\n")
	for _, c := range []struct {
		lines []inventory.Demand
		want  []int // the lines that are short
	}{
		{nil, nil},
		{[]inventory.Demand{s.ship("mug", 1), s.ship("mug", 1)}, nil},
		{[]inventory.Demand{s.ship("mug", 1_000), s.ship("pot", 1_000)}, []int{0}}, // pots are not counted
		{[]inventory.Demand{s.collect("mug", "N", 3)}, nil},
		{[]inventory.Demand{s.collect("mug", "N", 4), s.ship("mug", 1)}, []int{0}},
		{[]inventory.Demand{s.ship("pot", 1), s.collect("pot", "W", 1)}, []int{1}}, // nothing is handed out there
	} {
		short, err := inventory.Short(t.Context(), s.pool, c.lines)
		if err != nil {
			t.Fatal(err)
		}
		var lines []int
		for _, one := range short {
			lines = append(lines, one.Lines...)
		}
		if len(lines) != len(c.want) || len(lines) > 0 && lines[0] != c.want[0] {
			t.Errorf("%+v: short are %v, want %v", c.lines, lines, c.want)
		}
	}
}

// TestWhatAnOrderTakesItselfIsStillThere: of units that are collected fewer can be shipped, and there are as many as before.
func TestWhatAnOrderTakesItselfIsStillThere(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\nN,mug,3\nX,mug,2\n")
	if _, err := s.pool.Exec(t.Context(), `update location set pickup_enabled = true where external_id = 'X'`); err != nil {
		t.Fatal(err)
	}
	mug := s.variants["mug"]
	most, err := inventory.MostForOneOrder(t.Context(), s.pool, []id.ProductVariantID{mug, s.variants["pot"]})
	if want := (inventory.Most{Shipped: 7, Store: 3, Together: 10}); err != nil || len(most) != 1 || most[mug] != want {
		t.Errorf("one order can have %+v, %v; want %+v of mugs, and pots without end", most, err, want)
	}
	short, err := inventory.Short(t.Context(), s.pool, []inventory.Demand{s.collect("mug", "X", 2), s.ship("mug", 6)})
	if err != nil || len(short) != 1 || short[0].LocationID != nil || short[0].Wanted != 6 || short[0].Available != 7 {
		t.Errorf("short are %+v, %v; want the six that are shipped, of seven", short, err)
	}
}
