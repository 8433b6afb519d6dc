package files

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
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

// exported is a batch of an export: rows of the file, and how far it is then.
type exported struct {
	rows []byte
	last *[16]byte
	done int
	more bool
}

// source is what is written into files of a kind.
type source struct {
	header func() []byte
	count  func(context.Context, pg.DB) (int, error)
	next   func(context.Context, pgx.Tx, *work) (exported, error)
}

var sources = map[Kind]source{
	Products: {catalog.ExportHeader, catalog.ProductCount, func(ctx context.Context, tx pgx.Tx, w *work) (exported, error) {
		e, err := catalog.ExportProducts(ctx, tx, w.owner, (*id.ProductID)(w.cursor))
		return exported{e.Rows, (*[16]byte)(e.Last), e.Done, e.More}, err
	}},
	Stock: {inventory.StockExportHeader, inventory.ShelvesCount, func(ctx context.Context, tx pgx.Tx, w *work) (exported, error) {
		e, err := inventory.ExportStock(ctx, tx, (*id.ProductVariantID)(w.cursor))
		return exported{e.Rows, (*[16]byte)(e.Last), e.Done, e.More}, err
	}},
}

// export writes all products, or all shelves, in the order of their ids. Each batch is of one moment, and the job says at
// which position of the catalog it began and ended: a product that changed in between is in the file as it was when its
// turn came.
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
			e, err := sources[w.kind].next(ctx, tx, w)
			if err != nil {
				return err
			}
			place := w.place
			if len(e.rows) > 0 {
				place.Row++
				if err := w.addPiece(ctx, tx, place.Row, e.rows); err != nil {
					return err
				}
			}
			if last = !e.more; last {
				if err := w.endAt(ctx, tx); err != nil {
					return err
				}
			}
			return w.progress(ctx, tx, place, e.last, step{done: e.done, last: last})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) beginExport(ctx context.Context, tx pgx.Tx) error {
	total, err := sources[w.kind].count(ctx, tx)
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
	return w.addPiece(ctx, tx, 0, sources[w.kind].header())
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
