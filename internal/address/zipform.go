package address

// ValidZip says whether a postal code has a form that its country uses. Spaces and hyphens don't matter. Of a country
// whose forms are not known here every code is right.
func ValidZip(country CountryCode, zip string) bool {
	forms, known := zipForms[country]
	if !known {
		return true
	}
	code := plainZip(&zip)
	for _, form := range forms {
		if fits(code, form) {
			return true
		}
	}
	return false
}

// HasZips says whether addresses in a country need a postal code.
func HasZips(country CountryCode) bool {
	_, known := zipForms[country]
	return known
}

// fits holds a code against a form, in which 0 stands for a digit and A for a letter.
func fits(code, form string) bool {
	if len(code) != len(form) {
		return false
	}
	for i := range len(form) {
		digit, letter := code[i] >= '0' && code[i] <= '9', code[i] >= 'A' && code[i] <= 'Z'
		if form[i] == '0' && !digit || form[i] == 'A' && !letter {
			return false
		}
	}
	return true
}

var zipForms = func() map[CountryCode][]string {
	forms := map[CountryCode][]string{
		"US": {"00000", "000000000"},
		"CA": {"A0A0A0"},
		"GB": {"A00AA", "A000AA", "AA00AA", "AA000AA", "A0A0AA", "AA0A0AA"},
		"NL": {"0000AA"},
		"BR": {"00000000"},
		"IL": {"00000", "0000000"},
		"TW": {"000", "00000", "000000"},
	}
	for form, countries := range map[string][]CountryCode{
		"0000":    {"AT", "AU", "BE", "BG", "CH", "CY", "DK", "HU", "LI", "LU", "NO", "NZ", "PH", "SI", "ZA"},
		"00000":   {"CZ", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "ID", "IT", "KR", "LT", "MC", "MX", "MY", "PL", "SE", "SK", "SM", "TH", "TR", "UA"},
		"000000":  {"CN", "IN", "RO", "RU", "SG", "VN"},
		"0000000": {"JP", "PT"},
	} {
		for _, country := range countries {
			forms[country] = []string{form}
		}
	}
	return forms
}()

// Region is the province of an address: the one that is written, else the one that its postal code lies in. It says
// false where the country has provinces and neither tells which.
func (a MailingAddress) Region() (string, bool) {
	if a.ProvinceCode != nil && *a.ProvinceCode != "" {
		return *a.ProvinceCode, true
	}
	if a.CountryCodeV2 == nil {
		return "", false
	}
	if a.Zip != nil {
		if province, ok := ProvinceOfZip(*a.CountryCodeV2, *a.Zip); ok {
			return province, true
		}
	}
	return "", !HasProvinces(*a.CountryCodeV2)
}
