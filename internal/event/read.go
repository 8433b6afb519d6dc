package event

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/pg"
)

const readSQL = `
select stream, version, kind, data::text, at, by, cause, hash
from event
where stream = $1 and version > $2
order by version
limit $3`

// Read gives the events of one stream after a version, at most limit of them.
func Read(ctx context.Context, db pg.DB, stream [16]byte, after, limit int) ([]Event, error) {
	rows, err := db.Query(ctx, readSQL, pgtype.UUID{Bytes: stream, Valid: true}, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

const readAllSQL = `
select stream, version, kind, data::text, at, by, cause, hash
from event
where stream = any($1)
order by stream, version`

// ReadAll gives the whole history of each of the streams.
func ReadAll(ctx context.Context, db pg.DB, streams [][16]byte) (map[[16]byte][]Event, error) {
	return readAll(ctx, db, uuids(streams, func(s [16]byte) [16]byte { return s }))
}

func readAll(ctx context.Context, db pg.DB, streams []pgtype.UUID) (map[[16]byte][]Event, error) {
	rows, err := db.Query(ctx, readAllSQL, streams)
	if err != nil {
		return nil, fmt.Errorf("read histories: %w", err)
	}
	events, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read histories: %w", err)
	}
	histories := make(map[[16]byte][]Event, len(streams))
	for _, e := range events {
		histories[e.Stream] = append(histories[e.Stream], e)
	}
	return histories, nil
}

const readUpToSQL = `
select e.stream, e.version, e.kind, e.data::text, e.at, e.by, e.cause, e.hash
from unnest($1::uuid[], $2::int[]) s(stream, version)
join event e on e.stream = s.stream and e.version <= s.version
order by e.stream, e.version`

// QueueUpTo reads the events of streams up to a version of each, from the first, as the batch is sent.
func QueueUpTo[S ~[16]byte](b *pgx.Batch, upTo map[S]int) map[S][]Event {
	histories := make(map[S][]Event, len(upTo))
	streams, versions := make([]S, 0, len(upTo)), make([]int, 0, len(upTo))
	for stream, version := range upTo {
		streams, versions = append(streams, stream), append(versions, version)
	}
	b.Queue(readUpToSQL, uuids(streams, func(s S) [16]byte { return s }), versions).Query(func(rows pgx.Rows) error {
		events, err := pgx.CollectRows(rows, scan)
		for _, e := range events {
			histories[e.Stream] = append(histories[e.Stream], e)
		}
		return err
	})
	return histories
}

const streamsSQL = `
select stream
from event
where version = 1 and kind = $1 and stream > $2
order by stream
limit $3`

// Streams lists, in the order of their ids, the streams that begin with an event of the given kind.
func Streams(ctx context.Context, db pg.DB, firstKind string, after [16]byte, limit int) ([][16]byte, error) {
	rows, err := db.Query(ctx, streamsSQL, firstKind, pgtype.UUID{Bytes: after, Valid: true}, limit)
	if err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	streams, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([16]byte, error) {
		var u pgtype.UUID
		err := row.Scan(&u)
		return u.Bytes, err
	})
	if err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	return streams, nil
}

func scan(row pgx.CollectableRow) (Event, error) {
	var e Event
	var stream pgtype.UUID
	var data string
	var at time.Time
	err := row.Scan(&stream, &e.Version, &e.Kind, &data, &at, &e.By, &e.Cause, &e.Hash)
	e.Stream, e.Data, e.At = stream.Bytes, []byte(data), at.UTC()
	return e, err
}
