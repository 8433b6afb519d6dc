package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestStorefrontSitemap(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "about", "title": "About"})
	w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "soon", "title": "Soon", "published": false})
	data, _ := w.ask(document(t, "sitemap"), "first", 250)
	holds(t, data, map[string]any{
		"products.nodes.0.handle": "lamp-aa", "products.nodes.0.onlineStoreUrl": "https://harbor.example/products/lamp-aa",
		"products.nodes.29.handle": "lamp-bd", "products.nodes.0.featuredImage.altText": "A lamp",
		"collections.nodes.0.handle": "lights", "pages.nodes.0.handle": "about",
	})
	for list, want := range map[string]int{"products": 30, "collections": 1, "pages": 1} {
		if got := len(under(t, data, list+".nodes").([]any)); got != want {
			t.Errorf("the sitemap has %d %s, want %d", got, list, want)
		}
	}
	staff := w.key("catalog:read")
	const lists = `query($q: String!) { products(first: 250, query: $q) { nodes { handle } } pages(first: 9, query: $q) { nodes { handle } } blogs(first: 9, query: $q) { nodes { handle } } }`
	w.set("blogSet", "BlogSet", "blog { id }", map[string]any{"handle": "news", "title": "News"})
	for _, c := range []struct {
		query                  string
		products, pages, blogs int
	}{
		{"published_status:visible", 30, 1, 1},
		{"published_status:online_store:published", 30, 1, 1},
		{"published_status:any", 31, 2, 1},
		{"-published_status:any", 31, 2, 1},
		{"published_status:hidden", 1, 1, 0},
		{"-published_status:visible", 1, 1, 0},
		{"published_status:Unpublished", 1, 1, 0},
	} {
		data, _ := w.askAs(staff, lists, "q", c.query)
		for list, want := range map[string]int{"products": c.products, "pages": c.pages, "blogs": c.blogs} {
			if got := len(under(t, data, list+".nodes").([]any)); got != want {
				t.Errorf("%s finds %d %s, want %d", c.query, got, list, want)
			}
		}
	}
	// Nothing that is kept back is found by asking for it.
	if data, _ := w.ask(lists, "q", "published_status:hidden"); len(under(t, data, "products.nodes").([]any))+len(under(t, data, "pages.nodes").([]any)) != 0 {
		t.Errorf("shoppers find what is kept back: %v", data)
	}
	w.set("productSet", "ProductSet", "product { id }", map[string]any{"handle": "voucher", "title": "Voucher", "isGiftCard": true, "variants": []any{map[string]any{"price": "10.00"}}})
	w.Listed(t)
	for query, want := range map[string]int{"gift_card:true": 1, "gift_card:false": 30, "NOT gift_card:true": 30} {
		if data, _ := w.ask(`query($q: String!) { products(first: 250, query: $q) { nodes { id } } }`, "q", query); len(under(t, data, "products.nodes").([]any)) != want {
			t.Errorf("%s finds %d products, want %d", query, len(under(t, data, "products.nodes").([]any)), want)
		}
	}
	if _, errs, _ := w.try(lists, "q", "published_status:sometimes"); !strings.Contains(errs, "BAD_USER_INPUT") {
		t.Errorf("a state that there is none of answers %s", errs)
	}
}

// TestFieldsOfOtherListsAreLeftOut: a storefront that names a field which this shop's lists do not have gets its list, and
// whoever reads the extensions is told; also when the answer comes from memory.
func TestFieldsOfOtherListsAreLeftOut(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, openMarket(t))
	const query = `query($q: String!) { all: products(first: 250, query: $q) { nodes { id } } pages(first: 1, query: "about 12:30") { nodes { id } } }`
	const asked = `foo:bar title:"Lamp aa" (-inventory_total:5 OR metafields.custom.x:'a b')`
	type answered struct {
		Data       struct{ All struct{ Nodes []any } }
		Extensions struct {
			Search []struct {
				Path     []string
				Query    string
				Warnings []struct{ Field, Code string }
			}
		}
	}
	for _, status := range []string{"wharf; fwd=miss", "wharf; hit"} {
		got := k.post(query, map[string]any{"q": asked})
		var answer answered
		if err := json.Unmarshal([]byte(got.body), &answer); err != nil || len(answer.Data.All.Nodes) != 1 || got.header.Get("Cache-Status") != status {
			t.Fatalf("%s answers %s, %v; want one lamp and %s", got.header.Get("Cache-Status"), got.body, err, status)
		}
		want := `[{[all] ` + asked + ` [{foo invalid_field} {inventory_total invalid_field} {metafields.custom.x invalid_field}]}]`
		if said := fmt.Sprint(answer.Extensions.Search); said != want {
			t.Errorf("the extensions say %s, want %s", said, want)
		}
	}
	// A small document buys no large answer: each field is named once, and not all of them are.
	many := strings.Repeat("foo:1 ", 40)
	for i := range 40 {
		many += fmt.Sprintf("f%d:1 foo:2 ", i)
	}
	got := k.post(query, map[string]any{"q": many})
	if foo, all := strings.Count(got.body, `"field":"foo"`), strings.Count(got.body, "invalid_field"); foo != 1 || all != 10 {
		t.Errorf("80 conditions on foo are warned of %d times, and all conditions %d times", foo, all)
	}
	if got := k.post(query, map[string]any{"q": "tag:lamp"}); strings.Contains(got.body, "invalid_field") {
		t.Errorf("a search that was understood is warned of: %s", got.body)
	}
}
