package catalog

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// StockFigure is what a file says of one variant's stock.
type StockFigure struct {
	VariantID id.ProductVariantID
	Quantity  *int  // nil where the file has no number
	Backorder *bool // whether more may be sold than there is; nil where the file does not say
}

// ImportOptions is what an import needs besides the file.
type ImportOptions struct {
	Currency money.Currency // the currency of the file's prices
	Owner    string         // whose external ids the file has; empty is the shop
	// Stock takes the figures of one batch of products in the transaction that writes them, and says how many it
	// applied. source names the import. Nil leaves stock alone.
	Stock func(ctx context.Context, tx pgx.Tx, source string, figures []StockFigure) (int, error)
	// Bundles says which bundles variants are part of: a product of which the file would take such a variant away is
	// left out, and so is one that would bring a bundle back without its parts.
	Bundles Bundles
	// Progress is told how many of the file's products are done. It may be nil.
	Progress func(done, total int)
}

// importBatch is how many products are written in one transaction.
const importBatch = 100

// Import brings the products of a Shopify export into the catalog: it creates what is new, changes what differs, and
// leaves alone what is the same and what the file has no column for. The whole file is read and checked first; if
// anything is wrong with it, the answer is *InvalidFile and nothing is written.
//
// It writes in batches of one transaction each. An import that dies has written whole products; the same file
// imported again does the rest. Two imports at once take turns, batch by batch.
func Import(ctx context.Context, pool *pgxpool.Pool, file io.ReadSeeker, options ImportOptions) (ImportSummary, error) {
	var summary ImportSummary
	if _, ok := options.Currency.Digits(); !ok {
		return summary, fmt.Errorf("import in the currency %.10q: there is no such currency", string(options.Currency))
	}
	options.Owner = cmp.Or(options.Owner, "shop")
	checked, err := check(ctx, pool, file, options)
	if err != nil {
		return summary, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return summary, fmt.Errorf("read the file again: %w", err)
	}
	summary.Ignored = checked.ignored
	i := importing{pool: pool, options: options, source: "products:" + uuid.UUID(id.New()).String(), summary: &summary}
	digest := sha256.New()
	err = eachProduct(io.TeeReader(file, digest), options.Currency, func(s *sheet, batch []fileProduct) error {
		if err := s.bad.orNil(); err != nil {
			return errFileChanged
		}
		return i.write(ctx, s.has, batch, checked.products)
	})
	if err == nil && string(digest.Sum(nil)) != string(checked.digest.Sum(nil)) {
		err = errFileChanged
	}
	if err != nil {
		return summary, fmt.Errorf("import products: %w", err)
	}
	return summary, nil
}

var errFileChanged = errors.New("the file changed while it was read; import it again")

// checkedFile is what the first reading of a file found.
type checkedFile struct {
	products int
	ignored  []string
	digest   hash.Hash
}

// check reads the whole file without writing anything.
func check(ctx context.Context, db pg.DB, file io.Reader, options ImportOptions) (checkedFile, error) {
	c := checkedFile{digest: sha256.New()}
	m := matching{owner: options.Owner, claimed: map[id.ProductID]int{}}
	var bad *InvalidFile
	err := eachProduct(io.TeeReader(file, c.digest), options.Currency, func(s *sheet, batch []fileProduct) error {
		bad, c.ignored = s.bad, s.ignored
		c.products += len(batch)
		m.bad = s.bad
		_, err := inspect(ctx, db, s.has, m, batch)
		return err
	})
	if err == nil && bad != nil {
		err = bad.orNil()
	}
	return c, err
}

const productsWithOptionsSQL = `
select id, option_names
from product
where id = any($1::uuid[])
  and option_names <> '{Title}'`

// refuseOptions finds the products that have options in the shop while the file has no column for them: which of
// their variants is meant can't be told.
func refuseOptions(ctx context.Context, db pg.DB, bad *InvalidFile, batch []fileProduct, matched map[int]known) error {
	if len(matched) == 0 {
		return nil
	}
	products := make([]id.ProductID, 0, len(matched))
	for _, k := range matched {
		products = append(products, k.ID)
	}
	rows, err := db.Query(ctx, productsWithOptionsSQL, products)
	if err != nil {
		return fmt.Errorf("read the options of products: %w", err)
	}
	options := map[id.ProductID][]string{}
	var product id.ProductID
	var names []string
	_, err = pgx.ForEachRow(rows, []any{&product, &names}, func() error {
		options[product] = slices.Clone(names)
		return nil
	})
	for _, p := range batch {
		if names, there := options[matched[p.row].ID]; there {
			bad.add(Problem{Row: p.row, Line: p.line, Column: colOptionValue[0], Message: fmt.Sprintf(
				"The product %q has the options %q in the shop. The file needs columns that say which variant is meant.", p.handle, names)})
		}
	}
	return wrap(err, "read the options of products")
}

// eachProduct reads a file's products and hands them over in batches; the last one may be empty.
func eachProduct(file io.Reader, currency money.Currency, fn func(*sheet, []fileProduct) error) error {
	s, err := openSheet(file, &InvalidFile{})
	if err != nil {
		return err
	}
	if err := s.bad.orNil(); err != nil {
		return err
	}
	r, err := newProductReader(s, currency)
	if err != nil {
		return err
	}
	batch := make([]fileProduct, 0, importBatch)
	for {
		p, ok, err := r.read()
		if err != nil {
			return err
		}
		if ok {
			batch = append(batch, p)
		}
		if !ok || len(batch) == importBatch {
			if err := fn(s, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		if !ok {
			return nil
		}
	}
}

// wrap says what was being done when an error came; of no error there is nothing to say.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
