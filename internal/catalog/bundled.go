package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Bundles says which bundles each of the variants is part of. The catalog knows no bundles: whoever does is asked in the
// transaction that takes the variants away, after their rows are held. Who makes a bundle holds its parts with
// HoldVariants, so that one of the two sees what the other did.
type Bundles func(ctx context.Context, tx pgx.Tx, parts []id.ProductVariantID) (map[id.ProductVariantID][]id.ProductVariantID, error)

const variantsToGoSQL = `
select id
from product_variant
where id = any($1::uuid[])
order by id
for update`

const bundlesThereSQL = `
select v.id, p.title, v.title
from product_variant v
join product p on p.id = v.product_id
where v.id = any($1::uuid[])
  and v.id <> all($2::uuid[])
  and v.removed_at is null`

// bundledIn holds the variants that are to go, and names for each that is part of a bundle which stays one such bundle:
// without its part, shoppers could still buy it and nobody could pick it.
func bundledIn(ctx context.Context, tx pgx.Tx, bundles Bundles, going []id.ProductVariantID) (map[id.ProductVariantID]string, error) {
	if bundles == nil || len(going) == 0 {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, variantsToGoSQL, going); err != nil {
		return nil, wrap(err, "hold variants")
	}
	by, err := bundles(ctx, tx, going)
	if err != nil || len(by) == 0 {
		return nil, err
	}
	var asked []id.ProductVariantID
	for _, list := range by {
		asked = append(asked, list...)
	}
	rows, err := tx.Query(ctx, bundlesThereSQL, asked, going)
	if err != nil {
		return nil, wrap(err, "read the bundles of variants")
	}
	names := map[id.ProductVariantID]string{}
	var bundle id.ProductVariantID
	var product, variant string
	_, err = pgx.ForEachRow(rows, []any{&bundle, &product, &variant}, func() error {
		if names[bundle] = product; variant != DefaultTitle {
			names[bundle] = product + " - " + variant
		}
		return nil
	})
	if err != nil {
		return nil, wrap(err, "read the bundles of variants")
	}
	in := map[id.ProductVariantID]string{}
	for part, list := range by {
		for _, bundle := range list {
			if name, there := names[bundle]; there && in[part] == "" {
				in[part] = name
			}
		}
	}
	return in, nil
}

// partOf says that something is part of a bundle.
func partOf(what, bundle string) *fault.Fault {
	return fault.Newf(fault.Conflict, "PART_OF_BUNDLE", "%s is part of the bundle %q. Take it out of the bundle first.", what, clip(bundle))
}

const partsThereSQL = `
select id
from product_variant
where id = any($1::uuid[])
  and removed_at is null
order by id
for key share`

// HoldVariants says which of the variants are there, removed ones left out, and keeps them there until the transaction
// ends.
func HoldVariants(ctx context.Context, tx pgx.Tx, variants []id.ProductVariantID) (map[id.ProductVariantID]bool, error) {
	held, err := idsOf[id.ProductVariantID](ctx, tx, partsThereSQL, variants)
	if pg.IsLockTimeout(err) {
		return nil, fault.New(fault.Busy, "BUSY", "One of the variants is being changed at this moment. Try again.").Because(err)
	}
	there := make(map[id.ProductVariantID]bool, len(held))
	for _, variant := range held {
		there[variant] = true
	}
	return there, wrap(err, "hold variants")
}
