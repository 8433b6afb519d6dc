// Package attribute holds the key and value pairs that shoppers put on carts, orders and their lines.
package attribute

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
