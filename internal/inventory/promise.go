package inventory

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Promise is what the buyer is told about one line.
type Promise struct {
	Backordered int         // units that are on no shelf yet
	At          *time.Time  // by when all are there, or ready to be collected; nil when they are there now, or when nobody can say
	Parts       []Component // what one unit takes from stock, when it is a bundle
}

// Component is a part of a bundle, so many units in each.
type Component struct {
	VariantID id.ProductVariantID `json:"variantId"`
	Quantity  int                 `json:"quantity"`
}

// ComponentConnection is one page of parts.
type ComponentConnection = pg.Connection[Component]

// ComponentEdge is one part of a page.
type ComponentEdge = pg.Edge[Component]

// terms are by when a variant can be had that is on no shelf.
type terms struct {
	from      *time.Time // not before; nil when that is past
	restocked *time.Time // when it was ordered anew; nil when nobody has said how long that takes
}

// incoming is units on their way to a shelf.
type incoming struct {
	at       time.Time
	quantity int
}

// promise says by when a shelf has so many units more than it can promise now; nil when nobody can say. A transfer
// counts when it covers what is owed to those who came before as well. Nothing is promised for an earlier day than the
// one from which the variant is sold.
func (t terms) promise(units int, coming []incoming) *time.Time {
	at := t.restocked
	for _, a := range coming {
		if units -= a.quantity; units <= 0 {
			at = &a.at
			break
		}
	}
	if units > 0 && t.from != nil {
		return t.from
	}
	return later(at, t.from)
}

// later is the later of two moments, of which each may be none.
func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}

// wait is what is late of an item at one place.
type wait struct {
	units   int // that are on the shelf
	at      *time.Time
	unknown bool // nobody can say by when
}

// late counts units of a hold that are not there.
func (w *wait) late(h hold) {
	w.units -= h.beyond
	w.at = later(w.at, h.promised)
	w.unknown = w.unknown || h.unknown()
}

// ready is by when a store has made an order ready whose units are there by a moment.
func (g *ground) ready(store id.LocationID, there *time.Time) *time.Time {
	if there == nil {
		return nil
	}
	at := there.Add(g.lead[store])
	return &at
}

// promises tells each line what it gets from the shelves, the first lines first, and by when the rest.
func (g *ground) promises(lines []Demand, waits map[place]*wait) []Promise {
	promises := make([]Promise, len(lines))
	for i, line := range lines {
		p := &promises[i]
		p.Parts = g.bundles[line.VariantID]
		p.At = g.terms[line.VariantID].from
		unknown := false
		for _, part := range g.parts(line.VariantID) {
			w := waits[placeOf(part.VariantID, line.LocationID)]
			if w == nil {
				continue // nobody counts it
			}
			p.At = later(p.At, g.terms[part.VariantID].from)
			wanted := line.Quantity * part.Quantity
			there := min(wanted, w.units)
			w.units -= there
			if late := wanted - there; late > 0 {
				p.Backordered = max(p.Backordered, (late+part.Quantity-1)/part.Quantity)
				p.At, unknown = later(p.At, w.at), unknown || w.unknown
			}
		}
		if unknown {
			p.At = nil
		} else if line.LocationID != nil {
			p.At = g.ready(*line.LocationID, p.At)
		}
	}
	return promises
}
