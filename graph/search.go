package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/search"
)

type (
	productConnectionResolver          struct{ *Resolver }
	searchResultItemConnectionResolver struct{ *Resolver }
)

// ProductConnection answers what a list of products can be filtered by.
func (r *Resolver) ProductConnection() ProductConnectionResolver { return productConnectionResolver{r} }

// SearchResultItemConnection answers what costs a statement of its own.
func (r *Resolver) SearchResultItemConnection() SearchResultItemConnectionResolver {
	return searchResultItemConnectionResolver{r}
}

// search finds in what the answer is read from.
func (r *Resolver) search(ctx context.Context) *search.Search {
	from := r.load(ctx).source
	return r.shop.Search.From(from.db, from.settings)
}

// listed waits for the listing where the caller has named a position.
func (r *Resolver) listed(ctx context.Context, minPosition *string) error {
	if minPosition == nil {
		return nil
	}
	return r.load(ctx).listed(ctx, r.shop.Search, *minPosition)
}

// joined waits for the listing, and where rules decide about the members for the collection's own, too.
func (r *Resolver) joined(ctx context.Context, c *catalog.Collection, minPosition *string) error {
	if minPosition == nil || !c.RuleBased {
		return r.listed(ctx, minPosition)
	}
	return r.load(ctx).joined(ctx, r.shop.Search, c.ID, *minPosition)
}

func (r queryResolver) Products(ctx context.Context, after, before *string, first, last *int, minPosition, query *string, reverse *bool, sortKey *catalog.ProductSortKeys) (*search.ProductConnection, error) {
	if err := r.listed(ctx, minPosition); err != nil {
		return nil, err
	}
	text, sort := "", catalog.SortID
	if query != nil {
		text = *query
	}
	if sortKey != nil {
		sort = *sortKey
	}
	warnUnread(ctx, query, search.Fields)
	list, err := r.search(ctx).Products(ctx, access.From(ctx), text, sort, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectLists(list)
	return &list, nil
}

func (r collectionResolver) Products(ctx context.Context, c *catalog.Collection, after, before *string, filters []search.ProductFilter, first, last *int, minPosition *string, reverse *bool, sortKey *catalog.ProductCollectionSortKeys) (*search.ProductConnection, error) {
	if err := r.joined(ctx, c, minPosition); err != nil {
		return nil, err
	}
	sort := catalog.CollectionDefault
	if sortKey != nil {
		sort = *sortKey
	}
	sort, reversed := c.Order(sort, isTrue(reverse))
	lists := r.load(ctx).productsIn(ctx, r.search(ctx), filters, sort, paged(after, before, first, last, &reversed))
	list, _, err := lists.load(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	return &list, nil
}

func (r productConnectionResolver) Filters(ctx context.Context, c *search.ProductConnection) ([]search.Filter, error) {
	filters, _, err := r.load(ctx).filtersIn(r.search(ctx)).load(ctx, c.Filterable)
	return filters, err
}

func (r queryResolver) Search(ctx context.Context, after, before *string, first, last *int, minPosition *string, prefix *search.SearchPrefixQueryType, productFilters []search.ProductFilter, query string, reverse *bool, sortKey *search.SearchSortKeys, types []search.SearchType, unavailableProducts *search.SearchUnavailableProductsType) (*search.SearchResultItemConnection, error) {
	if err := r.listed(ctx, minPosition); err != nil {
		return nil, err
	}
	wanted := search.Wanted{
		Query: query, Types: types, Prefix: prefix, Unavailable: unavailableProducts, Filters: productFilters,
		Sort: search.SearchByRelevance,
	}
	if sortKey != nil {
		wanted.Sort = *sortKey
	}
	list, err := r.search(ctx).Find(ctx, access.From(ctx), wanted, paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	var products []catalog.Product
	for _, thing := range list.Nodes {
		if p, ok := thing.(catalog.Product); ok {
			products = append(products, p)
		}
	}
	r.load(ctx).expectProducts(products)
	return &list, nil
}

func (r searchResultItemConnectionResolver) ProductFilters(ctx context.Context, c *search.SearchResultItemConnection) ([]search.Filter, error) {
	return r.search(ctx).FoundFilters(ctx, *c)
}

func (r searchResultItemConnectionResolver) TotalCount(ctx context.Context, c *search.SearchResultItemConnection) (int, error) {
	return r.search(ctx).Total(ctx, *c)
}

func (r queryResolver) PredictiveSearch(ctx context.Context, limit *int, limitScope *search.PredictiveSearchLimitScope, minPosition *string, query string, searchableFields []search.SearchableField, types []search.PredictiveSearchType, unavailableProducts *search.SearchUnavailableProductsType) (*search.PredictiveSearchResult, error) {
	if err := r.listed(ctx, minPosition); err != nil {
		return nil, err
	}
	result, err := r.search(ctx).Predict(ctx, access.From(ctx), search.Typed{
		Query: query, Limit: limit, LimitScope: limitScope, Types: types, Fields: searchableFields, Unavailable: unavailableProducts,
	})
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectProducts(result.Products)
	return &result, nil
}

func (r queryResolver) CatalogListing(ctx context.Context) (*search.CatalogListing, error) {
	listing, err := r.shop.Search.Listing(ctx)
	return &listing, err
}

func (r mutationResolver) CatalogListingRebuild(ctx context.Context) (*CatalogListingRebuildPayload, error) {
	if err := r.shop.Search.WantRebuild(ctx); err != nil {
		return nil, err
	}
	listing, err := r.shop.Search.Listing(ctx)
	return &CatalogListingRebuildPayload{CatalogListing: listing}, err
}

func (r queryResolver) FilterSettings(ctx context.Context) ([]search.FilterSetting, error) {
	return r.shop.Search.FilterSettings(ctx)
}

func (r mutationResolver) FilterSettingsSet(ctx context.Context, input search.FilterSettingsSetInput) (*FilterSettingsSetPayload, error) {
	settings, err := r.shop.Search.SetFilterSettings(ctx, input)
	refused, err := userErrors(err, searchUserError)
	if err != nil {
		return nil, err
	}
	return &FilterSettingsSetPayload{FilterSettings: settings, Position: r.standing(ctx, len(refused) > 0), UserErrors: refused}, nil
}

func (r queryResolver) SearchSynonyms(ctx context.Context) ([]search.SynonymGroup, error) {
	return r.shop.Search.Synonyms(ctx)
}

func (r mutationResolver) SearchSynonymsSet(ctx context.Context, input search.SearchSynonymsSetInput) (*SearchSynonymsSetPayload, error) {
	groups, err := r.shop.Search.SetSynonyms(ctx, input)
	refused, err := userErrors(err, searchUserError)
	if err != nil {
		return nil, err
	}
	return &SearchSynonymsSetPayload{SearchSynonyms: groups, Position: r.standing(ctx, len(refused) > 0), UserErrors: refused}, nil
}

// searchUserError writes a refusal in the words of the search's API.
func searchUserError(f *fault.Fault) SearchUserError {
	e := SearchUserError{Code: SearchErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = SearchErrorCodeInvalid
	}
	return e
}
