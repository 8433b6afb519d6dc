// Package audit checks what must always be true of the shop, and says where it is not.
//
// Each invariant is a view of violations in the schema audit, which must be empty; beside them stand views that show
// the shop under fixed names, so that a checker of somebody else's can look without trusting this code. Two checks
// that SQL cannot do are done here: that every order's read row is the fold of its events, byte for byte, and that
// every event follows from its predecessor by hash.
package audit

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/live"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// Audit looks at the whole shop.
type Audit struct {
	pool   *pgxpool.Pool
	orders *orders.Orders
	hub    *live.Hub[all, *step]
}

// New makes the audit of a shop.
func New(pool *pgxpool.Pool, o *orders.Orders, logger *slog.Logger) *Audit {
	a := &Audit{pool: pool, orders: o}
	a.hub = live.New(a.source(), logger)
	return a
}

// Options say how to look.
type Options struct {
	Rest   bool // count subjects that are being worked on too: the shop is at rest
	Repair bool // first write anew what can be derived with certainty: read rows, from their events
}

// Violation is one thing that must not be.
type Violation struct {
	Subject string     // the row at fault
	OrderID *uuid.UUID // the order that it belongs to
	Detail  string     // what is, and what should be
}

// Result is one invariant and what breaks it.
type Result struct {
	Invariant
	Violations []Violation // the first hundred
	Count      int         // all of them
	Busy       int         // left out, since their order is being worked on this moment
}

// Report is what a look at the shop has found.
type Report struct {
	At       time.Time // the moment the snapshot was taken, by the database's clock
	Results  []Result
	Orders   int // folded and compared
	Streams  int // whose chain was recomputed
	Repaired int // read rows written anew
	Guarded  bool
}

// Violations counts everything that must not be.
func (r Report) Violations() int {
	n := 0
	for _, result := range r.Results {
		n += result.Count
	}
	return n
}

const shown = 100

// Verify checks every invariant in one repeatable-read snapshot, so it may run beside a live shop. An error means
// that it could not look; violations are not errors.
func (a *Audit) Verify(ctx context.Context, o Options) (Report, error) {
	var report Report
	if o.Repair {
		rebuilt, err := a.orders.Repair(ctx, a.pool)
		if err != nil {
			return report, fmt.Errorf("repair read rows: %w", err)
		}
		report.Repaired = rebuilt.Repaired
	}
	repaired := report.Repaired
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pg.InTxOptions(ctx, a.pool, snapshot, func(tx pgx.Tx) error {
		report = Report{Repaired: repaired}
		return a.look(ctx, tx, o, &report)
	})
	return report, err
}

// The statements read the whole shop, which may take longer than a shopper's statement is given.
const snapshotSQL = `
select now(), exists (select from pg_roles where rolname = 'wharf_app' and current_user = 'wharf_app'),
       set_config('statement_timeout', '0', true)`

func (a *Audit) look(ctx context.Context, tx pgx.Tx, o Options, report *Report) error {
	var ignored string
	if err := tx.QueryRow(ctx, snapshotSQL).Scan(&report.At, &report.Guarded, &ignored); err != nil {
		return fmt.Errorf("take a snapshot: %w", err)
	}
	for _, i := range Invariants {
		result, err := check(ctx, tx, i, o)
		if err != nil {
			return fmt.Errorf("check %s: %w", i.Name, err)
		}
		switch i.Name {
		case "E1":
			err = a.chains(ctx, tx, &result, report)
		case "E2":
			err = a.folds(ctx, tx, &result, report)
		}
		if err != nil {
			return fmt.Errorf("check %s: %w", i.Name, err)
		}
		report.Results = append(report.Results, result)
	}
	return nil
}

// check reads one view of violations.
func check(ctx context.Context, tx pgx.Tx, i Invariant, o Options) (Result, error) {
	result := Result{Invariant: i}
	rows, err := tx.Query(ctx, i.violationsSQL)
	if err != nil {
		return result, err
	}
	var v Violation
	var busy bool
	_, err = pgx.ForEachRow(rows, []any{&v.Subject, &v.OrderID, &v.Detail, &busy}, func() error {
		if busy && !i.Anytime && !o.Rest {
			result.Busy++
			return nil
		}
		result.add(v)
		return nil
	})
	return result, err
}

func (r *Result) add(v Violation) {
	r.Count++
	if len(r.Violations) < shown {
		r.Violations = append(r.Violations, v)
	}
}

func (a *Audit) chains(ctx context.Context, tx pgx.Tx, result *Result, report *Report) error {
	n, err := event.VerifyAll(ctx, tx, func(b event.Break) error {
		result.add(Violation{Subject: uuid.UUID(b.Stream).String(), Detail: fmt.Sprintf("version %d: %s", b.Version, b.Reason)})
		return nil
	})
	report.Streams = n
	return err
}

func (a *Audit) folds(ctx context.Context, tx pgx.Tx, result *Result, report *Report) error {
	rebuilt, err := a.orders.Compare(ctx, tx)
	if err != nil {
		return err
	}
	report.Orders = rebuilt.Orders
	for _, d := range rebuilt.Differences {
		order := uuid.UUID(d.Order)
		result.add(Violation{Subject: order.String(), OrderID: &order, Detail: d.Reason})
	}
	return nil
}
