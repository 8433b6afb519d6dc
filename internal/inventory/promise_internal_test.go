package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/id"
)

func TestPromisedDates(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	day := func(n int) *time.Time {
		if n == 0 {
			return nil
		}
		d := today.AddDate(0, 0, n)
		return &d
	}
	for _, c := range []struct {
		name         string
		from, days   int    // the day from which it is sold, and the days that new units take; 0 is unknown
		coming       string // units@day
		units, wants int    // that are owed with this promise, and the day that is promised; 0 is unknown
	}{
		{"nobody can say", 0, 0, "", 1, 0},
		{"new units take a week", 0, 7, "", 1, 7},
		{"a transfer brings them", 0, 7, "5@10", 5, 10},
		{"it does not bring enough", 0, 7, "5@10", 6, 7},
		{"the second one does", 0, 7, "5@10 5@20", 6, 20},
		{"not before it is sold", 30, 7, "5@10", 5, 30},
		{"not before it is there", 30, 7, "5@40", 5, 40},
		{"ordered in advance", 30, 0, "", 1, 30},
		{"ordered in advance, with too few coming", 30, 60, "5@40", 6, 30},
	} {
		var coming []incoming
		for word := range strings.FieldsSeq(c.coming) {
			var units, at int
			_, _ = fmt.Sscanf(word, "%d@%d", &units, &at)
			coming = append(coming, incoming{*day(at), units})
		}
		got := terms{from: day(c.from), restocked: day(c.days)}.promise(c.units, coming)
		if want := day(c.wants); (got == nil) != (want == nil) || got != nil && !got.Equal(*want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
}

// told writes promises as "2 late by 7", by the day.
func told(promises []Promise, today time.Time) string {
	words := make([]string, len(promises))
	for i, p := range promises {
		words[i] = strconv.Itoa(p.Backordered)
		if p.At != nil {
			words[i] += fmt.Sprintf(" by %d", int(p.At.Sub(today).Hours()/24))
		}
	}
	return strings.Join(words, ", ")
}

// TestPromisesPerLine: the first lines get what is there, of a bundle as many as all its parts are there for.
func TestPromisesPerLine(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	day := func(n int) *time.Time { d := today.AddDate(0, 0, n); return &d }
	for _, c := range []struct{ name, shelves, lines, want string }{
		{"all is there", "a@A:5+5 b@A:5", "2a 2b", "0, 0"},
		{"the first line comes first", "a@A:3+9", "2a 2a", "0, 1 by 7"},
		{"nobody can say", "b@A:0+9", "1b", "1"},
		{"of a bundle its scarcest part", "a@A:1+9 b@A:9", "2d", "1 by 7"},
		{"half a part is a whole bundle late", "a@A:9 b@A:3+9", "2d", "1"},
		{"a bundle and its part want the same units", "a@A:2+9 b@A:9", "2a 1d", "0, 1 by 7"},
		{"sold from another day on", "c@A:5", "1c", "0 by 30"},
	} {
		g := world(t, c.shelves)
		g.terms[variantNamed('a')] = terms{restocked: day(7)}
		g.terms[variantNamed('c')] = terms{from: day(30)}
		g.tracked[variantNamed('d')] = true
		g.bundles[variantNamed('d')] = []Component{{variantNamed('a'), 1}, {variantNamed('b'), 2}}
		_, promises, err := g.decide(ordered(c.lines), Route{})
		if got := told(promises, today); err != nil || got != c.want {
			t.Errorf("%s: %s %v, want %s", c.name, got, err, c.want)
		}
	}
}

// TestSecondPromiseIsLater: what was promised to the order before is not promised again.
func TestSecondPromiseIsLater(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	g := world(t, "a@A:1+9")
	a := shelf{variantNamed('a'), locationNamed('A')}
	g.coming[a] = []incoming{{today.AddDate(0, 0, 5), 2}, {today.AddDate(0, 0, 9), 2}}
	var got []string
	for range 4 {
		_, promises, err := g.decide(ordered("2a"), Route{})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, told(promises, today))
	}
	if text := strings.Join(got, "; "); text != "1 by 5; 2 by 9; 2; 2" {
		t.Errorf("told %s", text)
	}
}

// TestCollectedUnitsAreNotShippedAsWell: a part that is collected and one that is shipped come off the same shelf.
func TestCollectedUnitsAreNotShippedAsWell(t *testing.T) {
	t.Parallel()
	g := world(t, "a@A:3")
	store := locationNamed('A')
	g.pickup[store] = true
	lines := []Demand{{VariantID: variantNamed('a'), LocationID: &store, Quantity: 2}, {VariantID: variantNamed('a'), Quantity: 2}}
	_, _, err := g.decide(lines, Route{})
	short, ok := err.(*OutOfStock) //nolint:errorlint // it is the answer itself
	if !ok || len(short.Shortages) != 1 || short.Shortages[0].Available != 1 || fmt.Sprint(short.Shortages[0].Lines) != "[1]" {
		t.Errorf("answered %v", err)
	}
	if left := g.stock[shelf{variantNamed('a'), store}]; left != (stock{here: 3}) {
		t.Errorf("the refusal left %+v", left)
	}
	lines[1].Quantity = 1
	holds, _, err := g.decide(lines, Route{})
	if got := holding(holds); err != nil || got != "3a@A" || holds[0].method != Pickup {
		t.Errorf("holds %s %v", got, err)
	}
}

// TestAStoreNeedsItsTime: what is collected is promised for when the store has it ready, and so it is kept for whoever looks
// at what waits; what is shipped from there, and what is on the shelf, is not put off.
func TestAStoreNeedsItsTime(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	in7, store := today.AddDate(0, 0, 7), locationNamed('A')
	g := world(t, "a@A:1+9 b@A:1+9 c@A:1+9")
	g.pickup[store], g.lead[store] = true, 90*time.Minute
	g.terms[variantNamed('a')], g.terms[variantNamed('b')] = terms{restocked: &in7}, terms{restocked: &in7}
	lines := []Demand{
		{VariantID: variantNamed('a'), LocationID: &store, Quantity: 2},
		{VariantID: variantNamed('b'), Quantity: 2},
		{VariantID: variantNamed('c'), LocationID: &store, Quantity: 1},
	}
	holds, promises, err := g.decide(lines, Route{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[id.ProductVariantID]time.Time{variantNamed('a'): in7.Add(90 * time.Minute), variantNamed('b'): in7}
	for i, line := range lines {
		if at, late := want[line.VariantID]; late != (promises[i].At != nil) || late && !promises[i].At.Equal(at) {
			t.Errorf("line %d is promised for %v, want %v", i, promises[i].At, at)
		}
	}
	for _, h := range holds {
		if at, late := want[h.variant]; late != (h.promised != nil) || late && !h.promised.Equal(at) {
			t.Errorf("units of %v are kept as promised for %v, want %v", h.variant, h.promised, at)
		}
	}
}

// TestABundleWithoutPartsCannotBeHad: nobody sells what nobody has said the parts of.
func TestABundleWithoutPartsCannotBeHad(t *testing.T) {
	t.Parallel()
	g := world(t, "a@A:3")
	g.tracked[id.ProductVariantID{'d'}] = true
	if _, _, err := g.decide(ordered("1d"), Route{}); err == nil {
		t.Error("it was sold")
	}
}
