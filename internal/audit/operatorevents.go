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

// Each kind is read by itself, no further than a page, so that none is looked for among the others. The kinds are said as
// the index says them, which otherwise nobody would use. That money is not taken because its order has ended is no news.
// Of a shelf, staff of a store are told what concerns theirs.
const (
	operatorEventsOfEach = `
select e.stream, e.version, e.kind, e.data::text, e.at, e.by, e.cause, b.provider, b.order_id
from unnest($1::text[]) wanted(kind)
cross join lateral (
  select e.stream, e.version, e.kind, e.data, e.at, e.by, e.cause
  from event e
  where e.kind in ('consistency.broken', 'consistency.restored', 'inventory.back', 'inventory.low', 'inventory.out',
                   'payment.callback_refused', 'payment.capture_failed', 'payment.dispute_lost', 'payment.dispute_won',
                   'payment.disputed', 'payment.reconciliation_broken', 'payment.reconciliation_mended', 'payment.refund_failed')
    and e.kind = wanted.kind
    and (e.kind <> 'payment.capture_failed' or e.data ->> 'over' is distinct from 'true')
    and e.at >= coalesce($2::timestamptz, '-infinity')
    and e.at < coalesce($3::timestamptz, 'infinity')
    and ($4::text[] is null or e.kind not like 'inventory.%' or e.data ->> 'locationId' = any($4))
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
	at, err := pg.At(w, 0, pg.Moment)
	if err != nil {
		return OperatorEventConnection{}, err
	}
	stream, err := pg.At(w, 1, uuid.Parse)
	if err != nil {
		return OperatorEventConnection{}, err
	}
	version, err := pg.At(w, 2, versionOf)
	if err != nil {
		return OperatorEventConnection{}, err
	}
	sql := operatorEventsSQL
	if w.Descending {
		sql = operatorEventsDownSQL
	}
	rows, err := a.pool.Query(ctx, sql, kindsOf(f.Types), f.From, f.Until, placesOf(actor), at, stream, version, w.Fetch())
	if err != nil {
		return OperatorEventConnection{}, fmt.Errorf("list operators' events: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanOperatorEvent)
	if err != nil {
		return OperatorEventConnection{}, fmt.Errorf("list operators' events: %w", err)
	}
	return pg.Build(w, list, func(e OperatorEvent) []string {
		return []string{pg.MomentKey(e.At), uuid.UUID(e.stream).String(), strconv.Itoa(e.version)}
	}), nil
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

// placesOf are the locations of which the actor is told; nil for all.
func placesOf(actor access.Actor) []string {
	if !actor.Bound {
		return nil
	}
	places := []string{}
	for _, location := range actor.Locations {
		places = append(places, location.String())
	}
	return places
}

func scanOperatorEvent(row pgx.CollectableRow) (OperatorEvent, error) {
	var e OperatorEvent
	var stream pgtype.UUID
	var kind, data string
	var provider *string
	var order *id.OrderID
	if err := row.Scan(&stream, &e.version, &kind, &data, &e.At, &e.By, &e.Cause, &provider, &order); err != nil {
		return e, err
	}
	e.stream, e.At, e.Provider, e.OrderID = stream.Bytes, e.At.UTC(), provider, order
	i := slices.IndexFunc(readings, func(r reading) bool { return r.kind == kind })
	if i < 0 {
		return e, fmt.Errorf("nobody has said how operators are told of %s", kind)
	}
	return e, readings[i].read(&e, json.RawMessage(data))
}
