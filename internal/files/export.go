package files

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

const beginExportSQL = `
update file_job
set content_id = $3, total = $4, first_position = $5
where id = $1
  and worker = $2`

const growContentSQL = `
update file_content
set size = size + $2
where id = $1`

const endExportSQL = `
update file_job
set last_position = $3
where id = $1
  and worker = $2`

// export writes all products in the order of their ids. Each batch is of one moment, and the job says at which position of
// the catalog it began and ended: a product that changed in between is in the file as it was when its turn came.
func (f *Files) export(ctx context.Context, w *work) error {
	for last := false; !last && w.another(); {
		err := pg.InTxOptions(ctx, f.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
			if err := w.hold(ctx, tx); err != nil {
				return err
			}
			if w.content == nil {
				if err := w.beginExport(ctx, tx); err != nil {
					return err
				}
			}
			e, err := catalog.ExportProducts(ctx, tx, w.owner, w.cursor)
			if err != nil {
				return err
			}
			place := w.place
			if len(e.Rows) > 0 {
				place.Row++
				if err := w.addPiece(ctx, tx, place.Row, e.Rows); err != nil {
					return err
				}
			}
			if last = !e.More; last {
				at, err := position.Current(ctx, tx)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, endExportSQL, w.job, w.worker, at[position.Catalog]); err != nil {
					return fmt.Errorf("end an export: %w", err)
				}
			}
			return w.progress(ctx, tx, place, e.Last, step{done: e.Done, last: last})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) beginExport(ctx context.Context, tx pgx.Tx) error {
	total, err := catalog.ProductCount(ctx, tx)
	if err != nil {
		return err
	}
	at, err := position.Current(ctx, tx)
	if err != nil {
		return err
	}
	content := id.NewFileContentID()
	if _, err := tx.Exec(ctx, addContentSQL, content); err != nil {
		return fmt.Errorf("begin an export: %w", err)
	}
	if _, err := tx.Exec(ctx, beginExportSQL, w.job, w.worker, content, total, at[position.Catalog]); err != nil {
		return fmt.Errorf("begin an export: %w", err)
	}
	w.content = &content
	return w.addPiece(ctx, tx, 0, catalog.ExportHeader())
}

func (w *work) addPiece(ctx context.Context, tx pgx.Tx, number int, data []byte) error {
	if _, err := tx.Exec(ctx, addPieceSQL, w.content, number, data); err != nil {
		return fmt.Errorf("write a piece of a file: %w", err)
	}
	if _, err := tx.Exec(ctx, growContentSQL, w.content, len(data)); err != nil {
		return fmt.Errorf("write a piece of a file: %w", err)
	}
	return nil
}
