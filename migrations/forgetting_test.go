package migrations_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestDown_goes_on_forgetting: what a provider keeps for nobody is known to the shop alone, so the version before it has to forget
// it as well. What is forgotten already is of no use to that version.
func TestDown_goes_on_forgetting(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	up(t, database)
	conn := connect(t, database)
	run(t, conn, `
insert into payment_stored_method (id, provider, ref, label, deleted_at, due_at)
values (gen_random_uuid(), 'test', 'still there', '', now(), now()), (gen_random_uuid(), 'test', null, '', now(), null)`)
	before(t, database, "000354_payment_method_of_nobody")
	var ref string
	var due bool
	err := conn.QueryRow(t.Context(), `select ref, customer_id is not null and due_at is not null from payment_stored_method`).Scan(&ref, &due)
	if err != nil || ref != "still there" || !due {
		t.Errorf("to be forgotten is %q (%t), %v", ref, due, err)
	}
	var rows int
	if err := conn.QueryRow(t.Context(), `select count(*) from payment_stored_method`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("there are %d, %v", rows, err)
	}
	up(t, database)
}
