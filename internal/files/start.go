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
)

// CatalogImportInput says what kind of file is to come.
type CatalogImportInput struct {
	Kind       Kind
	Mode       *Mode
	ExternalID *string
}

// CatalogExportInput names an export.
type CatalogExportInput struct {
	ExternalID *string
}

const addJobSQL = `
insert into file_job (id, direction, kind, all_or_nothing, with_stock, currency, state, owner, external_id, created_by, names_of)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (direction, owner, external_id) do nothing`

const jobByExternalIDSQL = `
select id
from file_job
where direction = $1
  and owner = $2
  and external_id = $3`

// StartImport makes a job that awaits its file. Under an external id that has a job already, it gives that one.
func (f *Files) StartImport(ctx context.Context, actor access.Actor, currency money.Currency, in CatalogImportInput) (ImportJob, error) {
	if err := mayImport(actor, in.Kind); err != nil {
		return ImportJob{}, err
	}
	mode := AllOrNothing
	if in.Mode != nil {
		mode = *in.Mode
	}
	name, err := f.start(ctx, actor, imports, in.Kind, mode == AllOrNothing, currency, AwaitingFile, in.ExternalID)
	if err != nil {
		return ImportJob{}, err
	}
	job, err := f.Import(ctx, name)
	if err == nil && (job.Kind != in.Kind || job.Mode() != mode) {
		return ImportJob{}, fault.New(fault.Conflict, "TAKEN", "The externalId is that of an import of another kind or mode.").At("input", "externalId")
	}
	return job, err
}

// StartExport makes a job that writes all products into a file. Under an external id that has a job already, it gives
// that one.
func (f *Files) StartExport(ctx context.Context, actor access.Actor, currency money.Currency, in CatalogExportInput) (ExportJob, error) {
	name, err := f.start(ctx, actor, exports, Products, true, currency, Waiting, in.ExternalID)
	if err != nil {
		return ExportJob{}, err
	}
	return f.Export(ctx, name)
}

// mayImport asks for the right to what a file writes.
func mayImport(actor access.Actor, kind Kind) error {
	if !actor.Can("catalog:write") || kind == Stock && !actor.Can("inventory:write") {
		return fault.New(fault.Forbidden, "FORBIDDEN", "A file of this kind needs catalog:write, one of stock inventory:write too.")
	}
	return nil
}

func (f *Files) start(ctx context.Context, actor access.Actor, of direction, kind Kind, whole bool, currency money.Currency, state State, external *string) ([16]byte, error) {
	var p input.Problems
	var owner *string
	if external != nil {
		p.Name(*external, "externalId")
		whose := input.Owner(actor)
		owner = &whose
	}
	if err := p.Err(); err != nil {
		return [16]byte{}, err
	}
	var name pgtype.UUID
	err := pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
		name = pgtype.UUID{Bytes: id.New(), Valid: true}
		tag, err := tx.Exec(ctx, addJobSQL, name, of, kind, whole, actor.Can("inventory:write"), currency, state, owner,
			external, actor.By(), input.Owner(actor))
		switch {
		case err != nil:
			return fmt.Errorf("make a job: %w", err)
		case tag.RowsAffected() == 0:
			return wrap(tx.QueryRow(ctx, jobByExternalIDSQL, of, owner, external).Scan(&name), "find a job")
		case state == Waiting:
			return f.post(ctx, tx, Task{Job: name.Bytes})
		default:
			return nil
		}
	})
	return name.Bytes, err
}

const cancelSQL = `
update file_job
set state = 'CANCELED', finished_at = now(), worker = null, leased_until = null
where direction = $1
  and id = $2
  and state in ('AWAITING_FILE', 'WAITING', 'CHECKING', 'RUNNING')`

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
