package orders

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
)

// Held are orders that a transaction has locked, as they stand, and the ends of their histories.
type Held struct {
	Orders map[id.OrderID]*Order
	Tips   *event.Tips
}

const lockAllSQL = `
select doc::text
from orders
where id = any((select $1::uuid[])::uuid[])
order by id
for update`

const lockFreeSQL = `
select doc::text
from orders
where id = any((select $1::uuid[])::uuid[])
order by id
for update skip locked`

// QueueLocks locks orders as the batch is sent, one after the other by their ids, so that no two who lock several
// deadlock. What is queued behind it reads what holds under the locks.
func QueueLocks(b *pgx.Batch, orders []id.OrderID) *Held { return queueLocks(b, lockAllSQL, orders) }

// QueueFreeLocks is QueueLocks for those of the orders that nobody else holds. It waits for nobody.
func QueueFreeLocks(b *pgx.Batch, orders []id.OrderID) *Held {
	return queueLocks(b, lockFreeSQL, orders)
}

func queueLocks(b *pgx.Batch, sql string, orders []id.OrderID) *Held {
	held := &Held{Orders: make(map[id.OrderID]*Order, len(orders))}
	b.Queue(sql, orders).Query(func(rows pgx.Rows) error {
		var doc string
		_, err := pgx.ForEachRow(rows, []any{&doc}, func() error {
			o, err := parseDoc(doc)
			if err == nil {
				held.Orders[o.ID] = &o
			}
			return err
		})
		return err
	})
	held.Tips = event.QueueTips(b, orders)
	return held
}

// Recording is what happened to an order that the caller has locked.
type Recording struct {
	Order     *Order
	By, Cause string
	Data      []event.Data
}

const keySQL = `
select key
from order_key
where order_id = $1`

// RecordAll is Record for many orders with a fixed number of statements, behind the ends of their histories as they were
// read under the locks. What others write beside the orders goes into the same batch. Of an order to which nothing
// happened nothing is written.
func (s *Orders) RecordAll(ctx context.Context, tx pgx.Tx, tips *event.Tips, list []Recording, beside ...func(*pgx.Batch) error) error {
	list = slices.DeleteFunc(slices.Clone(list), func(r Recording) bool { return len(r.Data) == 0 })
	entries, keys := make([]event.Entry, 0, len(list)), make([]key, len(list))
	for i, r := range list {
		var err error
		if keys[i], err = keyFor(ctx, tx, r); err != nil {
			return err
		}
		stored, err := prepare(*r.Order, keys[i], r.Data)
		if err != nil {
			return err
		}
		entries = append(entries, event.Entry{Stream: r.Order.ID, After: r.Order.Version, By: r.By, Cause: r.Cause, Data: stored})
	}
	b := &pgx.Batch{}
	for _, write := range beside {
		if err := write(b); err != nil {
			return err
		}
	}
	events, err := s.log.QueueAppend(ctx, tx, b, entries, tips)
	if err != nil {
		return err
	}
	after, err := foldAll(list, keys, events)
	if err != nil {
		return err
	}
	if err := queueRows(b, updateRowsSQL, after); err != nil {
		return err
	}
	if b.Len() > 0 {
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return event.Clash(err)
		}
	}
	for i := range after {
		*list[i].Order = after[i]
	}
	return nil
}

// keyFor reads an order's key where something of what happened is personal; nil when it has been erased, or nobody needs
// it.
func keyFor(ctx context.Context, tx pgx.Tx, r Recording) (k key, err error) {
	for _, d := range r.Data {
		if keeps, ok := d.(keeper); ok && keeps.personal() {
			return keyOf(ctx, tx, r.Order.ID)
		}
	}
	return nil, nil
}

// foldAll gives the orders after their events, which stand in the order of the list.
func foldAll(list []Recording, keys []key, events []event.Event) ([]Order, error) {
	after := make([]Order, len(list))
	for i, r := range list {
		n := len(r.Data)
		o, err := fold(*r.Order, keys[i], events[:n])
		if err != nil {
			return nil, err
		}
		after[i], events = o, events[n:]
	}
	return after, nil
}
