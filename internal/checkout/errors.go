package checkout

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// Code says what is wrong with what was asked of an order. It is the API's OrderErrorCode.
type Code string

// The codes of placing and cancelling.
const (
	Invalid            Code = "INVALID"
	Blank              Code = "BLANK"
	TooLong            Code = "TOO_LONG"
	CartEmpty          Code = "CART_EMPTY"
	CartNotFound       Code = "CART_NOT_FOUND"
	VariantNotFound    Code = "VARIANT_NOT_FOUND"
	OutOfStock         Code = "OUT_OF_STOCK"
	QuantityOutOfRange Code = "QUANTITY_OUT_OF_RANGE"
	TotalChanged       Code = "TOTAL_CHANGED"
	NotShippable       Code = "NOT_SHIPPABLE"
	OptionNotFound     Code = "DELIVERY_OPTION_NOT_FOUND"
	LocationNotFound   Code = "LOCATION_NOT_FOUND"
	AddressNotFound    Code = "ADDRESS_NOT_FOUND"
	NoStoreAvailable   Code = "NO_STORE_AVAILABLE"
	CodeNotApplicable  Code = "CODE_NOT_APPLICABLE"
	CodeUsedUp         Code = "CODE_USED_UP"
	MethodRequired     Code = "PAYMENT_METHOD_REQUIRED"
	VersionConflict    Code = "VERSION_CONFLICT"
	CardNumber         Code = "CARD_NUMBER"
)

// The data that refusals carry, by the names that the API gives them.
const (
	quantityAvailable = "quantityAvailable"
	currentPrice      = "currentPrice"
	currentVersion    = "currentVersion"
	lineID            = "lineId"
)

// The bounds of what shoppers write.
const (
	maxName = 255
	maxText = 5000
)

// refuse makes a refusal that the shopper can act on.
func refuse(code Code, message string, field ...string) *fault.Fault {
	return fault.New(fault.Invalid, string(code), message).At(field...)
}

func refuseCard(field ...string) *fault.Fault {
	return refuse(CardNumber, "A card number does not belong here. Enter it only where you pay.", field...)
}

// refusals gathers what is wrong with one input, so that the shopper sees all of it at once.
type refusals []error

func (r *refusals) add(f *fault.Fault) { *r = append(*r, translated(f)) }

func (r *refusals) refuse(code Code, message string, field ...string) {
	r.add(refuse(code, message, field...))
}

func (r refusals) err() error {
	if len(r) == 1 {
		return r[0]
	}
	return errors.Join(r...)
}

// translated gives a refusal of the cart the code under which orders know it.
func translated(f *fault.Fault) *fault.Fault {
	code := f.Code
	switch cart.CartErrorCode(f.Code) {
	case cart.NoteTooLong:
		code = string(TooLong)
	case cart.CardNumber:
		code = string(CardNumber)
	}
	changed := *f
	changed.Code = code
	return &changed
}

// at puts a path to a fault that has none of its own.
func at(err error, field ...string) error {
	if f, ok := fault.As(err); ok && len(f.Field) == 0 {
		return f.At(field...)
	}
	return err
}

// busy is the answer when others have held what the order needs for too long.
var busy = fault.New(fault.Busy, "BUSY", "Many shoppers want the same at this moment. Try again with the same key.")

// busyIfLocked tells a lock or a connection that was not to be had from an error of ours.
func busyIfLocked(err error) error {
	if _, ok := fault.As(err); !ok && (pg.IsLockTimeout(err) || errors.Is(err, pg.ErrNoConnection)) {
		return busy.Because(err)
	}
	return err
}

func isText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

func holdsCard(text string) bool { return contact.HoldsCardNumber(text) }
