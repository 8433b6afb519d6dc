package graph_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// text is an answer as JSON, to be compared as a whole.
func (a api) text(t testing.TB, token, document string, variables map[string]any) string {
	t.Helper()
	var got json.RawMessage
	a.want(t, token, document, variables, &got)
	return string(got)
}

// TestPromisesFromShelfToOrder: a shop sells in advance, a shopper sees by when on every step, and staff see who waits.
func TestPromisesFromShelfToOrder(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp, chair := a.goods(t, "Lamp", 2000, 1), a.goods(t, "Chair", 3000, 5)
	key := a.key(t, "inventory:write")
	soon := time.Now().AddDate(0, 2, 0).UTC().Truncate(time.Second).Format(time.RFC3339)
	set := func(input map[string]any) string {
		t.Helper()
		input["variantId"] = lamp.String()
		return a.text(t, key, `mutation($input: InventoryPolicySetInput!) { inventoryPolicySet(input: $input) {
  item { inventoryPolicy availableFrom restockDays tracked version components { quantity } } userErrors { code field } } }`, map[string]any{"input": input})
	}
	for _, c := range []struct {
		input map[string]any
		want  string
	}{
		{map[string]any{"idempotencyKey": "a", "inventoryPolicy": "DENY", "backorderLimit": 3}, `{"inventoryPolicySet":{"item":null,"userErrors":[{"code":"INVALID","field":["input","backorderLimit"]}]}}`},
		{map[string]any{"idempotencyKey": "b", "restockDays": 4000}, `{"inventoryPolicySet":{"item":null,"userErrors":[{"code":"QUANTITY_OUT_OF_RANGE","field":["input","restockDays"]}]}}`},
		{map[string]any{"idempotencyKey": "c", "inventoryPolicy": "CONTINUE", "backorderLimit": 3, "availableFrom": soon}, `{"inventoryPolicySet":{"item":{"inventoryPolicy":"CONTINUE","availableFrom":"` + soon + `","restockDays":null,"tracked":true,"version":2,"components":[]},"userErrors":[]}}`},
		{map[string]any{"idempotencyKey": "c", "inventoryPolicy": "CONTINUE", "backorderLimit": 3, "availableFrom": soon}, `{"inventoryPolicySet":{"item":{"inventoryPolicy":"CONTINUE","availableFrom":"` + soon + `","restockDays":null,"tracked":true,"version":2,"components":[]},"userErrors":[]}}`},
		{map[string]any{"idempotencyKey": "c", "inventoryPolicy": "DENY"}, `{"inventoryPolicySet":{"item":null,"userErrors":[{"code":"IDEMPOTENCY_KEY_REUSED","field":["input","idempotencyKey"]}]}}`},
		{map[string]any{"idempotencyKey": "d", "expectedVersion": 1}, `{"inventoryPolicySet":{"item":null,"userErrors":[{"code":"VERSION_CONFLICT","field":["input","expectedVersion"]}]}}`},
	} {
		if got := set(c.input); got != c.want {
			t.Errorf("%v:\n%s, want\n%s", c.input, got, c.want)
		}
	}

	cart := map[string]any{"lines": []any{
		map[string]any{"merchandiseId": lamp.String(), "quantity": 3}, map[string]any{"merchandiseId": chair.String(), "quantity": 1},
	}}
	got := a.text(t, "", `mutation($input: CartInput!) { cartCreate(input: $input) { cart {
  lines(first: 5) { nodes { ... on CartLine { quantity backorderedQuantity promisedAt merchandise { ... on ProductVariant { currentlyNotInStock promisedAt requiresComponents } } } } }
  deliveryGroups(first: 5) { nodes { promisedAt } } } } }`, map[string]any{"input": cart})
	want := `{"cartCreate":{"cart":{"lines":{"nodes":[` +
		`{"quantity":3,"backorderedQuantity":2,"promisedAt":"` + soon + `","merchandise":{"currentlyNotInStock":false,"promisedAt":"` + soon + `","requiresComponents":false}},` +
		`{"quantity":1,"backorderedQuantity":0,"promisedAt":null,"merchandise":{"currentlyNotInStock":false,"promisedAt":null,"requiresComponents":false}}]},` +
		`"deliveryGroups":{"nodes":[{"promisedAt":"` + soon + `"}]}}}}`
	if got != want {
		t.Errorf("the cart is\n%s, want\n%s", got, want)
	}

	var placed struct {
		OrderPlace struct {
			Order struct {
				ID        string
				LineItems struct{ Nodes json.RawMessage }
			}
			UserErrors []any
		}
	}
	input := orderInput("k", lamp.String(), 3)
	a.want(t, "", `mutation($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id lineItems(first: 5) { nodes { quantity backorderedQuantity promisedAt components { quantity } } } } userErrors { code field } } }`, map[string]any{"input": input}, &placed)
	if got, want := string(placed.OrderPlace.Order.LineItems.Nodes), `[{"quantity":3,"backorderedQuantity":2,"promisedAt":"`+soon+`","components":[]}]`; got != want {
		t.Errorf("the order's lines are %s %v, want %s", got, placed.OrderPlace.UserErrors, want)
	}
	waiting := a.text(t, key, `{ inventoryBackorders(first: 5) { nodes { orderId quantity waiting promisedAt variantId location { name } } pageInfo { hasNextPage } } }`, nil)
	if want := fmt.Sprintf(`{"inventoryBackorders":{"nodes":[{"orderId":%q,"quantity":3,"waiting":2,"promisedAt":%q,"variantId":%q,"location":{"name":"Warehouse"}}],"pageInfo":{"hasNextPage":false}}}`,
		placed.OrderPlace.Order.ID, soon, lamp); waiting != want {
		t.Errorf("waiting are\n%s, want\n%s", waiting, want)
	}
}

// TestPickUpIsPromisedByItsStore: what is collected comes from the shelf of the store, whatever there is elsewhere, and the
// order promises what the cart has shown.
func TestPickUpIsPromisedByItsStore(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp, store, empty := a.goods(t, "Lamp", 2000, 0), id.NewLocationID(), id.NewLocationID()
	sold := time.Now().AddDate(0, 2, 0).UTC().Truncate(time.Second)
	soon := sold.Format(time.RFC3339)
	ready := map[string]string{"Bare": sold.Add(2 * time.Hour).Format(time.RFC3339), "Near": sold.Add(30 * time.Minute).Format(time.RFC3339)}
	a.text(t, a.key(t, "inventory:write"), `mutation($input: InventoryPolicySetInput!) { inventoryPolicySet(input: $input) { item { version } } }`, map[string]any{"input": map[string]any{
		"variantId": lamp.String(), "idempotencyKey": "a", "inventoryPolicy": "CONTINUE", "backorderLimit": 9, "availableFrom": soon,
	}})
	for name, location := range map[string]id.LocationID{"Near": store, "Bare": empty} {
		if _, err := a.Pool.Exec(t.Context(), `insert into location (id, kind, name, country_code, province_code, zip, pickup_enabled) values ($1, 'STORE', $2, 'US', 'NY', '12207', true)`, location, name); err != nil {
			t.Fatal(err)
		}
	}
	shoptest.Shelve(t, a.Pool, `insert into stock_level (variant_id, location_id, on_hand, backorder_limit) values ($1, $2, 2, 0), ($1, $3, 0, 9)`, lamp, store, empty)
	if _, err := a.Pool.Exec(t.Context(), `update location set pickup_lead_minutes = 30 where id = $1`, store); err != nil {
		t.Fatal(err)
	}
	const fields = `id lines(first: 5) { nodes { ... on CartLine { quantity backorderedQuantity promisedAt } } }
  deliveryGroups(first: 5) { nodes { id promisedAt deliveryOptions { handle title } } }`
	var made struct {
		CartCreate struct {
			Cart struct {
				ID             string
				DeliveryGroups struct {
					Nodes []struct {
						ID              string
						DeliveryOptions []struct{ Handle, Title string }
					}
				}
			}
		}
	}
	a.want(t, "", `mutation($input: CartInput!) { cartCreate(input: $input) { cart { `+fields+` } } }`, map[string]any{"input": map[string]any{
		"lines": []any{
			map[string]any{"merchandiseId": lamp.String(), "quantity": 1},
			map[string]any{"merchandiseId": lamp.String(), "quantity": 2, "deliveryMethod": "PICK_UP"},
		},
		"buyerIdentity": map[string]any{"email": "ada@example.com"},
		"delivery":      map[string]any{"addresses": []any{albanyInput("1 Main St")}},
	}}, &made)
	name, collected := made.CartCreate.Cart.ID, made.CartCreate.Cart.DeliveryGroups.Nodes[1]
	lines := func(shipped, picked string) string {
		return `"lines":{"nodes":[{"quantity":1,` + shipped + `},{"quantity":2,` + picked + `}]}`
	}
	none := `"backorderedQuantity":0,"promisedAt":null`
	choose := func(title string) string {
		t.Helper()
		for _, option := range collected.DeliveryOptions {
			if option.Title == title {
				return a.text(t, "", `mutation($cart: ID!, $group: ID!, $handle: String!) {
  cartSelectedDeliveryOptionsUpdate(cartId: $cart, selectedDeliveryOptions: [{ deliveryGroupId: $group, deliveryOptionHandle: $handle }]) { cart {
    lines(first: 5) { nodes { ... on CartLine { quantity backorderedQuantity promisedAt } } } deliveryGroups(first: 5) { nodes { promisedAt } } } } }`,
					map[string]any{"cart": name, "group": collected.ID, "handle": option.Handle})
			}
		}
		t.Fatalf("%s is not offered, but %v", title, collected.DeliveryOptions)
		return ""
	}
	onShelf := `"backorderedQuantity":0,"promisedAt":"` + ready["Near"] + `"` // and sold in advance all the same
	late := `"backorderedQuantity":%d,"promisedAt":"%s"`
	for _, c := range []struct{ store, picked, group string }{
		{"Bare", fmt.Sprintf(late, 2, ready["Bare"]), `"` + ready["Bare"] + `"`},
		{"Near", onShelf, `"` + ready["Near"] + `"`},
	} {
		want := `{"cartSelectedDeliveryOptionsUpdate":{"cart":{` + lines(fmt.Sprintf(late, 1, soon), c.picked) + `,"deliveryGroups":{"nodes":[{"promisedAt":"` + soon + `"},{"promisedAt":` + c.group + `}]}}}}`
		if got := choose(c.store); got != want {
			t.Errorf("collected at %s it is\n%s, want\n%s", c.store, got, want)
		}
	}
	placed := a.text(t, "", `mutation($cart: ID!) { orderPlace(input: { idempotencyKey: "k", cartId: $cart, payment: [{ provider: "test", token: "approve" }] }) {
  order { lineItems(first: 5) { nodes { quantity backorderedQuantity promisedAt } } } userErrors { code field } } }`, map[string]any{"cart": name})
	if want := `{"orderPlace":{"order":{"lineItems":{"nodes":[{"quantity":1,` + fmt.Sprintf(late, 1, soon) + `},{"quantity":2,` + onShelf + `}]}},"userErrors":[]}}`; placed != want {
		t.Errorf("the order is promised\n%s, want\n%s", placed, want)
	}

	// Where no store has it, nobody promises anything, and the cart is shown all the same.
	if _, err := a.Pool.Exec(t.Context(), `update location set pickup_enabled = false`); err != nil {
		t.Fatal(err)
	}
	closed := a.text(t, "", `mutation($input: CartInput!) { cartCreate(input: $input) { cart { lines(first: 1) { nodes { ... on CartLine { quantity backorderedQuantity promisedAt } } } } userErrors { code } } }`,
		map[string]any{"input": map[string]any{"lines": []any{map[string]any{"merchandiseId": lamp.String(), "quantity": 1, "deliveryMethod": "PICK_UP"}}}})
	if want := `{"cartCreate":{"cart":{"lines":{"nodes":[{"quantity":1,` + none + `}]}},"userErrors":[]}}`; closed != want {
		t.Errorf("without a store it is\n%s, want\n%s", closed, want)
	}
}

// TestBundleOverTheAPI: it is made, shown, refused in every wrong form, and sold as its parts.
func TestBundleOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp, shade, box := a.goods(t, "Lamp", 2000, 5), a.goods(t, "Shade", 500, 9), a.goods(t, "Box", 4000, 0)
	key := a.key(t, "catalog:write")
	made := func(key, idempotency string, of id.ProductVariantID, parts ...any) string {
		t.Helper()
		components := []any{}
		for i := 0; i < len(parts); i += 2 {
			components = append(components, map[string]any{"variantId": parts[i], "quantity": parts[i+1]})
		}
		return a.text(t, key, `mutation($input: ProductBundleSetInput!) { productBundleSet(input: $input) {
  bundle { variantId version components { quantity productVariant { product { title } } } } userErrors { code field quantityAvailable } } }`,
			map[string]any{"input": map[string]any{"idempotencyKey": idempotency, "variantId": of.String(), "components": components}})
	}
	refused := func(code, field string, available string) string {
		return `{"productBundleSet":{"bundle":null,"userErrors":[{"code":"` + code + `","field":["input",` + field + `],"quantityAvailable":` + available + `}]}}`
	}
	for _, c := range []struct{ got, want string }{
		{made(key, "a", lamp, shade.String(), 1), refused("HAS_STOCK", `"variantId"`, "5")},
		{made(key, "b", box, box.String(), 1), refused("NESTED_BUNDLE", `"components","0","variantId"`, "null")},
		{made(key, "c", box, lamp.String(), 0), refused("QUANTITY_OUT_OF_RANGE", `"components","0","quantity"`, "null")},
		{made(key, "d", box, "gid://wharf/Product/1", 1), refused("VARIANT_NOT_FOUND", `"components","0","variantId"`, "null")},
		{made(key, "e", box, lamp.String(), 2, shade.String(), 1), `{"productBundleSet":{"bundle":{"variantId":"` + box.String() + `","version":2,"components":[{"quantity":2,"productVariant":{"product":{"title":"Lamp"}}},{"quantity":1,"productVariant":{"product":{"title":"Shade"}}}]},"userErrors":[]}}`},
	} {
		if c.got != c.want {
			t.Errorf("made\n%s, want\n%s", c.got, c.want)
		}
	}
	if got := a.ask(t, a.key(t, "inventory:write"), `mutation { productBundleSet(input: { idempotencyKey: "x", variantId: "x", components: [] }) { userErrors { code } } }`, nil).codes(); got != "FORBIDDEN" {
		t.Errorf("without the scope: %s", got)
	}

	shown := a.text(t, "", `query($id: ID!) { node(id: $id) { ... on ProductVariant { requiresComponents availableForSale quantityAvailable
  components(first: 1) { nodes { quantity productVariant { id } } pageInfo { hasNextPage } } } } }`, map[string]any{"id": box.String()})
	if want := `{"node":{"requiresComponents":true,"availableForSale":true,"quantityAvailable":2,"components":{"nodes":[{"quantity":2,"productVariant":{"id":"` + lamp.String() + `"}}],"pageInfo":{"hasNextPage":true}}}}`; shown != want {
		t.Errorf("shown is\n%s, want\n%s", shown, want)
	}
	// A part that nobody may find by itself is not told of.
	if _, err := a.Pool.Exec(t.Context(), `update product set published_at = null where title = 'Lamp'`); err != nil {
		t.Fatal(err)
	}
	hidden := a.text(t, "", `query($id: ID!) { node(id: $id) { ... on ProductVariant { components(first: 5) { nodes { quantity productVariant { id } } } } } }`, map[string]any{"id": box.String()})
	if want := `{"node":{"components":{"nodes":[{"quantity":2,"productVariant":null},{"quantity":1,"productVariant":{"id":"` + shade.String() + `"}}]}}}`; hidden != want {
		t.Errorf("with a hidden part it is\n%s, want\n%s", hidden, want)
	}
	if _, err := a.Pool.Exec(t.Context(), `update product set published_at = now() where title = 'Lamp'`); err != nil {
		t.Fatal(err)
	}

	sold := a.text(t, "", `mutation($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { lineItems(first: 5) { nodes { quantity components { quantity variantId } } } } userErrors { code field quantityAvailable } } }`, map[string]any{"input": orderInput("k", box.String(), 2)})
	if want := fmt.Sprintf(`{"orderPlace":{"order":{"lineItems":{"nodes":[{"quantity":2,"components":[{"quantity":2,"variantId":%q},{"quantity":1,"variantId":%q}]}]}},"userErrors":[]}}`, lamp, shade); sold != want {
		t.Errorf("sold is\n%s, want\n%s", sold, want)
	}
	over := a.text(t, "", `mutation($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code field quantityAvailable } } }`, map[string]any{"input": orderInput("l", box.String(), 1)})
	if want := `{"orderPlace":{"order":null,"userErrors":[{"code":"OUT_OF_STOCK","field":["input","lines","0","quantity"],"quantityAvailable":0}]}}`; over != want {
		t.Errorf("beyond its parts: %s, want %s", over, want)
	}
}

func TestInventoryAllocation(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp := a.goods(t, "Lamp", 2000, 5)
	at := a.warehouse(t, lamp)
	key := a.key(t, "inventory:write")
	const mutation = `mutation($input: InventoryAllocationSetInput!) { inventoryAllocationSet(input: $input) { allocation { strategy locationPriority { name } } userErrors { code field } } }`
	for _, c := range []struct {
		input map[string]any
		want  string
	}{
		{map[string]any{"strategy": "NEAREST"}, `{"allocation":{"strategy":"NEAREST","locationPriority":[]},"userErrors":[]}`},
		{map[string]any{"locationPriorityIds": []string{at}}, `{"allocation":{"strategy":"NEAREST","locationPriority":[{"name":"Warehouse"}]},"userErrors":[]}`},
		{map[string]any{"strategy": "PRIORITY", "locationPriorityIds": []string{at, at}}, `{"allocation":null,"userErrors":[{"code":"INVALID","field":["input","locationPriorityIds","1"]}]}`},
		{map[string]any{"locationPriorityIds": []string{"x"}}, `{"allocation":null,"userErrors":[{"code":"LOCATION_NOT_FOUND","field":["input","locationPriorityIds","0"]}]}`},
		{map[string]any{}, `{"allocation":{"strategy":"NEAREST","locationPriority":[{"name":"Warehouse"}]},"userErrors":[]}`},
		{map[string]any{"locationPriorityIds": []string{}}, `{"allocation":{"strategy":"NEAREST","locationPriority":[]},"userErrors":[]}`},
	} {
		if got, want := a.text(t, key, mutation, map[string]any{"input": c.input}), `{"inventoryAllocationSet":`+c.want+`}`; got != want {
			t.Errorf("%v: %s, want %s", c.input, got, want)
		}
	}
	if got := a.text(t, key, `{ inventoryAllocation { strategy } }`, nil); got != `{"inventoryAllocation":{"strategy":"NEAREST"}}` {
		t.Errorf("afterwards it is %s", got)
	}
}
