package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
)

// Figure is what a file says of one shelf.
type Figure struct {
	VariantID  id.ProductVariantID
	LocationID id.LocationID
	Quantity   *int  // nil says nothing of the number
	Counted    bool  // the number is set even where a file has said the same before
	Backorder  *bool // whether more may be promised than lies there; nil says nothing of it
}

// unlimited is the backorder limit of a variant that may be sold without end.
const unlimited = 1_000_000_000

// ApplyImported takes the stock figures of an imported catalog to the default location, which is made where there is
// none. It is what catalog.Import is given as its stock. It says how many figures changed a shelf or were new.
func ApplyImported(ctx context.Context, tx pgx.Tx, source string, figures []catalog.StockFigure) (int, error) {
	counted := slices.ContainsFunc(figures, func(f catalog.StockFigure) bool { return f.Quantity != nil || f.Backorder != nil })
	if !counted {
		return 0, nil
	}
	location, err := DefaultLocation(ctx, tx)
	if err != nil {
		return 0, err
	}
	taken := make([]Figure, 0, len(figures))
	for _, f := range figures {
		taken = append(taken, Figure{VariantID: f.VariantID, LocationID: location, Quantity: f.Quantity, Backorder: f.Backorder})
	}
	return SetFromImport(ctx, tx, source, taken)
}

const addStockItemsSQL = `
insert into stock_item (variant_id)
select distinct v.id
from unnest($1::uuid[]) v(id)
order by 1
on conflict (variant_id) do nothing`

// A bundle gets no shelf: its stock is its components'.
const addShelvesSQL = `
insert into stock_level (variant_id, location_id, on_hand)
select f.variant_id, f.location_id, 0
from unnest($1::uuid[], $2::uuid[]) f(variant_id, location_id)
join stock_item i on i.variant_id = f.variant_id and not i.is_bundle
order by 1, 2
on conflict (variant_id, location_id) do nothing`

const lockCountsSQL = `
select l.variant_id, l.location_id, l.on_hand, l.damaged, l.reserved, l.backorder_limit, l.last_imported
from stock_level l
join unnest($1::uuid[], $2::uuid[]) f(variant_id, location_id)
  on f.variant_id = l.variant_id and f.location_id = l.location_id
order by l.variant_id, l.location_id
for update of l`

const setCountsSQL = `
update stock_level l
set on_hand = c.on_hand,
    backorder_limit = c.backorder_limit,
    last_imported = c.last_imported,
    version = l.version + 1,
    updated_at = now()
from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[])
     c(variant_id, location_id, on_hand, backorder_limit, last_imported)
where l.variant_id = c.variant_id
  and l.location_id = c.location_id`

// SetFromImport takes figures of a file to the shelves and says how many changed one. A figure is applied when the
// shelf is new or the figure differs from the one last imported, so that the same file read again after sales brings
// nothing back; one that somebody has counted is always applied. A shelf never falls below what is promised to orders. A figure below zero is read as nothing on the
// shelf, and one of a bundle says nothing. Each shelf is named at most once; source names the import in the ledger.
func SetFromImport(ctx context.Context, tx pgx.Tx, source string, figures []Figure) (int, error) {
	counted := make(map[shelf]Figure, len(figures))
	var variants, tracked []id.ProductVariantID
	var locations, shelves []id.LocationID
	for _, f := range figures {
		counted[shelf{f.VariantID, f.LocationID}] = f
		variants, locations = append(variants, f.VariantID), append(locations, f.LocationID)
		if f.Quantity != nil {
			tracked, shelves = append(tracked, f.VariantID), append(shelves, f.LocationID)
		}
	}
	var counts []count
	batch := &pgx.Batch{}
	batch.Queue(addStockItemsSQL, tracked)
	batch.Queue(addShelvesSQL, tracked, shelves)
	batch.Queue(lockCountsSQL, variants, locations).Query(func(rows pgx.Rows) error {
		var c count
		fields := []any{&c.variant, &c.location, &c.onHand, &c.damaged, &c.reserved, &c.backorder, &c.imported}
		_, err := pgx.ForEachRow(rows, fields, func() error {
			counts = append(counts, c)
			return nil
		})
		return err
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("lock stock to count it: %w", err)
	}
	var changes []change
	for _, c := range counts {
		if ch, changed := c.take(counted[c.shelf]); changed {
			changes = append(changes, ch)
		}
	}
	if len(changes) == 0 {
		return 0, nil
	}
	if err := writeCounts(ctx, tx, source, changes); err != nil {
		return 0, fmt.Errorf("write stock counts: %w", err)
	}
	return len(changes), nil
}

// count is a locked shelf with the figure last imported for it.
type count struct {
	shelf
	onHand, damaged, reserved, backorder int
	imported                             *int
}

// change is what a shelf becomes.
type change struct {
	count
	delta int
}

// take says what a figure makes of the shelf, and whether that is anything new.
func (c count) take(f Figure) (change, bool) {
	ch := change{count: c}
	if f.Backorder != nil {
		ch.backorder = 0
		if *f.Backorder {
			ch.backorder = unlimited
		}
	}
	isNew := f.Quantity != nil && (c.imported == nil || *c.imported != *f.Quantity)
	if isNew {
		ch.imported = f.Quantity
	}
	if isNew || f.Quantity != nil && f.Counted {
		ch.onHand = max(*f.Quantity, 0)
	}
	// What is promised stays covered by what is whole: where backorders were allowed no longer or the figure is lower.
	ch.onHand = max(ch.onHand, c.damaged+c.reserved-ch.backorder)
	ch.delta = ch.onHand - c.onHand
	return ch, ch.delta != 0 || ch.backorder != c.backorder || ch.imported != c.imported
}

func writeCounts(ctx context.Context, tx pgx.Tx, source string, changes []change) error {
	n := len(changes)
	variants, locations := make([]id.ProductVariantID, n), make([]id.LocationID, n)
	onHand, backorder, imported := make([]int32, n), make([]int32, n), make([]*int32, n)
	var moved [][16]byte
	var movedVariants []id.ProductVariantID
	var movedLocations []id.LocationID
	var deltas []int32
	for i, ch := range changes {
		variants[i], locations[i] = ch.variant, ch.location
		onHand[i], backorder[i] = int32(ch.onHand), int32(ch.backorder)
		if ch.imported != nil {
			figure := int32(*ch.imported)
			imported[i] = &figure
		}
		if ch.delta != 0 {
			moved, deltas = append(moved, id.New()), append(deltas, int32(ch.delta))
			movedVariants, movedLocations = append(movedVariants, ch.variant), append(movedLocations, ch.location)
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(setCountsSQL, variants, locations, onHand, backorder, imported).Exec(affects(n, errShelf))
	if len(moved) > 0 {
		batch.Queue(recordMovementsSQL, moved, movedVariants, movedLocations, deltas, "import", source, "system")
	}
	return tx.SendBatch(ctx, batch).Close()
}

const defaultLocationSQL = `
select id
from location
where is_default`

const addDefaultLocationSQL = `
insert into location (id, kind, name, country_code, is_default, ships_online)
values ($1, 'WAREHOUSE', 'Main warehouse', 'US', true, true)
on conflict (is_default) where is_default do nothing`

// DefaultLocation is where stock goes that names no location. It is made where there is none, and ships online.
func DefaultLocation(ctx context.Context, tx pgx.Tx) (id.LocationID, error) {
	var location id.LocationID
	err := tx.QueryRow(ctx, defaultLocationSQL).Scan(&location)
	if errors.Is(err, pgx.ErrNoRows) {
		if _, err := tx.Exec(ctx, addDefaultLocationSQL, id.NewLocationID()); err != nil {
			return location, fmt.Errorf("make the default location: %w", err)
		}
		err = tx.QueryRow(ctx, defaultLocationSQL).Scan(&location)
	}
	if err != nil {
		return location, fmt.Errorf("read the default location: %w", err)
	}
	return location, nil
}
