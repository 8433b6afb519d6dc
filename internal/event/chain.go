package event

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/pg"
)

// hashAfter is the hash of an event over its predecessor's hash (empty for the first) and all that is stored of it.
// Each text is preceded by its length, so that no two different events are the same bytes.
func (e Event) hashAfter(previous []byte) []byte {
	h := sha256.New()
	number := func(n int64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // a bit pattern, not a quantity
		h.Write(b[:])
	}
	text := func(b []byte) {
		number(int64(len(b)))
		h.Write(b)
	}
	text(previous)
	h.Write(e.Stream[:])
	number(int64(e.Version))
	text([]byte(e.Kind))
	number(e.At.UnixMicro())
	text([]byte(e.By))
	text([]byte(e.Cause))
	text(e.Data)
	return h.Sum(nil)
}

// Break is a place where a stream is not what was appended.
type Break struct {
	Stream  [16]byte
	Version int
	Reason  string
}

// Verify recomputes the chain of one stream's events, which must be all of it from the first, in order. It returns
// the first break, or nil where every event follows from its predecessor.
func Verify(events []Event) *Break {
	var previous []byte
	for i, e := range events {
		switch {
		case e.Version != i+1:
			return &Break{e.Stream, i + 1, fmt.Sprintf("version %d stands where %d is expected", e.Version, i+1)}
		case !bytes.Equal(e.Hash, e.hashAfter(previous)):
			return &Break{e.Stream, e.Version, "the hash does not follow from the event and its predecessor"}
		}
		previous = e.Hash
	}
	return nil
}

const chainStreamsSQL = `
select distinct stream
from event
where stream > $1
order by stream
limit $2`

// VerifyAll recomputes the chain of every stream, some hundred streams at a time, and hands each break to found.
// It returns how many streams it has read.
func VerifyAll(ctx context.Context, db pg.DB, found func(Break) error) (int, error) {
	const batch = 500
	total, last := 0, pgtype.UUID{Valid: true}
	for {
		rows, err := db.Query(ctx, chainStreamsSQL, last, batch)
		if err != nil {
			return total, fmt.Errorf("list streams: %w", err)
		}
		streams, err := pgx.CollectRows(rows, pgx.RowTo[pgtype.UUID])
		if err != nil {
			return total, fmt.Errorf("list streams: %w", err)
		}
		if len(streams) == 0 {
			return total, nil
		}
		histories, err := readAll(ctx, db, streams)
		if err != nil {
			return total, err
		}
		for _, stream := range streams {
			if broken := Verify(histories[stream.Bytes]); broken != nil {
				if err := found(*broken); err != nil {
					return total, err
				}
			}
		}
		total, last = total+len(streams), streams[len(streams)-1]
	}
}
