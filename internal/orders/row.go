package orders

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// readRow is an order's present state as it is kept: the document, and beside it what lists filter and sort by.
type readRow struct {
	version, number                         int
	status, financial, fulfillment, returns string
	currency                                string
	total                                   int64
	cart, customer, location                *uuid.UUID
	email                                   *string
	processed, updated                      time.Time
	deadline                                *time.Time
	doc                                     string
}

// rowOf is the read row that an order must have.
func rowOf(o Order) (readRow, error) {
	doc, err := Doc(o)
	return readRow{
		version: o.Version, number: o.OrderNumber, status: string(o.Status), financial: string(o.FinancialStatus),
		fulfillment: string(o.FulfillmentStatus), returns: string(o.ReturnStatus), currency: string(o.CurrencyCode),
		total: o.TotalPrice.Minor, cart: o.CartID, customer: (*uuid.UUID)(o.CustomerID),
		location: (*uuid.UUID)(o.Store()), email: o.Email, processed: o.ProcessedAt, updated: o.UpdatedAt,
		deadline: o.Deadline, doc: string(doc),
	}, err
}

// unlike names the columns in which two rows differ, without what is in them: it may be about people.
func (r readRow) unlike(other readRow) (columns []string) {
	for _, c := range []struct {
		name string
		same bool
	}{
		{"version", r.version == other.version},
		{"order_number", r.number == other.number},
		{"status", r.status == other.status},
		{"financial_status", r.financial == other.financial},
		{"fulfillment_status", r.fulfillment == other.fulfillment},
		{"return_status", r.returns == other.returns},
		{"currency", r.currency == other.currency},
		{"total", r.total == other.total},
		{"cart_id", equal(r.cart, other.cart)},
		{"customer_id", equal(r.customer, other.customer)},
		{"location_id", equal(r.location, other.location)},
		{"email", equal(r.email, other.email)},
		{"processed_at", r.processed.Equal(other.processed)},
		{"updated_at", r.updated.Equal(other.updated)},
		{"deadline", r.deadline == nil && other.deadline == nil || r.deadline != nil && other.deadline != nil && r.deadline.Equal(*other.deadline)},
		{"doc", r.doc == other.doc},
	} {
		if !c.same {
			columns = append(columns, c.name)
		}
	}
	return columns
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

const rowsSQL = `
select id, version, order_number, status, financial_status, fulfillment_status, return_status, currency, total, cart_id,
	customer_id, location_id, email, processed_at, updated_at, deadline, doc::text
from orders
where id = any($1)`

// readRows reads the rows of those orders that have one.
func readRows(ctx context.Context, db pg.DB, orders []id.OrderID) (map[id.OrderID]readRow, error) {
	rows, err := db.Query(ctx, rowsSQL, orders)
	if err != nil {
		return nil, fmt.Errorf("read the orders' read rows: %w", err)
	}
	found := make(map[id.OrderID]readRow, len(orders))
	for rows.Next() {
		var order id.OrderID
		var r readRow
		if err := rows.Scan(&order, &r.version, &r.number, &r.status, &r.financial, &r.fulfillment, &r.returns, &r.currency,
			&r.total, &r.cart, &r.customer, &r.location, &r.email, &r.processed, &r.updated, &r.deadline, &r.doc); err != nil {
			return nil, fmt.Errorf("read the orders' read rows: %w", err)
		}
		found[order] = r
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the orders' read rows: %w", err)
	}
	return found, nil
}

const insertRowsSQL = `
insert into orders (id, version, order_number, status, financial_status, fulfillment_status, return_status, currency,
	total, cart_id, customer_id, location_id, email, processed_at, updated_at, deadline, doc)
select id, version, order_number, status, financial_status, fulfillment_status, return_status, currency,
	total, cart_id, customer_id, location_id, email, processed_at, updated_at, deadline, doc::json
from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
	$9::bigint[], $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::text[])
	o(id, version, order_number, status, financial_status, fulfillment_status, return_status, currency,
	total, cart_id, customer_id, location_id, email, processed_at, updated_at, deadline, doc)`

const updateRowsSQL = `
update orders
set version = o.version, order_number = o.order_number, status = o.status, financial_status = o.financial_status,
	fulfillment_status = o.fulfillment_status, return_status = o.return_status, currency = o.currency, total = o.total,
	cart_id = o.cart_id, customer_id = o.customer_id, location_id = o.location_id, email = o.email, processed_at = o.processed_at,
	updated_at = o.updated_at, deadline = o.deadline, doc = o.doc::json
from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
	$9::bigint[], $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::text[])
	o(id, version, order_number, status, financial_status, fulfillment_status, return_status, currency,
	total, cart_id, customer_id, location_id, email, processed_at, updated_at, deadline, doc)
where orders.id = o.id`

// writeRows writes the read rows of orders that are all new, or all there, with the statement for the one or the
// other.
func writeRows(ctx context.Context, tx pgx.Tx, sql string, list []Order) error {
	b := &pgx.Batch{}
	if err := queueRows(b, sql, list); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("write the orders' read rows: %w", err)
	}
	return nil
}

// queueRows is writeRows as the batch is sent.
func queueRows(b *pgx.Batch, sql string, list []Order) error {
	if len(list) == 0 {
		return nil
	}
	columns, err := rowColumns(list)
	if err != nil {
		return err
	}
	b.Queue(sql, columns...).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != int64(len(list)) {
			return fmt.Errorf("of %d read rows %d were there", len(list), tag.RowsAffected())
		}
		return nil
	})
	return nil
}

// rowColumns gives orders as the columns of those statements.
func rowColumns(list []Order) ([]any, error) {
	n := len(list)
	ids, versions, numbers := make([]id.OrderID, n), make([]int, n), make([]int, n)
	statuses, financial, fulfillment, returns := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	currencies, totals, emails, docs := make([]string, n), make([]int64, n), make([]*string, n), make([]string, n)
	carts, customers, locations := make([]*uuid.UUID, n), make([]*uuid.UUID, n), make([]*uuid.UUID, n)
	processed, updated, deadlines := make([]time.Time, n), make([]time.Time, n), make([]*time.Time, n)
	for i, o := range list {
		r, err := rowOf(o)
		if err != nil {
			return nil, err
		}
		ids[i], versions[i], numbers[i], docs[i] = o.ID, r.version, r.number, r.doc
		statuses[i], financial[i], fulfillment[i], returns[i] = r.status, r.financial, r.fulfillment, r.returns
		currencies[i], totals[i], emails[i] = r.currency, r.total, r.email
		carts[i], customers[i], locations[i] = r.cart, r.customer, r.location
		processed[i], updated[i], deadlines[i] = r.processed, r.updated, r.deadline
	}
	return []any{
		ids, versions, numbers, statuses, financial, fulfillment, returns, currencies, totals, carts, customers, locations,
		emails, processed, updated, deadlines, docs,
	}, nil
}

// Doc is the canonical JSON of an order's state, as it stands in the read row.
func Doc(o Order) ([]byte, error) {
	doc, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode order %s: %w", o.ID, err)
	}
	return doc, nil
}
