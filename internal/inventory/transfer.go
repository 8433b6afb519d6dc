package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/pg"
)

// TransferState is how far a transfer has come.
type TransferState string

// The states of a transfer.
const (
	TransferInTransit TransferState = "IN_TRANSIT"
	TransferReceived  TransferState = "RECEIVED" // nothing more is expected of it
	TransferCanceled  TransferState = "CANCELED" // what had not come in went back, or was lost
)

// InventoryTransfer is goods on their way from one location, or from a supplier, to another.
type InventoryTransfer struct {
	ID            id.InventoryTransferID
	OriginID      *id.LocationID // nil for a supplier
	DestinationID id.LocationID
	State         TransferState
	Reference     *string
	ExpectedAt    *time.Time
	By            string // who sent it, as in events
	Version       int
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Lines         []InventoryTransferLine
}

// InventoryTransferLine is the units of one variant in a transfer.
type InventoryTransferLine struct {
	VariantID id.ProductVariantID
	Quantity  int // that were sent
	Received  int // that came in, broken ones included
	Damaged   int // that came in broken
	Missing   int // that never came
	Returned  int // that went back when the transfer was canceled
}

// Remaining is how many units are still on their way.
func (l InventoryTransferLine) Remaining() int {
	return l.Quantity - l.Received - l.Missing - l.Returned
}

// InventoryTransferConnection is one page of transfers.
type InventoryTransferConnection = pg.Connection[InventoryTransfer]

// InventoryTransferEdge is one transfer of a page.
type InventoryTransferEdge = pg.Edge[InventoryTransfer]

// InventoryTransferCreateInput sends goods to a location.
type InventoryTransferCreateInput struct {
	IdempotencyKey        string
	OriginLocationID      *string // nil for a supplier
	DestinationLocationID string
	Lines                 []InventoryTransferLineInput
	Reference             *string
	ExpectedAt            *time.Time
}

// InventoryTransferLineInput is units of one variant to be sent.
type InventoryTransferLineInput struct {
	VariantID string
	Quantity  int
}

// InventoryTransferReceiveInput says what has come in.
type InventoryTransferReceiveInput struct {
	IdempotencyKey  string
	TransferID      string
	Lines           []InventoryReceivedLineInput // nil is everything that is on its way; with Close they are needed
	Close           *bool                        // whether the rest will never come
	ExpectedVersion *int
}

// InventoryReceivedLineInput is units of one variant that have come in.
type InventoryReceivedLineInput struct {
	VariantID string
	Quantity  int // broken ones included; 0 only of a transfer that is closed
	Damaged   *int
}

// InventoryTransferCancelInput calls off what has not come in.
type InventoryTransferCancelInput struct {
	IdempotencyKey  string
	TransferID      string
	Lost            *bool // whether it is gone, so that nothing goes back
	ExpectedVersion *int
}

var (
	errNoTransfer = fault.New(fault.NotFound, "TRANSFER_NOT_FOUND", "There is no such transfer.").At("input", "transferId")
	errArrived    = fault.New(fault.Conflict, "NOT_ALLOWED", "Nothing of this transfer is on its way any more.").At("input", "transferId")
)

const addTransferSQL = `
insert into stock_transfer (id, origin_id, destination_id, state, reference, expected_at, by)
values ($1, $2, $3, 'IN_TRANSIT', $4, $5, $6)`

const addTransferLinesSQL = `
insert into stock_transfer_line (transfer_id, variant_id, quantity)
select $1, l.variant_id, l.quantity
from unnest($2::uuid[], $3::integer[]) l(variant_id, quantity)`

// CreateTransfer takes goods off the shelves of their origin and announces them at their destination, all or none. What
// is promised to orders stays.
func (inv *Inventory) CreateTransfer(ctx context.Context, actor access.Actor, in InventoryTransferCreateInput) (InventoryTransfer, error) {
	t, err := inv.draft(ctx, actor, in)
	if err != nil {
		return InventoryTransfer{}, err
	}
	hash, err := idempotency.Hash(inv.keys, []any{t.OriginID, t.DestinationID, in.Lines, t.Reference, t.ExpectedAt})
	if err != nil {
		return InventoryTransfer{}, err
	}
	const operation = "inventoryTransferCreate"
	made, err := inv.once(ctx, actor, operation, in.IdempotencyKey, hash, func(ctx context.Context, tx pgx.Tx) ([16]byte, error) {
		err := t.move(ctx, tx, actor, operation, func(i int, origin, destination *StockLevel) error {
			n := t.Lines[i].Quantity
			destination.Incoming += n
			if origin == nil {
				return nil
			}
			if whole := max(origin.OnHand-origin.Damaged-origin.Reserved, 0); n > whole {
				return fault.Newf(fault.Conflict, "INSUFFICIENT_STOCK", "%d units can be sent.", whole).With("quantityAvailable", whole).At("quantity")
			}
			origin.OnHand -= n
			return nil
		}, func(batch *pgx.Batch) {
			variants, quantities := make([]id.ProductVariantID, len(t.Lines)), make([]int32, len(t.Lines))
			for i, l := range t.Lines {
				variants[i], quantities[i] = l.VariantID, int32(l.Quantity)
			}
			batch.Queue(addTransferSQL, t.ID, t.OriginID, t.DestinationID, t.Reference, t.ExpectedAt, actor.By())
			batch.Queue(addTransferLinesSQL, t.ID, variants, quantities)
		})
		return t.ID, err
	})
	if err != nil {
		return InventoryTransfer{}, err
	}
	return inv.transfer(ctx, inv.pool, id.InventoryTransferID(made))
}

// draft checks what is to be sent before anything is locked.
func (inv *Inventory) draft(ctx context.Context, actor access.Actor, in InventoryTransferCreateInput) (InventoryTransfer, error) {
	t := InventoryTransfer{ID: id.NewInventoryTransferID(), Reference: in.Reference, ExpectedAt: in.ExpectedAt, Lines: make([]InventoryTransferLine, len(in.Lines))}
	if err := idempotency.Check(in.IdempotencyKey); err != nil {
		return t, err
	}
	if err := checkReference(in.Reference); err != nil {
		return t, err
	}
	if n := len(in.Lines); n < 1 || n > maxShelves {
		return t, fault.Newf(fault.Invalid, "INVALID", "Send 1 to %d variants.", maxShelves).At("input", "lines")
	}
	var err error
	if t.DestinationID, err = id.ParseLocationID(in.DestinationLocationID); err != nil {
		return t, errNoLocation.At("input", "destinationLocationId")
	}
	mine, place := t.DestinationID, "destinationLocationId"
	shelves := make([]shelf, 0, len(in.Lines)+1)
	if in.OriginLocationID != nil {
		origin, err := id.ParseLocationID(*in.OriginLocationID)
		if err != nil {
			return t, errNoLocation.At("input", "originLocationId")
		}
		if origin == t.DestinationID {
			return t, fault.New(fault.Invalid, "INVALID", "A transfer goes to another location.").At("input", "destinationLocationId")
		}
		t.OriginID, mine, place = &origin, origin, "originLocationId"
		shelves = append(shelves, shelf{location: origin})
	}
	seen := map[id.ProductVariantID]bool{}
	for i, l := range in.Lines {
		variant, err := id.ParseProductVariantID(l.VariantID)
		switch {
		case err != nil:
			return t, errNoVariant.At("input", "lines", strconv.Itoa(i), "variantId")
		case seen[variant]:
			return t, fault.New(fault.Invalid, "INVALID", "Name each variant once.").At("input", "lines", strconv.Itoa(i), "variantId")
		case l.Quantity < 1 || l.Quantity > maxUnits:
			return t, fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A quantity is 1 to a thousand million.").At("input", "lines", strconv.Itoa(i), "quantity")
		}
		seen[variant] = true
		t.Lines[i] = InventoryTransferLine{VariantID: variant, Quantity: l.Quantity}
		shelves = append(shelves, shelf{variant, t.DestinationID})
	}
	variants, locations, err := inv.known(ctx, shelves)
	if err != nil {
		return t, err
	}
	if !locations[mine] || !actor.CanAt("inventory:write", mine) {
		return t, errNoLocation.At("input", place)
	}
	if !locations[t.DestinationID] {
		return t, errNoLocation.At("input", "destinationLocationId")
	}
	bundles, err := Components(ctx, inv.pool, slices.Collect(maps.Keys(variants)))
	if err != nil {
		return t, err
	}
	var refused []error
	for i, l := range t.Lines {
		if !variants[l.VariantID] {
			refused = append(refused, errNoVariant.At("input", "lines", strconv.Itoa(i), "variantId"))
		}
		if bundles[l.VariantID] != nil {
			refused = append(refused, errIsBundle.At("input", "lines", strconv.Itoa(i), "variantId"))
		}
	}
	return t, errors.Join(refused...)
}

// move changes the shelves of a transfer, line by line, and writes them together with what the transfer itself becomes.
func (t *InventoryTransfer) move(ctx context.Context, tx pgx.Tx, actor access.Actor, operation string, step func(i int, origin, destination *StockLevel) error, write func(*pgx.Batch)) error {
	shelves := make([]shelf, 0, 2*len(t.Lines))
	for _, l := range t.Lines {
		shelves = append(shelves, shelf{l.VariantID, t.DestinationID})
		if t.OriginID != nil {
			shelves = append(shelves, shelf{l.VariantID, *t.OriginID})
		}
	}
	levels, err := lockLevels(ctx, tx, shelves)
	if err != nil {
		return err
	}
	before := make(map[shelf]StockLevel, len(levels))
	for s, l := range levels {
		before[s] = *l
	}
	var refused []error
	for i, l := range t.Lines {
		var origin *StockLevel
		if t.OriginID != nil {
			origin = levels[shelf{l.VariantID, *t.OriginID}]
		}
		destination := levels[shelf{l.VariantID, t.DestinationID}]
		err := step(i, origin, destination)
		if f, ok := fault.As(err); ok {
			refused = append(refused, f.At(append([]string{"input", "lines", strconv.Itoa(i)}, f.Field...)...))
			continue
		}
		if err != nil {
			return err
		}
		if f := destination.possible(); f != nil {
			refused = append(refused, f.At("input", "lines", strconv.Itoa(i)))
		}
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	batch := &pgx.Batch{}
	write(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write a transfer: %w", err)
	}
	change := InventoryAdjustment{
		ID: id.NewInventoryAdjustmentID(), Operation: operation, Reason: ReasonTransfer, Reference: t.Reference, By: actor.By(), TransferID: &t.ID,
	}
	return writeLevels(ctx, tx, change, before, levels)
}

const lockTransferSQL = `
select id
from stock_transfer
where id = $1
for update`

const setTransferSQL = `
update stock_transfer
set state = $2, version = version + 1, updated_at = now()
where id = $1`

const setTransferLinesSQL = `
update stock_transfer_line l
set received = f.received, damaged = f.damaged, missing = f.missing, returned = f.returned
from unnest($2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[]) f(variant_id, received, damaged, missing, returned)
where l.transfer_id = $1
  and l.variant_id = f.variant_id`

// proceed changes a transfer that is under way, once per idempotency key.
func (inv *Inventory) proceed(ctx context.Context, actor access.Actor, p proceeding) (InventoryTransfer, error) {
	if err := idempotency.Check(p.key); err != nil {
		return InventoryTransfer{}, err
	}
	transfer, err := id.ParseInventoryTransferID(p.transfer)
	if err != nil {
		return InventoryTransfer{}, errNoTransfer
	}
	hash, err := idempotency.Hash(inv.keys, []any{transfer, p.expected, p.input})
	if err != nil {
		return InventoryTransfer{}, err
	}
	seen, err := inv.transfer(ctx, inv.pool, transfer)
	if err != nil {
		return InventoryTransfer{}, err
	}
	if !slices.ContainsFunc(p.at(seen), func(location id.LocationID) bool { return actor.CanAt("inventory:write", location) }) {
		return InventoryTransfer{}, errNoTransfer
	}
	_, err = inv.once(ctx, actor, p.operation, p.key, hash, func(ctx context.Context, tx pgx.Tx) ([16]byte, error) {
		var locked id.InventoryTransferID
		if err := tx.QueryRow(ctx, lockTransferSQL, transfer).Scan(&locked); err != nil {
			return transfer, fmt.Errorf("lock %s: %w", transfer, err)
		}
		t, err := inv.transfer(ctx, tx, transfer)
		switch {
		case err != nil:
			return transfer, err
		case p.expected != nil && *p.expected != t.Version:
			return transfer, conflict(t.Version).At("input", "expectedVersion")
		case t.State != TransferInTransit:
			return transfer, errArrived
		}
		return transfer, p.do(ctx, tx, &t)
	})
	if err != nil {
		return InventoryTransfer{}, err
	}
	return inv.transfer(ctx, inv.pool, transfer)
}

// proceeding is a request to change a transfer.
type proceeding struct {
	operation, key, transfer string
	expected                 *int
	input                    any
	at                       func(InventoryTransfer) []id.LocationID // at one of them the actor must work
	do                       func(context.Context, pgx.Tx, *InventoryTransfer) error
}

// save queues what a transfer has become.
func (t *InventoryTransfer) save(batch *pgx.Batch) {
	n := len(t.Lines)
	variants := make([]id.ProductVariantID, n)
	received, damaged, missing, returned := make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
	for i, l := range t.Lines {
		variants[i], received[i], damaged[i], missing[i], returned[i] = l.VariantID, int32(l.Received), int32(l.Damaged), int32(l.Missing), int32(l.Returned)
	}
	batch.Queue(setTransferSQL, t.ID, t.State)
	batch.Queue(setTransferLinesSQL, t.ID, variants, received, damaged, missing, returned)
}

// received is how many units have come in.
func (t *InventoryTransfer) received() int {
	n := 0
	for _, l := range t.Lines {
		n += l.Received
	}
	return n
}

// remaining is how many units are still on their way.
func (t *InventoryTransfer) remaining() int {
	n := 0
	for _, l := range t.Lines {
		n += l.Remaining()
	}
	return n
}
