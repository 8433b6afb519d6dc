package inventory

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

// world is a ground by names: items "a" to "z", locations "A" to "Z".
func world(t interface{ Fatalf(string, ...any) }, shelves string) *ground {
	g := newGround()
	for text := range strings.FieldsSeq(shelves) { // a@A:3 or, with backorders, a@A:3+2
		var s stock
		name, units, _ := strings.Cut(text, ":")
		if n, _ := fmt.Sscanf(units, "%d+%d", &s.here, &s.beyond); n == 0 {
			t.Fatalf("no shelf: %s", text)
		}
		at := shelf{variantNamed(name[0]), locationNamed(name[2])}
		g.stock[at], g.tracked[at.variant] = s, true
		if !slices.ContainsFunc(g.sites, func(s site) bool { return s.id == at.location }) {
			g.sites = append(g.sites, site{id: at.location, isDefault: name[2] == 'A', country: "US"})
		}
	}
	return g
}

func variantNamed(c byte) id.ProductVariantID { return id.ProductVariantID{c} }
func locationNamed(c byte) id.LocationID      { return id.LocationID{c} }

// ordered reads "3a 2b" as the lines of an order.
func ordered(text string) []Demand {
	var lines []Demand
	for word := range strings.FieldsSeq(text) {
		var d Demand
		var item byte
		_, _ = fmt.Sscanf(word, "%d%c", &d.Quantity, &item)
		d.VariantID = variantNamed(item)
		lines = append(lines, d)
	}
	return lines
}

// holding writes holds as "3a@A 2b@B", with what is beyond the shelf as "3a@A+1".
func holding(holds []hold) string {
	slices.SortFunc(holds, func(a, b hold) int {
		return cmp.Or(slices.Compare(a.variant[:], b.variant[:]), slices.Compare(a.location[:], b.location[:]))
	})
	words := make([]string, len(holds))
	for i, h := range holds {
		words[i] = fmt.Sprintf("%d%c@%c", h.quantity, h.variant[0], h.location[0])
		if h.beyond > 0 {
			words[i] += fmt.Sprintf("+%d", h.beyond)
		}
	}
	return strings.Join(words, " ")
}

func TestStrategies(t *testing.T) {
	t.Parallel()
	berlin, hamburg, munich := address.Coordinate{Latitude: 52.52, Longitude: 13.4}, address.Coordinate{Latitude: 53.55, Longitude: 10}, address.Coordinate{Latitude: 48.14, Longitude: 11.58}
	const fewest, nearest, priority = settings.FewestSplits, settings.Nearest, settings.ByPriority
	for _, c := range []struct {
		name, shelves, lines string
		strategy             settings.Allocation
		order                string // the priority
		want                 string
	}{
		{"one location for everything", "a@A:5 a@B:5 b@B:2", "3a 1b", fewest, "", "3a@B 1b@B"},
		{"the default location first", "a@B:5 a@A:5", "5a", fewest, "", "5a@A"},
		{"the priority before the default", "a@A:5 a@B:5 a@C:5", "5a", fewest, "CB", "5a@C"},
		{"two large shelves instead of three small ones", "a@A:2 a@B:2 a@C:3 a@D:4", "7a", fewest, "", "3a@C 4a@D"},
		{"two locations that complement each other", "a@A:1 b@B:1 c@B:1 a@C:1 b@C:1 c@A:1 a@D:1", "1a 1b 1c", fewest, "", "1a@A 1b@B 1c@A"},
		{"a line is not split where some location has all of it", "a@A:3 a@B:5 b@A:1", "4a 1b", fewest, "", "4a@B 1b@A"},
		{"the nearest has it", "a@A:5 a@B:5 a@C:5", "2a", nearest, "", "2a@C"},
		{"what the nearest has not comes from the next", "a@A:5 b@A:5 a@B:5 a@C:5 b@B:5", "2a 2b", nearest, "", "2a@C 2b@B"},
		{"a line that nobody has all of", "a@A:5 a@B:2 a@C:1", "7a", nearest, "", "4a@A 2a@B 1a@C"},
		{"as staff have set it", "a@A:5 a@B:5 a@C:5", "2a", priority, "BA", "2a@B"},
		{"in turn", "a@A:1 a@B:1 a@C:5", "6a", priority, "BAC", "1a@A 1a@B 4a@C"},
		{"what is there before what is not", "a@A:1+100 a@B:2", "3a", fewest, "", "1a@A 2a@B"},
		{"and the rest at a location that is used anyway", "a@A:0+9 a@B:2+9 b@B:1", "4a 1b", fewest, "", "4a@B+2 1b@B"},
		{"backorders by priority", "a@A:1+9 a@B:0+9", "3a", priority, "BA", "1a@A 2a@B+2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := world(t, c.shelves)
			at := map[id.LocationID]*address.Coordinate{locationNamed('A'): &munich, locationNamed('B'): &hamburg, locationNamed('C'): &berlin}
			for i := range g.sites {
				g.sites[i].at = at[g.sites[i].id]
			}
			route := Route{Strategy: c.strategy, To: Destination{Near: &address.Coordinate{Latitude: 52.4, Longitude: 13}}}
			for _, name := range []byte(c.order) {
				route.Priority = append(route.Priority, locationNamed(name))
			}
			holds, _, err := g.decide(ordered(c.lines), route)
			if got := holding(holds); err != nil || got != c.want {
				t.Errorf("%s out of %s: %s %v, want %s", c.lines, c.shelves, got, err, c.want)
			}
		})
	}
}

func TestNearestWithoutCoordinates(t *testing.T) {
	t.Parallel()
	sites := []site{
		{id: locationNamed('A'), isDefault: true, country: "DE", zip: "10115"},
		{id: locationNamed('B'), country: "US", province: "CA", zip: "94105"},
		{id: locationNamed('C'), country: "US", province: "NY", zip: "10115"},
		{id: locationNamed('D'), country: "US", province: "NY", zip: "11201"},
		{id: locationNamed('E'), country: "US", at: &address.Coordinate{Latitude: 1, Longitude: 1}},
	}
	for _, c := range []struct {
		to   Destination
		want string
	}{
		{Destination{}, "ABCDE"},
		{Destination{Country: "US"}, "BCDEA"},
		{Destination{Country: "US", Province: "NY", Zip: "11211"}, "DCBEA"},
		{Destination{Country: "US", Province: "CA", Zip: "90001"}, "BCDEA"},
		{Destination{Country: "DE", Zip: "10117"}, "ABCDE"},
		{Destination{Country: "US", Near: &address.Coordinate{}}, "EBCDA"},
	} {
		var got string
		for _, s := range (Route{Strategy: settings.Nearest, To: c.to}).rank(sites) {
			got += string(s.id[0])
		}
		if got != c.want {
			t.Errorf("to %+v: %s, want %s", c.to, got, c.want)
		}
	}
}

// strategies are drawn with an order of some locations.
func drawRoute(rt *rapid.T) Route {
	route := Route{Strategy: rapid.SampledFrom([]settings.Allocation{settings.FewestSplits, settings.Nearest, settings.ByPriority}).Draw(rt, "strategy")}
	for _, c := range rapid.Permutation([]byte("ABCDEFGH")).Draw(rt, "order")[:rapid.IntRange(0, 8).Draw(rt, "ranked")] {
		route.Priority = append(route.Priority, locationNamed(c))
	}
	return route
}

// drawWorld has up to eight locations, four items of which "d" is a bundle of the others, and any stock.
func drawWorld(rt *rapid.T) (*ground, string) {
	var shelves []string
	for _, location := range []byte("ABCDEFGH")[:rapid.IntRange(1, 8).Draw(rt, "locations")] {
		for _, item := range []byte("abc") {
			here, beyond := rapid.IntRange(0, 4).Draw(rt, "here"), rapid.SampledFrom([]int{0, 0, 0, 2}).Draw(rt, "beyond")
			shelves = append(shelves, fmt.Sprintf("%c@%c:%d+%d", item, location, here, beyond))
		}
	}
	text := strings.Join(shelves, " ")
	g := world(rt, text)
	bundle := variantNamed('d')
	g.tracked[bundle] = true
	g.bundles[bundle] = []Component{{variantNamed('a'), 1}, {variantNamed('b'), 2}}
	return g, text
}

// TestAllocationKeepsItsPromises: whatever is asked of whatever there is, an order gets exactly its units and no shelf
// gives more than it has; the fewest locations are the fewest; the same question has the same answer.
func TestAllocationKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g, text := drawWorld(rt)
		again := world(rt, text)
		again.tracked, again.bundles = g.tracked, g.bundles
		route := drawRoute(rt)
		before := maps.Clone(g.stock)
		var lines []Demand
		need := map[id.ProductVariantID]int{}
		for range rapid.IntRange(1, 4).Draw(rt, "lines") {
			line := Demand{VariantID: variantNamed(rapid.SampledFrom([]byte("abcd")).Draw(rt, "item")), Quantity: rapid.IntRange(1, 6).Draw(rt, "quantity")}
			lines = append(lines, line)
			for _, part := range g.parts(line.VariantID) {
				need[part.VariantID] += line.Quantity * part.Quantity
			}
		}
		free := map[id.ProductVariantID]int{}
		here := map[id.ProductVariantID]int{}
		for s, have := range before {
			free[s.variant] += have.free()
			here[s.variant] += have.here
		}
		enough, onShelf := true, true
		for item, units := range need {
			enough = enough && free[item] >= units
			onShelf = onShelf && here[item] >= units
		}
		holds, promises, err := g.decide(lines, route)
		if (err == nil) != enough {
			rt.Fatalf("enough is %v and the answer %v", enough, err)
		}
		if err != nil {
			for s, have := range g.stock {
				if have != before[s] {
					rt.Fatalf("a refusal took %+v of %+v", have, before[s])
				}
			}
			return
		}
		got := map[id.ProductVariantID]int{}
		used := map[id.LocationID]bool{}
		for _, h := range holds {
			got[h.variant] += h.quantity
			used[h.location] = true
			if had := before[h.shelf]; h.quantity < 1 || h.quantity > had.free() || h.beyond > had.beyond || h.quantity-h.beyond > had.here {
				rt.Fatalf("%+v out of %+v", h, had)
			}
		}
		for item, units := range need {
			if got[item] != units {
				rt.Fatalf("%d of %c, want %d", got[item], item[0], units)
			}
		}
		late := 0
		for _, p := range promises {
			late += p.Backordered
		}
		if (late == 0) != onShelf {
			rt.Fatalf("all on the shelves is %v and %d are late", onShelf, late)
		}
		if route.Strategy == settings.FewestSplits && onShelf {
			if fewest := bruteFewest(before, need); len(used) != fewest {
				rt.Fatalf("%d locations for %v, and %d would do: %s", len(used), need, fewest, holding(holds))
			}
		}
		twin, _, err := again.decide(lines, route)
		if text := holding(twin); err != nil || text != holding(holds) {
			rt.Fatalf("asked again the answer is %s %v, not %s", text, err, holding(holds))
		}
	})
}

// bruteFewest tries all choices of locations.
func bruteFewest(have map[shelf]stock, need map[id.ProductVariantID]int) int {
	fewest := 9
	for choice := range uint(1 << 8) {
		got := map[id.ProductVariantID]int{}
		for i, name := range []byte("ABCDEFGH") {
			if choice&(1<<i) != 0 {
				for item := range need {
					got[item] += have[shelf{item, locationNamed(name)}].here
				}
			}
		}
		all := true
		for item, units := range need {
			all = all && got[item] >= units
		}
		if all {
			fewest = min(fewest, bits.OnesCount(choice))
		}
	}
	return fewest
}

// TestAllocationIsBounded: sixty locations with three units each, of which an order needs a third. To try all choices
// would outlast the shop.
func TestAllocationIsBounded(t *testing.T) {
	t.Parallel()
	g := newGround()
	for n := range byte(60) {
		g.sites = append(g.sites, site{id: id.LocationID{1 + n}})
		for item := range byte(4) {
			g.stock[shelf{id.ProductVariantID{item}, id.LocationID{1 + n}}] = stock{here: 1 + (int(n)+int(item))%3}
			g.tracked[id.ProductVariantID{item}] = true
		}
	}
	var lines []Demand
	for item := range byte(4) {
		lines = append(lines, Demand{VariantID: id.ProductVariantID{item}, Quantity: 40})
	}
	begun := time.Now()
	holds, _, err := g.decide(lines, Route{})
	if took := time.Since(begun); err != nil || took > 200*time.Millisecond {
		t.Errorf("decided after %s: %v", took, err)
	}
	used := map[id.LocationID]bool{}
	units := 0
	for _, h := range holds {
		used[h.location], units = true, units+h.quantity
	}
	if units != 160 || len(used) > 24 {
		t.Errorf("%d units of %d locations, want 160 of at most 24", units, len(used))
	}
}

func BenchmarkDecide(b *testing.B) {
	g := newGround()
	for n := range byte(40) {
		g.sites = append(g.sites, site{id: id.LocationID{1 + n}, isDefault: n == 0})
		for item := range byte(3) {
			g.stock[shelf{id.ProductVariantID{item}, id.LocationID{1 + n}}] = stock{here: 1 + int(n+item)%3}
			g.tracked[id.ProductVariantID{item}] = true
		}
	}
	for _, c := range []struct {
		name     string
		quantity int
	}{{"whole", 1}, {"split", 7}} {
		lines := []Demand{{VariantID: id.ProductVariantID{0}, Quantity: c.quantity}, {VariantID: id.ProductVariantID{1}, Quantity: c.quantity}, {VariantID: id.ProductVariantID{2}, Quantity: c.quantity}}
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				holds, _, err := g.decide(lines, Route{})
				if err != nil {
					b.Fatal(err)
				}
				g.giveBack(holds)
			}
		})
	}
}
