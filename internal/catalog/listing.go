package catalog

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// ProductConnection is one page of products.
type ProductConnection = pg.Connection[Product]

// ProductEdge is one product of a page.
type ProductEdge = pg.Edge[Product]

// ProductSortKeys is an order in which products can be listed.
type ProductSortKeys string

// The orders of products. The best selling and the most relevant come first; all else ascends.
const (
	SortBestSelling ProductSortKeys = "BEST_SELLING"
	SortCreatedAt   ProductSortKeys = "CREATED_AT"
	SortID          ProductSortKeys = "ID"
	SortPrice       ProductSortKeys = "PRICE"
	SortProductType ProductSortKeys = "PRODUCT_TYPE"
	SortRelevance   ProductSortKeys = "RELEVANCE"
	SortTitle       ProductSortKeys = "TITLE"
	SortUpdatedAt   ProductSortKeys = "UPDATED_AT"
	SortVendor      ProductSortKeys = "VENDOR"
)

// ProductCollectionSortKeys is an order in which a collection's products can be listed.
type ProductCollectionSortKeys string

// The orders of a collection's products. Its own order is the one in which they were put.
const (
	CollectionBestSelling ProductCollectionSortKeys = "BEST_SELLING"
	CollectionDefault     ProductCollectionSortKeys = "COLLECTION_DEFAULT"
	CollectionCreated     ProductCollectionSortKeys = "CREATED"
	CollectionID          ProductCollectionSortKeys = "ID"
	CollectionManual      ProductCollectionSortKeys = "MANUAL"
	CollectionPrice       ProductCollectionSortKeys = "PRICE"
	CollectionRelevance   ProductCollectionSortKeys = "RELEVANCE"
	CollectionTitle       ProductCollectionSortKeys = "TITLE"
)

// The pieces of a list's statement. The statements differ only in what they are sorted by: an index can serve only an
// order that stands in the statement itself. Every key is followed by the id, so that pages neither repeat nor skip a
// product, and comes back as text, to be the cursor.
const (
	listed = `
select p.id, p.handle, p.title, p.description_html, p.description, p.vendor, p.product_type, p.tags, p.status,
       p.published_at, p.gift_card, p.seo_title, p.seo_description, p.option_names, p.currency, p.min_price,
       p.max_price, p.min_compare_at, p.max_compare_at, p.variants_count, p.units_sold, p.created_at, p.updated_at,
       k.key::text
from product p
left join collection_product m on m.product_id = p.id and m.collection_id = $2::uuid
cross join lateral (select `
	matching = ` as key) k
where ($1 or (p.status = 'ACTIVE' and p.published_at <= now()))
  and ($2::uuid is null or m.collection_id is not null)
  and ($3::text = '' or numnode(plainto_tsquery('english', $3)) = 0 or p.search @@ plainto_tsquery('english', $3))
  and (cardinality($4::integer[]) = 0
       or product_matches(p, $4, $5::text[], $6::text[], $7::text[], $8::boolean[], $9::uuid[]))
  and (cardinality($10::text[]) = 0 or p.tag_keys @> $10)
  and (cardinality($11::text[]) = 0 or not p.tag_keys && $11)
  and ($12::text is null or lower(p.vendor) = $12)
  and ($13::text is null or lower(p.product_type) = $13)
  and ($14::boolean is null or $14 = exists (
      select
      from product_variant v
      where v.product_id = p.id
        and v.removed_at is null
        and v.id <> all ($9::uuid[])
  ))
  and `
	ascends = `
order by k.key, p.id
limit $17`
	descends = `
order by k.key desc, p.id desc
limit $17`
	idUp      = matching + `($16::uuid is null or (k.key, p.id) > ($15::text::uuid, $16))` + ascends
	idDown    = matching + `($16::uuid is null or (k.key, p.id) < ($15::text::uuid, $16))` + descends
	textUp    = matching + `($16::uuid is null or (k.key, p.id) > ($15::text, $16))` + ascends
	textDown  = matching + `($16::uuid is null or (k.key, p.id) < ($15::text, $16))` + descends
	timeUp    = matching + `($16::uuid is null or (k.key, p.id) > ($15::text::timestamptz, $16))` + ascends
	timeDown  = matching + `($16::uuid is null or (k.key, p.id) < ($15::text::timestamptz, $16))` + descends
	wholeUp   = matching + `($16::uuid is null or (k.key, p.id) > ($15::text::bigint, $16))` + ascends
	wholeDown = matching + `($16::uuid is null or (k.key, p.id) < ($15::text::bigint, $16))` + descends
	rankUp    = matching + `($16::uuid is null or (k.key, p.id) > ($15::text::float8, $16))` + ascends
	rankDown  = matching + `($16::uuid is null or (k.key, p.id) < ($15::text::float8, $16))` + descends

	productsIDUpSQL        = listed + `p.id` + idUp
	productsIDDownSQL      = listed + `p.id` + idDown
	productsTitleUpSQL     = listed + `lower(p.title)` + textUp
	productsTitleDownSQL   = listed + `lower(p.title)` + textDown
	productsTypeUpSQL      = listed + `lower(p.product_type)` + textUp
	productsTypeDownSQL    = listed + `lower(p.product_type)` + textDown
	productsVendorUpSQL    = listed + `lower(p.vendor)` + textUp
	productsVendorDownSQL  = listed + `lower(p.vendor)` + textDown
	productsCreatedUpSQL   = listed + `p.created_at` + timeUp
	productsCreatedDownSQL = listed + `p.created_at` + timeDown
	productsUpdatedUpSQL   = listed + `p.updated_at` + timeUp
	productsUpdatedDownSQL = listed + `p.updated_at` + timeDown
	productsPriceUpSQL     = listed + `p.min_price` + wholeUp
	productsPriceDownSQL   = listed + `p.min_price` + wholeDown
	productsSoldUpSQL      = listed + `p.units_sold` + wholeUp
	productsSoldDownSQL    = listed + `p.units_sold` + wholeDown
	productsPlaceUpSQL     = listed + `m.position` + wholeUp
	productsPlaceDownSQL   = listed + `m.position` + wholeDown
	productsRankUpSQL      = listed + `ts_rank(p.search, plainto_tsquery('english', $3))::float8` + rankUp
	productsRankDownSQL    = listed + `ts_rank(p.search, plainto_tsquery('english', $3))::float8` + rankDown
)

// sorting is an order of the list, forward and turned around.
type sorting struct{ forward, backward string }

var sortings = map[ProductSortKeys]sorting{
	SortBestSelling: {productsSoldDownSQL, productsSoldUpSQL},
	SortCreatedAt:   {productsCreatedUpSQL, productsCreatedDownSQL},
	SortID:          {productsIDUpSQL, productsIDDownSQL},
	SortPrice:       {productsPriceUpSQL, productsPriceDownSQL},
	SortProductType: {productsTypeUpSQL, productsTypeDownSQL},
	SortRelevance:   {productsRankDownSQL, productsRankUpSQL},
	SortTitle:       {productsTitleUpSQL, productsTitleDownSQL},
	SortUpdatedAt:   {productsUpdatedUpSQL, productsUpdatedDownSQL},
	SortVendor:      {productsVendorUpSQL, productsVendorDownSQL},
}

var collectionSortings = map[ProductCollectionSortKeys]sorting{
	CollectionBestSelling: sortings[SortBestSelling],
	CollectionDefault:     {productsPlaceUpSQL, productsPlaceDownSQL},
	CollectionCreated:     sortings[SortCreatedAt],
	CollectionID:          sortings[SortID],
	CollectionManual:      {productsPlaceUpSQL, productsPlaceDownSQL},
	CollectionPrice:       sortings[SortPrice],
	CollectionRelevance:   {productsPlaceUpSQL, productsPlaceDownSQL},
	CollectionTitle:       sortings[SortTitle],
}

// Listing says which products are wanted, besides the page.
type Listing struct {
	Query   Query
	SoldOut []id.ProductVariantID // the variants of which nothing can be shipped, where Query.NeedsStock
}

// Products lists the products that the caller may see and the search asks for.
func Products(ctx context.Context, db pg.DB, actor access.Actor, l Listing, sort ProductSortKeys, page pg.Page) (ProductConnection, error) {
	s, ok := sortings[sort]
	if !ok {
		return ProductConnection{}, unknownSort
	}
	if sort == SortRelevance && l.Query.text == "" {
		s = sortings[SortID]
	}
	return list(ctx, db, actor, nil, l, s, page)
}

// CollectionProducts lists the products of a collection that the caller may see.
func CollectionProducts(ctx context.Context, db pg.DB, actor access.Actor, collection id.CollectionID, sort ProductCollectionSortKeys, page pg.Page) (ProductConnection, error) {
	s, ok := collectionSortings[sort]
	if !ok {
		return ProductConnection{}, unknownSort
	}
	return list(ctx, db, actor, &collection, Listing{}, s, page)
}

var unknownSort = fault.New(fault.Invalid, "BAD_USER_INPUT", "The list can't be sorted by that.").At("sortKey")

func list(ctx context.Context, db pg.DB, actor access.Actor, collection *id.CollectionID, l Listing, s sorting, page pg.Page) (ProductConnection, error) {
	w, err := page.Window(2)
	if err != nil {
		return ProductConnection{}, err
	}
	key, after, err := cursor(w, id.ParseProductID)
	if err != nil {
		return ProductConnection{}, err
	}
	statement := s.forward
	if w.Descending {
		statement = s.backward
	}
	terms := searchsyntax.Lay(l.Query.clauses)
	if l.Query.tags == nil {
		l.Query.tags, l.Query.without = []string{}, []string{}
	}
	soldOut := l.SoldOut
	if soldOut == nil {
		soldOut = []id.ProductVariantID{}
	}
	rows, err := db.Query(ctx, statement, SeesAll(actor), collection, l.Query.text, terms.Clauses, terms.Fields, terms.Ops, terms.Values, terms.Nots,
		soldOut, l.Query.tags, l.Query.without, l.Query.vendor, l.Query.kind, l.Query.forSale, key, after, w.Fetch())
	if err != nil {
		return ProductConnection{}, fmt.Errorf("list products: %w", err)
	}
	keys := map[id.ProductID]string{}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Product, error) {
		var p Product
		var key string
		err := row.Scan(append(p.fields(), &key)...)
		keys[p.ID] = key
		return p, err
	})
	if err != nil {
		return ProductConnection{}, notOfThisList(err, "list products")
	}
	return pg.Build(w, found, func(p Product) []string { return []string{keys[p.ID], p.ID.String()} }), nil
}

// cursor gives the place after which a page begins: the key and the id; both nil at the list's beginning.
func cursor[ID any](w pg.Window, parse func(string) (ID, error)) (key *string, after *ID, err error) {
	if w.Cursor == nil {
		return nil, nil, nil
	}
	at, err := parse(w.Cursor[1])
	if err != nil {
		return nil, nil, badCursor.Because(err)
	}
	return &w.Cursor[0], &at, nil
}

var badCursor = fault.New(fault.Invalid, "BAD_USER_INPUT", "The cursor is not one of this list.")

// notOfThisList tells a cursor whose key is no value of the list's order, which PostgreSQL refuses as data, from
// every other error.
func notOfThisList(err error, doing string) error {
	if strings.HasPrefix(pg.SQLState(err), "22") {
		return badCursor.Because(err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
