package event_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestAStepReadsWhatIsNew: with a plan that was made for no particular floor a step still goes by the indexes, however
// long the feed is.
func TestAStepReadsWhatIsNew(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.NewURL(t)) // as the owner, who may analyze
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, sql := range []string{
		`insert into event (stream, version, kind, data, by, cause, hash, tx)
		 select gen_random_uuid(), 1, 'order.placed', '{}', 'test', 'test', '', n::text::xid8 from generate_series(1, 20000) n`,
		`insert into event_feed (position, stream, version, settled) select row_number() over (), stream, version, tx from event`,
		`analyze`,
		`set plan_cache_mode = force_generic_plan`,
		`prepare step(text, int) as ` + event.SequenceSQL,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v: %.60s", err, sql)
		}
	}
	rows, err := conn.Query(t.Context(), `explain execute step('1000000', 2000)`, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if plan := strings.Join(lines, "\n"); strings.Contains(plan, "Seq Scan on event") || !strings.Contains(plan, "event_feed_stream_version_key") {
		t.Errorf("a step reads all there is:\n%s", plan)
	}
}
