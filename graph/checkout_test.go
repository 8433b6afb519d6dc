package graph_test

import (
	"strings"
	"testing"
)

const placeOrder = `mutation Place($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    order { id name version status financialStatus fulfillmentStatus totalPrice { amount currencyCode } lineItems(first: 5) { nodes { title quantity } } }
    accessToken
    userErrors { code field message quantityAvailable currentPrice { amount currencyCode } currentVersion }
  }
}`

const cancelOrder = `mutation Cancel($input: OrderCancelInput!) {
  orderCancel(input: $input) { order { id version status cancelReason } userErrors { code field message currentVersion } }
}`

type placeAnswer struct {
	OrderPlace struct {
		Order *struct {
			ID, Name, Status, FinancialStatus, FulfillmentStatus string
			Version                                              int
			TotalPrice                                           amount
			LineItems                                            struct {
				Nodes []struct {
					Title    string
					Quantity int
				}
			}
		}
		AccessToken *string
		UserErrors  []struct {
			Code, Message     string
			Field             []string
			QuantityAvailable *int
			CurrentPrice      *amount
			CurrentVersion    *int
		}
	}
}

// orderInput is an order of one variant, sent to San Francisco.
func orderInput(key, variant string, quantity int) map[string]any {
	return map[string]any{
		"idempotencyKey": key,
		"lines":          []any{map[string]any{"merchandiseId": variant, "quantity": quantity}},
		"buyer":          map[string]any{"email": "ada@example.com"},
		"delivery": map[string]any{"shipping": map[string]any{"address": map[string]any{
			"firstName": "Ada", "lastName": "Lovelace", "address1": "1 Market St", "city": "San Francisco",
			"province": "California", "zip": "94105", "country": "United States",
		}}},
		"payment": []any{map[string]any{"provider": "test", "token": "approve"}},
	}
}

func TestOrderOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp := a.goods(t, "Lamp", 1999, 3)
	input := orderInput("key-1", lamp.String(), 2)
	input["expectedTotal"] = map[string]any{"amount": "1.00", "currencyCode": "USD"}
	var got placeAnswer
	a.want(t, "", placeOrder, map[string]any{"input": input}, &got)
	if e := got.OrderPlace.UserErrors; len(e) != 1 || e[0].Code != "TOTAL_CHANGED" || *e[0].CurrentPrice != (amount{"47.78", "USD"}) || got.OrderPlace.Order != nil {
		t.Fatalf("another total than expected: %+v", got.OrderPlace)
	}
	input["expectedTotal"] = map[string]any{"amount": 47.78, "currencyCode": "USD"} // a number, read from its digits
	a.want(t, "", placeOrder, map[string]any{"input": input}, &got)
	o := got.OrderPlace.Order
	if len(got.OrderPlace.UserErrors) != 0 || o == nil || o.Status != "PENDING_PAYMENT" || o.FinancialStatus != "PENDING" || o.TotalPrice.Amount != "47.78" || o.LineItems.Nodes[0].Quantity != 2 {
		t.Fatalf("placed %+v", got.OrderPlace)
	}
	token := *got.OrderPlace.AccessToken

	var again placeAnswer
	a.want(t, "", placeOrder, map[string]any{"input": input}, &again)
	if again.OrderPlace.Order == nil || again.OrderPlace.Order.ID != o.ID || *again.OrderPlace.AccessToken != token {
		t.Errorf("the same key: %+v", again.OrderPlace)
	}
	input["note"] = "other"
	a.want(t, "", placeOrder, map[string]any{"input": input}, &again)
	if e := again.OrderPlace.UserErrors; len(e) != 1 || e[0].Code != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("the same key for something else: %+v", again.OrderPlace)
	}
	var short placeAnswer
	a.want(t, "", placeOrder, map[string]any{"input": orderInput("key-2", lamp.String(), 2)}, &short)
	if e := short.OrderPlace.UserErrors; len(e) != 1 || e[0].Code != "OUT_OF_STOCK" || *e[0].QuantityAvailable != 1 || strings.Join(e[0].Field, ".") != "input.lines.0.quantity" {
		t.Errorf("more than there is: %+v", short.OrderPlace)
	}

	var cancelled struct {
		OrderCancel struct {
			Order *struct {
				Status, CancelReason string
				Version              int
			}
			UserErrors refusals
		}
	}
	cancel := func(key, token string) {
		t.Helper()
		cancelled.OrderCancel.Order = nil
		a.want(t, "", cancelOrder, map[string]any{"input": map[string]any{"idempotencyKey": key, "orderId": o.ID, "accessToken": token}}, &cancelled)
	}
	cancel("c", "wharfo_guess")
	if e := cancelled.OrderCancel.UserErrors; cancelled.OrderCancel.Order != nil || len(e) != 1 || e[0].Code != "NOT_FOUND" {
		t.Errorf("with a wrong token: %+v", cancelled.OrderCancel)
	}
	for range 2 {
		cancel("c", token)
		if c := cancelled.OrderCancel.Order; c == nil || c.Status != "CANCELLED" || c.CancelReason != "CUSTOMER" || c.Version != 2 {
			t.Errorf("cancelled %+v", cancelled.OrderCancel)
		}
	}
	cancel("d", token)
	if e := cancelled.OrderCancel.UserErrors; len(e) != 1 || e[0].Code != "NOT_ALLOWED" {
		t.Errorf("cancelled twice: %+v", cancelled.OrderCancel)
	}
}

func TestOrderFromACartOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	lamp := a.goods(t, "Lamp", 1999, 3)
	made := a.change(t, "cartCreate", "input: $input", map[string]any{"input": map[string]any{
		"lines":         []any{map[string]any{"merchandiseId": lamp.String()}},
		"buyerIdentity": map[string]any{"email": "ada@example.com"},
	}})
	input := orderInput("key", "", 0)
	delete(input, "lines")
	delete(input, "buyer")
	input["cartId"], input["expectedVersion"] = made.Cart.ID, made.Cart.Version+1
	var got placeAnswer
	a.want(t, "", placeOrder, map[string]any{"input": input}, &got)
	if e := got.OrderPlace.UserErrors; len(e) != 1 || e[0].Code != "VERSION_CONFLICT" || *e[0].CurrentVersion != made.Cart.Version {
		t.Errorf("another version: %+v", got.OrderPlace)
	}
	input["expectedVersion"] = made.Cart.Version
	a.want(t, "", placeOrder, map[string]any{"input": input}, &got)
	if got.OrderPlace.Order == nil {
		t.Fatalf("placed %+v", got.OrderPlace)
	}
	var read struct{ Cart *cartData }
	a.want(t, "", "query($id: ID!) { cart(id: $id) { id } }", map[string]any{"id": made.Cart.ID}, &read)
	if read.Cart != nil {
		t.Error("a placed cart is still there")
	}
	input["idempotencyKey"] = "another"
	a.want(t, "", placeOrder, map[string]any{"input": input}, &got)
	if e := got.OrderPlace.UserErrors; len(e) != 1 || e[0].Code != "CART_ALREADY_PLACED" {
		t.Errorf("placed again: %+v", got.OrderPlace)
	}
}
