package event_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

func sequencer(log *event.Log, pool *pgxpool.Pool) *event.Sequencer {
	return event.NewSequencer(log, pool, slog.New(slog.DiscardHandler))
}

func step(t *testing.T, s *event.Sequencer, want int) {
	t.Helper()
	if got, err := s.Step(t.Context()); err != nil || got != want {
		t.Fatalf("the step gave %d places, want %d: %v", got, want, err)
	}
}

// checkFeed holds that positions are 1..n, that each event is there once, and that each stream's versions rise.
func checkFeed(t *testing.T, pool *pgxpool.Pool, want int) []event.Placed {
	t.Helper()
	feed, err := event.Feed(t.Context(), pool, 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if len(feed) != want {
		t.Fatalf("the feed has %d events, want %d", len(feed), want)
	}
	versions := map[[16]byte]int{}
	for i, e := range feed {
		if e.Position != int64(i+1) {
			t.Fatalf("position %d follows on %d", e.Position, i)
		}
		if e.Version != versions[e.Stream]+1 {
			t.Fatalf("at position %d version %d of a stream follows on %d", e.Position, e.Version, versions[e.Stream])
		}
		versions[e.Stream] = e.Version
	}
	return feed
}

func TestSequencer(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log := event.New()
	s := sequencer(log, pool)
	step(t, s, 0)
	a, b := id.New(), id.New()
	mustAppend(t, pool, log, a, 0, "1", "2")
	mustAppend(t, pool, log, b, 0, "1")
	step(t, s, 3)
	step(t, s, 0)
	mustAppend(t, pool, log, a, 2, "3")
	step(t, s, 1)
	feed := checkFeed(t, pool, 4)
	if feed[3].Stream != a || feed[3].Version != 3 || string(feed[3].Data) != `{"text":"3"}` {
		t.Errorf("the last of the feed is %+v", feed[3])
	}
	changed, head, err := event.Changed(t.Context(), pool, 1)
	if err != nil || head != 4 || len(changed) != 2 || changed[a] != 3 || changed[b] != 1 {
		t.Errorf("changed since position 1: %v up to %d, %v", changed, head, err)
	}
	if head, err := event.Head(t.Context(), pool); err != nil || head != 4 {
		t.Errorf("the head is %d: %v", head, err)
	}
}

// A transaction that commits late must not be overlooked, nor hold the others up, whatever ids were given to it first.
func TestSequencerWaitsForNobodyAndForgetsNobody(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log := event.New()
	s := sequencer(log, pool)
	late, early, gone := id.New(), id.New(), id.New()

	slow, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), slow, late, 0, "system", "test", said{"late"}); err != nil {
		t.Fatal(err)
	}
	lost, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), lost, gone, 0, "system", "test", said{"gone"}); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, pool, log, early, 0, "1", "2")
	step(t, s, 2)
	if err := lost.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, pool, log, early, 2, "3")
	step(t, s, 1)
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	step(t, s, 1)
	feed := checkFeed(t, pool, 4)
	if feed[3].Stream != late {
		t.Errorf("the late event stands at %+v", feed)
	}

	// A sequencer that starts anew goes on where the last one was.
	mustAppend(t, pool, log, late, 1, "2")
	step(t, sequencer(log, pool), 1)
	step(t, s, 0)
	checkFeed(t, pool, 5)
}

// The writer with the older transaction may append the newer version: it waited for the lock.
func TestSequencerKeepsVersionsInOrderAcrossTransactions(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log, stream := event.New(), id.New()
	s := sequencer(log, pool)
	older, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := older.Exec(t.Context(), "select pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, pool, log, stream, 0, "1")
	if _, err := log.Append(t.Context(), older, stream, 1, "system", "test", said{"2"}); err != nil {
		t.Fatal(err)
	}
	if err := older.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	step(t, s, 2)
	checkFeed(t, pool, 2)
}

// A database restored into another server holds transaction ids from the future.
func TestSequencerAfterARestore(t *testing.T) {
	t.Parallel()
	pool, owner := open(t)
	log, restored, unplaced := event.New(), id.New(), id.New()
	mustAppend(t, pool, log, restored, 0, "1")
	step(t, sequencer(log, pool), 1)
	mustAppend(t, pool, log, unplaced, 0, "1")
	for _, statement := range []string{
		"alter table event disable trigger user", "alter table event_feed disable trigger user",
		"update event set tx = '99999999999'", "update event_feed set settled = '99999999999'",
		"alter table event enable trigger user", "alter table event_feed enable trigger user",
	} {
		if _, err := owner.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s := sequencer(log, pool)
	mustAppend(t, pool, log, restored, 1, "2")
	step(t, s, 2)
	mustAppend(t, pool, log, unplaced, 1, "2")
	step(t, s, 1)
	step(t, sequencer(log, pool), 0)
	checkFeed(t, pool, 4)
}

func TestManySequencersAndWriters(t *testing.T) {
	t.Parallel()
	pool, _ := open(t)
	log := event.New()
	running, stop := context.WithCancel(t.Context())
	var sequencers, writers sync.WaitGroup
	for range 3 {
		sequencers.Go(func() { sequencer(log, pool).Run(running) })
	}
	const streams, versions = 6, 15
	for w := range streams {
		stream := id.New()
		writers.Go(func() {
			for v := range versions {
				err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
					if _, err := log.Append(t.Context(), tx, stream, v, "system", "test", said{"x"}); err != nil {
						return err
					}
					_, err := tx.Exec(t.Context(), "select pg_sleep($1)", float64((w*v)%5)/1000)
					return err
				})
				if err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	writers.Wait()
	deadline := time.Now().Add(20 * time.Second)
	for head := int64(0); head < streams*versions; {
		var err error
		if head, err = event.Head(t.Context(), pool); err != nil || time.Now().After(deadline) {
			t.Fatalf("the feed stands at %d: %v", head, err)
		}
	}
	stop()
	sequencers.Wait()
	checkFeed(t, pool, streams*versions)
}

func TestSequencerHintsOnceForEachStep(t *testing.T) {
	t.Parallel()
	pool, owner := open(t)
	log := event.New()
	s := sequencer(log, pool)
	if _, err := owner.Exec(t.Context(), event.ListenCommand); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, pool, log, id.New(), 0, "1", "2")
	mustAppend(t, pool, log, id.New(), 0, "1")
	step(t, s, 3)
	step(t, s, 0)
	if _, err := owner.WaitForNotification(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Exec(t.Context(), "select pg_notify('wharf_event', 'end')"); err != nil {
		t.Fatal(err)
	}
	n, err := owner.WaitForNotification(t.Context())
	if err != nil || n.Payload != "end" {
		t.Errorf("a second hint came: %+v, %v", n, err)
	}
}
