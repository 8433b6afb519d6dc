package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
)

const (
	// placeHolds is how long a page is asked for that a run has come to; after that, the books are gone through anew.
	placeHolds = 15 * time.Minute
	// longestReading is how long the runs go on through the same books until operators are told that they do not end.
	longestReading = time.Hour
)

// place is where a run begins in a provider's books: at their beginning, or where the last one has come to whose time was
// over, when the changes did not say how far that was.
type place struct {
	page  string      // empty at the beginning
	since time.Time   // from when on the books are asked for
	began time.Time   // when the first page was read
	seen  []uuid.UUID // what the pages until then have shown, of the keys that an attempt may have
}

const placeSQL = `
select page, since, began, seen
from payment_reconciliation_place
where provider = $1
	and kept_at > clock_timestamp() - $2 * interval '1 microsecond'`

// from is the place where this run begins. What the runs before it have seen of the same books, it has seen too.
func (r *reconciliation) from(ctx context.Context, since time.Time) (place, error) {
	at := place{since: since, began: r.now}
	var page []byte
	err := r.pool.QueryRow(ctx, placeSQL, r.name, placeHolds.Microseconds()).Scan(&page, &at.since, &at.began, &at.seen)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return place{}, fmt.Errorf("read where the books go on: %w", err)
	}
	at.page = string(page)
	for _, key := range at.seen {
		r.seen[key.String()] = struct{}{}
	}
	return at, nil
}

const keepPlaceSQL = `
insert into payment_reconciliation_place (provider, page, since, began, kept_at, seen)
values ($1, $2, $3, $4, clock_timestamp(), $5)
on conflict (provider) do update
set page = excluded.page, since = excluded.since, began = excluded.began, kept_at = excluded.kept_at, seen = excluded.seen`

const leavePlaceSQL = `
delete from payment_reconciliation_place
where provider = $1`

// keep keeps up to which change this run has come, and the page with which the next one goes on, if that does not say it.
// Each place is of one run, with what that has seen: of runs side by side any may be the last to keep it.
func (r *reconciliation) keep(ctx context.Context, at place, b reading) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, keepReconciledSQL, r.name, b.reached); err != nil {
			return err
		}
		if b.next == "" {
			_, err := tx.Exec(ctx, leavePlaceSQL, r.name)
			return err
		}
		seen := []uuid.UUID{}
		for text := range r.seen {
			if key, err := uuid.Parse(text); err == nil && key.String() == text {
				seen = append(seen, key)
			}
		}
		_, err := tx.Exec(ctx, keepPlaceSQL, r.name, []byte(b.next), at.since, at.began, seen)
		return err
	})
}
