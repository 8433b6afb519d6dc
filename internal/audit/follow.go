package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/live"
	"github.com/wharfhq/wharf/internal/pg"
)

// Operators follow the feed of all events, in the order of their places in it: that is the order in which they have come to
// light, so that none is passed over for having been committed late. The list stands in the order of time. A cursor names
// an event, whose place in either can be found, so both take the same cursors.

// all is the one thing that the hub watches here: the feed.
type all struct{}

// step is one message of the hub: an event, or how far the feed was looked through without finding one.
type step struct {
	position, follows int // its place in the feed, and the place up to which the messages before it have told all
	event             *OperatorEvent
}

// stride is how many places of the feed are looked through at once for what operators should know. Who is further behind
// than that looks alone, and holds up nobody who follows what happens now.
const stride = 5000

// source is how the hub reads the feed.
func (a *Audit) source() live.Source[all, *step] {
	return live.Source[all, *step]{
		Versions: func(ctx context.Context, _ []all) (map[all]int, error) {
			head, err := event.Head(ctx, a.pool)
			return map[all]int{{}: int(head)}, err
		},
		Changed: func(context.Context, int64) (map[all]int, int64, error) { return nil, 0, nil },
		Head:    func(context.Context) (int64, error) { return 0, nil },
		After: func(ctx context.Context, _ all, after, limit int) ([]*step, error) {
			return a.steps(ctx, after, limit)
		},
		Version: func(s *step) int { return s.position },
		Follows: func(s *step) int { return s.follows },
		Near:    stride,
	}
}

// The events of a stride are found one by one, by their keys: a plan that is kept does not know how few they are.
const operatorFeedSQL = `
select f.position, e.stream, e.version, e.kind, e.data::text, e.at, e.by, e.cause, e.place, b.provider, b.order_id
from event_feed f
cross join lateral (
  select e.stream, e.version, e.kind, e.data, e.at, e.by, e.cause, ` + placeOfEvent + ` as place
  from event e
  where e.stream = f.stream
    and e.version = f.version
    and ` + toldOf + `
  limit 1
) e
left join payment_reconciliation_break b on b.id = e.stream and e.kind = 'payment.reconciliation_mended'
where f.position > $1
  and f.position <= $2
order by f.position
limit $3`

// steps gives what operators should know after a place in the feed, and how far it has looked.
func (a *Audit) steps(ctx context.Context, after, limit int) ([]*step, error) {
	head, err := event.Head(ctx, a.pool)
	if err != nil {
		return nil, err
	}
	until := min(int(head), after+stride)
	rows, err := a.pool.Query(ctx, operatorFeedSQL, after, until, limit)
	if err != nil {
		return nil, fmt.Errorf("follow operators' events: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*step, error) {
		s := &step{follows: after}
		e, err := readOperatorEvent(row, &s.position)
		s.event, after = &e, s.position
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("follow operators' events: %w", err)
	}
	if len(found) < limit && after < until {
		found = append(found, &step{position: until, follows: after})
	}
	return found, nil
}

// Serve keeps those who follow operators' events up to date until the context ends; then it lets them go.
func (a *Audit) Serve(ctx context.Context) { a.hub.Run(ctx) }

// Following is the number of those who follow operators' events in this process.
func (a *Audit) Following() int { return a.hub.Watching() }

// Follow streams what operators should know: without after what comes to light from now on, with the cursor of an event all
// that has come to light after it, with an empty one all that ever has. Each comes once.
func (a *Audit) Follow(ctx context.Context, actor access.Actor, after *string, types []OperatorEventType) (<-chan *OperatorEventEdge, error) {
	head, err := event.Head(ctx, a.pool)
	if err != nil {
		return nil, err
	}
	from := head
	switch {
	case after == nil:
	case *after == "":
		from = 0
	default:
		if from, err = a.feedPlace(ctx, *after); err != nil {
			return nil, err
		}
	}
	audience := audienceOf(actor)
	steps := a.hub.Watch(ctx, all{}, live.Start[*step]{After: int(from), Known: int(head)})
	told := make(chan *OperatorEventEdge)
	go func() {
		defer close(told)
		for s := range steps {
			if s.event == nil || types != nil && !slices.Contains(types, s.event.Type) || !audience.isTold(*s.event) {
				continue
			}
			select {
			case told <- &OperatorEventEdge{Cursor: pg.EncodeCursor(s.event.key()...), Node: *s.event}:
			case <-ctx.Done():
			}
		}
	}()
	return told, nil
}

const feedPlaceSQL = `
select f.position
from event e
left join event_feed f on f.stream = e.stream and f.version = e.version
where e.at = $1
  and e.stream = $2
  and e.version = $3
  and ` + toldOf

// How long the place of an event is waited for that has just been committed.
const (
	placedWithin = 2 * time.Second
	placedLook   = 50 * time.Millisecond
)

var errUnplaced = fault.New(fault.Busy, "BUSY", "The event of this cursor has no place among the others yet. Try again.")

// feedPlace is the place in the feed of the event of a cursor.
func (a *Audit) feedPlace(ctx context.Context, cursor string) (int64, error) {
	keys, err := pg.DecodeCursor(cursor, 3)
	if err != nil {
		return 0, err
	}
	of, err := placeOf(pg.Window{Cursor: keys})
	if err != nil {
		return 0, err
	}
	for began := time.Now(); ; {
		var position *int64
		err := a.pool.QueryRow(ctx, feedPlaceSQL, of.at, of.stream, of.version).Scan(&position)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return 0, pg.BadCursor
		case err != nil:
			return 0, fmt.Errorf("find the place of an event: %w", err)
		case position != nil:
			return *position, nil
		case time.Since(began) > placedWithin:
			return 0, errUnplaced
		}
		select {
		case <-time.After(placedLook):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}
