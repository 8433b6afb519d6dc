package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/graph"
)

// cartChange is one change of a cart over the API: the argument of its own, that argument's type, and its value, made from
// the cart as it is then.
type cartChange struct {
	mutation, argument, kind string
	value                    func(cart any) any
}

const wholeCart = `id version totalQuantity note attributes { key value } discountCodes { code } appliedGiftCards { id }
  buyerIdentity { email countryCode } delivery { addresses { id selected address { ... on CartDeliveryAddress { address1 } } } }
  lines(first: 10) { nodes { id quantity } } deliveryGroups(first: 2) { nodes { id selectedDeliveryOption { handle } } }`

// send sends the step on these terms, and gives the payload, or what was wrong with the whole call.
func (s cartChange) send(w writer, cart any, terms map[string]any) (any, string) {
	w.Helper()
	document := fmt.Sprintf(`mutation($cart: ID!, $value: %s!, $version: Int, $key: String) {
  result: %s(cartId: $cart, %s: $value, expectedVersion: $version, idempotencyKey: $key) { cart { %s } userErrors { code field } warnings { code } } }`,
		s.kind, s.mutation, s.argument, wholeCart)
	data, errs, _ := w.try(document, "cart", under(w, cart, "id"), "value", s.value(cart), "version", terms["version"], "key", terms["key"])
	return data["result"], errs
}

func always(value any) func(any) any { return func(any) any { return value } }

func idOf(t testing.TB, path string) func(any) any {
	return func(cart any) any { return []any{under(t, cart, path)} }
}

// TestEveryChangeOfACartCanBeSentTwice: over a bad network a client sends again what it has had no answer to. Under one
// key that changes the cart once, whichever mutation it is, and at another version than the client has seen not at all.
func TestEveryChangeOfACartCanBeSentTwice(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	small, large := w.variant("lamp-ab", 0), w.variant("lamp-ab", 1)
	money := w.key("payments:write")
	card := func(key string) any {
		data, _ := w.askAs(money, issueCard, "input", map[string]any{"idempotencyKey": key, "initialValue": map[string]any{"amount": "5", "currencyCode": "USD"}})
		return under(t, data, "giftCardCreate.code")
	}
	first, second := card("a"), card("b")
	steps := []cartChange{
		{"cartLinesAdd", "lines", "[CartLineInput!]", always([]any{map[string]any{"merchandiseId": small, "quantity": 1}, map[string]any{"merchandiseId": large, "quantity": 1}})},
		{"cartLinesUpdate", "lines", "[CartLineUpdateInput!]", func(cart any) any {
			return []any{map[string]any{"id": under(t, cart, "lines.nodes.0.id"), "quantity": 2}}
		}},
		{"cartLinesRemove", "lineIds", "[ID!]", idOf(t, "lines.nodes.1.id")},
		{"cartNoteUpdate", "note", "String", always("Ring twice")},
		{"cartAttributesUpdate", "attributes", "[AttributeInput!]", always([]any{map[string]any{"key": "gift", "value": "yes"}})},
		{"cartBuyerIdentityUpdate", "buyerIdentity", "CartBuyerIdentityInput", always(map[string]any{"email": "ada@example.com", "countryCode": "US"})},
		{"cartDeliveryAddressesAdd", "addresses", "[CartSelectableAddressInput!]", always([]any{albanyInput("1 Main St")})},
		{"cartDeliveryAddressesReplace", "addresses", "[CartSelectableAddressInput!]", always([]any{albanyInput("2 Main St"), map[string]any{"address": map[string]any{"deliveryAddress": map[string]any{"countryCode": "US"}}}})},
		{"cartDeliveryAddressesUpdate", "addresses", "[CartSelectableAddressUpdateInput!]", func(cart any) any {
			return []any{map[string]any{"id": under(t, cart, "delivery.addresses.0.id"), "address": under(t, albanyInput("3 Main St"), "address")}}
		}},
		{"cartDeliveryAddressesRemove", "addressIds", "[ID!]", idOf(t, "delivery.addresses.1.id")},
		{"cartSelectedDeliveryOptionsUpdate", "selectedDeliveryOptions", "[CartSelectedDeliveryOptionInput!]", func(cart any) any {
			return []any{map[string]any{"deliveryGroupId": under(t, cart, "deliveryGroups.nodes.0.id"), "deliveryOptionHandle": "express"}}
		}},
		{"cartDiscountCodesUpdate", "discountCodes", "[String!]", always([]any{"NOSUCH"})},
		{"cartGiftCardCodesUpdate", "giftCardCodes", "[String!]", always([]any{first})},
		{"cartGiftCardCodesAdd", "giftCardCodes", "[String!]", always([]any{second})},
		{"cartGiftCardCodesRemove", "appliedGiftCardIds", "[ID!]", idOf(t, "appliedGiftCards.0.id")},
	}
	taken := map[string]bool{"cartClone": true} // which changes no cart: TestEveryCartThatIsMadeCanBeSentTwice
	data, _ := w.ask(`mutation { cartCreate { cart { ` + wholeCart + ` } } }`)
	cart := under(t, data, "cartCreate.cart")
	for _, s := range steps {
		taken[s.mutation] = true
		version := under(t, cart, "version").(float64)
		if _, errs := s.send(w, cart, map[string]any{"version": version + 1}); !strings.Contains(errs, `"code":"CONFLICT"`) ||
			!strings.Contains(errs, fmt.Sprintf(`"currentVersion":%v`, version)) || !strings.Contains(errs, `"field":["expectedVersion"]`) {
			t.Errorf("%s at a version that the cart does not have answers %s", s.mutation, errs)
		}
		terms := map[string]any{"version": version, "key": s.mutation}
		once, errs := s.send(w, cart, terms)
		if errs != "" || len(under(t, once, "userErrors").([]any)) > 0 {
			t.Fatalf("%s answers %s %v", s.mutation, errs, once)
		}
		twice, errs := s.send(w, cart, terms)
		one, _ := json.Marshal(under(t, once, "cart"))
		other, _ := json.Marshal(under(t, twice, "cart"))
		if errs != "" || string(one) != string(other) || under(t, once, "cart.version") != version+1 {
			t.Errorf("%s sent twice answers %s\n%s, want\n%s", s.mutation, errs, other, one)
		}
		if long, errs := s.send(w, cart, map[string]any{"key": strings.Repeat("x", 256)}); errs != "" || under(t, long, "userErrors.0.code") != "INVALID" || fmt.Sprint(under(t, long, "userErrors.0.field")) != "[idempotencyKey]" {
			t.Errorf("%s under a key that is too long answers %s %v", s.mutation, errs, long)
		}
		cart = under(t, once, "cart")
	}
	for _, field := range graph.Schema().Mutation.Fields {
		if field.Arguments.ForName("cartId") != nil && !taken[field.Name] {
			t.Errorf("%s can't be sent twice: it is not tried here", field.Name)
		}
	}
}

// TestEveryCartThatIsMadeCanBeSentTwice: a call that makes a cart makes one under its key, and gives it again with its
// secret; so do metafields, which name their carts themselves. Without a key everything is as a storefront knows it.
func TestEveryCartThatIsMadeCanBeSentTwice(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	const key = "0b4f8a3e-3a52-4f0a-8f0e-6a1f7c1f2b10"
	lines := []any{map[string]any{"merchandiseId": w.variant("lamp-ab", 0), "quantity": 2}}
	const create = `mutation($input: CartInput, $key: String) { result: cartCreate(input: $input, idempotencyKey: $key) { cart { ` + wholeCart + ` } userErrors { code field } } }`
	const clone = `mutation($cart: ID!, $key: String) { result: cartClone(cartId: $cart, idempotencyKey: $key) { cart { ` + wholeCart + ` } userErrors { code field } } }`
	call := func(document string, variables ...any) (any, string) {
		t.Helper()
		data, errs, _ := w.try(document, variables...)
		return data["result"], errs
	}
	input := map[string]any{"lines": lines, "buyerIdentity": map[string]any{"email": "ada@example.com"}}
	made, errs := call(create, "input", input, "key", key)
	if errs != "" || under(t, made, "cart.totalQuantity") != 2.0 {
		t.Fatalf("cartCreate answers %s %v", errs, made)
	}
	cart := under(t, made, "cart.id")
	for name, c := range map[string]struct {
		document  string
		variables []any
		twice     func(first, second string) bool
	}{
		"cartCreate again":         {create, []any{"input", input, "key", key}, func(first, second string) bool { return first == cart && second == cart }},
		"cartClone":                {clone, []any{"cart", cart, "key", "k"}, func(first, second string) bool { return first == second && first != cart }},
		"cartCreate without a key": {create, []any{"input", input}, func(first, second string) bool { return first != second && first != cart }},
		"cartClone without a key":  {clone, []any{"cart", cart}, func(first, second string) bool { return first != second && first != cart }},
	} {
		var ids []string
		for range 2 {
			got, errs := call(c.document, c.variables...)
			if errs != "" {
				t.Fatalf("%s answers %s", name, errs)
			}
			ids = append(ids, under(t, got, "cart.id").(string))
			if n := under(t, got, "cart.totalQuantity"); n != 2.0 {
				t.Errorf("%s gives a cart of %v", name, n)
			}
		}
		if !c.twice(ids[0], ids[1]) {
			t.Errorf("%s gives %v, and the cart is %s", name, ids, cart)
		}
	}
	for name, c := range map[string]struct {
		document  string
		variables []any
		refused   string // as a user error
		failed    string // or of the whole call
	}{
		"another input":           {create, []any{"input", map[string]any{}, "key", key}, "", `"reason":"IDEMPOTENCY_KEY_REUSED"`},
		"a key that is guessed":   {create, []any{"key", "1"}, "INVALID [idempotencyKey]", ""},
		"a clone under a bad key": {clone, []any{"cart", cart, "key", ""}, "INVALID [idempotencyKey]", ""},
	} {
		got, errs := call(c.document, c.variables...)
		if c.failed != "" && !strings.Contains(errs, c.failed) || c.failed == "" && errs != "" {
			t.Errorf("%s answers %s, want %s", name, errs, c.failed)
		}
		if c.refused != "" {
			if told := fmt.Sprint(under(t, got, "userErrors.0.code"), " ", under(t, got, "userErrors.0.field")); told != c.refused || under(t, got, "cart") != nil {
				t.Errorf("%s is refused with %s, want %s", name, told, c.refused)
			}
		}
	}

	const set = `mutation($cart: ID!, $value: String!, $key: String) { result: cartMetafieldsSet(metafields: [{ ownerId: $cart, key: "wrap", type: "boolean", value: $value }], idempotencyKey: $key) {
  metafields { value } userErrors { code field elementIndex } } }`
	const drop = `mutation($cart: ID!, $key: String) { result: cartMetafieldDelete(input: { ownerId: $cart, key: "wrap" }, idempotencyKey: $key) { deletedId userErrors { code field } } }`
	const read = `query($cart: ID!) { result: cart(id: $cart) { version metafield(key: "wrap") { value } } }`
	long := strings.Repeat("x", 256)
	for i, c := range []struct {
		document string
		value    string
		key      any
		want     string
	}{
		{set, "true", "s", `{"metafields":[{"value":"true"}],"userErrors":[]}`},
		{set, "true", "s", `{"metafields":[{"value":"true"}],"userErrors":[]}`},
		{read, "", nil, `{"metafield":{"value":"true"},"version":3}`},
		{set, "false", long, `{"metafields":null,"userErrors":[{"code":null,"elementIndex":null,"field":["idempotencyKey"]}]}`},
		{drop, "", long, `{"deletedId":null,"userErrors":[{"code":null,"field":["idempotencyKey"]}]}`},
		{drop, "", "d", `{"deletedId":"wrap","userErrors":[]}`},
		{drop, "", "d", `{"deletedId":"wrap","userErrors":[]}`},
		{read, "", nil, `{"metafield":null,"version":4}`},
		{drop, "", nil, `{"deletedId":null,"userErrors":[{"code":"METAFIELD_DOES_NOT_EXIST","field":["input","key"]}]}`},
	} {
		variables := []any{"cart", cart, "key", c.key}
		if c.document == set {
			variables = append(variables, "value", c.value)
		}
		if c.document == read {
			variables = []any{"cart", cart}
		}
		got, errs := call(c.document, variables...)
		if text, _ := json.Marshal(got); errs != "" || string(text) != c.want {
			t.Errorf("call %d answers %s %s, want %s", i, errs, text, c.want)
		}
	}
	if _, errs := call(set, "cart", cart, "key", "s", "value", "false"); !strings.Contains(errs, `"reason":"IDEMPOTENCY_KEY_REUSED"`) {
		t.Errorf("another value under a key answers %s", errs)
	}
	for _, field := range graph.Schema().Mutation.Fields {
		if strings.HasPrefix(field.Name, "cart") && field.Name != "cartMerge" && field.Arguments.ForName("idempotencyKey") == nil {
			t.Errorf("%s takes no key", field.Name)
		}
	}
}
