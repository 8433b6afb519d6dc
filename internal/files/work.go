package files

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// work is a job in the hands of one worker.
type work struct {
	job          pgtype.UUID
	worker       pgtype.UUID
	direction    direction
	kind         Kind
	state        State
	allOrNothing bool
	withStock    bool
	currency     money.Currency
	content      *id.FileContentID
	size         int64
	place        catalog.FilePlace
	cursor       *id.ProductID
	skip         []int
	renewed      time.Time
}

// errLost says that the job is no longer this worker's: it was cancelled, or nothing was heard of the worker for too long.
var errLost = errors.New("the job is somebody else's")

// maxTries is how often a job is taken up without getting any further.
const maxTries = 8

const giveUpSQL = `
update file_job
set state = 'FAILED', error_code = 'INTERNAL', finished_at = now(), worker = null, leased_until = null
where state in ('WAITING', 'CHECKING', 'RUNNING')
  and tries >= $1
  and leased_until < now()`

const takeSQL = `
update file_job
set worker = $1, leased_until = now() + $2 * interval '1 microsecond', tries = tries + 1,
    started_at = coalesce(started_at, now()),
    state = case when state <> 'WAITING' then state when direction = 'IMPORT' then 'CHECKING' else 'RUNNING' end
where id = (
    select id
    from file_job
    where state in ('WAITING', 'CHECKING', 'RUNNING')
      and (leased_until is null or leased_until < now())
    order by created_at, id
    limit 1
    for update skip locked)
returning id`

// Work takes a job up that waits, or of whose worker nothing is heard, and works on it to its end. It says whether there
// was one. Any number of workers may do so.
func (f *Files) Work(ctx context.Context) (worked bool, err error) {
	if _, err := f.db.Exec(ctx, giveUpSQL, maxTries); err != nil {
		return false, fmt.Errorf("give up on jobs: %w", err)
	}
	w := &work{worker: pgtype.UUID{Bytes: id.New(), Valid: true}}
	switch err := f.db.QueryRow(ctx, takeSQL, w.worker, f.lease.Microseconds()).Scan(&w.job); {
	case pg.IsNoRows(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("take a job up: %w", err)
	}
	err = f.run(ctx, w)
	if errors.Is(err, errLost) {
		return true, nil
	}
	if err != nil {
		f.letGo(ctx, w)
	}
	return true, err
}

// letGoSQL leaves the job to another try, after a pause that is longer each time.
const letGoSQL = `
update file_job
set worker = null, leased_until = now() + least(power(2, tries), 60) * interval '1 second'
where id = $1
  and worker = $2`

func (f *Files) letGo(ctx context.Context, w *work) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_, _ = f.db.Exec(ctx, letGoSQL, w.job, w.worker) // if not, the lease runs out
}

func (f *Files) run(ctx context.Context, w *work) error {
	err := pg.InTx(ctx, f.db, func(tx pgx.Tx) error { return w.hold(ctx, tx) })
	if err != nil {
		return err
	}
	if w.direction == exports {
		return f.export(ctx, w)
	}
	if w.state == Checking {
		if err := f.check(ctx, w); err != nil || w.state != Running {
			return err
		}
	}
	if w.kind == Stock {
		return f.importStock(ctx, w)
	}
	return f.importProducts(ctx, w)
}

const holdSQL = `
select j.direction, j.kind, j.state, j.all_or_nothing, j.with_stock, j.currency, j.content_id, coalesce(c.size, 0),
       j.file_offset, j.file_row, j.file_line, j.product_cursor, j.skip
from file_job j
left join file_content c on c.id = j.content_id
where j.id = $1
  and j.worker = $2
  and j.state in ('CHECKING', 'RUNNING')
for update of j`

// hold reads how far the job is and keeps it from everybody else until the transaction ends. It begins each transaction
// that writes something of a file.
func (w *work) hold(ctx context.Context, tx pgx.Tx) error {
	err := tx.QueryRow(ctx, holdSQL, w.job, w.worker).Scan(&w.direction, &w.kind, &w.state, &w.allOrNothing, &w.withStock,
		&w.currency, &w.content, &w.size, &w.place.Offset, &w.place.Row, &w.place.Line, &w.cursor, &w.skip)
	switch {
	case pg.IsNoRows(err):
		return errLost
	case err != nil:
		return fmt.Errorf("hold a job: %w", err)
	case w.direction == imports && w.content == nil:
		return errors.New("the file of the job is gone")
	default:
		return nil
	}
}

const renewSQL = `
update file_job
set leased_until = now() + $3 * interval '1 microsecond'
where id = $1
  and worker = $2
  and state in ('CHECKING', 'RUNNING')`

// renew says that the worker lives, now and then.
func (f *Files) renew(ctx context.Context, w *work) error {
	if time.Since(w.renewed) < f.lease/6 {
		return nil
	}
	tag, err := f.db.Exec(ctx, renewSQL, w.job, w.worker, f.lease.Microseconds())
	if err != nil {
		return fmt.Errorf("renew a lease: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errLost
	}
	w.renewed = time.Now()
	return nil
}

const progressSQL = `
update file_job
set file_offset = $3, file_row = $4, file_line = $5, product_cursor = $6, done = done + $7, skipped = skipped + $8,
    created = created + $9, updated = updated + $10, unchanged = unchanged + $11, tries = 0,
    leased_until = now() + $12 * interval '1 microsecond',
    state = case when $13 then 'DONE' else state end,
    finished_at = case when $13 then now() end
where id = $1
  and worker = $2`

// step is what one batch was.
type step struct {
	done, skipped, created, updated, unchanged int
	last                                       bool
}

// progress notes how far the job is, in the transaction of the batch.
func (f *Files) progress(ctx context.Context, tx pgx.Tx, w *work, place catalog.FilePlace, cursor *id.ProductID, s step) error {
	_, err := tx.Exec(ctx, progressSQL, w.job, w.worker, place.Offset, place.Row, place.Line, cursor, s.done, s.skipped,
		s.created, s.updated, s.unchanged, f.lease.Microseconds(), s.last)
	if err != nil {
		return fmt.Errorf("note how far a job is: %w", err)
	}
	return nil
}
