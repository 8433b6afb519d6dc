package search

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// PredictiveSearchType is a kind of what is offered while a shopper types.
type PredictiveSearchType string

// The kinds of what is offered.
const (
	PredictArticles    PredictiveSearchType = "ARTICLE"
	PredictCollections PredictiveSearchType = "COLLECTION"
	PredictPages       PredictiveSearchType = "PAGE"
	PredictProducts    PredictiveSearchType = "PRODUCT"
	PredictQueries     PredictiveSearchType = "QUERY"
)

var allPredicted = []PredictiveSearchType{PredictQueries, PredictProducts, PredictCollections, PredictPages, PredictArticles}

// PredictiveSearchLimitScope says what the limit is of.
type PredictiveSearchLimitScope string

// The limit is of all kinds together, or of each.
const (
	LimitAll  PredictiveSearchLimitScope = "ALL"
	LimitEach PredictiveSearchLimitScope = "EACH"
)

// SearchableField is a part of things in which words are looked for.
type SearchableField string

// Typed is what a shopper has typed so far, and what they would like to be offered.
type Typed struct {
	Query       string
	Limit       *int                        // 1 to 10; nil is 10
	LimitScope  *PredictiveSearchLimitScope // nil is LimitAll
	Types       []PredictiveSearchType      // none are all
	Fields      []SearchableField           // none are the names: title, product type, variants' titles and vendor
	Unavailable *SearchUnavailableProductsType
}

// PredictiveSearchResult is what is offered while a shopper types.
type PredictiveSearchResult struct {
	Articles    []content.Article
	Collections []catalog.Collection
	Pages       []content.Page
	Products    []catalog.Product
	Queries     []SearchQuerySuggestion
}

// How much is offered at most, and how many things of a kind suggestions are made of.
const (
	maxPredicted = 10
	suggestFrom  = 50
)

// Predict offers what a shopper may be about to ask for: one statement finds all of it, and one per kind reads it.
func (s *Search) Predict(ctx context.Context, actor access.Actor, typed Typed) (PredictiveSearchResult, error) {
	result := PredictiveSearchResult{
		Articles: []content.Article{}, Collections: []catalog.Collection{}, Pages: []content.Page{},
		Products: []catalog.Product{}, Queries: []SearchQuerySuggestion{},
	}
	limit := maxPredicted
	if typed.Limit != nil {
		if limit = *typed.Limit; limit < 1 || limit > maxPredicted {
			return result, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "The limit is from 1 to %d.", maxPredicted).At("limit")
		}
	}
	text, err := readable(typed.Query)
	if err != nil || text == "" {
		return result, err
	}
	found, err := s.predicted(ctx, actor, text, typed)
	if err != nil {
		return result, err
	}
	offers := map[PredictiveSearchType]int{
		PredictArticles: len(found["Article"]), PredictCollections: len(found["Collection"]),
		PredictPages: len(found["Page"]), PredictProducts: len(found["Product"]),
	}
	suggestions := suggest(text, found["Product"])
	offers[PredictQueries] = len(suggestions)
	shares := share(offers, typed.kinds(), limit, deref(typed.LimitScope) == LimitEach)
	result.Queries = append(result.Queries, suggestions[:shares[PredictQueries]]...)
	return result, s.read(ctx, actor, found, shares, &result)
}

// kinds are the kinds that are wanted, in the order in which they are served.
func (t Typed) kinds() []PredictiveSearchType {
	if len(t.Types) == 0 {
		return allPredicted
	}
	return slices.DeleteFunc(slices.Clone(allPredicted), func(k PredictiveSearchType) bool { return !slices.Contains(t.Types, k) })
}

// share says how many of each kind are offered. A limit of all together is dealt out in turns, so that no kind takes it
// all while another has something to offer.
func share(offers map[PredictiveSearchType]int, kinds []PredictiveSearchType, limit int, each bool) map[PredictiveSearchType]int {
	shares := map[PredictiveSearchType]int{}
	for turn, left := 0, limit; turn < limit && (each || left > 0); turn++ {
		for _, kind := range kinds {
			if offers[kind] > turn && (each || left > 0) {
				shares[kind]++
				left--
			}
		}
	}
	return shares
}

// titled is a thing with its title.
type titled struct {
	id    id.Global
	title string
}

func (s *Search) predicted(ctx context.Context, actor access.Actor, text string, typed Typed) (map[string][]titled, error) {
	unavailable := UnavailableLast
	if typed.Unavailable != nil {
		unavailable = *typed.Unavailable
	}
	kinds := typed.kinds()
	wants := func(k PredictiveSearchType) bool { return slices.Contains(kinds, k) }
	query, err := s.understand(ctx, text, true)
	if err != nil || query.words == nil {
		return nil, err
	}
	titles := len(typed.Fields) == 0 || slices.Contains(typed.Fields, "TITLE")
	statement, arguments := predictedSQL, append(filters{}.arguments(actor), query.words, query.text,
		wants(PredictProducts) || wants(PredictQueries), wants(PredictPages), wants(PredictArticles), string(unavailable),
		wants(PredictCollections) && titles, suggestFrom)
	if len(typed.Fields) > 0 {
		statement, arguments = predictedInSQL, append(arguments, typed.Fields)
	}
	rows, err := s.from.Query(ctx, statement, arguments...)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	found := map[string][]titled{}
	var t titled
	_, err = pgx.ForEachRow(rows, []any{&t.id.Kind, &t.id.UUID, &t.title}, func() error {
		found[t.id.Kind] = append(found[t.id.Kind], t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	return found, nil
}

// read reads what is offered, a statement for each kind.
func (s *Search) read(ctx context.Context, actor access.Actor, found map[string][]titled, shares map[PredictiveSearchType]int, into *PredictiveSearchResult) error {
	var named []id.Global
	for kind, offer := range map[string]PredictiveSearchType{"Product": PredictProducts, "Page": PredictPages, "Article": PredictArticles} {
		for _, t := range found[kind][:min(shares[offer], len(found[kind]))] {
			named = append(named, t.id)
		}
	}
	things, err := s.things(ctx, actor, named)
	if err != nil {
		return err
	}
	for _, name := range named {
		switch thing := things[name].(type) {
		case catalog.Product:
			into.Products = append(into.Products, thing)
		case content.Page:
			into.Pages = append(into.Pages, thing)
		case content.Article:
			into.Articles = append(into.Articles, thing)
		}
	}
	var collections []id.CollectionID
	for _, t := range found["Collection"][:shares[PredictCollections]] {
		collections = append(collections, id.CollectionID(t.id.UUID))
	}
	if len(collections) == 0 {
		return nil
	}
	byID, err := catalog.CollectionsByID(ctx, s.from, actor, collections)
	if err != nil {
		return err
	}
	for _, collection := range collections {
		if c, ok := byID[collection]; ok {
			into.Collections = append(into.Collections, c)
		}
	}
	return nil
}
