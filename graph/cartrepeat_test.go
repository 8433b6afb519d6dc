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
			return []any{map[string]any{"id": under(t, cart, "delivery.addresses.0.id"), "selected": true}}
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
	taken := map[string]bool{"cartClone": true} // a clone is another cart each time
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
