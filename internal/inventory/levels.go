package inventory

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const levelsSQL = `
select variant_id, location_id, on_hand, reserved, damaged, safety_stock, incoming, backorder_limit, low_stock, state,
       version, updated_at, covered
from stock_level
where variant_id = any((select $1::uuid[])::uuid[])
order by variant_id, location_id`

// Levels reads the shelves of the variants, each variant's in the order of the locations' ids.
func Levels(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID][]StockLevel, error) {
	rows, err := db.Query(ctx, levelsSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("read stock levels: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanLevel)
	if err != nil {
		return nil, fmt.Errorf("read stock levels: %w", err)
	}
	levels := make(map[id.ProductVariantID][]StockLevel, len(variants))
	for _, l := range list {
		levels[l.VariantID] = append(levels[l.VariantID], l)
	}
	return levels, nil
}

func scanLevel(row pgx.CollectableRow) (StockLevel, error) {
	var l StockLevel
	err := row.Scan(&l.VariantID, &l.LocationID, &l.OnHand, &l.Reserved, &l.Damaged, &l.SafetyStock, &l.Incoming,
		&l.BackorderLimit, &l.LowStockThreshold, &l.State, &l.Version, &l.UpdatedAt, &l.covered)
	return l, err
}

// Of a bundle there are as many as its scarcest part allows, from whichever locations. The inner select lets the
// statement keep its plan, here and wherever else it stands: docs/decisions/0007.
const availabilitySQL = `
select p.variant_id, min(s.here / p.quantity), min(s.free / p.quantity),
       array_agg(p.item_id) filter (where p.item_id <> p.variant_id)
from stock_part p
cross join lateral (
    select coalesce(sum(greatest(l.sellable - l.reserved, 0)), 0)::bigint as here,
           coalesce(sum(greatest(l.sellable + l.backorder_limit - l.reserved, 0)), 0)::bigint as free
    from stock_level l
    join location c on c.id = l.location_id and c.active and c.ships_online
    where l.variant_id = p.item_id
) s
where p.variant_id = any((select $1::uuid[])::uuid[])
group by p.variant_id`

// Availability says of each variant what the shop can ship; of a bundle with a part that is not offered, nothing. Every
// variant asked for is in the answer.
func Availability(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID]Available, error) {
	rows, err := db.Query(ctx, availabilitySQL, variants)
	if err != nil {
		return nil, fmt.Errorf("read availability: %w", err)
	}
	available := make(map[id.ProductVariantID]Available, len(variants))
	for _, variant := range variants {
		available[variant] = Available{}
	}
	var variant id.ProductVariantID
	var parts []id.ProductVariantID
	bundles := map[id.ProductVariantID][]id.ProductVariantID{}
	a := Available{Tracked: true}
	_, err = pgx.ForEachRow(rows, []any{&variant, &a.Quantity, &a.Promisable, &parts}, func() error {
		available[variant] = a
		if parts != nil {
			bundles[variant] = parts
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read availability: %w", err)
	}
	missing, err := incomplete(ctx, db, bundles)
	for bundle, gone := range missing {
		if gone {
			available[bundle] = Available{Tracked: true}
		}
	}
	return available, err
}

// Quantities says how many of each variant can be had online, backorders not counted; one that is not tracked is absent.
func Quantities(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID]int, error) {
	available, err := Availability(ctx, db, variants)
	quantities := make(map[id.ProductVariantID]int, len(available))
	for variant, a := range available {
		if a.Tracked {
			quantities[variant] = a.Quantity
		}
	}
	return quantities, err
}

const soldOutSQL = `
select distinct p.variant_id
from stock_part p
left join (
    select l.variant_id, sum(greatest(l.sellable + l.backorder_limit - l.reserved, 0)) as free
    from stock_level l
    join location c on c.id = l.location_id
    where c.active and c.ships_online
    group by l.variant_id
) s on s.variant_id = p.item_id
where coalesce(s.free, 0) < p.quantity`

const bundlePartsSQL = `
select bundle_id, array_agg(component_id)
from bundle_component
group by bundle_id`

// SoldOut lists the variants of which the shop can ship nothing, for lists that leave them out.
func SoldOut(ctx context.Context, db pg.DB) ([]id.ProductVariantID, error) {
	var variants []id.ProductVariantID
	bundles := map[id.ProductVariantID][]id.ProductVariantID{}
	batch := &pgx.Batch{}
	batch.Queue(soldOutSQL).Query(func(rows pgx.Rows) (err error) {
		variants, err = pgx.CollectRows(rows, pgx.RowTo[id.ProductVariantID])
		return err
	})
	batch.Queue(bundlePartsSQL).Query(func(rows pgx.Rows) error {
		var bundle id.ProductVariantID
		var parts []id.ProductVariantID
		_, err := pgx.ForEachRow(rows, []any{&bundle, &parts}, func() error {
			bundles[bundle] = parts
			return nil
		})
		return err
	})
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read what is sold out: %w", err)
	}
	missing, err := incomplete(ctx, db, bundles)
	for bundle, gone := range missing {
		if gone && !slices.Contains(variants, bundle) {
			variants = append(variants, bundle)
		}
	}
	return variants, err
}
