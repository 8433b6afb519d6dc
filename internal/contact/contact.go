// Package contact reads what shoppers type about themselves: e-mail addresses, phone numbers, names and notes.
//
// It gives each in one normal form, and it refuses card numbers in free text, so that none is ever stored or logged.
package contact

import (
	"net/mail"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
)

// Email reads an e-mail address and gives the form in which it is stored and compared: lower case, the domain in
// ASCII. It says false to anything that no mail could reach.
func Email(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) > 254 || strings.ContainsAny(text, "<>\"(),;: \t\r\n") {
		return "", false
	}
	local, domain, ok := strings.Cut(text, "@")
	if !ok || len(local) > 64 {
		return "", false
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(domain, ".") {
		return "", false
	}
	parsed, err := mail.ParseAddress(local + "@" + domain)
	if err != nil || parsed.Address != local+"@"+domain {
		return "", false
	}
	return parsed.Address, true
}

// Phone reads a phone number and gives it as E.164, such as +4930123456. Without a leading plus the number is read
// as one of the region, an ISO country code; without a region it is refused.
func Phone(text, region string) (string, bool) {
	if len(text) > 40 {
		return "", false
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// HoldsMarkup says whether a text has something like an HTML tag in it, which no name or address has.
func HoldsMarkup(text string) bool {
	_, rest, open := strings.Cut(text, "<")
	return open && strings.Contains(rest, ">")
}

// HoldsURL says whether a text has a web address in it: the mark of advertising sent through a form.
func HoldsURL(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "http://") || strings.Contains(lower, "https://") || strings.Contains(lower, "www.")
}
