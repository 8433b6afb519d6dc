package catalog

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
)

// CollectionProductsInput says which products join a collection, leave it or move within it.
type CollectionProductsInput struct {
	CollectionID    string
	ProductIDs      []string
	Position        *int // from 0
	ExpectedVersion *int
}

// AddToCollection puts products into a collection, at a place or at its end, in the order in which they are named. One
// that is in it already stays where it is.
func AddToCollection(ctx context.Context, db Database, in CollectionProductsInput) (Collection, error) {
	return rearrange(ctx, db, in, func(members, products []id.ProductID) []id.ProductID {
		return joined(members, products, in.Position)
	})
}

// RemoveFromCollection takes products out of a collection. One that is not in it is passed over.
func RemoveFromCollection(ctx context.Context, db Database, in CollectionProductsInput) (Collection, error) {
	return rearrange(ctx, db, in, without)
}

// MoveInCollection takes members to another place in the collection's own order. A product that is no member is passed
// over.
func MoveInCollection(ctx context.Context, db Database, in CollectionProductsInput) (Collection, error) {
	return rearrange(ctx, db, in, func(members, products []id.ProductID) []id.ProductID {
		return moved(members, products, in.Position)
	})
}

const touchCollectionSQL = `
update collection
set version = version + 1, updated_at = now()
where id = $1
returning version, updated_at`

func rearrange(ctx context.Context, db Database, in CollectionProductsInput, to func(members, products []id.ProductID) []id.ProductID) (c Collection, err error) {
	err = pg.InTx(ctx, db, func(tx pgx.Tx) error {
		var members []id.ProductID
		if c, members, err = lockMembers(ctx, tx, in.CollectionID, in.ExpectedVersion, "collectionId"); err != nil {
			return err
		}
		if c.RuleBased {
			return errRuleBased.At("input", "collectionId")
		}
		var p input.Problems
		if in.Position != nil && *in.Position < 0 {
			p.Add(fault.New(fault.Invalid, "INVALID", "Places are counted from 0.").At("input", "position"))
		}
		products, err := readProducts(ctx, tx, in.ProductIDs, &p)
		if err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		wants := to(members, products)
		if slices.Equal(wants, members) {
			return nil
		}
		if err := tx.QueryRow(ctx, touchCollectionSQL, c.ID).Scan(&c.Version, &c.UpdatedAt); err != nil {
			return wrap(err, "change a collection")
		}
		return arrange(ctx, tx, c.ID, members, wants)
	})
	return c, err
}

// lockMembers reads a collection and its members and holds both until the transaction ends.
func lockMembers(ctx context.Context, tx pgx.Tx, text string, expected *int, field string) (Collection, []id.ProductID, error) {
	var p input.Problems
	who := input.Named(access.SystemActor, "Collection", &text, nil, nil, &p)
	if p.Err() != nil {
		return Collection{}, nil, input.ErrAbsent.At("input", field)
	}
	c, _, err := input.Locked(ctx, tx, lockCollectionSQL, (*Collection).fields, &who, nil)
	if fault.IsKind(err, fault.NotFound) {
		err = input.ErrAbsent.At("input", field)
	}
	if err != nil {
		return c, nil, err
	}
	if err := input.Stale(expected, c.Version); err != nil {
		return c, nil, err
	}
	members, err := membersOf(ctx, tx, c.ID)
	return c, members, err
}

const membersSQL = `
select product_id
from collection_product
where collection_id = $1
order by position, product_id`

// membersOf reads a collection's members in its own order.
func membersOf(ctx context.Context, db pg.DB, collection id.CollectionID) ([]id.ProductID, error) {
	rows, err := db.Query(ctx, membersSQL, collection)
	if err != nil {
		return nil, wrap(err, "read a collection's products")
	}
	members, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	return members, wrap(err, "read a collection's products")
}

const dropMembersSQL = `
delete from collection_product
where collection_id = $1
  and product_id = any($2::uuid[])`

// placeMembersSQL writes only the places that change.
const placeMembersSQL = `
insert into collection_product as m (collection_id, product_id, position)
select $1, w.product_id, w.position
from unnest($2::uuid[]) with ordinality w(product_id, position)
on conflict (collection_id, product_id) do update
set position = excluded.position
where m.position <> excluded.position`

// arrange makes the members what they are to be, with two statements, however many there are.
func arrange(ctx context.Context, tx pgx.Tx, collection id.CollectionID, were, wants []id.ProductID) error {
	if len(wants) > maxMembers && len(wants) > len(were) {
		return fault.Newf(fault.Invalid, "TOO_MANY", "A collection without rules has at most %d products.", maxMembers).
			At("input", "productIds")
	}
	left, came := without(were, wants), without(wants, were)
	if _, err := tx.Exec(ctx, dropMembersSQL, collection, left); err != nil {
		return wrap(err, "take products out of a collection")
	}
	if _, err := tx.Exec(ctx, placeMembersSQL, collection, wants); err != nil {
		return wrap(err, "put products into a collection")
	}
	_, err := regrouped(ctx, tx, append(left, came...))
	return err
}
