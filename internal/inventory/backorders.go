package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// InventoryBackorder is units that an order waits for. It is served when they are on the shelf: the oldest first.
type InventoryBackorder struct {
	reservation uuid.UUID
	OrderID     id.OrderID
	VariantID   id.ProductVariantID
	LocationID  id.LocationID
	Quantity    int        // that the shelf owes the order
	Waiting     int        // of them, those that are not there
	PromisedAt  *time.Time // what the shopper was told; nil when nobody could say
	Since       time.Time
}

// InventoryBackorderConnection is one page of what orders wait for.
type InventoryBackorderConnection = pg.Connection[InventoryBackorder]

// InventoryBackorderEdge is one element of a page of what orders wait for.
type InventoryBackorderEdge = pg.Edge[InventoryBackorder]

const backorderPageSQL = `
select id, order_id, variant_id, location_id, quantity, waiting, promised_at, created_at
from backorder
where ($1::uuid is null or variant_id = $1)
  and ($2::uuid[] is null or location_id = any($2))
  and ($3::timestamptz is null or (created_at, id) > ($3, $4::uuid))
order by created_at, id
limit $5`

const backorderPageDownSQL = `
select id, order_id, variant_id, location_id, quantity, waiting, promised_at, created_at
from backorder
where ($1::uuid is null or variant_id = $1)
  and ($2::uuid[] is null or location_id = any($2))
  and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
order by created_at desc, id desc
limit $5`

// Backorders lists what orders wait for where the actor may look, the oldest first: in this order units that come in
// serve them. An id that is none finds nothing.
func (inv *Inventory) Backorders(ctx context.Context, actor access.Actor, variantID, locationID *string, page pg.Page) (InventoryBackorderConnection, error) {
	w, err := page.Window(2)
	if err != nil {
		return InventoryBackorderConnection{}, err
	}
	var variant *id.ProductVariantID
	if variantID != nil {
		v, err := id.ParseProductVariantID(*variantID)
		if err != nil {
			return pg.Build[InventoryBackorder](w, nil, nil), nil //nolint:nilerr // nobody waits for a variant that is none
		}
		variant = &v
	}
	since, err := pg.At(w, 0, pg.Moment)
	if err != nil {
		return InventoryBackorderConnection{}, err
	}
	after, err := pg.At(w, 1, uuid.Parse)
	if err != nil {
		return InventoryBackorderConnection{}, err
	}
	sql := backorderPageSQL
	if w.Descending {
		sql = backorderPageDownSQL
	}
	rows, err := inv.pool.Query(ctx, sql, variant, within(actor, locationID), since, after, w.Fetch())
	if err != nil {
		return InventoryBackorderConnection{}, fmt.Errorf("list backorders: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (InventoryBackorder, error) {
		var b InventoryBackorder
		err := row.Scan(&b.reservation, &b.OrderID, &b.VariantID, &b.LocationID, &b.Quantity, &b.Waiting, &b.PromisedAt, &b.Since)
		return b, err
	})
	if err != nil {
		return InventoryBackorderConnection{}, fmt.Errorf("list backorders: %w", err)
	}
	return pg.Build(w, list, func(b InventoryBackorder) []string {
		return []string{pg.MomentKey(b.Since), b.reservation.String()}
	}), nil
}
