package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// accounts is a shop with a storefront, whose letters go to a real mail server.
type accounts struct {
	api
	*mailbox
}

func openAccounts(t *testing.T) accounts {
	t.Helper()
	box, mail := mailed(t)
	a := newAPI(t, mail)
	a.Run(t, shoptest.Working())
	_, err := a.Settings.Change(t.Context(), access.SystemActor, func(s *settings.Shop) { s.Name, s.URL = "Harbor", "https://harbor.example" })
	if err != nil {
		t.Fatal(err)
	}
	return accounts{a, box}
}

// send sends one of the storefront's documents, and gives its data.
func (a accounts) send(token, name string, variables map[string]any) map[string]any {
	a.Helper()
	var data map[string]any
	a.want(a, token, document(a, name), variables, &data)
	return data
}

// refused compares what a mutation refuses, as CODE path.
func (a accounts) refused(data map[string]any, name, want string) {
	a.Helper()
	text, err := json.Marshal(under(a, data, name+".customerUserErrors"))
	if err != nil {
		a.Fatal(err)
	}
	var list refusals
	if err := json.Unmarshal(text, &list); err != nil {
		a.Fatal(err)
	}
	if got := told(list); got != want {
		a.Errorf("%s refuses %q, want %q", name, got, want)
	}
}

func (a accounts) register(email string) string {
	a.Helper()
	input := map[string]any{"email": email, "password": "difference"}
	a.refused(a.send("", "account-register", map[string]any{"input": input}), "customerCreate", "")
	return a.login(email, "difference")
}

func (a accounts) login(email, password string) string {
	a.Helper()
	data := a.send("", "account-login", map[string]any{"input": map[string]any{"email": email, "password": password}})
	return under(a, data, "customerAccessTokenCreate.customerAccessToken.accessToken").(string)
}

// The whole way of an account, with the documents of a storefront: register, forget the password, choose a new one from
// the letter, change the profile.
func TestStorefrontAccount(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	token := a.register("ada@example.com")
	const who = `query($t: String!) { customer(customerAccessToken: $t) { emailVerified } }`
	var verified map[string]any
	a.want(t, "", who, map[string]any{"t": token}, &verified)
	holds(t, verified, map[string]any{"customer.emailVerified": false})

	a.send("", "account-recover", map[string]any{"email": "nobody@example.com"})
	a.refused(a.send("", "account-recover", map[string]any{"email": "Ada@Example.com"}), "customerRecover", "")
	link := a.link("ada@example.com", `https://harbor\.example/account/reset/([0-9a-f-]{36})/(wharfl_[\w-]+)`)
	reset := func(password, token string) map[string]any {
		return a.send("", "account-reset", map[string]any{
			"id": "gid://shopify/Customer/" + link[0], "input": map[string]any{"password": password, "resetToken": token},
		})
	}
	a.refused(reset("1234", link[1]), "customerReset", "TOO_SHORT input.password")
	a.refused(reset("analytical", "wharfl_x"), "customerReset", "TOKEN_INVALID input.resetToken")
	done := reset("analytical", link[1])
	a.refused(done, "customerReset", "")
	holds(t, done, map[string]any{"customerReset.customer.email": "ada@example.com", "customerReset.customer.id": "gid://wharf/Customer/" + link[0]})
	a.refused(reset("again", link[1]), "customerReset", "TOKEN_INVALID input.resetToken")
	holds(t, reset("again", link[1]), map[string]any{"customerReset.customer": nil, "customerReset.customerAccessToken": nil})
	a.want(t, "", who, map[string]any{"t": token}, &verified)
	holds(t, verified, map[string]any{"customer": nil}) // the old login has ended

	token = a.login("ada@example.com", "analytical")
	changed := a.send("", "account-update", map[string]any{"customerAccessToken": token, "customer": map[string]any{
		"firstName": "Ada 👩‍💻", "lastName": "لوفليس", "phone": "+14155550123", "acceptsMarketing": true,
	}})
	holds(t, changed, map[string]any{
		"customerUpdate.customer.firstName": "Ada 👩‍💻", "customerUpdate.customer.lastName": "لوفليس", "customerUpdate.customer.phone": "+14155550123",
		"customerUpdate.customer.acceptsMarketing": true, "customerUpdate.customerAccessToken": nil,
	})
	holds(t, a.send("", "account-update", map[string]any{"customerAccessToken": token, "customer": map[string]any{"phone": nil}}),
		map[string]any{"customerUpdate.customer.phone": nil, "customerUpdate.customer.firstName": "Ada 👩‍💻"})
	a.refused(a.send("", "account-update", map[string]any{"customerAccessToken": "x", "customer": map[string]any{}}), "customerUpdate", "TOKEN_INVALID customerAccessToken")
	a.refused(a.send("", "account-update", map[string]any{"customerAccessToken": token, "customer": map[string]any{
		"email": "ada@localhost", "password": " spaces ", "firstName": "<i>x</i>",
	}}), "customerUpdate", "BAD_DOMAIN customer.email, PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE customer.password, CONTAINS_HTML_TAGS customer.firstName")
	fresh := a.send("", "account-update", map[string]any{"customerAccessToken": token, "customer": map[string]any{"password": "engine number 2"}})
	if text, ok := under(t, fresh, "customerUpdate.customerAccessToken.accessToken").(string); !ok || text == token {
		t.Errorf("a new password gives %v", fresh)
	}
	if n := a.got("nobody@example.com", ""); n != 0 {
		t.Errorf("somebody without an account has %d letters", n)
	}
	if n := a.got("ada@example.com", "reset/"); n != 1 {
		t.Errorf("%d letters for one new password", n)
	}
}

func TestStorefrontAddressBook(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	token := a.register("ada@example.com")
	address := map[string]any{
		"firstName": "Ada", "lastName": "Lovelace", "company": "Engines", "address1": "1 Main St", "address2": "Apt 2", "city": "Albany",
		"province": "New York", "zip": "12207", "country": "United States", "phone": "+15185550123",
	}
	create := func(in map[string]any) (string, map[string]any) {
		data := a.send("", "account-address-create", map[string]any{"address": in, "customerAccessToken": token})
		key, _ := under(t, data, "customerAddressCreate.customerAddress.id").(string)
		return key, data
	}
	first, _ := create(address)
	second, _ := create(map[string]any{"address1": "Unter den Linden 1", "city": "Berlin", "zip": "10117", "country": "DE"})
	_, refused := create(map[string]any{"address1": "", "city": "Albany", "country": "US", "zip": "12207", "phone": "no"})
	a.refused(refused, "customerAddressCreate", "BLANK address.address1, INVALID address.phone")
	page := a.send("", "account", map[string]any{"customerAccessToken": token, "country": "US", "language": "EN"})
	holds(t, page, map[string]any{
		"customer.email": "ada@example.com", "customer.displayName": "ada@example.com", "customer.avatarUrl": nil, "customer.socialLoginProvider": nil,
		"customer.numberOfOrders": "0", "customer.tags": []any{}, "customer.orders.edges": []any{}, "customer.acceptsMarketing": false,
		"customer.defaultAddress": map[string]any{
			"id": first, "formatted": []any{"Ada Lovelace", "Engines", "1 Main St", "Apt 2", "Albany NY 12207", "United States"},
			"formattedArea": "Albany, NY, United States", "firstName": "Ada", "lastName": "Lovelace", "name": "Ada Lovelace", "company": "Engines",
			"address1": "1 Main St", "address2": "Apt 2", "country": "United States", "countryCodeV2": "US", "province": "New York",
			"provinceCode": "NY", "city": "Albany", "zip": "12207", "phone": "+15185550123", "latitude": nil, "longitude": nil,
		},
		"customer.addresses.edges.0.node.id":           first,
		"customer.addresses.edges.1.node.id":           second,
		"customer.addresses.edges.1.node.country":      "Germany",
		"customer.addresses.edges.1.node.province":     nil,
		"customer.addresses.edges.1.node.name":         nil,
		"customer.addresses.pageInfo.hasNextPage":      false,
		"customer.addresses.pageInfo.hasPreviousPage":  false,
		"customer.addresses.edges.1.node.provinceCode": nil,
	})
	holds(t, a.send("", "account-address-default", map[string]any{"addressId": second, "customerAccessToken": token}),
		map[string]any{"customerDefaultAddressUpdate.customer.defaultAddress.id": second})
	holds(t, a.send("", "account-address-update", map[string]any{"id": second, "customerAccessToken": token, "address": map[string]any{"zip": nil, "company": "Charité"}}),
		map[string]any{"customerAddressUpdate.customerAddress.id": second})
	var node map[string]any
	const byID = `query($id: ID!) { node(id: $id) { ... on MailingAddress { company zip city } } }`
	a.want(t, token, byID, map[string]any{"id": second}, &node)
	holds(t, node, map[string]any{"node": map[string]any{"company": "Charité", "zip": nil, "city": "Berlin"}})
	eve := a.register("eve@example.com")
	for _, bearer := range []string{"", eve} {
		a.want(t, bearer, byID, map[string]any{"id": second}, &node)
		holds(t, node, map[string]any{"node": nil})
	}
	a.refused(a.send("", "account-address-delete", map[string]any{"id": second, "customerAccessToken": eve}), "customerAddressDelete", "NOT_FOUND id")
	holds(t, a.send("", "account-address-delete", map[string]any{"id": second, "customerAccessToken": token}),
		map[string]any{"customerAddressDelete.deletedCustomerAddressId": second})
	page = a.send("", "account", map[string]any{"customerAccessToken": token})
	holds(t, page, map[string]any{"customer.defaultAddress.id": first})
	if n := len(under(t, page, "customer.addresses.edges").([]any)); n != 1 {
		t.Errorf("%d addresses are left", n)
	}
}

// What somebody bought as a guest is in the account once the letter to the address was answered, and not before.
func TestStorefrontOrderHistory(t *testing.T) {
	t.Parallel()
	a := openAccounts(t)
	variant := a.Goods(t, "mug", "28.00", 10)
	a.Place(t, "as a guest", variant, 2, "approve")
	token := a.register("ada@example.com")
	page := a.send("", "account", map[string]any{"customerAccessToken": token})
	holds(t, page, map[string]any{"customer.numberOfOrders": "0", "customer.orders.edges": []any{}})
	link := a.link("ada@example.com", `https://harbor\.example/account/verify/(wharfl_[\w-]+)`)
	const verify = `mutation($t: String!) { customerVerify(input: { token: $t }) { customer { emailVerified } userErrors { code field } } }`
	var got map[string]any
	a.want(t, "", verify, map[string]any{"t": link[0]}, &got)
	holds(t, got, map[string]any{"customerVerify.customer": nil, "customerVerify.userErrors": []any{map[string]any{"code": "UNIDENTIFIED_CUSTOMER", "field": []any{"input"}}}})
	a.want(t, token, verify, map[string]any{"t": link[0]}, &got)
	holds(t, got, map[string]any{"customerVerify.customer.emailVerified": true, "customerVerify.userErrors": []any{}})
	a.want(t, token, verify, map[string]any{"t": link[0]}, &got)
	holds(t, got, map[string]any{"customerVerify.customer": nil, "customerVerify.userErrors": []any{map[string]any{"code": "TOKEN_INVALID", "field": []any{"input", "token"}}}})
	eventually(t, func() bool {
		page = a.send("", "account", map[string]any{"customerAccessToken": token, "query": "name:#1001 financial_status:authorized"})
		return len(under(t, page, "customer.orders.edges").([]any)) == 1 && under(t, page, "customer.numberOfOrders") != "0" // each read by itself
	})
	holds(t, page, map[string]any{
		"customer.numberOfOrders":                                   "1",
		"customer.orders.edges.0.node.orderNumber":                  1001,
		"customer.orders.edges.0.node.financialStatus":              "AUTHORIZED",
		"customer.orders.edges.0.node.fulfillmentStatus":            "UNFULFILLED",
		"customer.orders.edges.0.node.lineItems.edges.0.node.title": "mug",
		"customer.orders.pageInfo.hasNextPage":                      false,
	})
	order := under(t, page, "customer.orders.edges.0.node.id").(string)
	key := order[strings.LastIndex(order, "/")+1:]
	shown := a.send(token, "account-order", map[string]any{"orderId": order, "country": "US", "language": "EN"})
	total := under(t, shown, "node.totalPrice")
	holds(t, shown, map[string]any{
		"node.name": "#1001", "node.customerUrl": "https://harbor.example/account/orders/" + key, "node.statusUrl": "https://harbor.example/orders/" + key,
		"node.email": "ada@example.com", "node.edited": false, "node.canceledAt": nil, "node.cancelReason": nil, "node.currencyCode": "USD",
		"node.subtotalPrice": usd("56.00"), "node.currentSubtotalPrice": usd("56.00"), "node.currentTotalPrice": total,
		"node.originalTotalPrice": total, "node.totalRefunded": usd("0.00"), "node.originalTotalDuties": nil, "node.currentTotalDuties": nil,
		"node.successfulFulfillments": []any{}, "node.shippingDiscountAllocations": []any{}, "node.discountApplications.nodes": []any{},
		"node.shippingAddress.formatted":             []any{"1 Main Street", "Albany NY 12207", "United States"},
		"node.lineItems.nodes.0.quantity":            2,
		"node.lineItems.nodes.0.currentQuantity":     2,
		"node.lineItems.nodes.0.originalTotalPrice":  usd("56.00"),
		"node.lineItems.nodes.0.discountAllocations": []any{},
		"node.lineItems.nodes.0.variant.sku":         "MUG",
	})
	holds(t, a.send(a.register("eve@example.com"), "account-order", map[string]any{"orderId": order}), map[string]any{"node": nil})
	holds(t, a.send("", "account", map[string]any{"customerAccessToken": token, "query": "-name:1001"}), map[string]any{"customer.orders.edges": []any{}})
}

func usd(amount string) map[string]any {
	return map[string]any{"amount": amount, "currencyCode": "USD"}
}

// An account page takes as many statements for many orders as for few.
func TestAccountPageTakesAsManyStatementsForManyOrders(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	who := access.Actor{}
	_, err := m.Customers.Create(t.Context(), who, customers.CreateInput{Email: "ada@example.com", Password: "difference"})
	if err != nil {
		t.Fatal(err)
	}
	login, err := m.Customers.SignIn(t.Context(), who, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference"})
	if err != nil {
		t.Fatal(err)
	}
	owner, err := m.Customers.Authenticate(t.Context(), login.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	short := strings.Replace(document(t, "account"), "first: 250", "first: 10", 1) // a test asks more often than a caller may
	page := func(orders int) int {
		for i := range 2 {
			key := fmt.Sprintf("%d of %d", i, orders)
			m.Place(t, key, m.Goods(t, "thing-"+strings.ReplaceAll(key, " ", "-"), "5.00", 1), 1, "approve")
		}
		if err := m.Orders.LinkGuestOrders(t.Context(), owner.ID, "ada@example.com", "test"); err != nil {
			t.Fatal(err)
		}
		variables := []any{"customerAccessToken", login.AccessToken, "query", "financial_status:pending"}
		var data map[string]any
		n := least(func() (n int) {
			data, n = m.ask(short, variables...)
			return n
		})
		if got := len(under(t, data, "customer.orders.edges").([]any)); got != orders {
			t.Errorf("the page shows %d orders, want %d", got, orders)
		}
		return n
	}
	few, many := page(2), page(4)
	if many != few || many > 12 {
		t.Errorf("two orders take %d statements, four take %d", few, many)
	}
}
