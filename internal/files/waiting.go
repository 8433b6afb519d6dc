package files

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

const waitingSQL = `
select id, state = 'FETCHING'
from file_job
where state in ('FETCHING', 'WAITING', 'CHECKING', 'RUNNING')
  and (leased_until is null or leased_until < now())
order by created_at, id
limit $1`

// Waiting lists what is to be done about jobs at which nobody is, the oldest first.
func (f *Files) Waiting(ctx context.Context, most int) ([]Task, error) {
	rows, err := f.db.Query(ctx, waitingSQL, most)
	if err != nil {
		return nil, wrap(err, "list jobs that wait")
	}
	tasks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Task, error) {
		var job pgtype.UUID
		var t Task
		err := row.Scan(&job, &t.Fetch)
		t.Job = job.Bytes
		return t, err
	})
	return tasks, wrap(err, "list jobs that wait")
}

// wrap says what was being done when an error came; of no error there is nothing to say.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
