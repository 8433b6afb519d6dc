package pg_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/pg"
)

func TestAfterCommit(t *testing.T) {
	t.Parallel()
	pool := counters(t, "a")
	var seen []int
	hint := func(tx pgx.Tx) {
		pg.AfterCommit(tx, func(sure bool) {
			if !sure {
				t.Error("a commit that was answered is said to be unsure")
			}
			seen = append(seen, value(t, pool, "a"))
		})
	}
	tries := 0
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		hint(tx)
		if tries++; tries == 1 {
			return &pgconn.PgError{Code: "40P01"} // the first try is rolled back, with its hint
		}
		return add(t.Context(), tx, "a")
	})
	if err != nil || tries != 2 || len(seen) != 1 || seen[0] != 1 {
		t.Errorf("after %d tries the hints saw %v, %v; want one that sees what was committed", tries, seen, err)
	}
	refused := errors.New("no")
	err = pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		hint(tx)
		return refused
	})
	if !errors.Is(err, refused) || len(seen) != 1 {
		t.Errorf("a transaction that was rolled back hinted: %v, %v", seen, err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if hint(tx); len(seen) != 2 {
		t.Errorf("in somebody else's transaction nothing was hinted: %v", seen)
	}
}
