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

// ReceiveTransfer puts what has come in on the shelves of its destination. With Close the rest is given up, which is all of
// it where nothing is named; without, it stays on its way.
func (inv *Inventory) ReceiveTransfer(ctx context.Context, actor access.Actor, in InventoryTransferReceiveInput) (InventoryTransfer, error) {
	over := in.Close != nil && *in.Close
	if len(in.Lines) > maxShelves {
		return InventoryTransfer{}, fault.Newf(fault.Invalid, "INVALID", "Name at most %d variants.", maxShelves).At("input", "lines")
	}
	return inv.proceed(ctx, actor, proceeding{
		operation: "inventoryTransferReceive", key: in.IdempotencyKey, transfer: in.TransferID, expected: in.ExpectedVersion,
		input: []any{in.Lines, over},
		at:    func(t InventoryTransfer) id.LocationID { return t.DestinationID },
		do: func(ctx context.Context, tx pgx.Tx, t *InventoryTransfer) error {
			lines := in.Lines
			if lines == nil && over {
				lines = []InventoryReceivedLineInput{}
			}
			came, err := t.came(lines)
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

// came reads what a caller says has come in: nothing that was not sent, and not more of it.
func (t *InventoryTransfer) came(lines []InventoryReceivedLineInput) (map[id.ProductVariantID]arrival, error) {
	remaining := make(map[id.ProductVariantID]int, len(t.Lines))
	for _, l := range t.Lines {
		remaining[l.VariantID] = l.Remaining()
	}
	came := make(map[id.ProductVariantID]arrival, len(t.Lines))
	if lines == nil {
		for variant, units := range remaining {
			came[variant] = arrival{units: units}
		}
		return came, nil
	}
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
		case l.Quantity < 0 || l.Quantity > most:
			refused = append(refused, fault.Newf(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "%d units are on their way.", most).
				With("quantityAvailable", most).At(append(place, "quantity")...))
		case damaged < 0 || damaged > l.Quantity:
			refused = append(refused, fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "Of what came in, at most all can be damaged.").At(append(place, "damaged")...))
		default:
			came[variant] = arrival{l.Quantity, damaged}
		}
	}
	return came, errors.Join(refused...)
}

// CancelTransfer calls off what has not come in: it goes back on the shelves of its origin.
func (inv *Inventory) CancelTransfer(ctx context.Context, actor access.Actor, in InventoryTransferCancelInput) (InventoryTransfer, error) {
	return inv.proceed(ctx, actor, proceeding{
		operation: "inventoryTransferCancel", key: in.IdempotencyKey, transfer: in.TransferID, expected: in.ExpectedVersion,
		at: func(t InventoryTransfer) id.LocationID {
			if t.OriginID != nil {
				return *t.OriginID
			}
			return t.DestinationID
		},
		do: func(ctx context.Context, tx pgx.Tx, t *InventoryTransfer) error {
			return t.move(ctx, tx, actor, "inventoryTransferCancel", func(i int, origin, destination *StockLevel) error {
				l := &t.Lines[i]
				rest := l.Remaining()
				destination.Incoming -= rest
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
