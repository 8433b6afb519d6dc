package customers

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// CustomerSortKeys is what a list of customers may be sorted by.
type CustomerSortKeys string

// The sort keys.
const (
	SortID        CustomerSortKeys = "ID"
	SortCreatedAt CustomerSortKeys = "CREATED_AT"
	SortUpdatedAt CustomerSortKeys = "UPDATED_AT"
	SortEmail     CustomerSortKeys = "EMAIL"
)

// CustomerConnection is one page of customers.
type CustomerConnection = pg.Connection[Customer]

// CustomerEdge is one customer of a page.
type CustomerEdge = pg.Edge[Customer]

// The pieces that the lists' statements share: an index can serve only an order that stands in the statement itself.
const (
	listed = `
select id, email, first_name, last_name, phone, accepts_marketing, tags, email_verified_at, created_at, updated_at
from customer
where ($1::uuid is null or id = $1)
  and ($2::text is null or email = $2)
  and ($3::text is null or found_by like $3)
  and ($4::timestamptz is null or created_at >= $4)
  and ($5::timestamptz is null or created_at < $5)
  and (cardinality($6::integer[]) = 0 or customers_match(
    found_by,
    jsonb_build_object(
      'id', jsonb_build_array(id), 'email', jsonb_build_array(email), 'phone', jsonb_build_array(phone),
      'first_name', jsonb_build_array(first_name), 'last_name', jsonb_build_array(last_name),
      'name', jsonb_build_array(first_name, last_name, concat_ws(' ', first_name, last_name)), 'tag', to_jsonb(tags)),
    jsonb_build_object('created_at', created_at, 'updated_at', updated_at),
    $6, $7::text[], $8::text[], $9::text[], $10::boolean[])) `

	listByIDSQL = listed + `
  and ($11::uuid is null or id > $11)
order by id
limit $12`
	listByIDDownSQL = listed + `
  and ($11::uuid is null or id < $11)
order by id desc
limit $12`
	listByCreationSQL = listed + `
  and ($11::timestamptz is null or (created_at, id) > ($11, $12::uuid))
order by created_at, id
limit $13`
	listByCreationDownSQL = listed + `
  and ($11::timestamptz is null or (created_at, id) < ($11, $12::uuid))
order by created_at desc, id desc
limit $13`
	listByChangeSQL = listed + `
  and ($11::timestamptz is null or (updated_at, id) > ($11, $12::uuid))
order by updated_at, id
limit $13`
	listByChangeDownSQL = listed + `
  and ($11::timestamptz is null or (updated_at, id) < ($11, $12::uuid))
order by updated_at desc, id desc
limit $13`
	listByEmailSQL = listed + `
  and ($11::text is null or (email, id) > ($11, $12::uuid))
order by email, id
limit $13`
	listByEmailDownSQL = listed + `
  and ($11::text is null or (email, id) < ($11, $12::uuid))
order by email desc, id desc
limit $13`
)

// order is one way to sort a list: its statements, where a cursor stands in it, and what the cursor says.
type order struct {
	up, down string
	key      func(Customer) string     // nil for the id alone
	parse    func(string) (any, error) // what key wrote
}

func moment(text string) (any, error) { return pg.Moment(text) }

var orders = map[CustomerSortKeys]order{
	SortID: {up: listByIDSQL, down: listByIDDownSQL},
	SortCreatedAt: {
		up: listByCreationSQL, down: listByCreationDownSQL, parse: moment,
		key: func(c Customer) string { return pg.MomentKey(c.CreatedAt) },
	},
	SortUpdatedAt: {
		up: listByChangeSQL, down: listByChangeDownSQL, parse: moment,
		key: func(c Customer) string { return pg.MomentKey(c.UpdatedAt) },
	},
	SortEmail: {
		up: listByEmailSQL, down: listByEmailDownSQL, parse: func(text string) (any, error) { return text, nil },
		key: func(c Customer) string { return *c.Email },
	},
}

// Customers lists the accounts, for those who may see all customers.
func (c *Customers) Customers(ctx context.Context, actor access.Actor, query *string, sort CustomerSortKeys, page pg.Page) (CustomerConnection, error) {
	if !actor.Can("customers:read") {
		return CustomerConnection{}, fault.New(fault.Forbidden, "FORBIDDEN", "This needs the scope customers:read.")
	}
	f, err := parseQuery(query)
	if err != nil {
		return CustomerConnection{}, err
	}
	by, known := orders[sort]
	if !known {
		return CustomerConnection{}, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "Customers are not sorted by %.40q.", sort).At("sortKey")
	}
	keys := 1
	if by.key != nil {
		keys = 2
	}
	w, err := page.Window(keys)
	if err != nil {
		return CustomerConnection{}, err
	}
	after, err := by.after(w.Cursor)
	if err != nil {
		return CustomerConnection{}, err
	}
	t := searchsyntax.Lay(f.clauses)
	arguments := append([]any{f.customer, f.email, f.word, f.from, f.until, t.Clauses, t.Fields, t.Ops, t.Values, t.Nots}, after...)
	statement := by.up
	if w.Descending {
		statement = by.down
	}
	rows, err := c.db.Query(ctx, statement, append(arguments, w.Fetch())...)
	if err != nil {
		return CustomerConnection{}, fmt.Errorf("list customers: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Customer, error) {
		found, err := scan(row)
		found.seenBy = actor
		return found, err
	})
	if err != nil {
		return CustomerConnection{}, fmt.Errorf("list customers: %w", err)
	}
	return pg.Build(w, list, func(found Customer) []string {
		if by.key == nil {
			return []string{found.ID.String()}
		}
		return []string{by.key(found), found.ID.String()}
	}), nil
}

// after is where a list goes on, as the arguments of its statement; without a cursor it begins.
func (o order) after(cursor []string) ([]any, error) {
	if cursor == nil {
		if o.key == nil {
			return []any{nil}, nil
		}
		return []any{nil, nil}, nil
	}
	last, err := id.ParseCustomerID(cursor[len(cursor)-1])
	if err != nil {
		return nil, pg.BadCursor
	}
	if o.key == nil {
		return []any{last}, nil
	}
	key, err := o.parse(cursor[0])
	if err != nil {
		return nil, pg.BadCursor
	}
	return []any{key, last}, nil
}
