package inventory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
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

func (l InventoryLevelInput) saysNothing() bool {
	return l.OnHand == nil && l.Damaged == nil && l.SafetyStock == nil && l.BackorderLimit == nil && l.LowStockThreshold == nil
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
			apply: func(l *StockLevel) error {
				figure := map[InventoryQuantity]*int{
					QuantityOnHand: &l.OnHand, QuantityDamaged: &l.Damaged, QuantitySafetyStock: &l.SafetyStock,
				}[quantity]
				if c.Delta == 0 || c.Delta > maxUnits || c.Delta < -maxUnits {
					return fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A change is not 0, and at most a thousand million.").At("delta")
				}
				*figure += c.Delta
				if *figure < 0 {
					return fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "The figure would be below 0.").At("delta")
				}
				return nil
			},
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
			apply: func(l *StockLevel) error {
				if level.saysNothing() {
					return fault.New(fault.Invalid, "INVALID", "Say at least one figure of the shelf.")
				}
				if level.CompareOnHand != nil && *level.CompareOnHand != l.OnHand {
					return fault.Newf(fault.Conflict, "COMPARE_FAILED", "There are %d on hand, not %d.", l.OnHand, *level.CompareOnHand).
						With("quantityAvailable", l.OnHand).At("compareOnHand")
				}
				for _, f := range []struct {
					name   string
					said   *int
					figure *int
				}{
					{"onHand", level.OnHand, &l.OnHand},
					{"damaged", level.Damaged, &l.Damaged},
					{"safetyStock", level.SafetyStock, &l.SafetyStock},
					{"backorderLimit", level.BackorderLimit, &l.BackorderLimit},
					{"lowStockThreshold", level.LowStockThreshold, &l.LowStockThreshold},
				} {
					if f.said == nil {
						continue
					}
					if *f.said < 0 || *f.said > maxUnits {
						return fault.New(fault.Invalid, "QUANTITY_OUT_OF_RANGE", "A figure is 0 to a thousand million.").At(f.name)
					}
					*f.figure = *f.said
				}
				if level.BackorderLimit != nil {
					l.covered = 0 // who says the limit means no other, also where it stays as it is
				}
				return nil
			},
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

// wish is what a caller wants of one shelf.
type wish struct {
	variant, location string // as the caller named them
	expected          *int
	apply             func(*StockLevel) error
}

// change applies a request exactly once per idempotency key.
func (inv *Inventory) change(ctx context.Context, actor access.Actor, a adjustment) (Adjusted, error) {
	if err := a.check(); err != nil {
		return Adjusted{}, err
	}
	shelves, err := inv.shelvesOf(ctx, actor, a)
	if err != nil {
		return Adjusted{}, err
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

func (a adjustment) check() error {
	if err := idempotency.Check(a.key); err != nil {
		return err
	}
	if n := len(a.wishes); n < 1 || n > maxShelves {
		return fault.Newf(fault.Invalid, "INVALID", "Name 1 to %d shelves.", maxShelves).At("input", a.place)
	}
	return checkReference(a.reference)
}

func checkReference(reference *string) error {
	if reference != nil && (utf8.RuneCountInString(*reference) > maxReference || !utf8.ValidString(*reference) || strings.ContainsRune(*reference, 0)) {
		return fault.Newf(fault.Invalid, "TOO_LONG", "A reference has at most %d characters.", maxReference).At("input", "reference")
	}
	return nil
}

// shelvesOf finds the shelf that each wish means, at a location where the actor may change stock.
func (inv *Inventory) shelvesOf(ctx context.Context, actor access.Actor, a adjustment) ([]shelf, error) {
	shelves := make([]shelf, len(a.wishes))
	var refused []error
	for i, w := range a.wishes {
		var err error
		if shelves[i].variant, err = id.ParseProductVariantID(w.variant); err != nil {
			refused = append(refused, errNoVariant.At("input", a.place, strconv.Itoa(i), "variantId"))
		}
		if shelves[i].location, err = id.ParseLocationID(w.location); err != nil {
			refused = append(refused, errNoLocation.At("input", a.place, strconv.Itoa(i), "locationId"))
		}
	}
	if len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	variants, locations, err := inv.known(ctx, shelves)
	if err != nil {
		return nil, err
	}
	bundles, err := Components(ctx, inv.pool, slices.Collect(maps.Keys(variants)))
	if err != nil {
		return nil, err
	}
	for i, s := range shelves {
		if !variants[s.variant] {
			refused = append(refused, errNoVariant.At("input", a.place, strconv.Itoa(i), "variantId"))
		}
		if bundles[s.variant] != nil {
			refused = append(refused, errIsBundle.At("input", a.place, strconv.Itoa(i), "variantId"))
		}
		if !locations[s.location] || !actor.CanAt("inventory:write", s.location) {
			refused = append(refused, errNoLocation.At("input", a.place, strconv.Itoa(i), "locationId"))
		}
	}
	return shelves, errors.Join(refused...)
}

var (
	errNoVariant  = fault.New(fault.NotFound, "VARIANT_NOT_FOUND", "There is no such variant.")
	errNoLocation = fault.New(fault.NotFound, "LOCATION_NOT_FOUND", "There is no such location, or its stock is not yours to change.")
)

// known says which variants and locations of the shelves there are.
func (inv *Inventory) known(ctx context.Context, shelves []shelf) (map[id.ProductVariantID]bool, map[id.LocationID]bool, error) {
	var variants []id.ProductVariantID
	var locations []id.LocationID
	for _, s := range shelves {
		variants, locations = append(variants, s.variant), append(locations, s.location)
	}
	foundVariants, err := catalog.VariantsByID(ctx, inv.pool, variants)
	if err != nil {
		return nil, nil, err
	}
	foundLocations, err := LocationsByID(ctx, inv.pool, locations)
	if err != nil {
		return nil, nil, err
	}
	isVariant, isLocation := map[id.ProductVariantID]bool{}, map[id.LocationID]bool{}
	for variant := range foundVariants {
		isVariant[variant] = true
	}
	for location := range foundLocations {
		isLocation[location] = true
	}
	return isVariant, isLocation, nil
}

// apply makes of the locked shelves what the wishes say, and names every one that can't be met.
func (a adjustment) apply(shelves []shelf, levels map[shelf]*StockLevel) error {
	var refused []error
	last := make(map[shelf]int, len(shelves)) // the last wish for each shelf, to which its refusal belongs
	for i, w := range a.wishes {
		if _, twice := last[shelves[i]]; twice && a.once {
			refused = append(refused, fault.New(fault.Invalid, "INVALID", "Name each shelf once.").At("input", a.place, strconv.Itoa(i)))
			continue
		}
		last[shelves[i]] = i
		l := levels[shelves[i]]
		if w.expected != nil && *w.expected != l.Version {
			refused = append(refused, conflict(l.Version).At("input", a.place, strconv.Itoa(i), "expectedVersion"))
			continue
		}
		if err := w.apply(l); err != nil {
			f, ok := fault.As(err)
			if !ok {
				return err
			}
			refused = append(refused, f.At(append([]string{"input", a.place, strconv.Itoa(i)}, f.Field...)...))
		}
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	for i, s := range shelves {
		if last[s] != i {
			continue
		}
		if err := levels[s].possible(); err != nil {
			refused = append(refused, err.At("input", a.place, strconv.Itoa(i)))
		}
	}
	return errors.Join(refused...)
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
