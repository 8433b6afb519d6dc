package graph

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shop"
)

// customerLoaders are the questions about all customers of a list: those with arguments have a loader for each way in
// which they are asked.
type customerLoaders struct {
	shop   *shop.Shop
	keys   together[id.CustomerID]
	counts *loader[id.CustomerID, uint64]
	books  *loader[id.CustomerID, []customers.Address]

	mu      sync.Mutex
	orders  map[string]*loader[id.CustomerID, orders.OrderConnection]
	methods map[string]*loader[id.CustomerID, payment.StoredPaymentMethodConnection]
}

func newCustomerLoaders(s *shop.Shop) *customerLoaders {
	l := &customerLoaders{
		shop:    s,
		orders:  map[string]*loader[id.CustomerID, orders.OrderConnection]{},
		methods: map[string]*loader[id.CustomerID, payment.StoredPaymentMethodConnection]{},
	}
	l.counts = newLoader(&l.keys, s.Orders.CountByCustomers)
	l.books = newLoader(&l.keys, s.Customers.AddressesByCustomer)
	return l
}

// expect says that customers came in one list: what is asked of one will be asked of all.
func (l *customerLoaders) expect(list []customers.Customer) {
	keys := make([]id.CustomerID, len(list))
	for i, c := range list {
		keys[i] = c.ID
	}
	l.keys.expect(keys)
}

// ordersOf reads the same page of the orders of each customer.
func (l *loaders) ordersOf(query *string, sort orders.OrderSortKeys, page pg.Page) *loader[id.CustomerID, orders.OrderConnection] {
	return askedSo(&l.ofCustomers.mu, l.ofCustomers.orders, []any{query, sort, page}, func() *loader[id.CustomerID, orders.OrderConnection] {
		return newLoader(&l.ofCustomers.keys, func(ctx context.Context, ids []id.CustomerID) (map[id.CustomerID]orders.OrderConnection, error) {
			pages, err := l.ofCustomers.shop.Orders.OrdersByCustomers(ctx, ids, query, sort, page)
			var all []pg.Edge[orders.Order]
			for _, customer := range ids {
				all = append(all, pages[customer].Edges...)
			}
			l.expectOrders(all)
			return pages, err
		})
	})
}

// methodsOf reads the same page of the kept payment methods of each customer.
func (l *loaders) methodsOf(page pg.Page) *loader[id.CustomerID, payment.StoredPaymentMethodConnection] {
	return askedSo(&l.ofCustomers.mu, l.ofCustomers.methods, []any{page}, func() *loader[id.CustomerID, payment.StoredPaymentMethodConnection] {
		return newLoader(&l.ofCustomers.keys, func(ctx context.Context, ids []id.CustomerID) (map[id.CustomerID]payment.StoredPaymentMethodConnection, error) {
			return l.ofCustomers.shop.Payments.StoredPaymentMethodsByCustomers(ctx, ids, page)
		})
	})
}

// askedSo is the loader of a question with these arguments: the first who asks so makes it.
func askedSo[L any](mu *sync.Mutex, made map[string]*L, arguments []any, build func() *L) *L {
	text, err := json.Marshal(arguments)
	if err != nil {
		panic(err) // they are texts and numbers
	}
	mu.Lock()
	defer mu.Unlock()
	l, ok := made[string(text)]
	if !ok {
		l = build()
		made[string(text)] = l
	}
	return l
}
