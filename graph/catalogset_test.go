package graph_test

import (
	"strings"
	"testing"
)

// bottle is a product as a partner's system would write it.
func bottle() map[string]any {
	choice := func(color, size string) []any {
		return []any{map[string]any{"name": "Color", "value": color}, map[string]any{"name": "Size", "value": size}}
	}
	return map[string]any{
		"handle": "bottle", "title": "Bottle", "vendor": "Acme", "productType": "Outdoor", "tags": []any{"steel"},
		"descriptionHtml": `<p dir="rtl">زجاجة 🍶</p><img src=x onerror=alert(1)>`, "seo": map[string]any{"title": "Buy a bottle"},
		"options": []any{
			map[string]any{"name": "Color", "values": []any{
				map[string]any{"name": "Red", "swatch": map[string]any{"color": "#c0392b"}},
				map[string]any{"name": "Blue", "swatch": map[string]any{"imageUrl": "/images/blue.svg"}},
			}},
			map[string]any{"name": "Size"},
		},
		"variants": []any{
			map[string]any{
				"sku": "B-R-S", "price": "15.00", "compareAtPrice": "18.00", "selectedOptions": choice("Red", "Small"),
				"unitPriceMeasurement": map[string]any{"quantityValue": 0.75, "quantityUnit": "L", "referenceValue": 100, "referenceUnit": "ML"},
			},
			map[string]any{"sku": "B-R-L", "price": "25.00", "selectedOptions": choice("Red", "Large"), "quantityRule": map[string]any{"minimum": 2, "increment": 2, "maximum": 8}},
			map[string]any{"sku": "B-B-S", "price": "16.00", "selectedOptions": choice("Blue", "Small"), "imageUrl": "/images/bottle-blue.svg"},
		},
		"media": []any{
			map[string]any{"alt": "A bottle", "image": map[string]any{"url": "/images/bottle.svg", "width": 800, "height": 600}},
			map[string]any{"externalVideo": map[string]any{"url": "https://youtu.be/dQw4w9WgXcQ"}, "previewImage": map[string]any{"url": "/images/film.svg"}},
			map[string]any{"video": map[string]any{"sources": []any{map[string]any{"url": "/videos/bottle.mp4", "mimeType": "video/mp4", "width": 640, "height": 360}}}},
			map[string]any{"alt": "Turn me", "model3d": map[string]any{"sources": []any{
				map[string]any{"url": "/models/bottle.glb", "mimeType": "model/gltf-binary", "filesize": 2048},
				map[string]any{"url": "/models/bottle.usdz", "mimeType": "model/vnd.usdz+zip", "filesize": 4096},
			}}},
		},
		"metafields": []any{map[string]any{"key": "material", "type": "single_line_text_field", "value": "Steel"}},
	}
}

func TestStorefrontProductPage(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	found, _ := w.ask(`{ a: product(handle: "lamp-aa") { id } b: product(handle: "lamp-ab") { id } }`)
	in := bottle()
	in["complementaryProductIds"] = []any{under(t, found, "b.id"), under(t, found, "a.id")}
	made := w.set("productSet", "ProductSet", "position product { id version status options { id optionValues { id swatch { image { id } } } } variants(first: 5) { nodes { id } } }", in)
	holds(t, made, map[string]any{"product.version": 1, "product.status": "ACTIVE"})
	product := under(t, made, "product.id")
	again := w.set("productSet", "ProductSet", "position product { id version }", in)
	holds(t, again, map[string]any{"product.version": 1, "product.id": product, "position": under(t, made, "position")})
	written := w.answer("metafieldsSet", "MetafieldsSet", "metafields { id namespace } userErrors { code elementIndex field }", map[string]any{"metafields": []any{
		map[string]any{"ownerId": product, "key": "goes_with", "type": "list.product_reference", "value": text([]any{under(t, found, "a.id")})},
	}})
	holds(t, written, map[string]any{"userErrors": []any{}, "metafields.0.namespace": "custom"})

	variables := []any{"handle", "bottle", "selectedOptions", []any{map[string]any{"name": "color", "value": "blue"}, map[string]any{"name": "SIZE", "value": "Small"}, map[string]any{"name": "utm", "value": "x"}}}
	w.ask(document(t, "product"), variables...)
	data, n := w.ask(document(t, "product"), variables...)
	url := w.api.URL
	holds(t, data, map[string]any{
		"product.descriptionHtml":                                       `<p dir="rtl">زجاجة 🍶</p><img src="x">`,
		"product.encodedVariantExistence":                               "v1_0:0-1,1:0,",
		"product.encodedVariantAvailability":                            "v1_0:0-1,1:0,",
		"product.options.0.optionValues.0.swatch":                       map[string]any{"color": "#C0392B", "image": nil},
		"product.options.0.optionValues.1.swatch":                       map[string]any{"color": nil, "image": map[string]any{"previewImage": map[string]any{"url": url + "/images/blue.svg"}}},
		"product.options.0.optionValues.1.firstSelectableVariant.title": "Blue / Small",
		"product.options.1.optionValues.0.firstSelectableVariant.title": "Red / Small",
		"product.options.1.optionValues.1.firstSelectableVariant.title": "Red / Large",
		"product.options.1.optionValues.0.swatch":                       nil,
		"product.selectedOrFirstAvailableVariant.title":                 "Blue / Small",
		"product.selectedOrFirstAvailableVariant.image.url":             url + "/images/bottle-blue.svg",
		// none of the names is an option's, in this case of letters: it is as without a selection
		"product.adjacentVariants.0.title": "Red / Large", "product.adjacentVariants.1.title": "Blue / Small",
		"product.compareAtPriceRange.maxVariantPrice.amount":                "18.00",
		"product.options.0.optionValues.0.firstSelectableVariant.unitPrice": map[string]any{"amount": "2.00", "currencyCode": "USD"},
		"product.options.0.optionValues.0.firstSelectableVariant.unitPriceMeasurement": map[string]any{
			"measuredType": "VOLUME", "quantityValue": 0.75, "quantityUnit": "L", "referenceValue": 100, "referenceUnit": "ML",
		},
		"product.options.1.optionValues.1.firstSelectableVariant.quantityRule": map[string]any{"minimum": 2, "maximum": 8, "increment": 2},
		"product.media.nodes.0.__typename":                                     "MediaImage",
		"product.media.nodes.0.alt":                                            "A bottle",
		"product.media.nodes.0.image.url":                                      url + "/images/bottle.svg",
		"product.media.nodes.0.image.width":                                    800,
		"product.media.nodes.0.presentation.asJson":                            nil,
		"product.media.nodes.1.mediaContentType":                               "EXTERNAL_VIDEO",
		"product.media.nodes.1.host":                                           "YOUTUBE",
		"product.media.nodes.1.embedUrl":                                       "https://www.youtube.com/embed/dQw4w9WgXcQ",
		"product.media.nodes.1.originUrl":                                      "https://youtu.be/dQw4w9WgXcQ",
		"product.media.nodes.1.previewImage.url":                               url + "/images/film.svg",
		"product.media.nodes.2.sources":                                        []any{map[string]any{"url": url + "/videos/bottle.mp4", "mimeType": "video/mp4", "format": "mp4", "width": 640, "height": 360}},
		"product.media.nodes.3.__typename":                                     "Model3d",
		"product.media.nodes.3.sources.0":                                      map[string]any{"url": url + "/models/bottle.glb", "mimeType": "model/gltf-binary", "format": "glb", "filesize": 2048},
		"product.media.nodes.3.presentation.asJson": map[string]any{
			"src": url + "/models/bottle.glb", "ios-src": url + "/models/bottle.usdz", "alt": "Turn me", "ar": true, "camera-controls": true,
		},
		"product.media.nodes.4.image.url": url + "/images/bottle-blue.svg",
		"product.material":                map[string]any{"type": "single_line_text_field", "value": "Steel", "list": false, "parentResource": map[string]any{"handle": "bottle"}},
		"product.more":                    []any{map[string]any{"type": "list.product_reference", "list": true, "references": map[string]any{"nodes": []any{map[string]any{"handle": "lamp-aa"}}}}, nil},
		"product.seo.title":               "Buy a bottle",
		"complementary.0.handle":          "lamp-ab",
		"complementary.1.handle":          "lamp-aa",
	})
	for path, want := range map[string]int{"related": 10, "complementary": 2, "product.media.nodes": 5} {
		if got := len(under(t, data, path).([]any)); got != want {
			t.Errorf("%s has %d elements, want %d", path, got, want)
		}
	}
	for i, one := range under(t, data, "related").([]any) {
		if handle := under(t, one, "handle").(string); !strings.HasPrefix(handle, "lamp-") {
			t.Errorf("the %d. related product is %s", i, handle)
		}
	}
	t.Run("adjacent to what exists", func(t *testing.T) {
		data, _ := w.ask(`{ product(handle: "bottle") {
			adjacent: adjacentVariants(selectedOptions: [{ name: "Color", value: "Red" }, { name: "Size", value: "Small" }]) { title }
			first: adjacentVariants { title }
			strict: adjacentVariants(selectedOptions: [{ name: "Color", value: "Red" }, { name: "x", value: "y" }], ignoreUnknownOptions: false) { title }
			partial: variantBySelectedOptions(selectedOptions: [{ name: "Color", value: "Red" }]) { title }
			exact: variantBySelectedOptions(selectedOptions: [{ name: "Size", value: "Large" }, { name: "Color", value: "Red" }]) { title }
			case: variantBySelectedOptions(selectedOptions: [{ name: "size", value: "Large" }, { name: "Color", value: "Red" }]) { title }
			blue: selectedOrFirstAvailableVariant(selectedOptions: [{ name: "Color", value: "Blue" }, { name: "utm_source", value: "ad" }]) { title }
			large: selectedOrFirstAvailableVariant(selectedOptions: [{ name: "size", value: "large" }], caseInsensitiveMatch: true) { title }
			strange: selectedOrFirstAvailableVariant(selectedOptions: [{ name: "Color", value: "Blue" }, { name: "x", value: "y" }], ignoreUnknownOptions: false) { title }
			none: selectedOrFirstAvailableVariant(selectedOptions: [{ name: "Color", value: "Blue" }, { name: "Size", value: "Large" }]) { title }
		} }`)
		holds(t, data, map[string]any{
			"product.adjacent": []any{map[string]any{"title": "Red / Large"}, map[string]any{"title": "Blue / Small"}},
			"product.first":    []any{map[string]any{"title": "Red / Large"}, map[string]any{"title": "Blue / Small"}},
			"product.strict":   []any{}, "product.partial": nil, "product.exact.title": "Red / Large", "product.case": nil, "product.none.title": "Red / Small",
			"product.blue.title": "Blue / Small", "product.large.title": "Red / Large", "product.strange.title": "Red / Small",
		})
	})
	t.Run("what is sold out exists and can't be bought", func(t *testing.T) {
		data, _ := w.ask(`{ product(handle: "lamp-aa") { encodedVariantExistence encodedVariantAvailability } }`)
		holds(t, data, map[string]any{"product.encodedVariantExistence": "v1_0-1", "product.encodedVariantAvailability": "v1_0"})
	})
	t.Run("media, presentations and metafields are nodes", func(t *testing.T) {
		ids := []any{}
		for _, node := range under(t, data, "product.media.nodes").([]any) {
			ids = append(ids, under(t, node, "id"), under(t, node, "presentation.id"))
		}
		ids = append(ids, under(t, written, "metafields.0.id"), under(t, made, "product.options.0.optionValues.1.swatch.image.id"))
		nodes, _ := w.ask(`query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Media { alt } ... on Metafield { key } ... on MediaPresentation { asJson(format: IMAGE) } } }`, "ids", ids)
		for i, one := range ids {
			if got := under(t, nodes, "nodes").([]any)[i]; got == nil || under(t, got, "id") != one {
				t.Errorf("%v is %v", one, got)
			}
		}
		holds(t, nodes, map[string]any{"nodes.0.alt": "A bottle", "nodes.10.key": "goes_with", "nodes.3.asJson.src": url + "/images/film.svg", "nodes.5.asJson": nil})
		w.set("productSet", "ProductSet", "product { id }", map[string]any{"id": product, "status": "DRAFT"})
		nodes, _ = w.ask(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, "ids", ids)
		for i := range ids {
			if under(t, nodes, "nodes").([]any)[i] != nil {
				t.Errorf("a shopper sees %v of a draft", ids[i])
			}
		}
	})
	if n > 24 {
		t.Errorf("a product page takes %d statements, want at most 24", n)
	}
}

// answer calls a mutation with all the fields of its answer.
func (w writer) answer(name, kind, fields string, input map[string]any) any {
	w.Helper()
	data, _ := w.askAs(w.token, "mutation($input: "+kind+"Input!) { "+name+"(input: $input) { "+fields+" } }", "input", input)
	return data[name]
}

func TestListsWithMediaAndMetafieldsTakeAsManyStatements(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	found, _ := w.ask(`{ products(first: 20) { nodes { id variants(first: 1) { nodes { id } } } } }`)
	var entries []any
	first := under(t, found, "products.nodes.0.id")
	for _, node := range under(t, found, "products.nodes").([]any) {
		entries = append(entries, map[string]any{"ownerId": under(t, node, "id"), "key": "pair", "type": "product_reference", "value": first},
			map[string]any{"ownerId": under(t, node, "variants.nodes.0.id"), "key": "note", "type": "single_line_text_field", "value": "N"})
	}
	w.answer("metafieldsSet", "MetafieldsSet", "userErrors { code field }", map[string]any{"metafields": entries})
	const query = `query($n: Int!) { products(first: $n) { nodes { id version encodedVariantAvailability media(first: 5) { nodes { id } }
		options { optionValues { swatch { color } firstSelectableVariant { id } } }
		metafield(key: "pair") { value reference { ... on Product { handle } } parentResource { ... on Product { id } } }
		variants(first: 5) { nodes { unitPrice { amount } metafield(key: "note") { value } } } } } }`
	var data map[string]any
	page := func(first int) int {
		return least(func() (n int) {
			data, n = w.ask(query, "n", first)
			return n
		})
	}
	one, many := page(1), page(20)
	holds(t, data, map[string]any{"products.nodes.19.variants.nodes.0.metafield.value": "N", "products.nodes.19.metafield.value": first})
	if many > one+1 { // what metafields lead to may be in the list already
		t.Errorf("20 products take %d statements, one %d", many, one)
	}
}

func TestProductMutationsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	w.set("productSet", "ProductSet", "product { id }", bottle())
	for want, input := range map[string]map[string]any{
		"VERSION_CONFLICT input.expectedVersion":           {"handle": "bottle", "expectedVersion": 9},
		"INVALID input.variants.0.price":                   {"handle": "bottle", "variants": []any{map[string]any{"sku": "B-R-S", "price": "-1.00"}}},
		"DUPLICATE input.options.1.name":                   {"handle": "bottle", "options": []any{map[string]any{"name": "Color"}, map[string]any{"name": "color"}}},
		"INVALID_VALUE input.metafields.0.value":           {"handle": "bottle", "metafields": []any{map[string]any{"key": "age", "type": "number_integer", "value": "old"}}},
		"NOT_FOUND input.complementaryProductIds.0":        {"handle": "bottle", "complementaryProductIds": []any{"gid://wharf/Product/01890a5d-ac96-774b-bcce-b302099a8057"}},
		"INVALID input.media.0":                            {"handle": "bottle", "media": []any{map[string]any{"alt": "x"}}},
		"BLANK input.title, BLANK input.variants":          {"handle": "fresh"},
		"INVALID input.variants.0.quantityRule.minimum":    {"handle": "bottle", "variants": []any{map[string]any{"sku": "B-R-S", "quantityRule": map[string]any{"minimum": 3, "increment": 2}}}},
		"BLANK input.variants.0.selectedOptions":           {"handle": "bottle", "variants": []any{map[string]any{"sku": "new", "price": "1.00"}}},
		"INVALID input.options.0.values.0.swatch.imageUrl": {"handle": "bottle", "options": []any{map[string]any{"name": "Color", "values": []any{map[string]any{"name": "Red", "swatch": map[string]any{"imageUrl": "data:text/html,x"}}, map[string]any{"name": "Blue"}}}, map[string]any{"name": "Size"}}},
	} {
		w.refused("productSet", "ProductSet", input, strings.Split(want, ", ")...)
	}
	data := w.answer("metafieldsSet", "MetafieldsSet", "metafields { id } position userErrors { code elementIndex field }", map[string]any{"metafields": []any{
		map[string]any{"ownerId": "gid://wharf/Page/01890a5d-ac96-774b-bcce-b302099a8057", "key": "age", "value": "1"},
	}})
	holds(t, data, map[string]any{"metafields": nil, "position": nil, "userErrors.0": map[string]any{"code": "NOT_FOUND", "elementIndex": 0, "field": []any{"input", "metafields", "0", "ownerId"}}})
	found, _ := w.ask(`{ product(handle: "bottle") { id variants(first: 1) { nodes { id } } } productTags(first: 5) { nodes pageInfo { hasNextPage } } productTypes(first: 1) { nodes pageInfo { hasNextPage endCursor } } }`)
	holds(t, found, map[string]any{"productTags.nodes": []any{"lamp", "steel", "warm"}, "productTypes.nodes": []any{"Indoor"}, "productTypes.pageInfo.hasNextPage": true})
	more, _ := w.ask(`query($after: String) { productTypes(first: 5, after: $after) { nodes } none: productRecommendations(productHandle: "absent") { id } }`, "after", under(t, found, "productTypes.pageInfo.endCursor"))
	holds(t, more, map[string]any{"productTypes.nodes": []any{"Outdoor"}, "none": nil})
	prices := w.answer("productPricesSet", "ProductPricesSet", "variants { price { amount } product { priceRange { minVariantPrice { amount } } } } userErrors { code }",
		map[string]any{"prices": []any{map[string]any{"variantId": under(t, found, "product.variants.nodes.0.id"), "price": "14.00"}}})
	holds(t, prices, map[string]any{"userErrors": []any{}, "variants": []any{map[string]any{"price": map[string]any{"amount": "14.00"}, "product": map[string]any{"priceRange": map[string]any{"minVariantPrice": map[string]any{"amount": "14.00"}}}}}})
	gone := w.call("productDelete", "ProductDelete", "deletedProductId position", map[string]any{"id": under(t, found, "product.id")})
	holds(t, gone, map[string]any{"deletedProductId": under(t, found, "product.id")})
	w.refused("productDelete", "ProductDelete", map[string]any{"id": under(t, found, "product.id")}, "NOT_FOUND input.id")
	if data, _ := w.ask(`{ product(handle: "bottle") { id } }`); data["product"] != nil {
		t.Error("what is deleted is there")
	}
}
