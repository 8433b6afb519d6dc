package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/pg"
)

// ConsistencyState is what the sentinel says of one invariant.
type ConsistencyState string

// The states of an invariant.
const (
	ConsistencyOK         ConsistencyState = "OK"         // it held when it was last looked at
	ConsistencyViolated   ConsistencyState = "VIOLATED"   // it did not
	ConsistencyUnfinished ConsistencyState = "UNFINISHED" // looking took too long, or nobody has looked yet: `wharf verify` does
)

// ConsistencyReport is what the sentinel has found.
type ConsistencyReport struct {
	Checks []ConsistencyCheck // in the order of Invariants
}

// ConsistencyCheck is one invariant as it was last looked at.
type ConsistencyCheck struct {
	Name       string
	Statement  string // what must be true
	State      ConsistencyState
	Violations int
	Samples    []ConsistencyViolation // the first of them
	CheckedAt  *time.Time             // when that state was found; nil where nobody has looked yet
	Took       time.Duration
}

// ConsistencyViolation is one thing that must not be.
type ConsistencyViolation struct {
	Subject string     `json:"subject"`
	OrderID *uuid.UUID `json:"orderId,omitempty"`
	Detail  string     `json:"detail"`
}

// Consistent says that nothing is known to be wrong.
func (r ConsistencyReport) Consistent() bool { return r.Violations() == 0 }

// Violations counts what must not be.
func (r ConsistencyReport) Violations() int {
	n := 0
	for _, c := range r.Checks {
		n += c.Violations
	}
	return n
}

// CheckedAt is the earliest time of the checks: since then every invariant has been looked at. It is nil while there is one
// that nobody has looked at.
func (r ConsistencyReport) CheckedAt() *time.Time {
	var oldest *time.Time
	for _, c := range r.Checks {
		if c.CheckedAt == nil {
			return nil
		}
		if oldest == nil || c.CheckedAt.Before(*oldest) {
			oldest = c.CheckedAt
		}
	}
	return oldest
}

const findingsSQL = `
select name, state, violations, samples, took_ms, checked_at
from consistency_check`

// Consistency gives what the sentinel has found when it last looked.
func (a *Audit) Consistency(ctx context.Context, db pg.DB) (ConsistencyReport, error) {
	rows, err := db.Query(ctx, findingsSQL)
	if err != nil {
		return ConsistencyReport{}, fmt.Errorf("read what the sentinel found: %w", err)
	}
	found := map[string]ConsistencyCheck{}
	var c ConsistencyCheck
	var took int
	_, err = pgx.ForEachRow(rows, []any{&c.Name, &c.State, &c.Violations, &c.Samples, &took, &c.CheckedAt}, func() error {
		c.Took = time.Duration(took) * time.Millisecond
		found[c.Name] = c
		c = ConsistencyCheck{}
		return nil
	})
	if err != nil {
		return ConsistencyReport{}, fmt.Errorf("read what the sentinel found: %w", err)
	}
	report := ConsistencyReport{Checks: make([]ConsistencyCheck, 0, len(Invariants))}
	for _, i := range Invariants {
		c, ok := found[i.Name]
		if !ok {
			c = ConsistencyCheck{Name: i.Name, State: ConsistencyUnfinished, Samples: []ConsistencyViolation{}}
		}
		c.Statement = i.Says
		report.Checks = append(report.Checks, c)
	}
	return report, nil
}

// The sentinel runs beside shoppers, so a check may take no more than its budget, and no more than the share of the
// time that rarely lets it: one that takes a second comes again after 1,000. What grows too slow for it in a large shop
// is UNFINISHED, and a matter for `wharf verify`.
const (
	sentinelBudget = time.Second
	sentinelRarely = 1000
	sentinelRound  = 10 * time.Second // one round of checks; what is left comes with the next
	sentinelShown  = 10
)

// Watch looks at the invariants whose time has come and keeps what it finds. What begins or ceases to be violated is
// told by an event and in the log.
func (a *Audit) Watch(ctx context.Context, log *event.Log, logger *slog.Logger, cause string) error {
	before, err := a.Consistency(ctx, a.pool)
	if err != nil {
		return err
	}
	began := time.Now()
	due := slices.Clone(before.Checks)
	slices.SortStableFunc(due, func(x, y ConsistencyCheck) int { return seen(x).Compare(seen(y)) })
	for _, c := range due {
		if time.Since(seen(c)) < c.Took*sentinelRarely {
			continue
		}
		if time.Since(began) > sentinelRound {
			break
		}
		if err := a.inspect(ctx, &c); err != nil {
			return fmt.Errorf("look at %s: %w", c.Name, err)
		}
		if err := a.keep(ctx, log, logger, c, cause); err != nil {
			return fmt.Errorf("keep what was found of %s: %w", c.Name, err)
		}
	}
	return nil
}

func seen(c ConsistencyCheck) time.Time {
	if c.CheckedAt == nil {
		return time.Time{}
	}
	return *c.CheckedAt
}

const budgetSQL = `select set_config('statement_timeout', $1, true)`

// inspect looks at one invariant in a snapshot of its own, as long as its budget lets it.
func (a *Audit) inspect(ctx context.Context, c *ConsistencyCheck) error {
	i := Invariants[slices.IndexFunc(Invariants, func(i Invariant) bool { return i.Name == c.Name })]
	began := time.Now()
	var found Result
	err := pg.InTxOptions(ctx, a.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, budgetSQL, strconv.FormatInt(sentinelBudget.Milliseconds(), 10)); err != nil {
			return err
		}
		var err error
		found, err = check(ctx, tx, i, Options{})
		return err
	})
	c.Took = time.Since(began)
	c.Violations, c.Samples = 0, []ConsistencyViolation{}
	switch {
	case pg.SQLState(err) == queryCanceled && ctx.Err() == nil:
		c.State = ConsistencyUnfinished
		return nil
	case err != nil:
		return err
	case found.Count == 0:
		c.State = ConsistencyOK
		return nil
	}
	c.State, c.Violations = ConsistencyViolated, found.Count
	for _, v := range found.Violations[:min(len(found.Violations), sentinelShown)] {
		c.Samples = append(c.Samples, ConsistencyViolation(v))
	}
	return nil
}

// queryCanceled is the code of a statement that has run out of its time.
const queryCanceled = "57014"

const lockFindingSQL = `
select state
from consistency_check
where name = $1
for update`

const keepFindingSQL = `
insert into consistency_check (name, state, violations, samples, took_ms, checked_at)
values ($1, $2, $3, $4, $5, clock_timestamp())
on conflict (name) do update
set state = excluded.state, violations = excluded.violations, samples = excluded.samples, took_ms = excluded.took_ms,
	checked_at = excluded.checked_at`

const historySQL = `
select coalesce(max(version), 0)
from event
where stream = $1`

// keep writes what was found of one invariant, with an event where it differs from what was known. A check that did
// not finish neither raises nor ends an alarm. Where two sentinels meet, the second's event finds the stream longer
// than it thought, and its job comes again.
func (a *Audit) keep(ctx context.Context, log *event.Log, logger *slog.Logger, c ConsistencyCheck, cause string) error {
	var news event.Data
	err := pg.InTx(ctx, a.pool, func(tx pgx.Tx) error {
		news = nil
		var before ConsistencyState
		err := tx.QueryRow(ctx, lockFindingSQL, c.Name).Scan(&before)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		switch {
		case c.State == ConsistencyUnfinished && before == ConsistencyViolated:
			return nil
		case c.State == ConsistencyViolated && before != ConsistencyViolated:
			news = ConsistencyBroken{Name: c.Name, Statement: c.Statement, Violations: c.Violations, Samples: c.Samples}
		case c.State == ConsistencyOK && before == ConsistencyViolated:
			news = ConsistencyRestored{Name: c.Name, Statement: c.Statement}
		}
		samples, err := json.Marshal(c.Samples)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, keepFindingSQL, c.Name, c.State, c.Violations, samples, c.Took.Milliseconds()); err != nil {
			return err
		}
		if news == nil {
			return nil
		}
		var version int
		if err := tx.QueryRow(ctx, historySQL, uuid.UUID(alarms)).Scan(&version); err != nil {
			return err
		}
		_, err = log.Append(ctx, tx, alarms, version, "system", cause, news)
		return err
	})
	if err != nil {
		return err
	}
	switch news := news.(type) {
	case ConsistencyBroken:
		logger.ErrorContext(ctx, "an invariant of the shop is violated", "invariant", news.Name, "must be", news.Statement,
			"violations", news.Violations, "first", news.Samples[0].Subject+": "+news.Samples[0].Detail)
	case ConsistencyRestored:
		logger.InfoContext(ctx, "an invariant of the shop holds again", "invariant", news.Name)
	}
	return nil
}

// alarms is the stream of the sentinel's events, the same in every shop.
var alarms = [16]byte(uuid.MustParse("019ab000-0000-7000-8000-00000000a1a2"))

// ConsistencyBroken tells the operators that an invariant began to be violated.
type ConsistencyBroken struct {
	Name       string                 `json:"name"`
	Statement  string                 `json:"statement"`
	Violations int                    `json:"violations"`
	Samples    []ConsistencyViolation `json:"samples"`
}

// Kind is consistency.broken.
func (ConsistencyBroken) Kind() string { return "consistency.broken" }

// ConsistencyRestored tells the operators that an invariant holds again.
type ConsistencyRestored struct {
	Name      string `json:"name"`
	Statement string `json:"statement"`
}

// Kind is consistency.restored.
func (ConsistencyRestored) Kind() string { return "consistency.restored" }
