package orders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

func TestWhoMaySeeAnOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	customer, stranger, store := id.NewCustomerID(), id.NewCustomerID(), id.NewLocationID()
	token := "wharfo_secret"
	p := lamp()
	p.CustomerID, p.TokenHash = &customer, access.HashToken(token)
	p.Delivery = orders.OrderDelivery{MethodType: orders.DeliveryPickUp, LocationID: &store}
	o := d.place(p)
	read, write := access.Scopes{"orders:read"}, access.Scopes{"orders:write"}
	for name, tc := range map[string]struct {
		actor     access.Actor
		token     *string
		see, edit bool
	}{
		"anybody":                  {access.Actor{}, nil, false, false},
		"with its token":           {access.Actor{}, &token, true, true},
		"with another token":       {access.Actor{}, ptr("wharfo_other"), false, false},
		"with an empty token":      {access.Actor{}, ptr(""), false, false},
		"its guest":                {access.Actor{Kind: access.Guest, OrderID: o.ID}, nil, true, true},
		"another order's guest":    {access.Actor{Kind: access.Guest, OrderID: id.NewOrderID()}, nil, false, false},
		"its customer":             {access.Actor{Kind: access.Customer, ID: customer}, nil, true, true},
		"another customer":         {access.Actor{Kind: access.Customer, ID: stranger}, nil, false, false},
		"another with the token":   {access.Actor{Kind: access.Customer, ID: stranger}, &token, true, true},
		"a partner who reads":      {access.Actor{Kind: access.Partner, Scopes: read}, nil, true, false},
		"a partner who writes":     {access.Actor{Kind: access.Partner, Scopes: write}, nil, true, true},
		"a partner for catalogs":   {access.Actor{Kind: access.Partner, Scopes: access.Scopes{"catalog:write"}}, nil, false, false},
		"a partner without any":    {access.Actor{Kind: access.Partner}, nil, false, false},
		"a customer with scopes":   {access.Actor{Kind: access.Customer, ID: stranger, Scopes: access.AllScopes()}, nil, false, false},
		"staff with a customer id": {access.Actor{Kind: access.Staff, ID: customer}, nil, false, false},
		"staff":                    {access.Actor{Kind: access.Staff, Scopes: write}, nil, true, true},
		"staff of the store":       {access.Actor{Kind: access.Staff, Scopes: write, Bound: true, Locations: []id.LocationID{store}}, nil, true, true},
		"staff of another store":   {access.Actor{Kind: access.Staff, Scopes: write, Bound: true, Locations: []id.LocationID{id.NewLocationID()}}, nil, false, false},
		"the shop itself":          {access.SystemActor, nil, true, true},
	} {
		got, err := d.Visible(t.Context(), tc.actor, o.ID, tc.token)
		if tc.see != (err == nil) || (err != nil && !fault.IsKind(err, fault.NotFound)) {
			t.Errorf("%s sees it: %v", name, err)
		}
		if err == nil && got.ID != o.ID {
			t.Errorf("%s sees another order", name)
		}
		if got := orders.MayWrite(tc.actor, o, tc.token); got != tc.edit {
			t.Errorf("%s may change it: %t", name, got)
		}
		absent, foreign := errorOf(d.Visible(t.Context(), tc.actor, id.NewOrderID(), tc.token)), err
		if foreign != nil && absent.Error() != foreign.Error() {
			t.Errorf("%s can tell a foreign order (%v) from none (%v)", name, foreign, absent)
		}
		if _, err := d.VisibleAt(t.Context(), tc.actor, o.ID, tc.token, ptr(1), nil); tc.see != (err == nil) {
			t.Errorf("%s sees its past: %v", name, err)
		}
	}
}

func errorOf(_ orders.Order, err error) error { return err }

func TestListsOfOrders(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	customer, store := id.NewCustomerID(), id.NewLocationID()
	for i := range 5 {
		p := lamp()
		p.ShippingPrice, p.TotalPrice = usd(int64(500+100*((i*2)%5))), usd(int64(4860+100*((i*2)%5)))
		if i%2 == 0 {
			p.CustomerID = &customer
		}
		if i == 3 {
			p.Delivery = orders.OrderDelivery{MethodType: orders.DeliveryPickUp, LocationID: &store}
			p.Personal.Email = text("Grace@Example.com")
		}
		o := d.place(p)
		if i == 4 {
			d.mustRecord(o.ID, authorized(o), orders.Confirmed{})
		}
	}
	staff := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"orders:read"}}
	list := func(actor access.Actor, query string, sort orders.OrderSortKeys, page pg.Page) ([]int, pg.PageInfo) {
		t.Helper()
		got, err := d.Orders.Orders(t.Context(), actor, &query, sort, page)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return numbers(got), got.PageInfo
	}
	all := pg.Page{First: ptr(10)}
	for query, want := range map[string][]int{
		"":                                     {1001, 1002, 1003, 1004, 1005},
		"status:CONFIRMED":                     {1005},
		"status:confirmed":                     {1005},
		"financial_status:PENDING":             {1001, 1002, 1003, 1004},
		"fulfillment_status:UNFULFILLED":       {1001, 1002, 1003, 1004, 1005},
		"#1003":                                {1003},
		"name:1002":                            {1002},
		"lamp":                                 nil,
		"grace@example.com":                    {1004},
		"email:ada@example.com status:expired": nil,
		"processed_at:>=2000-01-01":            {1001, 1002, 1003, 1004, 1005},
		"processed_at:<2000-01-01":             nil,
		"status:CONFIRMED AND name:'1005'":     {1005},
		"#1001 OR #1004":                       {1001, 1004},
		"-status:CONFIRMED":                    {1001, 1002, 1003, 1004},
		"name:100* NOT (email:grace@example.com OR financial_status:authorized)": {1001, 1002, 1003},
		"#1001 #1002":                          nil,
		"status:confirmed status:expired":      nil,
		"status:conf* OR #1002":                {1002, 1005},
		"financial_status:Paid":                nil,
		"fulfillment_status:unshipped #1001":   {1001},
		"processed_at:>'2000-01-01T00:00:00Z'": {1001, 1002, 1003, 1004, 1005},
		"updated_at:<2000-01-01":               nil,
	} {
		if got, _ := list(staff, query, orders.SortID, all); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
	day := "processed_at:" + time.Now().UTC().Format(time.DateOnly)
	if got, _ := list(staff, day, orders.SortID, all); len(got) != 5 {
		t.Errorf("%q: %v", day, got)
	}
	for _, query := range []string{"color:red", "processed_at:yesterday", "status:", "processed_at:=>2026-01-01"} {
		if _, err := d.Orders.Orders(t.Context(), staff, &query, orders.SortID, all); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%q: %v", query, err)
		}
	}
	for query, values := range map[string]string{
		"status:bogus": "CONFIRMED", "#1001 OR -status:confirme": "CONFIRMED", "financial_status:bogus": "PARTIALLY_PAID",
		"financial_status:>paid": "PARTIALLY_PAID", "fulfillment_status:bogus": "RESTOCKED", `status:"*"`: "EXPIRED", "status:bog*": "EXPIRED",
	} {
		_, err := d.Orders.Orders(t.Context(), staff, &query, orders.SortID, all)
		if !fault.IsKind(err, fault.Invalid) || !strings.Contains(err.Error(), values) {
			t.Errorf("%q: %v", query, err)
		}
	}
	bound := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"orders:read"}, Bound: true, Locations: []id.LocationID{store}}
	if got, _ := list(bound, "", orders.SortID, all); !slices.Equal(got, []int{1004}) {
		t.Errorf("staff of the store see %v", got)
	}
	if got, _ := list(access.Actor{Kind: access.Staff, Scopes: bound.Scopes, Bound: true}, "", orders.SortID, all); got != nil {
		t.Errorf("staff bound to no store see %v", got)
	}
	for name, actor := range map[string]access.Actor{
		"a customer": {Kind: access.Customer, ID: customer}, "a partner without scope": {Kind: access.Partner}, "anybody": {},
	} {
		if _, err := d.Orders.Orders(t.Context(), actor, nil, orders.SortID, all); !fault.IsKind(err, fault.Forbidden) {
			t.Errorf("%s lists all orders: %v", name, err)
		}
	}
	mine, err := d.CustomerOrders(t.Context(), customer, nil, orders.SortID, pg.Page{First: ptr(10), Reverse: true})
	if err != nil || !slices.Equal(numbers(mine), []int{1005, 1003, 1001}) {
		t.Errorf("the customer's orders are %v, %v", numbers(mine), err)
	}
	counts, err := d.CountByCustomers(t.Context(), []id.CustomerID{customer, id.NewCustomerID()})
	if err != nil || len(counts) != 1 || counts[customer] != 3 {
		t.Errorf("the customer has %v orders, %v", counts, err)
	}

	// Each sort, in both directions, page by page from either end.
	for sort, want := range map[orders.OrderSortKeys][]int{
		orders.SortID:          {1001, 1002, 1003, 1004, 1005},
		orders.SortProcessedAt: {1001, 1002, 1003, 1004, 1005},
		orders.SortRelevance:   {1001, 1002, 1003, 1004, 1005},
		orders.SortTotalPrice:  {1001, 1004, 1002, 1005, 1003},
	} {
		for _, reverse := range []bool{false, true} {
			expected := slices.Clone(want)
			if reverse {
				slices.Reverse(expected)
			}
			name := fmt.Sprintf("%s, reversed %t", sort, reverse)
			var forward, backward []int
			for after, more := (*string)(nil), true; more; {
				got, info := list(staff, "", sort, pg.Page{First: ptr(2), After: after, Reverse: reverse})
				forward, after, more = append(forward, got...), info.EndCursor, info.HasNextPage
			}
			for before, more := (*string)(nil), true; more; {
				got, info := list(staff, "", sort, pg.Page{Last: ptr(2), Before: before, Reverse: reverse})
				backward, before, more = append(got, backward...), info.StartCursor, info.HasPreviousPage
			}
			if !slices.Equal(forward, expected) || !slices.Equal(backward, expected) {
				t.Errorf("%s: forward %v, backward %v, want %v", name, forward, backward, expected)
			}
			for _, cursor := range []string{"", "x", pg.EncodeCursor("1"), pg.EncodeCursor(string(sort), "x"), pg.EncodeCursor(string(sort), "x", "y"), pg.EncodeCursor("1", "2", "3")} {
				if _, err := d.Orders.Orders(t.Context(), staff, nil, sort, pg.Page{First: ptr(2), After: &cursor}); !fault.IsKind(err, fault.Invalid) {
					t.Errorf("%s after %q: %v", name, cursor, err)
				}
			}
		}
	}
}

func numbers(c orders.OrderConnection) []int {
	var got []int
	for _, o := range c.Nodes {
		got = append(got, o.OrderNumber)
	}
	return got
}
