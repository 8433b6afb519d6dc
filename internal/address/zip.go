package address

import "strings"

// HasProvinces says whether the provinces of a country are known, so that an address there must be in one of them.
func HasProvinces(country CountryCode) bool {
	_, ok := provinces[country]
	return ok
}

// ProvinceOfZip finds the province that a postal code lies in, for countries whose codes are given out by province.
// It serves addresses that leave the province out.
func ProvinceOfZip(country CountryCode, zip string) (string, bool) {
	zip = strings.ToUpper(strings.TrimSpace(zip))
	switch {
	case country == "US" && len(zip) >= 5:
		for _, r := range zipRanges {
			if r.from <= zip[:3] && zip[:3] <= r.to {
				return r.province, true
			}
		}
	case country == "CA" && len(zip) >= 6:
		province, ok := postalDistricts[zip[0]]
		return province, ok
	}
	return "", false
}

// zipRanges are the first three digits of the postal codes of each state, as the United States Postal Service gives
// them out. Where a range is inside another one, it comes first.
var zipRanges = []struct{ from, to, province string }{
	{"055", "055", "MA"},
	{"201", "201", "VA"},
	{"733", "733", "TX"},
	{"569", "569", "DC"},
	{"885", "885", "TX"},
	{"005", "005", "NY"},
	{"006", "007", "PR"},
	{"009", "009", "PR"},
	{"010", "027", "MA"},
	{"028", "029", "RI"},
	{"030", "038", "NH"},
	{"039", "049", "ME"},
	{"050", "059", "VT"},
	{"060", "069", "CT"},
	{"070", "089", "NJ"},
	{"100", "149", "NY"},
	{"150", "196", "PA"},
	{"197", "199", "DE"},
	{"200", "205", "DC"},
	{"206", "219", "MD"},
	{"220", "246", "VA"},
	{"247", "268", "WV"},
	{"270", "289", "NC"},
	{"290", "299", "SC"},
	{"300", "319", "GA"},
	{"320", "339", "FL"},
	{"341", "349", "FL"},
	{"350", "369", "AL"},
	{"370", "385", "TN"},
	{"386", "397", "MS"},
	{"398", "399", "GA"},
	{"400", "427", "KY"},
	{"430", "459", "OH"},
	{"460", "479", "IN"},
	{"480", "499", "MI"},
	{"500", "528", "IA"},
	{"530", "549", "WI"},
	{"550", "567", "MN"},
	{"570", "577", "SD"},
	{"580", "588", "ND"},
	{"590", "599", "MT"},
	{"600", "629", "IL"},
	{"630", "658", "MO"},
	{"660", "679", "KS"},
	{"680", "693", "NE"},
	{"700", "714", "LA"},
	{"716", "729", "AR"},
	{"730", "749", "OK"},
	{"750", "799", "TX"},
	{"800", "816", "CO"},
	{"820", "831", "WY"},
	{"832", "838", "ID"},
	{"840", "847", "UT"},
	{"850", "865", "AZ"},
	{"870", "884", "NM"},
	{"889", "898", "NV"},
	{"900", "961", "CA"},
	{"967", "968", "HI"},
	{"970", "979", "OR"},
	{"980", "994", "WA"},
	{"995", "999", "AK"},
}

// postalDistricts are the first letters of Canadian postal codes. X is shared by two territories.
var postalDistricts = map[byte]string{
	'A': "NL", 'B': "NS", 'C': "PE", 'E': "NB", 'G': "QC", 'H': "QC", 'J': "QC", 'K': "ON", 'L': "ON", 'M': "ON",
	'N': "ON", 'P': "ON", 'R': "MB", 'S': "SK", 'T': "AB", 'V': "BC", 'Y': "YT",
}
