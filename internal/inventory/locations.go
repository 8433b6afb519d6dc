package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

func (l *Location) fields() []any {
	a := &l.Address
	return []any{
		&l.ID, &l.ExternalID, &l.Kind, &l.Name, &a.Address1, &a.Address2, &a.City, &a.ProvinceCode, &a.Zip,
		&a.CountryCode, &a.Phone, &a.Latitude, &a.Longitude, &l.Hours, &l.Week, &l.Services, &l.Active,
		&l.IsDefault, &l.ShipsOnline, &l.PickupEnabled, &l.PickupCapacityPerHour, &l.PickupLeadMinutes,
		&l.CreatedAt, &l.UpdatedAt,
	}
}

func scanLocation(row pgx.CollectableRow) (Location, error) {
	var l Location
	err := row.Scan(l.fields()...)
	return l, err
}

const locationsByIDSQL = `
select id, external_id, kind, name, address1, address2, city, province_code, zip, country_code, phone,
       latitude, longitude, hours, opening_hours, services, active, is_default, ships_online, pickup_enabled,
       pickup_capacity_per_hour, pickup_lead_minutes, created_at, updated_at
from location
where id = any($1::uuid[])`

// LocationsByID reads locations, active or not; an id that is none is absent from the answer.
func LocationsByID(ctx context.Context, db pg.DB, ids []id.LocationID) (map[id.LocationID]Location, error) {
	rows, err := db.Query(ctx, locationsByIDSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read locations: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanLocation)
	if err != nil {
		return nil, fmt.Errorf("read locations: %w", err)
	}
	byID := make(map[id.LocationID]Location, len(found))
	for _, l := range found {
		byID[l.ID] = l
	}
	return byID, nil
}

// LocationByID reads one location; absent is a fault.
func LocationByID(ctx context.Context, db pg.DB, at id.LocationID) (Location, error) {
	found, err := LocationsByID(ctx, db, []id.LocationID{at})
	if err != nil {
		return Location{}, err
	}
	l, ok := found[at]
	if !ok {
		return Location{}, fault.New(fault.NotFound, "NOT_FOUND", "There is no such location.")
	}
	return l, nil
}

const pickupLocationsSQL = `
select id, external_id, kind, name, address1, address2, city, province_code, zip, country_code, phone,
       latitude, longitude, hours, opening_hours, services, active, is_default, ships_online, pickup_enabled,
       pickup_capacity_per_hour, pickup_lead_minutes, created_at, updated_at
from location
where active and pickup_enabled
order by id`

// pickupLocations reads every store where shoppers can collect.
func pickupLocations(ctx context.Context, db pg.DB) ([]Location, error) {
	rows, err := db.Query(ctx, pickupLocationsSQL)
	if err != nil {
		return nil, fmt.Errorf("read stores: %w", err)
	}
	stores, err := pgx.CollectRows(rows, scanLocation)
	if err != nil {
		return nil, fmt.Errorf("read stores: %w", err)
	}
	return stores, nil
}

// LocationSortKeys is an order in which locations can be listed.
type LocationSortKeys string

// The orders of locations.
const (
	LocationsByCity     LocationSortKeys = "CITY"
	LocationsByDistance LocationSortKeys = "DISTANCE"
	LocationsByIDs      LocationSortKeys = "ID"
	LocationsByName     LocationSortKeys = "NAME"
)

// Locations lists the places where shoppers can collect. Asked from somewhere without another order, the nearest come
// first; places whose coordinates are not known come last.
func Locations(ctx context.Context, db pg.DB, near *address.Coordinate, sort LocationSortKeys, page pg.Page) (pg.Connection[Location], error) {
	if near != nil && !near.Valid() {
		return pg.Connection[Location]{}, badCoordinate
	}
	if sort == LocationsByDistance && near == nil {
		return pg.Connection[Location]{}, fault.New(fault.Invalid, "BAD_USER_INPUT", "To sort by distance, say near what.").At("near")
	}
	if near != nil && sort == LocationsByIDs {
		sort = LocationsByDistance
	}
	stores, err := pickupLocations(ctx, db)
	if err != nil {
		return pg.Connection[Location]{}, err
	}
	switch sort {
	case LocationsByCity:
		slices.SortStableFunc(stores, func(a, b Location) int { return cmp.Compare(deref(a.Address.City), deref(b.Address.City)) })
	case LocationsByName:
		slices.SortStableFunc(stores, func(a, b Location) int { return cmp.Compare(a.Name, b.Name) })
	case LocationsByDistance:
		sortByDistance(stores, near, func(l Location) Location { return l })
	}
	return pg.Slice(page.Sorted(string(sort)), stores, func(l Location) string { return l.ID.String() })
}

var badCoordinate = fault.New(fault.Invalid, "BAD_USER_INPUT",
	"A latitude lies between -90 and 90, a longitude between -180 and 180.").At("near")

// sortByDistance puts the nearest first; what is equally far, or nowhere, keeps its order.
func sortByDistance[T any](list []T, near *address.Coordinate, of func(T) Location) {
	slices.SortStableFunc(list, func(a, b T) int {
		da, db := of(a).distance(near), of(b).distance(near)
		switch {
		case da == nil && db == nil:
			return 0
		case da == nil:
			return 1
		case db == nil:
			return -1
		default:
			return cmp.Compare(*da, *db)
		}
	})
}

// distance is how far the location is from a place, in kilometers; nil when either is not known.
func (l Location) distance(near *address.Coordinate) *float64 {
	at, ok := l.Coordinate()
	if near == nil || !ok {
		return nil
	}
	d := near.Distance(at)
	return &d
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// LocationConnection is one page of locations.
type LocationConnection = pg.Connection[Location]

// LocationEdge is one location of a page.
type LocationEdge = pg.Edge[Location]

// StoreAvailabilityConnection is one page of stores with what they have.
type StoreAvailabilityConnection = pg.Connection[StoreAvailability]

// StoreAvailabilityEdge is one store of a page with what it has.
type StoreAvailabilityEdge = pg.Edge[StoreAvailability]
