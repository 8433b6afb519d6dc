package graph

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/search"
)

// searchLoaders are the "by many keys" questions for lists of products.
type searchLoaders struct {
	filterKeys together[search.Filterable]
	placed     map[string]*together[id.CollectionID] // the lists of collections by their place in the operation

	members map[string]*loader[id.CollectionID, search.ProductConnection] // by their arguments
	filters *loader[search.Filterable, []search.Filter]
	waits   map[string]func() error // for positions of the listing
}

// listed waits for the listing to reach a position, once however many lists of the answer ask for it.
func (l *loaders) listed(ctx context.Context, s *search.Search, minPosition string) error {
	return l.once(minPosition, func() error { return s.Await(ctx, minPosition) })
}

// joined is listed for the products of a collection with rules.
func (l *loaders) joined(ctx context.Context, s *search.Search, collection id.CollectionID, minPosition string) error {
	return l.once(collection.String()+" "+minPosition, func() error { return s.AwaitMembers(ctx, minPosition, collection) })
}

func (l *loaders) once(what string, wait func() error) error {
	l.mu.Lock()
	if l.waits == nil {
		l.waits = map[string]func() error{}
	}
	waiting, ok := l.waits[what]
	if !ok {
		waiting = sync.OnceValue(wait)
		l.waits[what] = waiting
	}
	l.mu.Unlock()
	return waiting()
}

// productsIn is the question for the products of collections, with the same filters, order and page for all. Where it is
// also asked what they can be filtered by, counting that costs far more than reading them: only collections of one list,
// at one place of the operation, are read together then, for all of them are asked and paid for.
func (l *loaders) productsIn(ctx context.Context, s *search.Search, by []search.ProductFilter, sort catalog.ProductCollectionSortKeys, page pg.Page) *loader[id.CollectionID, search.ProductConnection] {
	keys, place := &l.collectionKeys, ""
	if asksFilters(ctx) {
		field := graphql.GetFieldContext(ctx)
		keys, place = l.collectionsAt(listAbove(field)), placeOf(field)
	}
	name, err := json.Marshal([]any{by, sort, page, place})
	if err != nil {
		panic("arguments that can't be written: " + err.Error()) // texts, numbers and truth values always can
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.members == nil {
		l.members = map[string]*loader[id.CollectionID, search.ProductConnection]{}
	}
	if l.members[string(name)] == nil {
		l.members[string(name)] = newLoader(keys, func(ctx context.Context, ids []id.CollectionID) (map[id.CollectionID]search.ProductConnection, error) {
			lists, err := s.ProductsByCollection(ctx, access.From(ctx), ids, by, sort, page)
			l.expectLists(slices.Collect(maps.Values(lists))...)
			return lists, err
		})
	}
	return l.members[string(name)]
}

// expectLists says that lists were read together: what is asked of one, and of its products, will be asked of all.
func (l *loaders) expectLists(lists ...search.ProductConnection) {
	var products []catalog.Product
	filterable := make([]search.Filterable, len(lists))
	for i, list := range lists {
		products = append(products, list.Nodes...)
		filterable[i] = list.Filterable
	}
	l.expectProducts(products)
	l.filterKeys.expect(filterable)
}

// filtersIn is the question what lists of products can be filtered by.
func (l *loaders) filtersIn(s *search.Search) *loader[search.Filterable, []search.Filter] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.filters == nil {
		l.filters = newLoader(&l.filterKeys, s.Filters)
	}
	return l.filters
}
