package inventory

import (
	"math"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// shelf is one variant at one location.
type shelf struct {
	variant  id.ProductVariantID
	location id.LocationID
}

// hold is a number of units promised out of one shelf.
type hold struct {
	shelf
	quantity int
	method   Method
}

// ground is what decisions are made on: the locked shelves and the locations as they are now. Each decision that
// succeeds takes its units, so that the next one sees what is left.
type ground struct {
	tracked  map[id.ProductVariantID]bool
	free     map[shelf]int          // what may still be promised
	shipping []id.LocationID        // the locations that ship, in the order in which they are used
	pickup   map[id.LocationID]bool // the locations where shoppers collect
}

// want is what one order demands of one variant at one place, over all its lines.
type want struct {
	variant  id.ProductVariantID
	location *id.LocationID
	quantity int
	lines    []int
}

// decide says where the units of one order come from, or that there are not enough. It takes nothing unless
// everything can be served.
func (g *ground) decide(lines []Demand) ([]hold, error) {
	wants, err := sum(lines)
	if err != nil {
		return nil, err
	}
	var shortages []Shortage
	var ship []want
	var holds []hold
	for _, w := range wants {
		switch {
		case w.location != nil && !g.pickup[*w.location]:
			return nil, fault.New(fault.Invalid, "PICKUP_UNAVAILABLE", "Orders can't be collected at this location.")
		case !g.tracked[w.variant]:
		case w.location == nil && g.shippable(w.variant) < w.quantity:
			shortages = append(shortages, Shortage{w.variant, nil, w.quantity, g.shippable(w.variant), w.lines})
		case w.location == nil:
			ship = append(ship, w)
		default:
			s := shelf{w.variant, *w.location}
			if g.free[s] < w.quantity {
				shortages = append(shortages, Shortage{w.variant, w.location, w.quantity, g.free[s], w.lines})
				continue
			}
			holds = append(holds, hold{s, w.quantity, Pickup})
		}
	}
	if len(shortages) > 0 {
		return nil, &OutOfStock{shortages}
	}
	holds = append(holds, g.allocate(ship)...)
	for _, h := range holds {
		g.free[h.shelf] -= h.quantity
	}
	return holds, nil
}

// sum adds up the demand per variant and place, so that two lines of one order never each pass against the same
// units.
func sum(lines []Demand) ([]want, error) {
	type place struct {
		variant  id.ProductVariantID
		location id.LocationID
	}
	at := make(map[place]int, len(lines))
	wants := make([]want, 0, len(lines))
	for i, line := range lines {
		if line.Quantity < 1 {
			return nil, fault.New(fault.Invalid, "INVALID", "A quantity is at least 1.")
		}
		p := place{variant: line.VariantID}
		if line.LocationID != nil {
			p.location = *line.LocationID
		}
		n, ok := at[p]
		if !ok {
			n = len(wants)
			at[p] = n
			wants = append(wants, want{variant: line.VariantID, location: line.LocationID})
		}
		if line.Quantity > math.MaxInt32-wants[n].quantity {
			return nil, fault.New(fault.Invalid, "INVALID", "The quantity is too large.")
		}
		wants[n].quantity += line.Quantity
		wants[n].lines = append(wants[n].lines, i)
	}
	return wants, nil
}

// shippable is how many units of a variant the shipping locations may still promise together.
func (g *ground) shippable(variant id.ProductVariantID) int {
	total := 0
	for _, location := range g.shipping {
		total = min(total+g.free[shelf{variant, location}], math.MaxInt32)
	}
	return total
}

// allocate chooses shipping locations: one that serves the whole order where there is one, so that it travels in one
// parcel; else one per variant; and only where no location has enough of a variant, several. All wants can be met.
func (g *ground) allocate(wants []want) []hold {
	holds := make([]hold, 0, len(wants))
	if location, ok := g.servesAll(wants); ok {
		for _, w := range wants {
			holds = append(holds, hold{shelf{w.variant, location}, w.quantity, Shipping})
		}
		return holds
	}
	for _, w := range wants {
		if location, ok := g.servesAll([]want{w}); ok {
			holds = append(holds, hold{shelf{w.variant, location}, w.quantity, Shipping})
			continue
		}
		left := w.quantity
		for _, location := range g.shipping {
			s := shelf{w.variant, location}
			if n := min(left, g.free[s]); n > 0 {
				holds = append(holds, hold{s, n, Shipping})
				left -= n
			}
		}
	}
	return holds
}

// servesAll finds the first shipping location with enough of everything.
func (g *ground) servesAll(wants []want) (id.LocationID, bool) {
	for _, location := range g.shipping {
		all := true
		for _, w := range wants {
			all = all && g.free[shelf{w.variant, location}] >= w.quantity
		}
		if all {
			return location, true
		}
	}
	return id.LocationID{}, false
}
