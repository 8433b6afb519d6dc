package migrations

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// River brings two GIN indexes, over all words of all jobs' arguments and metadata, which nothing of River's reads. Each
// job that is inserted or ends pays for them: together they are more than half of what the queue costs the database.
// Wharf asks only for the live jobs of one order, so one small index takes their place.
const (
	dropWordIndexesSQL = `drop index if exists river.river_job_args_index, river.river_job_metadata_index`

	brokenOrderIndexSQL = `
select exists (
	select
	from pg_index
	where indexrelid = to_regclass('river.wharf_job_order_id_idx')
		and not indisvalid
)`
	dropOrderIndexSQL = `drop index concurrently river.wharf_job_order_id_idx`

	createOrderIndexSQL = `
create index concurrently if not exists wharf_job_order_id_idx on river.river_job ((args ->> 'order_id'))
where state in ('available', 'pending', 'retryable', 'running', 'scheduled')`
)

// tuneQueue gives River's table the indexes that Wharf needs and takes those that it does not. The new index is built
// while jobs run; one whose building was cut short is built anew.
func tuneQueue(ctx context.Context, conn *pgx.Conn) error {
	var broken bool
	if err := conn.QueryRow(ctx, brokenOrderIndexSQL).Scan(&broken); err != nil {
		return fmt.Errorf("look at the queue's indexes: %w", err)
	}
	steps := []string{createOrderIndexSQL, dropWordIndexesSQL}
	if broken {
		steps = append([]string{dropOrderIndexSQL}, steps...)
	}
	for _, step := range steps {
		if _, err := conn.Exec(ctx, step); err != nil {
			return fmt.Errorf("tune the queue's indexes: %w", err)
		}
	}
	return nil
}
