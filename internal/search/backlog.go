package search

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// CatalogListing says how far the listing is behind the catalog.
type CatalogListing struct {
	At             int64 // every change up to here is listed, but for those of products that can't be
	CatalogAt      int64 // what the last write was given
	Backlog        int   // products that wait
	OldestChangeAt *time.Time
	Products       int
	RefusedCount   int
	Refused        []ListingRefusal // the newest of them
	Rebuild        ListingRebuild
}

// Position is the position up to which every change of the catalog is listed.
func (l CatalogListing) Position() string { return strconv.FormatInt(l.At, 10) }

// CatalogPosition is the position of the catalog's last change.
func (l CatalogListing) CatalogPosition() string { return strconv.FormatInt(l.CatalogAt, 10) }

// ListingRebuild is a rebuild that runs or was broken off, and when the last one ended.
type ListingRebuild struct {
	Running    bool // somebody is at it
	Unfinished bool // a new copy has been begun
	Wanted     bool // somebody has asked for a rebuild that has not ended
	Done       int  // products in the new copy
	StartedAt  *time.Time
	FinishedAt *time.Time
}

const listingSQL = `
select (select count(*) from listing l where l.copy = s.live),
       (select count(*) from listing_refused),
       (select count(*) from listing_stale),
       (select min(t.at) from listing_stale t),
       coalesce(s.builder_until > clock_timestamp(), false), s.building, s.wanted,
       case when s.building then s.built else 0 end,
       s.started_at, s.rebuilt_at
from listing_state s`

// Listing reads how far the listing is behind.
func (s *Search) Listing(ctx context.Context) (CatalogListing, error) {
	var l CatalogListing
	at, err := position.Current(ctx, s.db)
	if err != nil {
		return l, err
	}
	waiting, err := catalog.Waiting(ctx, s.db)
	if err != nil {
		return l, err
	}
	var stale int
	var since *time.Time
	r := &l.Rebuild
	err = s.db.QueryRow(ctx, listingSQL).
		Scan(&l.Products, &l.RefusedCount, &stale, &since, &r.Running, &r.Unfinished, &r.Wanted, &r.Done, &r.StartedAt, &r.FinishedAt)
	if err != nil {
		return l, fmt.Errorf("read the state of the listing: %w", err)
	}
	l.CatalogAt, l.At = at[position.Catalog], at[position.Catalog]
	if waiting.First != nil {
		l.At = max(*waiting.First-1, 0)
	}
	l.Backlog, l.OldestChangeAt = waiting.Products+stale, waiting.Since
	if l.OldestChangeAt == nil || since != nil && since.Before(*l.OldestChangeAt) {
		l.OldestChangeAt = since
	}
	l.Refused = []ListingRefusal{}
	if l.RefusedCount > 0 {
		l.Refused, err = refusals(ctx, s.db)
	}
	return l, err
}

const dueSQL = `
select exists (select from listing_stale), s.wanted
from listing_state s`

// Due says whether anything waits to be listed, and whether a rebuild is wanted.
func (s *Search) Due(ctx context.Context) (refresh, rebuild bool, err error) {
	first, err := catalog.Behind(ctx, s.db)
	if err != nil {
		return false, false, err
	}
	if err := s.db.QueryRow(ctx, dueSQL).Scan(&refresh, &rebuild); err != nil {
		return false, false, fmt.Errorf("look for what is to be listed: %w", err)
	}
	return refresh || first != nil, rebuild, nil
}

// How long a reader waits for the listing, and how often it looks meanwhile.
const (
	awaitAtMost = 2 * time.Second
	awaitLooks  = 25 * time.Millisecond
)

var badPosition = fault.New(fault.Invalid, "BAD_USER_INPUT", "The position is not one that a write has given.").At("minPosition")

// Await waits until every change up to a position is listed, for two seconds at most and holding no connection. A
// listing that is still behind then is a fault that says how far it has come.
func (s *Search) Await(ctx context.Context, text string) error {
	return s.await(ctx, text, s.listed)
}

// AwaitMembers is Await for the products of a collection with rules: it waits until the collection has followed the change,
// too.
func (s *Search) AwaitMembers(ctx context.Context, text string, collection id.CollectionID) error {
	return s.await(ctx, text, s.followed(collection), s.listed)
}

// backlog gives the lowest position that waits, now or, when it is asked again, in a moment; nil when nothing does. It is
// aside where that takes longer than anybody waits.
type backlog func(ctx context.Context, again bool) (first *int64, aside bool, err error)

func (s *Search) listed(ctx context.Context, again bool) (*int64, bool, error) {
	first, err := s.looks.see(ctx, s.db, again)
	return first, false, err
}

// followed is the backlog of the rules of a collection.
func (s *Search) followed(collection id.CollectionID) backlog {
	return func(ctx context.Context, again bool) (*int64, bool, error) {
		rules, err := s.rules.see(ctx, s.db, again)
		return rules.Of(collection), rules.Aside(collection), err
	}
}

// await waits until nothing waits up to a position, at one backlog after the other.
func (s *Search) await(ctx context.Context, text string, backlogs ...backlog) error {
	wanted, err := strconv.ParseInt(text, 10, 64)
	if err != nil || wanted < 0 || strconv.FormatInt(wanted, 10) != text {
		return badPosition
	}
	given, err := position.Current(ctx, s.db)
	if err != nil {
		return err
	}
	if wanted > given[position.Catalog] {
		return badPosition
	}
	waiting, cancel := context.WithTimeout(ctx, awaitAtMost)
	defer cancel()
	for _, behind := range backlogs {
		first, aside, err := behind(ctx, false)
		for err == nil && first != nil && *first <= wanted {
			if aside {
				return late("The rules of the collection can't be followed now. They are tried again later.", *first, text, time.Minute)
			}
			last := *first
			first, aside, err = behind(waiting, true)
			if err != nil && waiting.Err() != nil && ctx.Err() == nil {
				return late("The change is not listed yet. Try again in a moment.", last, text, time.Second)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// late says that a change is not listed, and how far the listing has come.
func late(message string, first int64, wanted string, again time.Duration) error {
	f := fault.New(fault.Busy, "LISTING_BEHIND", message).At("minPosition").
		With("currentPosition", strconv.FormatInt(max(first-1, 0), 10)).
		With("minPosition", wanted)
	f.RetryAfter = again
	return f
}

// looks lets all who wait for the same look together, so that the database is asked as often for many as for one.
type looks[T any] struct {
	behind func(context.Context, pg.DB) (T, error) // what waits

	mu   sync.Mutex
	next *look[T]
}

// look is what the backlog is like after whoever joined it did so.
type look[T any] struct {
	done chan struct{}
	seen T
	err  error
}

// see looks at once, or again with all others who wait.
func (l *looks[T]) see(ctx context.Context, db pg.DB, again bool) (seen T, err error) {
	if !again {
		return l.behind(ctx, db)
	}
	next := l.join(ctx, db)
	select {
	case <-next.done:
		return next.seen, next.err
	case <-ctx.Done():
		return seen, ctx.Err()
	}
}

// join gives the next look, which has not begun.
func (l *looks[T]) join(ctx context.Context, db pg.DB) *look[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil {
		l.next = &look[T]{done: make(chan struct{})}
		go l.take(context.WithoutCancel(ctx), db, l.next)
	}
	return l.next
}

func (l *looks[T]) take(ctx context.Context, db pg.DB, now *look[T]) {
	time.Sleep(awaitLooks)
	l.mu.Lock()
	l.next = nil
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, awaitAtMost)
	defer cancel()
	defer close(now.done)
	now.seen, now.err = l.behind(ctx, db)
}
