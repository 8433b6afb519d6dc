package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// goods puts something on sale of which there are so many in the warehouse.
func (a api) goods(t testing.TB, title string, cents int64, units int) id.ProductVariantID {
	t.Helper()
	product, variant, warehouse := id.NewProductID(), id.NewProductVariantID(), id.NewLocationID()
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{`insert into product (id, handle, title, published_at, currency, min_price, max_price, variants_count)
		  values ($1, $2, $3, now(), 'USD', $4, $4, 1)`, []any{product, strings.ToLower(title), title, cents}},
		{`insert into product_variant (id, product_id, position, title, option_values, price, currency)
		  values ($1, $2, 1, 'Default Title', '{Default Title}', $3, 'USD')`, []any{variant, product, cents}},
		{`insert into location (id, kind, name, country_code, ships_online) values ($1, 'WAREHOUSE', 'Warehouse', 'US', true)`, []any{warehouse}},
		{`insert into stock_item (variant_id) values ($1)`, []any{variant}},
	} {
		if _, err := a.Pool.Exec(t.Context(), q.sql, q.args...); err != nil {
			t.Fatal(err)
		}
	}
	shoptest.Shelve(t, a.Pool, `insert into stock_level (variant_id, location_id, on_hand) values ($1, $2, $3)`, variant, warehouse, units)
	return variant
}

type amount struct{ Amount, CurrencyCode string }

type cartData struct {
	ID, CheckoutURL, UpdatedAt string
	Note                       *string
	Version, TotalQuantity     int
	Attributes                 []struct{ Key, Value string }
	Attribute                  *struct{ Value string }
	BuyerIdentity              struct {
		CountryCode, Email, Phone *string
		Customer                  *struct{ ID string }
	}
	Cost struct {
		SubtotalAmount, TotalAmount, CheckoutChargeAmount amount
		TotalTaxAmount, TotalDutyAmount                   *amount
		TotalAmountEstimated, SubtotalAmountEstimated     bool
	}
	Lines struct {
		Nodes []struct {
			Typename     string `json:"__typename"`
			ID           string
			Quantity     int
			Cost         struct{ AmountPerQuantity, SubtotalAmount, TotalAmount amount }
			Merchandise  struct{ ID, Title string }
			Instructions struct{ CanRemove bool }
		}
		Edges    []struct{ Cursor string }
		PageInfo struct{ HasNextPage bool }
	}
	DeliveryGroups struct {
		Nodes []struct {
			GroupType       string
			CartLines       struct{ Nodes []struct{ ID string } }
			DeliveryOptions []struct {
				Handle, Title, DeliveryMethodType string
				EstimatedCost                     amount
			}
			SelectedDeliveryOption *struct{ Handle string }
		}
	}
}

type cartPayload struct {
	Cart       *cartData
	UserErrors refusals
	Warnings   []struct{ Code, Message, Target string }
}

// The document of a storefront written for the vocabulary.
const cartFields = `
fragment CartFields on Cart {
  id checkoutUrl updatedAt note version totalQuantity
  attributes { key value } attribute(key: "gift") { value }
  buyerIdentity { countryCode email phone customer { id } }
  cost {
    subtotalAmount { amount currencyCode } totalAmount { amount currencyCode } checkoutChargeAmount { amount currencyCode }
    totalTaxAmount { amount currencyCode } totalDutyAmount { amount currencyCode } totalAmountEstimated subtotalAmountEstimated
  }
  lines(first: 100) {
    nodes {
      __typename id quantity
      cost { amountPerQuantity { amount currencyCode } subtotalAmount { amount currencyCode } totalAmount { amount currencyCode } }
      merchandise { ... on ProductVariant { id title } }
      ... on CartLine { instructions { canRemove } }
    }
    edges { cursor } pageInfo { hasNextPage }
  }
  deliveryGroups(first: 1) {
    nodes {
      groupType cartLines(first: 10) { nodes { id } }
      deliveryOptions { handle title deliveryMethodType estimatedCost { amount currencyCode } }
      selectedDeliveryOption { handle }
    }
  }
}`

// change runs one cart mutation, whose arguments are given as they stand in the document.
func (a api) change(t testing.TB, mutation, arguments string, variables map[string]any) cartPayload {
	t.Helper()
	var declared []string
	for name, kind := range map[string]string{
		"input": "CartInput", "cartId": "ID!", "lines": "[CartLineInput!]!", "updates": "[CartLineUpdateInput!]!", "ids": "[ID!]!",
		"buyer": "CartBuyerIdentityInput!", "note": "String!", "attributes": "[AttributeInput!]!",
	} {
		if strings.Contains(arguments, "$"+name) {
			declared = append(declared, "$"+name+": "+kind)
		}
	}
	var data map[string]cartPayload
	document := "mutation(" + strings.Join(declared, ", ") + ") { " + mutation + "(" + arguments +
		") { cart { ...CartFields } userErrors { code field message } warnings { code message target } } }" + cartFields
	a.want(t, "", document, variables, &data)
	return data[mutation]
}

func TestCartOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp, chair := a.goods(t, "Lamp", 1999, 3), a.goods(t, "Chair", 4950, 10)
	lines := func(pairs ...any) []any {
		var list []any
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, map[string]any{"merchandiseId": pairs[i].(id.ProductVariantID).String(), "quantity": pairs[i+1]})
		}
		return list
	}
	made := a.change(t, "cartCreate", "input: $input", map[string]any{"input": map[string]any{
		"lines": lines(lamp, 5), "note": "hello", "attributes": []any{map[string]any{"key": "gift", "value": "yes"}},
		"buyerIdentity": map[string]any{"countryCode": "DE", "email": "ada@example.com"},
	}})
	if made.Cart == nil || len(made.UserErrors) != 0 || len(made.Warnings) != 1 || made.Warnings[0].Code != "MERCHANDISE_NOT_ENOUGH_STOCK" {
		t.Fatalf("made %+v", made)
	}
	c := made.Cart
	if !strings.HasPrefix(c.ID, "gid://wharf/Cart/") || !strings.Contains(c.ID, "?key=") || c.TotalQuantity != 3 || *c.Note != "hello" || c.Attribute.Value != "yes" {
		t.Errorf("made %+v", c)
	}
	if c.Cost.SubtotalAmount != (amount{"59.97", "USD"}) || *c.Cost.TotalTaxAmount != (amount{"11.39", "USD"}) || c.Cost.TotalAmount != (amount{"71.36", "USD"}) || c.Cost.TotalDutyAmount != nil {
		t.Errorf("cost %+v", c.Cost)
	}
	l := c.Lines.Nodes[0]
	if l.Typename != "CartLine" || l.Merchandise.ID != lamp.String() || l.Cost.AmountPerQuantity.Amount != "19.99" || !l.Instructions.CanRemove || made.Warnings[0].Target != l.ID {
		t.Errorf("line %+v", l)
	}
	group := c.DeliveryGroups.Nodes[0]
	if len(group.DeliveryOptions) != 2 || group.DeliveryOptions[0].Handle != "standard" || group.DeliveryOptions[0].EstimatedCost.Amount != "0.00" ||
		group.DeliveryOptions[0].DeliveryMethodType != "SHIPPING" || group.SelectedDeliveryOption.Handle != "standard" || len(group.CartLines.Nodes) != 1 {
		t.Errorf("delivery %+v", group)
	}

	name := c.ID
	added := a.change(t, "cartLinesAdd", "cartId: $cartId, lines: $lines", map[string]any{"cartId": name, "lines": lines(chair, 1, lamp, 0)})
	if added.Cart != nil || len(added.UserErrors) != 1 || added.UserErrors[0].Code != "INVALID" || strings.Join(added.UserErrors[0].Field, ".") != "lines.1.quantity" {
		t.Errorf("a quantity of 0 was added: %+v", added)
	}
	added = a.change(t, "cartLinesAdd", "cartId: $cartId, lines: $lines", map[string]any{"cartId": name, "lines": lines(chair, 2)})
	if added.Cart == nil || added.Cart.TotalQuantity != 5 || len(added.Cart.Lines.Nodes) != 2 {
		t.Fatalf("added %+v", added)
	}
	chairLine := added.Cart.Lines.Nodes[1].ID
	updated := a.change(t, "cartLinesUpdate", "cartId: $cartId, lines: $updates", map[string]any{"cartId": name, "updates": []any{map[string]any{"id": chairLine, "quantity": 1}}})
	if updated.Cart == nil || updated.Cart.TotalQuantity != 4 {
		t.Errorf("updated %+v", updated)
	}
	removed := a.change(t, "cartLinesRemove", "cartId: $cartId, lineIds: $ids", map[string]any{"cartId": name, "ids": []any{chairLine}})
	if removed.Cart == nil || removed.Cart.TotalQuantity != 3 {
		t.Errorf("removed %+v", removed)
	}
	noted := a.change(t, "cartNoteUpdate", "cartId: $cartId, note: $note", map[string]any{"cartId": name, "note": "ring twice"})
	if noted.Cart == nil || *noted.Cart.Note != "ring twice" {
		t.Errorf("noted %+v", noted)
	}
	known := a.change(t, "cartBuyerIdentityUpdate", "cartId: $cartId, buyerIdentity: $buyer", map[string]any{"cartId": name, "buyer": map[string]any{"countryCode": "US", "phone": "+14155550123"}})
	if known.Cart == nil || *known.Cart.BuyerIdentity.CountryCode != "US" || *known.Cart.BuyerIdentity.Phone != "+14155550123" || *known.Cart.BuyerIdentity.Email != "ada@example.com" || known.Cart.BuyerIdentity.Customer != nil {
		t.Errorf("known %+v", known)
	}
	plain := a.change(t, "cartAttributesUpdate", "cartId: $cartId, attributes: $attributes", map[string]any{"cartId": name, "attributes": []any{}})
	if plain.Cart == nil || len(plain.Cart.Attributes) != 0 || plain.Cart.Attribute != nil {
		t.Errorf("attributes %+v", plain)
	}

	var read struct{ Cart *cartData }
	a.want(t, "", "query($id: ID!) { cart(id: $id) { ...CartFields } }"+cartFields, map[string]any{"id": name}, &read)
	if read.Cart == nil || read.Cart.ID != name || read.Cart.Version != plain.Cart.Version {
		t.Errorf("read %+v", read.Cart)
	}
	bare, _, _ := strings.Cut(name, "?")
	for _, foreign := range []string{bare, bare + "?key=wrong", "gid://wharf/Cart/018f0000-0000-7000-8000-000000000000?key=x", lamp.String(), "x"} {
		read.Cart = nil
		a.want(t, "", "query($id: ID!) { cart(id: $id) { ...CartFields } }"+cartFields, map[string]any{"id": foreign}, &read)
		if read.Cart != nil {
			t.Errorf("%s opens a cart", foreign)
		}
		gone := a.change(t, "cartNoteUpdate", "cartId: $cartId, note: $note", map[string]any{"cartId": foreign, "note": "mine"})
		if gone.Cart != nil || len(gone.UserErrors) != 1 || strings.Join(gone.UserErrors[0].Field, ".") != "cartId" {
			t.Errorf("%s changes a cart: %+v", foreign, gone)
		}
	}
	var node struct{ Node json.RawMessage }
	a.want(t, "", "query($id: ID!) { node(id: $id) { id } }", map[string]any{"id": name}, &node)
	if !strings.Contains(string(node.Node), "gid://wharf/Cart/") {
		t.Errorf("the cart as a node: %s", node.Node)
	}
}
