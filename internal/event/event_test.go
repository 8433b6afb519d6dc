package event_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// said is an event that says one thing.
type said struct {
	Text string `json:"text"`
}

func (said) Kind() string { return "test.said" }

// open gives a database as the shop's role sees it, and a connection of its owner.
func open(t *testing.T) (*pgxpool.Pool, *pgx.Conn) {
	t.Helper()
	url := pgtest.NewURL(t)
	pool, err := pg.Open(t.Context(), pg.Config{URL: url, MaxConns: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	return pool, owner
}

func appendAfter(t *testing.T, pool *pgxpool.Pool, log *event.Log, stream [16]byte, after int, texts ...string) ([]event.Event, error) {
	t.Helper()
	var events []event.Event
	data := make([]event.Data, len(texts))
	for i, text := range texts {
		data[i] = said{text}
	}
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) (err error) {
		events, err = log.Append(t.Context(), tx, stream, after, "system", "test", data...)
		return err
	})
	return events, err
}

func mustAppend(t *testing.T, pool *pgxpool.Pool, log *event.Log, stream [16]byte, after int, texts ...string) []event.Event {
	t.Helper()
	events, err := appendAfter(t, pool, log, stream, after, texts...)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func history(t *testing.T, pool *pgxpool.Pool, stream [16]byte) []event.Event {
	t.Helper()
	events, err := event.Read(t.Context(), pool, stream, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestWhatIsAppendedIsReadBackAsItWasStored(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log, stream := event.New(), id.New()
	before := time.Now().Add(-time.Minute)
	appended := mustAppend(t, pool, log, stream, 0, `a <b> & "c" ü \u0000`, "two")
	appended = append(appended, mustAppend(t, pool, log, stream, 2, "three")...)
	read := history(t, pool, stream)
	if len(read) != 3 {
		t.Fatalf("%d events, want 3", len(read))
	}
	for i, e := range read {
		if e.Version != i+1 || e.Kind != "test.said" || e.By != "system" || e.Cause != "test" || e.Stream != stream {
			t.Errorf("event %d is %+v", i+1, e)
		}
		if !bytes.Equal(e.Data, appended[i].Data) || !bytes.Equal(e.Hash, appended[i].Hash) || !e.At.Equal(appended[i].At) {
			t.Errorf("event %d was read as %s at %s, stored as %s at %s", i+1, e.Data, e.At, appended[i].Data, appended[i].At)
		}
		if e.At.Before(before) || e.At.Location() != time.UTC {
			t.Errorf("event %d happened at %s", i+1, e.At)
		}
	}
	if broken := event.Verify(read); broken != nil {
		t.Errorf("the chain is broken: %+v", broken)
	}
	if tail, err := event.Read(t.Context(), pool, stream, 1, 1); err != nil || len(tail) != 1 || tail[0].Version != 2 {
		t.Errorf("one event after version 1 is %+v, %v", tail, err)
	}
}

func TestAWriterWhoHasNotSeenTheLastVersionIsRefused(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log, stream := event.New(), id.New()
	mustAppend(t, pool, log, stream, 0, "one", "two")
	for _, after := range []int{0, 1, 3} {
		_, err := appendAfter(t, pool, log, stream, after, "late")
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Conflict || f.Data["currentVersion"] != 2 {
			t.Errorf("after version %d: %v, %+v", after, err, f)
		}
	}
	if got := len(history(t, pool, stream)); got != 2 {
		t.Errorf("%d events after refused writes, want 2", got)
	}
}

func TestOfManyWritersAtOnceOneWins(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log, stream := event.New(), id.New()
	const rounds, writers = 5, 8
	for round := range rounds {
		var won, refused atomic.Int32
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				switch _, err := appendAfter(t, pool, log, stream, round, "mine"); {
				case err == nil:
					won.Add(1)
				case fault.IsKind(err, fault.Conflict):
					refused.Add(1)
				default:
					t.Errorf("append: %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || refused.Load() != writers-1 {
			t.Fatalf("round %d: %d won, %d were refused", round, won.Load(), refused.Load())
		}
	}
	events := history(t, pool, stream)
	if len(events) != rounds || event.Verify(events) != nil {
		t.Errorf("%d events, break %+v", len(events), event.Verify(events))
	}
}

func TestManyStreamsAreAppendedAtOnce(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log := event.New()
	var calls [][]event.Event
	log.Connect(func(_ context.Context, _ pgx.Tx, _ *pgx.Batch, events []event.Event) error {
		calls = append(calls, events)
		return nil
	})
	old, fresh := id.New(), id.New()
	mustAppend(t, pool, log, old, 0, "one")
	calls = nil
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := log.AppendAll(t.Context(), tx, []event.Entry{
			{Stream: fresh, By: "shopper", Cause: "a", Data: []event.Data{said{"x"}, said{"y"}}},
			{Stream: old, After: 1, By: "system", Cause: "b", Data: []event.Data{said{"two"}}},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) != 1 || len(calls[0]) != 3 || calls[0][1].Version != 2 || calls[0][2].Stream != old {
		t.Errorf("the follower was called with %+v", calls)
	}
	all, err := event.ReadAll(t.Context(), pool, [][16]byte{old, fresh})
	if err != nil {
		t.Fatal(err)
	}
	for stream, want := range map[[16]byte]int{old: 2, fresh: 2} {
		if got := all[stream]; len(got) != want || event.Verify(got) != nil {
			t.Errorf("stream %x has %d events, break %+v", stream, len(got), event.Verify(got))
		}
	}
}

func TestAFollowerThatFailsTakesTheEventsBack(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log, stream := event.New(), id.New()
	broken := errors.New("no job today")
	log.Connect(func(context.Context, pgx.Tx, *pgx.Batch, []event.Event) error { return broken })
	if _, err := appendAfter(t, pool, log, stream, 0, "one"); !errors.Is(err, broken) {
		t.Fatalf("append: %v", err)
	}
	if got := history(t, pool, stream); len(got) != 0 {
		t.Errorf("%d events are there all the same", len(got))
	}
}

func TestEventsAreAppendOnly(t *testing.T) {
	t.Parallel()
	pool, owner := open(t)
	stream := id.New()
	mustAppend(t, pool, event.New(), stream, 0, "one")
	for _, table := range []string{"event", "event_feed"} {
		for _, statement := range []string{
			"update " + table + " set version = version",
			"delete from " + table,
			"truncate " + table,
		} {
			if _, err := pool.Exec(t.Context(), statement); pg.SQLState(err) != "42501" {
				t.Errorf("the shop's role ran %q: %v", statement, err)
			}
			if table == "event_feed" && !strings.HasPrefix(statement, "truncate") {
				continue // it is empty here, and the trigger speaks for each row
			}
			if _, err := owner.Exec(t.Context(), statement); pg.SQLState(err) != "23000" {
				t.Errorf("the owner ran %q: %v", statement, err)
			}
		}
	}
	if got := history(t, pool, stream); len(got) != 1 {
		t.Errorf("%d events, want 1", len(got))
	}
}

func TestTamperingBreaksTheChain(t *testing.T) {
	t.Parallel()
	for name, tamper := range map[string]struct {
		statement string
		version   int
	}{
		"data":        {"update event set data = '{\"text\":\"2\"}' where version = 2", 2},
		"only spaces": {"update event set data = '{\"text\": \"two\"}' where version = 2", 2},
		"time":        {"update event set at = at - interval '1 microsecond' where version = 1", 1},
		"who":         {"update event set by = 'shopper' where version = 3", 3},
		"why":         {"update event set cause = 'nothing' where version = 3", 3},
		"kind":        {"update event set kind = 'test.sung' where version = 2", 2},
		"hash":        {"update event set hash = sha256('x') where version = 1", 1},
		"removed":     {"delete from event where version = 2", 2},
		"first gone":  {"delete from event where version = 1", 1},
		"swapped":     {"update event set version = 5 - version where version in (2, 3)", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, owner := open(t)
			log, stream, other := event.New(), id.New(), id.New()
			mustAppend(t, pool, log, stream, 0, "one", "two", "three")
			mustAppend(t, pool, log, other, 0, "one")
			tx, err := owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if name == "swapped" {
				if _, err := tx.Exec(t.Context(), "alter table event drop constraint event_pkey"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := tx.Exec(t.Context(), "alter table event disable trigger user"); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), tamper.statement+" and stream = $1", stream); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			var breaks []event.Break
			n, err := event.VerifyAll(t.Context(), pool, func(b event.Break) error {
				breaks = append(breaks, b)
				return nil
			})
			if err != nil || n != 2 {
				t.Fatalf("verified %d streams: %v", n, err)
			}
			if len(breaks) != 1 || breaks[0].Stream != stream || breaks[0].Version != tamper.version {
				t.Errorf("found %+v, want a break at version %d", breaks, tamper.version)
			}
		})
	}
}

func TestStreamsAreListedByTheirFirstEvent(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log := event.New()
	var want [][16]byte
	for range 5 {
		stream := id.New()
		mustAppend(t, pool, log, stream, 0, "one", "two")
		want = append(want, stream)
	}
	var got [][16]byte
	var last [16]byte
	for {
		page, err := event.Streams(t.Context(), pool, "test.said", last, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		got, last = append(got, page...), page[len(page)-1]
	}
	if len(got) != len(want) {
		t.Fatalf("%d streams, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("stream %d is %x, want %x", i, got[i], want[i])
		}
	}
}
