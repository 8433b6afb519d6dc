package jobs_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/jobs"
)

const insertedSQL = `
select to_jsonb(j) - array['id', 'created_at', 'scheduled_at'] || jsonb_build_object('waits', scheduled_at - created_at > '1 minute')
from river.river_job j
where kind = any($1)
order by id`

// TestJobsAreInsertedAsByRiver: the rows are those that River itself writes, and what is to be there once is.
func TestJobsAreInsertedAsByRiver(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	order := id.NewOrderID()
	args := []river.JobArgs{
		jobs.SendNotification{OrderID: order, Version: 2},
		jobs.ExpireOrder{OrderID: order, At: time.Now().Add(time.Hour)},
		jobs.AuthorizePayment{OrderID: order},
		jobs.AuthorizePayment{OrderID: order, At: time.Now().Add(time.Hour)},
		jobs.KeepAddress{OrderID: order},
		jobs.RefreshListing{},
	}
	kinds := make([]string, len(args))
	for i, a := range args {
		kinds[i] = a.Kind()
	}
	inserted := func(insert func(context.Context, pgx.Tx, ...river.JobArgs) error) (rows []map[string]any) {
		t.Helper()
		if err := pg.InTx(t.Context(), o.Pool, func(tx pgx.Tx) (err error) {
			if _, err := tx.Exec(t.Context(), `delete from river.river_job`); err != nil {
				return err
			}
			if err := insert(t.Context(), tx, args...); err != nil {
				return err
			}
			if err := insert(t.Context(), tx, jobs.RefreshListing{}); err != nil { // once more
				return err
			}
			found, err := tx.Query(t.Context(), insertedSQL, kinds)
			if err != nil {
				return err
			}
			rows, err = pgx.CollectRows(found, pgx.RowTo[map[string]any])
			return err
		}); err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(rows, func(a, b map[string]any) int {
			return slices.Index(kinds, a["kind"].(string)) - slices.Index(kinds, b["kind"].(string))
		})
		return rows
	}
	ours, rivers := inserted(o.jobs.Insert), inserted(o.jobs.InsertByRiver)
	if len(ours) != len(args) || len(rivers) != len(args) {
		t.Fatalf("%d rows are ours, %d River's, want %d", len(ours), len(rivers), len(args))
	}
	for i := range ours {
		for column, want := range rivers[i] {
			if got := ours[i][column]; !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s is %v, River writes %v", ours[i]["kind"], column, got, want)
			}
		}
	}
}
