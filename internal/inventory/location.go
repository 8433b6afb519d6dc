package inventory

import (
	"time"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
)

// LocationKind says what a location is.
type LocationKind string

// The kinds of location.
const (
	Warehouse LocationKind = "WAREHOUSE"
	Store     LocationKind = "STORE"
)

// Location is a place with stock: a warehouse that ships, a store where shoppers collect, or both.
type Location struct {
	ID                    id.LocationID
	ExternalID            *string
	Kind                  LocationKind
	Name                  string
	Address               LocationAddress
	Hours                 string         // the opening hours as they were given
	Week                  []OpeningHours // as far as Hours could be read
	Services              []string
	Active                bool
	IsDefault             bool
	ShipsOnline           bool
	PickupEnabled         bool
	PickupCapacityPerHour *int // nil is without a bound
	PickupLeadMinutes     int
	CreatedAt             time.Time
	UpdatedAt             time.Time
}

// IsNode marks a Location as a Node of the API.
func (Location) IsNode() {}

// OpeningHours is when the location is open, as the shop wrote it; nil when nobody did.
func (l Location) OpeningHours() *string {
	if l.Hours == "" {
		return nil
	}
	return &l.Hours
}

// Coordinate is where the location is, when that is known.
func (l Location) Coordinate() (address.Coordinate, bool) {
	if l.Address.Latitude == nil || l.Address.Longitude == nil {
		return address.Coordinate{}, false
	}
	return address.Coordinate{Latitude: *l.Address.Latitude, Longitude: *l.Address.Longitude}, true
}

// LocationAddress is the postal address of a location.
type LocationAddress struct {
	Address1     *string
	Address2     *string
	City         *string
	ProvinceCode *string
	Zip          *string
	CountryCode  *string
	Phone        *string
	Latitude     *float64
	Longitude    *float64
}

// mailing is the same address in the form that knows names and labels.
func (a LocationAddress) mailing() address.MailingAddress {
	m := address.MailingAddress{
		Address1: a.Address1, Address2: a.Address2, City: a.City, ProvinceCode: a.ProvinceCode, Zip: a.Zip, Phone: a.Phone,
	}
	if a.CountryCode != nil {
		code := address.CountryCode(*a.CountryCode)
		m.CountryCodeV2 = &code
	}
	return m
}

// Country is the country's English name.
func (a LocationAddress) Country() *string { return a.mailing().Country() }

// Province is the province's English name where it is known, else its code.
func (a LocationAddress) Province() *string { return a.mailing().Province() }

// Formatted is the address as the lines of a label.
func (a LocationAddress) Formatted() []string { return a.mailing().Formatted(nil, nil) }

// OpeningHours is one stretch in which a location is open, in its own local time. A stretch that closes after
// midnight has a closing time that is not after its opening time.
type OpeningHours struct {
	Day    Weekday `json:"day"`
	Opens  string  `json:"opens"`  // 15:04
	Closes string  `json:"closes"` // 15:04
}

// Weekday is a day of the week.
type Weekday string

// The days of the week.
const (
	Monday    Weekday = "MONDAY"
	Tuesday   Weekday = "TUESDAY"
	Wednesday Weekday = "WEDNESDAY"
	Thursday  Weekday = "THURSDAY"
	Friday    Weekday = "FRIDAY"
	Saturday  Weekday = "SATURDAY"
	Sunday    Weekday = "SUNDAY"
)
