package inventory

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
)

// InventoryReason is why somebody changes what lies on a shelf.
type InventoryReason string

// The reasons for a change.
const (
	ReasonCorrection InventoryReason = "CORRECTION" // the figure was wrong
	ReasonCount      InventoryReason = "COUNT"      // somebody has counted
	ReasonDamaged    InventoryReason = "DAMAGED"    // something broke, or was mended
	ReasonLost       InventoryReason = "LOST"       // it was stolen, or can't be found
	ReasonReceived   InventoryReason = "RECEIVED"   // goods came in
	ReasonReturned   InventoryReason = "RETURNED"   // a shopper has brought something back
	ReasonTransfer   InventoryReason = "TRANSFER"   // goods went to another location, or came from one
	ReasonOther      InventoryReason = "OTHER"
)

// InventoryQuantity is a figure of a shelf that can be counted up and down.
type InventoryQuantity string

// The figures of a shelf.
const (
	QuantityOnHand      InventoryQuantity = "ON_HAND"
	QuantityDamaged     InventoryQuantity = "DAMAGED"
	QuantitySafetyStock InventoryQuantity = "SAFETY_STOCK"
)

// InventoryAdjustInput counts figures of shelves up and down.
type InventoryAdjustInput struct {
	IdempotencyKey string
	Reason         InventoryReason
	Reference      *string // the caller's own, such as the number of a delivery note
	Changes        []InventoryChangeInput
}

// InventoryChangeInput is by how much one figure of one shelf changes.
type InventoryChangeInput struct {
	VariantID       string
	LocationID      string
	Quantity        *InventoryQuantity // nil is ON_HAND
	Delta           int
	ExpectedVersion *int
}

// InventorySetInput says what figures of shelves are.
type InventorySetInput struct {
	IdempotencyKey string
	Reason         InventoryReason
	Reference      *string
	Levels         []InventoryLevelInput
}

// InventoryLevelInput says what the figures of one shelf are; what is nil stays as it is.
type InventoryLevelInput struct {
	VariantID         string
	LocationID        string
	OnHand            *int
	Damaged           *int
	SafetyStock       *int
	BackorderLimit    *int
	LowStockThreshold *int
	CompareOnHand     *int // the figure on which the caller's rests; another one refuses
	ExpectedVersion   *int
}

// saidFigure is a figure as a caller says it, nil where they don't, and the shelf's own.
type saidFigure struct {
	name   string
	said   *int
	figure *int
}

// figures are those that can be said of a shelf.
func (l InventoryLevelInput) figures(of *StockLevel) []saidFigure {
	return []saidFigure{
		{"onHand", l.OnHand, &of.OnHand},
		{"damaged", l.Damaged, &of.Damaged},
		{"safetyStock", l.SafetyStock, &of.SafetyStock},
		{"backorderLimit", l.BackorderLimit, &of.BackorderLimit},
		{"lowStockThreshold", l.LowStockThreshold, &of.LowStockThreshold},
	}
}

// InventoryAdjustment is one change of shelves, of any number of them at once.
type InventoryAdjustment struct {
	ID         id.InventoryAdjustmentID
	Operation  string // the mutation
	Reason     InventoryReason
	Reference  *string
	TransferID *id.InventoryTransferID // of goods that came or went
	By         string                  // who, as in events: staff:<uuid>, partner:<uuid>
	CreatedAt  time.Time
}

// Adjusted is what became of a request: the change, and the shelves that it named as they stand now.
type Adjusted struct {
	Adjustment InventoryAdjustment
	Levels     []StockLevel
}

const (
	maxShelves   = 250       // in one request
	maxReference = 255       // characters
	maxUnits     = unlimited // the most of anything on one shelf
)

// Adjust counts figures of shelves up and down, all of them or none. A variant that was not tracked is from now on. A
// repeated request changes nothing and is answered with the change that it was.
func (inv *Inventory) Adjust(ctx context.Context, actor access.Actor, in InventoryAdjustInput) (Adjusted, error) {
	wishes := make([]wish, len(in.Changes))
	for i, c := range in.Changes {
		quantity := QuantityOnHand
		if c.Quantity != nil {
			quantity = *c.Quantity
		}
		wishes[i] = wish{
			variant: c.VariantID, location: c.LocationID, expected: c.ExpectedVersion,
			apply: func(l *StockLevel) *fault.Fault {
				figure := map[InventoryQuantity]*int{
					QuantityOnHand: &l.OnHand, QuantityDamaged: &l.Damaged, QuantitySafetyStock: &l.SafetyStock,
				}[quantity]
				*figure += c.Delta
				if *figure < 0 {
					return fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "The figure would be below 0.").At("delta")
				}
				return nil
			},
		}
		if c.Delta == 0 || c.Delta > maxUnits || c.Delta < -maxUnits {
			wishes[i].wrong("QUANTITY_OUT_OF_RANGE", "A change is not 0, and at most a thousand million.", "delta")
		}
	}
	return inv.change(ctx, actor, adjustment{
		operation: "inventoryAdjust", key: in.IdempotencyKey, reason: in.Reason, reference: in.Reference,
		place: "changes", wishes: wishes, input: in.Changes,
	})
}

// Set says what figures of shelves are, all of them or none. A variant that was not tracked is from now on.
func (inv *Inventory) Set(ctx context.Context, actor access.Actor, in InventorySetInput) (Adjusted, error) {
	return inv.change(ctx, actor, setting(in))
}

func setting(in InventorySetInput) adjustment {
	wishes := make([]wish, len(in.Levels))
	for i, level := range in.Levels {
		wishes[i] = wish{
			variant: level.VariantID, location: level.LocationID, expected: level.ExpectedVersion,
			compare: func(l StockLevel) *fault.Fault {
				if level.CompareOnHand != nil && *level.CompareOnHand != l.OnHand {
					return fault.Newf(fault.Conflict, "COMPARE_FAILED", "There are %d on hand, not %d.", l.OnHand, *level.CompareOnHand).
						With("quantityAvailable", l.OnHand).At("compareOnHand")
				}
				return nil
			},
			apply: func(l *StockLevel) *fault.Fault {
				for _, f := range level.figures(l) {
					if f.said != nil {
						*f.figure = *f.said
					}
				}
				if level.BackorderLimit != nil {
					l.covered = 0 // who says the limit means no other, also where it stays as it is
				}
				return nil
			},
		}
		said := false
		for _, f := range level.figures(&StockLevel{}) {
			if f.said == nil {
				continue
			}
			said = true
			if *f.said < 0 || *f.said > maxUnits {
				wishes[i].wrong("QUANTITY_OUT_OF_RANGE", "A figure is 0 to a thousand million.", f.name)
			}
		}
		if !said {
			wishes[i].wrong("INVALID", "Say at least one figure of the shelf.")
		}
	}
	return adjustment{
		operation: "inventorySet", key: in.IdempotencyKey, reason: in.Reason, reference: in.Reference,
		place: "levels", once: true, wishes: wishes, input: in.Levels,
	}
}

// adjustment is a request to change shelves.
type adjustment struct {
	operation, key string
	reason         InventoryReason
	reference      *string
	place          string // where in the input the wishes stand
	once           bool   // whether a shelf that is named twice is a contradiction
	wishes         []wish
	input          any // what is hashed with the key
}

// change applies a request exactly once per idempotency key. One that can't be met is told all that is wrong with it: what
// can be seen of its words is told together with what its other figures would make of the shelves as they are.
func (inv *Inventory) change(ctx context.Context, actor access.Actor, a adjustment) (Adjusted, error) {
	if n := len(a.wishes); n < 1 || n > maxShelves {
		none := fault.Newf(fault.Invalid, "INVALID", "Name 1 to %d shelves.", maxShelves).At("input", a.place)
		return Adjusted{}, errors.Join(a.check(), none)
	}
	shelves, err := inv.shelvesOf(ctx, actor, a)
	if err != nil {
		return Adjusted{}, err
	}
	if said := a.check(); said != nil || a.refused() {
		levels, err := inv.levelsAt(ctx, shelves)
		if err != nil {
			return Adjusted{}, err
		}
		return Adjusted{}, errors.Join(said, a.apply(shelves, levels))
	}
	hash, err := idempotency.Hash(inv.keys, []any{a.reason, a.reference, a.input})
	if err != nil {
		return Adjusted{}, err
	}
	made, err := inv.once(ctx, actor, a.operation, a.key, hash, func(ctx context.Context, tx pgx.Tx) ([16]byte, error) {
		levels, err := lockLevels(ctx, tx, shelves)
		if err != nil {
			return [16]byte{}, err
		}
		before := make(map[shelf]StockLevel, len(levels))
		for s, l := range levels {
			before[s] = *l
		}
		if err := a.apply(shelves, levels); err != nil {
			return [16]byte{}, err
		}
		change := InventoryAdjustment{ID: id.NewInventoryAdjustmentID(), Operation: a.operation, Reason: a.reason, Reference: a.reference, By: actor.By()}
		return change.ID, writeLevels(ctx, tx, change, before, levels)
	})
	if err != nil {
		return Adjusted{}, err
	}
	return inv.adjusted(ctx, id.InventoryAdjustmentID(made), shelves)
}

// check says what is wrong with a request beside its wishes.
func (a adjustment) check() error {
	return errors.Join(idempotency.Check(a.key), checkReference(a.reference))
}

// refused says whether some wish can't be met, whatever lies on the shelves.
func (a adjustment) refused() bool {
	return slices.ContainsFunc(a.wishes, func(w wish) bool { return len(w.refused) > 0 })
}

func checkReference(reference *string) error {
	if reference != nil && (utf8.RuneCountInString(*reference) > maxReference || !utf8.ValidString(*reference) || strings.ContainsRune(*reference, 0)) {
		return fault.Newf(fault.Invalid, "TOO_LONG", "A reference has at most %d characters.", maxReference).At("input", "reference")
	}
	return nil
}

func conflict(current int) *fault.Fault {
	return fault.Newf(fault.Conflict, "VERSION_CONFLICT", "It has changed since; its version is %d.", current).With("currentVersion", current)
}

// possible says why a shelf can't be like that; nil when it can.
func (l *StockLevel) possible() *fault.Fault {
	least := l.Reserved - l.BackorderLimit - l.covered // that are whole
	switch {
	case l.Damaged > l.OnHand:
		return fault.Newf(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "Of %d units on hand, %d can't be damaged.", l.OnHand, l.Damaged)
	case l.OnHand-l.Damaged < least:
		return fault.Newf(fault.Conflict, "INSUFFICIENT_STOCK", "%d units are promised to orders: at least %d that are whole must be on the shelf.",
			l.Reserved, least).With("quantityAvailable", least)
	case max(l.OnHand, l.SafetyStock, l.Incoming) > maxUnits:
		return fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A figure is at most a thousand million.")
	}
	return nil
}
