// Package event is the shop's one append-only log: what happened, to what, when, through whom and why.
//
// A stream is the history of one thing; its events have the versions 1, 2, 3, … without a gap, and each carries a
// hash over its predecessor's, so that a changed row is found. An event is appended in the transaction of the change
// it tells about, and what must follow it is written there too. The place of an event among all others is given
// afterwards, by the sequencer. What an event means is the business of the domain that appends it.
package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// Event is one fact as it is stored. It never changes.
type Event struct {
	Stream  [16]byte        // whose history it belongs to
	Version int             // its place in that history, from 1
	Kind    string          // order.placed, payment.declined, …
	Data    json.RawMessage // the stored bytes, over which the hash goes
	At      time.Time       // database time in microseconds; never before its predecessor's
	By      string          // shopper, customer:<uuid>, staff:<uuid>, partner:<uuid> or system
	Cause   string          // what led to it: an operation or a job
	Hash    []byte          // over the predecessor's hash and all of the above
}

// Data is what an event says. The kind is stored with it and never changes.
type Data interface{ Kind() string }

// Entry is what one writer adds to one stream, after the version that it has seen.
type Entry struct {
	Stream [16]byte
	After  int
	At     time.Time // for QueueNew, the database's time as the writer has just read it
	By     string
	Cause  string
	Data   []Data
}

// Follower is called with events that are about to be appended in a transaction. What it writes it queues behind them, or
// writes at once.
type Follower func(ctx context.Context, tx pgx.Tx, b *pgx.Batch, events []Event) error

// Log appends events. One log serves the whole process.
type Log struct {
	followers []Follower
	due       chan struct{}
}

// New makes a log that nobody follows yet.
func New() *Log { return &Log{due: make(chan struct{}, 1)} }

// Connect adds a follower. All are connected before the first event is appended.
func (l *Log) Connect(f Follower) {
	l.followers = append(l.followers, f)
}

// Append adds events to one stream after the version that the writer has seen. If somebody else was faster it is a
// fault of kind Conflict that tells the current version.
func (l *Log) Append(ctx context.Context, tx pgx.Tx, stream [16]byte, after int, by, cause string, data ...Data) ([]Event, error) {
	return l.AppendAll(ctx, tx, []Entry{{Stream: stream, After: after, By: by, Cause: cause, Data: data}})
}

// AppendAll adds the entries of many streams at once: one insert, and one call of each follower with all events in
// the order of the entries. A stream occurs in one entry only.
func (l *Log) AppendAll(ctx context.Context, tx pgx.Tx, entries []Entry) ([]Event, error) {
	b := &pgx.Batch{}
	streams := make([][16]byte, len(entries))
	for i, e := range entries {
		streams[i] = e.Stream
	}
	tips := QueueTips(b, streams)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read the ends of streams: %w", err)
	}
	b = &pgx.Batch{}
	events, err := l.QueueAppend(ctx, tx, b, entries, tips)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, Clash(err)
	}
	return events, nil
}

// QueueAppend adds the entries behind the ends that were read in the same transaction: it queues the insert, and what the
// followers write beside it, and gives the events. An error of the batch is made one by Clash.
func (l *Log) QueueAppend(ctx context.Context, tx pgx.Tx, b *pgx.Batch, entries []Entry, tips *Tips) ([]Event, error) {
	events, err := chain(entries, tips)
	if err != nil || len(events) == 0 {
		return events, err
	}
	b.Queue(insertSQL, rows(events)...)
	for _, follow := range l.followers {
		if err := follow(ctx, tx, b, events); err != nil {
			return nil, fmt.Errorf("follow %s: %w", events[0].Kind, err)
		}
	}
	pg.AfterCommit(tx, func(bool) { l.markDue() })
	return events, nil
}

// QueueNew begins streams, one with each entry, at the time that the entries bring along. For the rest it is
// QueueAppend.
func (l *Log) QueueNew(ctx context.Context, tx pgx.Tx, b *pgx.Batch, entries []Entry) ([]Event, error) {
	return l.QueueAppend(ctx, tx, b, entries, &Tips{})
}

// markDue tells the sequencer of this process that there is something to do. It is no more than a hint: of a commit whose
// answer was lost it is given too.
func (l *Log) markDue() {
	select {
	case l.due <- struct{}{}:
	default:
	}
}

// tip is the end of a stream, after which an entry is appended.
type tip struct {
	version int
	hash    []byte
	at      time.Time
}

// Tips are the ends of streams as they were read, and the database's time then, since servers' clocks differ.
type Tips struct {
	now  time.Time
	ends map[[16]byte]tip
}

const tipsSQL = `
select s.stream, e.version, e.hash, e.at, clock_timestamp()
from unnest($1::uuid[]) s(stream)
left join lateral (
	select version, hash, at
	from event
	where event.stream = s.stream
	order by version desc
	limit 1
) e on true`

// QueueTips reads the ends of streams, as the batch is sent.
func QueueTips[S ~[16]byte](b *pgx.Batch, streams []S) *Tips {
	tips := &Tips{ends: make(map[[16]byte]tip, len(streams))}
	b.Queue(tipsSQL, uuids(streams, func(s S) [16]byte { return s })).Query(func(rows pgx.Rows) error {
		var stream pgtype.UUID
		var version *int
		var hash []byte
		var at *time.Time
		_, err := pgx.ForEachRow(rows, []any{&stream, &version, &hash, &at, &tips.now}, func() error {
			if version != nil {
				tips.ends[stream.Bytes] = tip{version: *version, hash: hash, at: at.UTC()}
			}
			return nil
		})
		tips.now = tips.now.UTC()
		return err
	})
	return tips
}

// chain builds the events with their versions, times and hashes.
func chain(entries []Entry, tips *Tips) ([]Event, error) {
	var events []Event
	for _, entry := range entries {
		last := tips.ends[entry.Stream]
		if last.version != entry.After {
			return nil, Conflict(last.version)
		}
		at := tips.now
		if !entry.At.IsZero() {
			at = entry.At
		}
		if at.Before(last.at) {
			at = last.at
		}
		for _, data := range entry.Data {
			text, err := json.Marshal(data)
			if err != nil {
				return nil, fmt.Errorf("encode %s: %w", data.Kind(), err)
			}
			e := Event{
				Stream: entry.Stream, Version: last.version + 1, Kind: data.Kind(), Data: text,
				At: at, By: entry.By, Cause: entry.Cause,
			}
			e.Hash = e.hashAfter(last.hash)
			last = tip{version: e.Version, hash: e.Hash, at: at}
			events = append(events, e)
		}
	}
	return events, nil
}

// Conflict is the answer to a writer who has seen an older version than the current one.
func Conflict(current int) *fault.Fault {
	return fault.New(fault.Conflict, "VERSION_CONFLICT", "Somebody else has changed this in the meantime. Read it again and repeat.").
		With("currentVersion", current)
}

const insertSQL = `
insert into event (stream, version, kind, data, at, by, cause, hash)
select stream, version, kind, data::json, at, by, cause, hash
from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::bytea[])
	e(stream, version, kind, data, at, by, cause, hash)`

// Clash is what an error of the batch with the insert means: a version that is there already is a conflict with
// whoever wrote it.
func Clash(err error) error {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == pgerrcode.UniqueViolation && pgErr.ConstraintName == "event_pkey" {
		return fault.New(fault.Conflict, "VERSION_CONFLICT", "Somebody else is changing this at the same moment. Read it again and repeat.").
			Because(err)
	}
	return fmt.Errorf("append events: %w", err)
}

// rows gives events as the columns of the insert. The texts of the data go in as they are: the hash goes over these
// bytes.
func rows(events []Event) []any {
	n := len(events)
	versions, kinds, data := make([]int, n), make([]string, n), make([]string, n)
	ats, bys, causes, hashes := make([]time.Time, n), make([]string, n), make([]string, n), make([][]byte, n)
	for i, e := range events {
		versions[i], kinds[i], data[i] = e.Version, e.Kind, string(e.Data)
		ats[i], bys[i], causes[i], hashes[i] = e.At, e.By, e.Cause, e.Hash
	}
	streams := uuids(events, func(e Event) [16]byte { return e.Stream })
	return []any{streams, versions, kinds, data, ats, bys, causes, hashes}
}

// uuids gives the streams as PostgreSQL takes them.
func uuids[T any](list []T, stream func(T) [16]byte) []pgtype.UUID {
	out := make([]pgtype.UUID, len(list))
	for i, v := range list {
		out[i] = pgtype.UUID{Bytes: stream(v), Valid: true}
	}
	return out
}
