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

func (c *Collection) fields() []any {
	return []any{
		&c.ID, &c.Handle, &c.Title, &c.DescriptionHTML, &c.Text, &c.ImageURL, &c.ImageAlt, &c.SEOTitle,
		&c.SEODescription, &c.PublishedOn, &c.CreatedAt, &c.UpdatedAt,
	}
}

func scanCollection(row pgx.CollectableRow) (Collection, error) {
	var c Collection
	err := row.Scan(c.fields()...)
	return c, err
}

const collectionByHandleSQL = `
select c.id, c.handle, c.title, c.description_html, c.description, c.image_url, c.image_alt, c.seo_title,
       c.seo_description, c.published_at, c.created_at, c.updated_at
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
select c.id, c.handle, c.title, c.description_html, c.description, c.image_url, c.image_alt, c.seo_title,
       c.seo_description, c.published_at, c.created_at, c.updated_at
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
select m.product_id,
       c.id, c.handle, c.title, c.description_html, c.description, c.image_url, c.image_alt, c.seo_title,
       c.seo_description, c.published_at, c.created_at, c.updated_at
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

// CollectionConnection is one page of collections.
type CollectionConnection = pg.Connection[Collection]

// CollectionEdge is one collection of a page.
type CollectionEdge = pg.Edge[Collection]

// CollectionSortKeys is an order in which collections can be listed.
type CollectionSortKeys string

// The orders of collections. A search has no ranking among them: relevance is the title.
const (
	CollectionsByIDs       CollectionSortKeys = "ID"
	CollectionsByRelevance CollectionSortKeys = "RELEVANCE"
	CollectionsByTitle     CollectionSortKeys = "TITLE"
	CollectionsByUpdate    CollectionSortKeys = "UPDATED_AT"
)

const listedCollections = `
select c.id, c.handle, c.title, c.description_html, c.description, c.image_url, c.image_alt, c.seo_title,
       c.seo_description, c.published_at, c.created_at, c.updated_at, k.key::text
from collection c
cross join lateral (select `

const (
	matchingCollections = ` as key) k
where ($1 or c.published_at <= now())
  and ($2::text = '' or to_tsvector('simple', c.title) @@ plainto_tsquery('simple', $2))
  and `
	collectionsUp = `
order by k.key, c.id
limit $5`
	collectionsDown = `
order by k.key desc, c.id desc
limit $5`

	collectionsIDUpSQL      = listedCollections + `c.id` + matchingCollections + `($4::uuid is null or (k.key, c.id) > ($3::text::uuid, $4))` + collectionsUp
	collectionsIDDownSQL    = listedCollections + `c.id` + matchingCollections + `($4::uuid is null or (k.key, c.id) < ($3::text::uuid, $4))` + collectionsDown
	collectionsTitleUpSQL   = listedCollections + `lower(c.title)` + matchingCollections + `($4::uuid is null or (k.key, c.id) > ($3::text, $4))` + collectionsUp
	collectionsTitleDownSQL = listedCollections + `lower(c.title)` + matchingCollections + `($4::uuid is null or (k.key, c.id) < ($3::text, $4))` + collectionsDown
	collectionsTimeUpSQL    = listedCollections + `c.updated_at` + matchingCollections + `($4::uuid is null or (k.key, c.id) > ($3::text::timestamptz, $4))` + collectionsUp
	collectionsTimeDownSQL  = listedCollections + `c.updated_at` + matchingCollections + `($4::uuid is null or (k.key, c.id) < ($3::text::timestamptz, $4))` + collectionsDown
)

var collectionsSortings = map[CollectionSortKeys]sorting{
	CollectionsByIDs:       {collectionsIDUpSQL, collectionsIDDownSQL},
	CollectionsByRelevance: {collectionsTitleUpSQL, collectionsTitleDownSQL},
	CollectionsByTitle:     {collectionsTitleUpSQL, collectionsTitleDownSQL},
	CollectionsByUpdate:    {collectionsTimeUpSQL, collectionsTimeDownSQL},
}

// Collections lists the collections that the caller may see and whose title has the words.
func Collections(ctx context.Context, db pg.DB, actor access.Actor, words string, sort CollectionSortKeys, page pg.Page) (CollectionConnection, error) {
	var none CollectionConnection
	s, ok := collectionsSortings[sort]
	if !ok {
		return none, unknownSort
	}
	w, err := page.Window(2)
	if err != nil {
		return none, err
	}
	key, after, err := cursor(w, id.ParseCollectionID)
	if err != nil {
		return none, err
	}
	statement := s.forward
	if w.Descending {
		statement = s.backward
	}
	rows, err := db.Query(ctx, statement, SeesAll(actor), words, key, after, w.Fetch())
	if err != nil {
		return none, fmt.Errorf("list collections: %w", err)
	}
	keys := map[id.CollectionID]string{}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Collection, error) {
		var c Collection
		var key string
		err := row.Scan(append(c.fields(), &key)...)
		keys[c.ID] = key
		return c, err
	})
	if err != nil {
		return none, notOfThisList(err, "list collections")
	}
	return pg.Build(w, found, func(c Collection) []string { return []string{keys[c.ID], c.ID.String()} }), nil
}
