package pg

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

const durabilitySQL = `
select name
from pg_settings
where name in ('fsync', 'full_page_writes', 'synchronous_commit')
  and setting = 'off'
order by name`

// CheckDurability refuses a database that may forget what it acknowledged. An
// order that a shopper was told is placed must outlive a power cut.
func CheckDurability(ctx context.Context, db DB) error {
	rows, err := db.Query(ctx, durabilitySQL)
	if err != nil {
		return fmt.Errorf("read the database's durability settings: %w", err)
	}
	off, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the database's durability settings: %w", err)
	}
	if len(off) > 0 {
		return fmt.Errorf("the database runs with %s off and may lose acknowledged orders in a crash: turn it on in postgresql.conf",
			strings.Join(off, ", "))
	}
	return nil
}
