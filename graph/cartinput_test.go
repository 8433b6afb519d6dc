package graph_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestCartRefusesEveryBadInput: whatever a client sends, it is told where and what is wrong in the words of the
// vocabulary, and the cart stays as it was.
func TestCartRefusesEveryBadInput(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	small := w.variant("lamp-ab", 0)
	one := func(pairs ...any) map[string]any {
		line := map[string]any{"merchandiseId": small}
		for i := 0; i < len(pairs); i += 2 {
			line[pairs[i].(string)] = pairs[i+1]
		}
		return line
	}
	lines := func(list ...map[string]any) []any {
		all := make([]any, len(list))
		for i := range list {
			all[i] = list[i]
		}
		return all
	}
	made := w.cart("CartCreate", map[string]any{"input": map[string]any{"lines": lines(one("quantity", 2)), "delivery": map[string]any{"addresses": []any{albanyInput("1 Main St")}}}})
	name, line, address := under(t, made, "id"), under(t, made, "lines.nodes.0.id"), under(t, made, "delivery.addresses.0.id")
	group := under(t, made, "deliveryGroups.nodes.0.id")
	before, _ := w.ask(`query($id: ID!) { cart(id: $id) { `+wholeCart+` } }`, "id", name)
	const nobody = "gid://wharf/ProductVariant/01890a5d-ac96-774b-bcce-b302099a8057"
	to := func(pairs ...any) []any {
		fields := map[string]any{"countryCode": "US"}
		for i := 0; i < len(pairs); i += 2 {
			fields[pairs[i].(string)] = pairs[i+1]
		}
		return []any{map[string]any{"address": map[string]any{"deliveryAddress": fields}}}
	}
	many := func(n int, value any) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = value
		}
		return list
	}
	pair := func(key, value string) []any { return []any{map[string]any{"key": key, "value": value}} }
	change := func(pairs ...any) []any {
		update := map[string]any{"id": line}
		for i := 0; i < len(pairs); i += 2 {
			update[pairs[i].(string)] = pairs[i+1]
		}
		return []any{update}
	}
	at := func(field string) string { return "addresses.0.address.deliveryAddress." + field }
	for _, c := range []struct {
		operation, argument string
		value               any
		want                string
	}{
		{"CartLinesAdd", "lines", many(500, one()), "INVALID lines"},
		{"CartLinesAdd", "lines", lines(one("quantity", 0)), "INVALID lines.0.quantity"},
		{"CartLinesAdd", "lines", lines(one("quantity", -2147483648)), "INVALID lines.0.quantity"},
		{"CartLinesAdd", "lines", lines(one("quantity", 2147483647)), "MAXIMUM_EXCEEDED lines.0.quantity"},
		{"CartLinesAdd", "lines", lines(one("merchandiseId", nobody)), "INVALID lines.0.merchandiseId"},
		{"CartLinesAdd", "lines", lines(one("merchandiseId", "gid://wharf/Product/1")), "INVALID lines.0.merchandiseId"},
		{"CartLinesAdd", "lines", lines(one("merchandiseId", strings.Repeat("x", 100_000))), "INVALID lines.0.merchandiseId"},
		{"CartLinesAdd", "lines", lines(one(), one("quantity", 0), one("merchandiseId", "")), "INVALID lines.1.quantity, INVALID lines.2.merchandiseId"},
		{"CartLinesAdd", "lines", lines(one("attributes", pair("", "x"))), "INVALID lines.0.attributes.0.key"},
		{"CartLinesAdd", "lines", lines(one("attributes", pair(strings.Repeat("é", 256), "x"))), "INVALID lines.0.attributes.0.key"},
		{"CartLinesAdd", "lines", lines(one("attributes", pair("x", strings.Repeat("👋", 4001)))), "INVALID lines.0.attributes.0.value"},
		{"CartLinesAdd", "lines", lines(one("attributes", many(251, map[string]any{"key": "k", "value": "v"}))), "INVALID lines.0.attributes"},
		{"CartLinesAdd", "lines", lines(one("parent", map[string]any{})), "PARENT_LINE_INVALID_REFERENCE lines.0.parent"},
		{"CartLinesAdd", "lines", lines(one("parent", map[string]any{"lineId": nobody})), "PARENT_LINE_NOT_FOUND lines.0.parent.lineId"},
		{"CartLinesUpdate", "lines", change("quantity", -1), "INVALID lines.0.quantity"},
		{"CartLinesUpdate", "lines", change("quantity", 2147483647), "MAXIMUM_EXCEEDED lines.0.quantity"},
		{"CartLinesUpdate", "lines", change("merchandiseId", nobody), "INVALID lines.0.merchandiseId"},
		{"CartLinesUpdate", "lines", change("id", "x"), "INVALID_MERCHANDISE_LINE lines.0.id"},
		{"CartLinesUpdate", "lines", many(251, map[string]any{"id": line, "quantity": 1}), "INVALID lines"},
		{"CartLinesRemove", "lineIds", []any{name, "", nobody}, "INVALID_MERCHANDISE_LINE lineIds.0, INVALID_MERCHANDISE_LINE lineIds.1, INVALID_MERCHANDISE_LINE lineIds.2"},
		{"CartLinesRemove", "lineIds", many(251, line), "INVALID lineIds"},
		{"CartNoteUpdate", "note", strings.Repeat("👋", 5001), "NOTE_TOO_LONG note"},
		{"CartNoteUpdate", "note", "4242 4242 4242 4242", "PAYMENTS_CREDIT_CARD_NUMBER_INVALID note"},
		{"CartAttributesUpdate", "attributes", many(251, map[string]any{"key": "k", "value": "v"}), "INVALID attributes"},
		{"CartAttributesUpdate", "attributes", pair("card", "4242424242424242"), "PAYMENTS_CREDIT_CARD_NUMBER_INVALID attributes.0.value"},
		{"CartBuyerIdentityUpdate", "buyerIdentity", map[string]any{"email": "<b>@x", "phone": "no", "customerAccessToken": "no"}, "INVALID buyerIdentity.email, INVALID buyerIdentity.phone, INVALID buyerIdentity.customerAccessToken"},
		{"CartBuyerIdentityUpdate", "buyerIdentity", map[string]any{"email": strings.Repeat("x", 10_000) + "@example.com"}, "INVALID buyerIdentity.email"},
		{"CartDiscountCodesUpdate", "discountCodes", many(26, "X"), "INVALID discountCodes"},
		{"CartDiscountCodesUpdate", "discountCodes", []any{strings.Repeat("X", 10_000)}, "INVALID discountCodes.0"},
		{"CartGiftCardCodesUpdate", "giftCardCodes", many(26, "X"), "INVALID giftCardCodes"},
		{"CartGiftCardCodesAdd", "giftCardCodes", []any{strings.Repeat("X", 10_000)}, "INVALID giftCardCodes.0"},
		{"CartGiftCardCodesAdd", "giftCardCodes", []any{"", "NOSUCHCARD"}, "INVALID giftCardCodes.1"},
		{"CartGiftCardCodesRemove", "appliedGiftCardIds", []any{nobody}, "INVALID appliedGiftCardIds.0"},
		{"CartDeliveryAddressesAdd", "addresses", many(26, to()[0]), "TOO_MANY_DELIVERY_ADDRESSES addresses"},
		{"CartDeliveryAddressesAdd", "addresses", []any{map[string]any{"address": map[string]any{}}}, "INVALID addresses.0.address"},
		{"CartDeliveryAddressesAdd", "addresses", []any{map[string]any{"address": map[string]any{"copyFromCustomerAddressId": address}}}, "MISSING_CUSTOMER_ACCESS_TOKEN addresses.0.address.copyFromCustomerAddressId"},
		{"CartDeliveryAddressesAdd", "addresses", to("countryCode", nil), "ADDRESS_FIELD_IS_REQUIRED " + at("countryCode")},
		{"CartDeliveryAddressesAdd", "addresses", to("address1", strings.Repeat("é", 256)), "ADDRESS_FIELD_IS_TOO_LONG " + at("address1")},
		{"CartDeliveryAddressesAdd", "addresses", to("lastName", "<img src=x onerror=alert(1)>"), "ADDRESS_FIELD_CONTAINS_HTML_TAGS " + at("lastName")},
		{"CartDeliveryAddressesUpdate", "addresses", []any{map[string]any{"id": nobody}}, "INVALID_DELIVERY_ADDRESS_ID addresses.0.id"},
		{"CartDeliveryAddressesRemove", "addressIds", []any{line}, "INVALID_DELIVERY_ADDRESS_ID addressIds.0"},
		{"CartDeliveryAddressesReplace", "addresses", []any{albanyInput("1"), albanyInput("2")}, "ONLY_ONE_DELIVERY_ADDRESS_CAN_BE_SELECTED addresses.1.selected"},
		{"CartSelectedDeliveryOptionsUpdate", "selectedDeliveryOptions", []any{map[string]any{"deliveryGroupId": nobody, "deliveryOptionHandle": "standard"}}, "INVALID_DELIVERY_GROUP selectedDeliveryOptions.0.deliveryGroupId"},
		{"CartSelectedDeliveryOptionsUpdate", "selectedDeliveryOptions", []any{map[string]any{"deliveryGroupId": group, "deliveryOptionHandle": strings.Repeat("x", 10_000)}}, "INVALID_DELIVERY_OPTION selectedDeliveryOptions.0.deliveryOptionHandle"},
	} {
		w.wrong(c.operation, map[string]any{"cartId": name, c.argument: c.value}, c.want)
		for _, cart := range []string{"", "x", fmt.Sprint(line), "gid://wharf/Cart/01890a5d-ac96-774b-bcce-b302099a8057?key=x", strings.Split(name.(string), "?")[0]} {
			answer, _ := w.cartOf(c.operation, map[string]any{"cartId": cart, c.argument: c.value})
			holds(t, answer, map[string]any{"cart": nil, "userErrors.0.code": "INVALID"})
		}
	}
	after, _ := w.ask(`query($id: ID!) { cart(id: $id) { `+wholeCart+` } }`, "id", name)
	holds(t, after, map[string]any{"cart": before["cart"]})

	// What the schema itself refuses is an error of the document, typed too.
	for _, document := range []string{
		`mutation { cartLinesAdd(cartId: "x", lines: [{ merchandiseId: "x", quantity: 2147483648 }]) { cart { id } } }`,
		`mutation { cartLinesAdd(cartId: "x", lines: [{ quantity: 1 }]) { cart { id } } }`,
		`mutation { cartBuyerIdentityUpdate(cartId: "x", buyerIdentity: { countryCode: ATLANTIS }) { cart { id } } }`,
		`mutation { cartBuyerIdentityUpdate(cartId: "x", buyerIdentity: { countryCode: DD }) { cart { id } } }`, // a country that is no more
		`mutation { cartNoteUpdate(cartId: "x") { cart { id } } }`,
		`mutation { cartNoteUpdate(cartId: "x", note: "a\u0000b") { cart { id } } }`,
		fmt.Sprintf(`{ cart(id: %q) { lines(first: -1) { nodes { id } } } }`, name),
		fmt.Sprintf(`{ cart(id: %q) { lines(first: 251) { nodes { id } } } }`, name),
		fmt.Sprintf(`{ cart(id: %q) { lines(first: 1, after: "nonsense") { nodes { id } } } }`, name),
		fmt.Sprintf(`{ cart(id: %q) { deliveryGroups(first: 1, last: 1) { nodes { id } } } }`, name),
	} {
		if _, errs, _ := w.try(document); !strings.Contains(errs, `"code":"BAD_USER_INPUT"`) {
			t.Errorf("%s answers %s, want BAD_USER_INPUT", document, errs)
		}
	}

	// What people really write is kept to the letter.
	for _, text := range []string{"שלום עולם\u200f", "مرحبا بالعالم", "👩‍👩‍👧‍👦 🏳️‍🌈", "<script>alert('x')</script> & \"q\"", "Ｗｉｄｅ\t\nzalgo z͖̺̭a͉̻l", "' or 1=1; --", "{{7*7}} ${x} %s"} {
		w.cart("CartNoteUpdate", map[string]any{"cartId": name, "note": text})
		kept := w.cart("CartAttributesUpdate", map[string]any{"cartId": name, "attributes": pair(text, text)})
		holds(t, kept, map[string]any{"note": text, "attributes": []any{map[string]any{"key": text, "value": text}}})
	}
}
