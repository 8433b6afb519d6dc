package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// MetafieldsSetInput has metafields to write, all or none.
type MetafieldsSetInput struct{ Metafields []MetafieldsSetEntry }

// MetafieldsSetEntry is a metafield to write.
type MetafieldsSetEntry struct {
	OwnerID   string
	Namespace *string
	Key       string
	Type      *string
	Value     string
}

// MetafieldsDeleteInput has metafields to delete.
type MetafieldsDeleteInput struct{ Metafields []MetafieldsDeleteEntry }

// MetafieldsDeleteEntry is a metafield to delete.
type MetafieldsDeleteEntry struct {
	OwnerID   string
	Namespace *string
	Key       string
}

// ownerKinds are the kinds of ids that may own metafields.
var ownerKinds = map[string]MetafieldOwner{"Product": OfProduct, "ProductVariant": OfVariant, "Collection": OfCollection}

// SetMetafields writes metafields of products, variants and collections, and gives them in the order of the input with
// the position of the change. Written again they are what they are.
func SetMetafields(ctx context.Context, pool *pgxpool.Pool, in MetafieldsSetInput) (written []Metafield, at int64, err error) {
	err = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		var p input.Problems
		names := make([]metafieldOwned, len(in.Metafields))
		for i, entry := range in.Metafields {
			names[i] = metafieldOwned{entry.OwnerID, MetafieldInput{entry.Namespace, entry.Key, entry.Type, entry.Value}}
		}
		wishes, products, err := holdOwners(ctx, tx, names, &p)
		if err != nil {
			return err
		}
		var owners [][16]byte
		if written, owners, err = writeMetafields(ctx, tx, wishes, &p); err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		at, err = changedOwners(ctx, tx, owners, products)
		return err
	})
	return written, at, err
}

const deleteMetafieldsSQL = `
delete from metafield
where id = any($1::uuid[])`

// DeleteMetafields takes metafields away and gives the ids of those that were there.
func DeleteMetafields(ctx context.Context, pool *pgxpool.Pool, in MetafieldsDeleteInput) (gone []id.MetafieldID, at int64, err error) {
	err = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		var p input.Problems
		names := make([]metafieldOwned, len(in.Metafields))
		for i, entry := range in.Metafields {
			names[i] = metafieldOwned{entry.OwnerID, MetafieldInput{Namespace: entry.Namespace, Key: entry.Key}}
		}
		wishes, products, err := holdOwners(ctx, tx, names, &p)
		if err != nil {
			return err
		}
		checkNames(wishes, &p)
		if err := p.Err(); err != nil {
			return err
		}
		wanted := make([]metafieldName, len(wishes))
		for i, w := range wishes {
			wanted[i] = w.name()
		}
		there, err := metafieldsNamed(ctx, tx, wanted)
		if err != nil {
			return err
		}
		var owners [][16]byte
		gone = []id.MetafieldID{}
		for _, name := range wanted {
			if m, ok := there[name]; ok {
				gone, owners = append(gone, m.ID), append(owners, m.OwnerID)
			}
		}
		if _, err := tx.Exec(ctx, deleteMetafieldsSQL, gone); err != nil {
			return fmt.Errorf("delete metafields: %w", err)
		}
		at, err = changedOwners(ctx, tx, owners, products)
		return err
	})
	return gone, at, err
}

// metafieldOwned is a metafield with the id of its owner as the caller wrote it.
type metafieldOwned struct {
	owner string
	in    MetafieldInput
}

const holdOwnersSQL = `
with products as (
    select id, id as product_id from product where id = any($1::uuid[]) order by id for key share
), variants as (
    select id, product_id from product_variant where id = any($1::uuid[]) order by id for key share
), collections as (
    select id, null::uuid as product_id from collection where id = any($1::uuid[]) order by id for key share
)
select 'PRODUCT', id, product_id from products
union all
select 'VARIANT', id, product_id from variants
union all
select 'COLLECTION', id, product_id from collections`

// holdOwners finds the owners of metafields and keeps them from being deleted until the transaction ends; one that is not
// there is among the problems. products has the product of each owner that is one or belongs to one.
func holdOwners(ctx context.Context, tx pgx.Tx, names []metafieldOwned, p *input.Problems) (wishes []metafieldWish, products map[[16]byte]id.ProductID, err error) {
	if len(names) > maxMetafields {
		return nil, nil, fault.Newf(fault.Invalid, "TOO_MANY", "There are more than %d metafields.", maxMetafields).At("input", "metafields")
	}
	owners := make([]id.Global, len(names))
	var ids [][16]byte
	for i, name := range names {
		if global, err := id.Parse(name.owner); err == nil && ownerKinds[global.Kind] != "" {
			owners[i], ids = global, append(ids, global.UUID)
		}
	}
	rows, err := tx.Query(ctx, holdOwnersSQL, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("hold the owners of metafields: %w", err)
	}
	there := map[[16]byte]MetafieldOwner{}
	products = map[[16]byte]id.ProductID{}
	var kind MetafieldOwner
	var owner [16]byte
	var product *id.ProductID
	if _, err := pgx.ForEachRow(rows, []any{&kind, &owner, &product}, func() error {
		there[owner] = kind
		if product != nil {
			products[owner] = *product
		}
		return nil
	}); err != nil {
		return nil, nil, fmt.Errorf("hold the owners of metafields: %w", err)
	}
	for i, name := range names {
		path := []string{"metafields", strconv.Itoa(i)}
		kind := ownerKinds[owners[i].Kind]
		absent := kind == "" || there[owners[i].UUID] != kind
		if absent {
			p.Add(input.ErrAbsent.At("input", "metafields", strconv.Itoa(i), "ownerId"))
		}
		wishes = append(wishes, metafieldWish{kind, owners[i].UUID, name.in, path, absent})
	}
	return wishes, products, nil
}

// changedOwners notes that metafields of the owners changed, and gives the position: where nothing did, the one that
// the catalog has.
func changedOwners(ctx context.Context, tx pgx.Tx, owners [][16]byte, products map[[16]byte]id.ProductID) (int64, error) {
	if len(owners) == 0 {
		return standing(ctx, tx)
	}
	touched := []id.ProductID{}
	for _, owner := range owners {
		if product, ok := products[owner]; ok && !slices.Contains(touched, product) {
			touched = append(touched, product)
		}
	}
	return changed(ctx, tx, touched)
}

// standing is the catalog's position when nothing changes it.
func standing(ctx context.Context, db pg.DB) (int64, error) {
	all, err := position.Current(ctx, db)
	return all[position.Catalog], err
}
