package position_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/position"
)

func follow(t *testing.T, f *position.Follower) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { f.Run(ctx) })
	stop = func() { cancel(); done.Wait() }
	t.Cleanup(stop)
	return stop
}

// until waits for what the follower brings about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); {
		if time.Now().After(end) {
			t.Fatal(what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAFollowerHearsOfEachCommit(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	f := position.NewFollower(pool, slog.New(slog.DiscardHandler))
	if _, ok := f.Known(); ok {
		t.Error("something is known before anybody has asked")
	}
	stop := follow(t, f)
	until(t, "nothing is known", func() bool { _, ok := f.Known(); return ok })
	for want := int64(1); want <= 3; want++ {
		err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			_, err := position.Advance(t.Context(), tx, position.Content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		until(t, "a commit was not heard of", func() bool { known, ok := f.Known(); return ok && known.At[position.Content] == want })
	}
	// Whoever else has read more counts, and nobody can make it know less.
	f.Saw(map[position.Realm]int64{position.Content: 2, position.Catalog: 1})
	if known, _ := f.Known(); known.At[position.Content] != 3 || known.At[position.Catalog] != 1 || known.Line != 0 {
		t.Errorf("%+v is known", known)
	}
	stop()
	until(t, "what is long ago still counts", func() bool { _, ok := f.Known(); return !ok })
}

// TestPositionsThatGoBackAreAnotherLine, as those of a restored backup do.
func TestPositionsThatGoBackAreAnotherLine(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := pool.Exec(t.Context(), `insert into realm_position (realm, position) values ('catalog', 90)`); err != nil {
		t.Fatal(err)
	}
	f := position.NewFollower(pool, slog.New(slog.DiscardHandler))
	follow(t, f)
	until(t, "nothing is known", func() bool { known, ok := f.Known(); return ok && known.At[position.Catalog] == 90 })
	if _, err := pool.Exec(t.Context(), `update realm_position set position = 80`); err != nil {
		t.Fatal(err)
	}
	until(t, "the other line is not seen", func() bool {
		known, _ := f.Known()
		return known.Line == 1 && known.At[position.Catalog] == 80
	})
}
