package graph_test

import "testing"

// A stranger registers with Ada's address before she does, and lays things out for her. She forgets a password that she
// never had, and finds an account that is empty and hers alone.
func TestStorefrontAccountThatAStrangerMade(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	variant := a.Goods(t, "mug", "28.00", 10).String()
	stranger := a.register("ada@example.com")
	a.send("", "account-update", map[string]any{"customerAccessToken": stranger, "customer": map[string]any{
		"firstName": "Claim your prize", "phone": "+14155550123", "acceptsMarketing": true,
	}})
	trap := map[string]any{"address1": "1 Crook Lane", "city": "Albany", "province": "NY", "zip": "12207", "country": "US"}
	a.refused(a.send("", "account-address-create", map[string]any{"address": trap, "customerAccessToken": stranger}), "customerAddressCreate", "")
	const fill = `mutation($token: String!, $variant: ID!) { cartCreate(input: { buyerIdentity: { customerAccessToken: $token }, lines: [{ merchandiseId: $variant, quantity: 3 }] }) { cart { id } } }`
	var made map[string]any
	a.want(t, "", fill, map[string]any{"token": stranger, "variant": variant}, &made)
	trapped := under(t, made, "cartCreate.cart.id")
	const place = `mutation($key: String!, $variant: ID!, $email: String!) { orderPlace(input: {
  idempotencyKey: $key, lines: [{ merchandiseId: $variant }], buyer: { email: $email },
  delivery: { shipping: { address: { address1: "1 Crook Lane", city: "Albany", province: "NY", zip: "12207", country: "US" } } },
  payment: [{ provider: "test", token: "approve" }] }) { order { id name } accessToken userErrors { code } } }`
	var theirs, hers map[string]any
	a.want(t, stranger, place, map[string]any{"key": "1", "variant": variant, "email": "thief@example.com"}, &theirs)
	a.want(t, stranger, place, map[string]any{"key": "2", "variant": variant, "email": "ada@example.com"}, &hers)
	const reached = `mutation($token: String!, $variant: ID!) { cartCreate(input: { buyerIdentity: { customerAccessToken: $token, phone: "+14155550199" }, lines: [{ merchandiseId: $variant }] }) { cart { id } } }`
	a.want(t, "", reached, map[string]any{"token": stranger, "variant": variant}, &made)
	const placeCart = `mutation($cart: ID!) { orderPlace(input: { idempotencyKey: "3", cartId: $cart,
  delivery: { shipping: { address: { address1: "1 Crook Lane", city: "Albany", province: "NY", zip: "12207", country: "US" } } },
  payment: [{ provider: "test", token: "approve" }] }) { order { id name } accessToken userErrors { code field } } }`
	var byPhone map[string]any
	a.want(t, "", placeCart, map[string]any{"cart": under(t, made, "cartCreate.cart.id")}, &byPhone)
	page := a.send("", "account", map[string]any{"customerAccessToken": stranger})
	holds(t, page, map[string]any{"customer.numberOfOrders": "3", "customer.firstName": "Claim your prize"})

	a.refused(a.send("", "account-recover", map[string]any{"email": "ada@example.com"}), "customerRecover", "")
	link := a.link("ada@example.com", `https://harbor\.example/account/reset/([0-9a-f-]{36})/(wharfl_[\w-]+)`)
	done := a.send("", "account-reset", map[string]any{
		"id": "gid://shopify/Customer/" + link[0], "input": map[string]any{"password": "analytical", "resetToken": link[1]},
	})
	a.refused(done, "customerReset", "")
	token := under(t, done, "customerReset.customerAccessToken.accessToken").(string)
	page = a.send("", "account", map[string]any{"customerAccessToken": token})
	holds(t, page, map[string]any{
		"customer.id": "gid://wharf/Customer/" + link[0], "customer.email": "ada@example.com", "customer.displayName": "ada@example.com",
		"customer.firstName": nil, "customer.lastName": nil, "customer.phone": nil, "customer.acceptsMarketing": false, "customer.tags": []any{},
		"customer.defaultAddress": nil, "customer.addresses.edges": []any{}, "customer.numberOfOrders": "1",
		"customer.orders.edges.0.node.id": under(t, hers, "orderPlace.order.id"),
	})
	const own = `query($t: String!) { customer(customerAccessToken: $t) { emailVerified storedPaymentMethods(first: 5) { nodes { id } } } }`
	var got map[string]any
	a.want(t, "", own, map[string]any{"t": token}, &got)
	holds(t, got, map[string]any{"customer.emailVerified": true, "customer.storedPaymentMethods.nodes": []any{}})

	// What was ordered under a phone number alone is whoever's: it is not hers, and its token opens it.
	if answer := a.ask(t, token, `query($id: ID!) { order(id: $id) { name } }`, map[string]any{"id": under(t, byPhone, "orderPlace.order.id")}); answer.codes() != "NOT_FOUND" {
		t.Errorf("she reads an order that was placed by phone: %s", answer.Data)
	}
	a.want(t, "", `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { email phone } }`, map[string]any{
		"id": under(t, byPhone, "orderPlace.order.id"), "token": under(t, byPhone, "orderPlace.accessToken"),
	}, &got)
	holds(t, got, map[string]any{"order.email": nil, "order.phone": "+14155550199"})

	// The stranger has neither the account nor a cart in it, and keeps what they bought under their own address.
	a.want(t, "", own, map[string]any{"t": stranger}, &got)
	holds(t, got, map[string]any{"customer": nil})
	a.want(t, "", `query($id: ID!) { cart(id: $id) { id } }`, map[string]any{"id": trapped}, &got)
	holds(t, got, map[string]any{"cart": nil})
	a.want(t, "", `mutation { cartCreate(input: { note: "hers" }) { cart { id } } }`, nil, &got)
	const join = `mutation($cart: ID!, $token: String!) { cartBuyerIdentityUpdate(cartId: $cart, buyerIdentity: { customerAccessToken: $token }) { cart { totalQuantity } userErrors { code } } }`
	a.want(t, "", join, map[string]any{"cart": under(t, got, "cartCreate.cart.id"), "token": token}, &got)
	holds(t, got, map[string]any{"cartBuyerIdentityUpdate.cart.totalQuantity": 0, "cartBuyerIdentityUpdate.userErrors": []any{}})
	const order = `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { name email } }`
	a.want(t, "", order, map[string]any{"id": under(t, theirs, "orderPlace.order.id"), "token": under(t, theirs, "orderPlace.accessToken")}, &got)
	holds(t, got, map[string]any{"order.email": "thief@example.com"})
	if answer := a.ask(t, token, order, map[string]any{"id": under(t, theirs, "orderPlace.order.id")}); answer.codes() != "NOT_FOUND" {
		t.Errorf("she reads the stranger's order: %s", answer.Data)
	}
}
