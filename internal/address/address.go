// Package address holds postal addresses and places: values that carts, orders, customers and locations share.
package address

import (
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// MailingAddress is a postal address of a customer or an order. Country and province are kept as ISO codes; their
// names are derived.
type MailingAddress struct {
	ID            id.MailingAddressID `json:"id"`
	FirstName     *string             `json:"firstName,omitempty"`
	LastName      *string             `json:"lastName,omitempty"`
	Company       *string             `json:"company,omitempty"`
	Address1      *string             `json:"address1,omitempty"`
	Address2      *string             `json:"address2,omitempty"`
	City          *string             `json:"city,omitempty"`
	ProvinceCode  *string             `json:"provinceCode,omitempty"` // the part after the hyphen in ISO 3166-2, such as CA
	Zip           *string             `json:"zip,omitempty"`
	CountryCodeV2 *CountryCode        `json:"countryCode,omitempty"`
	Phone         *string             `json:"phone,omitempty"`
	Latitude      *float64            `json:"latitude,omitempty"`
	Longitude     *float64            `json:"longitude,omitempty"`
}

// IsNode marks a MailingAddress as a Node of the API.
func (MailingAddress) IsNode() {}

// MailingAddressConnection is one page of addresses.
type MailingAddressConnection = pg.Connection[MailingAddress]

// MailingAddressEdge is one address of a page.
type MailingAddressEdge = pg.Edge[MailingAddress]

// MailingAddressInput is an address as a caller sends it; country and province may be ISO codes or English names.
type MailingAddressInput struct {
	Address1  *string
	Address2  *string
	City      *string
	Company   *string
	Country   *string
	FirstName *string
	LastName  *string
	Phone     *string
	Province  *string
	Zip       *string
}

// Name is the full name, or nil when neither part is known.
func (a MailingAddress) Name() *string { return join(" ", a.FirstName, a.LastName) }

// Country is the country's English name.
func (a MailingAddress) Country() *string {
	if a.CountryCodeV2 == nil {
		return nil
	}
	name := a.CountryCodeV2.Name()
	return &name
}

// Province is the province's English name where it is known, else its code.
func (a MailingAddress) Province() *string {
	if a.ProvinceCode == nil || a.CountryCodeV2 == nil {
		return a.ProvinceCode
	}
	if name, ok := ProvinceName(*a.CountryCodeV2, *a.ProvinceCode); ok {
		return &name
	}
	return a.ProvinceCode
}

// FormattedArea is city, province and country on one line.
func (a MailingAddress) FormattedArea() *string {
	return join(", ", a.City, a.ProvinceCode, a.Country())
}

// Formatted is the address as the lines of a label; absent arguments take the vocabulary's defaults, with the
// company and without the name.
func (a MailingAddress) Formatted(withCompany, withName *bool) []string {
	lines := []string{}
	add := func(s *string) {
		if s != nil && strings.TrimSpace(*s) != "" {
			lines = append(lines, *s)
		}
	}
	if withName != nil && *withName {
		add(a.Name())
	}
	if withCompany == nil || *withCompany {
		add(a.Company)
	}
	add(a.Address1)
	add(a.Address2)
	add(join(" ", a.City, a.ProvinceCode, a.Zip))
	add(a.Country())
	return slices.Clip(lines)
}

// join puts the parts that are there between separators; nil when none is.
func join(sep string, parts ...*string) *string {
	var have []string
	for _, p := range parts {
		if p != nil && *p != "" {
			have = append(have, *p)
		}
	}
	if have == nil {
		return nil
	}
	s := strings.Join(have, sep)
	return &s
}
