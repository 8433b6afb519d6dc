package inventory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/live"
)

// StockChange is what can be had of a variant, as it was at one moment.
type StockChange struct {
	VariantID id.ProductVariantID
	Available Available
	At        time.Time
	version   int
}

// maxFollowed bounds how many variants one subscription may name.
const maxFollowed = 50

// A variant's version is the sum of those of the shelves that it comes from, on top of what was counted before these
// were others: it only goes up.
const stockVersionsSQL = `
select i.variant_id, i.follow_base + coalesce(sum(l.version), 0)::bigint
from stock_item i
join stock_part p on p.variant_id = i.variant_id
left join stock_level l on l.variant_id = p.item_id
where i.variant_id = any((select $1::uuid[])::uuid[])
group by i.variant_id`

// A variant whose stock is not tracked has the version 0 and one message.
const stockChangeSQL = `
select coalesce(max(i.follow_base) + sum(s.version), 0)::bigint, count(i.variant_id) > 0,
       coalesce(min(s.here / p.quantity), 0)::bigint, coalesce(min(s.free / p.quantity), 0)::bigint,
       clock_timestamp(), array_agg(p.item_id) filter (where p.item_id <> v.variant_id)
from (select $1::uuid as variant_id) v
left join stock_item i on i.variant_id = v.variant_id
left join stock_part p on p.variant_id = i.variant_id
left join lateral (
    select coalesce(sum(l.version), 0)::bigint as version,
           coalesce(sum(greatest(l.sellable - l.reserved, 0)) filter (where c.id is not null), 0)::bigint as here,
           coalesce(sum(greatest(l.sellable + l.backorder_limit - l.reserved, 0)) filter (where c.id is not null), 0)::bigint as free
    from stock_level l
    left join location c on c.id = l.location_id and c.active and c.ships_online
    where l.variant_id = p.item_id
) s on true`

func (inv *Inventory) stockChange(ctx context.Context, variant id.ProductVariantID) (*StockChange, error) {
	c := StockChange{VariantID: variant}
	var parts []id.ProductVariantID
	err := inv.pool.QueryRow(ctx, stockChangeSQL, variant).
		Scan(&c.version, &c.Available.Tracked, &c.Available.Quantity, &c.Available.Promisable, &c.At, &parts)
	if err != nil {
		return nil, fmt.Errorf("read what there is of %s: %w", variant, err)
	}
	missing, err := incomplete(ctx, inv.pool, map[id.ProductVariantID][]id.ProductVariantID{variant: parts})
	if missing[variant] {
		c.Available = Available{Tracked: true}
	}
	return &c, err
}

// source is how the hub reads stock. Between two looks any number of changes is one message, since only the last of them
// still matters.
func (inv *Inventory) source() live.Source[id.ProductVariantID, *StockChange] {
	return live.Source[id.ProductVariantID, *StockChange]{
		Versions: func(ctx context.Context, variants []id.ProductVariantID) (map[id.ProductVariantID]int, error) {
			rows, err := inv.pool.Query(ctx, stockVersionsSQL, variants)
			if err != nil {
				return nil, fmt.Errorf("read the versions of stock: %w", err)
			}
			versions := make(map[id.ProductVariantID]int, len(variants))
			var variant id.ProductVariantID
			var version int
			_, err = pgx.ForEachRow(rows, []any{&variant, &version}, func() error {
				versions[variant] = version
				return nil
			})
			if err != nil {
				return nil, fmt.Errorf("read the versions of stock: %w", err)
			}
			return versions, nil
		},
		// Shelves have no common order of their changes: each look asks for the versions of what is watched.
		Changed: func(context.Context, int64) (map[id.ProductVariantID]int, int64, error) { return nil, 0, nil },
		Head:    func(context.Context) (int64, error) { return 0, nil },
		After: func(ctx context.Context, variant id.ProductVariantID, after, _ int) ([]*StockChange, error) {
			c, err := inv.stockChange(ctx, variant)
			if err != nil || c.version <= after {
				return nil, err
			}
			return []*StockChange{c}, nil
		},
		Version: func(c *StockChange) int { return c.version },
	}
}

// Serve keeps those who follow stock up to date until the context ends; then it lets them go.
func (inv *Inventory) Serve(ctx context.Context) { inv.hub.Run(ctx) }

// Following is the number of variants that are followed in this process, by however many each.
func (inv *Inventory) Following() int { return inv.hub.Watching() }

// CurrentlyNotInStock says whether it can be ordered although none lies on a shelf.
func (c *StockChange) CurrentlyNotInStock() bool {
	return c.Available.Tracked && c.Available.Quantity == 0 && c.Available.Promisable > 0
}

// QuantityAvailable is how many can be shipped from the shelves; nil when stock is not tracked.
func (c *StockChange) QuantityAvailable() *int {
	if !c.Available.Tracked {
		return nil
	}
	return &c.Available.Quantity
}

// Follow streams what can be had of variants: of each first how it is, then every change within half a second. Of a
// follower who is slow, changes that were overtaken by later ones are left out. A variant that the actor can't find in
// the shop is as one that is not there: without any there is no stream.
func (inv *Inventory) Follow(ctx context.Context, actor access.Actor, ids []string) (<-chan *StockChange, error) {
	if n := len(ids); n < 1 || n > maxFollowed {
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "Name 1 to %d variants.", maxFollowed).At("variantIds")
	}
	variants, err := inv.visible(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	changes := make(chan *StockChange)
	var open sync.WaitGroup
	for _, variant := range variants {
		now, err := inv.stockChange(ctx, variant)
		if err != nil {
			cancel()
			return nil, err
		}
		one := inv.hub.Watch(ctx, variant, live.Start[*StockChange]{
			After: now.version, Known: now.version, First: []*StockChange{now},
		})
		open.Go(func() {
			for c := range one {
				select {
				case changes <- c:
				case <-ctx.Done():
				}
			}
			cancel() // the hub has ended: so does all of it
		})
	}
	go func() {
		open.Wait()
		cancel()
		close(changes)
	}()
	return changes, nil
}

// visible are the variants that the actor can find in the shop, each once.
func (inv *Inventory) visible(ctx context.Context, actor access.Actor, ids []string) ([]id.ProductVariantID, error) {
	named := make([]id.ProductVariantID, 0, len(ids))
	for _, text := range ids {
		if variant, err := id.ParseProductVariantID(text); err == nil && !slices.Contains(named, variant) {
			named = append(named, variant)
		}
	}
	found, err := catalog.VariantsByID(ctx, inv.pool, named)
	if err != nil {
		return nil, err
	}
	all := catalog.SeesAll(actor)
	visible := slices.DeleteFunc(named, func(variant id.ProductVariantID) bool {
		v, ok := found[variant]
		return !ok || !v.Offered && !all
	})
	if len(visible) == 0 {
		return nil, fault.New(fault.NotFound, "NOT_FOUND", "There are no such variants.").At("variantIds")
	}
	return visible, nil
}
