package catalog

import (
	"slices"

	"github.com/wharfhq/wharf/internal/id"
)

// These functions put the members of a collection in order. They are pure: the list that is given stays as it is.

// joined puts the products that are not members yet at a place in the list, at its end where none is given.
func joined(members, products []id.ProductID, place *int) []id.ProductID {
	fresh := slices.DeleteFunc(slices.Clone(products), containedIn(members))
	return inserted(members, fresh, place)
}

// moved takes the members that are named to a place in the list: the first of them is the one at that place then.
func moved(members, products []id.ProductID, place *int) []id.ProductID {
	block := slices.DeleteFunc(slices.Clone(products), func(p id.ProductID) bool { return !containedIn(members)(p) })
	return inserted(without(members, block), block, place)
}

// without leaves products out of the list.
func without(members, products []id.ProductID) []id.ProductID {
	return slices.DeleteFunc(slices.Clone(members), containedIn(products))
}

func inserted(members, block []id.ProductID, place *int) []id.ProductID {
	at := len(members)
	if place != nil {
		at = min(max(*place, 0), len(members))
	}
	return slices.Insert(slices.Clone(members), at, block...)
}

// containedIn looks products up in a list.
func containedIn(list []id.ProductID) func(id.ProductID) bool {
	in := make(map[id.ProductID]bool, len(list))
	for _, p := range list {
		in[p] = true
	}
	return func(p id.ProductID) bool { return in[p] }
}
