package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestStorefrontLayout(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	page := under(t, w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "about", "title": "About"}), "page.id")
	hidden := under(t, w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "soon", "title": "Soon", "published": false}), "page.id")
	blog := under(t, w.set("blogSet", "BlogSet", "blog { id }", map[string]any{"handle": "news", "title": "News"}), "blog.id")
	article := under(t, w.set("articleSet", "ArticleSet", "article { id }", map[string]any{"blogHandle": "news", "handle": "first", "title": "First"}), "article.id")
	policy := under(t, w.set("policySet", "PolicySet", "policy { id }", map[string]any{"type": "REFUND_POLICY", "body": "<p>30 days</p>"}), "policy.id")
	found, _ := w.ask(`{ collections(first: 1) { nodes { id handle } } product(handle: "lamp-aa") { id } }`)
	collection, product := under(t, found, "collections.nodes.0.id"), under(t, found, "product.id")
	menu := w.set("menuSet", "MenuSet", "menu { id itemsCount version items { id title } }", map[string]any{
		"handle": "main-menu", "title": "Main menu", "items": []any{
			map[string]any{"title": "Shop", "type": "CATALOG", "items": []any{
				map[string]any{"title": "Lights", "type": "COLLECTION", "resourceId": collection, "tags": []any{"Warm White"}},
				map[string]any{"title": "A lamp", "type": "PRODUCT", "resourceId": product},
			}},
			map[string]any{"title": "About", "type": "PAGE", "resourceId": page},
			map[string]any{"title": "Soon", "type": "PAGE", "resourceId": hidden},
			map[string]any{"title": "News 👋", "type": "BLOG", "resourceId": blog, "items": []any{
				map[string]any{"title": "أولاً", "type": "ARTICLE", "resourceId": article},
			}},
			map[string]any{"title": "Far", "type": "HTTP", "url": "https://far.example/x"},
			map[string]any{"title": "Near", "type": "HTTP", "url": "/near"},
		},
	})
	holds(t, menu, map[string]any{"menu.itemsCount": 9, "menu.version": 1, "menu.items.4.title": "Far"})
	w.set("menuSet", "MenuSet", "menu { id }", map[string]any{"handle": "footer", "title": "Footer", "items": []any{
		map[string]any{"title": "Refunds", "type": "SHOP_POLICY", "resourceId": policy},
		map[string]any{"title": "Search", "type": "SEARCH"},
		map[string]any{"title": "Account", "type": "CUSTOMER_ACCOUNT_PAGE"},
		map[string]any{"title": "Home", "type": "FRONTPAGE"},
	}})
	w.set("shopUpdate", "ShopUpdate", "shop { id }", map[string]any{"language": "DE", "shipsToCountries": []any{"US", "DE"}, "brand": map[string]any{
		"slogan": "Light", "colors": map[string]any{"primary": []any{map[string]any{"background": "#102030", "foreground": "#FFFFFF"}}},
		"logo": map[string]any{"url": "/images/logo.svg", "altText": "Logo"},
	}})
	variables := []any{"headerMenuHandle", "main-menu", "footerMenuHandle", "footer", "country", "DE", "language", "FR"}
	for range 8 { // as many connections as the pool has are opened, each with a statement of its own
		w.ask(document(t, "layout"), variables...)
	}
	data, n := w.ask(document(t, "layout"), variables...)
	holds(t, data, map[string]any{
		"shop.name": "Harbor", "shop.brand.slogan": "Light", "shop.brand.shortDescription": nil,
		"shop.brand.colors.primary":                 []any{map[string]any{"background": "#102030", "foreground": "#FFFFFF"}},
		"shop.brand.logo.image.url":                 w.api.URL + "/images/logo.svg",
		"header.itemsCount":                         9,
		"header.items.0.url":                        "https://harbor.example/collections/all",
		"header.items.0.resource":                   nil,
		"header.items.0.resourceId":                 nil,
		"header.items.0.items.0.url":                "https://harbor.example/collections/lights/warm-white",
		"header.items.0.items.0.tags":               []any{"Warm White"},
		"header.items.0.items.0.resource":           map[string]any{"__typename": "Collection", "handle": "lights"},
		"header.items.0.items.1.url":                "https://harbor.example/products/lamp-aa",
		"header.items.0.items.1.resource":           map[string]any{"__typename": "Product"},
		"header.items.0.items.1.resourceId":         product,
		"header.items.1.url":                        "https://harbor.example/pages/about",
		"header.items.1.type":                       "PAGE",
		"header.items.1.items":                      []any{},
		"header.items.2.url":                        nil, // nobody sees the page yet
		"header.items.2.resource":                   nil,
		"header.items.2.resourceId":                 hidden,
		"header.items.3.title":                      "News 👋",
		"header.items.3.url":                        "https://harbor.example/blogs/news",
		"header.items.3.items.0.title":              "أولاً",
		"header.items.3.items.0.url":                "https://harbor.example/blogs/news/first",
		"header.items.4.url":                        "https://far.example/x",
		"header.items.5.url":                        "https://harbor.example/near",
		"footer.items.0.url":                        "https://harbor.example/policies/refund-policy",
		"footer.items.0.resource":                   map[string]any{"__typename": "ShopPolicy", "handle": "refund-policy"},
		"footer.items.1.url":                        "https://harbor.example/search",
		"footer.items.2.url":                        "https://harbor.example/account",
		"footer.items.3.url":                        "https://harbor.example/",
		"localization.country.isoCode":              "DE",
		"localization.country.name":                 "Germany",
		"localization.country.unitSystem":           "METRIC_SYSTEM",
		"localization.country.currency":             map[string]any{"isoCode": "USD", "name": "United States Dollar", "symbol": "$"},
		"localization.language":                     map[string]any{"isoCode": "DE", "name": "German", "endonymName": "Deutsch"},
		"localization.availableLanguages":           []any{map[string]any{"isoCode": "DE"}},
		"localization.availableCountries.0.isoCode": "US",
		"localization.availableCountries.1.isoCode": "DE",
	})
	// Two menus with their entries are four statements, then one for each of the six kinds of things that they lead to;
	// the settings may be a second old.
	if n > 11 {
		t.Errorf("a layout takes %d statements, want at most 11", n)
	}
	t.Run("a larger menu takes as many", func(t *testing.T) {
		items := []any{}
		for range 60 {
			items = append(items, map[string]any{"title": "About", "type": "PAGE", "resourceId": page},
				map[string]any{"title": "Lamp", "type": "PRODUCT", "resourceId": product},
				map[string]any{"title": "Lights", "type": "COLLECTION", "resourceId": collection},
				map[string]any{"title": "First", "type": "ARTICLE", "resourceId": article})
		}
		w.set("menuSet", "MenuSet", "menu { id }", map[string]any{"handle": "main-menu", "items": items})
		var data map[string]any
		more := least(func() (asked int) {
			data, asked = w.ask(document(t, "layout"), variables...)
			return asked
		})
		if more > n || len(under(t, data, "header.items").([]any)) != 240 {
			t.Errorf("it takes %d statements, the small one %d", more, n)
		}
	})
	t.Run("the logo is a medium and a node", func(t *testing.T) {
		data, _ := w.ask(`{ shop { customerAccountUrl brand { logo { id alt mediaContentType previewImage { url } } } } }`)
		holds(t, data, map[string]any{"shop.customerAccountUrl": "https://harbor.example/account", "shop.brand.logo.alt": "Logo", "shop.brand.logo.mediaContentType": "IMAGE"})
		logo := under(t, data, "shop.brand.logo.id")
		data, _ = w.ask(`query($id: ID!) { node(id: $id) { ... on Media { id alt } } }`, "id", logo)
		holds(t, data, map[string]any{"node.id": logo, "node.alt": "Logo"})
	})
	t.Run("entries and menus are nodes", func(t *testing.T) {
		data, _ := w.ask(`query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Page { title } ... on MenuItem { title url } ... on Menu { title } } }`,
			"ids", []any{page, hidden, blog, article, policy, under(t, menu, "menu.id"), under(t, menu, "menu.items.1.id")})
		holds(t, data, map[string]any{
			"nodes.0.title": "About", "nodes.1": nil, "nodes.2.__typename": "Blog", "nodes.3.__typename": "Article",
			"nodes.4.__typename": "ShopPolicy", "nodes.5.title": "Main menu", "nodes.6": nil, // the entries were replaced
		})
	})
}

func TestInContextFallsBackToTheShopsOwnMarket(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	w.set("shopUpdate", "ShopUpdate", "shop { id }", map[string]any{"shipsToCountries": []any{"CA", "US"}})
	for context, want := range map[string]string{
		"": "US", "@inContext(country: CA)": "CA", "@inContext(country: FR, language: DE)": "US", "@inContext(language: EN)": "US",
	} {
		data, _ := w.ask("query " + context + " { localization { country { isoCode } language { isoCode } } }")
		holds(t, data, map[string]any{"localization.country.isoCode": want, "localization.language.isoCode": "EN"})
	}
	for context, want := range map[string]any{"": nil, "@inContext(country: CA)": "CA", "@inContext(country: FR)": nil} {
		data, _ := w.ask("mutation " + context + " { cartCreate { cart { buyerIdentity { countryCode } } } }")
		holds(t, data, map[string]any{"cartCreate.cart.buyerIdentity.countryCode": want})
	}
	data, _ := w.ask("mutation @inContext(country: CA) { cartCreate(input: { buyerIdentity: { countryCode: US } }) { cart { buyerIdentity { countryCode } } } }")
	holds(t, data, map[string]any{"cartCreate.cart.buyerIdentity.countryCode": "US"})
	if _, errs, _ := w.try("query @inContext(country: XX) { shop { name } }"); errs == "" {
		t.Error("a country that is none was taken")
	}
}

func TestStorefrontBlog(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	for b := range 12 {
		blog := fmt.Sprintf("blog-%02d", b)
		w.set("blogSet", "BlogSet", "blog { id }", map[string]any{"handle": blog, "title": "Blog " + blog, "seo": map[string]any{"description": " All  about it "}})
		for a := range 3 {
			w.set("articleSet", "ArticleSet", "article { id }", map[string]any{
				"blogHandle": blog, "handle": fmt.Sprintf("a-%d", a), "title": fmt.Sprintf("Article %d", a),
				"content": fmt.Sprintf("<p>Rope number <b>%d</b> is long enough</p><script>alert(1)</script>", a),
				"excerpt": "<p>In short it is about rope, and about much else</p>", "tags": []any{"Rope", fmt.Sprintf("n%d", a), "rope"},
				"author":      map[string]any{"firstName": "Ada", "lastName": fmt.Sprintf("L%d", a%2), "bio": "<b>Writes</b>"},
				"publishedAt": fmt.Sprintf("2026-01-0%dT00:00:00Z", a+1), "image": map[string]any{"url": "/images/a.svg", "altText": "A", "width": 40, "height": 30},
			})
		}
	}
	w.set("articleSet", "ArticleSet", "article { isPublished }", map[string]any{"blogHandle": "blog-00", "handle": "later", "title": "Later", "publishedAt": "2999-01-01T00:00:00Z", "author": map[string]any{"firstName": "Nobody", "lastName": ""}})
	data, _ := w.ask(document(t, "blog"), "blogHandle", "blog-00", "first", 2)
	holds(t, data, map[string]any{
		"blog.title": "Blog blog-00", "blog.seo.description": "All about it", "blog.seo.title": nil,
		"blog.authors":                []any{map[string]any{"name": "Ada L0"}, map[string]any{"name": "Ada L1"}},
		"blog.articles.nodes.0.title": "Article 2", "blog.articles.nodes.1.title": "Article 1",
		"blog.articles.nodes.0.excerpt":     "In short it is about rope, and about...",
		"blog.articles.nodes.0.contentHtml": "<p>Rope number <b>2</b> is long enough</p>",
		"blog.articles.nodes.0.author.name": "Ada L0", "blog.articles.nodes.0.blog.handle": "blog-00",
		"blog.articles.nodes.0.image":            map[string]any{"id": nil, "altText": "A", "url": w.api.URL + "/images/a.svg", "width": 40, "height": 30},
		"blog.articles.nodes.0.publishedAt":      "2026-01-03T00:00:00Z",
		"blog.articles.pageInfo.hasNextPage":     true,
		"blog.articles.pageInfo.hasPreviousPage": false,
	})
	data, _ = w.ask(document(t, "blog"), "blogHandle", "blog-00", "first", 2, "endCursor", under(t, data, "blog.articles.pageInfo.endCursor"))
	holds(t, data, map[string]any{
		"blog.articles.nodes.0.title": "Article 0", "blog.articles.pageInfo.hasNextPage": false, "blog.articles.pageInfo.hasPreviousPage": true,
	})
	data, _ = w.ask(document(t, "blog"), "blogHandle", "blog-00", "last", 1, "startCursor", under(t, data, "blog.articles.pageInfo.startCursor"))
	holds(t, data, map[string]any{"blog.articles.nodes.0.title": "Article 1"})

	data, _ = w.ask(document(t, "article"), "blogHandle", "blog-03", "articleHandle", "a-1")
	holds(t, data, map[string]any{
		"blog.articleByHandle.title": "Article 1", "blog.articleByHandle.content": "Rope number 1 is...", "blog.articleByHandle.tags": []any{"Rope", "n1"},
		"blog.articleByHandle.author":         map[string]any{"name": "Ada L1", "firstName": "Ada", "lastName": "L1", "email": "", "bio": "Writes"},
		"blog.articleByHandle.onlineStoreUrl": "https://harbor.example/blogs/blog-03/a-1",
		"blog.articleByHandle.excerptHtml":    "<p>In short it is about rope, and about much else</p>",
	})
	for _, nowhere := range []string{"later", "none"} {
		data, _ = w.ask(document(t, "article"), "blogHandle", "blog-00", "articleHandle", nowhere)
		holds(t, data, map[string]any{"blog.articleByHandle": nil})
	}
	data, few := w.ask(document(t, "blogs"), "first", 2)
	holds(t, data, map[string]any{"blogs.nodes.0.articles.nodes.2.title": "Article 0", "blogs.nodes.1.authors.1.name": "Ada L1"})
	data, many := w.ask(document(t, "blogs"), "first", 12)
	holds(t, data, map[string]any{"blogs.nodes.11.articles.nodes.0.blog.handle": "blog-11", "blogs.nodes.11.articles.nodes.0.title": "Article 2"})
	if few != many || many != 3 {
		t.Errorf("2 blogs with their articles and authors take %d statements, 12 take %d, want 3 each", few, many)
	}

	for query, want := range map[string]int{
		"": 36, "author:'ada l0'": 24, "tag:n2": 12, "tag_not:n2": 24, "blog_title:'Blog blog-01'": 3, "rope -tag:n1": 24,
		"title:1": 12, "published_at:>=2026-01-03": 12, "blog_title:'Blog blog-0'*": 0, "handle:a-*": 36, "nothing": 0,
		"tag:n0 OR tag:n1": 24, "published_at:2026-01-02 author:'Ada L1'": 12,
		"tag:* author:* published_at:*": 36, "-tag:*": 0, "handle:* -tag:n0": 24, "it is": 0, "about OR title:2": 12, "-it": 36, "artic*": 36,
	} {
		data, _ := w.ask(`query($q: String) { articles(first: 250, query: $q, sortKey: RELEVANCE) { nodes { id } } }`, "q", query)
		if got := len(under(t, data, "articles.nodes").([]any)); got != want {
			t.Errorf("%q finds %d articles, want %d", query, got, want)
		}
	}
	for _, key := range []string{"AUTHOR", "BLOG_TITLE", "ID", "PUBLISHED_AT", "RELEVANCE", "TITLE", "UPDATED_AT"} {
		seen, cursor := map[any]bool{}, any(nil)
		for range 4 {
			data, _ := w.ask(`query($after: String, $key: ArticleSortKeys) { articles(first: 10, after: $after, query: "rope", sortKey: $key) { nodes { id } pageInfo { endCursor hasNextPage } } }`, "after", cursor, "key", key)
			for _, node := range under(t, data, "articles.nodes").([]any) {
				seen[under(t, node, "id")] = true
			}
			cursor = under(t, data, "articles.pageInfo.endCursor")
		}
		if len(seen) != 36 {
			t.Errorf("by %s, pages hold %d of 36 articles", key, len(seen))
		}
	}
}

func TestStorefrontPageAndItsWriting(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	const fields = "page { id handle title body bodySummary version isPublished publishedAt }"
	hostile := `<h1 onclick="x()">مرحبا</h1><p>👋🏽 hello <a href="javascript:x()">you</a></p><iframe src="https://evil.example"></iframe>` + strings.Repeat("<p>word word</p>", 30)
	first := w.set("pageSet", "PageSet", fields, map[string]any{"handle": "About-Us", "title": "من نحن 👋", "body": hostile})
	holds(t, first, map[string]any{"page.handle": "about-us", "page.version": 1, "page.isPublished": true, "page.title": "من نحن 👋"})
	data, n := w.ask(document(t, "page"), "handle", "about-us", "language", "EN", "country", "US")
	if body := under(t, data, "page.body").(string); !strings.HasPrefix(body, "<h1>مرحبا</h1><p>👋🏽 hello you</p><p>word") {
		t.Errorf("the body is %.80s", body)
	}
	if summary := under(t, data, "page.bodySummary").(string); !strings.HasPrefix(summary, "مرحبا 👋🏽 hello you word") || !strings.HasSuffix(summary, "...") || len([]rune(summary)) > 150 {
		t.Errorf("the summary is %q", summary)
	}
	if n != 1 {
		t.Errorf("a page takes %d statements", n)
	}
	w.set("pageSet", "PageSet", fields, map[string]any{"handle": "about-us", "title": "من نحن 👋"})
	same := w.set("pageSet", "PageSet", fields, map[string]any{"id": under(t, first, "page.id"), "expectedVersion": 1, "title": "About"})
	holds(t, same, map[string]any{"page.version": 2, "page.title": "About"}) // the same again had changed nothing
	conflict := w.call("pageSet", "PageSet", fields, map[string]any{"handle": "about-us", "expectedVersion": 1, "title": "Never"})
	holds(t, conflict, map[string]any{"page": nil, "userErrors.0.code": "VERSION_CONFLICT", "userErrors.0.currentVersion": 2, "userErrors.0.field": []any{"input", "expectedVersion"}})

	own := w.set("pageSet", "PageSet", fields, map[string]any{"externalId": "cms-1", "handle": "cms", "title": "One"})
	moved := w.set("pageSet", "PageSet", fields, map[string]any{"externalId": "cms-1", "handle": "cms-moved"})
	holds(t, moved, map[string]any{"page.id": under(t, own, "page.id"), "page.handle": "cms-moved", "page.title": "One"})

	later := w.set("pageSet", "PageSet", fields, map[string]any{"handle": "later", "title": "Later", "publishedAt": time.Now().Add(time.Hour).Format(time.RFC3339)})
	holds(t, later, map[string]any{"page.isPublished": false})
	data, _ = w.ask(`query($id: ID!) { page(handle: "later") { id } pageByHandle(handle: "later") { id } node(id: $id) { id } pages(first: 9, sortKey: TITLE) { nodes { handle } } }`, "id", under(t, later, "page.id"))
	holds(t, data, map[string]any{"page": nil, "pageByHandle": nil, "node": nil, "pages.nodes": []any{map[string]any{"handle": "about-us"}, map[string]any{"handle": "cms-moved"}}})
	data, _ = w.askAs(w.token, `{ page(handle: "later") { title } }`)
	holds(t, data, map[string]any{"page.title": "Later"})
	if _, err := w.Pool.Exec(t.Context(), `update page set published_at = now() where handle = 'later'`); err != nil {
		t.Fatal(err)
	}
	data, _ = w.ask(`{ page(handle: "later") { title } }`)
	holds(t, data, map[string]any{"page.title": "Later"})
	w.set("pageSet", "PageSet", fields, map[string]any{"handle": "later", "published": false})
	data, _ = w.ask(`{ page(handle: "later") { title } }`)
	holds(t, data, map[string]any{"page": nil})

	gone := w.set("pageDelete", "PageDelete", "deletedPageId", map[string]any{"id": under(t, own, "page.id")})
	holds(t, gone, map[string]any{"deletedPageId": under(t, own, "page.id")})
	w.refused("pageDelete", "PageDelete", map[string]any{"id": under(t, own, "page.id")}, "NOT_FOUND input.id")
}

func TestBadContentIsRefusedWithItsPath(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	page := under(t, w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "a", "title": "A"}), "page.id")
	w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "b", "title": "B"})
	blog := under(t, w.set("blogSet", "BlogSet", "blog { id }", map[string]any{"handle": "news", "title": "News"}), "blog.id")
	w.set("articleSet", "ArticleSet", "article { id }", map[string]any{"blogId": blog, "handle": "x", "title": "X"})
	long := strings.Repeat("x", 256)
	w.refused("pageSet", "PageSet", map[string]any{"title": "No name"}, "BLANK input.handle")
	w.refused("pageSet", "PageSet", map[string]any{"handle": "c"}, "BLANK input.title")
	w.refused("pageSet", "PageSet", map[string]any{"handle": "c d/e", "title": "C"}, "INVALID input.handle")
	w.refused("pageSet", "PageSet", map[string]any{"handle": "c", "title": " ", "seo": map[string]any{"title": long}}, "BLANK input.title", "TOO_LONG input.seo.title")
	w.refused("pageSet", "PageSet", map[string]any{"id": page, "handle": "b"}, "TAKEN input.handle")
	w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "bb", "title": "BB", "externalId": "erp-b"})
	w.refused("pageSet", "PageSet", map[string]any{"id": page, "title": "Other", "externalId": "erp-b"}, "TAKEN input.externalId")
	w.refused("pageSet", "PageSet", map[string]any{"id": blog, "title": "x"}, "NOT_FOUND input.id")
	w.refused("pageSet", "PageSet", map[string]any{"handle": "new", "title": "New", "expectedVersion": 1}, "NOT_FOUND input.expectedVersion")
	w.refused("pageSet", "PageSet", map[string]any{"externalId": "e", "title": "E"}, "BLANK input.handle")
	w.refused("articleSet", "ArticleSet", map[string]any{"handle": "y", "title": "Y"}, "BLANK input.blogId")
	w.refused("articleSet", "ArticleSet", map[string]any{"handle": "y", "title": "Y", "blogHandle": "none"}, "NOT_FOUND input.blogHandle")
	w.refused("articleSet", "ArticleSet", map[string]any{"blogId": blog, "handle": "y", "title": "Y", "image": map[string]any{"url": "javascript:x"}}, "INVALID input.image.url")
	w.refused("blogDelete", "BlogDelete", map[string]any{"id": blog}, "NOT_EMPTY input.id")
	w.refused("policySet", "PolicySet", map[string]any{"type": "REFUND_POLICY", "body": "<script>x</script>"}, "BLANK input.body")
	item := func(more map[string]any) map[string]any {
		one := map[string]any{"title": "T", "type": "HTTP", "url": "/x"}
		for key, value := range more {
			one[key] = value
			if value == nil {
				delete(one, key)
			}
		}
		return map[string]any{"handle": "m", "title": "M", "items": []any{one}}
	}
	below := func(inner any) map[string]any {
		return map[string]any{"title": "T", "type": "SEARCH", "items": []any{inner}}
	}
	w.refused("menuSet", "MenuSet", item(map[string]any{"url": "javascript:x()"}), "INVALID input.items.0.url")
	w.refused("menuSet", "MenuSet", item(map[string]any{"url": "//evil.example"}), "INVALID input.items.0.url")
	w.refused("menuSet", "MenuSet", item(map[string]any{"url": nil}), "BLANK input.items.0.url")
	w.refused("menuSet", "MenuSet", item(map[string]any{"title": ""}), "BLANK input.items.0.title")
	w.refused("menuSet", "MenuSet", item(map[string]any{"type": "PAGE", "url": nil}), "BLANK input.items.0.resourceId")
	w.refused("menuSet", "MenuSet", item(map[string]any{"type": "PAGE", "url": nil, "resourceId": blog}), "NOT_FOUND input.items.0.resourceId")
	w.refused("menuSet", "MenuSet", item(map[string]any{"type": "PRODUCT", "url": nil, "resourceId": "gid://wharf/Product/01890a5d-ac96-774b-bcce-b302099a8057"}), "NOT_FOUND input.items.0.resourceId")
	w.refused("menuSet", "MenuSet", item(map[string]any{"id": "gid://wharf/MenuItem/01890a5d-ac96-774b-bcce-b302099a8057"}), "NOT_FOUND input.items.0.id")
	w.refused("menuSet", "MenuSet", map[string]any{"handle": "m", "title": "M", "items": []any{below(below(below(below(map[string]any{"title": "T", "type": "SEARCH"}))))}}, "TOO_MANY input.items.0.items.0.items.0.items")
	data, _ := w.ask(`{ menu(handle: "m") { id } }`)
	holds(t, data, map[string]any{"menu": nil})
	for _, bad := range []string{`pages(first: 1, after: "x")`, `pages(first: 251)`, `pages`, `pages(first: 1, query: "created_at:soon")`, `articles(first: 1, sortKey: TITLE, after: "WyJ4IiwieSJd")`} {
		if _, errs, _ := w.try("{ " + bad + " { nodes { id } } }"); !strings.Contains(errs, "BAD_USER_INPUT") && !strings.Contains(errs, "251") && !strings.Contains(errs, "elements") {
			t.Errorf("%s answers %q", bad, errs)
		}
	}
}

func TestStorefrontPolicies(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	const fields = "policy { id title handle body version url }"
	w.set("policySet", "PolicySet", fields, map[string]any{"type": "REFUND_POLICY", "body": `<p onclick="x()">30 days</p>`})
	w.set("policySet", "PolicySet", fields, map[string]any{"type": "SUBSCRIPTION_POLICY", "title": "Standing orders", "body": "<p>None</p>"})
	w.set("policySet", "PolicySet", fields, map[string]any{"type": "TERMS_OF_SERVICE", "body": "<p>Terms</p>"})
	holds(t, w.set("policySet", "PolicySet", fields, map[string]any{"type": "TERMS_OF_SERVICE", "body": ""}), map[string]any{"policy": nil})
	data, n := w.ask(document(t, "policies"))
	holds(t, data, map[string]any{
		"shop.privacyPolicy": nil, "shop.termsOfService": nil, "shop.refundPolicy.title": "Refund policy",
		"shop.refundPolicy.body": "<p>30 days</p>", "shop.refundPolicy.handle": "refund-policy",
		"shop.refundPolicy.url":         "https://harbor.example/policies/refund-policy",
		"shop.subscriptionPolicy.title": "Standing orders", "shop.subscriptionPolicy.handle": "subscription-policy",
	})
	if n > 2 {
		t.Errorf("the policies take %d statements, want one, and one for the shop where it is not fresh", n)
	}
	again := w.set("policySet", "PolicySet", fields, map[string]any{"type": "REFUND_POLICY", "body": `<p>30 days</p>`, "expectedVersion": 1})
	holds(t, again, map[string]any{"policy.version": 1})
	w.refused("policySet", "PolicySet", map[string]any{"type": "REFUND_POLICY", "body": "x", "expectedVersion": 7}, "VERSION_CONFLICT input.expectedVersion")
}

// TestAnExternalIDMayBeGivenLater and nothing else changed: from then on the thing is found by it.
func TestAnExternalIDMayBeGivenLater(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	for _, kind := range []struct{ mutation, input, field string }{
		{"pageSet", "PageSet", "page"},
		{"blogSet", "BlogSet", "blog"},
		{"articleSet", "ArticleSet", "article"},
		{"menuSet", "MenuSet", "menu"},
		{"collectionSet", "CollectionSet", "collection"},
	} {
		fields := kind.field + " { id version title }"
		first := map[string]any{"handle": "named-later", "title": "Named later"}
		switch kind.field {
		case "article":
			first["blogHandle"], first["author"] = "named-later", map[string]any{"firstName": "Ada", "lastName": "Lovelace"}
		case "menu":
			first["items"] = []any{}
		}
		thing := under(t, w.set(kind.mutation, kind.input, fields, first), kind.field+".id")
		for version, sent := range []map[string]any{
			{"id": thing, "externalId": "erp-9"},
			{"id": thing, "externalId": "erp-9"},
			{"externalId": "erp-9", "title": "Found by it"},
		} {
			got := w.set(kind.mutation, kind.input, fields, sent)
			holds(t, got, map[string]any{kind.field + ".id": thing, kind.field + ".version": []int{2, 2, 3}[version]})
		}
	}
}

// TestAStorefrontsDefaultCountry: kits declare their country with ZZ for the unknown region; who gives none is answered as
// if none was asked for.
func TestAStorefrontsDefaultCountry(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	const localized = `query($country: CountryCode = ZZ, $language: LanguageCode) @inContext(country: $country, language: $language) { localization { country { isoCode } } }`
	without, _ := w.ask(`{ localization { country { isoCode } } }`)
	for _, variables := range [][]any{{}, {"country", "ZZ"}} {
		got, _ := w.ask(localized, variables...)
		if a, b := under(t, got, "localization.country.isoCode"), under(t, without, "localization.country.isoCode"); a != b {
			t.Errorf("with %v it is %v, want %v", variables, a, b)
		}
	}
}
