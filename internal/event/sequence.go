package event

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/pg"
)

// ListenCommand asks PostgreSQL for the sequencer's hints that new events have their place. They say nothing more:
// whoever listens asks for what is new, and asks now and then without having heard anything.
const ListenCommand = "listen wharf_event"

const (
	beat     = 25 * time.Millisecond  // between two steps while orders come in
	rest     = 250 * time.Millisecond // between two steps while nothing happens here
	alert    = time.Second            // how long more is expected after an append
	maxBatch = 2000
)

// Sequencer gives committed events their place in the feed: positions 1, 2, 3, … without a gap, in which the
// versions of each stream rise. Each process runs one; a lock lets one of them work at a time. It also sends the
// hint that there is news, at most one per beat and never from an order's own transaction, since a transaction that notifies
// locks all others at its commit.
type Sequencer struct {
	log    *Log
	pool   *pgxpool.Pool
	logger *slog.Logger
	// Report, if set, is told of each event that got its place here, once that is committed. Set it before Run.
	Report func(kind string, at time.Time)

	floor string // all events of transactions before this one have their place; empty when not known
	known bool
}

// NewSequencer makes the sequencer of this process for the events of all processes.
func NewSequencer(log *Log, pool *pgxpool.Pool, logger *slog.Logger) *Sequencer {
	return &Sequencer{log: log, pool: pool, logger: logger}
}

// Run sequences until the context ends.
func (s *Sequencer) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var last, busyUntil time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.log.due:
			busyUntil = time.Now().Add(alert)
			timer.Reset(beat - time.Since(last))
			continue
		case <-timer.C:
		}
		n, err := s.Step(ctx)
		if err != nil && ctx.Err() == nil {
			s.logger.WarnContext(ctx, "sequence events", "error", err)
		}
		last = time.Now()
		switch {
		case err != nil:
			timer.Reset(rest)
		case n == maxBatch:
			timer.Reset(0)
		case n > 0, last.Before(busyUntil):
			timer.Reset(beat)
		default:
			timer.Reset(rest)
		}
	}
}

// A step of forty a second plans nothing anew: see docs/decisions/0007.
const takeSequencerSQL = `
select pg_try_advisory_xact_lock(hashtext('wharf event sequencer')), set_config('plan_cache_mode', 'force_generic_plan', true)`

// Where the last batch of any process stood. A floor above the present is one of another server, from which this
// database was restored: then everything is looked through once.
const settledSQL = `
select coalesce((
	select settled::text
	from event_feed
	where settled <= pg_snapshot_xmin(pg_current_snapshot())
		and position = (select max(position) from event_feed)
), '0')`

// A transaction below the snapshot's xmin has ended, so what it wrote is seen here and gets its place now: the next
// step need not look below it. A stream's events are in the order of their versions because at never falls in it,
// and because the later one of two is seen only where the earlier one is.
//
// Few events are above the floor, so which of them are in the feed is asked one by one, by its index: a plan that is kept
// does not know that, and would read the whole feed at each step. Where there is no floor all are held against all.
const (
	sequenceHead = `
with fresh as (
	select e.stream, e.version, e.at, e.kind
	from event e `
	aboveFloor = `
	left join lateral (
		select f.position
		from event_feed f
		where f.stream = e.stream and f.version = e.version
		limit 1
	) placed on true
	where e.tx >= $1::text::xid8
		and e.tx < pg_snapshot_xmax(pg_current_snapshot())
		and placed.position is null`
	anywhere = `
	where e.tx >= $1::text::xid8
		and not exists (select from event_feed f where f.stream = e.stream and f.version = e.version)`
	sequenceRest = `
	order by e.at, e.stream, e.version
	limit $2
), sequenced as (
	insert into event_feed (position, stream, version, settled)
	select (select coalesce(max(position), 0) from event_feed) + row_number() over (order by at, stream, version),
		stream, version,
		case when (select count(*) from fresh) < $2 then pg_snapshot_xmin(pg_current_snapshot()) else $1::text::xid8 end
	from fresh
	returning position
)
select (select count(*) from sequenced), pg_snapshot_xmin(pg_current_snapshot())::text,
	coalesce(array_agg(kind), '{}'), coalesce(array_agg(at), '{}')
from fresh`

	sequenceSQL    = sequenceHead + aboveFloor + sequenceRest
	sequenceAllSQL = sequenceHead + anywhere + sequenceRest
)

// The hint is sent when the feed has it, in a transaction of its own: one that notifies holds a lock of the whole database
// until it has reached the disk, and the hints at jobs would wait for it. Who misses a hint polls.
const hintSQL = `
select pg_notify('wharf_event', '')`

// Step gives the events that have none their places, one batch at most, and returns how many it was. While another
// process is at it there is nothing to do.
func (s *Sequencer) Step(ctx context.Context) (int, error) {
	n, floor, known := 0, s.floor, s.known
	var kinds []string
	var times []time.Time
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		n, floor, known = 0, s.floor, s.known
		var mine bool
		if err := tx.QueryRow(ctx, takeSequencerSQL).Scan(&mine, nil); err != nil || !mine {
			return err
		}
		if !known {
			if err := tx.QueryRow(ctx, settledSQL).Scan(&floor); err != nil {
				return fmt.Errorf("read how far the feed is settled: %w", err)
			}
		}
		statement := sequenceSQL
		if floor == "0" {
			statement = sequenceAllSQL
		}
		var settled string
		if err := tx.QueryRow(ctx, statement, floor, maxBatch).Scan(&n, &settled, &kinds, &times); err != nil {
			return fmt.Errorf("give events their place: %w", err)
		}
		if n < maxBatch {
			floor, known = settled, true
		}
		if n > 0 {
			failpoint.Hit(failpoint.SequenceBeforeCommit)
		}
		return nil
	})
	if errors.Is(err, pg.ErrCommitUnknown) {
		s.known = false // the feed knows
	}
	if err != nil {
		return 0, err
	}
	s.floor, s.known = floor, known
	if n > 0 {
		failpoint.Hit(failpoint.SequenceAfterCommit)
		if _, err := s.pool.Exec(ctx, hintSQL); err != nil {
			s.logger.WarnContext(ctx, "hint at new events", "error", err)
		}
	}
	if s.Report != nil && n > 0 {
		for i, kind := range kinds {
			s.Report(kind, times[i])
		}
	}
	return n, nil
}

const feedSQL = `
select f.position, e.stream, e.version, e.kind, e.data::text, e.at, e.by, e.cause, e.hash
from event_feed f
join event e on e.stream = f.stream and e.version = f.version
where f.position > $1
order by f.position
limit $2`

// Placed is an event with its place among all others.
type Placed struct {
	Position int64
	Event
}

// Feed gives the events after a position in the order of their places.
func Feed(ctx context.Context, db pg.DB, after int64, limit int) ([]Placed, error) {
	rows, err := db.Query(ctx, feedSQL, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the feed: %w", err)
	}
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Placed, error) {
		var p Placed
		var data string
		err := row.Scan(&p.Position, &p.Stream, &p.Version, &p.Kind, &data, &p.At, &p.By, &p.Cause, &p.Hash)
		p.Data, p.At = []byte(data), p.At.UTC()
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the feed: %w", err)
	}
	return events, nil
}

const headSQL = `
select coalesce(max(position), 0)
from event_feed`

// Head is the last place that has been given.
func Head(ctx context.Context, db pg.DB) (int64, error) {
	var head int64
	if err := db.QueryRow(ctx, headSQL).Scan(&head); err != nil {
		return 0, fmt.Errorf("read the feed's head: %w", err)
	}
	return head, nil
}

const changedSQL = `
select stream, max(version), max(position)
from event_feed
where position > $1
group by stream`

// Changed gives the streams that have new events after a position of the feed, each with its newest version, and the
// position up to which that is all.
func Changed(ctx context.Context, db pg.DB, after int64) (map[[16]byte]int, int64, error) {
	rows, err := db.Query(ctx, changedSQL, after)
	if err != nil {
		return nil, 0, fmt.Errorf("read what has changed: %w", err)
	}
	versions, head := make(map[[16]byte]int), after
	var stream [16]byte
	var version int
	var position int64
	_, err = pgx.ForEachRow(rows, []any{&stream, &version, &position}, func() error {
		versions[stream], head = version, max(head, position)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read what has changed: %w", err)
	}
	return versions, head, nil
}
