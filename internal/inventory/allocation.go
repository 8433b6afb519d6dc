package inventory

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

// InventoryAllocation is how the shop chooses among the locations that ship.
type InventoryAllocation struct {
	Strategy settings.Allocation
	Priority []id.LocationID
}

// InventoryAllocationSetInput says how the shop chooses; what is nil stays as it is.
type InventoryAllocationSetInput struct {
	Strategy            *settings.Allocation
	LocationPriorityIDs []string // an empty list takes the order back
}

// AllocationOf is how the shop chooses among the locations that ship.
func AllocationOf(shop settings.Shop) InventoryAllocation {
	return InventoryAllocation{Strategy: shop.Allocation, Priority: shop.LocationPriority}
}

// SetAllocation says how the shop chooses among the locations that ship. Orders follow within a second. To say the same
// again changes nothing.
func (inv *Inventory) SetAllocation(ctx context.Context, actor access.Actor, shop *settings.Settings, in InventoryAllocationSetInput) (InventoryAllocation, error) {
	if actor.Bound {
		return InventoryAllocation{}, errAllPlaces
	}
	priority, err := inv.priority(ctx, in.LocationPriorityIDs)
	if err != nil {
		return InventoryAllocation{}, err
	}
	changed, err := shop.Change(ctx, actor, func(s *settings.Shop) {
		if in.Strategy != nil {
			s.Allocation = *in.Strategy
		}
		if in.LocationPriorityIDs != nil {
			s.LocationPriority = priority
		}
	})
	if err != nil {
		return InventoryAllocation{}, err
	}
	return AllocationOf(changed), nil
}

// priority reads the order that staff set, of locations that there are.
func (inv *Inventory) priority(ctx context.Context, names []string) ([]id.LocationID, error) {
	if len(names) > maxShelves {
		return nil, fault.Newf(fault.Invalid, "INVALID", "At most %d locations can be put in order.", maxShelves).At("input", "locationPriorityIds")
	}
	priority := make([]id.LocationID, len(names))
	var refused []error
	for i, text := range names {
		location, err := id.ParseLocationID(text)
		if err != nil {
			refused = append(refused, errNoLocation.At("input", "locationPriorityIds", strconv.Itoa(i)))
		}
		if slices.Contains(priority[:i], location) {
			refused = append(refused, fault.New(fault.Invalid, "INVALID", "Name each location once.").At("input", "locationPriorityIds", strconv.Itoa(i)))
		}
		priority[i] = location
	}
	if len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	there, err := LocationsByID(ctx, inv.pool, priority)
	if err != nil {
		return nil, err
	}
	for i, location := range priority {
		if _, ok := there[location]; !ok {
			refused = append(refused, errNoLocation.At("input", "locationPriorityIds", strconv.Itoa(i)))
		}
	}
	return priority, errors.Join(refused...)
}
