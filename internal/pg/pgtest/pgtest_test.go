package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func value[T any](t *testing.T, db pg.DB, sql string, args ...any) T {
	t.Helper()
	rows, err := db.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return found
}

func TestNew(t *testing.T) {
	t.Parallel()
	one, two := pgtest.New(t), pgtest.New(t)
	for _, pool := range []*pgxpool.Pool{one, two} {
		if got := value[string](t, pool, `select current_user::text`); got != pg.AppRole {
			t.Errorf("works as %s, want %s", got, pg.AppRole)
		}
		if got := value[int](t, pool, `select count(*) from event`); got != 0 {
			t.Errorf("a fresh database has %d events", got)
		}
	}
	if a, b := value[string](t, one, `select current_database()::text`), value[string](t, two, `select current_database()::text`); a == b {
		t.Errorf("two tests share the database %s", a)
	}
}

func TestNew_goes_away_with_its_test(t *testing.T) {
	t.Parallel()
	watch := pgtest.New(t)
	var name string
	t.Run("a test", func(t *testing.T) {
		pool := pgtest.New(t)
		name = value[string](t, pool, `select current_database()::text`)
		// What the test left running on its database does not keep it.
		conn, err := pgx.Connect(t.Context(), pgtest.NewURL(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	})
	if got := value[int](t, watch, `select count(*) from pg_database where datname = $1`, name); got != 0 {
		t.Errorf("the database %s is still there", name)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if got := value[int](t, conn, `select count(*) from pg_class where relnamespace = 'public'::regnamespace`); got != 0 {
		t.Errorf("an empty database has %d relations", got)
	}
}
