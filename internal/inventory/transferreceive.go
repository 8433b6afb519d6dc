package inventory

import (
	"context"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// ReceiveTransfer puts what has come in on the shelves of its destination. With Close what was sent and has not come is
// given up; without, it stays on its way. A transfer of which nothing has come is not closed but canceled, so that nobody
// gives up goods by leaving something out.
func (inv *Inventory) ReceiveTransfer(ctx context.Context, actor access.Actor, in InventoryTransferReceiveInput) (InventoryTransfer, error) {
	over := in.Close != nil && *in.Close
	if len(in.Lines) > maxShelves {
		return InventoryTransfer{}, fault.Newf(fault.Invalid, "INVALID", "Name at most %d variants.", maxShelves).At("input", "lines")
	}
	return inv.proceed(ctx, actor, proceeding{
		operation: "inventoryTransferReceive", key: in.IdempotencyKey, transfer: in.TransferID, expected: in.ExpectedVersion,
		input: []any{in.Lines, over},
		at:    func(t InventoryTransfer) []id.LocationID { return []id.LocationID{t.DestinationID} },
		do: func(ctx context.Context, tx pgx.Tx, t *InventoryTransfer) error {
			came, err := t.came(in.Lines, over)
			if err != nil {
				return err
			}
			return t.move(ctx, tx, actor, "inventoryTransferReceive", func(i int, _, destination *StockLevel) error {
				l, in := &t.Lines[i], came[t.Lines[i].VariantID]
				l.Received += in.units
				l.Damaged += in.damaged
				destination.OnHand += in.units
				destination.Damaged += in.damaged
				destination.Incoming -= in.units
				if over {
					destination.Incoming -= l.Remaining()
					l.Missing += l.Remaining()
				}
				return nil
			}, func(batch *pgx.Batch) {
				if t.remaining() == 0 {
					t.State = TransferReceived
				}
				t.save(batch)
			})
		},
	})
}

// arrival is what came in of one variant.
type arrival struct{ units, damaged int }

var (
	errNothingCame = fault.New(fault.Invalid, "INVALID", "Say what has come in, or leave lines out for all that is on its way.").At("input", "lines")
	errCloseWhat   = fault.New(fault.Invalid, "INVALID", "To give up the rest, say in lines what has come in.").At("input", "lines")
	errNeverCame   = fault.New(fault.Conflict, "NOT_ALLOWED", "Nothing of this transfer has come in: cancel it instead of closing it, as lost where it is gone.").At("input", "close")
)

// came reads what a caller says has come in: nothing that was not sent, and not more of it. That none of a line has come
// is worth saying only of a transfer that is over with it.
func (t *InventoryTransfer) came(lines []InventoryReceivedLineInput, over bool) (map[id.ProductVariantID]arrival, error) {
	remaining := make(map[id.ProductVariantID]int, len(t.Lines))
	for _, l := range t.Lines {
		remaining[l.VariantID] = l.Remaining()
	}
	came := make(map[id.ProductVariantID]arrival, len(t.Lines))
	switch {
	case lines == nil && over:
		return nil, errCloseWhat
	case lines == nil:
		for variant, units := range remaining {
			came[variant] = arrival{units: units}
		}
		return came, nil
	case len(lines) == 0:
		return nil, errNothingCame
	}
	least := 1
	if over {
		least = 0
	}
	arrived := t.received()
	var refused []error
	for i, l := range lines {
		place := []string{"input", "lines", strconv.Itoa(i)}
		variant, err := id.ParseProductVariantID(l.VariantID)
		most, sent := remaining[variant]
		_, twice := came[variant]
		damaged := 0
		if l.Damaged != nil {
			damaged = *l.Damaged
		}
		switch {
		case err != nil || !sent:
			refused = append(refused, fault.New(fault.Invalid, "VARIANT_NOT_FOUND", "The transfer has no such variant.").At(append(place, "variantId")...))
		case twice:
			refused = append(refused, fault.New(fault.Invalid, "INVALID", "Name each variant once.").At(append(place, "variantId")...))
		case l.Quantity < least:
			refused = append(refused, fault.Newf(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A quantity is at least %d.", least).At(append(place, "quantity")...))
		case l.Quantity > most:
			refused = append(refused, fault.Newf(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "%d units are on their way.", most).
				With("quantityAvailable", most).At(append(place, "quantity")...))
		case damaged < 0 || damaged > l.Quantity:
			refused = append(refused, fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "Of what came in, at most all can be damaged.").At(append(place, "damaged")...))
		default:
			came[variant] = arrival{l.Quantity, damaged}
			arrived += l.Quantity
		}
	}
	if len(refused) == 0 && arrived == 0 {
		return nil, errNeverCame
	}
	return came, errors.Join(refused...)
}

// CancelTransfer calls off what has not come in: it goes back on the shelves of its origin, or is missing where it was Lost.
// To put it back is up to the origin; that it never came can be said at the destination, too.
func (inv *Inventory) CancelTransfer(ctx context.Context, actor access.Actor, in InventoryTransferCancelInput) (InventoryTransfer, error) {
	lost := in.Lost != nil && *in.Lost
	var said any // as it was before anything could be lost, so that a key from then still fits
	if lost {
		said = "lost"
	}
	return inv.proceed(ctx, actor, proceeding{
		operation: "inventoryTransferCancel", key: in.IdempotencyKey, transfer: in.TransferID, expected: in.ExpectedVersion,
		input: said,
		at: func(t InventoryTransfer) []id.LocationID {
			switch {
			case t.OriginID == nil:
				return []id.LocationID{t.DestinationID}
			case lost:
				return []id.LocationID{*t.OriginID, t.DestinationID}
			}
			return []id.LocationID{*t.OriginID}
		},
		do: func(ctx context.Context, tx pgx.Tx, t *InventoryTransfer) error {
			return t.move(ctx, tx, actor, "inventoryTransferCancel", func(i int, origin, destination *StockLevel) error {
				l := &t.Lines[i]
				rest := l.Remaining()
				destination.Incoming -= rest
				if lost {
					l.Missing += rest
					return nil
				}
				if origin != nil {
					origin.OnHand += rest
				}
				l.Returned += rest
				return nil
			}, func(batch *pgx.Batch) {
				t.State = TransferCanceled
				t.save(batch)
			})
		},
	})
}
