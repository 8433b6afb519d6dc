package files

import (
	"context"
	"fmt"
	"time"
)

// How long files and the jobs about them are kept.
const (
	ContentKept = 7 * 24 * time.Hour
	JobsKept    = 90 * 24 * time.Hour
)

const purgeContentSQL = `
delete from file_content
where id in (
    select c.id
    from file_content c
    left join file_job j on j.content_id = c.id
    where c.created_at < now() - interval '1 day' and j.id is null
       or j.finished_at < now() - $1 * interval '1 second'
    limit $2)`

const purgeJobsSQL = `
delete from file_job
where id in (
    select id
    from file_job
    where finished_at < now() - $1 * interval '1 second'
       or state = 'AWAITING_FILE' and created_at < now() - $1 * interval '1 second'
    limit $2)`

// Purge forgets files whose jobs ended a week ago, those that belong to no job, and jobs that are old; at most so many of
// each. It says how many it forgot.
func (f *Files) Purge(ctx context.Context, most int) (int, error) {
	contents, err := f.db.Exec(ctx, purgeContentSQL, ContentKept.Seconds(), most)
	if err != nil {
		return 0, fmt.Errorf("forget old files: %w", err)
	}
	jobs, err := f.db.Exec(ctx, purgeJobsSQL, JobsKept.Seconds(), most)
	if err != nil {
		return 0, fmt.Errorf("forget old jobs: %w", err)
	}
	return int(contents.RowsAffected() + jobs.RowsAffected()), nil
}
