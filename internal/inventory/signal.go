package inventory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// WentLow says that little is left on a shelf.
type WentLow struct {
	LocationID id.LocationID `json:"locationId"`
	Available  int           `json:"available"`
	Threshold  int           `json:"threshold"`
}

// Kind is inventory.low.
func (WentLow) Kind() string { return "inventory.low" }

// WentOut says that nothing is left on a shelf to promise, backorders not counted.
type WentOut struct {
	LocationID id.LocationID `json:"locationId"`
}

// Kind is inventory.out.
func (WentOut) Kind() string { return "inventory.out" }

// CameBack says that there is enough on a shelf again.
type CameBack struct {
	LocationID id.LocationID `json:"locationId"`
	Available  int           `json:"available"`
}

// Kind is inventory.back.
func (CameBack) Kind() string { return "inventory.back" }

// announceBatch is how many shelves one transaction tells of.
const announceBatch = 100

// The item's row comes first and keeps the history of a variant in one writer's hands; then the shelf, as orders lock
// it. What somebody else is telling of is left to them.
const signalsSQL = `
select s.variant_id, s.location_id
from stock_signal s
join stock_item i on i.variant_id = s.variant_id
order by s.variant_id, s.location_id
limit $1
for no key update of i skip locked`

const lockTellingSQL = `
select l.variant_id, l.location_id, l.state, coalesce(l.told, ''), l.sellable - l.reserved, l.low_stock, i.told_version
from stock_level l
join stock_item i on i.variant_id = l.variant_id
join (select distinct * from unnest($1::uuid[], $2::uuid[]) f(variant_id, location_id)) f
  on f.variant_id = l.variant_id and f.location_id = l.location_id
order by l.variant_id, l.location_id
for update of l`

const forgetSignalsSQL = `
delete from stock_signal s
using unnest($1::uuid[], $2::uuid[]) f(variant_id, location_id)
where s.variant_id = f.variant_id
  and s.location_id = f.location_id`

const toldSQL = `
update stock_level l
set told = f.state
from unnest($1::uuid[], $2::uuid[], $3::text[]) f(variant_id, location_id, state)
where l.variant_id = f.variant_id
  and l.location_id = f.location_id`

const toldVersionSQL = `
update stock_item i
set told_version = f.version
from unnest($1::uuid[], $2::integer[]) f(variant_id, version)
where i.variant_id = f.variant_id`

// Announce tells of shelves that have gone low or out, or have come back, since the shop was last told of them: one
// event each, on the history of the variant, however often the figure went up and down in between. It says whether
// there may be more to tell.
func (inv *Inventory) Announce(ctx context.Context, cause string) (more bool, err error) {
	told := 0
	err = pg.InTx(ctx, inv.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, signalsSQL, announceBatch)
		if err != nil {
			return err
		}
		signaled, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s shelf, err error) {
			return s, row.Scan(&s.variant, &s.location)
		})
		if err != nil || len(signaled) == 0 {
			return err
		}
		more, told = len(signaled) == announceBatch, len(signaled)
		if err := inv.tell(ctx, tx, signaled, cause); err != nil {
			return err
		}
		failpoint.Hit(failpoint.AnnounceBeforeCommit)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("tell of stock: %w", err)
	}
	if told > 0 {
		failpoint.Hit(failpoint.AnnounceAfterCommit)
	}
	return more, nil
}

// tell appends what is news of the shelves, and forgets that they were signaled.
func (inv *Inventory) tell(ctx context.Context, tx pgx.Tx, signaled []shelf, cause string) error {
	variants, locations := make([]id.ProductVariantID, len(signaled)), make([]id.LocationID, len(signaled))
	for i, s := range signaled {
		variants[i], locations[i] = s.variant, s.location
	}
	var entries []event.Entry
	var told struct {
		variants  []id.ProductVariantID
		locations []id.LocationID
		states    []string
	}
	rows, err := tx.Query(ctx, lockTellingSQL, variants, locations)
	if err != nil {
		return err
	}
	var (
		s             shelf
		state, before StockState
		left          int
		threshold     int
		version       int
	)
	_, err = pgx.ForEachRow(rows, []any{&s.variant, &s.location, &state, &before, &left, &threshold, &version}, func() error {
		if state == before {
			return nil
		}
		told.variants, told.locations = append(told.variants, s.variant), append(told.locations, s.location)
		told.states = append(told.states, string(state))
		var news event.Data
		switch {
		case state == NoStock:
			news = WentOut{s.location}
		case state == LowStock:
			news = WentLow{s.location, left, threshold}
		case before != "": // a shelf that was just set up is no news
			news = CameBack{s.location, left}
		default:
			return nil
		}
		if n := len(entries); n > 0 && entries[n-1].Stream == [16]byte(s.variant) {
			entries[n-1].Data = append(entries[n-1].Data, news)
			return nil
		}
		entries = append(entries, event.Entry{Stream: s.variant, After: version, By: "system", Cause: cause, Data: []event.Data{news}})
		return nil
	})
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		if _, err := inv.log.AppendAll(ctx, tx, entries); err != nil {
			return err
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(forgetSignalsSQL, variants, locations)
	if len(told.states) > 0 {
		batch.Queue(toldSQL, told.variants, told.locations, told.states)
	}
	if len(entries) > 0 {
		streams, versions := make([][16]byte, len(entries)), make([]int32, len(entries))
		for i, e := range entries {
			streams[i], versions[i] = e.Stream, int32(e.After+len(e.Data))
		}
		batch.Queue(toldVersionSQL, streams, versions)
	}
	return tx.SendBatch(ctx, batch).Close()
}
