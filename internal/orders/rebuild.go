package orders

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Difference is an order whose read row is not the fold of its events.
type Difference struct {
	Order  id.OrderID
	Reason string
}

// Rebuilt is the outcome of folding all orders anew.
type Rebuilt struct {
	Orders, Events int
	Differences    []Difference
	Repaired       int
}

const rebuildBatch = 200

// Compare folds every order from its events alone and holds the result against its read row, byte for byte. On a live
// shop db is a transaction with one snapshot: else an order that moves on between two reads seems to differ.
func (s *Orders) Compare(ctx context.Context, db pg.DB) (Rebuilt, error) {
	var out Rebuilt
	err := s.eachBatch(ctx, db, func(batch []id.OrderID) error {
		read, err := s.compare(ctx, db, batch)
		if err != nil {
			return err
		}
		out.Orders, out.Events = out.Orders+len(batch), out.Events+read.events
		out.Differences = append(out.Differences, read.differences...)
		return nil
	})
	return out, err
}

// Repair is Compare, and writes the fold over each read row that differs, unless the order's events are themselves not
// as they were appended: what is right can't be told from them. Each batch is a transaction that holds the rows, so
// orders that live on meanwhile come to no harm.
func (s *Orders) Repair(ctx context.Context, pool *pgxpool.Pool) (Rebuilt, error) {
	var out Rebuilt
	err := s.eachBatch(ctx, pool, func(batch []id.OrderID) error {
		var read comparison
		repaired := 0
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
			repaired = 0
			if err = lockBatch(ctx, tx, batch); err != nil {
				return err
			}
			if read, err = s.compare(ctx, tx, batch); err != nil {
				return err
			}
			repaired, err = rewrite(ctx, tx, read.wrong)
			return err
		})
		out.Orders, out.Events, out.Repaired = out.Orders+len(batch), out.Events+read.events, out.Repaired+repaired
		out.Differences = append(out.Differences, read.differences...)
		return err
	})
	return out, err
}

func (s *Orders) eachBatch(ctx context.Context, db pg.DB, do func([]id.OrderID) error) error {
	var last [16]byte
	for {
		streams, err := event.Streams(ctx, db, Placed{}.Kind(), last, rebuildBatch)
		if err != nil || len(streams) == 0 {
			return err
		}
		batch := make([]id.OrderID, len(streams))
		for i, stream := range streams {
			batch[i] = stream
		}
		if err := do(batch); err != nil {
			return err
		}
		last = streams[len(streams)-1]
	}
}

const lockBatchSQL = `
select id
from orders
where id = any($1)
order by id
for update`

func lockBatch(ctx context.Context, tx pgx.Tx, batch []id.OrderID) error {
	if _, err := tx.Exec(ctx, lockBatchSQL, batch); err != nil {
		return fmt.Errorf("lock orders: %w", err)
	}
	return nil
}

// comparison is one batch held against its read rows.
type comparison struct {
	events      int
	differences []Difference
	wrong       []wrongRow
}

// wrongRow is what a read row should be.
type wrongRow struct {
	order   Order
	missing bool
}

const keysSQL = `
select order_id, key
from order_key
where order_id = any($1)`

func (s *Orders) compare(ctx context.Context, db pg.DB, batch []id.OrderID) (comparison, error) {
	var out comparison
	rows, err := readRows(ctx, db, batch)
	if err != nil {
		return out, err
	}
	keys, err := byOrder[[]byte](ctx, db, keysSQL, batch)
	if err != nil {
		return out, err
	}
	streams := make([][16]byte, len(batch))
	for i, order := range batch {
		streams[i] = order
	}
	histories, err := event.ReadAll(ctx, db, streams)
	if err != nil {
		return out, err
	}
	for _, order := range batch {
		history := histories[order]
		out.events += len(history)
		folded, err := fold(Order{}, keys[order], history)
		if err != nil {
			out.differences = append(out.differences, Difference{order, "cannot be folded: " + err.Error()})
			continue
		}
		want, err := rowOf(folded)
		if err != nil {
			return out, err
		}
		have, there := rows[order]
		columns := want.unlike(have)
		reason := "the read row is not the fold of the events in " + strings.Join(columns, ", ")
		switch {
		case !there:
			reason = "the read row is missing"
		case len(columns) == 0:
			continue
		}
		if event.Verify(history) == nil {
			out.wrong = append(out.wrong, wrongRow{order: folded, missing: !there})
		} else {
			reason += "; the events themselves were changed, so it can't be written anew from them"
		}
		out.differences = append(out.differences, Difference{order, reason})
	}
	return out, nil
}

func rewrite(ctx context.Context, tx pgx.Tx, rows []wrongRow) (int, error) {
	var changed, missing []Order
	for _, row := range rows {
		if row.missing {
			missing = append(missing, row.order)
		} else {
			changed = append(changed, row.order)
		}
	}
	if err := writeRows(ctx, tx, updateRowsSQL, changed); err != nil {
		return 0, err
	}
	if err := writeRows(ctx, tx, insertRowsSQL, missing); err != nil {
		return 0, err
	}
	return len(rows), nil
}

func byOrder[V any](ctx context.Context, db pg.DB, sql string, batch []id.OrderID) (map[id.OrderID]V, error) {
	rows, err := db.Query(ctx, sql, batch)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	values := make(map[id.OrderID]V, len(batch))
	var order id.OrderID
	var value V
	_, err = pgx.ForEachRow(rows, []any{&order, &value}, func() error {
		values[order] = value
		var none V
		value = none
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return values, nil
}
