package cart

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
)

// CartDeliveryAddressInput is an address that a cart may be delivered to.
type CartDeliveryAddressInput struct {
	Address1     *string
	Address2     *string
	City         *string
	Company      *string
	CountryCode  *address.CountryCode
	FirstName    *string
	LastName     *string
	Phone        *string
	ProvinceCode *string
	Zip          *string
}

// DeliveryAddressValidationStrategy says how closely an address is looked at when it comes into a cart.
type DeliveryAddressValidationStrategy string

// The two ways to look. Placing the cart looks strictly, whatever was asked here.
const (
	CountryCodeOnly DeliveryAddressValidationStrategy = "COUNTRY_CODE_ONLY"
	Strict          DeliveryAddressValidationStrategy = "STRICT"
)

// maxAddressField is how many characters each part of an address has at most.
const maxAddressField = 255

// check reads an address as it is kept, the id left out. What could not be kept or shown is always refused; what is
// missing or can't be true is when one looks strictly.
func (in CartDeliveryAddressInput) check(strict bool, refused *refusals, path ...string) address.MailingAddress {
	at := func(field string) []string { return append(slices.Clone(path), field) }
	text := func(field string, given *string) *string {
		if given == nil || strings.TrimSpace(*given) == "" {
			return nil
		}
		written := strings.TrimSpace(*given)
		if code, message := wrongText(written, strict); code != "" {
			refused.add(refuse(code, message, at(field)...))
		}
		return &written
	}
	a := address.MailingAddress{
		FirstName: text("firstName", in.FirstName), LastName: text("lastName", in.LastName), Company: text("company", in.Company),
		Address1: text("address1", in.Address1), Address2: text("address2", in.Address2), City: text("city", in.City),
		ProvinceCode: text("provinceCode", in.ProvinceCode), Zip: text("zip", in.Zip), Phone: text("phone", in.Phone),
		CountryCodeV2: in.CountryCode,
	}
	if in.CountryCode == nil {
		refused.add(required(at("countryCode")...))
		return a
	}
	country := *in.CountryCode
	if a.Phone != nil {
		phone, ok := contact.Phone(*a.Phone, string(country))
		switch {
		case ok:
			a.Phone = &phone
		case strict:
			refused.add(refuse(AddressPattern, "This is no phone number.", at("phone")...))
		}
	}
	if a.ProvinceCode != nil {
		province, ok := address.ParseProvince(country, *a.ProvinceCode)
		switch {
		case ok:
			a.ProvinceCode = &province
		case strict:
			refused.add(refuse(ProvinceNotFound, country.Name()+" has no such province.", at("provinceCode")...))
			return a
		}
	}
	if strict {
		complete(a, country, refused, at)
	}
	return a
}

// complete refuses an address that nothing can be sent to.
func complete(a address.MailingAddress, country address.CountryCode, refused *refusals, at func(string) []string) {
	for _, f := range []struct {
		name string
		text *string
	}{{"address1", a.Address1}, {"city", a.City}} {
		if f.text == nil {
			refused.add(required(at(f.name)...))
		}
	}
	switch {
	case a.Zip == nil && address.HasZips(country):
		refused.add(required(at("zip")...))
	case a.Zip == nil:
	case !address.ValidZip(country, *a.Zip):
		refused.add(refuse(ZipOfCountry, fmt.Sprintf("%s has no such postal code.", country.Name()), at("zip")...))
		return
	default:
		if of, known := address.ProvinceOfZip(country, *a.Zip); known && a.ProvinceCode != nil && of != *a.ProvinceCode {
			refused.add(refuse(ZipOfProvince, "The postal code lies in another province.", at("zip")...))
		}
	}
	if _, known := a.Region(); !known {
		refused.add(required(at("provinceCode")...))
	}
}

// wrongText says what is wrong with a part of an address; an empty code says nothing.
func wrongText(text string, strict bool) (CartErrorCode, string) {
	switch {
	case utf8.RuneCountInString(text) > maxAddressField:
		return AddressTooLong, fmt.Sprintf("A part of an address has at most %d characters.", maxAddressField)
	case !storable(text):
		return AddressPattern, "This holds characters that are no text."
	case contact.HoldsMarkup(text):
		return AddressHTML, "An address has no HTML in it."
	case contact.HoldsCardNumber(text):
		return CardNumber, "A card number does not belong here. Enter it only where you pay."
	case strict && contact.HoldsURL(text):
		return AddressURL, "An address has no web address in it."
	case strict && contact.HoldsEmoji(text):
		return AddressEmoji, "An address has no emojis in it."
	}
	return "", ""
}

func required(path ...string) *fault.Fault {
	return refuse(AddressRequired, "This part of the address is needed.", path...)
}
