package graph_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
)

const listCustomers = `query($first: Int, $last: Int, $after: String, $before: String, $query: String, $sort: CustomerSortKeys, $reverse: Boolean) {
  customers(first: $first, last: $last, after: $after, before: $before, query: $query, sortKey: $sort, reverse: $reverse) {
    nodes { id email displayName numberOfOrders defaultAddress { city } addresses(first: 5) { nodes { city } } }
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
  }
}`

// enroll registers a customer for each name, such as "Ada Lovelace": ada@example.com with an address.
func enroll(t *testing.T, all *customers.Customers, names ...string) {
	t.Helper()
	for i, name := range names {
		first, last, _ := strings.Cut(name, " ")
		email := strings.ToLower(first) + "@example.com"
		_, err := all.Create(t.Context(), access.Actor{}, customers.CreateInput{Email: email, Password: "difference", FirstName: &first, LastName: &last})
		if err != nil {
			t.Fatal(err)
		}
		login, err := all.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: email, Password: "difference"})
		if err != nil {
			t.Fatal(err)
		}
		street, city, country := fmt.Sprintf("%d Main St", i), "Berlin", "DE"
		if _, err := all.AddressCreate(t.Context(), login.AccessToken, address.MailingAddressInput{Address1: &street, City: &city, Country: &country}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStaffListCustomers(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	enroll(t, m.Customers, "Ada Lovelace", "Grace Hopper", "Edith Clarke", "Mary_Ann O'Neil")
	run := func(statement string) {
		if _, err := m.Pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run(`update customer set tags = '{vip,Press}' where email = 'ada@example.com'`)
	run(`update customer set phone = '+14155550123', created_at = '2020-01-05T12:00:00Z', updated_at = '2020-01-06T00:00:00Z' where email = 'edith@example.com'`)
	key := m.key("customers:read")
	list := func(variables ...any) string {
		t.Helper()
		data, _ := m.askAs(key, listCustomers, variables...)
		var found []string
		nodes, _ := at(data, "customers", "nodes").([]any)
		for _, node := range nodes {
			name, _, _ := strings.Cut(at(node, "email").(string), "@")
			found = append(found, name)
		}
		return strings.Join(found, " ")
	}
	for query, want := range map[string]string{
		"":                                "mary_ann grace ada edith",
		"lovelace":                        "ada",
		"LOVE":                            "ada",
		"ada lovelace":                    "ada",
		"ada hopper":                      "",
		"4155550":                         "edith",
		"y_a":                             "mary_ann", // no pattern of ours: ada and grace would fit it
		"%":                               "",
		"grace OR edith":                  "grace edith",
		"-ada":                            "mary_ann grace edith",
		"example.com -(ada OR edith)":     "mary_ann grace",
		"gr*":                             "grace",
		"race*":                           "",
		"email:ADA@example.com":           "ada",
		"email:ada":                       "",
		"email:ada*":                      "ada",
		`name:"grace hopper"`:             "grace",
		"name:hopper":                     "grace",
		"name:hop*":                       "grace",
		"first_name:edith":                "edith",
		"last_name:edith":                 "",
		"phone:+14155550123":              "edith",
		`phone:"+1 415 555 0123"`:         "edith",
		"tag:VIP tag:press":               "ada",
		"tag_not:vip":                     "mary_ann grace edith",
		"tag:*":                           "ada",
		"-tag:*":                          "mary_ann grace edith",
		"tag_not:*":                       "mary_ann grace edith",
		"phone:* created_at:*":            "edith",
		"id:* email:* -phone:*":           "mary_ann grace ada",
		"created_at:<2021-01-01":          "edith",
		"created_at:>=2021-01-01":         "mary_ann grace ada",
		"created_at:2020-01-05":           "edith",
		"updated_at:>2021-01-01 -grace":   "mary_ann ada",
		"last_name:\"O'Neil\" OR tag:vip": "mary_ann ada",
	} {
		if got := list("first", 10, "query", query); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	for sort, want := range map[string]string{
		"ID": "ada grace edith mary_ann", "EMAIL": "ada edith grace mary_ann", "CREATED_AT": "mary_ann grace ada edith", "UPDATED_AT": "mary_ann grace ada edith",
	} {
		turned := strings.Fields(want)
		for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
			turned[i], turned[j] = turned[j], turned[i]
		}
		if got := list("first", 10, "sort", sort); got != want {
			t.Errorf("by %s: %s, want %s", sort, got, want)
		}
		if got := list("last", 10, "sort", sort, "reverse", true); got != strings.Join(turned, " ") {
			t.Errorf("by %s, turned around: %s, want %s", sort, got, strings.Join(turned, " "))
		}
		var walked []string
		var after any
		for range 4 {
			data, _ := m.askAs(key, listCustomers, "first", 1, "sort", sort, "after", after)
			name, _, _ := strings.Cut(at(data, "customers", "nodes", 0, "email").(string), "@")
			walked, after = append(walked, name), at(data, "customers", "pageInfo", "endCursor")
			if more := at(data, "customers", "pageInfo", "hasNextPage"); more != (len(walked) < 4) {
				t.Errorf("by %s, after %v: more: %v", sort, walked, more)
			}
		}
		if got := strings.Join(walked, " "); got != want {
			t.Errorf("by %s, one by one: %s, want %s", sort, got, want)
		}
	}
	data, _ := m.askAs(key, listCustomers, "first", 1, "query", "ada")
	ada := at(data, "customers", "nodes", 0, "id").(string)
	for _, named := range []string{ada, ada[strings.LastIndex(ada, "/")+1:]} {
		if got := list("first", 10, "query", `id:"`+named+`"`); got != "ada" {
			t.Errorf("id:%s finds %q", named, got)
		}
	}
	if got := list("first", 10, "query", `-id:"`+ada+`"`); got != "mary_ann grace edith" {
		t.Errorf("all but Ada are %q", got)
	}
}

func TestCustomerListRefuses(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	enroll(t, a.Customers, "Ada Lovelace")
	key := a.key(t, "customers:read")
	for name, c := range map[string]struct {
		token     string
		variables map[string]any
		want      string
	}{
		"anybody":           {"", map[string]any{"first": 1}, "UNAUTHENTICATED"},
		"another scope":     {a.key(t, "orders:write"), map[string]any{"first": 1}, "FORBIDDEN"},
		"no page":           {key, map[string]any{}, "BAD_USER_INPUT"},
		"both ends":         {key, map[string]any{"first": 1, "last": 1}, "BAD_USER_INPUT"},
		"too many":          {key, map[string]any{"first": 251}, "BAD_USER_INPUT"},
		"no cursor":         {key, map[string]any{"first": 1, "after": "x"}, "BAD_USER_INPUT"},
		"another's cursor":  {key, map[string]any{"first": 1, "sort": "ID", "after": cursorOf(t, a, key)}, "BAD_USER_INPUT"},
		"no such field":     {key, map[string]any{"first": 1, "query": "shoe_size:9"}, "BAD_USER_INPUT"},
		"no id":             {key, map[string]any{"first": 1, "query": "id:7"}, "BAD_USER_INPUT"},
		"no date":           {key, map[string]any{"first": 1, "query": "created_at:yesterday"}, "BAD_USER_INPUT"},
		"an empty value":    {key, map[string]any{"first": 1, "query": "email:"}, "BAD_USER_INPUT"},
		"an endless search": {key, map[string]any{"first": 1, "query": strings.Repeat("x", 1001)}, "BAD_USER_INPUT"},
	} {
		got := a.ask(t, c.token, listCustomers, c.variables)
		if got.codes() != c.want || strings.Contains(string(got.Data), "ada@") {
			t.Errorf("%s: %s %s, want %s", name, got.codes(), got.Data, c.want)
		}
	}
}

func cursorOf(t *testing.T, a api, key string) string {
	t.Helper()
	var got struct {
		Customers struct{ PageInfo struct{ EndCursor string } }
	}
	a.want(t, key, listCustomers, map[string]any{"first": 1, "sort": "EMAIL"}, &got)
	return got.Customers.PageInfo.EndCursor
}

// A page of many customers takes as many statements as one of few, with all that hangs on them.
func TestCustomerListTakesAsManyStatements(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	enroll(t, m.Customers, "A One", "B Two", "C Three", "D Four", "E Five", "F Six", "G Seven", "H Eight")
	variant := m.Goods(t, "mug", "5.00", 100)
	var placed []string // of each customer, newest first
	for i, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		var customer id.CustomerID
		if err := m.Pool.QueryRow(t.Context(), `select id from customer where email = $1`, name+"@example.com").Scan(&customer); err != nil {
			t.Fatal(err)
		}
		var own []string
		for n := range i%3 + 1 {
			own = append([]string{m.Place(t, fmt.Sprintf("%s %d", name, n), variant, 1, "approve").Order.Name}, own...)
			// The order is of a guest until it is linked.
			if err := m.Orders.LinkGuestOrders(t.Context(), customer, "ada@example.com", "test"); err != nil {
				t.Fatal(err)
			}
		}
		placed = append(placed, strings.Join(own[:min(len(own), 2)], " "))
		if _, err := m.Pool.Exec(t.Context(), `insert into payment_stored_method (id, customer_id, provider, ref, label) values (gen_random_uuid(), $1, 'test', $2, $2)`, customer, name); err != nil {
			t.Fatal(err)
		}
	}
	key := m.key("customers:read", "orders:read")
	const list = `query($first: Int) { customers(first: $first, sortKey: EMAIL) { nodes {
  email numberOfOrders defaultAddress { city } addresses(first: 5) { nodes { city } }
  orders(first: 2, sortKey: PROCESSED_AT, reverse: true) { nodes { name lineItems(first: 2) { nodes { variant { sku } } } } pageInfo { hasNextPage } }
  storedPaymentMethods(first: 2) { nodes { label } } } } }`
	page := func(first int) int {
		var data map[string]any
		n := least(func() (n int) {
			data, n = m.askAs(key, list, "first", first)
			return n
		})
		for i := range first {
			c := at(data, "customers", "nodes", i)
			var names []string
			for _, order := range at(c, "orders", "nodes").([]any) {
				names = append(names, at(order, "name").(string))
			}
			label := string(rune('a' + i))
			if strings.Join(names, " ") != placed[i] || at(c, "orders", "pageInfo", "hasNextPage") != (i%3 == 2) || at(c, "numberOfOrders") != strconv.Itoa(i%3+1) ||
				at(c, "defaultAddress", "city") != "Berlin" || at(c, "storedPaymentMethods", "nodes", 0, "label") != label || at(c, "email") != label+"@example.com" {
				t.Errorf("customer %d of the page is %s, with %v, want the orders %s", i, text(c), names, placed[i])
			}
		}
		return n
	}
	// The customers, their order counts, address books, orders, payment methods, and what the orders' lines are.
	if few, many := page(1), page(8); many != few || many > 8 {
		t.Errorf("one customer takes %d statements, eight take %d", few, many)
	}
}

// Mutations of one operation run one after the other: the second is not answered with how things were after the first.
func TestSecondMutationIsNotAnsweredWithTheFirst(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	enroll(t, a.Customers, "Ada Lovelace")
	login, err := a.Customers.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference"})
	if err != nil {
		t.Fatal(err)
	}
	street, city, country := "2 Side St", "Hamburg", "DE"
	second, err := a.Customers.AddressCreate(t.Context(), login.AccessToken, address.MailingAddressInput{Address1: &street, City: &city, Country: &country})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	a.want(t, "", `mutation($t: String!, $id: ID!) {
  a: customerUpdate(customerAccessToken: $t, customer: { firstName: "A" }) { customer { firstName defaultAddress { city } } }
  b: customerDefaultAddressUpdate(customerAccessToken: $t, addressId: $id) { customer { firstName defaultAddress { city } } } }`,
		map[string]any{"t": login.AccessToken, "id": second.ID.String()}, &got)
	holds(t, got, map[string]any{"a.customer.defaultAddress.city": "Berlin", "b.customer.defaultAddress.city": "Hamburg", "b.customer.firstName": "A"})
}
