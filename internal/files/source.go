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
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/remote"
)

// FetchWithin is how long the fetching of a file may take, from the first address to the last byte.
const FetchWithin = time.Minute

// maxFetches is how often a file is asked for, where it is not certain that there is none.
const maxFetches = 5

const beginFetchSQL = `
update file_job
set tries = tries + 1, started_at = coalesce(started_at, now())
where id = $1
  and state = 'FETCHING'
returning kind, source_url, tries`

// FetchSource brings the file of an import from its address and lets the work on it begin. Nothing waits for it: no
// transaction is open while the other side is asked. Run twice at once, both ask, and one file is taken.
func (f *Files) FetchSource(ctx context.Context, job uuid.UUID) error {
	var kind Kind
	var address string
	var tries int
	switch err := f.db.QueryRow(ctx, beginFetchSQL, pgtype.UUID{Bytes: job, Valid: true}).Scan(&kind, &address, &tries); {
	case pg.IsNoRows(err):
		return nil // it was fetched, or it was ended
	case err != nil:
		return fmt.Errorf("begin to fetch a file: %w", err)
	case tries > maxFetches: // the last try never came back
		return f.notFetched(ctx, job, fmt.Sprintf("It was asked for %d times.", maxFetches))
	}
	content, size, err := f.download(ctx, address, limits[kind])
	if err == nil {
		err = f.drop(ctx, content, f.attach(ctx, id.ImportJobID(job), Fetching, content, size))
		if errors.Is(err, errHasFile) {
			return nil // another one was faster, or it was ended
		}
		return err
	}
	reason, certain := whyNot(err)
	if certain || tries == maxFetches {
		return f.notFetched(ctx, job, reason)
	}
	return err
}

func (f *Files) download(ctx context.Context, address string, most int64) (id.FileContentID, int64, error) {
	ctx, cancel := context.WithTimeout(ctx, FetchWithin)
	defer cancel()
	body, err := f.web.Fetch(ctx, address)
	if err != nil {
		return id.FileContentID{}, 0, err
	}
	defer func() { _ = body.Close() }()
	return f.store(ctx, body, most)
}

// errAddress is what is said of an address from which nothing is fetched.
var errAddress = fault.New(fault.Invalid, "INVALID",
	"The address begins with https://, has no port and no password in it, and leads to a server that everybody can reach.")

// whyNot says why there is no file, and whether asking again would change nothing.
func whyNot(err error) (reason string, certain bool) {
	var refused *remote.RefusedError
	var status *remote.StatusError
	var bad *fault.Fault
	switch {
	case errors.As(err, &refused), errors.Is(err, remote.ErrInward):
		return errAddress.Message, true
	case errors.Is(err, remote.ErrRedirects):
		return "The address leads on and on.", true
	case errors.As(err, &status):
		later := status.Status >= 500 || status.Status == 408 || status.Status == 425 || status.Status == 429
		return "There is no file, but: " + status.Error() + ".", !later
	case errors.Is(err, errBreaksUp):
		return "The file broke off, or took longer than a minute.", false
	case errors.As(err, &bad) && bad.Kind == fault.Invalid:
		return bad.Message, true
	default:
		return "The server did not answer in time.", false
	}
}

const notFetchedSQL = `
update file_job
set state = 'FAILED', error_code = 'FETCH_FAILED', source_url = null, problems = 1, finished_at = now()
where id = $1
  and state = 'FETCHING'`

// notFetched ends an import whose file can't be had.
func (f *Files) notFetched(ctx context.Context, job uuid.UUID, reason string) error {
	w := &work{job: pgtype.UUID{Bytes: job, Valid: true}}
	return pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, notFetchedSQL, w.job)
		if err != nil || tag.RowsAffected() == 0 {
			return wrap(err, "end an import without a file")
		}
		return w.keepProblems(ctx, tx, []catalog.Problem{{Message: reason}})
	})
}
