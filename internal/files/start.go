package files

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/remote"
)

// CatalogImportInput says what kind of file is to come.
type CatalogImportInput struct {
	Kind       Kind
	Mode       *Mode
	ExternalID *string
	URL        *string // where the file lies; without it, the file is posted
}

// CatalogExportInput says what is to be written.
type CatalogExportInput struct {
	Kind       *Kind // nil is products
	ExternalID *string
}

const addJobSQL = `
insert into file_job (id, direction, kind, all_or_nothing, with_stock, currency, state, owner, external_id, created_by,
                      names_of, source_url)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (direction, owner, external_id) do nothing`

const jobByExternalIDSQL = `
select id
from file_job
where direction = $1
  and owner = $2
  and external_id = $3`

// StartImport makes a job that awaits its file, or fetches it. Under an external id that has a job already, it gives that
// one.
func (f *Files) StartImport(ctx context.Context, actor access.Actor, currency money.Currency, in CatalogImportInput) (ImportJob, error) {
	if err := mayImport(actor, in.Kind); err != nil {
		return ImportJob{}, err
	}
	wanted := order{direction: imports, kind: in.Kind, mode: AllOrNothing, currency: currency, state: AwaitingFile, external: in.ExternalID}
	if in.Mode != nil {
		wanted.mode = *in.Mode
	}
	if in.URL != nil {
		wanted.state, wanted.source = Fetching, in.URL
	}
	name, err := f.start(ctx, actor, wanted)
	if err != nil {
		return ImportJob{}, err
	}
	job, err := f.Import(ctx, name)
	if err == nil && (job.Kind != in.Kind || job.Mode() != wanted.mode) {
		return ImportJob{}, errTaken
	}
	return job, err
}

var errTaken = fault.New(fault.Conflict, "TAKEN", "The externalId is that of a job of another kind or mode.").At("input", "externalId")

// StartExport makes a job that writes what the shop has into a file. Under an external id that has a job already, it
// gives that one.
func (f *Files) StartExport(ctx context.Context, actor access.Actor, currency money.Currency, in CatalogExportInput) (ExportJob, error) {
	wanted := order{direction: exports, kind: Products, mode: AllOrNothing, currency: currency, state: Waiting, external: in.ExternalID}
	if in.Kind != nil {
		wanted.kind = *in.Kind
	}
	if err := mayExport(actor, wanted.kind); err != nil {
		return ExportJob{}, err
	}
	name, err := f.start(ctx, actor, wanted)
	if err != nil {
		return ExportJob{}, err
	}
	job, err := f.Export(ctx, name)
	if err == nil && job.Kind != wanted.kind {
		return ExportJob{}, errTaken
	}
	return job, err
}

// mayImport asks for the right to what a file writes. Stock and locations are those of the whole shop: who is bound to
// some locations writes them one by one.
func mayImport(actor access.Actor, kind Kind) error {
	if !actor.Can("catalog:write") || kind != Products && (!actor.Can("inventory:write") || actor.Bound) {
		return fault.New(fault.Forbidden, "FORBIDDEN", "A file needs catalog:write, one of stock or locations inventory:write everywhere too.")
	}
	return nil
}

// mayExport asks for the right to what a file tells.
func mayExport(actor access.Actor, kind Kind) error {
	if kind == Stock && (!actor.Can("inventory:read") || actor.Bound) {
		return fault.New(fault.Forbidden, "FORBIDDEN", "A file of stock needs inventory:read everywhere.")
	}
	return nil
}

// order is a job to be made.
type order struct {
	direction direction
	kind      Kind
	mode      Mode
	currency  money.Currency
	state     State
	external  *string
	source    *string // where its file is to be fetched
}

// check finds what is wrong with what the caller has given.
func (o order) check(web *remote.Client) error {
	var p input.Problems
	if o.external != nil {
		p.Name(*o.external, "externalId")
	}
	if o.source != nil {
		if err := web.Check(*o.source); err != nil || len(*o.source) > maxAddress {
			p.Add(errAddress.At("input", "url").Because(err))
		}
	}
	return p.Err()
}

// maxAddress bounds the address of a file, which may hold a long signature.
const maxAddress = 4096

func (f *Files) start(ctx context.Context, actor access.Actor, o order) ([16]byte, error) {
	if err := o.check(f.web); err != nil {
		return [16]byte{}, err
	}
	whose := input.Owner(actor)
	var owner *string
	if o.external != nil {
		owner = &whose
	}
	var name pgtype.UUID
	err := pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
		name = pgtype.UUID{Bytes: id.New(), Valid: true}
		tag, err := tx.Exec(ctx, addJobSQL, name, o.direction, o.kind, o.mode == AllOrNothing, actor.Can("inventory:write"),
			o.currency, o.state, owner, o.external, actor.By(), whose, o.source)
		switch {
		case err != nil:
			return fmt.Errorf("make a job: %w", err)
		case tag.RowsAffected() == 0:
			return wrap(tx.QueryRow(ctx, jobByExternalIDSQL, o.direction, owner, o.external).Scan(&name), "find a job")
		case o.state == AwaitingFile:
			return nil
		default:
			return f.post(ctx, tx, Task{Job: name.Bytes, Fetch: o.state == Fetching})
		}
	})
	return name.Bytes, err
}

const cancelSQL = `
update file_job
set state = 'CANCELED', finished_at = now(), worker = null, leased_until = null, source_url = null
where direction = $1
  and id = $2
  and state in ('AWAITING_FILE', 'FETCHING', 'WAITING', 'CHECKING', 'RUNNING')`

// CancelImport ends an import between two batches; what it has written stays. One that has ended stays as it is.
func (f *Files) CancelImport(ctx context.Context, job id.ImportJobID) (ImportJob, error) {
	if err := f.cancel(ctx, imports, job); err != nil {
		return ImportJob{}, err
	}
	return f.Import(ctx, job)
}

// CancelExport ends an export. One that has ended stays as it is.
func (f *Files) CancelExport(ctx context.Context, job id.ExportJobID) (ExportJob, error) {
	if err := f.cancel(ctx, exports, job); err != nil {
		return ExportJob{}, err
	}
	return f.Export(ctx, job)
}

func (f *Files) cancel(ctx context.Context, of direction, name [16]byte) error {
	_, err := f.db.Exec(ctx, cancelSQL, of, pgtype.UUID{Bytes: name, Valid: true})
	switch {
	case pg.IsLockTimeout(err):
		return errBusy.Because(err)
	case err != nil:
		return fmt.Errorf("cancel a job: %w", err)
	default:
		return nil
	}
}
