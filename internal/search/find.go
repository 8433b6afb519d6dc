package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// SearchResultItem is a product, a page or an article that was found.
type SearchResultItem interface{ IsSearchResultItem() }

// SearchType is a kind of what can be found.
type SearchType string

// The kinds of what a search finds.
const (
	FindArticles SearchType = "ARTICLE"
	FindPages    SearchType = "PAGE"
	FindProducts SearchType = "PRODUCT"
)

// SearchSortKeys is an order of what was found.
type SearchSortKeys string

// The orders: the most relevant first, or the cheapest; pages and articles have no price and come after all that has.
const (
	SearchByPrice     SearchSortKeys = "PRICE"
	SearchByRelevance SearchSortKeys = "RELEVANCE"
)

// SearchPrefixQueryType says which words may be the beginning of one.
type SearchPrefixQueryType string

// The last word, or none.
const (
	PrefixLast SearchPrefixQueryType = "LAST"
	PrefixNone SearchPrefixQueryType = "NONE"
)

// SearchUnavailableProductsType says what becomes of products that can't be bought now.
type SearchUnavailableProductsType string

// They are left out, or come last, or stand where they belong.
const (
	UnavailableHide SearchUnavailableProductsType = "HIDE"
	UnavailableLast SearchUnavailableProductsType = "LAST"
	UnavailableShow SearchUnavailableProductsType = "SHOW"
)

// Wanted says what is searched for, besides the page.
type Wanted struct {
	Query       string
	Types       []SearchType // none are all
	Prefix      *SearchPrefixQueryType
	Unavailable *SearchUnavailableProductsType // nil is UnavailableLast
	Filters     []ProductFilter
	Sort        SearchSortKeys
}

// SearchResultItemEdge is one thing that was found.
type SearchResultItemEdge = pg.Edge[SearchResultItem]

// SearchResultItemConnection is one page of what was found.
type SearchResultItemConnection struct {
	Edges    []SearchResultItemEdge
	Nodes    []SearchResultItem
	PageInfo pg.PageInfo

	facets *facetsAsked
	count  string // the statement that counts all of it
}

// finding are the statements of a search.
type finding struct {
	byRank, byPrice sorting
	count           string
	facets          tally
}

// Words find what has them; none find all there is.
var (
	findWords = finding{
		byRank: sorting{foundRankDownSQL, foundRankUpSQL}, byPrice: sorting{foundPriceUpSQL, foundPriceDownSQL},
		count: foundCountSQL, facets: facetsOfFound,
	}
	findAll = finding{
		byRank: sorting{wholeRankDownSQL, wholeRankUpSQL}, byPrice: sorting{wholePriceUpSQL, wholePriceDownSQL},
		count: wholeCountSQL, facets: facetsOfWhole,
	}
)

// beyond is a number that is higher than every rank and every price.
const beyond = int64(1_000_000_000_000_000)

// Find searches the whole shop for what the caller may see.
func (s *Search) Find(ctx context.Context, actor access.Actor, wanted Wanted, page pg.Page) (SearchResultItemConnection, error) {
	var none SearchResultItemConnection
	text, err := readable(wanted.Query)
	if err != nil {
		return none, err
	}
	shop, err := s.settings(ctx)
	if err != nil {
		return none, err
	}
	f, err := s.filters(ctx, wanted.Filters, shop.Currency, "productFilters")
	if err != nil {
		return none, err
	}
	unavailable := UnavailableLast
	if wanted.Unavailable != nil {
		unavailable = *wanted.Unavailable
	}
	wants := func(t SearchType) bool { return len(wanted.Types) == 0 || slices.Contains(wanted.Types, t) }
	query, err := s.understandOperators(ctx, text, deref(wanted.Prefix) == PrefixLast)
	if err != nil {
		return none, err
	}
	scope := append(f.arguments(actor), query.words, query.text,
		wants(FindProducts), wants(FindPages), wants(FindArticles), string(unavailable), query.denied)

	w, err := page.Sorted(placing(wanted.Sort, unavailable, page.Reverse)).Window(2)
	if err != nil {
		return none, err
	}
	key, at, err := cursor(w, parseFound)
	if err != nil {
		return none, err
	}
	after := pgtype.UUID{Valid: at != nil, Bytes: deref(at).UUID}
	in := findWords
	if query.words == nil {
		in = findAll
	}
	order, last := in.byRank, -beyond
	if wanted.Sort == SearchByPrice {
		order, last = in.byPrice, beyond
	}
	if page.Reverse { // what comes last comes last all the same
		last = -last
	}
	statement := order.forward
	if w.Descending {
		statement = order.backward
	}
	rows, err := s.from.Query(ctx, statement, append(slices.Clone(scope), last, key, after, w.Fetch())...)
	if err != nil {
		return none, fmt.Errorf("search: %w", err)
	}
	places, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p place[id.Global], err error) {
		return p, row.Scan(&p.id.Kind, &p.id.UUID, &p.key)
	})
	if err != nil {
		return none, notOfThisList(err, "search")
	}
	list := pg.Build(w, places, func(p place[id.Global]) []string { return []string{p.key, p.id.String()} })
	ids := make([]id.Global, len(list.Nodes))
	for i, p := range list.Nodes {
		ids[i] = p.id
	}
	things, err := s.things(ctx, actor, ids)
	if err != nil {
		return none, err
	}
	c := SearchResultItemConnection{
		Edges: []SearchResultItemEdge{}, Nodes: []SearchResultItem{}, PageInfo: list.PageInfo,
		facets: &facetsAsked{f.count(in.facets), scope, shop.Currency, 1}, count: in.count,
	}
	for _, edge := range list.Edges {
		if thing, ok := things[edge.Node.id]; ok {
			c.Edges = append(c.Edges, SearchResultItemEdge{Cursor: edge.Cursor, Node: thing})
			c.Nodes = append(c.Nodes, thing)
		}
	}
	return c, nil
}

// placing names the order of what is found. What comes last whichever way the list is turned has another place in each,
// so a cursor is one of a direction, too, and of what becomes of what can't be bought.
func placing(sort SearchSortKeys, unavailable SearchUnavailableProductsType, reverse bool) string {
	name := string(sort)
	if unavailable == UnavailableLast {
		name += " LAST"
	}
	if reverse {
		name += " REVERSE"
	}
	return name
}

// Total counts what a search finds in all.
func (s *Search) Total(ctx context.Context, c SearchResultItemConnection) (int, error) {
	var n int
	if err := s.from.QueryRow(ctx, c.count, c.facets.scope...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what a search finds: %w", err)
	}
	return n, nil
}

// FoundFilters says what the products that a search finds can be filtered by.
func (s *Search) FoundFilters(ctx context.Context, c SearchResultItemConnection) ([]Filter, error) {
	lists, err := s.facets(ctx, c.facets)
	if err != nil {
		return nil, err
	}
	return lists[0], nil
}

// parseFound reads the id of a thing that a search can find.
func parseFound(text string) (id.Global, error) {
	at, err := id.Parse(text)
	if err == nil && at.Kind != "Product" && at.Kind != "Page" && at.Kind != "Article" {
		err = id.ErrInvalid
	}
	return at, err
}

// things reads what was found, a statement for each kind that is among it. What is gone meanwhile is absent.
func (s *Search) things(ctx context.Context, actor access.Actor, found []id.Global) (map[id.Global]SearchResultItem, error) {
	var products []id.ProductID
	var pages []id.PageID
	var articles []id.ArticleID
	for _, f := range found {
		switch f.Kind {
		case "Product":
			products = append(products, id.ProductID(f.UUID))
		case "Page":
			pages = append(pages, id.PageID(f.UUID))
		case "Article":
			articles = append(articles, id.ArticleID(f.UUID))
		}
	}
	things := make(map[id.Global]SearchResultItem, len(found))
	byID, err := s.products(ctx, actor, products)
	if err != nil {
		return nil, err
	}
	for product, p := range byID {
		things[id.Global{Kind: "Product", UUID: product}] = p
	}
	if len(pages) > 0 {
		byID, err := content.PagesByID(ctx, s.from, actor, pages)
		if err != nil {
			return nil, err
		}
		for page, p := range byID {
			things[id.Global{Kind: "Page", UUID: page}] = p
		}
	}
	if len(articles) > 0 {
		byID, err := content.ArticlesByID(ctx, s.from, actor, articles)
		if err != nil {
			return nil, err
		}
		for article, a := range byID {
			things[id.Global{Kind: "Article", UUID: article}] = a
		}
	}
	return things, nil
}

// maxAsked bounds the text of a search.
const maxAsked = 1000

// readable gives the text of a search with single blanks between its words.
func readable(text string) (string, error) {
	if utf8.RuneCountInString(text) > maxAsked {
		return "", fault.Newf(fault.Invalid, "BAD_USER_INPUT", "A search has at most %d characters.", maxAsked).At("query")
	}
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return "", fault.New(fault.Invalid, "BAD_USER_INPUT", "The search is no text.").At("query")
	}
	return strings.Join(strings.Fields(text), " "), nil
}
