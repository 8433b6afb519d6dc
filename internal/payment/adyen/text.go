package adyen

import (
	"strings"
	"unicode/utf8"
)

// storable says whether the database takes a text.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// cut is a text for people, as far as it is one and fits.
func cut(text string) string {
	const most = 255
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	return text
}

// The words that a shopper may read.
const (
	reasonDeclined    = "Your bank has declined the payment."
	reasonFunds       = "Your bank has declined the payment: the account does not hold enough money."
	reasonExpired     = "Your bank has declined the payment: the card has expired."
	reasonMethod      = "The payment provider does not know this payment method."
	reasonAmount      = "This amount cannot be paid in this way."
	reasonUnavailable = "The amount is not available on this charge."
	reasonRefused     = "The payment provider has refused it."
	reasonLeft        = "The payment was not finished."
	reasonClosed      = "The payment was withdrawn."
	reasonChallenge   = "Please confirm the payment with your bank."
	reasonAway        = "Your bank wants you to confirm the payment yourself."
)

// declined words why a bank has refused. Adyen's own words are for the shop, and not all of them for shoppers: nobody is
// told that they look like a thief.
func declined(reason string) string {
	reason = strings.ToLower(reason)
	switch {
	case strings.Contains(reason, "not enough balance"):
		return reasonFunds
	case strings.Contains(reason, "expired card"):
		return reasonExpired
	case strings.Contains(reason, "cancelled"), strings.Contains(reason, "canceled"):
		return reasonLeft
	}
	return reasonDeclined
}
