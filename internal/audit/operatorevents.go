package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// OperatorEventFilter narrows the list of what operators should know; what is nil does not.
type OperatorEventFilter struct {
	Types []OperatorEventType
	From  *time.Time // of this moment and later
	Until *time.Time // before this moment
}

// What operators are told of, said once for the list and for those who follow. The kinds are said as the index says them,
// which otherwise nobody would use. That money is not taken because its order has ended is no news.
const toldOf = `e.kind in ('consistency.broken', 'consistency.restored', 'inventory.back', 'inventory.low', 'inventory.out',
                   'payment.callback_refused', 'payment.capture_failed', 'payment.dispute_lost', 'payment.dispute_won',
                   'payment.disputed', 'payment.provider_available', 'payment.provider_unavailable',
                   'payment.reconciliation_broken', 'payment.reconciliation_mended', 'payment.refund_failed')
    and (e.kind <> 'payment.capture_failed' or e.data ->> 'over' is distinct from 'true')`

// placeOfEvent is the location that an event concerns, of whatever kind it is: what its data name so.
const placeOfEvent = `e.data ->> 'locationId'`

// Each kind is read by itself, no further than a page, so that none is looked for among the others. Whom a location's events
// are told is one rule for all kinds: see audience. What has no place in the feed yet is not shown: who follows from the last
// event of the list would miss what began before it and is committed only now. The place is looked up by a subselect, which
// no plan can turn into a walk over the feed.
const (
	operatorEventsOfEach = `
select e.stream, e.version, e.kind, e.data::text, e.at, e.by, e.cause, e.place, b.provider, b.order_id
from unnest($1::text[]) wanted(kind)
cross join lateral (
  select e.stream, e.version, e.kind, e.data, e.at, e.by, e.cause, ` + placeOfEvent + ` as place
  from event e
  where ` + toldOf + `
    and e.kind = wanted.kind
    and e.at >= coalesce($2::timestamptz, '-infinity')
    and e.at < coalesce($3::timestamptz, 'infinity')
    and ($4::text[] is null or ` + placeOfEvent + ` is null or ` + placeOfEvent + ` = any($4))
    and (select true from event_feed f where f.stream = e.stream and f.version = e.version)
    `

	operatorEventsSQL = operatorEventsOfEach + `and (e.at, e.stream, e.version)
        > (coalesce($5::timestamptz, '-infinity'), coalesce($6::uuid, '00000000-0000-0000-0000-000000000000'), coalesce($7::integer, 0))
  order by e.at, e.stream, e.version
  limit $8
) e
left join payment_reconciliation_break b on b.id = e.stream and e.kind = 'payment.reconciliation_mended'
order by e.at, e.stream, e.version
limit $8`

	operatorEventsDownSQL = operatorEventsOfEach + `and (e.at, e.stream, e.version)
        < (coalesce($5::timestamptz, 'infinity'), coalesce($6::uuid, '00000000-0000-0000-0000-000000000000'), coalesce($7::integer, 0))
  order by e.at desc, e.stream desc, e.version desc
  limit $8
) e
left join payment_reconciliation_break b on b.id = e.stream and e.kind = 'payment.reconciliation_mended'
order by e.at desc, e.stream desc, e.version desc
limit $8`
)

// OperatorEvents lists what operators should know, oldest first.
func (a *Audit) OperatorEvents(ctx context.Context, actor access.Actor, f OperatorEventFilter, page pg.Page) (OperatorEventConnection, error) {
	w, err := page.Window(3)
	if err != nil {
		return OperatorEventConnection{}, err
	}
	after, err := placeOf(w)
	if err != nil {
		return OperatorEventConnection{}, err
	}
	sql := operatorEventsSQL
	if w.Descending {
		sql = operatorEventsDownSQL
	}
	rows, err := a.pool.Query(ctx, sql, kindsOf(f.Types), f.From, f.Until, audienceOf(actor), after.at, after.stream, after.version, w.Fetch())
	if err != nil {
		return OperatorEventConnection{}, fmt.Errorf("list operators' events: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanOperatorEvent)
	if err != nil {
		return OperatorEventConnection{}, fmt.Errorf("list operators' events: %w", err)
	}
	return pg.Build(w, list, OperatorEvent.key), nil
}

// key is the event's place in the list, of which cursors are made.
func (e OperatorEvent) key() []string {
	return []string{pg.MomentKey(e.At), uuid.UUID(e.stream).String(), strconv.Itoa(e.version)}
}

// place is where an event stands in the list.
type place struct {
	at      *time.Time
	stream  *uuid.UUID
	version *int32
}

// placeOf is the event after which a window begins.
func placeOf(w pg.Window) (p place, err error) {
	if p.at, err = pg.At(w, 0, pg.Moment); err != nil {
		return place{}, err
	}
	if p.stream, err = pg.At(w, 1, uuid.Parse); err != nil {
		return place{}, err
	}
	p.version, err = pg.At(w, 2, versionOf)
	return p, err
}

func versionOf(text string) (int32, error) {
	version, err := strconv.ParseInt(text, 10, 32)
	return int32(version), err
}

// kindsOf are the kinds of events of types; of nil, all.
func kindsOf(types []OperatorEventType) []string {
	kinds := []string{}
	for _, r := range readings {
		if types == nil || slices.Contains(types, r.of) {
			kinds = append(kinds, r.kind)
		}
	}
	return kinds
}

// audience is whom operators' events are told to: what concerns a location is for those who have it among theirs, and what
// concerns none is for all. The statement of the list says the same with placeOfEvent. Nil are those of all locations.
type audience []string

func audienceOf(actor access.Actor) audience {
	if !actor.Bound {
		return nil
	}
	theirs := audience{}
	for _, location := range actor.Locations {
		theirs = append(theirs, location.String())
	}
	return theirs
}

func (a audience) isTold(e OperatorEvent) bool {
	return a == nil || e.LocationID == nil || slices.Contains(a, e.LocationID.String())
}

func scanOperatorEvent(row pgx.CollectableRow) (OperatorEvent, error) { return readOperatorEvent(row) }

// readOperatorEvent reads the columns of an event, and before them whatever else the row has.
func readOperatorEvent(row pgx.CollectableRow, before ...any) (OperatorEvent, error) {
	var e OperatorEvent
	var stream pgtype.UUID
	var kind, data string
	var place, provider *string
	var order *id.OrderID
	if err := row.Scan(append(before, &stream, &e.version, &kind, &data, &e.At, &e.By, &e.Cause, &place, &provider, &order)...); err != nil {
		return e, err
	}
	e.stream, e.At, e.Provider, e.OrderID = stream.Bytes, e.At.UTC(), provider, order
	if place != nil {
		location, err := id.ParseLocationID(*place)
		if err != nil {
			return e, fmt.Errorf("read the location of %s: %w", kind, err)
		}
		e.LocationID = &location
	}
	i := slices.IndexFunc(readings, func(r reading) bool { return r.kind == kind })
	if i < 0 {
		return e, fmt.Errorf("nobody has said how operators are told of %s", kind)
	}
	return e, readings[i].read(&e, json.RawMessage(data))
}
