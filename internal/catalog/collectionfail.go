package catalog

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// follower follows rules. Rules that can't be followed are put aside alone, so that they keep no other collection's and no
// other product's waiting.
type follower struct {
	stock  StockOf
	logger *slog.Logger
}

// A try that fails is followed by a pause of a minute, then of twice as long each time, up to an hour. Whoever waits for
// a position waits for the collection, too.
const putAsideSQL = `
insert into collection_membership as m (collection_id, pending, tries, next_try, failure, asked)
values ($1, true, 1, now() + interval '1 minute', $2, $3)
on conflict (collection_id) do update
set tries = m.tries + 1,
    next_try = now() + least(interval '1 minute' * power(2, least(m.tries, 6)), interval '1 hour'),
    failure = excluded.failure,
    asked = case when m.pending then least(m.asked, excluded.asked) else excluded.asked end,
    pending = true,
    cursor = null,
    done = 0,
    finished_at = null
returning tries`

// longestFailure bounds what is kept of an error.
const longestFailure = 1000

// putAside has a collection wait for the next try of its rules. asked is the lowest position that it does not follow now.
func (f follower) putAside(ctx context.Context, tx pgx.Tx, collection id.CollectionID, asked *int64, why error) error {
	reason := why.Error()
	if r := []rune(reason); len(r) > longestFailure {
		reason = string(r[:longestFailure])
	}
	var tries int
	if err := tx.QueryRow(ctx, putAsideSQL, collection, reason, asked).Scan(&tries); err != nil {
		return wrap(err, "put rules aside that can't be followed")
	}
	if tries == 1 {
		f.logger.ErrorContext(ctx, "the rules of a collection can't be followed", "collection", collection.String(), "error", why)
	}
	return nil
}

// unfollowable tells what comes of rules and products, and of how much work they are, from what the database is like at this
// moment. A product that went while it was looked at is no fault of the rules.
func unfollowable(ctx context.Context, err error) bool {
	return ctx.Err() == nil && (pg.IsOfRows(err) || pg.IsStatementTimeout(err)) && !pg.IsForeignKey(err, "")
}

// hold holds products against the rules of collections and gives those that have moved. Where that fails it is tried again by
// halves of the collections, until the one is alone whose rules can't be followed.
func (f follower) hold(ctx context.Context, tx pgx.Tx, collections []id.CollectionID, products []id.ProductID, asked *int64) (moved []id.ProductID, err error) {
	err = pg.Within(ctx, tx, func(tx pgx.Tx) error {
		moved, err = idsOf[id.ProductID](ctx, tx, followRulesSQL, collections, products)
		return wrap(err, "hold products against rules")
	})
	switch {
	case err == nil || !unfollowable(ctx, err):
		return moved, err
	case len(collections) == 1:
		return nil, f.putAside(ctx, tx, collections[0], asked, err)
	}
	half := len(collections) / 2
	moved, err = f.hold(ctx, tx, collections[:half], products, asked)
	if err != nil {
		return nil, err
	}
	more, err := f.hold(ctx, tx, collections[half:], products, asked)
	return append(moved, more...), err
}
