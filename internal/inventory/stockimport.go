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

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// stockRow is one line of a stock file.
type stockRow struct {
	row                   int
	location, handle, sku string
	values                []string
	quantity              int
}

// stockBatch is how many figures are written in one transaction.
const stockBatch = 1000

// ImportStock takes counts per location to the shelves, from a CSV with the columns Location (external id or name),
// On hand, and Handle with Option1 Value to Option3 Value, or SKU. It says how many figures were applied, by the rule
// of SetFromImport. The whole file is checked first; if anything is wrong with it, the answer is *InvalidFile and
// nothing is written.
func ImportStock(ctx context.Context, pool *pgxpool.Pool, file io.Reader) (int, error) {
	rows, err := readStock(file)
	if err != nil {
		return 0, err
	}
	figures, err := resolveStock(ctx, pool, rows)
	if err != nil {
		return 0, err
	}
	source, applied := "stock:"+uuid.UUID(id.New()).String(), 0
	for batch := range slices.Chunk(figures, stockBatch) {
		n := 0
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
			n, err = SetFromImport(ctx, tx, source, batch)
			return err
		})
		if err != nil {
			return applied, fmt.Errorf("import stock: %w", err)
		}
		applied += n
	}
	return applied, nil
}

func readStock(file io.Reader) ([]stockRow, error) {
	bad := &InvalidFile{}
	r := csv.NewReader(file)
	r.ReuseRecord = true
	at := map[string]int{}
	var rows []stockRow
	for n := 1; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			bad.add("row %d: This is no CSV: %v.", n, err)
			break
		}
		cell := func(column string) string {
			if i, ok := at[column]; ok {
				return strings.TrimSpace(strings.Clone(record[i]))
			}
			return ""
		}
		if n == 1 {
			for i, name := range record {
				at[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
			}
			if i, ok := at["store"]; ok { // what a shop without warehouses calls a location
				at["location"] = i
			}
			for _, column := range []string{"Location", "On hand"} {
				if _, ok := at[strings.ToLower(column)]; !ok {
					bad.add("row 1, column %q: The column is missing.", column)
				}
			}
			if len(bad.Problems) > 0 {
				break
			}
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
			bad.add("row %d, column %q: %q is no quantity.", n, "On hand", cell("on hand"))
		case row.handle == "" && row.sku == "":
			bad.add("row %d, column %q: Give the product's handle or the SKU.", n, "Handle")
		}
		row.quantity = int(quantity)
		rows = append(rows, row)
	}
	return rows, bad.orNil()
}

const locationNamesSQL = `
select id, coalesce(external_id, ''), name
from location
order by id`

// resolveStock finds the location and the variant that each row means.
func resolveStock(ctx context.Context, db pg.DB, rows []stockRow) ([]Figure, error) {
	locations, err := LocationNames(ctx, db)
	if err != nil {
		return nil, err
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
		return nil, err
	}
	byHandle, bySKU := map[string][]catalog.VariantKey{}, map[string][]catalog.VariantKey{}
	for _, k := range keys {
		byHandle[k.Handle] = append(byHandle[k.Handle], k)
		if k.SKU != nil {
			bySKU[strings.ToLower(*k.SKU)] = append(bySKU[strings.ToLower(*k.SKU)], k)
		}
	}
	bad, seen := &InvalidFile{}, map[shelf]int{}
	figures := make([]Figure, 0, len(rows))
	for _, row := range rows {
		location, ok := locations[row.location]
		if !ok {
			bad.add("row %d, column %q: There is no location %q.", row.row, "Location", row.location)
			continue
		}
		found := bySKU[row.sku]
		if row.handle != "" {
			found = slices.DeleteFunc(slices.Clone(byHandle[row.handle]), func(k catalog.VariantKey) bool { return !row.means(k) })
		}
		if len(found) != 1 {
			bad.add("row %d: %d variants are called that; exactly one is needed.", row.row, len(found))
			continue
		}
		s := shelf{found[0].ID, location}
		if first, twice := seen[s]; twice {
			bad.add("row %d: Row %d counts the same shelf.", row.row, first)
			continue
		}
		seen[s] = row.row
		figures = append(figures, Figure{VariantID: s.variant, LocationID: s.location, Quantity: &row.quantity})
	}
	return figures, bad.orNil()
}

// means says whether a row that names the product means this variant of it.
func (r stockRow) means(k catalog.VariantKey) bool {
	if len(r.values) > 0 {
		return slices.Equal(r.values, k.OptionValues)
	}
	return r.sku == "" || (k.SKU != nil && strings.EqualFold(*k.SKU, r.sku))
}

// LocationNames finds locations by external id and, where that is clear, by name.
func LocationNames(ctx context.Context, db pg.DB) (map[string]id.LocationID, error) {
	rows, err := db.Query(ctx, locationNamesSQL)
	if err != nil {
		return nil, fmt.Errorf("read locations: %w", err)
	}
	byExternalID, byName, twice := map[string]id.LocationID{}, map[string]id.LocationID{}, map[string]bool{}
	var location id.LocationID
	var externalID, name string
	_, err = pgx.ForEachRow(rows, []any{&location, &externalID, &name}, func() error {
		if externalID != "" {
			byExternalID[externalID] = location
		}
		_, there := byName[name]
		twice[name] = there
		byName[name] = location
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read locations: %w", err)
	}
	for name, location := range byName {
		if _, taken := byExternalID[name]; !taken && !twice[name] {
			byExternalID[name] = location
		}
	}
	return byExternalID, nil
}
