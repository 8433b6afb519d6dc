package files

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

// maxProblems is how many problems of a file are kept; the rest is counted.
const maxProblems = 1000

// check reads on in the file and writes nothing of it, until the turn is over or the whole file was read.
func (f *Files) check(ctx context.Context, w *work) error {
	var err error
	if w.kind == Products {
		err = f.checkProducts(ctx, w)
	} else {
		err = f.checkWhole(ctx, w)
	}
	bad, invalid := catalog.IsInvalidFile(err)
	if !invalid {
		return err
	}
	return pg.InTx(ctx, f.db, func(tx pgx.Tx) error { // no row of it can be read
		if err := w.hold(ctx, tx); err != nil {
			return err
		}
		return w.checked(ctx, tx, findings{problems: bad.Problems, more: bad.More, last: true, broken: true}, catalog.FilePlace{})
	})
}

func (f *Files) checkProducts(ctx context.Context, w *work) error {
	file, err := catalog.OpenProductFile(open(ctx, f.db, *w.content, w.size), w.currency, w.owner, w.place)
	if err != nil {
		return err
	}
	for last := false; !last && w.another(); {
		batch, err := file.Next()
		if err != nil {
			return err
		}
		err = pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
			if err := w.hold(ctx, tx); err != nil {
				return err
			}
			return w.inspect(ctx, tx, file, batch)
		})
		if err != nil {
			return err
		}
		last = batch.Last
	}
	return nil
}

// inspect holds a batch against the shop and against what of the file was read before it.
func (w *work) inspect(ctx context.Context, tx pgx.Tx, file *catalog.ProductFile, batch catalog.ProductBatch) error {
	if err := file.Inspect(ctx, tx, &batch); err != nil {
		return err
	}
	repeated, err := w.repeated(ctx, tx, batch.Keys())
	if err != nil {
		return err
	}
	batch.Refuse(repeated)
	return w.checked(ctx, tx, findings{
		rows: batch.Len(), bad: batch.Bad, problems: batch.Problems, more: batch.More, ignored: file.Ignored(),
		last: batch.Last, broken: batch.Torn,
	}, batch.Next)
}

const repeatedSQL = `
with given as (
    select *
    from unnest($2::text[], $3::text[], $4::integer[]) g("column", key, row)
), kept as (
    insert into file_key (job_id, "column", key, row)
    select distinct on (g."column", g.key) $1::uuid, g."column", g.key, g.row
    from given g
    order by g."column", g.key, g.row
    on conflict do nothing
)
select g."column", g.key, g.row, k.row
from given g
join file_key k on k.job_id = $1 and k."column" = g."column" and k.key = g.key
order by g.row`

// repeated finds the keys that stood in an earlier batch of the file, and keeps the others for the batches to come.
func (w *work) repeated(ctx context.Context, tx pgx.Tx, keys []catalog.FileKey) ([]catalog.RepeatedKey, error) {
	columns, texts, numbers := make([]string, len(keys)), make([]string, len(keys)), make([]int, len(keys))
	for i, k := range keys {
		columns[i], texts[i], numbers[i] = k.Column, k.Key, k.Row
	}
	rows, err := tx.Query(ctx, repeatedSQL, w.job, columns, texts, numbers)
	if err != nil {
		return nil, fmt.Errorf("look for what is repeated: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r catalog.RepeatedKey, err error) {
		err = row.Scan(&r.Column, &r.Key, &r.Row, &r.First)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("look for what is repeated: %w", err)
	}
	return found, nil
}

// checkWhole reads a file that is small in one transaction.
func (f *Files) checkWhole(ctx context.Context, w *work) error {
	return pg.InTx(ctx, f.db, func(tx pgx.Tx) error {
		if err := w.hold(ctx, tx); err != nil {
			return err
		}
		found, err := w.readWhole(ctx, tx)
		if err != nil {
			return err
		}
		found.last = true
		return w.checked(ctx, tx, found, catalog.FilePlace{})
	})
}

func (w *work) readWhole(ctx context.Context, tx pgx.Tx) (findings, error) {
	file := open(ctx, tx, *w.content, w.size)
	if w.kind == Locations {
		l, err := inventory.ReadLocations(file)
		return findings{rows: l.Len() + l.Bad, problems: l.Problems, more: l.More, ignored: l.Ignored}, err
	}
	s, err := inventory.ReadStock(ctx, tx, file)
	return findings{rows: len(s.Figures) + s.Bad, problems: s.Problems, more: s.More}, err
}
