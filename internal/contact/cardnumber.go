package contact

import (
	"strings"
	"unicode"
)

// HoldsCardNumber says whether free text holds the number of a payment card: 13 to 19 digits, with spaces or dashes
// between them, that begin like a card issuer's numbers and pass the Luhn check. It is for text that shoppers write
// as they like (names, notes, attributes, address lines), not for phones, ids, keys, SKUs and tracking numbers,
// which are long numbers by nature.
func HoldsCardNumber(text string) bool {
	for _, run := range digitRuns(text) {
		for i := range run {
			var digits strings.Builder
			for _, group := range run[i:] {
				digits.WriteString(group)
				if isCardNumber(digits.String()) {
					return true
				}
				if digits.Len() > 19 {
					break
				}
			}
		}
	}
	return false
}

// digitRuns finds the groups of digits in a text. Groups with only spaces and dashes between them are one run: a
// card number may begin and end at any group of a run, as in "my card 2: 4242 4242 4242 4242 12/29".
func digitRuns(text string) [][]string {
	var runs [][]string
	var run []string
	var group strings.Builder
	endGroup := func() {
		if group.Len() > 0 {
			run = append(run, group.String())
			group.Reset()
		}
	}
	for _, r := range text {
		switch value, isDigit := digit(r); {
		case isDigit:
			group.WriteByte('0' + value)
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), r == '\u2212':
			endGroup()
		default:
			if endGroup(); run != nil {
				runs, run = append(runs, run), nil
			}
		}
	}
	if endGroup(); run != nil {
		runs = append(runs, run)
	}
	return runs
}

// digit is the value of a decimal digit of any script: a full-width 4 is a 4.
func digit(r rune) (byte, bool) {
	if r >= '0' && r <= '9' {
		return byte(r - '0'), true
	}
	if !unicode.IsDigit(r) {
		return 0, false
	}
	for _, block := range unicode.Nd.R16 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return byte((r - rune(block.Lo)) % 10), true // each block begins with a zero
		}
	}
	for _, block := range unicode.Nd.R32 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return byte((r - rune(block.Lo)) % 10), true
		}
	}
	return 0, false
}

func isCardNumber(digits string) bool {
	return len(digits) >= 13 && len(digits) <= 19 && hasIssuerPrefix(digits) && passesLuhn(digits)
}

// issuers are the number ranges of the card schemes, by their first digits, both ends included.
var issuers = []struct{ from, to string }{
	{"4", "4"},           // Visa
	{"51", "55"},         // Mastercard
	{"2221", "2720"},     // Mastercard
	{"34", "34"},         // American Express
	{"37", "37"},         // American Express
	{"6011", "6011"},     // Discover
	{"644", "659"},       // Discover, RuPay
	{"62", "62"},         // UnionPay, Discover
	{"81", "82"},         // UnionPay, RuPay
	{"300", "305"},       // Diners Club
	{"3095", "3095"},     // Diners Club
	{"36", "36"},         // Diners Club
	{"38", "39"},         // Diners Club
	{"3528", "3589"},     // JCB
	{"2200", "2204"},     // Mir
	{"5018", "5018"},     // Maestro
	{"5020", "5020"},     // Maestro
	{"5038", "5038"},     // Maestro
	{"508500", "508999"}, // RuPay
	{"5893", "5893"},     // Maestro
	{"6304", "6304"},     // Maestro
	{"6759", "6763"},     // Maestro
}

func hasIssuerPrefix(digits string) bool {
	for _, issuer := range issuers {
		prefix := digits[:len(issuer.from)]
		if issuer.from <= prefix && prefix <= issuer.to {
			return true
		}
	}
	return false
}

func passesLuhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
