package address_test

import (
	"math"
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/address"
)

func TestParseCountryTakesCodeAndName(t *testing.T) {
	for text, want := range map[string]address.CountryCode{
		"US": "US", "us": "US", "United States": "US", "USA": "US", "Germany": "DE", " japan ": "JP", "GB": "GB",
	} {
		if got, ok := address.ParseCountry(text); !ok || got != want {
			t.Errorf("ParseCountry(%q) = %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, bad := range []string{"", "XX1", "Atlantis", "🇺🇸"} {
		if got, ok := address.ParseCountry(bad); ok {
			t.Errorf("ParseCountry(%q) = %q", bad, got)
		}
	}
}

// TestCountriesAreTodays: what a country of the past was called by is offered to nobody, and is read from nobody.
func TestCountriesAreTodays(t *testing.T) {
	all, names := address.Countries(), map[string]address.CountryCode{}
	if len(all) != 249+3 || !slices.IsSorted(all) {
		t.Errorf("there are %d countries, want the 249 of ISO 3166-1 and AC, TA, XK", len(all))
	}
	for _, country := range all {
		if other, taken := names[country.Name()]; taken || country.Name() == string(country) {
			t.Errorf("%s and %s are both called %q", other, country, country.Name())
		}
		names[country.Name()] = country
		var read address.CountryCode
		if err := read.UnmarshalGQL(string(country)); err != nil || read != country {
			t.Errorf("%s is read as %q: %v", country, read, err)
		}
	}
	for _, gone := range []string{"AN", "BU", "CS", "DD", "EU", "FX", "JT", "MI", "PU", "TP", "UK", "VD", "WK", "YD", "YU", "ZR", "ZZ", "de", "Germany", ""} {
		var read address.CountryCode
		if err := read.UnmarshalGQL(gone); err == nil {
			t.Errorf("%q is read as %q", gone, read)
		}
	}
	for name, want := range map[string]address.CountryCode{"Germany": "DE", "France": "FR", "United Kingdom": "GB", "UK": "GB"} {
		if got, _ := address.ParseCountry(name); got != want {
			t.Errorf("%s is %q, want %s", name, got, want)
		}
	}
	for _, gone := range []string{"DD", "FX", "Burma"} {
		if got, ok := address.ParseCountry(gone); ok {
			t.Errorf("ParseCountry(%q) = %q", gone, got)
		}
	}
}

func TestParseProvince(t *testing.T) {
	for text, want := range map[string]string{"CA": "CA", "ca": "CA", "California": "CA", "US-NY": "NY"} {
		if got, ok := address.ParseProvince("US", text); !ok || got != want {
			t.Errorf("ParseProvince(US, %q) = %q, %v; want %q", text, got, ok, want)
		}
	}
	if _, ok := address.ParseProvince("US", "Bavaria"); ok {
		t.Error("Bavaria is no US state")
	}
	if got, ok := address.ParseProvince("DE", "Bayern"); !ok || got != "Bayern" {
		t.Errorf("a country without a list takes the text: %q, %v", got, ok)
	}
}

func TestDistance(t *testing.T) {
	berlin, paris := address.Coordinate{Latitude: 52.52, Longitude: 13.405}, address.Coordinate{Latitude: 48.8566, Longitude: 2.3522}
	if got := berlin.Distance(paris); math.Abs(got-877.5) > 1 {
		t.Errorf("Berlin to Paris is %.1f km, want about 877.5", got)
	}
	if got := berlin.Distance(berlin); got != 0 {
		t.Errorf("a place is %.3f km from itself", got)
	}
}

func TestFormatted(t *testing.T) {
	s := func(v string) *string { return &v }
	yes, us := true, address.CountryCode("US")
	a := address.MailingAddress{
		FirstName: s("Ada"), LastName: s("Lovelace"), Company: s("Engines"), Address1: s("1 Main St"),
		City: s("Albany"), ProvinceCode: s("NY"), Zip: s("12207"), CountryCodeV2: &us,
	}
	want := []string{"Ada Lovelace", "Engines", "1 Main St", "Albany NY 12207", "United States"}
	if got := a.Formatted(nil, &yes); !slices.Equal(got, want) {
		t.Errorf("Formatted = %q, want %q", got, want)
	}
	if got := *a.Province(); got != "New York" {
		t.Errorf("Province = %q", got)
	}
}
