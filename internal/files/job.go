package files

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Kind is what the rows of a file are about.
type Kind string

// The kinds of files.
const (
	Products  Kind = "PRODUCTS"  // a product export, as catalog.Import reads it
	Stock     Kind = "STOCK"     // what lies at each location, as inventory.ReadStock reads it
	Locations Kind = "LOCATIONS" // stores and warehouses, as inventory.ReadLocations reads them
)

// Mode says what becomes of a file of which some rows are wrong.
type Mode string

// The modes of an import.
const (
	AllOrNothing Mode = "ALL_OR_NOTHING" // nothing of it is written
	GoodRows     Mode = "GOOD_ROWS"      // what is right is written
)

// State is how far a job is.
type State string

// The states of a job.
const (
	AwaitingFile State = "AWAITING_FILE"
	Fetching     State = "FETCHING"
	Waiting      State = "WAITING"
	Checking     State = "CHECKING"
	Running      State = "RUNNING"
	Done         State = "DONE"
	Failed       State = "FAILED"
	Canceled     State = "CANCELED"
)

// Failure is why a job failed.
type Failure string

// The failures of jobs.
const (
	InvalidFile Failure = "INVALID_FILE" // the file is wrong; its problems say where
	NotFetched  Failure = "FETCH_FAILED" // the file could not be had; its problem says why
	Internal    Failure = "INTERNAL"     // something is wrong on our side, and stayed so
)

// Job is the work on one file.
type Job struct {
	State         State
	Kind          Kind
	Total         int // products, or counts
	Done          int // of them, those that were skipped among them
	Skipped       int // because of problems
	Created       int
	Updated       int
	Unchanged     int
	ProblemsCount int
	Ignored       []string // columns that mean nothing
	ErrorCode     *Failure // why it failed
	FirstPosition *int64   // of the catalog when an export began
	LastPosition  *int64   // and when it, or an import of products, ended: where both are the same, nothing changed meanwhile
	Bytes         int64    // of the file
	CreatedAt     time.Time
	StartedAt     *time.Time
	FinishedAt    *time.Time

	allOrNothing bool
	hasFile      bool
}

// Mode is what becomes of a file of which some rows are wrong.
func (j Job) Mode() Mode {
	if j.allOrNothing {
		return AllOrNothing
	}
	return GoodRows
}

// ImportJob is the work on a file that brings things into the shop.
type ImportJob struct {
	ID id.ImportJobID
	Job
}

// Position is the catalog's position with all that an import of products has written; nil until it is done, and of other
// kinds, on which no list depends that waits for a position.
func (j ImportJob) Position() *string {
	if j.State != Done || j.Kind != Products || j.LastPosition == nil {
		return nil
	}
	text := strconv.FormatInt(*j.LastPosition, 10)
	return &text
}

// ExportJob is the work on a file that the shop writes.
type ExportJob struct {
	ID id.ExportJobID
	Job
}

// CanBeFetched says whether the file is written, not yet forgotten, and the actor's to read.
func (j ExportJob) CanBeFetched(actor access.Actor) bool {
	return j.State == Done && j.hasFile && mayExport(actor, j.Kind) == nil
}

type direction string

const (
	imports direction = "IMPORT"
	exports direction = "EXPORT"
)

const jobColumns = `j.id, j.state, j.kind, j.total, j.done, j.skipped, j.created, j.updated, j.unchanged, j.problems, j.ignored,
       j.error_code, j.first_position, j.last_position, coalesce(c.size, 0), j.created_at, j.started_at, j.finished_at,
       j.all_or_nothing, c.id is not null`

func (j *Job) fields(name *pgtype.UUID) []any {
	return []any{
		name, &j.State, &j.Kind, &j.Total, &j.Done, &j.Skipped, &j.Created, &j.Updated, &j.Unchanged, &j.ProblemsCount,
		&j.Ignored, &j.ErrorCode, &j.FirstPosition, &j.LastPosition, &j.Bytes, &j.CreatedAt, &j.StartedAt, &j.FinishedAt,
		&j.allOrNothing, &j.hasFile,
	}
}

const jobByIDSQL = `
select ` + jobColumns + `
from file_job j
left join file_content c on c.id = j.content_id
where j.direction = $1
  and j.id = $2`

func jobByID(ctx context.Context, db pg.DB, of direction, uuid [16]byte) (j Job, err error) {
	var name pgtype.UUID
	switch err := db.QueryRow(ctx, jobByIDSQL, of, pgtype.UUID{Bytes: uuid, Valid: true}).Scan(j.fields(&name)...); {
	case pg.IsNoRows(err):
		return j, ErrAbsent
	case err != nil:
		return j, fmt.Errorf("read a job: %w", err)
	default:
		return j, nil
	}
}

// Import reads one import; one that is not there is a fault.
func (f *Files) Import(ctx context.Context, job id.ImportJobID) (ImportJob, error) {
	j, err := jobByID(ctx, f.db, imports, job)
	return ImportJob{job, j}, err
}

// Export reads one export; one that is not there is a fault.
func (f *Files) Export(ctx context.Context, job id.ExportJobID) (ExportJob, error) {
	j, err := jobByID(ctx, f.db, exports, job)
	return ExportJob{job, j}, err
}

const jobsUpSQL = `
select ` + jobColumns + `
from file_job j
left join file_content c on c.id = j.content_id
where j.direction = $1
  and ($2::uuid is null or j.id > $2)
order by j.id
limit $3`

const jobsDownSQL = `
select ` + jobColumns + `
from file_job j
left join file_content c on c.id = j.content_id
where j.direction = $1
  and ($2::uuid is null or j.id < $2)
order by j.id desc
limit $3`

type named struct {
	name [16]byte
	Job
}

// ImportJobConnection is one page of imports.
type ImportJobConnection = pg.Connection[ImportJob]

// ImportJobEdge is one import of a page.
type ImportJobEdge = pg.Edge[ImportJob]

// ExportJobConnection is one page of exports.
type ExportJobConnection = pg.Connection[ExportJob]

// ExportJobEdge is one export of a page.
type ExportJobEdge = pg.Edge[ExportJob]

// Imports lists imports, the oldest first.
func (f *Files) Imports(ctx context.Context, page pg.Page) (ImportJobConnection, error) {
	return list(ctx, f.db, imports, page, func(n named) ImportJob { return ImportJob{n.name, n.Job} }, func(j ImportJob) string { return j.ID.String() })
}

// Exports lists exports, the oldest first.
func (f *Files) Exports(ctx context.Context, page pg.Page) (ExportJobConnection, error) {
	return list(ctx, f.db, exports, page, func(n named) ExportJob { return ExportJob{n.name, n.Job} }, func(j ExportJob) string { return j.ID.String() })
}

func list[T any](ctx context.Context, db pg.DB, of direction, page pg.Page, as func(named) T, key func(T) string) (pg.Connection[T], error) {
	w, err := page.Window(1)
	if err != nil {
		return pg.Connection[T]{}, err
	}
	at, err := pg.At(w, 0, id.Parse)
	if err != nil {
		return pg.Connection[T]{}, err
	}
	var after pgtype.UUID
	if at != nil {
		after = pgtype.UUID{Bytes: at.UUID, Valid: true}
	}
	statement := jobsUpSQL
	if w.Descending {
		statement = jobsDownSQL
	}
	rows, err := db.Query(ctx, statement, of, after, w.Fetch())
	if err != nil {
		return pg.Connection[T]{}, fmt.Errorf("list jobs: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) {
		var n named
		var name pgtype.UUID
		err := row.Scan(n.fields(&name)...)
		n.name = name.Bytes
		return as(n), err
	})
	if err != nil {
		return pg.Connection[T]{}, fmt.Errorf("list jobs: %w", err)
	}
	return pg.Build(w, found, func(t T) []string { return []string{key(t)} }), nil
}
