package inventory_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestShelvesAreFoundByTheirVariants in a shop of many shelves and a handful of locations, of which PostgreSQL never counted
// so few: with a plan for any number of variants, and with one for these.
func TestShelvesAreFoundByTheirVariants(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.NewURL(t)) // as the owner, who may analyze
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, sql := range []string{
		`set session_replication_role = replica`, // shelves alone, of no goods
		`set random_page_cost = 1.1`,             // as the pools have it
		`insert into stock_level (variant_id, location_id, on_hand)
		 select gen_random_uuid(), gen_random_uuid(), 1 from generate_series(1, 25000)`,
		`analyze stock_level`,
		`prepare shelves(uuid[], uuid[], uuid[]) as ` + inventory.LockShelvesSQL,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v: %.60s", err, sql)
		}
	}
	for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
		if _, err := conn.Exec(t.Context(), `set plan_cache_mode = `+mode); err != nil {
			t.Fatal(err)
		}
		const explainSQL = `explain execute shelves(array[gen_random_uuid()], '{}', '{}')`
		rows, err := conn.Query(t.Context(), explainSQL, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(lines, "\n"); strings.Contains(plan, "Seq Scan on stock_level") || !strings.Contains(plan, "Index Cond: (variant_id = ANY") {
			t.Errorf("%s reads all shelves:\n%s", mode, plan)
		}
	}
}
