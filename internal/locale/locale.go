// Package locale knows the languages that a shop can be written in and the habits of countries: what a language is
// called, in English and by those who speak it, and what a country measures in.
package locale

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/wharfhq/wharf/internal/address"
)

// LanguageCode is a language in the vocabulary's form, such as EN or PT_BR.
type LanguageCode string

var codes = regexp.MustCompile(`^[A-Z]{2,3}(_[A-Z]{2})?$`)

// tag is the language as the rest of the world writes it.
func (c LanguageCode) tag() (language.Tag, bool) {
	if !codes.MatchString(string(c)) {
		return language.Und, false
	}
	tag, err := language.Parse(strings.ReplaceAll(string(c), "_", "-"))
	return tag, err == nil
}

// Known says whether there is such a language.
func (c LanguageCode) Known() bool {
	_, ok := c.tag()
	return ok
}

// Name is what the language is called in English, or the code itself where that is not known.
func (c LanguageCode) Name() string {
	tag, _ := c.tag()
	return c.or(display.English.Tags().Name(tag))
}

// EndonymName is what those who speak the language call it.
func (c LanguageCode) EndonymName() string {
	tag, _ := c.tag()
	return c.or(display.Self.Name(tag))
}

func (c LanguageCode) or(name string) string {
	if name == "" || !c.Known() {
		return string(c)
	}
	return name
}

// Base is the language without its region: PT of PT_BR.
func (c LanguageCode) Base() LanguageCode {
	base, _, _ := strings.Cut(string(c), "_")
	return LanguageCode(base)
}

// MarshalGQL writes the code as an enum value.
func (c LanguageCode) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(c))) }

// UnmarshalGQL reads an enum value.
func (c *LanguageCode) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if *c = LanguageCode(text); !ok || !codes.MatchString(text) {
		return fmt.Errorf("unknown language %.10q", text)
	}
	return nil
}

// UnitSystem is what lengths and weights are measured in.
type UnitSystem string

// The systems of units.
const (
	Imperial UnitSystem = "IMPERIAL_SYSTEM"
	Metric   UnitSystem = "METRIC_SYSTEM"
)

// UnitsOf is what a country measures in.
func UnitsOf(country address.CountryCode) UnitSystem {
	switch country {
	case "US", "LR", "MM":
		return Imperial
	default:
		return Metric
	}
}
