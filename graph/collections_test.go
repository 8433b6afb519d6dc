package graph_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

// productIDs are the ids of products by their handles.
func (w writer) productIDs(handles ...string) []any {
	w.Helper()
	ids := make([]any, len(handles))
	for i, handle := range handles {
		p, err := catalog.ProductByHandle(w.Context(), w.Pool, access.SystemActor, handle)
		if err != nil {
			w.Fatal(err)
		}
		ids[i] = p.ID.String()
	}
	return ids
}

// listed are the handles under a path of an answer.
func listed(t testing.TB, data any, path string) string {
	t.Helper()
	var handles []string
	for _, node := range under(t, data, path).([]any) {
		handles = append(handles, strings.TrimPrefix(under(t, node, "handle").(string), "lamp-"))
	}
	return strings.Join(handles, " ")
}

func TestStorefrontCollection(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	put := func(sql string, arguments ...any) {
		t.Helper()
		if _, err := w.Pool.Exec(t.Context(), sql, arguments...); err != nil {
			t.Fatal(err)
		}
	}
	for i, handle := range []string{"lamp-aa", "lamp-ab", "lamp-ac", "lamp-ad"} {
		put(`update product set title = $2, min_price = $3, units_sold = $4, created_at = now() - $5 * interval '1 day' where handle = $1`,
			handle, []string{"Delta", "alpha", "Charlie", "Bravo"}[i], []int{300, 100, 400, 200}[i], []int{5, 9, 1, 7}[i], []int{2, 4, 1, 3}[i])
		put(`update product_variant set price = $2 where product_id = (select id from product where handle = $1)`, handle, []int{300, 100, 400, 200}[i])
	}
	put(`insert into catalog_change (position, product_id) select 0, id from product`)
	w.Listed(t)
	made := w.set("collectionSet", "CollectionSet", "collection { id version sortKey sortReverse ruleSet { rules { column } } membership { state } }", map[string]any{
		"handle": "best", "title": "Best 👋", "descriptionHtml": "<p>Everything <b>we</b> like best of all</p><script>x</script>",
		"image":      map[string]any{"url": "/images/best.svg", "altText": "Best"},
		"seo":        map[string]any{"title": "Buy the best"},
		"productIds": w.productIDs("lamp-ac", "lamp-aa", "ghost", "lamp-ad", "lamp-ab"),
	})
	holds(t, made, map[string]any{
		"collection.version": 1, "collection.sortKey": "MANUAL", "collection.sortReverse": false,
		"collection.ruleSet": nil, "collection.membership": nil,
	})
	data, _ := w.ask(document(t, "collection"), "handle", "best", "first", 2, "country", "US", "language", "EN")
	holds(t, data, map[string]any{
		"collection.id":                                                under(t, made, "collection.id"),
		"collection.title":                                             "Best 👋",
		"collection.description":                                       "Everything we...",
		"collection.descriptionHtml":                                   "<p>Everything <b>we</b> like best of all</p>",
		"collection.onlineStoreUrl":                                    "https://harbor.example/collections/best",
		"collection.seo":                                               map[string]any{"title": "Buy the best", "description": nil},
		"collection.image":                                             map[string]any{"url": w.api.URL + "/images/best.svg", "altText": "Best"},
		"collection.products.pageInfo.hasNextPage":                     true,
		"collection.products.pageInfo.hasPreviousPage":                 false,
		"collection.products.nodes.0.priceRange.minVariantPrice":       map[string]any{"amount": "4.00", "currencyCode": "USD"},
		"collection.products.nodes.0.collections.nodes.0":              map[string]any{"handle": "best", "title": "Best 👋"},
		"collection.products.nodes.0.collections.nodes.1":              map[string]any{"handle": "lights", "title": "Lights"},
		"collection.products.nodes.0.variants.nodes.0.selectedOptions": []any{map[string]any{"name": "Size", "value": "Small"}},
	})
	t.Run("sorted by every key", func(t *testing.T) {
		for key, want := range map[string]string{
			"COLLECTION_DEFAULT": "ac aa ad ab", "MANUAL": "ac aa ad ab", "RELEVANCE": "ac aa ad ab", "BEST_SELLING": "ab ad aa ac",
			"CREATED": "ab ad aa ac", "PRICE": "ab ad aa ac", "TITLE": "ab ad ac aa", "ID": "aa ab ac ad",
		} {
			data, _ := w.ask(document(t, "collection"), "handle", "best", "first", 10, "sortKey", key)
			if got := listed(t, data, "collection.products.nodes"); got != want {
				t.Errorf("by %s: %s, want %s", key, got, want)
			}
			data, _ = w.ask(document(t, "collection"), "handle", "best", "first", 10, "sortKey", key, "reverse", true)
			back := strings.Fields(want)
			for i := range len(back) / 2 {
				back[i], back[len(back)-1-i] = back[len(back)-1-i], back[i]
			}
			if got := listed(t, data, "collection.products.nodes"); got != strings.Join(back, " ") {
				t.Errorf("by %s, turned around: %s, want %s", key, got, strings.Join(back, " "))
			}
		}
	})
	t.Run("its own order is what COLLECTION_DEFAULT asks for", func(t *testing.T) {
		w.set("collectionSet", "CollectionSet", "collection { id }", map[string]any{"handle": "best", "sortKey": "PRICE", "sortReverse": true})
		data, _ := w.ask(document(t, "collection"), "handle", "best", "first", 3)
		if got := listed(t, data, "collection.products.nodes"); got != "ac aa ad" {
			t.Errorf("the dearest first: %s", got)
		}
		data, _ = w.ask(document(t, "collection"), "handle", "best", "first", 3, "endCursor", under(t, data, "collection.products.pageInfo.endCursor"))
		if got := listed(t, data, "collection.products.nodes"); got != "ab" {
			t.Errorf("the page after it: %s", got)
		}
		data, _ = w.ask(document(t, "collection"), "handle", "best", "first", 10, "sortKey", "MANUAL")
		if got := listed(t, data, "collection.products.nodes"); got != "ac aa ad ab" {
			t.Errorf("as they were put: %s", got)
		}
	})
	t.Run("products join, move and leave", func(t *testing.T) {
		collection := under(t, made, "collection.id")
		w.set("collectionProductsRemove", "CollectionProductsRemove", "collection { id }", map[string]any{"collectionId": collection, "productIds": w.productIDs("lamp-aa")})
		w.set("collectionProductsAdd", "CollectionProducts", "collection { id }", map[string]any{"collectionId": collection, "productIds": w.productIDs("lamp-ae"), "position": 1})
		moved := w.set("collectionProductsMove", "CollectionProducts", "collection { version products(first: 9, sortKey: MANUAL) { nodes { handle } } }",
			map[string]any{"collectionId": collection, "productIds": w.productIDs("lamp-ab"), "position": 0, "expectedVersion": 4})
		holds(t, moved, map[string]any{"collection.version": 5})
		if got := listed(t, moved, "collection.products.nodes"); got != "ab ac ae ghost ad" {
			t.Errorf("now %s", got)
		}
		w.refused("collectionProductsMove", "CollectionProducts", map[string]any{"collectionId": collection, "productIds": w.productIDs("lamp-ab"), "expectedVersion": 4},
			"VERSION_CONFLICT input.expectedVersion")
		w.refused("collectionProductsAdd", "CollectionProducts", map[string]any{"collectionId": collection, "productIds": []any{id.NewProductID().String()}},
			"NOT_FOUND input.productIds.0")
	})
	t.Run("a page takes as many statements as a small one", func(t *testing.T) {
		for range 8 {
			w.ask(document(t, "collection"), "handle", "lights", "first", 2)
		}
		_, few := w.ask(document(t, "collection"), "handle", "lights", "first", 2)
		if _, n := w.ask(document(t, "collection"), "handle", "lights", "first", 30); n > few {
			t.Errorf("30 products take %d statements, 2 take %d", n, few)
		}
	})
	t.Run("what is gone is gone", func(t *testing.T) {
		w.refused("collectionDelete", "CollectionDelete", map[string]any{"id": "gid://wharf/Collection/x"}, "NOT_FOUND input.id")
		gone := w.set("collectionDelete", "CollectionDelete", "deletedCollectionId", map[string]any{"id": under(t, made, "collection.id")})
		holds(t, gone, map[string]any{"deletedCollectionId": under(t, made, "collection.id")})
		data, _ := w.ask(document(t, "collection"), "handle", "best", "first", 1)
		holds(t, data, map[string]any{"collection": nil})
	})
}

func TestStorefrontCollections(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	for _, in := range []map[string]any{
		{"handle": "a-chairs", "title": "Chairs", "descriptionHtml": "<p>To sit below lamps</p>"},
		{"handle": "b-lamps", "title": "Lamps of wood", "externalId": "7"},
		{"handle": "c-all", "title": "bright", "ruleSet": map[string]any{"rules": []any{map[string]any{"column": "TAG", "relation": "EQUALS", "condition": "lamp"}}}},
		{"handle": "d-later", "title": "Lamps to come", "publishedAt": "2099-01-01T00:00:00Z"},
	} {
		w.set("collectionSet", "CollectionSet", "collection { id }", in)
	}
	for query, want := range map[string]string{
		"": "c-all a-chairs b-lamps lights", "lamp": "a-chairs b-lamps", "wood lamps": "b-lamps", "lamps -wood": "a-chairs",
		"title:lamps": "b-lamps", "title:bri*": "c-all", "handle:lights": "lights", "collection_type:smart": "c-all",
		"collection_type:custom chairs OR wood": "a-chairs b-lamps", "updated_at:>2020-01-01 title:wood": "b-lamps", "updated_at:<2020-01-01": "",
		"of": "b-lamps", "to": "", "-of -to": "c-all a-chairs lights", "to OR bright": "c-all", `"of"`: "b-lamps", "lamps of": "a-chairs b-lamps",
		"chairs -!!!": "a-chairs", "!!! OR chairs": "a-chairs", "-": "c-all a-chairs b-lamps lights", "OR": "",
		"published_at:* handle:*": "c-all a-chairs b-lamps lights", "-title:*": "",
	} {
		data, _ := w.ask(document(t, "collections"), "first", 10, "query", query, "sortKey", "TITLE")
		if got := listed(t, data, "collections.nodes"); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	data, _ := w.ask(document(t, "collections"), "first", 10, "query", "lamps", "sortKey", "RELEVANCE")
	if got := listed(t, data, "collections.nodes"); got != "b-lamps a-chairs" {
		t.Errorf("by relevance %q", got)
	}
	data, _ = w.ask(document(t, "collections"), "first", 1, "sortKey", "TITLE")
	data, _ = w.ask(document(t, "collections"), "first", 2, "sortKey", "TITLE", "endCursor", under(t, data, "collections.pageInfo.endCursor"))
	if got := listed(t, data, "collections.nodes"); got != "a-chairs b-lamps" {
		t.Errorf("after the first %q", got)
	}
	if _, errs, _ := w.try(document(t, "collections"), "first", 1, "query", "updated_at:>yesterday"); !strings.Contains(errs, "BAD_USER_INPUT") {
		t.Errorf("a moment that is none: %s", errs)
	}
	if _, errs, _ := w.try(document(t, "collections"), "first", 1, "query", "collection_type:x"); !strings.Contains(errs, "BAD_USER_INPUT") || !strings.Contains(errs, "smart, custom") {
		t.Errorf("a type that is none: %s", errs)
	}
	t.Run("staff see how far the rules are", func(t *testing.T) {
		const query = `{ collections(first: 10, sortKey: TITLE) { nodes { handle ruleSet { appliedDisjunctively rules { column relation condition namespace key } } membership { state done total position finishedAt failure tries nextTryAt } } } }`
		if _, errs, _ := w.try(query); strings.Count(errs, "UNAUTHENTICATED") != 8 {
			t.Errorf("anybody sees the rules: %s", errs)
		}
		data, _ := w.askAs(w.token, query)
		holds(t, data, map[string]any{
			"collections.nodes.0.ruleSet": map[string]any{"appliedDisjunctively": false, "rules": []any{map[string]any{
				"column": "TAG", "relation": "EQUALS", "condition": "lamp", "namespace": nil, "key": nil,
			}}},
			"collections.nodes.0.membership.state": "WAITING", "collections.nodes.1.membership": nil, "collections.nodes.1.ruleSet": nil,
		})
		for more := true; more; {
			var err error
			if more, err = catalog.FollowRules(t.Context(), w.Pool, inventory.Quantities, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
		}
		data, _ = w.askAs(w.token, query)
		holds(t, data, map[string]any{"collections.nodes.0.membership.state": "DONE", "collections.nodes.0.membership.tries": 0, "collections.nodes.0.membership.failure": nil, "collections.nodes.0.membership.nextTryAt": nil, "collections.nodes.0.membership.done": 31, "collections.nodes.0.membership.total": 31})
		data, _ = w.ask(`{ collection(handle: "c-all") { products(first: 250) { nodes { handle } } } }`)
		if got := len(under(t, data, "collection.products.nodes").([]any)); got != 30 {
			t.Errorf("shoppers see %d lamps", got)
		}
	})
	w.refused("collectionSet", "CollectionSet", map[string]any{"handle": "x", "title": "X", "ruleSet": map[string]any{"rules": []any{
		map[string]any{"column": "VARIANT_PRICE", "relation": "CONTAINS", "condition": "1"}, map[string]any{"column": "TAG", "relation": "EQUALS"},
	}}}, "INVALID input.ruleSet.rules.0.relation", "BLANK input.ruleSet.rules.1.condition")
	w.refused("collectionSet", "CollectionSet", map[string]any{"handle": "a-chairs", "externalId": "7"}, "TAKEN input.handle")
}
