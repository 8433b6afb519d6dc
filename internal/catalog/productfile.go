package catalog

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/gosimple/slug"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// FilePlace is a row of a file at which reading can go on.
type FilePlace struct {
	Offset int64
	Row    int // rows before it
	Line   int // of its first field
}

// ProductFile reads the products of a file, and can begin at any product of it.
type ProductFile struct {
	reader *productReader
	owner  string // whose external ids it has
}

// OpenProductFile reads the header and goes to a place, the zero place being the first product. A file that can't be
// read at all is *InvalidFile. owner is whose external ids it has.
func OpenProductFile(file io.ReadSeeker, currency money.Currency, owner string, at FilePlace) (*ProductFile, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, wrap(err, "read the file")
	}
	s, err := openSheet(file, &InvalidFile{})
	if err != nil {
		return nil, err
	}
	if err := s.bad.orNil(); err != nil {
		return nil, err
	}
	if at.Offset > 0 {
		if err := s.goOn(file, at); err != nil {
			return nil, err
		}
	}
	r, err := newProductReader(s, currency)
	if err != nil {
		return nil, err
	}
	if at.Offset > 0 && r.ahead {
		s.lines = at.Line - s.line(0)
	}
	return &ProductFile{r, owner}, nil
}

// Ignored are the columns that mean nothing to the catalog.
func (f *ProductFile) Ignored() []string { return f.reader.ignored }

// ProductBatch is some products of a file.
type ProductBatch struct {
	Problems []Problem // with the products of this batch
	More     int       // how many were found beyond those listed
	Bad      []int     // the first rows of the products that have problems
	Next     FilePlace
	Last     bool
	Torn     bool // it is the last because the file can't be read on

	products []fileProduct
	matched  map[int]known // by row, once it was inspected
}

// Len is how many products it is.
func (b ProductBatch) Len() int { return len(b.products) }

// A batch of a file holds at most importBatch products, and no further one once it has as many rows or bytes as these: so
// it costs little memory, and its transaction is short, whatever the file is like.
const (
	batchRows  = 2000
	batchBytes = 1 << 20
)

// Next reads the next products. What it finds to be repeated is so within them: what was before is for Refuse to say.
func (f *ProductFile) Next() (ProductBatch, error) {
	var b ProductBatch
	r := f.reader
	clear(r.seen)
	row, offset := r.row, r.start
	for len(b.products) < importBatch && r.row-row < batchRows && r.start-offset < batchBytes {
		p, ok, err := r.read()
		if err != nil {
			return b, err
		}
		if bad := r.bad; len(bad.Problems) > 0 {
			b.Problems, b.More = append(b.Problems, bad.Problems...), b.More+bad.More
			bad.Problems, bad.More, bad.rows = nil, 0, nil
			if ok {
				b.Bad = append(b.Bad, p.row)
			}
		}
		if !ok {
			b.Last, b.Torn = true, r.torn
			return b, nil
		}
		b.products = append(b.products, p)
	}
	b.Last, b.Torn = !r.ahead, r.torn
	if r.ahead {
		b.Next = FilePlace{Offset: r.start, Row: r.row - 1, Line: r.line(0)}
	}
	return b, nil
}

// Inspect adds the problems that only the shop can tell.
func (f *ProductFile) Inspect(ctx context.Context, db pg.DB, b *ProductBatch) error {
	m := matching{owner: f.owner, claimed: map[id.ProductID]int{}, bad: &InvalidFile{}}
	var err error
	if b.matched, err = inspect(ctx, db, f.reader.has, m, b.products); err != nil {
		return err
	}
	b.add(m.bad)
	return nil
}

// add takes problems with products of the batch up, in the order of the rows.
func (b *ProductBatch) add(bad *InvalidFile) {
	b.Bad, b.Problems = slices.Clone(b.Bad), append(slices.Clone(b.Problems), bad.Problems...)
	for _, row := range bad.rows {
		if !slices.Contains(b.Bad, row) {
			b.Bad = append(b.Bad, row)
		}
	}
	b.More += bad.More
	slices.SortStableFunc(b.Problems, func(a, c Problem) int { return a.Row - c.Row })
}

// Rows are the rows in which the products of the batch begin.
func (b ProductBatch) Rows() []int {
	rows := make([]int, len(b.products))
	for i, p := range b.products {
		rows[i] = p.row
	}
	return rows
}

// Write brings the products of a batch into the shop, but for those that begin in a row to be skipped or have problems.
// What has become wrong since the file was checked is left out too, and told.
func (f *ProductFile) Write(ctx context.Context, tx pgx.Tx, b ProductBatch, skip []int, source string, options ImportOptions) (s ImportSummary, refused InvalidFile, err error) {
	good := slices.DeleteFunc(slices.Clone(b.products), func(p fileProduct) bool {
		_, skipped := slices.BinarySearch(skip, p.row)
		return skipped || slices.Contains(b.Bad, p.row)
	})
	if len(good) == 0 {
		return s, refused, nil
	}
	options.Owner = f.owner
	i := importing{options: options, source: source}
	bad, err := i.writeTx(ctx, tx, f.reader.has, good, &s)
	return s, *bad, err
}

// inspect finds what only the shop can tell of products: which they are, options that the file says nothing of, and
// collections into which nobody puts products.
func inspect(ctx context.Context, db pg.DB, has func(column string) bool, m matching, batch []fileProduct) (map[int]known, error) {
	matched, err := m.match(ctx, db, knownProductsSQL, batch)
	if err != nil {
		return nil, err
	}
	if !has(colOptionValue[0]) {
		if err := refuseOptions(ctx, db, m.bad, batch, matched); err != nil {
			return nil, err
		}
	}
	return matched, refuseRuleBased(ctx, db, m.bad, batch)
}

const ruleBasedHandlesSQL = `
select handle
from collection
where handle = any($1::text[])
  and rule_based`

// refuseRuleBased finds the products that are to be put into collections whose rules decide about that.
func refuseRuleBased(ctx context.Context, db pg.DB, bad *InvalidFile, batch []fileProduct) error {
	var handles []string
	for _, p := range batch {
		for _, name := range p.collections {
			handles = append(handles, slug.Make(name), name)
		}
	}
	if len(handles) == 0 {
		return nil
	}
	ruled, err := idsOf[string](ctx, db, ruleBasedHandlesSQL, handles)
	if err != nil {
		return wrap(err, "read collections with rules")
	}
	for _, p := range batch {
		for _, name := range p.collections {
			if slices.Contains(ruled, slug.Make(name)) || slices.Contains(ruled, name) {
				bad.add(Problem{Row: p.row, Line: p.line, Column: colCollection, Message: "The collection " + clip(name) + " has rules, which decide about its products."})
			}
		}
	}
	return nil
}

// IsInvalidFile gives what is wrong with a file, where that is the error.
func IsInvalidFile(err error) (*InvalidFile, bool) {
	var bad *InvalidFile
	ok := errors.As(err, &bad)
	return bad, ok
}
