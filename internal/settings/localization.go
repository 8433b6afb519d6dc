package settings

import (
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/locale"
	"github.com/wharfhq/wharf/internal/money"
)

// Localization is where the shop sells and what it is written in, and which of it applies to a caller.
type Localization struct {
	AvailableCountries []Country
	AvailableLanguages []Language
	Country            Country
	Language           Language
}

// Country is a country as a market of the shop.
type Country struct {
	AvailableLanguages []Language
	Currency           Currency
	DefaultLanguage    Language
	ISOCode            address.CountryCode
	Name               string
	UnitSystem         locale.UnitSystem
}

// Language is a language that the shop is written in.
type Language struct {
	EndonymName string
	ISOCode     locale.LanguageCode
	Name        string
}

// Currency is what a market pays in.
type Currency struct {
	ISOCode money.Currency
	Name    string
	Symbol  string
}

// Localization is the market that applies to a caller who names a country and a language, or neither. A country that
// the shop does not ship to is answered with the shop's own market, a language that it is not written in with the
// shop's own language: a storefront always gets an answer that it can show.
func (s Shop) Localization(country *address.CountryCode, _ *locale.LanguageCode) Localization {
	all := s.ShipsToCountries()
	l := Localization{AvailableLanguages: []Language{s.written()}, Language: s.written()}
	l.AvailableCountries = make([]Country, len(all))
	for i, code := range all {
		l.AvailableCountries[i] = s.market(code)
	}
	l.Country = s.market(s.Market(country))
	return l
}

// Market is the country that applies to a caller who names one, or none.
func (s Shop) Market(country *address.CountryCode) address.CountryCode {
	all := s.ShipsToCountries()
	switch {
	case country != nil && slices.Contains(all, *country):
		return *country
	case slices.Contains(all, s.Country):
		return s.Country
	default:
		return all[0]
	}
}

// market is a country as a market of the shop: prices are in one currency and texts in one language everywhere.
func (s Shop) market(country address.CountryCode) Country {
	return Country{
		AvailableLanguages: []Language{s.written()}, DefaultLanguage: s.written(),
		Currency: Currency{ISOCode: s.Currency, Name: s.Currency.Name(), Symbol: s.Currency.Symbol()},
		ISOCode:  country, Name: country.Name(), UnitSystem: locale.UnitsOf(country),
	}
}

// written is the language that the shop is written in.
func (s Shop) written() Language {
	return Language{EndonymName: s.Language.EndonymName(), ISOCode: s.Language, Name: s.Language.Name()}
}
