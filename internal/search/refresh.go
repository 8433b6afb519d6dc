package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// refreshBatch is how many products one transaction brings up to date.
const refreshBatch = 250

const takeStaleSQL = `
delete from listing_stale
where product_id in (select t.product_id from listing_stale t order by t.at limit $1)
returning product_id`

// Refresh brings a batch of the products that have changed up to date, and says whether there may be more. What it has
// done leaves the backlog in the same transaction, and so does a product that can't be listed. It may run twice, also side
// by side.
func (s *Search) Refresh(ctx context.Context) (more bool, err error) {
	err = s.inTurn(ctx, func(tx pgx.Tx) error {
		more = false
		changes, err := catalog.TakeChanges(ctx, tx, refreshBatch)
		if err != nil {
			return err
		}
		written := make([]id.ProductID, len(changes))
		for i, c := range changes {
			written[i] = c.Product
		}
		// What is noted comes before what is taken, which others who note it wait for: so they never wait for each other.
		if err := touchBundlesWith(ctx, tx, written); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, takeStaleSQL, refreshBatch)
		if err != nil {
			return fmt.Errorf("take stale products: %w", err)
		}
		products, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
		if err != nil {
			return fmt.Errorf("take stale products: %w", err)
		}
		known := make(map[id.ProductID]bool, len(products))
		for _, product := range products {
			known[product] = true
		}
		for _, product := range written {
			if !known[product] {
				products = append(products, product)
			}
		}
		if len(products) == 0 {
			return nil
		}
		more = true
		copies, err := copiesOf(ctx, tx)
		if err != nil {
			return err
		}
		changed, err := s.listSound(ctx, tx, copies, products)
		if err == nil && changed {
			_, err = position.Advance(ctx, tx, position.Listing)
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("refresh the listing: %w", err)
	}
	return more, nil
}

const listedOfSQL = `
select v.variant_id
from listing_state s
join listing_variant v on v.copy = s.live
where v.product_id = any($1::uuid[])`

// touchBundlesWith notes the products of bundles that have a part among the written products: with one that was withdrawn
// a bundle is not for sale, and with one that is back it is again. What is listed anew for its stock alone is not looked
// at, so that two products with bundles of each other do not list each other for ever.
func touchBundlesWith(ctx context.Context, tx pgx.Tx, written []id.ProductID) error {
	if len(written) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, listedOfSQL, written)
	if err != nil {
		return fmt.Errorf("read what is listed of products: %w", err)
	}
	parts, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductVariantID])
	if err != nil {
		return fmt.Errorf("read what is listed of products: %w", err)
	}
	bundles, err := inventory.BundlesWith(ctx, tx, parts)
	if err != nil || len(bundles) == 0 {
		return err
	}
	products, err := productsOf(ctx, tx, bundles)
	if err != nil {
		return err
	}
	return Touch(ctx, tx, products)
}

// Whoever notes several products does so in the order of their ids, so that no two wait for each other.
const touchSQL = `
insert into listing_stale (product_id)
select t.product_id
from unnest($1::uuid[]) t(product_id)
order by t.product_id
on conflict (product_id) do nothing`

// Touch notes that products must be listed anew for a reason that the catalog does not know.
func Touch(ctx context.Context, db pg.DB, products []id.ProductID) error {
	if len(products) == 0 {
		return nil
	}
	if _, err := db.Exec(ctx, touchSQL, products); err != nil {
		return fmt.Errorf("note stale products: %w", err)
	}
	return nil
}

const copiesSQL = `
select live, building
from listing_state`

// copiesOf names the copies that a change must reach: the live one, and the one that is being built.
func copiesOf(ctx context.Context, tx pgx.Tx) ([]int16, error) {
	var live int16
	var building bool
	if err := tx.QueryRow(ctx, copiesSQL).Scan(&live, &building); err != nil {
		return nil, fmt.Errorf("read the state of the listing: %w", err)
	}
	if building {
		return []int16{live, 1 - live}, nil
	}
	return []int16{live}, nil
}

// list writes products as they are now into copies of the listing, and takes those out that are no more. It says
// whether anything is different now. The caller has the turn.
func list(ctx context.Context, tx pgx.Tx, copies []int16, products []id.ProductID) (changed bool, err error) {
	found, err := catalog.ForListing(ctx, tx, products)
	if err != nil {
		return false, err
	}
	var variants []id.ProductVariantID
	for _, l := range found {
		for _, v := range l.Variants {
			variants = append(variants, v.ID)
		}
	}
	stock, err := inventory.Availability(ctx, tx, variants)
	if err != nil {
		return false, err
	}
	var gone []id.ProductID
	rows := make([]row, 0, len(found))
	for _, product := range products {
		if l, ok := found[product]; ok {
			r, err := rowOf(l, stock)
			if err != nil {
				return false, err
			}
			rows = append(rows, r)
		} else {
			gone = append(gone, product)
		}
	}
	removed, err := remove(ctx, tx, copies, gone)
	if err != nil {
		return false, err
	}
	written, err := write(ctx, tx, copies, rows)
	return removed || written, err
}
