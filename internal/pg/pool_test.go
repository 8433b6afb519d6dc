package pg_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func open(t *testing.T, config pg.Config) *pgxpool.Pool {
	t.Helper()
	pool, err := pg.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func setting(t *testing.T, db pg.DB, name string) string {
	t.Helper()
	var found string
	if err := db.QueryRow(t.Context(), `select current_setting($1)`, name).Scan(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestOpen_bounds_every_wait(t *testing.T) {
	t.Parallel()
	url := pgtest.NewURL(t)
	pool := open(t, pg.Config{URL: url, StatementTimeout: time.Minute})
	for name, want := range map[string]string{
		"statement_timeout": "1min", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "5s",
		"application_name": "wharf", "timezone": "UTC", "role": "wharf_app",
	} {
		if got := setting(t, pool, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got, want := pool.Config().MaxConns, pg.DefaultMaxConns(); got != want {
		t.Errorf("at most %d connections, want %d", got, want)
	}
	if got := open(t, pg.Config{URL: url, MaxConns: 3}).Config().MaxConns; got != 3 {
		t.Errorf("at most %d connections, want 3", got)
	}
}

func TestOpen_takes_the_role_it_may(t *testing.T) {
	t.Parallel()
	url := pgtest.NewURL(t)
	for name, role := range map[string]string{"unknown": "nobody_has_this_name", "reserved": "pg_database_owner"} {
		pool := open(t, pg.Config{URL: url, Role: role})
		var user string
		if err := pool.QueryRow(t.Context(), `select current_user`).Scan(&user); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"unknown": "wharf", "reserved": "pg_database_owner"}[name]
		if user != want {
			t.Errorf("%s role: works as %s, want %s", name, user, want)
		}
	}
}

func TestOpen_keeps_ledgers_from_us(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, sql := range []string{
		`update event_feed set version = 2`, `delete from event_feed`, `truncate event_feed`,
		`update event set kind = 'x'`, `delete from event`, `truncate event`,
	} {
		if _, err := pool.Exec(t.Context(), sql); pg.SQLState(err) != "42501" {
			t.Errorf("%s: got %v, want insufficient privilege", sql, err)
		}
	}
}

func TestOpen_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	if _, err := pg.Open(t.Context(), pg.Config{URL: "postgres://%zz"}); err == nil || !strings.Contains(err.Error(), "read the database URL") {
		t.Errorf("got %v", err)
	}
	_, err := pg.Open(t.Context(), pg.Config{URL: "postgres://wharf@/x?host=" + t.TempDir()})
	if !pg.IsUnreachable(err) {
		t.Errorf("got %v, want unreachable", err)
	}
}

func TestIsLockTimeout(t *testing.T) {
	t.Parallel()
	holder := counters(t, "a")
	waiter := open(t, pg.Config{URL: holder.Config().ConnString(), LockTimeout: 10 * time.Millisecond, Role: "wharf"})
	ctx := t.Context()
	err := pg.InTx(ctx, holder, func(tx pgx.Tx) error {
		if err := add(ctx, tx, "a"); err != nil {
			return err
		}
		_, err := waiter.Exec(ctx, `update counter set value = 2`)
		if !pg.IsLockTimeout(err) || pg.IsStatementTimeout(err) {
			t.Errorf("got %v, want a lock timeout", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, holder, "a"); got != 1 {
		t.Errorf("value %d, want 1", got)
	}
}

func TestErrors_by_constraint(t *testing.T) {
	t.Parallel()
	pool := counters(t, "a")
	_, twice := pool.Exec(t.Context(), `insert into counter values ('a', 0)`)
	_, tooMuch := pool.Exec(t.Context(), `update counter set value = 100`)

	for _, test := range []struct {
		name string
		got  bool
		want bool
	}{
		{"unique, by name", pg.IsUnique(twice, "counter_pkey"), true},
		{"unique, any", pg.IsUnique(twice, ""), true},
		{"unique, another", pg.IsUnique(twice, "counter_value_key"), false},
		{"unique is no check", pg.IsCheck(twice, ""), false},
		{"check, by name", pg.IsCheck(tooMuch, "counter_value_check"), true},
		{"check is not unique", pg.IsUnique(tooMuch, ""), false},
		{"wrapped", pg.IsUnique(errors.Join(errors.New("place"), twice), "counter_pkey"), true},
		{"nil", pg.IsUnique(nil, ""), false},
		{"no rows", pg.IsNoRows(pgx.ErrNoRows), true},
		{"reachable", pg.IsUnreachable(twice), false},
		{"cut in the middle of an answer", pg.IsUnreachable(fmt.Errorf("read: %w", io.ErrUnexpectedEOF)), true},
		{"closed before the question", pg.IsUnreachable(fmt.Errorf("begin: %w", pgconn.ErrConnClosed)), true},
		{"not retryable", pg.IsRetryable(twice), false},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", test.name, test.got, test.want)
		}
	}
}

func TestCheckDurability(t *testing.T) {
	t.Parallel()
	// The tests' own server is fast and forgetful, which a shop must not be; that
	// a durable one passes is shown where one runs, in the embedded package.
	url := pgtest.Empty(t)
	err := pg.CheckDurability(t.Context(), openAs(t, url, nil))
	if err == nil || !strings.Contains(err.Error(), "fsync, full_page_writes off") {
		t.Errorf("got %v", err)
	}
	err = pg.CheckDurability(t.Context(), openAs(t, url+"&options=-csynchronous_commit%3Doff", nil))
	if err == nil || !strings.Contains(err.Error(), "fsync, full_page_writes, synchronous_commit off") {
		t.Errorf("got %v", err)
	}
}
