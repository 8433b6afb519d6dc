package inventory

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// stockBatch is how many figures are written in one transaction.
const stockBatch = 1000

// ImportStock takes counts per location to the shelves, from a CSV with the columns Location (external id or name),
// On hand, and Handle with Option1 Value to Option3 Value, or SKU. It says how many figures were applied, by the rule
// of SetFromImport. The whole file is checked first; if anything is wrong with it, the answer is *InvalidFile and
// nothing is written.
func ImportStock(ctx context.Context, pool *pgxpool.Pool, file io.Reader) (int, error) {
	read, err := ReadStock(ctx, pool, file)
	if bad, ok := catalog.IsInvalidFile(err); ok {
		read.Problems, err = bad.Problems, nil
	}
	if err != nil {
		return 0, err
	}
	bad := &InvalidFile{}
	for _, p := range read.Problems {
		bad.add("%s", p)
	}
	if bad.More += read.More; len(bad.Problems) > 0 {
		return 0, bad
	}
	source, applied := "stock:"+uuid.UUID(id.New()).String(), 0
	for batch := range slices.Chunk(Plain(read.Figures), stockBatch) {
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

const locationNamesSQL = `
select id, coalesce(external_id, ''), name
from location
order by id`

// LocationNames finds locations by external id, by id and, where that is clear, by name.
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
		byExternalID[location.String()] = location
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
