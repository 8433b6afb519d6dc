package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Change is a product that has changed since the listing took it up, with the position of its last change.
type Change struct {
	Product  id.ProductID
	Position int64
}

const takeChangesSQL = `
with taken as (
    delete from catalog_change
    where product_id in (
        select q.product_id
        from (select c.product_id from catalog_change c order by c.id limit $1) q
    )
    returning product_id, position
)
select product_id, max(position)
from taken
group by product_id`

// TakeChanges takes the products that have waited longest, with all that waits of each, out of the backlog. It belongs
// into the transaction that does what they wait for.
func TakeChanges(ctx context.Context, tx pgx.Tx, limit int) ([]Change, error) {
	rows, err := tx.Query(ctx, takeChangesSQL, limit)
	if err != nil {
		return nil, fmt.Errorf("take changes: %w", err)
	}
	changes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Change])
	if err != nil {
		return nil, fmt.Errorf("take changes: %w", err)
	}
	return changes, nil
}

// Backlog is what has changed and waits to be taken up.
type Backlog struct {
	Products int
	First    *int64     // the lowest position that waits; nil when nothing does
	Since    *time.Time // when the oldest of them was noted
}

const backlogSQL = `
select count(distinct product_id), min(position), min(at)
from catalog_change`

// Waiting reads the backlog.
func Waiting(ctx context.Context, db pg.DB) (Backlog, error) {
	var b Backlog
	if err := db.QueryRow(ctx, backlogSQL).Scan(&b.Products, &b.First, &b.Since); err != nil {
		return b, fmt.Errorf("read the catalog's backlog: %w", err)
	}
	return b, nil
}

const lowestChangeSQL = `
select min(position)
from catalog_change`

// Behind gives the lowest position of a change that has not been taken up; nil when all are.
func Behind(ctx context.Context, db pg.DB) (*int64, error) {
	var first *int64
	if err := db.QueryRow(ctx, lowestChangeSQL).Scan(&first); err != nil {
		return nil, fmt.Errorf("read the catalog's backlog: %w", err)
	}
	return first, nil
}
