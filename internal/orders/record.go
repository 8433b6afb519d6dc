package orders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

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

// Record appends what happened to an order that the caller has locked, and writes the read row. The order is brought
// up to date in place. It refuses what must not happen to the order as it stands.
func (s *Orders) Record(ctx context.Context, tx pgx.Tx, o *Order, by, cause string, data ...event.Data) error {
	b := &pgx.Batch{}
	tips := event.QueueTips(b, []id.OrderID{o.ID})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("read the end of %s: %w", o.ID, err)
	}
	return s.RecordAll(ctx, tx, tips, []Recording{{Order: o, By: by, Cause: cause, Data: data}})
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
