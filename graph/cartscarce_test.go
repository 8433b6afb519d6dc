package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/shoptest"
)

// warned lists what an answer about a cart warns of, with the number of the line that each warning is about.
func warned(t testing.TB, answer any) string {
	t.Helper()
	var list []string
	for _, w := range under(t, answer, "warnings").([]any) {
		about := " elsewhere"
		lines, _ := under(t, answer, "cart.lines.nodes").([]any)
		for i, line := range lines {
			if under(t, line, "id") == under(t, w, "target") {
				about = " " + string(rune('0'+i))
			}
		}
		list = append(list, under(t, w, "code").(string)+about)
	}
	return strings.Join(list, ", ")
}

// order places a cart and lists what the refusal says: code, path, line and number.
func (w writer) order(key string, cart any) []any {
	w.Helper()
	data, _ := w.ask(`mutation($input: OrderPlaceInput!) { orderPlace(input: $input) { order { email } userErrors { code field lineId quantityAvailable message } } }`, "input", map[string]any{
		"idempotencyKey": key, "cartId": cart, "payment": []any{map[string]any{"provider": "test", "token": "approve"}},
	})
	return under(w, data, "orderPlace.userErrors").([]any)
}

// TestAWithdrawnProductStaysReadableInCarts: who holds it sees what it is, that it can't be bought, and takes it out.
func TestAWithdrawnProductStaysReadableInCarts(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	made := w.cart("CartCreate", map[string]any{"input": map[string]any{
		"lines": []any{
			map[string]any{"merchandiseId": w.variant("lamp-ab", 0), "quantity": 1},
			map[string]any{"merchandiseId": w.variant("lamp-ac", 0), "quantity": 1},
		},
		"buyerIdentity": map[string]any{"email": "ada@example.com", "countryCode": "US"},
		"delivery":      map[string]any{"addresses": []any{albanyInput("1 Main St")}},
	}})
	name := under(t, made, "id")
	line := under(t, made, "lines.nodes.0.id")
	for i, back := range []string{"published_at = null", "published_at = now() + interval '1 day'", "status = 'DRAFT'", "status = 'ARCHIVED'"} {
		if _, err := w.Pool.Exec(t.Context(), `update product set `+back+` where handle = 'lamp-ab'`); err != nil {
			t.Fatal(err)
		}
		shown, _ := w.cartOf("Cart", map[string]any{"cartId": name})
		holds(t, shown, map[string]any{
			"lines.nodes.0.merchandise.product.handle": "lamp-ab", "lines.nodes.0.merchandise.availableForSale": false,
			"lines.nodes.1.merchandise.product.handle": "lamp-ac", "lines.nodes.1.merchandise.availableForSale": true,
		})
		noted, _ := w.cartOf("CartNoteUpdate", map[string]any{"cartId": name, "note": back})
		if got := warned(t, noted); got != "MERCHANDISE_OUT_OF_STOCK 0" {
			t.Errorf("%s: warned of %q", back, got)
		}
		refused := w.order("k"+string(rune('0'+i)), name)
		if len(refused) != 1 || under(t, refused[0], "code") != "VARIANT_NOT_FOUND" || under(t, refused[0], "lineId") != line {
			t.Errorf("%s: placing says %v", back, refused)
		}
		if _, err := w.Pool.Exec(t.Context(), `update product set status = 'ACTIVE', published_at = now() where handle = 'lamp-ab'`); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Pool.Exec(t.Context(), `update product set published_at = null where handle = 'lamp-ab'`); err != nil {
		t.Fatal(err)
	}
	// It is found nowhere else.
	data, _ := w.ask(`query($id: ID!) { product(handle: "lamp-ab") { id } node(id: $id) { id } }`, "id", under(t, made, "lines.nodes.0.merchandise.id"))
	holds(t, data, map[string]any{"product": nil, "node": nil})
	removed, _ := w.cartOf("CartLinesRemove", map[string]any{"cartId": name, "lineIds": []any{line}})
	if got := warned(t, removed); got != "" {
		t.Errorf("without it, warned of %q", got)
	}
	if refused := w.order("last", name); len(refused) != 0 {
		t.Errorf("the rest is refused: %v", refused)
	}
}

// TestABundleWithAWithdrawnPart is neither offered nor sold, and the carts that hold it can be read.
func TestABundleWithAWithdrawnPart(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	set := w.answer("productSet", "ProductSet", "product { variants(first: 1) { nodes { id } } } userErrors { message }", map[string]any{
		"handle": "pair", "title": "Pair", "published": true, "variants": []any{map[string]any{"price": "15.00"}},
	})
	pair := under(t, set, "product.variants.nodes.0.id")
	bundled, _ := w.askAs(w.key("catalog:write", "inventory:write"), `mutation($input: ProductBundleSetInput!) { productBundleSet(input: $input) { bundle { version } userErrors { code message } } }`, "input", map[string]any{
		"idempotencyKey": "b", "variantId": pair, "components": []any{
			map[string]any{"variantId": w.variant("lamp-ab", 0), "quantity": 1}, map[string]any{"variantId": w.variant("lamp-ac", 0), "quantity": 1},
		},
	})
	holds(t, bundled, map[string]any{"productBundleSet.userErrors": []any{}})
	input := map[string]any{"input": map[string]any{
		"lines":         []any{map[string]any{"merchandiseId": pair, "quantity": 1}},
		"buyerIdentity": map[string]any{"email": "ada@example.com", "countryCode": "US"},
		"delivery":      map[string]any{"addresses": []any{albanyInput("1 Main St")}},
	}}
	made := w.cart("CartCreate", input)
	name := under(t, made, "id")
	if _, err := w.Pool.Exec(t.Context(), `update product set published_at = null where handle = 'lamp-ac'`); err != nil {
		t.Fatal(err)
	}
	again, _ := w.cartOf("CartCreate", input)
	if got := warned(t, again); got != "MERCHANDISE_OUT_OF_STOCK elsewhere" || under(t, again, "cart.id") == nil {
		t.Errorf("a new cart is %v", again)
	}
	data, _ := w.ask(`query($id: ID!, $cart: ID!) {
  product(handle: "pair") { availableForSale variants(first: 1) { nodes { availableForSale } } }
  cart(id: $cart) { lines(first: 1) { nodes { merchandise { ... on ProductVariant { availableForSale product { handle } } }
    ... on ComponentizableCartLine { lineComponents { merchandise { ... on ProductVariant { product { handle } } } } } } } }
  node(id: $id) { ... on ProductVariant { availableForSale } } }`, "id", pair, "cart", name)
	holds(t, data, map[string]any{
		"product":                        map[string]any{"availableForSale": false, "variants": map[string]any{"nodes": []any{map[string]any{"availableForSale": false}}}},
		"node":                           map[string]any{"availableForSale": false},
		"cart.lines.nodes.0.merchandise": map[string]any{"availableForSale": false, "product": map[string]any{"handle": "pair"}},
		"cart.lines.nodes.0.lineComponents.1.merchandise.product.handle": "lamp-ac",
	})
	noted, _ := w.cartOf("CartNoteUpdate", map[string]any{"cartId": name, "note": "x"})
	if got := warned(t, noted); got != "MERCHANDISE_OUT_OF_STOCK 0" {
		t.Errorf("warned of %q", got)
	}
	refused := w.order("k", name)
	if len(refused) != 1 || under(t, refused[0], "code") != "OUT_OF_STOCK" || under(t, refused[0], "lineId") != under(t, made, "lines.nodes.0.id") {
		t.Errorf("placing says %v", refused)
	}
}

// TestEveryAnswerOfACartWarnsOfWhatCantBeHad, by how each line is delivered, whatever the call was about.
func TestEveryAnswerOfACartWarnsOfWhatCantBeHad(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	stock := func(handle, location string, units int) {
		t.Helper()
		shoptest.Shelve(t, w.Pool, `
insert into stock_level (variant_id, location_id, on_hand)
select v.id, l.id, $3 from product_variant v join product p on p.id = v.product_id, location l where p.handle = $1 and v.position = 1 and l.name = $2
on conflict (variant_id, location_id) do update set on_hand = $3`, handle, location, units)
	}
	stock("lamp-ab", "Warehouse", 3)
	stock("lamp-ab", "Near", 9)
	stock("lamp-ac", "Warehouse", 3)
	stock("lamp-ac", "Near", 0)
	// The store has nine, and they can't be shipped; while nobody has said where the cart goes, it counts as shipped.
	made, _ := w.cartOf("CartCreate", map[string]any{"input": map[string]any{"lines": []any{
		map[string]any{"merchandiseId": w.variant("lamp-ab", 0), "quantity": 5}, map[string]any{"merchandiseId": w.variant("lamp-ac", 0), "quantity": 3},
	}, "buyerIdentity": map[string]any{"email": "ada@example.com"}}})
	if got := warned(t, made); got != "MERCHANDISE_NOT_ENOUGH_STOCK 0" || under(t, made, "warnings.0.message") != `Only 3 of "Lamp ab" can be shipped. 9 can be collected in a store.` {
		t.Errorf("while the delivery is open, warned of %q: %v", got, under(t, made, "warnings"))
	}
	name, first := under(t, made, "cart.id"), under(t, made, "cart.lines.nodes.0.id")
	goes, _ := w.cartOf("CartDeliveryAddressesAdd", map[string]any{"cartId": name, "addresses": []any{albanyInput("1 Main St")}})
	if got := warned(t, goes); got != "MERCHANDISE_NOT_ENOUGH_STOCK 0" || under(t, goes, "warnings.0.message") != `Only 3 of "Lamp ab" can be had.` {
		t.Errorf("shipped, warned of %q: %v", got, under(t, goes, "warnings"))
	}
	refused := w.order("k", name)
	if len(refused) != 1 || under(t, refused[0], "code") != "OUT_OF_STOCK" || under(t, refused[0], "lineId") != first || under(t, refused[0], "quantityAvailable") != 3.0 {
		t.Errorf("placing says %v", refused)
	}
	// Somebody else buys what the second line wants.
	stock("lamp-ac", "Warehouse", 0)
	for operation, variables := range map[string]map[string]any{
		"CartNoteUpdate":              {"note": "Ring twice"},
		"CartAttributesUpdate":        {"attributes": []any{map[string]any{"key": "a", "value": "b"}}},
		"CartBuyerIdentityUpdate":     {"buyerIdentity": map[string]any{"phone": "+14155550123"}},
		"CartDiscountCodesUpdate":     {"discountCodes": []any{}},
		"CartLinesUpdate":             {"lines": []any{map[string]any{"id": first, "quantity": 4}}},
		"CartDeliveryAddressesUpdate": {"addresses": []any{map[string]any{"id": under(t, goes, "cart.delivery.addresses.0.id"), "selected": true}}},
	} {
		variables["cartId"] = name
		answer, _ := w.cartOf(operation, variables)
		if got := warned(t, answer); got != "MERCHANDISE_NOT_ENOUGH_STOCK 0, MERCHANDISE_OUT_OF_STOCK 1" {
			t.Errorf("%s warns of %q", operation, got)
		}
	}
	// A clone goes nowhere yet: of the first more can be collected, the second can't be had at all.
	cloned, _ := w.cartOf("CartClone", map[string]any{"cartId": name})
	if got := warned(t, cloned); got != "MERCHANDISE_NOT_ENOUGH_STOCK 0, MERCHANDISE_OUT_OF_STOCK 1" {
		t.Errorf("a clone warns of %q", got)
	}
	// Collected, the store has enough of the one and none of the other.
	w.cart("CartLinesRemove", map[string]any{"cartId": name, "lineIds": []any{under(t, goes, "cart.lines.nodes.1.id")}})
	collected, _ := w.cartOf("CartLinesUpdate", map[string]any{"cartId": name, "lines": []any{map[string]any{"id": first, "deliveryMethod": "PICK_UP"}}})
	if got := warned(t, collected); got != "" {
		t.Errorf("collected, warned of %q", got)
	}
	group := under(t, collected, "cart.deliveryGroups.nodes.0")
	w.cart("CartSelectedDeliveryOptionsUpdate", map[string]any{"cartId": name, "selectedDeliveryOptions": []any{
		map[string]any{"deliveryGroupId": under(t, group, "id"), "deliveryOptionHandle": under(t, group, "deliveryOptions.0.handle")},
	}})
	stock("lamp-ab", "Near", 2)
	noted, _ := w.cartOf("CartNoteUpdate", map[string]any{"cartId": name, "note": ""})
	if got := warned(t, noted); got != "MERCHANDISE_NOT_ENOUGH_STOCK 0" || under(t, noted, "warnings.0.message") != `Only 2 of "Lamp ab" can be had in this store.` {
		t.Errorf("of what the chosen store has no more, warned of %q: %v", got, under(t, noted, "warnings"))
	}
}

func TestWarningsOfACartTakeAsManyStatementsForManyLines(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	note := func(n int, goes bool) int {
		lines := []any{}
		for i := range n {
			lines = append(lines, map[string]any{"merchandiseId": w.variant("lamp-a"+string(rune('a'+i)), 0), "quantity": 1})
		}
		input := map[string]any{"lines": lines}
		if goes {
			input["delivery"] = map[string]any{"addresses": []any{albanyInput("1 Main St")}}
		}
		made := w.cart("CartCreate", map[string]any{"input": input})
		return least(func() int {
			_, asked := w.cartOf("CartNoteUpdate", map[string]any{"cartId": under(t, made, "id"), "note": "x"})
			return asked
		})
	}
	for _, stock := range []string{"there", "sold out online"} {
		for _, goes := range []bool{true, false} {
			if few, many := note(2, goes), note(20, goes); few != many {
				t.Errorf("%s: a change of a cart of 20 lines takes %d statements, one of 2 %d", stock, many, few)
			}
		}
		shoptest.Shelve(t, w.Pool, `update stock_level l set on_hand = 0 from location c where c.id = l.location_id and c.ships_online`)
		shoptest.Shelve(t, w.Pool, `
insert into stock_level (variant_id, location_id, on_hand)
select i.variant_id, c.id, 9 from stock_item i, location c where c.name = 'Near'
on conflict (variant_id, location_id) do update set on_hand = 9`)
	}
}

// TestACustomersCartDoesNotTellTheirContact: whoever merely holds the cart of a customer is not told how to reach them, and
// is asked for a contact of their own.
func TestACustomersCartDoesNotTellTheirContact(t *testing.T) {
	t.Parallel()
	w := openCarts(t)
	data, _ := w.ask(`mutation { customerCreate(input: { email: "ada@example.com", password: "difference engine" }) { customer { id } customerUserErrors { message } }
  customerAccessTokenCreate(input: { email: "ada@example.com", password: "difference engine" }) { customerAccessToken { accessToken } } }`)
	token := under(t, data, "customerAccessTokenCreate.customerAccessToken.accessToken")
	made := w.cart("CartCreate", map[string]any{"input": map[string]any{
		"lines":         []any{map[string]any{"merchandiseId": w.variant("lamp-ab", 0), "quantity": 1}},
		"buyerIdentity": map[string]any{"customerAccessToken": token, "countryCode": "US"},
		"delivery":      map[string]any{"addresses": []any{albanyInput("1 Main St")}},
	}})
	if refused := fmt.Sprint(w.order("k", under(t, made, "id"))); !strings.Contains(refused, "BLANK") || !strings.Contains(refused, "buyer") {
		t.Fatalf("placing says %v", refused)
	}
	own, _ := w.ask(`query($token: String!) { customer(customerAccessToken: $token) { orders(first: 5) { nodes { email } } } }`, "token", token)
	holds(t, own, map[string]any{"customer.orders.nodes": []any{}})
}
