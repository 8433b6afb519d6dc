package orders

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// OrderEvent is one step of an order as a shopper follows it, with the order as it was right after.
type OrderEvent struct {
	Version    int
	Type       string // the event's kind, or SNAPSHOT
	OccurredAt time.Time
	Message    string // a sentence for the shopper
	Code       *DeclineCode
	By         string
	Cause      string
	Order      Order
}

// OrderEventConnection is one page of an order's events.
type OrderEventConnection = pg.Connection[OrderEvent]

// OrderEventEdge is one event of a page.
type OrderEventEdge = pg.Edge[OrderEvent]

// Actor says what sort of caller did it, and not who: shopper, customer, staff, partner or system.
func (e OrderEvent) Actor() string {
	kind, _, _ := strings.Cut(e.By, ":")
	return kind
}

// Snapshot is the type of the message that only shows how things stand.
const Snapshot = "SNAPSHOT"

// SnapshotOf is the first message to somebody who begins to follow an order.
func SnapshotOf(o Order) OrderEvent {
	return OrderEvent{
		Version: o.Version, Type: Snapshot, OccurredAt: o.UpdatedAt, By: "system", Order: o,
		Message: "Your order " + o.Name + " is " + o.Status.words() + ".",
	}
}

// keyOf reads an order's key; nil when its personal data has been erased.
func keyOf(ctx context.Context, db pg.DB, order id.OrderID) (key, error) {
	var k key
	err := db.QueryRow(ctx, keySQL, order).Scan(&k)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the order's key: %w", err)
	}
	return k, nil
}

// EventsAfter gives the order's events after a version, in order, at most limit of them, each with the order at
// that version.
func (s *Orders) EventsAfter(ctx context.Context, db pg.DB, order id.OrderID, after, limit int) ([]OrderEvent, error) {
	k, err := keyOf(ctx, db, order)
	if err != nil {
		return nil, err
	}
	events, err := event.Read(ctx, db, order, 0, after+limit)
	if err != nil {
		return nil, err
	}
	return stepsOf(k, events, after)
}

// EventsUpTo gives the events of many orders up to a version of each, from the first, each with the order at that
// version. The number of statements is fixed.
func (s *Orders) EventsUpTo(ctx context.Context, db pg.DB, upTo map[id.OrderID]int) (map[id.OrderID][]OrderEvent, error) {
	b := &pgx.Batch{}
	keys := make(map[id.OrderID]key, len(upTo))
	b.Queue(keysSQL, slices.Collect(maps.Keys(upTo))).Query(func(rows pgx.Rows) error {
		var order id.OrderID
		var k []byte
		_, err := pgx.ForEachRow(rows, []any{&order, &k}, func() error {
			keys[order] = slices.Clone(k)
			return nil
		})
		return err
	})
	histories := event.QueueUpTo(b, upTo)
	if err := db.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read the histories of orders: %w", err)
	}
	all := make(map[id.OrderID][]OrderEvent, len(upTo))
	for order, events := range histories {
		steps, err := stepsOf(keys[order], events, 0)
		if err != nil {
			return nil, err
		}
		all[order] = steps
	}
	return all, nil
}

// stepsOf folds an order's events, which begin with the first, and gives those after a version.
func stepsOf(k key, events []event.Event, after int) ([]OrderEvent, error) {
	var o Order
	var steps []OrderEvent
	for _, e := range events {
		data, err := decodeWith(k, e)
		if err != nil {
			return nil, err
		}
		if o = Apply(o, e, data); e.Version > after {
			steps = append(steps, OrderEvent{
				Version: e.Version, Type: e.Kind, OccurredAt: e.At, Message: message(o, data),
				Code: codeOf(data), By: e.By, Cause: e.Cause, Order: o,
			})
		}
	}
	return steps, nil
}

// codeOf says why an attempt has come to nothing; nil of any other event, and where nobody has noted it.
func codeOf(data event.Data) *DeclineCode {
	if d, ok := data.(PaymentDeclined); ok && d.Code != "" {
		return &d.Code
	}
	return nil
}

// Events gives one page of the order's log: at most first events after a version. The cursor of an event is its
// version.
func (s *Orders) Events(ctx context.Context, order id.OrderID, after, first int) (OrderEventConnection, error) {
	if first < 0 || first > pg.MaxPage || after < 0 {
		return OrderEventConnection{}, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "A page has 0 to %d events, after a version of at least 0.", pg.MaxPage)
	}
	steps, err := s.EventsAfter(ctx, s.pool, order, after, first+1)
	if err != nil {
		return OrderEventConnection{}, err
	}
	page := OrderEventConnection{Edges: []OrderEventEdge{}, Nodes: []OrderEvent{}}
	page.PageInfo.HasPreviousPage = after > 0
	if len(steps) > first {
		steps, page.PageInfo.HasNextPage = steps[:first], true
	}
	for _, step := range steps {
		page.Edges = append(page.Edges, OrderEventEdge{Cursor: strconv.Itoa(step.Version), Node: step})
		page.Nodes = append(page.Nodes, step)
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = &page.Edges[0].Cursor, &page.Edges[n-1].Cursor
	}
	return page, nil
}

// At gives the order as it was after a version, or at a moment: after the last event up to it. Before the first
// event, and after the last version, there is no order.
func (s *Orders) At(ctx context.Context, db pg.DB, order id.OrderID, version *int, asOf *time.Time) (Order, error) {
	if version != nil && asOf != nil {
		return Order{}, fault.New(fault.Invalid, "BAD_USER_INPUT", "Give version or asOf, not both.")
	}
	k, err := keyOf(ctx, db, order)
	if err != nil {
		return Order{}, err
	}
	limit := math.MaxInt32
	if version != nil {
		if *version < 1 {
			return Order{}, noSuchVersion
		}
		limit = *version
	}
	events, err := event.Read(ctx, db, order, 0, limit)
	if err != nil {
		return Order{}, err
	}
	if asOf != nil {
		for len(events) > 0 && events[len(events)-1].At.After(*asOf) {
			events = events[:len(events)-1]
		}
	}
	switch {
	case len(events) == 0:
		return Order{}, NotFound
	case version != nil && len(events) < *version:
		return Order{}, noSuchVersion
	}
	return fold(Order{}, k, events)
}

var noSuchVersion = fault.New(fault.Invalid, "BAD_USER_INPUT", "The order has no such version.")

const statusesSQL = `
select id, status
from orders
where id = any((select $1::uuid[])::uuid[])`

// Statuses gives the present status of those of the orders that exist, in one question.
func (s *Orders) Statuses(ctx context.Context, db pg.DB, ids []id.OrderID) (map[id.OrderID]OrderStatus, error) {
	rows, err := db.Query(ctx, statusesSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read the orders' statuses: %w", err)
	}
	statuses := make(map[id.OrderID]OrderStatus, len(ids))
	var order id.OrderID
	var status OrderStatus
	_, err = pgx.ForEachRow(rows, []any{&order, &status}, func() error {
		statuses[order] = status
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the orders' statuses: %w", err)
	}
	return statuses, nil
}

const versionsSQL = `
select id, version
from orders
where id = any((select $1::uuid[])::uuid[])`

// Versions gives the current version of each of the orders, in one question.
func (s *Orders) Versions(ctx context.Context, db pg.DB, ids []id.OrderID) (map[id.OrderID]int, error) {
	b := &pgx.Batch{}
	versions := QueueVersions(b, ids)
	if err := db.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read the orders' versions: %w", err)
	}
	return versions, nil
}

// QueueVersions reads the current version of each of the orders as the batch is sent.
func QueueVersions(b *pgx.Batch, ids []id.OrderID) map[id.OrderID]int {
	versions := make(map[id.OrderID]int, len(ids))
	b.Queue(versionsSQL, ids).Query(func(rows pgx.Rows) error {
		var order id.OrderID
		var version int
		_, err := pgx.ForEachRow(rows, []any{&order, &version}, func() error {
			versions[order] = version
			return nil
		})
		return err
	})
	return versions
}
