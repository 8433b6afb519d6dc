package catalog

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// CollectionConnection is one page of collections.
type CollectionConnection = pg.Connection[Collection]

// CollectionEdge is one collection of a page.
type CollectionEdge = pg.Edge[Collection]

// CollectionSortKeys is an order in which collections can be listed.
type CollectionSortKeys string

// The orders of collections. The most relevant come first; all else ascends.
const (
	CollectionsByIDs       CollectionSortKeys = "ID"
	CollectionsByRelevance CollectionSortKeys = "RELEVANCE"
	CollectionsByTitle     CollectionSortKeys = "TITLE"
	CollectionsByUpdate    CollectionSortKeys = "UPDATED_AT"
)

// The pieces of the list's statements, put together as those of products are: see listing.go.
const (
	listedCollections = `
select ` + collectionColumns + `, k.key::text
from collection c
cross join lateral (select `
	matchingCollections = ` as key) k
where ($1 or c.published_at <= now())
  and ($2::text = '' or numnode(plainto_tsquery('simple', $2)) = 0 or c.search @@ plainto_tsquery('english', $2)
       or numnode(plainto_tsquery('english', $2)) = 0 and to_tsvector('simple', c.title) @@ plainto_tsquery('simple', $2))
  and (cardinality($3::integer[]) = 0 or content_matches(c.search, c.title, '{}',
      jsonb_build_object('handle', c.handle, 'collection_type', case when c.rule_based then 'smart' else 'custom' end),
      jsonb_build_object('created_at', c.created_at, 'updated_at', c.updated_at, 'published_at', c.published_at),
      $3, $4::text[], $5::text[], $6::text[], $7::boolean[]))
  and `
	collectionsUp = `
order by k.key, c.id
limit $10`
	collectionsDown = `
order by k.key desc, c.id desc
limit $10`
	collectionRank = `ts_rank(c.search, plainto_tsquery('english', $2))::float8`

	collectionsIDUpSQL      = listedCollections + `c.id` + matchingCollections + `($9::uuid is null or (k.key, c.id) > ($8::text::uuid, $9))` + collectionsUp
	collectionsIDDownSQL    = listedCollections + `c.id` + matchingCollections + `($9::uuid is null or (k.key, c.id) < ($8::text::uuid, $9))` + collectionsDown
	collectionsTitleUpSQL   = listedCollections + `lower(c.title)` + matchingCollections + `($9::uuid is null or (k.key, c.id) > ($8::text, $9))` + collectionsUp
	collectionsTitleDownSQL = listedCollections + `lower(c.title)` + matchingCollections + `($9::uuid is null or (k.key, c.id) < ($8::text, $9))` + collectionsDown
	collectionsTimeUpSQL    = listedCollections + `c.updated_at` + matchingCollections + `($9::uuid is null or (k.key, c.id) > ($8::text::timestamptz, $9))` + collectionsUp
	collectionsTimeDownSQL  = listedCollections + `c.updated_at` + matchingCollections + `($9::uuid is null or (k.key, c.id) < ($8::text::timestamptz, $9))` + collectionsDown
	collectionsRankUpSQL    = listedCollections + collectionRank + matchingCollections + `($9::uuid is null or (k.key, c.id) > ($8::text::float8, $9))` + collectionsUp
	collectionsRankDownSQL  = listedCollections + collectionRank + matchingCollections + `($9::uuid is null or (k.key, c.id) < ($8::text::float8, $9))` + collectionsDown
)

var collectionsSortings = map[CollectionSortKeys]sorting{
	CollectionsByIDs:       {collectionsIDUpSQL, collectionsIDDownSQL},
	CollectionsByRelevance: {collectionsRankDownSQL, collectionsRankUpSQL},
	CollectionsByTitle:     {collectionsTitleUpSQL, collectionsTitleDownSQL},
	CollectionsByUpdate:    {collectionsTimeUpSQL, collectionsTimeDownSQL},
}

// CollectionFields are what a search for collections may name. collection_type is smart for those with rules, else custom.
var CollectionFields = searchsyntax.Fields{
	"title": searchsyntax.Words, "handle": searchsyntax.Text, "collection_type": searchsyntax.OneOf("smart", "custom"),
	"created_at": searchsyntax.Moment, "updated_at": searchsyntax.Moment, "published_at": searchsyntax.Moment,
	"published_status": searchsyntax.Published,
}

// Collections lists the collections that the caller may see and the search asks for. Without words nothing is more
// relevant than the rest, and the list goes by id.
func Collections(ctx context.Context, db pg.DB, actor access.Actor, search string, sort CollectionSortKeys, page pg.Page) (CollectionConnection, error) {
	var none CollectionConnection
	query, err := searchsyntax.Parse(search, CollectionFields)
	if err != nil {
		return none, err
	}
	if sort == CollectionsByRelevance && query.Words == "" {
		sort = CollectionsByIDs
	}
	s, ok := collectionsSortings[sort]
	if !ok {
		return none, unknownSort
	}
	w, err := page.Sorted(string(sort)).Window(2)
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
	t := searchsyntax.Lay(query.Clauses)
	rows, err := db.Query(ctx, statement, SeesAll(actor), query.Words, t.Clauses, t.Fields, t.Ops, t.Values, t.Nots, key, after, w.Fetch())
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
