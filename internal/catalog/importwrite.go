package catalog

import (
	"context"
	"fmt"
	"slices"

	"github.com/gosimple/slug"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// importing is one run of an import.
type importing struct {
	pool    *pgxpool.Pool
	options ImportOptions
	source  string
	summary *ImportSummary
	done    int
}

// write brings one batch into the shop.
func (i *importing) write(ctx context.Context, has func(string) bool, batch []fileProduct, total int) error {
	if len(batch) == 0 {
		return nil
	}
	var s ImportSummary
	err := pg.InTx(ctx, i.pool, func(tx pgx.Tx) error {
		s = ImportSummary{}
		bad, err := i.writeTx(ctx, tx, has, batch, &s)
		if err == nil {
			err = bad.orNil()
		}
		return err
	})
	if err != nil {
		return err
	}
	i.summary.Products.add(s.Products)
	i.summary.Variants.add(s.Variants)
	i.summary.Images.add(s.Images)
	i.summary.Collections += s.Collections
	i.summary.Stock += s.Stock
	i.done += len(batch)
	if i.options.Progress != nil {
		i.options.Progress(i.done, total)
	}
	return nil
}

// patientSQL lets a batch wait for its turn longer than a shopper's request would.
const patientSQL = `
select set_config('lock_timeout', '60s', true), set_config('statement_timeout', '90s', true)`

// importTurnSQL makes imports take turns, so that two of them never make the same product or collection twice.
const importTurnSQL = `
select pg_advisory_xact_lock(hashtextextended('catalog import', 0))`

const importTimeSQL = `
select now()`

// writeTx gives what it left out, since the shop has changed after the file was checked.
func (i *importing) writeTx(ctx context.Context, tx pgx.Tx, has func(string) bool, batch []fileProduct, s *ImportSummary) (*InvalidFile, error) {
	bad := &InvalidFile{}
	if _, err := tx.Exec(ctx, patientSQL); err != nil {
		return bad, wrap(err, "wait for a turn")
	}
	if _, err := tx.Exec(ctx, importTurnSQL); err != nil {
		return bad, wrap(err, "wait for a turn")
	}
	m := merging{has: has, currency: i.options.Currency}
	if err := tx.QueryRow(ctx, importTimeSQL).Scan(&m.now); err != nil {
		return bad, wrap(err, "read the time")
	}
	olds, matched, err := i.read(ctx, tx, bad, batch)
	if err != nil {
		return bad, err
	}
	batch = slices.DeleteFunc(slices.Clone(batch), func(f fileProduct) bool { return slices.Contains(bad.rows, f.row) })
	merged, crossings := make(map[int]stored, len(batch)), make(map[int]crossing, len(batch))
	for _, f := range batch {
		old := olds[matched[f.row].Handle]
		if merged[f.row] = m.merge(old, f); old != nil {
			crossings[f.row] = crossed(old.variants, merged[f.row].variants)
		}
	}
	if err := i.keepParts(ctx, tx, bad, batch, crossings); err != nil {
		return bad, err
	}
	batch = slices.DeleteFunc(batch, func(f fileProduct) bool { return slices.Contains(bad.rows, f.row) })
	collections, err := i.collections(ctx, tx, batch, s)
	if err != nil {
		return bad, err
	}
	w := importWrite{batch: &pgx.Batch{}, summary: s, has: has, now: m.now, owner: i.options.Owner}
	for _, f := range batch {
		old := olds[matched[f.row].Handle]
		to := merged[f.row]
		for _, name := range f.collections {
			if c := collections[name]; old == nil || !slices.Contains(old.collections, c.handle) {
				w.join = append(w.join, membership{c.id, to.ID})
			}
		}
		w.product(old, to, f)
	}
	if err := w.flush(ctx, tx); err != nil {
		return bad, wrap(err, "write products")
	}
	if i.options.Stock != nil && len(w.figures) > 0 {
		if s.Stock, err = i.options.Stock(ctx, tx, i.source, w.figures); err != nil {
			return bad, wrap(err, "apply stock")
		}
	}
	if len(w.changed) == 0 && len(w.join) == 0 && s.Collections == 0 {
		return bad, nil
	}
	_, err = changed(ctx, tx, w.changed)
	return bad, err
}

// keepParts leaves out the products of which a variant would go that is part of a bundle, or a bundle come back without a
// part of it. crossings are the variants that would go and come, by the row of their product.
func (i *importing) keepParts(ctx context.Context, tx pgx.Tx, bad *InvalidFile, batch []fileProduct, crossings map[int]crossing) error {
	var all crossing
	for _, f := range batch {
		all.going = append(all.going, crossings[f.row].going...)
		all.coming = append(all.coming, crossings[f.row].coming...)
	}
	in, err := bundledIn(ctx, tx, i.options.Bundles, idsOfVariants(all.going))
	if err != nil {
		return err
	}
	lacking, err := lackingIn(ctx, tx, i.options.Bundles, all)
	if err != nil {
		return err
	}
	for _, f := range batch {
		for _, v := range crossings[f.row].going {
			if bundle := in[v.ID]; bundle != "" {
				bad.add(Problem{Row: f.row, Line: f.line, Column: colOptionValue[0], Message: fmt.Sprintf(
					"The file does not have the variant %q, which is part of the bundle %q. Change the bundle first.", clip(v.Title), bundle)})
			}
		}
		for _, v := range crossings[f.row].coming {
			if part := lacking[v.ID]; part != "" {
				bad.add(Problem{Row: f.row, Line: f.line, Column: colOptionValue[0], Message: lacks(v.Title, part).Message})
			}
		}
	}
	return nil
}

// read locks the products that the file's are and reads what belongs to them, by handle.
func (i *importing) read(ctx context.Context, tx pgx.Tx, bad *InvalidFile, batch []fileProduct) (map[string]*stored, map[int]known, error) {
	m := matching{owner: i.options.Owner, claimed: map[id.ProductID]int{}, bad: bad}
	matched, err := m.match(ctx, tx, lockKnownProductsSQL, batch)
	if err != nil {
		return nil, nil, err
	}
	handles := make([]string, 0, len(matched))
	for _, k := range matched {
		handles = append(handles, k.Handle)
	}
	olds, err := readStored(ctx, tx, handles)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range matched {
		olds[k.Handle].external = k.External
	}
	return olds, matched, nil
}

type madeCollection struct {
	id     id.CollectionID
	handle string
}

const addCollectionSQL = `
insert into collection (id, handle, title)
values ($1, $2, $3)
on conflict (handle) do nothing`

const collectionIDsSQL = `
select id, handle
from collection
where handle = any($1::text[])`

// collections finds the collections that the batch names, by handle or by the handle that the name makes, and makes those
// that are not there.
func (i *importing) collections(ctx context.Context, tx pgx.Tx, batch []fileProduct, s *ImportSummary) (map[string]madeCollection, error) {
	var names, handles []string
	for _, f := range batch {
		for _, name := range f.collections {
			if !slices.Contains(names, name) {
				names, handles = append(names, name), append(handles, name, slug.Make(name))
			}
		}
	}
	named := make(map[string]madeCollection, len(names))
	if len(names) == 0 {
		return named, nil
	}
	for range 2 { // what is not found the first time is made, and found the second time, whoever made it
		found, err := collectionsNamed(ctx, tx, handles)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			c, ok := found[name]
			if !ok {
				c, ok = found[slug.Make(name)]
			}
			if ok {
				named[name] = c
				continue
			}
			tag, err := tx.Exec(ctx, addCollectionSQL, id.NewCollectionID(), slug.Make(name), name)
			if err != nil {
				return nil, wrap(err, "make a collection")
			}
			s.Collections += int(tag.RowsAffected())
		}
		if len(named) == len(names) {
			break
		}
	}
	return named, nil
}

func collectionsNamed(ctx context.Context, tx pgx.Tx, handles []string) (map[string]madeCollection, error) {
	rows, err := tx.Query(ctx, collectionIDsSQL, handles)
	if err != nil {
		return nil, wrap(err, "read collections")
	}
	found := map[string]madeCollection{}
	var c madeCollection
	_, err = pgx.ForEachRow(rows, []any{&c.id, &c.handle}, func() error {
		found[c.handle] = c
		return nil
	})
	return found, wrap(err, "read collections")
}
