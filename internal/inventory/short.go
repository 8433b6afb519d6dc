package inventory

import (
	"context"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Short says what of the lines could not be had if all were ordered now; nothing where Reserve would serve them. Of what
// is to be collected where nothing is handed out, there is nothing. What there is of a variant counts in full, also where
// other lines want the same units.
func Short(ctx context.Context, db pg.DB, lines []Demand) ([]Shortage, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	g, err := look(ctx, db, lines)
	if err != nil {
		return nil, err
	}
	return g.short(lines)
}

func (g *ground) short(lines []Demand) ([]Shortage, error) {
	wants, err := sum(lines)
	if err != nil {
		return nil, err
	}
	var short []Shortage
	var collected, shipped []want
	for _, w := range wants {
		switch {
		case w.location != nil && !g.pickup[*w.location]:
			short = append(short, Shortage{VariantID: w.variant, LocationID: w.location, Wanted: w.quantity, Lines: w.lines})
		case !g.tracked[w.variant]:
		case w.location != nil:
			collected = append(collected, w)
		default:
			shipped = append(shipped, w)
		}
	}
	fromStores, err := g.needs(collected)
	if err != nil {
		return nil, err
	}
	carried, err := g.needs(shipped)
	if err != nil {
		return nil, err
	}
	missing := g.shortages(collected, fromStores)
	whole := make(map[id.ProductVariantID]int, len(shipped))
	for _, w := range shipped {
		whole[w.variant] = g.available(w)
	}
	if len(missing) == 0 { // what is collected can't be shipped as well
		g.take(g.collect(fromStores))
	}
	short = append(short, missing...)
	for _, s := range g.shortages(shipped, carried) {
		s.Available = whole[s.VariantID]
		short = append(short, s)
	}
	return short, nil
}
