package inventory

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const transferSQL = `
select id, origin_id, destination_id, state, reference, expected_at, by, version, created_at, updated_at
from stock_transfer
where id = $1`

const transferLinesSQL = `
select transfer_id, variant_id, quantity, received, damaged, missing, returned
from stock_transfer_line
where transfer_id = any((select $1::uuid[])::uuid[])
order by transfer_id, variant_id`

func scanTransfer(row pgx.CollectableRow) (InventoryTransfer, error) {
	var t InventoryTransfer
	err := row.Scan(&t.ID, &t.OriginID, &t.DestinationID, &t.State, &t.Reference, &t.ExpectedAt, &t.By, &t.Version, &t.CreatedAt, &t.UpdatedAt)
	return t, err
}

// transfer reads one transfer; absent is errNoTransfer.
func (inv *Inventory) transfer(ctx context.Context, db pg.DB, transfer id.InventoryTransferID) (InventoryTransfer, error) {
	rows, err := db.Query(ctx, transferSQL, transfer)
	if err != nil {
		return InventoryTransfer{}, fmt.Errorf("read %s: %w", transfer, err)
	}
	found, err := pgx.CollectRows(rows, scanTransfer)
	if err != nil {
		return InventoryTransfer{}, fmt.Errorf("read %s: %w", transfer, err)
	}
	if len(found) == 0 {
		return InventoryTransfer{}, errNoTransfer
	}
	err = fillTransfers(ctx, db, found)
	return found[0], err
}

// fillTransfers reads the lines of transfers.
func fillTransfers(ctx context.Context, db pg.DB, transfers []InventoryTransfer) error {
	at, ids := make(map[id.InventoryTransferID]*InventoryTransfer, len(transfers)), make([]id.InventoryTransferID, len(transfers))
	for i := range transfers {
		at[transfers[i].ID], ids[i] = &transfers[i], transfers[i].ID
	}
	rows, err := db.Query(ctx, transferLinesSQL, ids)
	if err != nil {
		return fmt.Errorf("read the lines of transfers: %w", err)
	}
	var transfer id.InventoryTransferID
	var l InventoryTransferLine
	_, err = pgx.ForEachRow(rows, []any{&transfer, &l.VariantID, &l.Quantity, &l.Received, &l.Damaged, &l.Missing, &l.Returned}, func() error {
		at[transfer].Lines = append(at[transfer].Lines, l)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the lines of transfers: %w", err)
	}
	return nil
}

const transferPageSQL = `
select id, origin_id, destination_id, state, reference, expected_at, by, version, created_at, updated_at
from stock_transfer
where ($1::uuid[] is null or destination_id = any($1) or origin_id = any($1))
  and ($2::text is null or state = $2)
  and ($3::uuid is null or id > $3)
order by id
limit $4`

const transferPageDownSQL = `
select id, origin_id, destination_id, state, reference, expected_at, by, version, created_at, updated_at
from stock_transfer
where ($1::uuid[] is null or destination_id = any($1) or origin_id = any($1))
  and ($2::text is null or state = $2)
  and ($3::uuid is null or id < $3)
order by id desc
limit $4`

// Transfers lists what goes to or from where the actor may look, oldest first.
func (inv *Inventory) Transfers(ctx context.Context, actor access.Actor, locationID *string, state *TransferState, page pg.Page) (InventoryTransferConnection, error) {
	w, err := page.Window(1)
	if err != nil {
		return InventoryTransferConnection{}, err
	}
	after, err := pg.At(w, 0, uuid.Parse)
	if err != nil {
		return InventoryTransferConnection{}, err
	}
	sql := transferPageSQL
	if w.Descending {
		sql = transferPageDownSQL
	}
	rows, err := inv.pool.Query(ctx, sql, within(actor, locationID), state, after, w.Fetch())
	if err != nil {
		return InventoryTransferConnection{}, fmt.Errorf("list transfers: %w", err)
	}
	transfers, err := pgx.CollectRows(rows, scanTransfer)
	if err != nil {
		return InventoryTransferConnection{}, fmt.Errorf("list transfers: %w", err)
	}
	if err := fillTransfers(ctx, inv.pool, transfers); err != nil {
		return InventoryTransferConnection{}, err
	}
	return pg.Build(w, transfers, func(t InventoryTransfer) []string { return []string{uuid.UUID(t.ID).String()} }), nil
}

// Transfer is one transfer to or from where the actor may look; absent is a fault.
func (inv *Inventory) Transfer(ctx context.Context, actor access.Actor, transfer id.InventoryTransferID) (InventoryTransfer, error) {
	t, err := inv.transfer(ctx, inv.pool, transfer)
	if err != nil {
		return t, err
	}
	if actor.CanAt("inventory:read", t.DestinationID) || t.OriginID != nil && actor.CanAt("inventory:read", *t.OriginID) {
		return t, nil
	}
	return InventoryTransfer{}, errNoTransfer
}
