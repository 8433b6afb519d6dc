package graph_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/position"
)

// parsed is what a storefront makes of a value's input: JSON that it sends back.
func parsed(t testing.TB, input any) any {
	t.Helper()
	text, ok := input.(string)
	if !ok {
		t.Fatalf("the input %v is no text", input)
	}
	var filter any
	if err := json.Unmarshal([]byte(text), &filter); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return filter
}

func TestStorefrontCollectionWithFilters(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	variables := []any{"handle", "lights", "sortKey", "TITLE", "first", 4, "country", "US", "language", "EN"}
	data, _ := m.ask(document(t, "collectionfilters"), variables...)
	holds(t, data, map[string]any{
		"collection.title":                                          "Lights",
		"collection.products.nodes.0.handle":                        "lamp-aa",
		"collection.products.nodes.3.variants.nodes.0.price.amount": "10.00",
		"collection.products.pageInfo.hasNextPage":                  true,
		"collection.products.filters.0.id":                          "filter.v.availability",
		"collection.products.filters.0.type":                        "BOOLEAN",
		"collection.products.filters.0.values.0.count":              30,
		"collection.products.filters.0.values.1.count":              0,
		"collection.products.filters.1.type":                        "PRICE_RANGE",
		"collection.products.filters.1.values.0.input":              `{"price":{"min":10.00,"max":20.00}}`,
		"collection.products.filters.2.id":                          "filter.v.option.size",
		"collection.products.filters.2.presentation":                "TEXT",
		"collection.products.filters.2.values.0.label":              "Large",
		"collection.products.filters.2.values.0.count":              30,
		"collection.products.filters.2.values.0.swatch":             nil,
		"collection.products.filters.2.values.0.image":              nil,
		"collection.products.filters.4.label":                       "Brand",
		"collection.products.filters.4.values.0.label":              "Acme",
		"collection.products.filters.5.values.1.label":              "warm",
	})
	large := parsed(t, under(t, data, "collection.products.filters.2.values.0.input"))
	inStock := parsed(t, under(t, data, "collection.products.filters.0.values.0.input"))
	price := parsed(t, under(t, data, "collection.products.filters.1.values.0.input"))
	selected := append(slices.Clip(variables), "filters", []any{large, inStock, price})
	ask := func() (n int) {
		data, n = m.ask(document(t, "collectionfilters"), selected...)
		return n
	}
	few := least(ask)
	holds(t, data, map[string]any{
		"collection.products.nodes.0.handle":           "lamp-ab",
		"collection.products.nodes.2.handle":           "lamp-ae",
		"collection.products.filters.0.values.0.count": 20,
		"collection.products.filters.0.values.1.count": 10,
		"collection.products.filters.2.values.0.label": "Small",
		"collection.products.filters.2.values.0.count": 30,
		"collection.products.filters.2.values.1.label": "Large",
		"collection.products.filters.2.values.1.count": 20,
	})
	selected[5] = 20
	many := least(ask)
	if n := len(under(t, data, "collection.products.nodes").([]any)); n != 20 || under(t, data, "collection.products.pageInfo.hasNextPage") != false {
		t.Errorf("the large ones in stock are %d", n)
	}
	if few != many {
		t.Errorf("a page of 4 takes %d statements, a page of 20 %d", few, many)
	}
}

// TestShelvesOfAHomePageAreReadTogether: the products of many collections cost what those of one cost.
func TestShelvesOfAHomePageAreReadTogether(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	for i := range 5 {
		for _, sql := range []string{
			`insert into collection (id, handle, title) values (gen_random_uuid(), 'c' || $1, 'Collection ' || $1)`,
			`insert into collection_product (collection_id, product_id, position) select c.id, p.id, 1 from collection c, product p where c.handle = 'c' || $1 and p.handle = 'lamp-a' || $1`,
		} {
			if _, err := m.Pool.Exec(t.Context(), sql, string(rune('b'+i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	const query = `query($n: Int!) { collections(first: $n, sortKey: TITLE) { nodes { handle products(first: 2, sortKey: TITLE) {
		nodes { handle variants(first: 1) { nodes { availableForSale } } } pageInfo { hasNextPage } } } } }`
	var data map[string]any
	shelves := func(n int) int {
		return least(func() (asked int) {
			data, asked = m.ask(query, "n", n)
			return asked
		})
	}
	one, all := shelves(1), shelves(6)
	if one != all {
		t.Errorf("one shelf takes %d statements, six take %d", one, all)
	}
	holds(t, data, map[string]any{
		"collections.nodes.0.handle":                        "cb",
		"collections.nodes.0.products.nodes.0.handle":       "lamp-ab",
		"collections.nodes.4.products.nodes.0.handle":       "lamp-af",
		"collections.nodes.4.products.pageInfo.hasNextPage": false,
		"collections.nodes.5.products.nodes.1.handle":       "lamp-ab",
		"collections.nodes.5.products.pageInfo.hasNextPage": true,
	})

	const facets = `query($n: Int!, $by: [ProductFilter!]) { collections(first: $n, sortKey: TITLE) { nodes { products(first: 1, filters: $by) {
		filters { id values { label count swatch { color } } } } } } }`
	for _, by := range [][]any{{}, {map[string]any{"available": true}, map[string]any{"price": map[string]any{"max": 15}}}} {
		m.ask(facets, "n", 1, "by", by)
		_, one := m.ask(facets, "n", 1, "by", by)
		data, all := m.ask(facets, "n", 6, "by", by)
		if one != all {
			t.Errorf("the facets of one shelf, filtered by %v, take %d statements, those of six %d", by, one, all)
		}
		holds(t, data, map[string]any{
			"collections.nodes.4.products.filters.0.id":             "filter.v.availability",
			"collections.nodes.4.products.filters.0.values.0.count": 1,
			"collections.nodes.5.products.filters.0.values.0.count": 30,
		})
	}
}

func TestStorefrontSearch(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "care", "title": "Lamp care", "body": "<p>Dust it.</p>"})
	w.set("blogSet", "BlogSet", "blog { id }", map[string]any{"handle": "news", "title": "News"})
	w.set("articleSet", "ArticleSet", "article { id }", map[string]any{"blogHandle": "news", "handle": "light", "title": "A lamp for winter"})
	data, few := w.ask(document(t, "search"), "searchTerm", "lamps", "first", 3)
	holds(t, data, map[string]any{
		"search.totalCount":                      32,
		"search.productFilters.2.values.0.count": 30,
		"search.productFilters.3.label":          "Product type",
		"search.pageInfo.hasNextPage":            true,
	})
	data, many := w.ask(document(t, "search"), "searchTerm", "lamps", "first", 50)
	kinds := map[string]int{}
	for _, node := range under(t, data, "search.nodes").([]any) {
		kinds[node.(map[string]any)["__typename"].(string)]++
	}
	if kinds["Product"] != 30 || kinds["Page"] != 1 || kinds["Article"] != 1 {
		t.Errorf("found %v", kinds)
	}
	if many > few+3 { // a kind that is not on the first page is read by a statement of its own, and so is an article's blog
		t.Errorf("3 findings take %d statements, 32 take %d", few, many)
	}
	data, _ = w.ask(document(t, "search"), "searchTerm", "lamp ac", "first", 1)
	holds(t, data, map[string]any{"search.nodes.0.handle": "lamp-ac", "search.nodes.0.priceRange.minVariantPrice.amount": "10.00"})
	data, _ = w.ask(document(t, "search"), "searchTerm", "l-ad", "first", 1)
	holds(t, data, map[string]any{"search.nodes.0.handle": "lamp-ad"})
	data, _ = w.ask(document(t, "search"), "searchTerm", "lam", "prefix", "LAST", "types", []any{"PAGE"}, "first", 5)
	holds(t, data, map[string]any{"search.totalCount": 1, "search.nodes.0.handle": "care", "search.productFilters": []any{}})
	data, _ = w.ask(document(t, "search"), "searchTerm", "lamp", "types", []any{"PRODUCT"}, "first", 5,
		"productFilters", []any{map[string]any{"variantOption": map[string]any{"name": "Size", "value": "Large"}}, map[string]any{"available": true}})
	holds(t, data, map[string]any{"search.totalCount": 20})

	data, _ = w.ask(document(t, "predictive"), "searchTerm", "lam", "limit", 3, "limitScope", "EACH")
	holds(t, data, map[string]any{
		"predictiveSearch.queries":                                        []any{map[string]any{"__typename": "SearchQuerySuggestion", "text": "lamp", "styledText": "<mark>lam</mark><span>p</span>", "trackingParameters": nil}},
		"predictiveSearch.pages.0.handle":                                 "care",
		"predictiveSearch.articles.0.handle":                              "light",
		"predictiveSearch.products.2.__typename":                          "Product",
		"predictiveSearch.products.0.variants.nodes.0.price.currencyCode": "USD",
		"predictiveSearch.collections":                                    []any{},
	})
	data, _ = w.ask(document(t, "predictive"), "searchTerm", "ligh", "limit", 3, "limitScope", "EACH", "types", []any{"COLLECTION"})
	holds(t, data, map[string]any{"predictiveSearch.collections.0.handle": "lights", "predictiveSearch.products": []any{}})
}

func TestListsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	for query, want := range map[string]string{
		`{ collection(handle: "lights") { products(first: 1, filters: [{ price: { min: 5, max: 1 } }]) { nodes { id } } } }`:                                  "The lowest price is above the highest.",
		`{ collection(handle: "lights") { products(first: 1, filters: [{ price: { min: -1 } }]) { nodes { id } } } }`:                                         "A price is a number from 0 on.",
		`{ collection(handle: "lights") { products(first: 1, filters: [{ productMetafield: { namespace: "a", key: "b", value: "c" } }]) { nodes { id } } } }`: "does not filter by that metafield",
		`{ collection(handle: "lights") { products(first: 1, filters: [` + strings.Repeat("{tag: \"x\"} ", 251) + `]) { nodes { id } } } }`:                   "at most 250 filters",
		`{ products(first: 1, minPosition: "soon") { nodes { id } } }`:                                                                                        "The position is not one that a write has given.",
		`{ products(first: 1, minPosition: "999999999") { nodes { id } } }`:                                                                                   "The position is not one that a write has given.",
		`{ search(first: 1, query: "` + strings.Repeat("x", 1001) + `") { totalCount } }`:                                                                     "at most 1000 characters",
		`{ search(first: 1, query: "x", after: "x") { totalCount } }`:                                                                                         "The cursor is not one of this list.",
		`{ search(query: "x") { totalCount } }`:                                                                                                               "You must provide one of first or last.",
		`{ predictiveSearch(query: "x", limit: 11) { products { id } } }`:                                                                                     "The limit is from 1 to 10.",
		`{ products(first: 1, query: "variants.price:cheap") { nodes { id } } }`:                                                                              "is no number",
	} {
		data, errs, _ := m.try(query)
		if !strings.Contains(errs, want) || !strings.Contains(errs, `"BAD_USER_INPUT"`) {
			t.Errorf("%.120s\n\tanswers %s %s", query, text(data), errs)
		}
	}
}

func TestOperatorsSeeAndSetTheListing(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	operator := m.key("operations:read", "operations:write", "catalog:read", "catalog:write")
	positions, err := position.Current(t.Context(), m.Pool)
	if err != nil {
		t.Fatal(err)
	}
	now := strconv.FormatInt(positions[position.Catalog], 10)
	data, _ := m.askAs(operator, `{ catalogListing { position catalogPosition backlog oldestChangeAt products refusedCount refused { productId reason tries since at } rebuild { wanted running unfinished done startedAt finishedAt } } }`)
	holds(t, data, map[string]any{"catalogListing": map[string]any{
		"position": now, "catalogPosition": now, "backlog": 0, "oldestChangeAt": nil, "products": 31, "refusedCount": 0, "refused": []any{},
		"rebuild": map[string]any{"wanted": false, "running": false, "unfinished": false, "done": 0, "startedAt": nil, "finishedAt": nil},
	}})
	if data, _ := m.ask(`query($at: String) { products(first: 1, minPosition: $at, sortKey: TITLE) { nodes { handle } } }`, "at", now); text(at(data, "products", "nodes", 0, "handle")) != `"lamp-aa"` {
		t.Errorf("at position %s %s is listed", now, text(data))
	}
	data, _ = m.askAs(operator, `mutation { catalogListingRebuild { catalogListing { rebuild { wanted } } } }`)
	holds(t, data, map[string]any{"catalogListingRebuild.catalogListing.rebuild.wanted": true})

	const synonyms = `mutation($groups: [SynonymGroupInput!]!) { searchSynonymsSet(input: { groups: $groups }) { searchSynonyms { words } userErrors { code field message } } }`
	data, _ = m.askAs(operator, synonyms, "groups", []any{map[string]any{"words": []any{"Lamp", "lantern"}}})
	holds(t, data, map[string]any{"searchSynonymsSet.searchSynonyms": []any{map[string]any{"words": []any{"lamp", "lantern"}}}, "searchSynonymsSet.userErrors": []any{}})
	data, _ = m.ask(`{ search(first: 1, query: "lantern") { totalCount } }`)
	holds(t, data, map[string]any{"search.totalCount": 30})
	data, _ = m.askAs(operator, synonyms, "groups", []any{map[string]any{"words": []any{"lamp"}}})
	holds(t, data, map[string]any{
		"searchSynonymsSet.searchSynonyms": nil, "searchSynonymsSet.userErrors.0.code": "INVALID",
		"searchSynonymsSet.userErrors.0.field": []any{"input", "groups", "0", "words"},
	})
	data, _ = m.askAs(operator, `mutation { filterSettingsSet(input: { metafields: [{ owner: PRODUCT, namespace: "custom", key: "material" }] }) { filterSettings { owner namespace key label } userErrors { code } } }`)
	holds(t, data, map[string]any{"filterSettingsSet.filterSettings": []any{map[string]any{"owner": "PRODUCT", "namespace": "custom", "key": "material", "label": "material"}}})
	data, _ = m.askAs(operator, `{ filterSettings { key } searchSynonyms { words } }`)
	holds(t, data, map[string]any{"filterSettings.0.key": "material", "searchSynonyms.0.words.1": "lantern"})
	for _, query := range []string{`{ catalogListing { backlog } }`, `{ filterSettings { key } }`, `{ searchSynonyms { words } }`, `mutation { catalogListingRebuild { catalogListing { backlog } } }`} {
		if _, errs, _ := m.try(query); !strings.Contains(errs, `"UNAUTHENTICATED"`) && !strings.Contains(errs, `"FORBIDDEN"`) {
			t.Errorf("%s answers nobody with %s", query, errs)
		}
	}
}
