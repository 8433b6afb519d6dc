package checkout

import (
	"context"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
)

// The inputs that say where an order is sent.
var (
	inAddress = []string{"input", "delivery", "shipping", "address"}
	inBook    = []string{"input", "delivery", "shipping", "customerAddressId"}
)

// shippingAddress is where an order is sent: the address that was given, or one of the customer's book. It gives the input
// that said so, too.
func (c *Checkout) shippingAddress(ctx context.Context, d *draft, in OrderShippingInput) (address.MailingAddress, []string, error) {
	if in.CustomerAddressID == nil {
		to, err := mailingAddress(in.Address)
		return to, inAddress, err
	}
	if in.Address != (address.MailingAddressInput{}) {
		return address.MailingAddress{}, inBook, refuse(Invalid, "Give an address, or one of the customer's book, not both.", inBook...)
	}
	var kept address.MailingAddress
	var found bool
	if named, err := id.ParseMailingAddressID(*in.CustomerAddressID); err == nil && d.buyer.customer != nil {
		if kept, found, err = customers.InBook(ctx, c.Pool, *d.buyer.customer, named); err != nil {
			return kept, inBook, err
		}
	}
	if !found {
		return kept, inBook, refuse(AddressNotFound, "The address is not in the address book of the customer who buys.", inBook...)
	}
	to, err := mailingAddress(asInput(kept))
	return to, inBook, elsewhere(err, inBook...)
}

// mailingAddress checks where an order is sent.
func mailingAddress(in address.MailingAddressInput) (address.MailingAddress, error) {
	var refused refusals
	at := func(name string) []string { return append(slices.Clone(inAddress), name) }
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
