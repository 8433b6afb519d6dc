package inventory

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Try says what Reserve would say now: what each line would be promised, *OutOfStock, or the fault of a store. Nothing
// is locked or taken, so it may be another answer at the next moment.
func Try(ctx context.Context, db pg.DB, lines []Demand, route Route) ([]Promise, error) {
	g, err := look(ctx, db, lines)
	if err != nil {
		return nil, err
	}
	_, promises, err := g.decide(lines, route)
	return promises, err
}

// Outlook says what each line would be promised if all were ordered now; nil for what can't be had, which is also what is
// to be collected where nothing is handed out.
func Outlook(ctx context.Context, db pg.DB, lines []Demand, route Route) ([]*Promise, error) {
	g, err := look(ctx, db, lines)
	if err != nil {
		return nil, err
	}
	outlook := make([]*Promise, len(lines))
	var which []int
	for i, line := range lines {
		if line.LocationID == nil || g.pickup[*line.LocationID] {
			which = append(which, i)
		}
	}
	for len(which) > 0 {
		left := make([]Demand, len(which))
		for n, i := range which {
			left[n] = lines[i]
		}
		_, promises, err := g.decide(left, route)
		var missing *OutOfStock
		switch {
		case errors.As(err, &missing):
			which = without(which, missing)
			continue
		case err != nil:
			return nil, err
		}
		for n, i := range which {
			outlook[i] = &promises[n]
		}
		break
	}
	return outlook, nil
}

// without leaves out the lines that are short, of which there is at least one.
func without(which []int, missing *OutOfStock) []int {
	short := map[int]bool{}
	for _, s := range missing.Shortages {
		for _, line := range s.Lines {
			short[line] = true
		}
	}
	var left []int
	for n, i := range which {
		if !short[n] {
			left = append(left, i)
		}
	}
	return left
}

// Promises says of each variant what the next one that is shipped would be promised; one that can't be had is absent.
func Promises(ctx context.Context, db pg.DB, variants []id.ProductVariantID, route Route) (map[id.ProductVariantID]Promise, error) {
	lines := make([]Demand, len(variants))
	for i, variant := range variants {
		lines[i] = Demand{VariantID: variant, Quantity: 1}
	}
	g, err := look(ctx, db, lines)
	if err != nil {
		return nil, err
	}
	promises := make(map[id.ProductVariantID]Promise, len(variants))
	for _, line := range lines {
		holds, promised, err := g.decide([]Demand{line}, route)
		if err != nil { // it can't be had
			continue
		}
		g.giveBack(holds)
		promises[line.VariantID] = promised[0]
	}
	return promises, nil
}

func look(ctx context.Context, db pg.DB, lines []Demand) (*ground, error) {
	batch := &pgx.Batch{}
	g := queueGround(batch, lines, false)
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read what there is: %w", err)
	}
	return g, g.close(ctx, db)
}
