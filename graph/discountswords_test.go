package graph_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/shoptest"
)

// threeLamps makes a cart of three lamps at 10.00 each, shipped to Albany, with these codes.
func (w writer) threeLamps(codes ...any) (cart any, warnings string) {
	w.Helper()
	lines := []any{}
	for _, handle := range []string{"lamp-aa", "lamp-ab", "lamp-ac"} {
		lines = append(lines, map[string]any{"merchandiseId": w.variant(handle, 0), "quantity": 1})
	}
	answer, _ := w.cartOf("CartCreate", map[string]any{"input": map[string]any{
		"lines": lines, "discountCodes": codes, "buyerIdentity": map[string]any{"email": "ada@example.com", "countryCode": "US"},
		"delivery": map[string]any{"addresses": []any{albanyInput("1 Main St")}},
	}})
	var list []string
	for _, one := range under(w, answer, "warnings").([]any) {
		list = append(list, under(w, one, "code").(string))
	}
	return under(w, answer, "cart"), strings.Join(list, " ")
}

// allocated is what is taken off each line of a cart, and by what.
func (w writer) allocated(cart any) string {
	w.Helper()
	var lines []string
	for _, line := range under(w, cart, "lines.nodes").([]any) {
		var parts []string
		for _, part := range under(w, line, "discountAllocations").([]any) {
			name := under(w, part, "code")
			if name == nil {
				name = under(w, part, "title")
			}
			parts = append(parts, fmt.Sprint(under(w, part, "discountedAmount.amount"), " ", name))
		}
		lines = append(lines, strings.Join(parts, " + "))
	}
	return strings.Join(lines, ", ")
}

const orderAsShown = `mutation($cart: ID!, $key: String!, $total: MoneyInput!) {
  orderPlace(input: { idempotencyKey: $key, cartId: $cart, expectedTotal: $total, payment: [{ provider: "test", token: "approve" }] }) {
    accessToken
    order {
      id totalPrice { amount currencyCode } totalShippingPrice { amount }
      shippingDiscountAllocations { allocatedAmount { amount } discountApplication { ... on DiscountCodeApplication { code title } } }
      lineItems(first: 5) { nodes { discountAllocations { allocatedAmount { amount } discountApplication { ... on DiscountCodeApplication { code } ... on AutomaticDiscountApplication { title } } } } }
    }
    userErrors { code field } } }`

// places places a cart at the total that it shows.
func (w writer) places(cart any, key string) any {
	w.Helper()
	data, _ := w.ask(orderAsShown, "cart", under(w, cart, "id"), "key", key, "total", under(w, cart, "cost.totalAmount"))
	return data["orderPlace"]
}

// ordered is what is taken off each line of an order, and by what.
func (w writer) ordered(placed any) string {
	w.Helper()
	var lines []string
	for _, line := range under(w, placed, "order.lineItems.nodes").([]any) {
		var parts []string
		for _, part := range under(w, line, "discountAllocations").([]any) {
			name := under(w, part, "discountApplication.code")
			if name == nil {
				name = under(w, part, "discountApplication.title")
			}
			parts = append(parts, fmt.Sprint(under(w, part, "allocatedAmount.amount"), " ", name))
		}
		lines = append(lines, strings.Join(parts, " + "))
	}
	return strings.Join(lines, ", ")
}

// TestPromotionsByTheirWords: each kind and condition of a promotion, set over the API, is shown by a cart to the cent and
// by name, and charged by the order as it was shown.
func TestPromotionsByTheirWords(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	data, _ := w.ask(`{ product(handle: "lamp-ab") { id } collection(handle: "lights") { id } }`)
	product, collection := under(t, data, "product.id"), under(t, data, "collection.id")
	shoptest.Shelve(t, w.Pool, `update stock_level set on_hand = 500 where on_hand > 0`) // for many orders
	amount := func(text string) map[string]any { return map[string]any{"amount": text, "currencyCode": "USD"} }
	day := func(n int) string { return time.Now().AddDate(0, 0, n).UTC().Format(time.RFC3339) }
	tenth := map[string]any{"kind": "PERCENTAGE", "percentage": "10"}
	with := func(base map[string]any, pairs ...any) map[string]any {
		input := maps.Clone(base)
		for i := 0; i < len(pairs); i += 2 {
			input[pairs[i].(string)] = pairs[i+1]
		}
		return input
	}
	code := []any{"CODE"}
	for i, c := range []struct {
		input     map[string]any
		allocated string // over the three lines; the order's are the same
		warned    string
		refused   string // by the order
	}{
		{with(tenth, "percentage", "33.33"), "3.34 Words, 3.33 Words, 3.33 Words", "", ""},
		{with(tenth, "codes", code), "1.00 CODE, 1.00 CODE, 1.00 CODE", "", ""},
		{map[string]any{"kind": "FIXED_AMOUNT", "amount": amount("10.00"), "codes": code}, "3.34 CODE, 3.33 CODE, 3.33 CODE", "", ""},
		{map[string]any{"kind": "FIXED_AMOUNT", "amount": amount("0.02")}, "0.01 Words, 0.01 Words, ", "", ""},
		{map[string]any{"kind": "BUY_X_GET_Y", "buyQuantity": 2, "getQuantity": 1}, "10.00 Words, , ", "", ""},
		{map[string]any{"kind": "BUY_X_GET_Y", "buyQuantity": 2, "getQuantity": 2, "codes": code}, ", , ", "DISCOUNT_QUANTITY_NOT_IN_RANGE", "CODE_NOT_APPLICABLE"},
		{with(tenth, "productIds", []any{product}), ", 1.00 Words, ", "", ""},
		{with(tenth, "collectionIds", []any{collection}), "1.00 Words, 1.00 Words, 1.00 Words", "", ""},
		{with(tenth, "minimumSubtotal", amount("30.00"), "codes", code), "1.00 CODE, 1.00 CODE, 1.00 CODE", "", ""},
		{with(tenth, "minimumSubtotal", amount("30.01"), "codes", code), ", , ", "DISCOUNT_PURCHASE_NOT_IN_RANGE", "CODE_NOT_APPLICABLE"},
		{with(tenth, "minimumQuantity", 3, "codes", code), "1.00 CODE, 1.00 CODE, 1.00 CODE", "", ""},
		{with(tenth, "minimumQuantity", 4, "codes", code), ", , ", "DISCOUNT_QUANTITY_NOT_IN_RANGE", "CODE_NOT_APPLICABLE"},
		{with(tenth, "startsAt", day(1), "codes", code), ", , ", "DISCOUNT_CURRENTLY_INACTIVE", "CODE_NOT_APPLICABLE"},
		{with(tenth, "startsAt", day(-2), "endsAt", day(-1), "codes", code), ", , ", "DISCOUNT_CURRENTLY_INACTIVE", "CODE_NOT_APPLICABLE"},
		{with(tenth, "startsAt", day(-2), "endsAt", day(1), "codes", code), "1.00 CODE, 1.00 CODE, 1.00 CODE", "", ""},
		{with(tenth, "usageLimit", 0, "codes", code), ", , ", "DISCOUNT_USAGE_LIMIT_REACHED", "CODE_USED_UP"},
		{with(tenth, "usageLimit", 1, "codes", code), "1.00 CODE, 1.00 CODE, 1.00 CODE", "", ""},
	} {
		made := w.set("promotionSet", "PromotionSet", "promotion { id }", with(c.input, "title", "Words"))
		var codes []any
		if list, ok := c.input["codes"].([]any); ok {
			codes = list
		}
		cart, warned := w.threeLamps(codes...)
		if got := w.allocated(cart); got != c.allocated || warned != c.warned {
			t.Errorf("%v takes off %q, warns of %q; want %q and %q", c.input, got, warned, c.allocated, c.warned)
		}
		switch placed := w.places(cart, fmt.Sprint("k", i)); {
		case c.refused != "":
			holds(t, placed, map[string]any{"order": nil, "userErrors": []any{map[string]any{"code": c.refused, "field": []any{"input", "cartId"}}}})
		case under(t, placed, "order") == nil:
			t.Errorf("%v: the order is refused: %v", c.input, placed)
		default:
			if got := w.ordered(placed); got != c.allocated {
				t.Errorf("%v takes off the order %q, want %q", c.input, got, c.allocated)
			}
		}
		w.set("promotionDelete", "PromotionDelete", "deletedPromotionId", map[string]any{"id": under(t, made, "promotion.id")})
	}
}

// TestDiscountsThatStackAndThoseThatDoNot: those that combine are taken one after the other, automatic ones first; one that
// does not is taken alone where it gives more; free shipping goes with all.
func TestDiscountsThatStackAndThoseThatDoNot(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	set := func(title string, input map[string]any) {
		t.Helper()
		input["title"] = title
		w.set("promotionSet", "PromotionSet", "promotion { id }", input)
	}
	set("Auto", map[string]any{"kind": "PERCENTAGE", "percentage": "10", "combines": true})
	set("More", map[string]any{"kind": "PERCENTAGE", "percentage": "50", "combines": true, "codes": []any{"MORE"}})
	set("Alone", map[string]any{"kind": "PERCENTAGE", "percentage": "54.99", "codes": []any{"ALONE"}})
	set("Best", map[string]any{"kind": "PERCENTAGE", "percentage": "60", "codes": []any{"BEST"}})
	set("Ship", map[string]any{"kind": "FREE_SHIPPING", "codes": []any{"SHIP"}})
	each := func(part string) string { return part + ", " + part + ", " + part }
	for i, c := range []struct {
		codes             []any
		allocated, warned string
	}{
		{nil, each("1.00 Auto"), ""},
		{[]any{"more"}, each("1.00 Auto + 4.50 MORE"), ""},
		{[]any{"MORE", "ALONE"}, each("1.00 Auto + 4.50 MORE"), "DISCOUNT_CODE_NOT_HONOURED"}, //nolint:misspell // the vocabulary spells it so
		{[]any{"MORE", "BEST"}, each("6.00 BEST"), "DISCOUNT_CODE_NOT_HONOURED"},              //nolint:misspell // the vocabulary spells it so
		{[]any{"BEST", "SHIP"}, each("6.00 BEST"), ""},
	} {
		cart, warned := w.threeLamps(c.codes...)
		if got := w.allocated(cart); got != c.allocated || warned != c.warned {
			t.Errorf("%v takes off %q, warns of %q; want %q and %q", c.codes, got, warned, c.allocated, c.warned)
		}
		if c.warned != "" {
			continue
		}
		placed := w.places(cart, fmt.Sprint("k", i))
		if got := w.ordered(placed); got != c.allocated {
			t.Errorf("%v takes off the order %q, want %q", c.codes, got, c.allocated)
		}
		if c.codes != nil && c.codes[len(c.codes)-1] == "SHIP" {
			holds(t, cart, map[string]any{"deliveryGroups.nodes.0.deliveryOptions.0.estimatedCost.amount": "0.00"})
			holds(t, placed, map[string]any{
				"order.totalShippingPrice.amount": "0.00", "order.shippingDiscountAllocations.0.discountApplication": map[string]any{"code": "SHIP", "title": "Ship"},
			})
		}
	}
}

// TestUsesAndCardsBetweenCartAndOrder: what runs out between the cart and the order is told by both, and what an order has
// used comes back when it is cancelled.
func TestUsesAndCardsBetweenCartAndOrder(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	w.set("promotionSet", "PromotionSet", "promotion { id }", map[string]any{"title": "Once", "kind": "PERCENTAGE", "percentage": "10", "codes": []any{"ONCE"}, "usageLimitPerCustomer": 1})
	first, _ := w.threeLamps("ONCE")
	second, warned := w.threeLamps("ONCE")
	if warned != "" {
		t.Errorf("before any use the cart warns of %s", warned)
	}
	placed := w.places(first, "a")
	holds(t, placed, map[string]any{"userErrors": []any{}})
	holds(t, w.places(second, "b"), map[string]any{"order": nil, "userErrors": []any{map[string]any{"code": "CODE_USED_UP", "field": []any{"input", "cartId"}}}})
	if _, warned := w.threeLamps("ONCE"); warned != "DISCOUNT_CUSTOMER_USAGE_LIMIT_REACHED" {
		t.Errorf("after the use a cart warns of %q", warned)
	}
	data, _ := w.ask(`mutation($id: ID!, $token: String!) { orderCancel(input: { idempotencyKey: "c", orderId: $id, accessToken: $token, reason: CUSTOMER }) { order { status } userErrors { code field } } }`,
		"id", under(t, placed, "order.id"), "token", under(t, placed, "accessToken"))
	holds(t, data, map[string]any{"orderCancel": map[string]any{"order": map[string]any{"status": "CANCELLED"}, "userErrors": []any{}}})
	holds(t, w.places(second, "b"), map[string]any{"userErrors": []any{}})

	money := w.key("payments:write")
	issue := func(key string) (card, code any) {
		data, _ := w.askAs(money, issueCard, "input", map[string]any{"idempotencyKey": key, "initialValue": map[string]any{"amount": "500", "currencyCode": "USD"}})
		return under(t, data, "giftCardCreate.giftCard.id"), under(t, data, "giftCardCreate.code")
	}
	for key, end := range map[string]func(card any){
		"disabled": func(card any) {
			w.askAs(money, `mutation($id: ID!) { giftCardDisable(input: { id: $id }) { giftCard { enabled } userErrors { code } } }`, "id", card)
		},
		"expired": func(any) {
			if _, err := w.Pool.Exec(t.Context(), `update giftcard set expires_at = clock_timestamp() where disabled_at is null`); err != nil {
				t.Fatal(err)
			}
		},
	} {
		card, code := issue(key)
		cart, _ := w.threeLamps()
		held := w.cart("CartGiftCardCodesUpdate", map[string]any{"cartId": under(t, cart, "id"), "giftCardCodes": []any{code}})
		holds(t, held, map[string]any{"appliedGiftCards.0.amountUsed": under(t, held, "cost.totalAmount")})
		end(card)
		answer, _ := w.cartOf("CartNoteUpdate", map[string]any{"cartId": under(t, cart, "id"), "note": key})
		holds(t, answer, map[string]any{
			"warnings.0.code": "PAYMENTS_GIFT_CARDS_UNAVAILABLE", "warnings.0.target": under(t, held, "appliedGiftCards.0.id"), "cart.appliedGiftCards.0.amountUsed.amount": "0.00",
		})
		holds(t, w.places(cart, key), map[string]any{"order": nil, "userErrors": []any{map[string]any{"code": "CODE_NOT_APPLICABLE", "field": []any{"input", "cartId"}}}})
		w.cart("CartGiftCardCodesRemove", map[string]any{"cartId": under(t, cart, "id"), "appliedGiftCardIds": []any{under(t, held, "appliedGiftCards.0.id")}})
		holds(t, w.places(cart, key), map[string]any{"userErrors": []any{}})
	}
}

// TestACodeSaysWhatIsMissing: a shopper is told what to add, and hears nothing more once the code gives something.
func TestACodeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	w.set("promotionSet", "PromotionSet", "promotion { id }", map[string]any{
		"title": "More", "kind": "PERCENTAGE", "percentage": "10", "codes": []any{"MORE"}, "minimumSubtotal": map[string]any{"amount": "35.50", "currencyCode": "USD"},
	})
	// A promotion in the currency that the shop had before.
	w.set("promotionSet", "PromotionSet", "promotion { id }", map[string]any{"title": "Was", "kind": "PERCENTAGE", "percentage": "10", "codes": []any{"WAS"}})
	if _, err := w.Pool.Exec(t.Context(), `update promotion set currency = 'EUR' where title = 'Was'`); err != nil {
		t.Fatal(err)
	}
	cart, _ := w.threeLamps()
	name := under(t, cart, "id")
	coded, _ := w.cartOf("CartDiscountCodesUpdate", map[string]any{"cartId": name, "discountCodes": []any{" more ", "was", "NOSUCH"}})
	holds(t, coded, map[string]any{
		"warnings": []any{
			map[string]any{"code": "DISCOUNT_PURCHASE_NOT_IN_RANGE", "message": "The code MORE is for 35.50 USD or more. Add 5.50 USD more to use it.", "target": name},
			map[string]any{"code": "DISCOUNT_CODE_NOT_HONOURED", "message": "The code WAS is for orders in another currency.", "target": name}, //nolint:misspell // the vocabulary spells it so
			map[string]any{"code": "DISCOUNT_NOT_FOUND", "message": "There is no discount code NOSUCH.", "target": name},
		},
		"cart.discountCodes": []any{
			map[string]any{"code": "MORE", "applicable": false}, map[string]any{"code": "WAS", "applicable": false}, map[string]any{"code": "NOSUCH", "applicable": false},
		},
	})
	more, _ := w.cartOf("CartLinesAdd", map[string]any{"cartId": name, "lines": []any{map[string]any{"merchandiseId": w.variant("lamp-aa", 0), "quantity": 1}}})
	holds(t, more, map[string]any{"cart.discountCodes.0": map[string]any{"code": "MORE", "applicable": true}})
	if got := under(t, more, "warnings").([]any); len(got) != 2 {
		t.Errorf("of a code that gives something the cart warns: %v", got)
	}
}
