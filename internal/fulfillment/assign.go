package fulfillment

import (
	"cmp"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/inventory"
)

// Place is where the shopper wants to collect: near a point, or in a postal area, or anywhere.
type Place struct {
	Near *address.Coordinate
	Zip  string
}

// Rank puts stores that have the whole order in stock into the order in which they are to be asked: those with a
// pick-up to spare before those whose hour is full, then by distance to the point where one is given, else by how
// much of the postal code agrees. Ties go to the store with more pick-ups to spare, then to the smaller id, so that
// the same question has the same answer on every machine.
func Rank(stores []inventory.Candidate, place Place) []inventory.Candidate {
	ranked := slices.Clone(stores)
	slices.SortFunc(ranked, func(a, b inventory.Candidate) int {
		return cmp.Or(
			cmp.Compare(full(a), full(b)),
			closer(a.Location, b.Location, place),
			-cmp.Compare(spare(a), spare(b)),
			slices.Compare(a.Location.ID[:], b.Location.ID[:]),
		)
	})
	return ranked
}

// unbounded stands for a store that hands over as many orders as come.
const unbounded = int(^uint(0) >> 1)

func spare(s inventory.Candidate) int {
	if s.Location.PickupCapacityPerHour == nil {
		return unbounded
	}
	return max(*s.Location.PickupCapacityPerHour-s.TakenThisHour, 0)
}

func full(s inventory.Candidate) int {
	if spare(s) == 0 {
		return 1
	}
	return 0
}

func closer(a, b inventory.Location, place Place) int {
	if place.Near != nil {
		at, aKnown := a.Coordinate()
		bt, bKnown := b.Coordinate()
		switch {
		case aKnown && bKnown:
			return cmp.Compare(place.Near.Distance(at), place.Near.Distance(bt))
		case aKnown:
			return -1
		case bKnown:
			return 1
		}
	}
	if place.Zip == "" {
		return 0
	}
	return address.CompareZips(a.Address.Zip, b.Address.Zip, place.Zip)
}
