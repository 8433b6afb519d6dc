package observe

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

const hidden = "***"

// named are the attributes that are hidden whole, whatever they hold.
var named = map[string]bool{
	"password": true, "secret": true, "token": true, "accesstoken": true, "customeraccesstoken": true,
	"authorization": true, "apikey": true, "cookie": true, "note": true,
	"email": true, "phone": true, "firstname": true, "lastname": true, "fullname": true,
	"address": true, "address1": true, "address2": true, "shippingaddress": true, "billingaddress": true,
}

var (
	urlLogin = regexp.MustCompile(`://[^\s/@:]*:[^\s/@]*@`)
	email    = regexp.MustCompile(`[\pL\pN._%+'-]+@(?:[\pL\pN-]+\.)+\pL[\pL\pN-]+`)
	phone    = regexp.MustCompile(`\+\d[\d ().-]{6,18}\d`)
	card     = regexp.MustCompile(`\b[3-6](?:[ -]?\d){12,18}\b`)
	wharfKey = regexp.MustCompile(`\b(wharf_[a-z0-9]+_[A-Za-z0-9]+)_[A-Za-z0-9_-]+`)
	login    = regexp.MustCompile(`\b(wharf[cos])_[A-Za-z0-9_-]{8,}`) // of a customer, an order or staff
	bearer   = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}`)
	pair     = regexp.MustCompile(`(?i)\b(password|secret|token|key)=[^\s&"']+`)
)

// Mask hides what a text must not carry into a log: addresses of people, numbers of phones and cards, tokens,
// passwords; and it writes control characters as escapes, so that foreign text cannot forge a line.
func Mask(s string) string {
	if strings.ContainsRune(s, '@') {
		s = urlLogin.ReplaceAllString(s, "://"+hidden+"@")
		s = email.ReplaceAllStringFunc(s, func(address string) string {
			first, size := firstRune(address), strings.LastIndexByte(address, '.')
			return first + hidden + "@" + hidden + address[size:]
		})
	}
	if strings.ContainsRune(s, '+') {
		s = phone.ReplaceAllString(s, "+"+hidden)
	}
	s = card.ReplaceAllStringFunc(s, func(number string) string {
		if luhn(number) {
			return hidden
		}
		return number
	})
	if strings.Contains(s, "wharf") {
		s = wharfKey.ReplaceAllString(s, "${1}_"+hidden)
		s = login.ReplaceAllString(s, "${1}_"+hidden)
	}
	s = bearer.ReplaceAllString(s, "${1} "+hidden)
	if strings.ContainsRune(s, '=') {
		s = pair.ReplaceAllString(s, "${1}="+hidden)
	}
	return escape(s)
}

func maskNamed(key, value string) string {
	if value != "" && named[normal(key)] {
		return hidden
	}
	return Mask(value)
}

// normal writes access_token, access-token and accessToken alike.
func normal(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(key))
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// escape writes everything that could start a new line or steer a terminal as \u escapes.
func escape(s string) string {
	if strings.IndexFunc(s, steers) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteByte(' ')
		case steers(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func steers(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// luhn is the check that card numbers pass and most other numbers don't.
func luhn(number string) bool {
	sum, double := 0, false
	for i := len(number) - 1; i >= 0; i-- {
		if number[i] < '0' || number[i] > '9' {
			continue
		}
		digit := int(number[i] - '0')
		if double {
			digit *= 2
			if digit > 9 {
				digit -= 9
			}
		}
		sum += digit
		double = !double
	}
	return sum%10 == 0
}
