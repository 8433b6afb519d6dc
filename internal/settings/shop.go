package settings

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/address"
)

// Domain is the address at which shoppers find the shop.
type Domain struct {
	Host       string
	SSLEnabled bool
	URL        string
}

// PrimaryDomain is where shoppers find the shop.
func (s Shop) PrimaryDomain() Domain {
	domain := Domain{URL: s.URL}
	if parsed, err := url.Parse(s.URL); err == nil {
		domain.Host, domain.SSLEnabled = parsed.Host, parsed.Scheme == "https"
	}
	return domain
}

// MoneyFormat is how an amount is written, with {{amount}} in its place.
func (s Shop) MoneyFormat() string {
	if s.MoneyTemplate != nil {
		return *s.MoneyTemplate
	}
	return s.Currency.Symbol() + "{{amount}}"
}

// ShipsToCountries lists the countries that orders are shipped to, in alphabetical order.
func (s Shop) ShipsToCountries() []address.CountryCode {
	if len(s.Ships) == 0 {
		return address.Countries()
	}
	return s.Ships
}

// ShipsTo says whether orders are shipped to a country.
func (s Shop) ShipsTo(country address.CountryCode) bool {
	return country.Exists() && (len(s.Ships) == 0 || slices.Contains(s.Ships, country))
}

// PaymentDeadlineSeconds is how long an order may be unpaid before it expires.
func (s Shop) PaymentDeadlineSeconds() int { return int(s.PaymentDeadline / time.Second) }

// ActionDeadlineSeconds is how long a shopper has who is asked for new payment details.
func (s Shop) ActionDeadlineSeconds() int { return int(s.ActionDeadline / time.Second) }

// firstURL is the address of a shop that was never told where its storefront is, as the migration sets it.
const firstURL = "http://127.0.0.1:8080"

// HasStorefront says whether the shop was told where its storefront is, so that shoppers may be sent there.
func (s Shop) HasStorefront() bool { return !s.untold && s.URL != firstURL }

// Weight units that the shop may weigh in.
var weightUnits = []string{"GRAMS", "KILOGRAMS", "OUNCES", "POUNDS"}

// The bounds of the deadlines. Below a minute an order would expire while its payment is still running.
const (
	shortestDeadline = time.Minute
	longestDeadline  = 90 * 24 * time.Hour
)

// maxPriority bounds how many locations can be put in order.
const maxPriority = 250

// check tells of each setting that the shop cannot run by.
func (s Shop) check(invalid func(field, message string)) {
	if strings.TrimSpace(s.Name) == "" || len(s.Name) > 255 {
		invalid("name", "The shop's name has 1 to 255 characters.")
	}
	if _, ok := s.Currency.Digits(); !ok {
		invalid("currency", "The currency is not an ISO 4217 code, such as EUR.")
	}
	if !s.Country.Exists() {
		invalid("country", "The country is not an ISO 3166-1 code, such as DE.")
	}
	if !slices.Contains(weightUnits, s.WeightUnit) {
		invalid("weightUnit", "The weight unit is one of "+strings.Join(weightUnits, ", ")+".")
	}
	if s.MoneyTemplate != nil && !strings.Contains(*s.MoneyTemplate, "{{amount}}") {
		invalid("moneyTemplate", "The money format has {{amount}} in it.")
	}
	s.checkAddresses(invalid)
	for i, country := range s.Ships {
		if !country.Exists() {
			invalid("ships."+strconv.Itoa(i), "A country that is shipped to is not an ISO 3166-1 code.")
		}
	}
	if s.Capture != CaptureOnFulfillment && s.Capture != CaptureImmediately {
		invalid("capture", "Money is captured on FULFILLMENT or IMMEDIATE.")
	}
	if s.Allocation != FewestSplits && s.Allocation != Nearest && s.Allocation != ByPriority {
		invalid("allocation", "Locations are chosen by FEWEST_SPLITS, NEAREST or PRIORITY.")
	}
	if len(s.LocationPriority) > maxPriority {
		invalid("locationPriority", "At most 250 locations can be put in order.")
	}
	for i, location := range s.LocationPriority[:min(len(s.LocationPriority), maxPriority)] {
		if slices.Contains(s.LocationPriority[:i], location) {
			invalid("locationPriority", "Each location stands in the order once.")
		}
	}
	if !s.Language.Known() {
		invalid("language", "The language is not an ISO 639-1 code, such as EN or PT_BR.")
	}
	if s.Description != nil && utf8.RuneCountInString(*s.Description) > 5000 {
		invalid("description", "The description is longer than 5,000 characters.")
	}
	s.Brand.check(invalid)
	for _, d := range []struct {
		field    string
		deadline time.Duration
	}{{"paymentDeadline", s.PaymentDeadline}, {"actionDeadline", s.ActionDeadline}} {
		if d.deadline < shortestDeadline || d.deadline > longestDeadline {
			invalid(d.field, "A deadline lies between one minute and 90 days.")
		}
	}
}
