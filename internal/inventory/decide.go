package inventory

import (
	"math"
	"slices"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// shelf is one variant at one location.
type shelf struct {
	variant  id.ProductVariantID
	location id.LocationID
}

// stock is what a shelf can promise.
type stock struct {
	here   int // units that are there and promised to nobody
	beyond int // units that may be promised and are not there
	owed   int // units that were promised and are not there
}

func (s stock) free() int { return s.here + s.beyond }

// hold is a number of units promised out of one shelf.
type hold struct {
	shelf
	quantity int
	beyond   int // of them, those that are not there
	promised *time.Time
	method   Method
}

// unknown says that nobody can say by when all of it is there.
func (h hold) unknown() bool { return h.beyond > 0 && h.promised == nil }

// ground is what decisions are made on: the shelves and the locations as they are now. Each decision that succeeds
// takes its units, so that the next one sees what is left.
type ground struct {
	tracked map[id.ProductVariantID]bool
	bundles map[id.ProductVariantID][]Component
	terms   map[id.ProductVariantID]terms
	stock   map[shelf]stock
	coming  map[shelf][]incoming            // the earliest first
	sites   []site                          // the locations that ship
	pickup  map[id.LocationID]bool          // the locations where shoppers collect
	lead    map[id.LocationID]time.Duration // what each needs to make an order ready

	ranked   []id.LocationID // the sites, best first, as the last order wanted them
	rankedBy Route
}

func newGround() *ground {
	return &ground{
		tracked: map[id.ProductVariantID]bool{}, bundles: map[id.ProductVariantID][]Component{}, terms: map[id.ProductVariantID]terms{},
		stock: map[shelf]stock{}, coming: map[shelf][]incoming{}, pickup: map[id.LocationID]bool{},
		lead: map[id.LocationID]time.Duration{},
	}
}

// place is where units of a variant are wanted: at a store, or, where location is none, wherever they are shipped from.
type place struct {
	variant  id.ProductVariantID
	location id.LocationID
}

func placeOf(variant id.ProductVariantID, location *id.LocationID) place {
	p := place{variant: variant}
	if location != nil {
		p.location = *location
	}
	return p
}

// want is what one order demands of one variant at one place, over all its lines.
type want struct {
	variant  id.ProductVariantID
	location *id.LocationID
	quantity int
	lines    []int
}

// parts are what one unit of a variant takes from stock. A bundle that nobody has said the parts of can't be had: it
// takes itself, which is on no shelf.
func (g *ground) parts(variant id.ProductVariantID) []Component {
	if components := g.bundles[variant]; len(components) > 0 {
		return components
	}
	return []Component{{variant, 1}}
}

// decide says where the units of one order come from and what its lines can be promised, or that there are not
// enough. It takes nothing unless everything can be served.
func (g *ground) decide(lines []Demand, route Route) ([]hold, []Promise, error) {
	wants, err := sum(lines)
	if err != nil {
		return nil, nil, err
	}
	var collected, shipped []want
	for _, w := range wants {
		switch {
		case w.location != nil && !g.pickup[*w.location]:
			return nil, nil, fault.New(fault.Invalid, "PICKUP_UNAVAILABLE", "Orders can't be collected at this location.")
		case !g.tracked[w.variant]:
		case w.location != nil:
			collected = append(collected, w)
		default:
			shipped = append(shipped, w)
		}
	}
	fromStores, err := g.needs(collected)
	if err != nil {
		return nil, nil, err
	}
	carried, err := g.needs(shipped)
	if err != nil {
		return nil, nil, err
	}
	short := g.shortages(collected, fromStores)
	var atStores []hold
	if len(short) == 0 { // what is collected can't be shipped as well
		atStores = g.collect(fromStores)
		g.take(atStores)
	}
	if short = append(short, g.shortages(shipped, carried)...); len(short) > 0 {
		g.giveBack(atStores)
		return nil, nil, &OutOfStock{short}
	}
	onTheWay := g.ship(shipped, carried, route)
	g.take(onTheWay)
	waits := map[place]*wait{}
	fromStores.await(waits, atStores, func(h hold) place { return place(h.shelf) })
	carried.await(waits, onTheWay, func(h hold) place { return place{variant: h.variant} })
	promises := g.promises(lines, waits)
	for i, h := range atStores {
		atStores[i].promised = g.ready(h.location, h.promised)
	}
	return merged(atStores, onTheWay), promises, nil
}

// sum adds up the demand per variant and place, so that two lines of one order never each pass against the same
// units.
func sum(lines []Demand) ([]want, error) {
	at := make(map[place]int, len(lines))
	wants := make([]want, 0, len(lines))
	for i, line := range lines {
		if line.Quantity < 1 {
			return nil, fault.New(fault.Invalid, "INVALID", "A quantity is at least 1.")
		}
		p := placeOf(line.VariantID, line.LocationID)
		n, ok := at[p]
		if !ok {
			n = len(wants)
			at[p] = n
			wants = append(wants, want{variant: line.VariantID, location: line.LocationID})
		}
		if line.Quantity > math.MaxInt32-wants[n].quantity {
			return nil, errTooMany
		}
		wants[n].quantity += line.Quantity
		wants[n].lines = append(wants[n].lines, i)
	}
	return wants, nil
}

var errTooMany = fault.New(fault.Invalid, "INVALID", "The quantity is too large.")

// needs are the units that are taken from shelves, in the order in which they were asked for.
type needs struct {
	places []place
	units  map[place]int
}

// needs adds up what is taken from shelves, over bundles and what is bought for itself.
func (g *ground) needs(wants []want) (needs, error) {
	n := needs{units: map[place]int{}}
	for _, w := range wants {
		for _, part := range g.parts(w.variant) {
			p := placeOf(part.VariantID, w.location)
			if n.units[p] == 0 {
				n.places = append(n.places, p)
			}
			if n.units[p] += w.quantity * part.Quantity; n.units[p] > math.MaxInt32 {
				return n, errTooMany
			}
		}
	}
	return n, nil
}

// await says of each place what is there of what is needed, and by when the rest is.
func (n needs) await(waits map[place]*wait, holds []hold, of func(hold) place) {
	for p, units := range n.units {
		waits[p] = &wait{units: units}
	}
	for _, h := range holds {
		if h.beyond > 0 {
			waits[of(h)].late(h)
		}
	}
}

// shortages are the wants that can't be met: of some part of theirs there is less than all of them need together.
func (g *ground) shortages(wants []want, n needs) []Shortage {
	var short []Shortage
	for _, w := range wants {
		missing := slices.ContainsFunc(g.parts(w.variant), func(part Component) bool {
			p := placeOf(part.VariantID, w.location)
			return g.free(p) < n.units[p]
		})
		if missing {
			short = append(short, Shortage{w.variant, w.location, w.quantity, g.available(w), w.lines})
		}
	}
	return short
}

// available is how many units of what is wanted there are, whatever else is wanted.
func (g *ground) available(w want) int {
	units := math.MaxInt32
	for _, part := range g.parts(w.variant) {
		units = min(units, g.free(placeOf(part.VariantID, w.location))/part.Quantity)
	}
	return units
}

// free is how many units can be promised at a place.
func (g *ground) free(p place) int {
	if p.location != (id.LocationID{}) {
		return g.stock[shelf(p)].free()
	}
	total := 0
	for _, site := range g.sites {
		total = min(total+g.stock[shelf{p.variant, site.id}].free(), math.MaxInt32)
	}
	return total
}

// take makes the shelves less what is held of them, and says of what is not there by when it will be.
func (g *ground) take(holds []hold) {
	for i := range holds {
		h := &holds[i]
		s := g.stock[h.shelf]
		s.here, s.beyond, s.owed = s.here-(h.quantity-h.beyond), s.beyond-h.beyond, s.owed+h.beyond
		g.stock[h.shelf] = s
		if h.beyond > 0 {
			h.promised = g.terms[h.variant].promise(s.owed, g.coming[h.shelf])
		}
	}
}

func (g *ground) giveBack(holds []hold) {
	for _, h := range holds {
		s := g.stock[h.shelf]
		s.here, s.beyond, s.owed = s.here+(h.quantity-h.beyond), s.beyond+h.beyond, s.owed-h.beyond
		g.stock[h.shelf] = s
	}
}

// merged has one hold per shelf.
func merged(lists ...[]hold) []hold {
	var all []hold
	at := map[shelf]int{}
	for _, list := range lists {
		for _, h := range list {
			n, known := at[h.shelf]
			if !known {
				at[h.shelf] = len(all)
				all = append(all, h)
				continue
			}
			was := &all[n]
			if unknown := was.unknown() || h.unknown(); unknown {
				was.promised = nil
			} else {
				was.promised = later(was.promised, h.promised)
			}
			was.quantity, was.beyond = was.quantity+h.quantity, was.beyond+h.beyond
		}
	}
	return all
}
