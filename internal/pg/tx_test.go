package pg_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// counters opens a database with a table of named counters, all at zero.
func counters(t *testing.T, names ...string) *pgxpool.Pool {
	t.Helper()
	pool := openAs(t, pgtest.Empty(t), nil)
	mustExec(t, pool, `create table counter (name text primary key, value int not null check (value < 100))`)
	for _, name := range names {
		mustExec(t, pool, `insert into counter values ($1, 0)`, name)
	}
	return pool
}

func openAs(t *testing.T, url string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	if dial != nil {
		config.ConnConfig.DialFunc = dial
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func mustExec(t *testing.T, db pg.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func value(t *testing.T, db pg.DB, name string) int {
	t.Helper()
	var found int
	if err := db.QueryRow(context.WithoutCancel(t.Context()), `select value from counter where name = $1`, name).Scan(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

func add(ctx context.Context, tx pgx.Tx, name string) error {
	_, err := tx.Exec(ctx, `update counter set value = value + 1 where name = $1`, name)
	return err
}

// idle fails unless every connection of the pool was given back.
func idle(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	if got := pool.Stat().AcquiredConns(); got != 0 {
		t.Errorf("%d connections are still out", got)
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	pool := counters(t, "a")
	ctx := t.Context()

	t.Run("commits", func(t *testing.T) {
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return add(ctx, tx, "a") }); err != nil {
			t.Fatal(err)
		}
		if got := value(t, pool, "a"); got != 1 {
			t.Errorf("value %d, want 1", got)
		}
	})
	t.Run("rolls back and passes the error on", func(t *testing.T) {
		refused := errors.New("refused")
		runs := 0
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			runs++
			return errors.Join(add(ctx, tx, "a"), refused)
		})
		if !errors.Is(err, refused) || runs != 1 {
			t.Errorf("error %v after %d runs", err, runs)
		}
		if got := value(t, pool, "a"); got != 1 {
			t.Errorf("value %d, want 1", got)
		}
	})
	t.Run("rolls back a panic", func(t *testing.T) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
				_ = add(ctx, tx, "a")
				panic("broken")
			})
		}()
		if got := value(t, pool, "a"); got != 1 {
			t.Errorf("value %d, want 1", got)
		}
		idle(t, pool)
	})
	t.Run("a caller that has gone gets nothing committed", func(t *testing.T) {
		gone, leave := context.WithCancel(ctx)
		err := pg.InTx(gone, pool, func(tx pgx.Tx) error {
			defer leave()
			return add(gone, tx, "a")
		})
		if !errors.Is(err, context.Canceled) || errors.Is(err, pg.ErrCommitUnknown) {
			t.Errorf("got %v", err)
		}
		if got := value(t, pool, "a"); got != 1 {
			t.Errorf("value %d, want 1", got)
		}
		idle(t, pool)
	})
	t.Run("a caller that leaves in the middle of a statement keeps no lock", func(t *testing.T) {
		gone, leave := context.WithCancel(ctx)
		err := pg.InTx(gone, pool, func(tx pgx.Tx) error {
			if err := add(gone, tx, "a"); err != nil {
				return err
			}
			leave()
			_, err := tx.Exec(gone, `select pg_sleep(60)`)
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return add(ctx, tx, "a") }); err != nil {
			t.Error(err)
		}
		if got := value(t, pool, "a"); got != 2 {
			t.Errorf("value %d, want 2", got)
		}
	})
	t.Run("an error that fn swallowed is not called success", func(t *testing.T) {
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			_ = add(ctx, tx, "a")
			_, _ = tx.Exec(ctx, `select 1 / 0`)
			return nil
		})
		if !errors.Is(err, pgx.ErrTxCommitRollback) || errors.Is(err, pg.ErrCommitUnknown) {
			t.Errorf("got %v", err)
		}
		if got := value(t, pool, "a"); got != 2 {
			t.Errorf("value %d, want 2", got)
		}
	})
	t.Run("reads only, when asked to", func(t *testing.T) {
		err := pg.InTxOptions(ctx, pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error { return add(ctx, tx, "a") })
		if pg.SQLState(err) != "25006" {
			t.Errorf("got %v", err)
		}
	})
}

func TestInTx_runs_again(t *testing.T) {
	t.Parallel()
	ctx := t.Context()

	t.Run("after a deadlock, until both are through", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a", "b")
		mustExec(t, pool, `alter database `+pgx.Identifier{pool.Config().ConnConfig.Database}.Sanitize()+` set deadlock_timeout = '20ms'`)
		pool.Reset()
		var both sync.WaitGroup
		var runs atomic.Int32
		met := make(chan struct{}, 2)
		for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
			both.Go(func() {
				first := true
				err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
					runs.Add(1)
					if err := add(ctx, tx, order[0]); err != nil {
						return err
					}
					if first {
						// Both hold their first row before either asks for its second.
						first = false
						met <- struct{}{}
						for len(met) < 2 {
							time.Sleep(time.Millisecond)
						}
					}
					return add(ctx, tx, order[1])
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if a, b := value(t, pool, "a"), value(t, pool, "b"); a != 2 || b != 2 {
			t.Errorf("values %d and %d, want 2 and 2", a, b)
		}
		if got := runs.Load(); got < 3 {
			t.Errorf("%d runs: there was no deadlock to survive", got)
		}
	})

	t.Run("after serialization failures, losing nothing", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a")
		options := pgx.TxOptions{IsoLevel: pgx.Serializable}
		var all sync.WaitGroup
		var done atomic.Int32
		for range 4 {
			all.Go(func() {
				err := pg.InTxOptions(ctx, pool, options, func(tx pgx.Tx) error {
					var now int
					if err := tx.QueryRow(ctx, `select value from counter where name = 'a'`).Scan(&now); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, `update counter set value = $1 where name = 'a'`, now+1)
					return err
				})
				switch {
				case err == nil:
					done.Add(1)
				case !pg.IsRetryable(err):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := value(t, pool, "a"); got != int(done.Load()) || got == 0 {
			t.Errorf("value %d after %d successes", got, done.Load())
		}
	})

	t.Run("five times at most", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a")
		runs := 0
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			runs++
			_, err := tx.Exec(ctx, `do $$ begin raise exception 'again' using errcode = '40001'; end $$`)
			return err
		})
		if runs != 5 || !pg.IsRetryable(err) {
			t.Errorf("%d runs, then %v", runs, err)
		}
	})

	t.Run("on another connection when one died in the pool", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a")
		var killed bool
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			return tx.QueryRow(ctx, `select true`).Scan(&killed)
		}); err != nil {
			t.Fatal(err)
		}
		admin := openAs(t, pool.Config().ConnString(), nil)
		mustExec(t, admin, `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return add(ctx, tx, "a") }); err != nil {
			t.Error(err)
		}
		if got := value(t, pool, "a"); got != 1 {
			t.Errorf("value %d, want 1", got)
		}
	})
}

// deafConn loses the answer to a commit: the server has it, we never hear.
type deafConn struct {
	net.Conn
	deaf atomic.Bool
}

func (c *deafConn) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte("commit")) {
		c.deaf.Store(true)
	}
	return c.Conn.Write(text)
}

func (c *deafConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if c.deaf.Load() {
		return 0, errors.Join(net.ErrClosed, c.Close())
	}
	return n, err
}

func TestInTx_commit(t *testing.T) {
	t.Parallel()
	ctx := t.Context()

	t.Run("whose answer is lost is unknown, and is not run again", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a")
		deaf := openAs(t, pool.Config().ConnString(), func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return &deafConn{Conn: conn}, err
		})
		runs := 0
		err := pg.InTx(ctx, deaf, func(tx pgx.Tx) error {
			runs++
			return add(ctx, tx, "a")
		})
		if !errors.Is(err, pg.ErrCommitUnknown) || runs != 1 {
			t.Errorf("error %v after %d runs", err, runs)
		}
		if got := value(t, pool, "a"); got != 1 {
			t.Errorf("value %d: the server had committed", got)
		}
	})

	t.Run("of a session that is shut down is unknown", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a")
		mustExec(t, pool, `create function end_session() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`)
		mustExec(t, pool, `create constraint trigger late after update on counter deferrable initially deferred for each row execute function end_session()`)
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return add(ctx, tx, "a") })
		if !errors.Is(err, pg.ErrCommitUnknown) || pg.SQLState(err) != "57P01" {
			t.Errorf("got %v", err)
		}
		if got := value(t, pool, "a"); got != 0 {
			t.Errorf("value %d, want 0", got)
		}
	})

	t.Run("that a late constraint refuses has failed for sure", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a")
		mustExec(t, pool, `create table line (counter text references counter (name) deferrable initially deferred)`)
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `insert into line values ('absent')`)
			return err
		})
		if errors.Is(err, pg.ErrCommitUnknown) || !pg.IsForeignKey(err, "line_counter_fkey") {
			t.Errorf("got %v", err)
		}
	})

	t.Run("that could not be sent has failed for sure", func(t *testing.T) {
		t.Parallel()
		pool := counters(t, "a")
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			if err := add(ctx, tx, "a"); err != nil {
				return err
			}
			return tx.Conn().Close(ctx)
		})
		if err == nil || errors.Is(err, pg.ErrCommitUnknown) {
			t.Errorf("got %v", err)
		}
		if got := value(t, pool, "a"); got != 0 {
			t.Errorf("value %d, want 0", got)
		}
	})
}
