package inventory

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/pg"
)

// stockRow is one line of a stock file.
type stockRow struct {
	row                   int
	location, handle, sku string
	values                []string
	quantity              int
}

// StockFile is what a stock file says, and what is wrong with it.
type StockFile struct {
	Figures  []StockRow
	Bad      int // rows with problems
	Problems []catalog.Problem
	More     int // how many were found beyond those listed

	lines []int // of each row that was read: one with a line break in a cell has several
}

// StockRow is what one row says of one shelf.
type StockRow struct {
	Row int
	Figure
}

// The bounds of a stock file, which is held in memory as a whole.
const (
	maxStockRows  = 200_000
	maxStockFault = 1000
)

func (f *StockFile) add(row int, column, format string, args ...any) {
	if len(f.Problems) == maxStockFault {
		f.More++
		return
	}
	p := catalog.Problem{Row: row, Column: column, Message: fmt.Sprintf(format, args...)}
	if row <= len(f.lines) {
		p.Line = f.lines[row-1]
	}
	f.Problems = append(f.Problems, p)
}

// After gives the figures that stand below a row.
func (f StockFile) After(row int) []StockRow {
	at := slices.IndexFunc(f.Figures, func(r StockRow) bool { return r.Row > row })
	if at < 0 {
		return nil
	}
	return f.Figures[at:]
}

// Counted gives the figures as what somebody has counted: they are set, whatever a file has said before.
func Counted(rows []StockRow) []Figure {
	figures := Plain(rows)
	for i := range figures {
		figures[i].Counted = true
	}
	return figures
}

// Plain gives figures without their rows.
func Plain(rows []StockRow) []Figure {
	figures := make([]Figure, len(rows))
	for i, r := range rows {
		figures[i] = r.Figure
	}
	return figures
}

// ReadStock reads a stock file and finds the shelf that each row means. Rows with problems are left out of the figures. A
// file that is no such file is *catalog.InvalidFile.
func ReadStock(ctx context.Context, db pg.DB, file io.Reader) (StockFile, error) {
	var f StockFile
	rows, err := f.read(file)
	if err != nil {
		return f, err
	}
	err = f.resolve(ctx, db, rows)
	return f, err
}

// stockColumns are the columns of a stock file; a shop without warehouses calls a location a store.
var stockColumns = []string{"location", "store", "on hand", "handle", "sku", "option1 value", "option2 value", "option3 value"}

func (f *StockFile) read(file io.Reader) ([]stockRow, error) {
	text, err := catalog.Text(file)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(text)
	r.ReuseRecord = true
	at := map[string]int{}
	var rows []stockRow
	for n := 1; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *csv.ParseError
		switch {
		case errors.As(err, &syntax):
			f.lines = append(f.lines, syntax.StartLine)
			return nil, f.broken(n, fmt.Sprintf("This is no CSV: %v.", syntax))
		case err != nil:
			return nil, fmt.Errorf("read the file: %w", err)
		case n > maxStockRows:
			return nil, f.broken(n, fmt.Sprintf("The file has more than %d rows.", maxStockRows))
		}
		line, _ := r.FieldPos(0)
		f.lines = append(f.lines, line)
		if n == 1 {
			if err := stockHeader(record, at); err != nil {
				return nil, err
			}
			continue
		}
		cell := func(column string) string {
			if i, ok := at[column]; ok {
				return catalog.Unguarded(strings.TrimSpace(strings.Clone(record[i])))
			}
			return ""
		}
		if slices.ContainsFunc(stockColumns, func(c string) bool { return !utf8.ValidString(cell(c)) || strings.ContainsRune(cell(c), 0) }) {
			f.add(n, "", "This is no UTF-8 text.")
			f.Bad++
			continue
		}
		row := stockRow{row: n, location: cell("location"), handle: strings.ToLower(cell("handle")), sku: strings.ToLower(cell("sku"))}
		for _, column := range []string{"option1 value", "option2 value", "option3 value"} {
			if value := cell(column); value != "" {
				row.values = append(row.values, value)
			}
		}
		quantity, err := strconv.ParseInt(cell("on hand"), 10, 32)
		switch {
		case err != nil || quantity < 0 || quantity > unlimited:
			f.add(n, "On hand", "%.100q is no quantity.", cell("on hand"))
		case row.handle == "" && row.sku == "":
			f.add(n, "Handle", "Give the product's handle or the SKU.")
		default:
			row.quantity = int(quantity)
			rows = append(rows, row)
			continue
		}
		f.Bad++
	}
	return rows, nil
}

// broken is a file that can't be read on from a row, with what was found before it.
func (f *StockFile) broken(row int, message string) error {
	f.add(row, "", "%s", message)
	return &catalog.InvalidFile{Problems: f.Problems, More: f.More}
}

// stockHeader finds the columns.
func stockHeader(record []string, at map[string]int) error {
	for i, name := range record {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if i, ok := at["store"]; ok {
		at["location"] = i
	}
	missing := &catalog.InvalidFile{}
	for _, column := range []string{"Location", "On hand"} {
		if _, ok := at[strings.ToLower(column)]; !ok {
			missing.Problems = append(missing.Problems, catalog.Problem{Row: 1, Column: column, Message: "The column is missing."})
		}
	}
	if len(missing.Problems) > 0 {
		return missing
	}
	return nil
}

// resolve finds the location and the variant that each row means.
func (f *StockFile) resolve(ctx context.Context, db pg.DB, rows []stockRow) error {
	locations, err := LocationNames(ctx, db)
	if err != nil {
		return err
	}
	var handles, skus []string
	for _, row := range rows {
		if row.handle != "" {
			handles = append(handles, row.handle)
		} else {
			skus = append(skus, row.sku)
		}
	}
	keys, err := catalog.VariantKeys(ctx, db, handles, skus)
	if err != nil {
		return err
	}
	byHandle, bySKU := map[string][]catalog.VariantKey{}, map[string][]catalog.VariantKey{}
	for _, k := range keys {
		byHandle[k.Handle] = append(byHandle[k.Handle], k)
		if k.SKU != nil {
			bySKU[strings.ToLower(*k.SKU)] = append(bySKU[strings.ToLower(*k.SKU)], k)
		}
	}
	seen := map[shelf]int{}
	f.Figures = make([]StockRow, 0, len(rows))
	for _, row := range rows {
		location, ok := locations[row.location]
		if !ok {
			f.add(row.row, "Location", "There is no location %.100q.", row.location)
			f.Bad++
			continue
		}
		found := bySKU[row.sku]
		if row.handle != "" {
			found = slices.DeleteFunc(slices.Clone(byHandle[row.handle]), func(k catalog.VariantKey) bool { return !row.means(k) })
		}
		if len(found) != 1 {
			f.add(row.row, "", "%d variants are called that; exactly one is needed.", len(found))
			f.Bad++
			continue
		}
		s := shelf{found[0].ID, location}
		if first, twice := seen[s]; twice {
			f.add(row.row, "", "Row %d counts the same shelf.", first)
			f.Bad++
			continue
		}
		seen[s] = row.row
		f.Figures = append(f.Figures, StockRow{row.row, Figure{VariantID: s.variant, LocationID: s.location, Quantity: &row.quantity}})
	}
	return nil
}

// means says whether a row that names the product means this variant of it.
func (r stockRow) means(k catalog.VariantKey) bool {
	if len(r.values) > 0 {
		return slices.Equal(r.values, k.OptionValues)
	}
	return r.sku == "" || (k.SKU != nil && strings.EqualFold(*k.SKU, r.sku))
}
