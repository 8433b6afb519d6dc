package inventory

import (
	"slices"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

// collect takes what is collected from the stores where it is.
func (g *ground) collect(n needs) []hold {
	holds := make([]hold, len(n.places))
	for i, p := range n.places {
		s, units := shelf(p), n.units[p]
		holds[i] = hold{shelf: s, quantity: units, beyond: max(units-g.stock[s].here, 0), method: Pickup}
	}
	return holds
}

// ship chooses where what is shipped comes from: units that are there before those that are not. There are enough.
func (g *ground) ship(wants []want, n needs, route Route) []hold {
	here := map[id.ProductVariantID]int{}
	for _, p := range n.places {
		for _, site := range g.sites {
			here[p.variant] += g.stock[shelf{p.variant, site.id}].here
		}
	}
	now, late := g.baskets(wants, here)
	if len(now)+len(late) == 0 {
		return nil
	}
	locations := g.rank(route)
	fewest := route.Strategy != settings.Nearest && route.Strategy != settings.ByPriority
	used := map[id.LocationID]bool{}
	var holds []hold
	for _, t := range allocate(now, locations, func(s shelf) int { return g.stock[s].here }, fewest, used) {
		holds, used[t.location] = append(holds, hold{shelf: t.shelf, quantity: t.quantity, method: Shipping}), true
	}
	if len(late) > 0 {
		for _, t := range allocate(late, locations, func(s shelf) int { return g.stock[s].beyond }, fewest, used) {
			holds = append(holds, hold{shelf: t.shelf, quantity: t.quantity, beyond: t.quantity, method: Shipping})
		}
	}
	return merged(holds)
}

// rank puts the sites into the order in which the route uses them. Orders that go by another than the distance mostly
// want the same order.
func (g *ground) rank(route Route) []id.LocationID {
	if route.Strategy != settings.Nearest {
		route.To = Destination{}
	}
	if g.ranked != nil && route.Strategy == g.rankedBy.Strategy && route.To == g.rankedBy.To && slices.Equal(route.Priority, g.rankedBy.Priority) {
		return g.ranked
	}
	ranked := route.rank(g.sites)
	g.ranked, g.rankedBy = make([]id.LocationID, len(ranked)), route
	for i, site := range ranked {
		g.ranked[i] = site.id
	}
	return g.ranked
}

// baskets divides what is shipped into what is on the shelves and what is not, the first lines served first.
func (g *ground) baskets(wants []want, here map[id.ProductVariantID]int) (now, late []basket) {
	for _, w := range wants {
		var there, missing basket
		for _, part := range g.parts(w.variant) {
			quantity := w.quantity * part.Quantity
			n := min(quantity, here[part.VariantID])
			here[part.VariantID] -= n
			if n > 0 {
				there = append(there, amount{part.VariantID, n})
			}
			if n < quantity {
				missing = append(missing, amount{part.VariantID, quantity - n})
			}
		}
		if len(there) > 0 {
			now = append(now, there)
		}
		if len(missing) > 0 {
			late = append(late, missing)
		}
	}
	return now, late
}
