package search

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// ListingRefusal is a product that can't be listed as it is: lists have it as it was before, or not at all.
type ListingRefusal struct {
	ProductID id.ProductID
	Reason    string
	Tries     int
	Since     time.Time
	At        time.Time // of the last try
}

// listSound lists products as list does, each that can be listed. Where one can't, all that are listed with it fail; so
// they are tried again by halves, until the one is alone. It is noted and the rest goes on: a product that nobody can
// list must not keep the others out.
func (s *Search) listSound(ctx context.Context, tx pgx.Tx, copies []int16, products []id.ProductID) (changed bool, err error) {
	err = pg.Within(ctx, tx, func(tx pgx.Tx) error {
		if changed, err = list(ctx, tx, copies, products); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, soundSQL, products)
		return err
	})
	switch {
	case err == nil || !itsOwnFault(ctx, tx, err):
		return changed, err
	case len(products) == 1:
		return false, s.refuse(ctx, tx, products[0], err)
	}
	half := len(products) / 2
	first, err := s.listSound(ctx, tx, copies, products[:half])
	if err != nil {
		return false, err
	}
	second, err := s.listSound(ctx, tx, copies, products[half:])
	return first || second, err
}

// itsOwnFault tells an error that comes of what products are from those of the database at this moment, which the next
// try may not meet. What fails while the connection lives and is no word of the database's is what a row is made of.
func itsOwnFault(ctx context.Context, tx pgx.Tx, err error) bool {
	if pg.SQLState(err) == "" {
		return ctx.Err() == nil && !tx.Conn().IsClosed()
	}
	return pg.IsOfRows(err)
}

const soundSQL = `
delete from listing_refused
where product_id = any($1::uuid[])`

const refuseSQL = `
insert into listing_refused as r (product_id, reason)
values ($1, $2)
on conflict (product_id) do update
set reason = excluded.reason,
    tries = r.tries + 1,
    at = clock_timestamp()`

// longestReason bounds what is kept of an error.
const longestReason = 1000

// refuse notes a product that can't be listed.
func (s *Search) refuse(ctx context.Context, tx pgx.Tx, product id.ProductID, why error) error {
	s.logger.ErrorContext(ctx, "a product can't be listed", "product", product.String(), "error", why)
	if _, err := tx.Exec(ctx, refuseSQL, product, cut(why.Error(), longestReason)); err != nil {
		return fmt.Errorf("note a product that can't be listed: %w", err)
	}
	return nil
}

const refusedSQL = `
select product_id, reason, tries, since, at
from listing_refused
order by since desc, product_id
limit $1`

// mostRefused is how many products that can't be listed are named.
const mostRefused = 50

// refusals names the products that can't be listed, the newest first.
func refusals(ctx context.Context, db pg.DB) ([]ListingRefusal, error) {
	rows, err := db.Query(ctx, refusedSQL, mostRefused)
	if err != nil {
		return nil, fmt.Errorf("read what can't be listed: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ListingRefusal])
	if err != nil {
		return nil, fmt.Errorf("read what can't be listed: %w", err)
	}
	return found, nil
}

// refusedFor is how long a product that can't be listed waits for the next try, unless it is changed before.
const refusedFor = 10 * time.Minute

const tryAgainSQL = `
insert into listing_stale (product_id)
select product_id
from listing_refused
where at < clock_timestamp() - $1::interval
order by product_id
on conflict (product_id) do nothing`

// tryAgain has the products listed anew that could not be: the reason may be gone with another version of the shop.
func tryAgain(ctx context.Context, db pg.DB) error {
	if _, err := db.Exec(ctx, tryAgainSQL, refusedFor); err != nil {
		return fmt.Errorf("try again what can't be listed: %w", err)
	}
	return nil
}
