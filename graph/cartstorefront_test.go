package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/graph"
)

// openCarts is a shop with a writer, at which one caller may ask as often as a test wants to.
func openCarts(t *testing.T) writer {
	t.Helper()
	w := openWriter(t)
	server, err := graph.New(w.Shop.Shop, graph.Options{Log: slog.New(slog.DiscardHandler), NoRateLimit: true})
	if err != nil {
		t.Fatal(err)
	}
	w.api = httptest.NewServer(server)
	t.Cleanup(w.api.Close)
	return w
}

// cartOf calls one operation of the storefront's cart document, and gives its answer and the statements that it took.
func (m *market) cartOf(operation string, variables map[string]any) (any, int) {
	m.Helper()
	body, err := json.Marshal(map[string]any{"query": document(m, "cart"), "operationName": operation, "variables": variables})
	if err != nil {
		m.Fatal(err)
	}
	before := m.asked.n.Load()
	request, err := http.NewRequestWithContext(m.Context(), http.MethodPost, m.api.URL+"/api/2026-04/graphql.json", bytes.NewReader(body))
	if err != nil {
		m.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		m.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Data   map[string]any
		Errors json.RawMessage
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		m.Fatal(err)
	}
	if len(answer.Errors) > 0 {
		m.Fatalf("%s answers %s", operation, answer.Errors)
	}
	if cart, ok := answer.Data["cart"]; ok {
		return cart, int(m.asked.n.Load() - before)
	}
	return answer.Data["result"], int(m.asked.n.Load() - before)
}

// cart calls an operation that must be content, and gives the cart.
func (m *market) cart(operation string, variables map[string]any) any {
	m.Helper()
	answer, _ := m.cartOf(operation, variables)
	if errs := under(m, answer, "userErrors").([]any); len(errs) > 0 {
		m.Fatalf("%s(%v) refuses: %v", operation, variables, errs)
	}
	return under(m, answer, "cart")
}

// wrong calls an operation that must refuse, and compares code and path of what it says.
func (m *market) wrong(operation string, variables map[string]any, want ...string) {
	m.Helper()
	answer, _ := m.cartOf(operation, variables)
	var got []string
	for _, e := range under(m, answer, "userErrors").([]any) {
		path := []string{}
		for _, step := range under(m, e, "field").([]any) {
			path = append(path, step.(string))
		}
		got = append(got, under(m, e, "code").(string)+" "+strings.Join(path, "."))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		m.Errorf("%s(%v) says %q, want %q", operation, variables, got, want)
	}
}

// variant is the id of a variant of the market, by its place in its product.
func (m *market) variant(handle string, i int) string {
	m.Helper()
	data, _ := m.ask(`query($handle: String!) { product(handle: $handle) { variants(first: 2) { nodes { id } } } }`, "handle", handle)
	return under(m, data, fmt.Sprintf("product.variants.nodes.%d.id", i)).(string)
}

func albanyInput(street string) map[string]any {
	return map[string]any{"selected": true, "address": map[string]any{"deliveryAddress": map[string]any{
		"firstName": "Ada", "lastName": "Lovelace", "address1": street, "city": "Albany", "provinceCode": "NY", "zip": "12207", "countryCode": "US",
	}}, "validationStrategy": "STRICT"}
}

func TestStorefrontCart(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	small, large := w.variant("lamp-ab", 0), w.variant("lamp-ab", 1)
	made := w.cart("CartCreate", map[string]any{"country": "US", "input": map[string]any{
		"lines": []any{map[string]any{"merchandiseId": small, "quantity": 2, "attributes": []any{map[string]any{"key": "Engraving", "value": "Ada 👋"}}}},
		"note":  "Ring twice",
	}})
	name := under(t, made, "id").(string)
	with := func(pairs ...any) map[string]any {
		variables := map[string]any{"cartId": name}
		for i := 0; i < len(pairs); i += 2 {
			variables[pairs[i].(string)] = pairs[i+1]
		}
		return variables
	}
	opaque := strings.TrimPrefix(name, "gid://wharf/Cart/")
	holds(t, made, map[string]any{
		"totalQuantity": 2, "note": "Ring twice", "buyerIdentity.countryCode": "US", "buyerIdentity.customer": nil,
		"checkoutUrl":                                                   "https://harbor.example/checkout/" + opaque,
		"lines.nodes.0.__typename":                                      "CartLine",
		"lines.nodes.0.attributes":                                      []any{map[string]any{"key": "Engraving", "value": "Ada 👋"}},
		"lines.nodes.0.cost.amountPerQuantity":                          map[string]any{"amount": "10.00", "currencyCode": "USD"},
		"lines.nodes.0.cost.compareAtAmountPerQuantity":                 map[string]any{"amount": "12.00", "currencyCode": "USD"},
		"lines.nodes.0.cost.totalAmount.amount":                         "20.00",
		"lines.nodes.0.merchandise.product.handle":                      "lamp-ab",
		"lines.nodes.0.instructions":                                    map[string]any{"canRemove": true, "canUpdateQuantity": true},
		"lines.nodes.0.parentRelationship":                              nil,
		"cost.subtotalAmount.amount":                                    "20.00",
		"cost.totalAmountEstimated":                                     true,
		"cost.totalDutyAmount":                                          nil,
		"delivery.addresses":                                            []any{},
		"deliveryGroups.nodes.0.groupType":                              "ONE_TIME_PURCHASE",
		"deliveryGroups.nodes.0.deliveryAddress":                        map[string]any{"city": nil, "countryCodeV2": "US", "formatted": []any{"United States"}},
		"deliveryGroups.nodes.0.selectedDeliveryOption.handle":          "standard",
		"deliveryGroups.nodes.0.deliveryOptions.2.deliveryMethodType":   "PICK_UP",
		"deliveryGroups.nodes.0.deliveryOptions.2.title":                "Near",
		"deliveryGroups.nodes.0.deliveryOptions.2.estimatedCost.amount": "0.00",
	})

	added := w.cart("CartLinesAdd", with("lines", []any{
		map[string]any{"merchandiseId": large, "quantity": 1},
		map[string]any{"merchandiseId": small, "quantity": 1, "parent": map[string]any{"merchandiseId": large}},
	}))
	lineIDs := []any{under(t, added, "lines.nodes.0.id"), under(t, added, "lines.nodes.1.id"), under(t, added, "lines.nodes.2.id")}
	holds(t, added, map[string]any{"totalQuantity": 4, "lines.nodes.2.parentRelationship.parent.id": lineIDs[1], "cost.subtotalAmount.amount": "50.00"})
	updated := w.cart("CartLinesUpdate", with("lines", []any{map[string]any{"id": lineIDs[1], "quantity": 2}}))
	holds(t, updated, map[string]any{"lines.nodes.1.quantity": 2, "lines.nodes.2.quantity": 2})
	removed := w.cart("CartLinesRemove", with("lineIds", []any{lineIDs[1]}))
	holds(t, removed, map[string]any{"totalQuantity": 2, "lines.nodes.0.id": lineIDs[0]})
	w.wrong("CartLinesAdd", with("lines", []any{map[string]any{"merchandiseId": small, "quantity": -1}}), "INVALID lines.0.quantity")
	w.wrong("CartLinesAdd", with("lines", []any{map[string]any{"merchandiseId": small, "quantity": 2147483647}}), "MAXIMUM_EXCEEDED lines.0.quantity")
	w.wrong("CartLinesUpdate", with("lines", []any{map[string]any{"id": lineIDs[1], "quantity": 1}}), "INVALID_MERCHANDISE_LINE lines.0.id")
	w.wrong("CartLinesRemove", map[string]any{"cartId": "gid://wharf/Cart/01890a5d-ac96-774b-bcce-b302099a8057?key=x", "lineIds": []any{}}, "INVALID cartId")

	coded, _ := w.cartOf("CartDiscountCodesUpdate", with("discountCodes", []any{"nosuch"}))
	holds(t, coded, map[string]any{"cart.discountCodes": []any{map[string]any{"code": "NOSUCH", "applicable": false}}, "warnings.0.code": "DISCOUNT_NOT_FOUND", "warnings.0.target": name})
	w.cart("CartDiscountCodesUpdate", with("discountCodes", []any{""}))
	w.wrong("CartGiftCardCodesUpdate", with("giftCardCodes", []any{"NOSUCHCARD"}), "INVALID giftCardCodes.0")
	w.wrong("CartGiftCardCodesAdd", with("giftCardCodes", []any{"NOSUCHCARD"}), "INVALID giftCardCodes.0")
	w.wrong("CartGiftCardCodesRemove", with("appliedGiftCardIds", []any{"x"}), "INVALID appliedGiftCardIds.0")
	w.cart("CartNoteUpdate", with("note", "مرحبا"))
	w.cart("CartAttributesUpdate", with("attributes", []any{map[string]any{"key": "gift", "value": "yes"}}))
	w.cart("CartBuyerIdentityUpdate", with("buyerIdentity", map[string]any{"email": "ada@example.com", "countryCode": "US"}))

	addressed := w.cart("CartDeliveryAddressesAdd", with("addresses", []any{albanyInput("1 Main St")}))
	first := under(t, addressed, "delivery.addresses.0.id")
	holds(t, addressed, map[string]any{
		"delivery.addresses.0.address.formatted":     []any{"Ada Lovelace", "1 Main St", "Albany NY 12207", "United States"},
		"delivery.addresses.0.address.formattedArea": "Albany, NY, United States",
		"delivery.addresses.0.address.name":          "Ada Lovelace",
		"delivery.addresses.0.address.latitude":      nil,
		"delivery.selected":                          []any{map[string]any{"id": first}},
		"cost.totalAmountEstimated":                  false,
		"note":                                       "مرحبا", "attributes.0.value": "yes", "buyerIdentity.email": "ada@example.com",
		"deliveryGroups.nodes.0.deliveryAddress.city": "Albany",
	})
	double, _ := w.cartOf("CartDeliveryAddressesAdd", with("addresses", []any{albanyInput("1 Main St")}))
	holds(t, double, map[string]any{"warnings.0.code": "DUPLICATE_DELIVERY_ADDRESS", "warnings.0.target": first})
	w.wrong("CartDeliveryAddressesAdd", with("addresses", []any{albanyInput("<script>")}), "ADDRESS_FIELD_CONTAINS_HTML_TAGS addresses.0.address.deliveryAddress.address1")
	replaced := w.cart("CartDeliveryAddressesReplace", with("addresses", []any{albanyInput("2 Main St"), map[string]any{"address": map[string]any{"deliveryAddress": map[string]any{"countryCode": "DE"}}}}))
	holds(t, replaced, map[string]any{"delivery.addresses.0.address.address1": "2 Main St", "delivery.addresses.1.address.countryCode": "DE"})
	second := under(t, replaced, "delivery.addresses.1.id")
	selected := w.cart("CartDeliveryAddressesUpdate", with("addresses", []any{map[string]any{"id": second, "selected": true}}))
	holds(t, selected, map[string]any{"delivery.selected.0.id": second, "deliveryGroups.nodes.0.deliveryAddress.countryCodeV2": "DE"})
	back := w.cart("CartDeliveryAddressesUpdate", with("addresses", []any{map[string]any{"id": under(t, replaced, "delivery.addresses.0.id"), "selected": true}}))
	w.cart("CartDeliveryAddressesRemove", with("addressIds", []any{second}))
	group := under(t, back, "deliveryGroups.nodes.0.id")
	express := w.cart("CartSelectedDeliveryOptionsUpdate", with("selectedDeliveryOptions", []any{map[string]any{"deliveryGroupId": group, "deliveryOptionHandle": "express"}}))
	holds(t, express, map[string]any{"deliveryGroups.nodes.0.selectedDeliveryOption.handle": "express", "cost.totalAmountEstimated": false})
	w.wrong("CartSelectedDeliveryOptionsUpdate", with("selectedDeliveryOptions", []any{map[string]any{"deliveryGroupId": group, "deliveryOptionHandle": "balloon"}}), "INVALID_DELIVERY_OPTION selectedDeliveryOptions.0.deliveryOptionHandle")

	set, _ := w.cartOf("CartMetafieldsSet", map[string]any{"metafields": []any{map[string]any{"ownerId": name, "key": "wrap", "type": "boolean", "value": "true"}}})
	holds(t, set, map[string]any{"userErrors": []any{}})
	unset, _ := w.cartOf("CartMetafieldsSet", map[string]any{"metafields": []any{map[string]any{"ownerId": name, "key": "wrap", "type": "boolean", "value": "maybe"}}})
	holds(t, unset, map[string]any{"userErrors.0.code": "INVALID_VALUE", "userErrors.0.elementIndex": 0, "userErrors.0.field": []any{"metafields", "0", "value"}})
	data, _ := w.ask(`query($id: ID!) { cart(id: $id) { metafield(key: "wrap") { type value } none: metafield(key: "x") { key } metafields { key } } }`, "id", name)
	holds(t, data, map[string]any{"cart.metafield": map[string]any{"type": "boolean", "value": "true"}, "cart.none": nil, "cart.metafields": []any{map[string]any{"key": "wrap"}}})
	gone, _ := w.cartOf("CartMetafieldDelete", map[string]any{"input": map[string]any{"ownerId": name, "key": "wrap"}})
	holds(t, gone, map[string]any{"deletedId": "wrap", "userErrors": []any{}})
	gone, _ = w.cartOf("CartMetafieldDelete", map[string]any{"input": map[string]any{"ownerId": name, "key": "wrap"}})
	holds(t, gone, map[string]any{"deletedId": nil, "userErrors.0.code": "METAFIELD_DOES_NOT_EXIST"})

	clone := w.cart("CartClone", with())
	if under(t, clone, "id") == name {
		t.Error("a clone has the same id")
	}
	holds(t, clone, map[string]any{"totalQuantity": 2, "buyerIdentity.email": nil, "delivery.addresses": []any{}, "note": nil, "buyerIdentity.countryCode": "US"})
	merged, _ := w.ask(`mutation($from: ID!, $into: ID!) { cartMerge(input: { from: $from, into: $into }) { cart { id totalQuantity } userErrors { code field } } }`, "from", under(t, clone, "id"), "into", name)
	holds(t, merged, map[string]any{"cartMerge.cart.id": name, "cartMerge.cart.totalQuantity": 4, "cartMerge.userErrors": []any{}})
	absent, _ := w.cartOf("Cart", map[string]any{"cartId": under(t, clone, "id")})
	if absent != nil {
		t.Errorf("a cart that was merged is %v", absent)
	}
}

// Whoever logs in to a cart reads the account in the answer; whoever only holds the cart does not.
func TestStorefrontCartAnswersWhoHasLoggedIn(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	data, _ := w.ask(`mutation($email: String!, $password: String!) {
  customerCreate(input: { email: $email, password: $password }) { customerUserErrors { code } }
  customerAccessTokenCreate(input: { email: $email, password: $password }) { customerAccessToken { accessToken } } }`,
		"email", "ada@example.com", "password", "engine number 1")
	buyer := map[string]any{"customerAccessToken": under(t, data, "customerAccessTokenCreate.customerAccessToken.accessToken")}
	ada := map[string]any{"buyerIdentity.customer.email": "ada@example.com"}
	first := w.cart("CartCreate", map[string]any{"input": map[string]any{"buyerIdentity": buyer}})
	holds(t, first, ada)
	second := w.cart("CartCreate", map[string]any{"input": map[string]any{"lines": []any{map[string]any{"merchandiseId": w.variant("lamp-ab", 0), "quantity": 1}}}})
	holds(t, w.cart("CartBuyerIdentityUpdate", map[string]any{"cartId": under(t, second, "id"), "buyerIdentity": buyer}), ada)
	held, _ := w.cartOf("Cart", map[string]any{"cartId": under(t, second, "id")})
	holds(t, held, map[string]any{"buyerIdentity.customer": nil})
	noted := w.cart("CartNoteUpdate", map[string]any{"cartId": under(t, second, "id"), "note": "x"})
	holds(t, noted, map[string]any{"buyerIdentity.customer": nil})
}

// A storefront's cart is filled, sent in part and collected in part, and becomes an order at the total that it shows.
func TestStorefrontCartBecomesAnOrder(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	small := w.variant("lamp-ac", 0)
	made := w.cart("CartCreate", map[string]any{"input": map[string]any{
		"lines": []any{
			map[string]any{"merchandiseId": small, "quantity": 1},
			map[string]any{"merchandiseId": small, "quantity": 2, "deliveryMethod": "PICK_UP"},
		},
		"buyerIdentity": map[string]any{"email": "ada@example.com", "countryCode": "US"},
		"delivery":      map[string]any{"addresses": []any{albanyInput("1 Main St")}},
	}})
	name := under(t, made, "id")
	holds(t, made, map[string]any{
		"deliveryGroups.nodes.0.cartLines.nodes":                      []any{map[string]any{"id": under(t, made, "lines.nodes.0.id")}},
		"deliveryGroups.nodes.1.cartLines.nodes":                      []any{map[string]any{"id": under(t, made, "lines.nodes.1.id")}},
		"deliveryGroups.nodes.1.selectedDeliveryOption":               nil,
		"deliveryGroups.nodes.1.deliveryOptions.0.title":              "Near",
		"deliveryGroups.nodes.1.deliveryOptions.0.deliveryMethodType": "PICK_UP",
		"cost.totalAmountEstimated":                                   true,
	})
	chosen := w.cart("CartSelectedDeliveryOptionsUpdate", map[string]any{"cartId": name, "selectedDeliveryOptions": []any{
		map[string]any{"deliveryGroupId": under(t, made, "deliveryGroups.nodes.1.id"), "deliveryOptionHandle": under(t, made, "deliveryGroups.nodes.1.deliveryOptions.0.handle")},
		map[string]any{"deliveryGroupId": under(t, made, "deliveryGroups.nodes.0.id"), "deliveryOptionHandle": "express"},
	}})
	holds(t, chosen, map[string]any{"cost.totalAmountEstimated": false})
	total := under(t, chosen, "cost.totalAmount")
	set, _ := w.cartOf("CartMetafieldsSet", map[string]any{"metafields": []any{map[string]any{"ownerId": name, "key": "wrap", "type": "boolean", "value": "true"}}})
	holds(t, set, map[string]any{"userErrors": []any{}})
	data, _ := w.ask(`mutation($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order {
    totalPrice { amount currencyCode } totalTax { amount currencyCode } shippingAddress { city } delivery { methodType title }
    deliveryGroups { delivery { methodType title location { name } } lineItems { quantity parentLineItemId } }
    metafield(key: "wrap") { type value } none: metafield(key: "x") { value } metafields { key }
  } userErrors { code field message } } }`, "input", map[string]any{
		"idempotencyKey": "k", "cartId": name, "payment": []any{map[string]any{"provider": "test", "token": "approve"}}, "expectedTotal": total,
	})
	holds(t, data, map[string]any{
		"orderPlace.userErrors": []any{}, "orderPlace.order.totalPrice": total, "orderPlace.order.totalTax": under(t, chosen, "cost.totalTaxAmount"),
		"orderPlace.order.metafield": map[string]any{"type": "boolean", "value": "true"}, "orderPlace.order.none": nil,
		"orderPlace.order.metafields":           []any{map[string]any{"key": "wrap"}},
		"orderPlace.order.shippingAddress.city": "Albany", "orderPlace.order.delivery.methodType": "SHIPPING",
		"orderPlace.order.deliveryGroups": []any{
			map[string]any{"delivery": map[string]any{"methodType": "SHIPPING", "title": "Express", "location": nil}, "lineItems": []any{map[string]any{"quantity": 1, "parentLineItemId": nil}}},
			map[string]any{"delivery": map[string]any{"methodType": "PICK_UP", "title": "Near", "location": map[string]any{"name": "Near"}}, "lineItems": []any{map[string]any{"quantity": 2, "parentLineItemId": nil}}},
		},
	})
	if absent, _ := w.cartOf("Cart", map[string]any{"cartId": name}); absent != nil {
		t.Errorf("a cart that was placed is %v", absent)
	}
}

func TestCartTakesAsManyStatementsForManyLines(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	fill := func(handles ...string) (any, int) {
		lines := []any{}
		for i, handle := range handles {
			line := map[string]any{"merchandiseId": w.variant(handle, 0), "quantity": 1}
			if i%2 == 1 {
				line["deliveryMethod"] = "PICK_UP"
			}
			lines = append(lines, line)
		}
		made := w.cart("CartCreate", map[string]any{"input": map[string]any{"lines": lines, "delivery": map[string]any{"addresses": []any{albanyInput("1 Main St")}}}})
		var shown any
		return shown, least(func() (n int) {
			shown, n = w.cartOf("Cart", map[string]any{"cartId": under(t, made, "id")})
			return n
		})
	}
	_, few := fill("lamp-aa", "lamp-ab")
	many := []string{}
	for i := range 20 {
		many = append(many, "lamp-a"+string(rune('a'+i)))
	}
	shown, n := fill(many...)
	// The cart and its lines, bundles, variants, promotions; rates, two questions for stores; pictures, products, stock.
	if n != few || n > 14 || under(t, shown, "totalQuantity").(float64) != 20 {
		t.Errorf("a cart of 20 lines takes %d statements, one of 2 %d; want at most 14", n, few)
	}
}
