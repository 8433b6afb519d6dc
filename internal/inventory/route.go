package inventory

import (
	"cmp"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

// Route is how the locations that ship an order are chosen.
type Route struct {
	Strategy settings.Allocation // what is none is FewestSplits
	Priority []id.LocationID     // the order that staff have set
	To       Destination
}

// Destination is where an order is shipped, as far as that is known.
type Destination struct {
	Near     *address.Coordinate
	Country  string
	Province string
	Zip      string
}

// RouteOf is how the shop ships an order to a place.
func RouteOf(shop settings.Shop, to Destination) Route {
	return Route{Strategy: shop.Allocation, Priority: shop.LocationPriority, To: to}
}

// site is a location that ships.
type site struct {
	id        id.LocationID
	isDefault bool
	at        *address.Coordinate
	country   string
	province  string
	zip       string
}

// rank puts sites into the order in which the route uses them. Sites of which a strategy knows nothing more than of
// others go by the priority, then the default location first, then by their ids: the same order on every machine.
func (r Route) rank(sites []site) []site {
	place := make(map[id.LocationID]int, len(r.Priority))
	for i, location := range r.Priority {
		place[location] = i - len(r.Priority) // below 0, which is where the others stand
	}
	ranked := slices.Clone(sites)
	slices.SortFunc(ranked, func(a, b site) int {
		closer := 0
		if r.Strategy == settings.Nearest {
			closer = r.To.closer(a, b)
		}
		return cmp.Or(closer, cmp.Compare(place[a.id], place[b.id]), -truthFirst(a.isDefault, b.isDefault), slices.Compare(a.id[:], b.id[:]))
	})
	return ranked
}

// closer compares the distances of two sites: in kilometers where the destination's point is known, those whose own is
// not coming last, else by country, province and postal code.
func (d Destination) closer(a, b site) int {
	if d.Near != nil {
		switch {
		case a.at != nil && b.at != nil:
			return cmp.Compare(d.Near.Distance(*a.at), d.Near.Distance(*b.at))
		case a.at != nil || b.at != nil:
			return -truthFirst(a.at != nil, b.at != nil)
		}
	}
	same := func(of func(site) bool) int { return -truthFirst(of(a), of(b)) }
	country := same(func(s site) bool { return d.Country != "" && s.country == d.Country })
	province := same(func(s site) bool { return d.Province != "" && s.country == d.Country && s.province == d.Province })
	if country != 0 || d.Country != "" && a.country != d.Country || d.Zip == "" {
		return cmp.Or(country, province)
	}
	return cmp.Or(province, address.CompareZips(&a.zip, &b.zip, d.Zip))
}

// truthFirst is positive where only a is true, and negative where only b is.
func truthFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}
