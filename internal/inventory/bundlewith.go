package inventory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const bundlesWithSQL = `
select distinct bundle_id
from bundle_component
where component_id = any($1::uuid[])`

// BundlesWith lists the bundles that any of the variants is part of.
func BundlesWith(ctx context.Context, db pg.DB, variants []id.ProductVariantID) ([]id.ProductVariantID, error) {
	rows, err := db.Query(ctx, bundlesWithSQL, variants)
	if err != nil {
		return nil, fmt.Errorf("find the bundles with variants: %w", err)
	}
	bundles, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductVariantID])
	if err != nil {
		return nil, fmt.Errorf("find the bundles with variants: %w", err)
	}
	return bundles, nil
}
