// Package attribute holds the key and value pairs that shoppers put on carts, orders and their lines.
package attribute

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Attribute is one pair, such as Engraving: "For Ada".
type Attribute struct {
	Key   string  `json:"key"`
	Value *string `json:"value,omitempty"`
}

// AttributeInput is a pair as a caller sends it.
type AttributeInput struct {
	Key   string
	Value string
}

// Same says whether two lists hold the same pairs, whatever their order.
func Same(a, b []Attribute) bool { return Fingerprint(a) == Fingerprint(b) }

// Fingerprint tells lists apart by their pairs, whatever the order.
func Fingerprint(attributes []Attribute) [sha256.Size]byte {
	sorted := slices.Clone(attributes)
	slices.SortFunc(sorted, func(a, b Attribute) int { return strings.Compare(a.Key, b.Key) })
	return sha256.Sum256(Encode(sorted))
}

// Encode writes attributes as JSON; of none it is an empty list.
func Encode(attributes []Attribute) []byte {
	if attributes == nil {
		attributes = []Attribute{}
	}
	text, err := json.Marshal(attributes)
	if err != nil {
		panic(fmt.Sprintf("encode attributes: %v", err)) // texts always encode
	}
	return text
}
