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
