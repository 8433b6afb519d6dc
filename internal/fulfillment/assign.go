package fulfillment

import (
	"cmp"
	"slices"
	"strings"

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
	return cmp.Or(
		-cmp.Compare(agreement(a.Address.Zip, place.Zip), agreement(b.Address.Zip, place.Zip)),
		cmp.Compare(gap(a.Address.Zip, place.Zip), gap(b.Address.Zip, place.Zip)),
	)
}

// agreement counts how many leading characters of two postal codes are the same: codes are given out by region, so
// the longer the common beginning, the closer the places.
func agreement(zip *string, wanted string) int {
	a, b := plainZip(zip), plainZip(&wanted)
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// gap is how far apart the first differing characters are: 55425 is closer to 55431 than to 55491.
func gap(zip *string, wanted string) int {
	n := agreement(zip, wanted)
	a, b := plainZip(zip), plainZip(&wanted)
	if n >= len(a) || n >= len(b) {
		return 0
	}
	d := int(a[n]) - int(b[n])
	return max(d, -d)
}

func plainZip(zip *string) string {
	if zip == nil {
		return ""
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(*zip))
}
