package orders

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// OrderSortKeys is what a list of orders may be sorted by.
type OrderSortKeys string

// The sort keys. A search for orders has no ranking: relevance is the time of placing.
const (
	SortID          OrderSortKeys = "ID"
	SortProcessedAt OrderSortKeys = "PROCESSED_AT"
	SortTotalPrice  OrderSortKeys = "TOTAL_PRICE"
	SortRelevance   OrderSortKeys = "RELEVANCE"
)

// OrderConnection is one page of orders.
type OrderConnection = pg.Connection[Order]

// OrderEdge is one order of a page.
type OrderEdge = pg.Edge[Order]

// Orders lists the orders that the actor may see with orders:read; who is bound to locations sees what is handed
// over there.
func (s *Orders) Orders(ctx context.Context, actor access.Actor, query *string, sort OrderSortKeys, page pg.Page) (OrderConnection, error) {
	if !actor.Can("orders:read") {
		return OrderConnection{}, fault.New(fault.Forbidden, "FORBIDDEN", "This needs the scope orders:read.")
	}
	filter, err := parseQuery(query)
	if err != nil {
		return OrderConnection{}, err
	}
	if actor.Bound {
		filter.locations = make([]uuid.UUID, len(actor.Locations))
		for i, location := range actor.Locations {
			filter.locations[i] = uuid.UUID(location)
		}
	}
	return s.list(ctx, filter, sort, page)
}

// CustomerOrders lists the orders of one account.
func (s *Orders) CustomerOrders(ctx context.Context, customer id.CustomerID, query *string, sort OrderSortKeys, page pg.Page) (OrderConnection, error) {
	filter, err := parseQuery(query)
	if err != nil {
		return OrderConnection{}, err
	}
	filter.customer = &customer
	return s.list(ctx, filter, sort, page)
}

// OrdersByCustomers lists the orders of each of several accounts, read together: the same page of each.
func (s *Orders) OrdersByCustomers(ctx context.Context, customers []id.CustomerID, query *string, sort OrderSortKeys, page pg.Page) (map[id.CustomerID]OrderConnection, error) {
	filter, err := parseQuery(query)
	if err != nil {
		return nil, err
	}
	r, err := s.read(ctx, filter, customers, sort, page)
	if err != nil {
		return nil, err
	}
	found := make(map[id.CustomerID][]Order, len(customers))
	for _, o := range r.found {
		found[*o.CustomerID] = append(found[*o.CustomerID], o)
	}
	pages := make(map[id.CustomerID]OrderConnection, len(customers))
	for _, customer := range customers {
		pages[customer] = pg.Build(r.window, found[customer], r.cursor)
	}
	return pages, nil
}

const countByCustomersSQL = `
select customer_id, count(*)
from orders
where customer_id = any($1)
group by customer_id`

// CountByCustomers gives the number of orders of each of the accounts.
func (s *Orders) CountByCustomers(ctx context.Context, customers []id.CustomerID) (map[id.CustomerID]uint64, error) {
	rows, err := s.pool.Query(ctx, countByCustomersSQL, customers)
	if err != nil {
		return nil, fmt.Errorf("count orders: %w", err)
	}
	counts := make(map[id.CustomerID]uint64, len(customers))
	var customer id.CustomerID
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&customer, &n}, func() error {
		counts[customer] = uint64(max(0, n))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count orders: %w", err)
	}
	return counts, nil
}

// The pieces that the lists' statements share: an index can serve only an order that stands in the statement itself. A list
// is of all orders, or of one account, or of each of several accounts, which are read together.
const (
	listed = `
select doc::text
from orders
where ($1::uuid is null or customer_id = $1) `
	listedEach = `
select l.doc
from unnest($1::uuid[]) with ordinality a(customer_id, place)
cross join lateral (
select doc::text, id, processed_at, total
from orders
where customer_id = a.customer_id `
	together = `
) l
order by a.place, `

	narrowed = `
	and ($2::uuid[] is null or location_id = any($2))
	and ($3::text is null or status = $3)
	and ($4::text is null or financial_status = $4)
	and ($5::text is null or fulfillment_status = $5)
	and ($6::bigint is null or order_number = $6)
	and ($7::text is null or lower(email) = $7)
	and ($8::timestamptz is null or processed_at >= $8)
	and ($9::timestamptz is null or processed_at < $9)
	and (cardinality($10::integer[]) = 0 or orders_match(
		jsonb_build_object('name', order_number::text, 'email', lower(email), 'status', status,
			'financial_status', financial_status, 'fulfillment_status', fulfillment_status),
		jsonb_build_object('processed_at', processed_at, 'created_at', processed_at, 'updated_at', updated_at),
		$10, $11::text[], $12::text[], $13::text[], $14::boolean[])) `

	byID = narrowed + `
	and ($15::uuid is null or id > $15)
order by id
limit $16`
	byIDDown = narrowed + `
	and ($15::uuid is null or id < $15)
order by id desc
limit $16`
	byTime = narrowed + `
	and ($15::timestamptz is null or (processed_at, id) > ($15, $16::uuid))
order by processed_at, id
limit $17`
	byTimeDown = narrowed + `
	and ($15::timestamptz is null or (processed_at, id) < ($15, $16::uuid))
order by processed_at desc, id desc
limit $17`
	byTotal = narrowed + `
	and ($15::bigint is null or (total, id) > ($15, $16::uuid))
order by total, id
limit $17`
	byTotalDown = narrowed + `
	and ($15::bigint is null or (total, id) < ($15, $16::uuid))
order by total desc, id desc
limit $17`

	listByIDSQL        = listed + byID
	listByIDDownSQL    = listed + byIDDown
	listByTimeSQL      = listed + byTime
	listByTimeDownSQL  = listed + byTimeDown
	listByTotalSQL     = listed + byTotal
	listByTotalDownSQL = listed + byTotalDown

	eachByIDSQL        = listedEach + byID + together + `l.id`
	eachByIDDownSQL    = listedEach + byIDDown + together + `l.id desc`
	eachByTimeSQL      = listedEach + byTime + together + `l.processed_at, l.id`
	eachByTimeDownSQL  = listedEach + byTimeDown + together + `l.processed_at desc, l.id desc`
	eachByTotalSQL     = listedEach + byTotal + together + `l.total, l.id`
	eachByTotalDownSQL = listedEach + byTotalDown + together + `l.total desc, l.id desc`
)

// statement is one way to list orders: all, or each account's.
type statement struct{ all, each string }

func (s *Orders) list(ctx context.Context, f filter, sort OrderSortKeys, page pg.Page) (OrderConnection, error) {
	r, err := s.read(ctx, f, nil, sort, page)
	if err != nil {
		return OrderConnection{}, err
	}
	return pg.Build(r.window, r.found, r.cursor), nil
}

// reading is what a list's statement has found, and how it becomes a page.
type reading struct {
	window pg.Window
	found  []Order
	cursor func(Order) []string
}

// read asks for a page of a list, or, where accounts are given, for that page of each of them.
func (s *Orders) read(ctx context.Context, f filter, accounts []id.CustomerID, sort OrderSortKeys, page pg.Page) (reading, error) {
	keys := 2
	switch sort {
	case SortID, "":
		sort, keys = SortID, 1
	case SortRelevance:
		sort = SortProcessedAt
	}
	w, err := page.Sorted(string(sort)).Window(keys)
	if err != nil {
		return reading{}, err
	}
	c := searchsyntax.Lay(f.clauses)
	args := []any{
		f.customer, f.locations, f.status, f.financial, f.fulfillment, f.number, f.email, f.from, f.until,
		c.Clauses, c.Fields, c.Ops, c.Values, c.Nots,
	}
	if accounts != nil {
		args[0] = accounts
	}
	var up, down statement
	var key func(Order) string
	switch sort {
	case SortTotalPrice:
		up, down = statement{listByTotalSQL, eachByTotalSQL}, statement{listByTotalDownSQL, eachByTotalDownSQL}
		key = func(o Order) string { return strconv.FormatInt(o.TotalPrice.Minor, 10) }
		after, err := pg.At(w, 0, pg.Number)
		if err != nil {
			return reading{}, err
		}
		args = append(args, after)
	case SortProcessedAt:
		up, down = statement{listByTimeSQL, eachByTimeSQL}, statement{listByTimeDownSQL, eachByTimeDownSQL}
		key = func(o Order) string { return pg.MomentKey(o.ProcessedAt) }
		after, err := pg.At(w, 0, pg.Moment)
		if err != nil {
			return reading{}, err
		}
		args = append(args, after)
	default:
		up, down = statement{listByIDSQL, eachByIDSQL}, statement{listByIDDownSQL, eachByIDDownSQL}
	}
	last, err := pg.At(w, keys-1, id.ParseOrderID)
	if err != nil {
		return reading{}, err
	}
	chosen := up
	if w.Descending {
		chosen = down
	}
	sql := chosen.all
	if accounts != nil {
		sql = chosen.each
	}
	rows, err := s.pool.Query(ctx, sql, append(args, last, w.Fetch())...)
	if err != nil {
		return reading{}, fmt.Errorf("list orders: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanDoc)
	if err != nil {
		return reading{}, fmt.Errorf("list orders: %w", err)
	}
	return reading{w, found, func(o Order) []string {
		if key == nil {
			return []string{o.ID.String()}
		}
		return []string{key(o), o.ID.String()}
	}}, nil
}
