package shoptest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/pg"
)

// recount gives the ledger what it lacks of the shelves.
const recount = `
insert into stock_movement (id, variant_id, location_id, delta, cause_kind, cause_id, by)
select ('00000000-' || substr(gen_random_uuid()::text, 10))::uuid, coalesce(l.variant_id, m.variant_id), coalesce(l.location_id, m.location_id),
       coalesce(l.on_hand, 0) - coalesce(m.units, 0), 'test', gen_random_uuid()::text, 'system'
from stock_level l
full join (select variant_id, location_id, sum(delta) as units from stock_movement group by variant_id, location_id) m
  on m.variant_id = l.variant_id and m.location_id = l.location_id
where coalesce(l.on_hand, 0) <> coalesce(m.units, 0)`

// Shelve puts units on shelves or takes them off by a statement of the test's, with the lines in the ledger without which
// the database takes none. They stand before all that the shop writes itself.
func Shelve(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	err := pg.InTx(context.WithoutCancel(t.Context()), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(context.WithoutCancel(t.Context()), sql, args...); err != nil {
			return err
		}
		_, err := tx.Exec(context.WithoutCancel(t.Context()), recount)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
