package promotions

import (
	"encoding/base32"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
)

// MaxCodes is how many codes of one kind a cart or an order may name.
const MaxCodes = 25

// The bounds of a gift card's code, without what people write between its letters.
const (
	minCode = 8
	maxCode = 64
)

// alphabet has nothing that is read as something else of it.
var alphabet = base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").WithPadding(base32.NoPadding)

// newCode is the code of a card: 80 bits that only the shop can derive from the card's id. So a repeated request is
// given the same code again, although only its hash is kept.
func newCode(keys *access.Keys, card id.GiftCardID) string {
	text := alphabet.EncodeToString(keys.Sign(access.GiftCardCodes, append([]byte("code\x00"), card[:]...))[:10])
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// plain is a gift card's code without what people write between its letters. Upper and lower case are the same.
func plain(code string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\n', '\r':
			return -1
		}
		return r
	}, strings.ToUpper(code))
}

// validCode says whether a plain code can be a card's: letters and digits only.
func validCode(code string) bool {
	if len(code) < minCode || len(code) > maxCode {
		return false
	}
	for _, r := range code {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// hashCode is the form in which a code is kept. It is keyed, since codes that a shop chooses itself can be guessed.
func hashCode(keys *access.Keys, code string) []byte {
	return keys.Sign(access.GiftCardCodes, []byte("hash\x00"+plain(code)))
}

// lastCharacters is what is shown of a code.
func lastCharacters(code string) string {
	code = plain(code)
	return code[max(len(code)-4, 0):]
}
