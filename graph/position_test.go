package graph_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
)

// TestWritesTellAPosition that lists take as minPosition, and none where nothing was written.
func TestWritesTellAPosition(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	made := w.set("collectionSet", "CollectionSet", "position collection { id }", map[string]any{"handle": "lit", "title": "Lit"})
	collection := under(t, made, "collection.id")
	blog := w.set("blogSet", "BlogSet", "position blog { id }", map[string]any{"handle": "notes", "title": "Notes"})
	product := w.productIDs("lamp-aa")
	for _, call := range []struct {
		name, kind, fields string
		input              map[string]any
	}{
		{"collectionProductsAdd", "CollectionProducts", "collection { id }", map[string]any{"collectionId": collection, "productIds": product}},
		{"collectionProductsMove", "CollectionProducts", "collection { id }", map[string]any{"collectionId": collection, "productIds": product, "position": 0}},
		{"collectionProductsRemove", "CollectionProductsRemove", "collection { id }", map[string]any{"collectionId": collection, "productIds": product}},
		{"collectionDelete", "CollectionDelete", "deletedCollectionId", map[string]any{"id": collection}},
		{"pageSet", "PageSet", "page { id }", map[string]any{"handle": "terms", "title": "Terms"}},
		{"articleSet", "ArticleSet", "article { id }", map[string]any{"handle": "one", "blogHandle": "notes", "title": "One"}},
		{"menuSet", "MenuSet", "menu { id }", map[string]any{"handle": "side", "title": "Side", "items": []any{}}},
		{"policySet", "PolicySet", "policy { id }", map[string]any{"type": "REFUND_POLICY", "body": "x"}},
		{"policySet", "PolicySet", "policy { id }", map[string]any{"type": "REFUND_POLICY", "body": ""}},
		{"blogSet", "BlogSet", "blog { id }", map[string]any{"id": under(t, blog, "blog.id"), "title": "More notes"}},
	} {
		got := w.set(call.name, call.kind, "position "+call.fields, call.input)
		at, ok := under(t, got, "position").(string)
		if !ok {
			t.Errorf("%s tells the position %v", call.name, under(t, got, "position"))
			continue
		}
		if _, errs, _ := w.try(`{ search(first: 1, query: "terms", minPosition: "` + at + `") { totalCount } }`); strings.Contains(errs, "BAD_USER_INPUT") {
			t.Errorf("after %s: %s", call.name, errs)
		}
	}
	for _, call := range []string{
		`collectionSet(input: { handle: "x", title: " " })`,
		`collectionDelete(input: { id: "gid://wharf/Page/x" })`,
		`pageSet(input: { handle: "x", title: " " })`,
		`pageDelete(input: { id: "gid://wharf/Page/x" })`,
		`policySet(input: { type: REFUND_POLICY, body: "x", expectedVersion: 99 })`,
	} {
		data, _ := w.askAs(w.token, "mutation { it: "+call+" { position userErrors { code } } }")
		if at := under(t, data, "it.position"); at != nil || len(under(t, data, "it.userErrors").([]any)) == 0 {
			t.Errorf("%s was refused and tells the position %v", call, at)
		}
	}
}

// TestAListWaitsForTheRulesOfItsCollection: with the position of what changed them, and with that of a product that joins.
func TestAListWaitsForTheRulesOfItsCollection(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	const list = `query($at: String) { collection(handle: "ruled") { products(first: 50, minPosition: $at) { nodes { handle } } } }`
	follow := func() {
		t.Helper()
		for more := true; more; {
			var err error
			if more, err = catalog.FollowRules(t.Context(), w.Pool, inventory.Quantities, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
		}
		w.Listed(t)
	}
	waits := func(at any, want string) {
		t.Helper()
		w.Listed(t) // so it is the rules alone that are late
		if _, errs, _ := w.try(list, "at", at); !strings.Contains(errs, `"LISTING_BEHIND"`) || !strings.Contains(errs, `"BUSY"`) {
			t.Errorf("before the rules have followed the list answers %s", errs)
		}
		follow()
		data, _ := w.ask(list, "at", at)
		if got := listed(t, data, "collection.products.nodes"); got != want {
			t.Errorf("when the rules have followed %q is listed, want %q", got, want)
		}
	}
	follow()
	made := w.set("collectionSet", "CollectionSet", "position collection { id }", map[string]any{"handle": "ruled", "title": "Ruled", "ruleSet": map[string]any{"rules": []any{
		map[string]any{"column": "TAG", "relation": "EQUALS", "condition": "chosen"},
	}}})
	waits(under(t, made, "position"), "")
	chosen := w.set("productSet", "ProductSet", "position product { id }", map[string]any{"handle": "lamp-aa", "tags": []any{"chosen"}})
	waits(under(t, chosen, "position"), "aa")
	// Whoever asks for rules that can't be followed now hears so.
	if _, err := w.Pool.Exec(t.Context(), `
update collection_membership
set pending = true, asked = $1::text::bigint, next_try = now() + interval '1 hour'`, under(t, chosen, "position")); err != nil {
		t.Fatal(err)
	}
	if _, errs, _ := w.try(list, "at", under(t, chosen, "position")); !strings.Contains(errs, `"LISTING_BEHIND"`) || !strings.Contains(errs, "can't be followed now") {
		t.Errorf("of rules that are put aside the list says %s", errs)
	}
	if _, err := w.Pool.Exec(t.Context(), `update collection_membership set pending = false, next_try = null`); err != nil {
		t.Fatal(err)
	}
	// A collection that people fill waits for no rule.
	w.set("productSet", "ProductSet", "position product { id }", map[string]any{"handle": "lamp-ab", "tags": []any{"chosen"}})
	filled := w.set("collectionSet", "CollectionSet", "position collection { id }", map[string]any{"handle": "filled", "title": "Filled", "productIds": w.productIDs("lamp-ab")})
	w.Listed(t)
	data, _ := w.ask(`query($at: String) { collection(handle: "filled") { products(first: 50, minPosition: $at) { nodes { handle } } } }`, "at", under(t, filled, "position"))
	if got := listed(t, data, "collection.products.nodes"); got != "ab" {
		t.Errorf("%q is listed", got)
	}
	// The rules of a collection are not waited for by another one.
	follow()
	other := w.set("collectionSet", "CollectionSet", "position collection { id }", map[string]any{"handle": "other", "title": "Other", "ruleSet": map[string]any{"rules": []any{
		map[string]any{"column": "TAG", "relation": "EQUALS", "condition": "chosen"},
	}}})
	w.Listed(t)
	data, _ = w.ask(list, "at", under(t, other, "position"))
	if got := listed(t, data, "collection.products.nodes"); got != "aa ab" {
		t.Errorf("while another collection's rules are new %q is listed", got)
	}
	if _, errs, _ := w.try(strings.Replace(list, "ruled", "other", 1), "at", under(t, other, "position")); !strings.Contains(errs, `"LISTING_BEHIND"`) {
		t.Errorf("before its own rules have followed the list answers %s", errs)
	}
}
