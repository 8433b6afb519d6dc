package catalog

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// How long rules are followed: in one statement, and in all tries of one step together, so that the step ends before the job
// that it is of. A part of what took too long may take half of its time, down to an eighth of the whole one's.
const (
	followWithin = 2 * time.Second
	triesWithin  = 6 * time.Second
)

// aloneTimes is how many times as long one collection may take for a step of all products, for which there is one try only.
const aloneTimes = 4

// follower follows rules in one step. Rules that can't be followed are put aside alone, so that they keep no other
// collection's and no other product's waiting.
type follower struct {
	stock  StockOf
	within time.Duration // one statement
	tries  time.Duration // all tries
	until  time.Time     // the end of all tries, from the first one on
	aside  []asideRules
}

// asideRules are rules that have just been put aside for the first time, and why.
type asideRules struct {
	collection id.CollectionID
	why        error
}

// newFollower begins a step.
func newFollower(stock StockOf, within, tries time.Duration) *follower {
	return &follower{stock: stock, within: within, tries: tries}
}

// tell logs what the step, which is written now, has put aside.
func (f *follower) tell(ctx context.Context, logger *slog.Logger) {
	for _, a := range f.aside {
		logger.ErrorContext(ctx, "the rules of a collection can't be followed", "collection", a.collection.String(), "error", a.why)
	}
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

// putAside has a collection wait for the next try of its rules. asked is the lowest position that it does not follow now; where
// no change has one, as those of stock, it is the catalog's, since later changes are not held against the rules either.
func (f *follower) putAside(ctx context.Context, tx pgx.Tx, collection id.CollectionID, asked *int64, why error) error {
	reason := why.Error()
	if r := []rune(reason); len(r) > longestFailure {
		reason = string(r[:longestFailure])
	}
	asked, err := orNow(ctx, tx, asked)
	if err != nil {
		return err
	}
	var tries int
	if err := tx.QueryRow(ctx, putAsideSQL, collection, reason, asked).Scan(&tries); err != nil {
		return wrap(err, "put rules aside that can't be followed")
	}
	if tries == 1 {
		f.aside = append(f.aside, asideRules{collection, why})
	}
	return nil
}

// orNow gives a position, or where the catalog is.
func orNow(ctx context.Context, tx pgx.Tx, at *int64) (*int64, error) {
	if at != nil {
		return at, nil
	}
	now, err := position.Current(ctx, tx)
	if err != nil {
		return nil, err
	}
	here := now[position.Catalog]
	return &here, nil
}

const askAnewSQL = `
insert into collection_membership as m (collection_id, pending, asked)
select unnest($1::uuid[]), true, $2
on conflict (collection_id) do update
set pending = true, cursor = null, done = 0, total = 0, finished_at = null,
    requested_at = case when m.pending then m.requested_at else now() end,
    asked = case when m.pending then least(m.asked, excluded.asked) else excluded.asked end`

// askAnew has collections hold all products against their rules, each for itself.
func askAnew(ctx context.Context, tx pgx.Tx, collections []id.CollectionID, asked *int64) error {
	asked, err := orNow(ctx, tx, asked)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, askAnewSQL, collections, asked)
	return wrap(err, "ask for members anew")
}

// unfollowable tells what comes of rules and products, and of how much work they are, from what the database is like at this
// moment. A product that went while it was looked at is no fault of the rules.
func unfollowable(ctx context.Context, err error) bool {
	return ctx.Err() == nil && (pg.IsOfRows(err) || pg.IsStatementTimeout(err)) && !pg.IsForeignKey(err, "")
}

const followWithinSQL = `
select set_config('statement_timeout', $1, true)`

const followedSQL = `
set local statement_timeout to default`

// try holds products against the rules of collections within a time, and gives those that have moved.
func try(ctx context.Context, tx pgx.Tx, collections []id.CollectionID, products []id.ProductID, within time.Duration) (moved []id.ProductID, err error) {
	err = pg.Within(ctx, tx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, followWithinSQL, strconv.FormatInt(max(within.Milliseconds(), 1), 10)); err != nil {
			return wrap(err, "bound the time of rules")
		}
		moved, err = idsOf[id.ProductID](ctx, tx, followRulesSQL, collections, products)
		if err != nil {
			return wrap(err, "hold products against rules")
		}
		_, err := tx.Exec(ctx, followedSQL)
		return wrap(err, "bound the time of rules")
	})
	return moved, err
}

// hold holds products against the rules of collections and gives those that have moved. Where that fails it is tried again by
// halves of the collections, until the one is alone whose rules can't be followed. Collections for which no time is left are
// asked for anew, one at a time then.
func (f *follower) hold(
	ctx context.Context, tx pgx.Tx, collections []id.CollectionID, products []id.ProductID, asked *int64, within time.Duration,
) (moved []id.ProductID, err error) {
	within = max(within, f.within/8)
	if f.until.IsZero() { // the first try is always made
		f.until = time.Now().Add(f.tries)
	} else if time.Until(f.until) < within {
		return nil, askAnew(ctx, tx, collections, asked)
	}
	moved, err = try(ctx, tx, collections, products, within)
	switch {
	case err == nil || !unfollowable(ctx, err):
		return moved, err
	case len(collections) == 1:
		return nil, f.putAside(ctx, tx, collections[0], asked, err)
	}
	if pg.IsStatementTimeout(err) {
		within /= 2
	}
	half := len(collections) / 2
	moved, err = f.hold(ctx, tx, collections[:half], products, asked, within)
	if err != nil {
		return nil, err
	}
	more, err := f.hold(ctx, tx, collections[half:], products, asked, within)
	return append(moved, more...), err
}
