package inventory

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// stockExportColumns are the columns of an export of stock. An import reads those before the last five, which are there
// for people.
var stockExportColumns = []string{
	"Location", "Handle", "Option1 Value", "Option2 Value", "Option3 Value", "SKU", "On hand", "Available", "Reserved",
	"Damaged", "Safety stock", "Incoming",
}

// StockExportHeader is the first row of an export of stock.
func StockExportHeader() []byte { return catalog.Written([][]string{stockExportColumns}) }

const shelvesCountSQL = `
select count(*)
from stock_level`

// ShelvesCount is how many shelves there are.
func ShelvesCount(ctx context.Context, db pg.DB) (n int, err error) {
	if err := db.QueryRow(ctx, shelvesCountSQL).Scan(&n); err != nil {
		return 0, fmt.Errorf("count shelves: %w", err)
	}
	return n, nil
}

// ExportedStock is the shelves of some variants as rows of a file that an import reads.
type ExportedStock struct {
	Rows []byte
	Last *id.ProductVariantID
	Done int  // shelves
	More bool // variants are left after them
}

// exportedVariants is of how many variants the shelves are exported at once.
const exportedVariants = 200

const exportedItemsSQL = `
select variant_id
from stock_item
where $1::uuid is null or variant_id > $1
order by variant_id
limit $2`

const exportedShelvesSQL = `
select variant_id, location_id, on_hand, reserved, damaged, safety_stock, incoming, sellable
from stock_level
where variant_id = any($1::uuid[])
order by variant_id, location_id`

// ExportStock writes the shelves of the next variants after one, in the order of their ids. A variant that is no longer
// offered has no name by which it could come back, and is left out.
func ExportStock(ctx context.Context, db pg.DB, after *id.ProductVariantID) (e ExportedStock, err error) {
	rows, err := db.Query(ctx, exportedItemsSQL, after, exportedVariants)
	if err != nil {
		return e, fmt.Errorf("read what is tracked: %w", err)
	}
	variants, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductVariantID])
	if err != nil || len(variants) == 0 {
		return ExportedStock{Last: after}, wrapped(err, "read what is tracked")
	}
	e.Last, e.More = &variants[len(variants)-1], len(variants) == exportedVariants
	keys, err := catalog.VariantKeysByID(ctx, db, variants)
	if err != nil {
		return e, err
	}
	locations, err := locationKeys(ctx, db)
	if err != nil {
		return e, err
	}
	rows, err = db.Query(ctx, exportedShelvesSQL, variants)
	if err != nil {
		return e, fmt.Errorf("read shelves: %w", err)
	}
	var records [][]string
	var l StockLevel
	var sellable int
	fields := []any{&l.VariantID, &l.LocationID, &l.OnHand, &l.Reserved, &l.Damaged, &l.SafetyStock, &l.Incoming, &sellable}
	_, err = pgx.ForEachRow(rows, fields, func() error {
		e.Done++
		if key, offered := keys[l.VariantID]; offered {
			records = append(records, exportedShelf(l, sellable, key, locations[l.LocationID]))
		}
		return nil
	})
	e.Rows = catalog.Written(records)
	return e, wrapped(err, "read shelves")
}

func exportedShelf(l StockLevel, sellable int, key catalog.VariantKey, location string) []string {
	row := make([]string, len(stockExportColumns))
	row[0], row[1] = catalog.Guarded(location), catalog.Guarded(key.Handle)
	if len(key.OptionValues) != 1 || key.OptionValues[0] != catalog.DefaultTitle {
		for i, value := range key.OptionValues {
			row[2+i] = catalog.Guarded(value)
		}
	}
	if key.SKU != nil {
		row[5] = catalog.Guarded(*key.SKU)
	}
	for i, figure := range []int{l.OnHand, max(sellable-l.Reserved, 0), l.Reserved, l.Damaged, l.SafetyStock, l.Incoming} {
		row[6+i] = strconv.Itoa(figure)
	}
	return row
}

// locationKeys gives each location the name by which an import finds it: its external id, else its name where no other
// has it, else its id.
func locationKeys(ctx context.Context, db pg.DB) (map[id.LocationID]string, error) {
	names, err := LocationNames(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, locationNamesSQL)
	if err != nil {
		return nil, fmt.Errorf("read locations: %w", err)
	}
	keys := make(map[id.LocationID]string, len(names))
	var location id.LocationID
	var externalID, name string
	_, err = pgx.ForEachRow(rows, []any{&location, &externalID, &name}, func() error {
		for _, key := range []string{location.String(), name, externalID} {
			if key != "" && names[key] == location {
				keys[location] = key
			}
		}
		return nil
	})
	return keys, wrapped(err, "read locations")
}

// wrapped says what was being done when an error came; of no error there is nothing to say.
func wrapped(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
