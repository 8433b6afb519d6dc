package inventory

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const addBundleItemSQL = `
insert into stock_item (variant_id)
values ($1)
on conflict (variant_id) do nothing`

// Items are locked before shelves, by orders too, and among themselves by their ids.
const lockItemsSQL = `
select variant_id, is_bundle, version, told_version
from stock_item
where variant_id = any($1::uuid[])
order by variant_id
for update`

const isComponentSQL = `
select exists (select from bundle_component where component_id = $1)`

const lockLevelsOfSQL = `
select variant_id, location_id, on_hand, reserved, damaged, safety_stock, incoming, backorder_limit, low_stock, state,
       version, updated_at, covered
from stock_level
where variant_id = any($1::uuid[])
order by variant_id, location_id
for update`

const dropShelvesSQL = `
delete from stock_level
where variant_id = $1`

const dropSignalsSQL = `
delete from stock_signal
where variant_id = $1`

const dropComponentsSQL = `
delete from bundle_component
where bundle_id = $1`

// setBundleSQL keeps the count of those who follow the variant going up: what its shelves counted until now goes in,
// what its next ones count comes out.
const setBundleSQL = `
update stock_item
set is_bundle = $2,
    version = version + 1,
    told_version = told_version + 1,
    follow_base = follow_base + $3 + 1
                - (select coalesce(sum(l.version), 0) from stock_level l where l.variant_id = any($4::uuid[]))
where variant_id = $1`

const addComponentsSQL = `
insert into bundle_component (bundle_id, component_id, position, quantity)
select $1, c.id, c.position, c.quantity
from unnest($2::uuid[], $3::integer[]) with ordinality c(id, quantity, position)`

// item is a locked row of what is known of a variant's stock.
type item struct {
	bundle        bool
	version, told int
}

func (inv *Inventory) setBundle(ctx context.Context, tx pgx.Tx, actor access.Actor, bundle id.ProductVariantID, components []Component, expected *int) error {
	variants, quantities := make([]id.ProductVariantID, len(components)), make([]int32, len(components))
	for i, c := range components {
		variants[i], quantities[i] = c.VariantID, int32(c.Quantity)
	}
	there, err := catalog.HoldVariants(ctx, tx, variants)
	if err != nil {
		return err
	}
	var gone []error
	for i, variant := range variants {
		if !there[variant] {
			gone = append(gone, errNoVariant.At("input", "components", strconv.Itoa(i), "variantId"))
		}
	}
	if len(gone) > 0 {
		return errors.Join(gone...)
	}
	items, err := lockItems(ctx, tx, bundle, variants)
	if err != nil {
		return err
	}
	if v := items[bundle].version; expected != nil && *expected != v {
		return conflict(v).At("input", "expectedVersion")
	}
	if err := mayBeBundle(ctx, tx, bundle, variants, items); err != nil {
		return err
	}
	before, err := Components(ctx, tx, []id.ProductVariantID{bundle})
	if err != nil {
		return err
	}
	from := []id.ProductVariantID{bundle}
	for _, c := range before[bundle] {
		from = append(from, c.VariantID)
	}
	counted, err := inv.leaveShelves(ctx, tx, bundle, from, len(components) > 0)
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(dropComponentsSQL, bundle)
	batch.Queue(setBundleSQL, bundle, len(components) > 0, counted, variants)
	batch.Queue(addComponentsSQL, bundle, variants, quantities)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		if pg.IsForeignKey(err, "bundle_component_component_fkey") || pg.IsForeignKey(err, "stock_level_item_fkey") {
			return errNested.Because(err).At("input", "components")
		}
		return fmt.Errorf("write the bundle %s: %w", bundle, err)
	}
	_, err = inv.log.Append(ctx, tx, bundle, items[bundle].told, actor.By(), "productBundleSet", BundleChanged{components})
	return err
}

// lockItems makes the row of the variant and locks it with those of the others, of which some may not be there.
func lockItems(ctx context.Context, tx pgx.Tx, variant id.ProductVariantID, others []id.ProductVariantID) (map[id.ProductVariantID]item, error) {
	items := map[id.ProductVariantID]item{}
	batch := &pgx.Batch{}
	batch.Queue(addBundleItemSQL, variant)
	batch.Queue(lockItemsSQL, append([]id.ProductVariantID{variant}, others...)).Query(func(rows pgx.Rows) error {
		var at id.ProductVariantID
		var i item
		_, err := pgx.ForEachRow(rows, []any{&at, &i.bundle, &i.version, &i.told}, func() error {
			items[at] = i
			return nil
		})
		return err
	})
	err := tx.SendBatch(ctx, batch).Close()
	switch {
	case pg.IsLockTimeout(err):
		return nil, fault.New(fault.Busy, "BUSY", "Many orders take from this variant at this moment. Try again.").Because(err)
	case err != nil:
		return nil, fmt.Errorf("lock what is known of %s: %w", variant, err)
	}
	return items, nil
}

// mayBeBundle refuses bundles within bundles, and parts that nobody counts. The tables refuse the former as well.
func mayBeBundle(ctx context.Context, tx pgx.Tx, bundle id.ProductVariantID, components []id.ProductVariantID, items map[id.ProductVariantID]item) error {
	var refused []error
	for i, component := range components {
		known, ok := items[component]
		at := []string{"input", "components", strconv.Itoa(i), "variantId"}
		switch {
		case !ok:
			refused = append(refused, fault.New(fault.Conflict, "NOT_TRACKED", "Nobody has counted this variant yet.").At(at...))
		case known.bundle:
			refused = append(refused, errNested.At(at...))
		}
	}
	if len(components) > 0 {
		var part bool
		if err := tx.QueryRow(ctx, isComponentSQL, bundle).Scan(&part); err != nil {
			return fmt.Errorf("read what %s is part of: %w", bundle, err)
		}
		if part {
			refused = append(refused, errNested.At("input", "variantId"))
		}
	}
	return errors.Join(refused...)
}

// leaveShelves locks the shelves that the variant comes from and says how often they have changed. Those of a variant
// that becomes a bundle go, if nothing is on them.
func (inv *Inventory) leaveShelves(ctx context.Context, tx pgx.Tx, bundle id.ProductVariantID, from []id.ProductVariantID, becomes bool) (int64, error) {
	rows, err := tx.Query(ctx, lockLevelsOfSQL, from)
	if err != nil {
		return 0, fmt.Errorf("lock the shelves of %s: %w", bundle, err)
	}
	levels, err := pgx.CollectRows(rows, scanLevel)
	if err != nil {
		return 0, fmt.Errorf("lock the shelves of %s: %w", bundle, err)
	}
	counted, own := int64(0), false
	for _, l := range levels {
		counted += int64(l.Version)
		if l.VariantID != bundle {
			continue
		}
		own = true
		if becomes && (l.OnHand != 0 || l.Reserved != 0 || l.Incoming != 0 || l.Damaged != 0) {
			return 0, fault.New(fault.Conflict, "HAS_STOCK", "Units of this variant are on shelves, promised or on their way.").
				With("quantityAvailable", l.OnHand).At("input", "variantId")
		}
	}
	if !becomes || !own {
		return counted, nil
	}
	batch := &pgx.Batch{}
	batch.Queue(dropShelvesSQL, bundle)
	batch.Queue(dropSignalsSQL, bundle)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("give up the shelves of %s: %w", bundle, err)
	}
	return counted, nil
}
