package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// ProductConnection is one page of products, with what its list can be filtered by.
type ProductConnection struct {
	Edges    []catalog.ProductEdge
	Nodes    []catalog.Product
	PageInfo pg.PageInfo

	Filterable Filterable
}

// sorting is an order of a list, forward and turned around.
type sorting struct{ forward, backward string }

// The orders of products. The best selling and the most relevant come first; all else ascends.
var sortings = map[catalog.ProductSortKeys]sorting{
	catalog.SortBestSelling: {productsSoldDownSQL, productsSoldUpSQL},
	catalog.SortCreatedAt:   {productsCreatedUpSQL, productsCreatedDownSQL},
	catalog.SortID:          {productsIDUpSQL, productsIDDownSQL},
	catalog.SortPrice:       {productsPriceUpSQL, productsPriceDownSQL},
	catalog.SortProductType: {productsTypeUpSQL, productsTypeDownSQL},
	catalog.SortRelevance:   {productsRankDownSQL, productsRankUpSQL},
	catalog.SortTitle:       {productsTitleUpSQL, productsTitleDownSQL},
	catalog.SortUpdatedAt:   {productsUpdatedUpSQL, productsUpdatedDownSQL},
	catalog.SortVendor:      {productsVendorUpSQL, productsVendorDownSQL},
}

// The orders of a collection's products. Relevance there is the collection's own order.
var collectionSortings = map[catalog.ProductCollectionSortKeys]sorting{
	catalog.CollectionBestSelling: {membersSoldDownSQL, membersSoldUpSQL},
	catalog.CollectionDefault:     {membersPlaceUpSQL, membersPlaceDownSQL},
	catalog.CollectionCreated:     {membersCreatedUpSQL, membersCreatedDownSQL},
	catalog.CollectionID:          {membersIDUpSQL, membersIDDownSQL},
	catalog.CollectionManual:      {membersPlaceUpSQL, membersPlaceDownSQL},
	catalog.CollectionPrice:       {membersPriceUpSQL, membersPriceDownSQL},
	catalog.CollectionRelevance:   {membersPlaceUpSQL, membersPlaceDownSQL},
	catalog.CollectionTitle:       {membersTitleUpSQL, membersTitleDownSQL},
}

var unknownSort = fault.New(fault.Invalid, "BAD_USER_INPUT", "The list can't be sorted by that.").At("sortKey")

// Products lists the products that the caller may see and the search asks for.
func (s *Search) Products(ctx context.Context, actor access.Actor, query string, sort catalog.ProductSortKeys, page pg.Page) (ProductConnection, error) {
	if _, ok := sortings[sort]; !ok {
		return ProductConnection{}, unknownSort
	}
	shop, err := s.settings(ctx)
	if err != nil {
		return ProductConnection{}, err
	}
	q, err := ParseQuery(query, shop.Currency)
	if err != nil {
		return ProductConnection{}, err
	}
	if sort == catalog.SortRelevance && q.text == "" {
		sort = catalog.SortID
	}
	scope := scopeOf(actor, q)
	pages, err := s.list(ctx, actor, sortings[sort], page.Sorted(string(sort)), scope, 1)
	if err != nil {
		return ProductConnection{}, err
	}
	pages[0].Filterable = Filterable{asked: &facetsAsked{filters{}.count(facetsOfAll), scope, shop.Currency, 1}}
	return pages[0], nil
}

// ProductsByCollection lists of each collection the products that the caller may see and that meet the filters, all of
// them in one statement, and the products in another.
func (s *Search) ProductsByCollection(ctx context.Context, actor access.Actor, collections []id.CollectionID, by []ProductFilter, sort catalog.ProductCollectionSortKeys, page pg.Page) (map[id.CollectionID]ProductConnection, error) {
	order, ok := collectionSortings[sort]
	if !ok {
		return nil, unknownSort
	}
	if sort == catalog.CollectionDefault || sort == catalog.CollectionRelevance {
		sort = catalog.CollectionManual
	}
	shop, err := s.settings(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.filters(ctx, by, shop.Currency, "filters")
	if err != nil {
		return nil, err
	}
	scope := append(f.arguments(actor), collections)
	pages, err := s.list(ctx, actor, order, page.Sorted(string(sort)), scope, len(collections))
	if err != nil {
		return nil, err
	}
	asked := &facetsAsked{f.count(facetsOfCollections), scope, shop.Currency, len(collections)}
	lists := make(map[id.CollectionID]ProductConnection, len(collections))
	for i, collection := range collections {
		pages[i].Filterable = Filterable{asked, i}
		lists[collection] = pages[i]
	}
	return lists, nil
}

// scopeOf lays out the arguments that say which of all products a list has: $1 to $17 of its statements.
func scopeOf(actor access.Actor, q Query) []any {
	terms := searchsyntax.Lay(q.clauses)
	return append(filters{}.arguments(actor), nil, q.text, terms.Clauses, terms.Fields, terms.Ops, terms.Values, terms.Nots,
		q.tags, q.without, q.vendor, q.kind, q.forSale)
}

// place is where a product, or another thing, stands in a list.
type place[ID any] struct {
	id  ID
	key string
}

// list reads which products the pages of lists have from the listing, and the products themselves from the catalog. One
// that is gone, or kept back, since it was listed is left out of its page.
func (s *Search) list(ctx context.Context, actor access.Actor, order sorting, page pg.Page, scope []any, lists int) ([]ProductConnection, error) {
	w, err := page.Window(2)
	if err != nil {
		return nil, err
	}
	key, from, err := cursor(w, id.ParseProductID)
	if err != nil {
		return nil, err
	}
	statement := order.forward
	if w.Descending {
		statement = order.backward
	}
	rows, err := s.from.Query(ctx, statement, append(slices.Clone(scope), key, from, w.Fetch())...)
	if err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	places := make([][]place[id.ProductID], lists)
	var list int
	var p place[id.ProductID]
	_, err = pgx.ForEachRow(rows, []any{&list, &p.id, &p.key}, func() error {
		places[list-1] = append(places[list-1], p)
		return nil
	})
	if err != nil {
		return nil, notOfThisList(err, "list products")
	}
	found := make([]pg.Connection[place[id.ProductID]], lists)
	var ids []id.ProductID
	for i := range places {
		found[i] = pg.Build(w, places[i], func(p place[id.ProductID]) []string { return []string{p.key, p.id.String()} })
		for _, p := range found[i].Nodes {
			ids = append(ids, p.id)
		}
	}
	products, err := s.products(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	pages := make([]ProductConnection, lists)
	for i, list := range found {
		c := ProductConnection{Edges: []catalog.ProductEdge{}, Nodes: []catalog.Product{}, PageInfo: list.PageInfo}
		for _, edge := range list.Edges {
			if p, ok := products[edge.Node.id]; ok {
				c.Edges = append(c.Edges, catalog.ProductEdge{Cursor: edge.Cursor, Node: p})
				c.Nodes = append(c.Nodes, p)
			}
		}
		pages[i] = c
	}
	return pages, nil
}

func (s *Search) products(ctx context.Context, actor access.Actor, ids []id.ProductID) (map[id.ProductID]catalog.Product, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return catalog.ProductsByID(ctx, s.from, actor, ids)
}

// cursor gives the place after which a page begins: the key and the id; both nil at the list's beginning.
func cursor[ID any](w pg.Window, parse func(string) (ID, error)) (key *string, after *ID, err error) {
	if w.Cursor == nil {
		return nil, nil, nil
	}
	at, err := parse(w.Cursor[1])
	if err != nil {
		return nil, nil, pg.BadCursor.Because(err)
	}
	return &w.Cursor[0], &at, nil
}

// notOfThisList tells a cursor whose key is no value of the list's order, which PostgreSQL refuses as data, from
// every other error.
func notOfThisList(err error, doing string) error {
	if strings.HasPrefix(pg.SQLState(err), "22") {
		return pg.BadCursor.Because(err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
