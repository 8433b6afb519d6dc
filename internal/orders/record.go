package orders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// NotFound is the one answer for an order that does not exist and for one that is none of the caller's business.
var NotFound = fault.New(fault.NotFound, "NOT_FOUND", "There is no such order.")

const lockSQL = `
select doc::text
from orders
where id = $1
for update`

// Lock gives the order as it stands and holds it: nobody else changes it until the transaction ends. Whoever locks
// the order and other rows locks the order first.
func (s *Orders) Lock(ctx context.Context, tx pgx.Tx, order id.OrderID) (Order, error) {
	return one(tx.QueryRow(ctx, lockSQL, order))
}

const orderSQL = `
select doc::text
from orders
where id = $1`

// Order gives the order as it stands, to whoever asks: who may see it is decided by Visible.
func (s *Orders) Order(ctx context.Context, db pg.DB, order id.OrderID) (Order, error) {
	return one(db.QueryRow(ctx, orderSQL, order))
}

const ordersByIDSQL = `
select doc::text
from orders
where id = any($1)`

// OrdersByID gives those of the orders that exist.
func (s *Orders) OrdersByID(ctx context.Context, db pg.DB, ids []id.OrderID) (map[id.OrderID]Order, error) {
	rows, err := db.Query(ctx, ordersByIDSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanDoc)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	byID := make(map[id.OrderID]Order, len(list))
	for _, o := range list {
		byID[o.ID] = o
	}
	return byID, nil
}

func one(row pgx.Row) (Order, error) {
	var doc string
	err := row.Scan(&doc)
	if errors.Is(err, pgx.ErrNoRows) {
		return Order{}, NotFound
	}
	if err != nil {
		return Order{}, fmt.Errorf("read the order: %w", err)
	}
	return parseDoc(doc)
}

func scanDoc(row pgx.CollectableRow) (Order, error) {
	var doc string
	if err := row.Scan(&doc); err != nil {
		return Order{}, err
	}
	return parseDoc(doc)
}

func parseDoc(doc string) (Order, error) {
	var o Order
	if err := json.Unmarshal([]byte(doc), &o); err != nil {
		return Order{}, fmt.Errorf("decode the order's read row: %w", err)
	}
	return o, nil
}

// Expect refuses a change by somebody who has seen another version than the current one; nil expects nothing.
func Expect(o Order, version *int) error {
	if version != nil && *version != o.Version {
		return event.Conflict(o.Version)
	}
	return nil
}

const keySQL = `
select key
from order_key
where order_id = $1`

// Record appends what happened to an order that the caller has locked, and writes the read row. The order is brought
// up to date in place. It refuses what must not happen to the order as it stands.
func (s *Orders) Record(ctx context.Context, tx pgx.Tx, o *Order, by, cause string, data ...event.Data) error {
	var k key
	for _, d := range data {
		if _, keeps := d.(keeper); keeps && k == nil {
			if err := tx.QueryRow(ctx, keySQL, o.ID).Scan(&k); err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return fmt.Errorf("read the order's key: %w", err)
			}
		}
	}
	stored, err := prepare(*o, k, data)
	if err != nil {
		return err
	}
	events, err := s.log.Append(ctx, tx, o.ID, o.Version, by, cause, stored...)
	if err != nil {
		return err
	}
	after, err := fold(*o, k, events)
	if err != nil {
		return err
	}
	if err := writeRows(ctx, tx, updateRowsSQL, []Order{after}); err != nil {
		return err
	}
	*o = after
	return nil
}

// prepare checks the events one after the other against the state that each of them meets, and seals them.
func prepare(o Order, k key, data []event.Data) ([]event.Data, error) {
	stored := make([]event.Data, len(data))
	for i, d := range data {
		if err := check(o, d); err != nil {
			return nil, err
		}
		o = Apply(o, event.Event{Stream: o.ID, Version: o.Version + 1, At: o.UpdatedAt}, d)
		stored[i] = d
		if keeps, ok := d.(keeper); ok {
			sealed, err := keeps.seal(k, o.ID)
			if err != nil {
				return nil, err
			}
			stored[i] = sealed
		}
	}
	return stored, nil
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
// other. The columns beside the document serve lists and look-ups only.
func writeRows(ctx context.Context, tx pgx.Tx, sql string, list []Order) error {
	n := len(list)
	ids, versions, numbers := make([]id.OrderID, n), make([]int, n), make([]int, n)
	statuses, financial, fulfillment, returns := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	currencies, totals, emails, docs := make([]string, n), make([]int64, n), make([]*string, n), make([]string, n)
	carts, customers, locations := make([]*uuid.UUID, n), make([]*uuid.UUID, n), make([]*uuid.UUID, n)
	processed, updated, deadlines := make([]time.Time, n), make([]time.Time, n), make([]*time.Time, n)
	for i, o := range list {
		doc, err := Doc(o)
		if err != nil {
			return err
		}
		ids[i], versions[i], numbers[i], docs[i] = o.ID, o.Version, o.OrderNumber, string(doc)
		statuses[i], financial[i] = string(o.Status), string(o.FinancialStatus)
		fulfillment[i], returns[i] = string(o.FulfillmentStatus), string(o.ReturnStatus)
		currencies[i], totals[i], emails[i] = string(o.CurrencyCode), o.TotalPrice.Minor, o.Email
		carts[i], customers[i], locations[i] = o.CartID, (*uuid.UUID)(o.CustomerID), (*uuid.UUID)(o.Delivery.LocationID)
		processed[i], updated[i], deadlines[i] = o.ProcessedAt, o.UpdatedAt, o.Deadline
	}
	tag, err := tx.Exec(ctx, sql, ids, versions, numbers, statuses, financial, fulfillment, returns, currencies,
		totals, carts, customers, locations, emails, processed, updated, deadlines, docs)
	if err != nil {
		return fmt.Errorf("write the orders' read rows: %w", err)
	}
	if tag.RowsAffected() != int64(n) {
		return fmt.Errorf("write the orders' read rows: %d of %d were there", tag.RowsAffected(), n)
	}
	return nil
}

// Doc is the canonical JSON of an order's state, as it stands in the read row.
func Doc(o Order) ([]byte, error) {
	doc, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode order %s: %w", o.ID, err)
	}
	return doc, nil
}
