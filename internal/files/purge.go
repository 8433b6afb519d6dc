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

// What later rows were held against, and which are left out, says nothing once it is decided.
const purgeKeysSQL = `
delete from file_key
where ctid = any(array(
    select k.ctid
    from file_key k
    join file_job j on j.id = k.job_id
    where j.state not in ('WAITING', 'CHECKING')
    limit $1))`

const purgeBadRowsSQL = `
delete from file_bad_row
where ctid = any(array(
    select b.ctid
    from file_bad_row b
    join file_job j on j.id = b.job_id
    where j.state in ('DONE', 'FAILED', 'CANCELED')
    limit $1))`

// purgeRows is how many rows about a file one statement forgets.
const purgeRows = 20_000

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
	return int(contents.RowsAffected() + jobs.RowsAffected()), f.purgeRows(ctx)
}

// purgeRows forgets what the check of files left behind.
func (f *Files) purgeRows(ctx context.Context) error {
	for _, statement := range []string{purgeKeysSQL, purgeBadRowsSQL} {
		for {
			tag, err := f.db.Exec(ctx, statement, purgeRows)
			if err != nil {
				return wrap(err, "forget what was found in files")
			}
			if tag.RowsAffected() < purgeRows {
				break
			}
		}
	}
	return nil
}
