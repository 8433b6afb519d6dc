package inventory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// wish is what a caller wants of one shelf.
type wish struct {
	variant, location string // as the caller named them
	expected          *int
	compare           func(StockLevel) *fault.Fault // of the shelf as it is, whatever else is wrong; nil compares nothing
	apply             func(*StockLevel) *fault.Fault
	refused           []error // why it can't be met, whatever lies on the shelf
	nowhere           bool    // it means no shelf of which the caller may be told anything
}

// wrong notes what is wrong with what a caller said, with its path within the wish.
func (w *wish) wrong(code, message string, field ...string) {
	w.refused = append(w.refused, fault.New(fault.Invalid, code, message).At(field...))
}

// shelvesOf finds the shelf that each wish means, at a location where the actor may change stock. A wish that means none is
// told so, and has none.
func (inv *Inventory) shelvesOf(ctx context.Context, actor access.Actor, a adjustment) ([]shelf, error) {
	shelves := make([]shelf, len(a.wishes))
	for i, w := range a.wishes { // what is no id is that of nothing
		shelves[i].variant, _ = id.ParseProductVariantID(w.variant)
		shelves[i].location, _ = id.ParseLocationID(w.location)
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
		w := &a.wishes[i]
		var refused []error
		if !variants[s.variant] {
			refused = append(refused, errNoVariant.At("variantId"))
		}
		if bundles[s.variant] != nil {
			refused = append(refused, errIsBundle.At("variantId"))
		}
		if !locations[s.location] || !actor.CanAt("inventory:write", s.location) {
			refused = append(refused, errNoLocation.At("locationId"))
		}
		w.refused, w.nowhere = append(refused, w.refused...), len(refused) > 0
	}
	return shelves, nil
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

// stale says in what a shelf is another one than the caller has seen.
func (w wish) stale(l StockLevel) (refused []error) {
	if w.expected != nil && *w.expected != l.Version {
		refused = append(refused, conflict(l.Version).At("expectedVersion"))
	}
	if w.compare != nil {
		if f := w.compare(l); f != nil {
			refused = append(refused, f)
		}
	}
	return refused
}

// apply makes of the shelves what the wishes say, and names everything that can't be. A wish that can't be met leaves nothing
// on its shelf, and what the others leave there is not judged.
func (a adjustment) apply(shelves []shelf, levels map[shelf]*StockLevel) error {
	var refused []error
	last := make(map[shelf]int, len(shelves)) // the last wish for each shelf, to which its refusal belongs
	spoilt := map[shelf]bool{}                // shelves of which some wish can't be met
	for i, w := range a.wishes {
		s, unmet := shelves[i], w.refused
		_, twice := last[s]
		switch l := levels[s]; {
		case w.nowhere:
		case twice && a.once:
			unmet = append(unmet, fault.New(fault.Invalid, "INVALID", "Name each shelf once."))
		default:
			if unmet = append(unmet, w.stale(*l)...); len(unmet) > 0 {
				break
			}
			was := *l
			if f := w.apply(l); f != nil {
				*l, unmet = was, append(unmet, f)
			}
		}
		if !w.nowhere {
			last[s] = i
			spoilt[s] = spoilt[s] || len(unmet) > 0
		}
		for _, err := range unmet {
			if f, ok := fault.As(err); ok {
				refused = append(refused, f.At(append([]string{"input", a.place, strconv.Itoa(i)}, f.Field...)...))
			}
		}
	}
	for i, s := range shelves {
		if at, meant := last[s]; !meant || at != i || spoilt[s] {
			continue
		}
		if err := levels[s].possible(); err != nil {
			refused = append(refused, err.At("input", a.place, strconv.Itoa(i)))
		}
	}
	return errors.Join(refused...)
}
