package customers

import (
	"strings"

	"github.com/wharfhq/wharf/internal/address"
)

// readAddress reads an address for the book, by the rules of its country: one that is kept can be sent to.
func readAddress(in address.MailingAddressInput) (address.MailingAddress, error) {
	w := wrong{at: []string{"address"}}
	a := address.MailingAddress{
		FirstName: w.text("firstName", "First name", in.FirstName),
		LastName:  w.text("lastName", "Last name", in.LastName),
		Company:   w.text("company", "Company", in.Company),
		Address1:  w.text("address1", "Address", in.Address1),
		Address2:  w.text("address2", "Second address line", in.Address2),
		City:      w.text("city", "City", in.City),
		Zip:       w.text("zip", "Postal code", in.Zip),
	}
	if a.Address1 == nil {
		w.refuse("address1", "BLANK", "Address can't be blank")
	}
	if a.City == nil {
		w.refuse("city", "BLANK", "City can't be blank")
	}
	if in.Country == nil || strings.TrimSpace(*in.Country) == "" {
		w.refuse("country", "BLANK", "Country can't be blank")
		return a, w.err()
	}
	country, ok := address.ParseCountry(*in.Country)
	if !ok {
		w.refuse("country", "INVALID", "Country is invalid")
		return a, w.err()
	}
	a.CountryCodeV2 = &country
	a.Phone = w.phone(in.Phone, string(country))
	a.ProvinceCode = w.province(country, w.text("province", "Province", in.Province), a.Zip)
	w.zip(country, a.ProvinceCode, a.Zip)
	return a, w.err()
}

// province is the one that was given, else the one that the postal code lies in. Only countries whose provinces are
// known need one.
func (w *wrong) province(country address.CountryCode, given, zip *string) *string {
	if given != nil {
		code, ok := address.ParseProvince(country, *given)
		if !ok {
			w.refuse("province", "INVALID", "Province is not valid in "+country.Name())
		}
		return &code
	}
	if zip != nil {
		if code, ok := address.ProvinceOfZip(country, *zip); ok {
			return &code
		}
	}
	if address.HasProvinces(country) {
		w.refuse("province", "BLANK", "Province can't be blank")
	}
	return nil
}

// zip refuses a postal code of another province, where that can be told.
func (w *wrong) zip(country address.CountryCode, province, zip *string) {
	if zip == nil || province == nil {
		return
	}
	if lies, known := address.ProvinceOfZip(country, *zip); known && lies != *province {
		w.refuse("zip", "INVALID", "Postal code is not valid in the province")
	}
}

// over is an address as an input, with another input over it: what is nil there stays.
func over(kept address.MailingAddress, in address.MailingAddressInput) address.MailingAddressInput {
	country := string(*kept.CountryCodeV2)
	all := address.MailingAddressInput{
		Address1: kept.Address1, Address2: kept.Address2, City: kept.City, Company: kept.Company, Country: &country,
		FirstName: kept.FirstName, LastName: kept.LastName, Phone: kept.Phone, Province: kept.ProvinceCode, Zip: kept.Zip,
	}
	if in.Country != nil || in.Zip != nil && tells(*kept.CountryCodeV2, *in.Zip) {
		all.Province = nil // the address has moved; the postal code tells where to
	}
	for _, text := range []struct{ given, to **string }{
		{&in.Address1, &all.Address1},
		{&in.Address2, &all.Address2},
		{&in.City, &all.City},
		{&in.Company, &all.Company},
		{&in.Country, &all.Country},
		{&in.FirstName, &all.FirstName},
		{&in.LastName, &all.LastName},
		{&in.Phone, &all.Phone},
		{&in.Province, &all.Province},
		{&in.Zip, &all.Zip},
	} {
		if *text.given != nil {
			*text.to = *text.given
		}
	}
	return all
}

// tells says whether a postal code is of a country whose codes tell the province.
func tells(country address.CountryCode, zip string) bool {
	_, known := address.ProvinceOfZip(country, zip)
	return known
}

// same says whether two addresses say the same.
func same(a, b address.MailingAddress) bool {
	for _, pair := range [][2]*string{
		{a.FirstName, b.FirstName},
		{a.LastName, b.LastName},
		{a.Company, b.Company},
		{a.Address1, b.Address1},
		{a.Address2, b.Address2},
		{a.City, b.City},
		{a.ProvinceCode, b.ProvinceCode},
		{a.Zip, b.Zip},
		{a.Phone, b.Phone},
	} {
		if (pair[0] == nil) != (pair[1] == nil) || pair[0] != nil && *pair[0] != *pair[1] {
			return false
		}
	}
	return *a.CountryCodeV2 == *b.CountryCodeV2
}
