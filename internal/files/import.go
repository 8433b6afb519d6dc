package files

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

// importProducts writes the products of a file, from the place at which the job is.
func (f *Files) importProducts(ctx context.Context, w *work) error {
	file, err := catalog.OpenProductFile(open(ctx, f.db, *w.content, w.size), w.currency, w.owner, w.place)
	if err != nil {
		return err
	}
	options := catalog.ImportOptions{Currency: w.currency, Bundles: inventory.Bundles}
	if w.withStock {
		options.Stock = inventory.ApplyImported
	}
	source := "products:" + uuid.UUID(w.job.Bytes).String()
	for last := false; !last && w.another(); {
		batch, err := file.Next()
		if err != nil {
			return err
		}
		err = pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
			if err := w.hold(ctx, tx); err != nil {
				return err
			}
			skip, err := w.skip(ctx, tx, batch.Rows())
			if err != nil {
				return err
			}
			s, refused, err := file.Write(ctx, tx, batch, skip, source, options)
			if err != nil {
				return err
			}
			if err := w.refused(ctx, tx, refused); err != nil {
				return err
			}
			if batch.Last {
				if err := w.endAt(ctx, tx); err != nil {
					return err
				}
			}
			written := s.Products.Created + s.Products.Updated + s.Products.Unchanged
			return w.progress(ctx, tx, batch.Next, nil, step{
				done: batch.Len(), skipped: batch.Len() - written, created: s.Products.Created,
				updated: s.Products.Updated, unchanged: s.Products.Unchanged, last: batch.Last,
			})
		})
		if err != nil {
			return err
		}
		last = batch.Last
	}
	return nil
}

// stockStep is how many counts are written in one transaction.
const stockStep = 500

// importStock sets the shelves that stand below the row at which the job is to what the file says. The ledger has the job
// as the cause, and takes one effect of it for each shelf.
func (f *Files) importStock(ctx context.Context, w *work) error {
	file, err := inventory.ReadStock(ctx, f.db, open(ctx, f.db, *w.content, w.size))
	if err != nil {
		return err
	}
	source := "stock:" + uuid.UUID(w.job.Bytes).String()
	figures := file.After(w.place.Row)
	for last := false; !last && w.another(); {
		batch := figures[:min(stockStep, len(figures))]
		figures = figures[len(batch):]
		last = len(figures) == 0
		err := pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
			if err := w.hold(ctx, tx); err != nil {
				return err
			}
			applied, err := inventory.SetFromImport(ctx, tx, source, inventory.Counted(batch))
			if err != nil {
				return err
			}
			place, s := w.place, step{done: len(batch), updated: applied, unchanged: len(batch) - applied, last: last}
			if len(batch) > 0 {
				place.Row = batch[len(batch)-1].Row
			}
			if last {
				s.done, s.skipped = s.done+file.Bad, file.Bad
			}
			return w.progress(ctx, tx, place, nil, s)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// locationStep is how many locations are written in one transaction.
const locationStep = 200

// importLocations writes the locations of a file from the one at which the job is.
func (f *Files) importLocations(ctx context.Context, w *work) error {
	file, err := inventory.ReadLocations(open(ctx, f.db, *w.content, w.size))
	if err != nil {
		return err
	}
	for last := false; !last && w.another(); {
		err := pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
			if err := w.hold(ctx, tx); err != nil {
				return err
			}
			written, err := file.Write(ctx, tx, w.place.Row, locationStep)
			if err != nil {
				return err
			}
			place := w.place
			place.Row = min(place.Row+locationStep, file.Len())
			last = place.Row == file.Len()
			s := step{done: place.Row - w.place.Row, created: written.Created, updated: written.Updated, unchanged: written.Unchanged, last: last}
			if last {
				s.done, s.skipped = s.done+file.Bad, file.Bad
			}
			return w.progress(ctx, tx, place, nil, s)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
