package address

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// CountryCode is an ISO 3166-1 alpha-2 code, such as US. It is the vocabulary's enum of that name.
type CountryCode string

// Name is the country's English name, or the code itself where none is known.
func (c CountryCode) Name() string {
	region, err := language.ParseRegion(string(c))
	if err != nil {
		return string(c)
	}
	if name := display.English.Regions().Name(region); name != "" {
		return name
	}
	return string(c)
}

// MarshalGQL writes the code as an enum value.
func (c CountryCode) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(c))) }

// UnmarshalGQL reads an enum value.
func (c *CountryCode) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a country is an ISO 3166-1 code")
	}
	code, ok := ParseCountry(text)
	if !ok {
		return fmt.Errorf("unknown country %.10q", text)
	}
	*c = code
	return nil
}

// noCountries are codes that stand for a country of the past, or for a union of several, and that no parcel goes to.
const noCountries = "AN CQ CS EZ FQ NT PC SU UN YU"

// countriesByName holds every country under its lower-case English name and code.
var countriesByName = sync.OnceValue(func() map[string]CountryCode {
	byName := make(map[string]CountryCode, 600)
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.String() != code || strings.Contains(noCountries, code) {
				continue
			}
			byName[strings.ToLower(code)] = CountryCode(code)
			byName[strings.ToLower(CountryCode(code).Name())] = CountryCode(code)
		}
	}
	byName["usa"], byName["united states of america"] = "US", "US"
	byName["uk"], byName["great britain"] = "GB", "GB"
	return byName
})

// ParseCountry reads an ISO code or an English name, whatever its case.
func ParseCountry(text string) (CountryCode, bool) {
	c, ok := countriesByName()[strings.ToLower(strings.TrimSpace(text))]
	return c, ok
}

// Countries lists every country there is, in alphabetical order of the codes.
func Countries() []CountryCode { return slices.Clone(allCountries()) }

var allCountries = sync.OnceValue(func() []CountryCode {
	all := slices.Collect(maps.Values(countriesByName()))
	slices.Sort(all)
	return slices.Compact(all)
})

// ParseProvince reads a province's code or English name for countries whose provinces are known; of any other
// country the text is taken as it is.
func ParseProvince(country CountryCode, text string) (string, bool) {
	text = strings.TrimSpace(text)
	known, ok := provinces[country]
	if !ok {
		return text, text != ""
	}
	upper := strings.TrimPrefix(strings.ToUpper(text), string(country)+"-")
	if _, ok := known[upper]; ok {
		return upper, true
	}
	for code, name := range known {
		if strings.EqualFold(name, text) {
			return code, true
		}
	}
	return "", false
}

// ProvinceName is a province's English name, where it is known.
func ProvinceName(country CountryCode, code string) (string, bool) {
	name, ok := provinces[country][code]
	return name, ok
}

// provinces holds the ISO 3166-2 parts of the countries whose tax depends on them.
var provinces = map[CountryCode]map[string]string{
	"US": {
		"AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
		"CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
		"HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
		"KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
		"MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
		"NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
		"NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
		"OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
		"TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
		"WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "PR": "Puerto Rico",
	},
	"CA": {
		"AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
		"NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut",
		"ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
	},
}
