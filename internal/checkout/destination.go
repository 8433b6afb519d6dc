package checkout

import (
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/id"
)

// mailingAddress checks where an order is sent.
func mailingAddress(in address.MailingAddressInput) (address.MailingAddress, error) {
	var refused refusals
	at := func(name string) []string { return []string{"input", "delivery", "shipping", "address", name} }
	a := address.MailingAddress{
		ID:        id.NewMailingAddressID(),
		FirstName: refused.name(in.FirstName, at("firstName")...),
		LastName:  refused.name(in.LastName, at("lastName")...),
		Company:   refused.name(in.Company, at("company")...),
		Address1:  refused.name(in.Address1, at("address1")...),
		Address2:  refused.name(in.Address2, at("address2")...),
		City:      refused.name(in.City, at("city")...),
		Zip:       refused.name(in.Zip, at("zip")...),
	}
	if a.Address1 == nil {
		refused.refuse(Blank, "The street is needed to send the order.", at("address1")...)
	}
	if a.City == nil {
		refused.refuse(Blank, "The city is needed to send the order.", at("city")...)
	}
	if !present(in.Country) {
		refused.refuse(Blank, "The country is needed to send the order.", at("country")...)
		return a, refused.err()
	}
	country, ok := address.ParseCountry(*in.Country)
	if !ok {
		refused.refuse(Invalid, "There is no such country. Give an ISO code or its English name.", at("country")...)
		return a, refused.err()
	}
	a.CountryCodeV2 = &country
	if present(in.Phone) {
		phone, ok := contact.Phone(*in.Phone, string(country))
		if !ok {
			refused.refuse(Invalid, "This is no phone number.", at("phone")...)
		}
		a.Phone = &phone
	}
	switch province, ok := provinceOf(country, in.Province, a.Zip); {
	case ok && province != "":
		a.ProvinceCode = &province
	case !ok && present(in.Province):
		refused.refuse(Invalid, country.Name()+" has no such province. Give its code or its English name.", at("province")...)
	case !ok:
		refused.refuse(Blank, "The province is needed to send the order.", at("province")...)
	}
	return a, refused.err()
}

// provinceOf is the province that was given, else the one that the postal code lies in. Only countries whose provinces
// are known need one.
func provinceOf(country address.CountryCode, given, zip *string) (string, bool) {
	if present(given) {
		return address.ParseProvince(country, *given)
	}
	if province, ok := address.ProvinceOfZip(country, deref(zip)); ok {
		return province, true
	}
	return "", !address.HasProvinces(country)
}
