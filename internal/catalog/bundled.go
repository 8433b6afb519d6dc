package catalog

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Bundles is what the catalog asks about bundles, of which it knows nothing; the zero value asks nobody. With is asked in
// the transaction that takes variants away, after their rows are held. Who makes a bundle, or brings one back, holds its
// parts with HoldVariants, so that one of the two sees what the other did.
type Bundles struct {
	With  BundlesOf // which bundles variants are part of
	Parts BundlesOf // of which variants bundles are made
}

// BundlesOf relates variants to variants; one that is related to none is absent from the answer.
type BundlesOf func(ctx context.Context, tx pgx.Tx, variants []id.ProductVariantID) (map[id.ProductVariantID][]id.ProductVariantID, error)

// crossing is what a write does to variants that were there before.
type crossing struct{ going, coming []storedVariant }

// crossed tells the variants that a write takes away, and those that it brings back.
func crossed(was, to []storedVariant) (c crossing) {
	removed := make(map[id.ProductVariantID]bool, len(to))
	for i := range to {
		removed[to[i].ID] = to[i].removed
	}
	for i := range was {
		switch goes, there := removed[was[i].ID]; {
		case !there || goes == was[i].removed:
		case goes:
			c.going = append(c.going, was[i])
		default:
			c.coming = append(c.coming, was[i])
		}
	}
	return c
}

func idsOfVariants(variants []storedVariant) []id.ProductVariantID {
	ids := make([]id.ProductVariantID, len(variants))
	for i, v := range variants {
		ids[i] = v.ID
	}
	return ids
}

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
	if bundles.With == nil || len(going) == 0 {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, variantsToGoSQL, going); err != nil {
		return nil, wrap(err, "hold variants")
	}
	by, err := bundles.With(ctx, tx, going)
	if err != nil || len(by) == 0 {
		return nil, err
	}
	var asked []id.ProductVariantID
	for _, list := range by {
		asked = append(asked, list...)
	}
	names, err := variantNames(ctx, tx, bundlesThereSQL, asked, going)
	if err != nil {
		return nil, err
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

// variantNames gives what shoppers call the variants that a statement finds.
func variantNames(ctx context.Context, tx pgx.Tx, statement string, args ...any) (map[id.ProductVariantID]string, error) {
	rows, err := tx.Query(ctx, statement, args...)
	if err != nil {
		return nil, wrap(err, "read the names of variants")
	}
	names := map[id.ProductVariantID]string{}
	var at id.ProductVariantID
	var product, variant string
	_, err = pgx.ForEachRow(rows, []any{&at, &product, &variant}, func() error {
		if names[at] = product; variant != DefaultTitle {
			names[at] = product + " - " + variant
		}
		return nil
	})
	return names, wrap(err, "read the names of variants")
}

const partNamesSQL = `
select v.id, p.title, v.title
from product_variant v
join product p on p.id = v.product_id
where v.id = any($1::uuid[])`

// lackingIn names for each bundle that comes back, but not all of whose parts are there once the write is done, one that
// is not. It keeps the others there.
func lackingIn(ctx context.Context, tx pgx.Tx, bundles Bundles, c crossing) (map[id.ProductVariantID]string, error) {
	if bundles.Parts == nil || len(c.coming) == 0 {
		return nil, nil
	}
	coming := idsOfVariants(c.coming)
	made, err := bundles.Parts(ctx, tx, coming)
	if err != nil || len(made) == 0 {
		return nil, err
	}
	var parts []id.ProductVariantID
	for _, list := range made {
		parts = append(parts, list...)
	}
	there, err := HoldVariants(ctx, tx, parts)
	if err != nil {
		return nil, err
	}
	for _, v := range coming {
		there[v] = true
	}
	for _, v := range idsOfVariants(c.going) {
		there[v] = false
	}
	names, err := variantNames(ctx, tx, partNamesSQL, parts)
	lacking := map[id.ProductVariantID]string{}
	for bundle, list := range made {
		for _, part := range list {
			if !there[part] && lacking[bundle] == "" {
				lacking[bundle] = cmp.Or(clip(names[part]), part.String())
			}
		}
	}
	return lacking, err
}

// lacks says that a bundle can't come back.
func lacks(variant, part string) *fault.Fault {
	return fault.Newf(fault.Conflict, "PART_GONE", "The variant %q is a bundle with a part that is gone: %q. Say first what the bundle is made of.", clip(variant), part)
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
