package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

const productsOfSQL = `
select distinct v.product_id
from listing_variant v
where v.variant_id = any($1::uuid[])`

// StockMoved notes that the stock of a variant, or the terms of its sale, are not what they were: its product is listed
// anew, and so are the bundles that it is part of.
func (s *Search) StockMoved(ctx context.Context, variant id.ProductVariantID) error {
	bundles, err := inventory.BundlesWith(ctx, s.db, []id.ProductVariantID{variant})
	if err != nil {
		return err
	}
	products, err := productsOf(ctx, s.db, append(bundles, variant))
	if err != nil {
		return err
	}
	return Touch(ctx, s.db, products)
}

// productsOf lists the products that variants are listed with.
func productsOf(ctx context.Context, db pg.DB, variants []id.ProductVariantID) ([]id.ProductID, error) {
	rows, err := db.Query(ctx, productsOfSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("find the products of variants: %w", err)
	}
	products, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	if err != nil {
		return nil, fmt.Errorf("find the products of variants: %w", err)
	}
	return products, nil
}

const unlikeStockSQL = `
insert into listing_stale (product_id)
select distinct v.product_id
from listing_variant v
join listing_state s on s.live = v.copy
where v.available = (v.variant_id = any($1::uuid[]))
order by v.product_id
on conflict (product_id) do nothing`

// Reconcile compares what the listing says is available with the stock itself, and notes every product that differs.
// Not all that ends or begins a sale is an event: a location that closes, the last unit of a bundle's part that a bundle
// needs two of. What could not be listed some minutes ago is tried again.
func (s *Search) Reconcile(ctx context.Context) (int, error) {
	if err := tryAgain(ctx, s.db); err != nil {
		return 0, err
	}
	soldOut, err := inventory.SoldOut(ctx, s.db)
	if err != nil {
		return 0, err
	}
	if soldOut == nil {
		soldOut = []id.ProductVariantID{}
	}
	tag, err := s.db.Exec(ctx, unlikeStockSQL, soldOut)
	if err != nil {
		return 0, fmt.Errorf("compare the listing with the stock: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
