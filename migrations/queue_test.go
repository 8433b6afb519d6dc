package migrations_test

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

const queueIndexesSQL = `
select c.relname || case when i.indisvalid then '' else ' (broken)' end
from pg_index i
join pg_class c on c.oid = i.indexrelid
where i.indrelid = 'river.river_job'::regclass
order by 1`

func TestUp_gives_the_queue_the_indexes_that_it_needs(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	up(t, database)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	indexes := func() []string {
		t.Helper()
		rows, err := conn.Query(ctx, queueIndexesSQL)
		if err != nil {
			t.Fatal(err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	want := []string{
		"river_job_kind", "river_job_pkey", "river_job_prioritized_fetching_index",
		"river_job_state_and_finalized_at_index", "river_job_unique_idx", "wharf_job_order_id_idx",
	}
	if got := indexes(); !slices.Equal(got, want) {
		t.Fatalf("the queue has %q, want %q", got, want)
	}

	// A process that dies while it builds an index leaves one that nothing may be read from.
	const breakSQL = `update pg_index set indisvalid = false where indexrelid = 'river.wharf_job_order_id_idx'::regclass`
	if _, err := conn.Exec(ctx, breakSQL); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(indexes(), "wharf_job_order_id_idx (broken)") {
		t.Fatal("the index is not broken, so nothing would be proven")
	}
	up(t, database)
	if got := indexes(); !slices.Equal(got, want) {
		t.Errorf("after the next start the queue has %q, want %q", got, want)
	}
}
