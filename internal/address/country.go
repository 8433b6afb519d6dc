package address

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/wharfhq/wharf/internal/fault"
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

// UnmarshalGQL reads an enum value. The enum has codes of countries that are no more, for clients that know them; nobody
// lives there, nothing is taxed there, and so they are refused.
func (c *CountryCode) UnmarshalGQL(v any) error {
	text, _ := v.(string)
	if !CountryCode(text).Exists() {
		return fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%.10q is no country's code today.", text)
	}
	*c = CountryCode(text)
	return nil
}

// todaysCountries are the codes that ISO 3166-1 assigns, and those of Ascension, Tristan da Cunha and Kosovo, which
// people have addresses by although it does not.
const todaysCountries = "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS " +
	"BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG " +
	"EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR " +
	"HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR " +
	"LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG " +
	"NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE " +
	"SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"

var exists = sync.OnceValue(func() map[CountryCode]bool {
	all := map[CountryCode]bool{}
	for code := range strings.FieldsSeq(todaysCountries) {
		all[CountryCode(code)] = true
	}
	return all
})

// Exists says whether it is the code of a country of today.
func (c CountryCode) Exists() bool { return exists()[c] }

// countriesByName holds every country under its lower-case English name and code.
var countriesByName = sync.OnceValue(func() map[string]CountryCode {
	byName := make(map[string]CountryCode, 600)
	for code := range exists() {
		byName[strings.ToLower(string(code))] = code
		byName[strings.ToLower(code.Name())] = code
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

var allCountries = sync.OnceValue(func() []CountryCode { return slices.Sorted(maps.Keys(exists())) })

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
