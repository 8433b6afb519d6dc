package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const collectionByHandleSQL = `
select ` + collectionColumns + `
from collection c
where c.handle = $1
  and ($2 or c.published_at <= now())`

// CollectionByHandle reads one collection; one that is not there, or not the caller's to see, is a fault.
func CollectionByHandle(ctx context.Context, db pg.DB, actor access.Actor, handle string) (Collection, error) {
	var c Collection
	switch err := db.QueryRow(ctx, collectionByHandleSQL, handle, SeesAll(actor)).Scan(c.fields()...); {
	case errors.Is(err, pgx.ErrNoRows):
		return Collection{}, fault.New(fault.NotFound, "NOT_FOUND", "There is no such collection.")
	case err != nil:
		return Collection{}, fmt.Errorf("read a collection: %w", err)
	default:
		return c, nil
	}
}

const collectionsByIDSQL = `
select ` + collectionColumns + `
from collection c
where c.id = any((select $1::uuid[])::uuid[])
  and ($2 or c.published_at <= now())`

// CollectionsByID reads collections; one that is not there, or not the caller's to see, is absent from the answer.
func CollectionsByID(ctx context.Context, db pg.DB, actor access.Actor, ids []id.CollectionID) (map[id.CollectionID]Collection, error) {
	rows, err := db.Query(ctx, collectionsByIDSQL, ids, SeesAll(actor))
	if err != nil {
		return nil, fmt.Errorf("read collections: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanCollection)
	if err != nil {
		return nil, fmt.Errorf("read collections: %w", err)
	}
	by := make(map[id.CollectionID]Collection, len(found))
	for _, c := range found {
		by[c.ID] = c
	}
	return by, nil
}

const collectionsByProductSQL = `
select m.product_id, ` + collectionColumns + `
from collection_product m
join collection c on c.id = m.collection_id
where m.product_id = any((select $1::uuid[])::uuid[])
  and ($2 or c.published_at <= now())
order by m.product_id, lower(c.title), c.id`

// CollectionsByProduct reads the collections that the products are in, by title.
func CollectionsByProduct(ctx context.Context, db pg.DB, actor access.Actor, products []id.ProductID) (map[id.ProductID][]Collection, error) {
	rows, err := db.Query(ctx, collectionsByProductSQL, products, SeesAll(actor))
	if err != nil {
		return nil, fmt.Errorf("read the products' collections: %w", err)
	}
	by := make(map[id.ProductID][]Collection, len(products))
	var product id.ProductID
	var c Collection
	_, err = pgx.ForEachRow(rows, append([]any{&product}, c.fields()...), func() error {
		by[product] = append(by[product], c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the products' collections: %w", err)
	}
	return by, nil
}
