package files

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// Left says what is left of a job after a turn.
type Left int

// What may be left of a job.
const (
	Nothing   Left = iota // it has ended, or was ended
	Some                  // the next turn goes on with it
	Elsewhere             // another worker is at it
)

// work is a job in the hands of one worker, for one turn.
type work struct {
	job          pgtype.UUID
	worker       pgtype.UUID
	until        time.Time
	batches      int // that this turn has begun
	direction    direction
	kind         Kind
	state        State
	allOrNothing bool
	withStock    bool
	owner        string // whose external ids the file has
	currency     money.Currency
	content      *id.FileContentID
	size         int64
	place        catalog.FilePlace
	cursor       *[16]byte // of an export: the product, or the variant, that was the last
	problems     int
}

// errLost says that the job is no longer this worker's: it was cancelled, or nothing was heard of the worker for too long.
var errLost = errors.New("the job is somebody else's")

// maxTries is how often a job is taken up without getting any further.
const maxTries = 8

const giveUpSQL = `
update file_job
set state = 'FAILED', error_code = 'INTERNAL', finished_at = now(), worker = null, leased_until = null
where id = $1
  and state in ('WAITING', 'CHECKING', 'RUNNING')
  and tries >= $2
  and (leased_until is null or leased_until < now())`

const takeSQL = `
update file_job
set worker = $2, leased_until = now() + $3 * interval '1 microsecond', tries = tries + 1,
    started_at = coalesce(started_at, now()),
    state = case when state <> 'WAITING' then state when direction = 'IMPORT' then 'CHECKING' else 'RUNNING' end
where id = $1
  and state in ('WAITING', 'CHECKING', 'RUNNING')
  and (leased_until is null or leased_until < now())`

// Work goes on with a job for one turn, and says what is left of it. Any number of workers may try: one of them has it.
func (f *Files) Work(ctx context.Context, job uuid.UUID) (Left, error) {
	w := &work{
		job: pgtype.UUID{Bytes: job, Valid: true}, worker: pgtype.UUID{Bytes: id.New(), Valid: true}, until: time.Now().Add(f.turn),
	}
	if _, err := f.db.Exec(ctx, giveUpSQL, w.job, maxTries); err != nil {
		return Some, fmt.Errorf("give up on a job: %w", err)
	}
	tag, err := f.db.Exec(ctx, takeSQL, w.job, w.worker, f.lease.Microseconds())
	if err != nil {
		return Some, fmt.Errorf("take a job up: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return f.left(ctx, w)
	}
	err = f.run(ctx, w)
	f.letGo(ctx, w)
	if err != nil && !errors.Is(err, errLost) {
		return Some, err
	}
	return f.left(ctx, w)
}

const leftSQL = `
select leased_until > now()
from file_job
where id = $1
  and state in ('WAITING', 'CHECKING', 'RUNNING')`

func (f *Files) left(ctx context.Context, w *work) (Left, error) {
	var leased *bool
	switch err := f.db.QueryRow(ctx, leftSQL, w.job).Scan(&leased); {
	case pg.IsNoRows(err):
		return Nothing, nil
	case err != nil:
		return Some, fmt.Errorf("read what is left of a job: %w", err)
	case leased != nil && *leased:
		return Elsewhere, nil
	default:
		return Some, nil
	}
}

const letGoSQL = `
update file_job
set worker = null, leased_until = null
where id = $1
  and worker = $2`

// letGo leaves the job to the next turn, which may be anybody's. Where that fails, the lease runs out.
func (f *Files) letGo(ctx context.Context, w *work) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_, _ = f.db.Exec(ctx, letGoSQL, w.job, w.worker)
}

// run goes on until the turn is over or the job is done.
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
	switch w.kind {
	case Stock:
		return f.importStock(ctx, w)
	case Locations:
		return f.importLocations(ctx, w)
	default:
		return f.importProducts(ctx, w)
	}
}

// another says whether the turn has time for another batch, and counts it. There is always time for one.
func (w *work) another() bool {
	w.batches++
	return w.batches == 1 || time.Now().Before(w.until)
}

const holdSQL = `
select j.direction, j.kind, j.state, j.all_or_nothing, j.with_stock, j.names_of, j.currency, j.content_id, coalesce(c.size, 0),
       j.file_offset, j.file_row, j.file_line, j.cursor, j.problems
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
		&w.owner, &w.currency, &w.content, &w.size, &w.place.Offset, &w.place.Row, &w.place.Line, &w.cursor, &w.problems)
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

const endAtSQL = `
update file_job
set last_position = $3
where id = $1
  and worker = $2`

// endAt notes the catalog's position with the last batch, the batch's own change included.
func (w *work) endAt(ctx context.Context, tx pgx.Tx) error {
	at, err := position.Current(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, endAtSQL, w.job, w.worker, at[position.Catalog]); err != nil {
		return fmt.Errorf("note where a job has ended: %w", err)
	}
	return nil
}

const progressSQL = `
update file_job
set file_offset = $3, file_row = $4, file_line = $5, cursor = $6, done = done + $7, skipped = skipped + $8,
    created = created + $9, updated = updated + $10, unchanged = unchanged + $11, tries = 0,
    state = case when $12 then 'DONE' else state end,
    finished_at = case when $12 then now() end
where id = $1
  and worker = $2`

// step is what one batch was.
type step struct {
	done, skipped, created, updated, unchanged int
	last                                       bool
}

// progress notes how far the job is, in the transaction of the batch.
func (w *work) progress(ctx context.Context, tx pgx.Tx, place catalog.FilePlace, cursor *[16]byte, s step) error {
	_, err := tx.Exec(ctx, progressSQL, w.job, w.worker, place.Offset, place.Row, place.Line, cursor, s.done, s.skipped,
		s.created, s.updated, s.unchanged, s.last)
	if err != nil {
		return fmt.Errorf("note how far a job is: %w", err)
	}
	return nil
}
