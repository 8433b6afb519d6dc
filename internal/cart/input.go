package cart

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/orders"
)

// The bounds of what a cart holds.
const (
	MaxLines      = 500
	MaxQuantity   = 1_000_000
	maxInputLines = 250
	maxAttributes = 250
	maxKey        = 255
	maxValue      = 4000
	MaxNote       = 5000
	maxText       = 1 << 20 // bytes of all attributes
)

// CartLineInput is a line to add to a cart or an order. The later fields are left out of the JSON where they are not
// given, so that keys of orders keep their meaning.
type CartLineInput struct {
	Attributes     []attribute.AttributeInput
	MerchandiseID  string
	Quantity       *int                       // nil is 1
	Parent         *CartLineParentInput       `json:",omitempty"` // the line that it belongs to
	DeliveryMethod *orders.DeliveryMethodType `json:",omitempty"` // PICK_UP, or nil
}

// CartLineParentInput names the line that another belongs to: exactly one of the two.
type CartLineParentInput struct {
	LineID        *string // of a line that is in the cart
	MerchandiseID *string // of a line that is added in the same call
}

// CartLineUpdateInput is a change of a line.
type CartLineUpdateInput struct {
	Attributes    []attribute.AttributeInput // nil leaves them
	ID            string
	MerchandiseID *string // nil leaves the variant
	Quantity      *int    // 0 removes the line, nil leaves the quantity

	DeliveryMethod *orders.DeliveryMethodType // PICK_UP or SHIPPING; nil leaves the way
}

// CartInput is what a cart starts with.
type CartInput struct {
	Attributes    []attribute.AttributeInput
	BuyerIdentity *CartBuyerIdentityInput
	Delivery      *CartDeliveryInput
	DiscountCodes []string
	GiftCardCodes []string
	Lines         []CartLineInput
	Note          *string
}

// Attributes checks attributes and gives them in their form: in the order given, the last value of a name counts.
// Refusals are added to the list under the path.
func Attributes(inputs []attribute.AttributeInput, refuse func(*fault.Fault), path ...string) []attribute.Attribute {
	attributes := make([]attribute.Attribute, 0, len(inputs))
	if len(inputs) > maxAttributes {
		refuse(fault.Newf(fault.Invalid, string(Invalid), "There are at most %d attributes.", maxAttributes).At(path...))
		return attributes
	}
	for i, input := range inputs {
		at := func(field string) []string { return append(slices.Clone(path), strconv.Itoa(i), field) }
		sound := true
		wrong := func(f *fault.Fault) { refuse(f); sound = false }
		switch n := utf8.RuneCountInString(input.Key); {
		case n < 1 || n > maxKey || !storable(input.Key):
			wrong(fault.Newf(fault.Invalid, string(Invalid), "An attribute's name has 1 to %d characters.", maxKey).At(at("key")...))
		case contact.HoldsCardNumber(input.Key):
			wrong(noCardNumber(at("key")...))
		}
		switch {
		case utf8.RuneCountInString(input.Value) > maxValue || !storable(input.Value):
			wrong(fault.Newf(fault.Invalid, string(Invalid), "An attribute's value has at most %d characters.", maxValue).At(at("value")...))
		case contact.HoldsCardNumber(input.Value):
			wrong(noCardNumber(at("value")...))
		}
		if !sound {
			continue
		}
		value := input.Value
		same := func(a attribute.Attribute) bool { return a.Key == input.Key }
		if j := slices.IndexFunc(attributes, same); j >= 0 {
			attributes[j].Value = &value
			continue
		}
		attributes = append(attributes, attribute.Attribute{Key: input.Key, Value: &value})
	}
	return attributes
}

// Note checks a shopper's note; nil says that it is right.
func Note(note string, path ...string) *fault.Fault {
	switch {
	case utf8.RuneCountInString(note) > MaxNote:
		return fault.Newf(fault.Invalid, string(NoteTooLong), "A note has at most %d characters.", MaxNote).At(path...)
	case !storable(note):
		return fault.New(fault.Invalid, string(Invalid), "The note holds characters that are no text.").At(path...)
	case contact.HoldsCardNumber(note):
		return noCardNumber(path...)
	}
	return nil
}

func noCardNumber(path ...string) *fault.Fault {
	return refuse(CardNumber, "A card number does not belong here. Enter it only where you pay.", path...)
}

// storable says whether the database can keep the text.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
