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
	// longestReading is how long the runs may read the same books, without the time between them, until operators are told that they do not end.
	longestReading = time.Hour
)

// place is where a run begins in a provider's books: at their beginning, or where the last one has come to whose time was
// over, when the changes did not say how far that was.
type place struct {
	page  string        // empty at the beginning
	since time.Time     // from when on the books are asked for
	began time.Time     // when the first page was read
	spent time.Duration // how long the pages until then have taken
	seen  []uuid.UUID   // what they have shown that somebody asks for later, of the keys that an attempt may have
	read  mark          // the row from which it is
}

// mark tells the rows of a provider apart: no two readings begin at the same time, and in none a page comes twice. It is empty where
// there is no row.
type mark struct {
	page  []byte
	began *time.Time
}

const placeSQL = `
select next_page, since, began, spent, seen, next_page <> '' and kept_at > clock_timestamp() - $2 * interval '1 microsecond'
from payment_reconciliation_place
where provider = $1`

// from is the place where this run begins. What the runs before it have seen of the same books, it has seen too.
func (r *reconciliation) from(ctx context.Context, since time.Time) (place, error) {
	var row place
	var holds bool
	err := r.pool.QueryRow(ctx, placeSQL, r.name, placeHolds.Microseconds()).
		Scan(&row.read.page, &row.since, &row.began, &row.spent, &row.seen, &holds)
	if errors.Is(err, pgx.ErrNoRows) {
		return place{since: since, began: r.now}, nil
	}
	if err != nil {
		return place{}, fmt.Errorf("read where the books go on: %w", err)
	}
	began := row.began
	row.read.began = &began
	if !holds {
		return place{since: since, began: r.now, read: row.read}, nil
	}
	row.page = string(row.read.page)
	for _, key := range row.seen {
		r.seen[key.String()] = struct{}{}
	}
	return row, nil
}

// A run that comes late must not take another one back, nor begin anew what another one has ended: what it keeps counts only where
// the row is still the one that it has read.
const keepPlaceSQL = `
insert into payment_reconciliation_place as p (provider, next_page, since, began, spent, kept_at, seen)
values ($1, $2, $3, $4, $5, clock_timestamp() - $6 * interval '1 microsecond', $7)
on conflict (provider) do update
set next_page = excluded.next_page, since = excluded.since, began = excluded.began, spent = excluded.spent, kept_at = excluded.kept_at, seen = excluded.seen
where p.next_page = $8 and p.began = $9`

// keep keeps up to which change this run has come, and the page with which the next one goes on, if that does not say it.
func (r *reconciliation) keep(ctx context.Context, at place, b reading) error {
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, keepReconciledSQL, r.name, b.reached); err != nil {
			return err
		}
		return r.keepPlace(ctx, tx, at, b)
	})
}

// hold keeps the page that was not answered, also when nobody waits for this run any more. Up to which change it has come is not
// kept: whether the shop's own charges are in the books is asked only when they have been read that far.
func (r *reconciliation) hold(ctx context.Context, at place, b reading) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	return pg.InTx(ctx, r.pool, func(tx pgx.Tx) error { return r.keepPlace(ctx, tx, at, b) })
}

func (r *reconciliation) keepPlace(ctx context.Context, tx pgx.Tx, at place, b reading) error {
	seen := []uuid.UUID{}
	if b.next != "" {
		for text := range r.seen {
			if key, err := uuid.Parse(text); err == nil && key.String() == text {
				seen = append(seen, key)
			}
		}
	}
	_, err := tx.Exec(ctx, keepPlaceSQL, r.name, []byte(b.next), at.since, at.began, b.spent, time.Since(b.named).Microseconds(), seen,
		at.read.page, at.read.began)
	return err
}
