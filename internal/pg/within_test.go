package pg_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/wharfhq/wharf/internal/pg"
)

func TestAPartOfATransactionFailsAlone(t *testing.T) {
	t.Parallel()
	pool := counters(t, "a", "b")
	set := func(tx pgx.Tx, name string, to int) error {
		_, err := tx.Exec(t.Context(), `update counter set value = $2 where name = $1`, name, to)
		return err
	}
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		failed := pg.Within(t.Context(), tx, func(tx pgx.Tx) error {
			if err := set(tx, "a", 7); err != nil {
				return err
			}
			return set(tx, "b", 100)
		})
		if !pg.IsCheck(failed, "") {
			t.Errorf("the part ends with %v", failed)
		}
		return pg.Within(t.Context(), tx, func(tx pgx.Tx) error { return set(tx, "b", 5) })
	})
	if a, b := value(t, pool, "a"), value(t, pool, "b"); err != nil || a != 0 || b != 5 {
		t.Errorf("a is %d, b %d, %v; want 0, 5", a, b, err)
	}
}
