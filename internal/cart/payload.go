package cart

import (
	"errors"

	"github.com/wharfhq/wharf/internal/fault"
)

// Payload is what every cart mutation answers: the cart as it is after, or what was wrong with the input, and what
// the shopper should know although nothing failed.
type Payload struct {
	Cart       *Cart
	UserErrors []CartUserError
	Warnings   []CartWarning
}

// CartUserError is an error in what was asked of a cart.
type CartUserError struct {
	Code    *CartErrorCode
	Field   []string
	Message string
}

// CartWarning is what the shopper should know although nothing failed.
type CartWarning struct {
	Code    CartWarningCode
	Message string
	Target  string // the id of the line, or of the variant that found no place in the cart
}

// CartErrorCode says what is wrong with what was asked of a cart.
type CartErrorCode string

// The codes that are in use; the vocabulary has more.
const (
	Invalid          CartErrorCode = "INVALID"
	InvalidLine      CartErrorCode = "INVALID_MERCHANDISE_LINE"
	MinimumNotMet    CartErrorCode = "MINIMUM_NOT_MET"
	MaximumExceeded  CartErrorCode = "MAXIMUM_EXCEEDED"
	InvalidIncrement CartErrorCode = "INVALID_INCREMENT"
	TooLarge         CartErrorCode = "CART_TOO_LARGE"
	NoteTooLong      CartErrorCode = "NOTE_TOO_LONG"
	CardNumber       CartErrorCode = "PAYMENTS_CREDIT_CARD_NUMBER_INVALID"

	AddressRequired  CartErrorCode = "ADDRESS_FIELD_IS_REQUIRED"
	AddressTooLong   CartErrorCode = "ADDRESS_FIELD_IS_TOO_LONG"
	AddressHTML      CartErrorCode = "ADDRESS_FIELD_CONTAINS_HTML_TAGS"
	AddressURL       CartErrorCode = "ADDRESS_FIELD_CONTAINS_URL"
	AddressEmoji     CartErrorCode = "ADDRESS_FIELD_CONTAINS_EMOJIS"
	AddressPattern   CartErrorCode = "ADDRESS_FIELD_DOES_NOT_MATCH_EXPECTED_PATTERN"
	ProvinceNotFound CartErrorCode = "PROVINCE_NOT_FOUND"
	ZipOfCountry     CartErrorCode = "INVALID_ZIP_CODE_FOR_COUNTRY"
	ZipOfProvince    CartErrorCode = "INVALID_ZIP_CODE_FOR_PROVINCE"
	NoSuchAddress    CartErrorCode = "INVALID_DELIVERY_ADDRESS_ID"
	TooManyAddresses CartErrorCode = "TOO_MANY_DELIVERY_ADDRESSES"
	OneAddress       CartErrorCode = "ONLY_ONE_DELIVERY_ADDRESS_CAN_BE_SELECTED"
	NoCustomer       CartErrorCode = "MISSING_CUSTOMER_ACCESS_TOKEN"
	NoSuchGroup      CartErrorCode = "INVALID_DELIVERY_GROUP"
	NoSuchOption     CartErrorCode = "INVALID_DELIVERY_OPTION"
	Unavailable      CartErrorCode = "SERVICE_UNAVAILABLE"

	ParentNotFound  CartErrorCode = "PARENT_LINE_NOT_FOUND"
	ParentReference CartErrorCode = "PARENT_LINE_INVALID_REFERENCE"
	ParentTooDeep   CartErrorCode = "PARENT_LINE_NESTING_TOO_DEEP"
	ParentBlocked   CartErrorCode = "PARENT_LINE_OPERATION_BLOCKED"
	BundleMixed     CartErrorCode = "BUNDLES_AND_ADDONS_CANNOT_BE_MIXED"
)

// CartWarningCode says what a shopper is warned of.
type CartWarningCode string

// The warnings that are in use; the vocabulary has more, and not the last two.
const (
	NotEnoughStock CartWarningCode = "MERCHANDISE_NOT_ENOUGH_STOCK"
	OutOfStock     CartWarningCode = "MERCHANDISE_OUT_OF_STOCK"

	DuplicateAddress CartWarningCode = "DUPLICATE_DELIVERY_ADDRESS"

	NoGiftCard CartWarningCode = "PAYMENTS_GIFT_CARDS_UNAVAILABLE"

	NoRates CartWarningCode = "DELIVERY_RATES_UNAVAILABLE"
	NoTax   CartWarningCode = "TAX_UNAVAILABLE"
)

// refuse makes the error that becomes a user error of the cart.
func refuse(code CartErrorCode, message string, field ...string) *fault.Fault {
	return fault.New(fault.Invalid, string(code), message).At(field...)
}

// absent is the answer to a cart that does not exist, was placed, or is opened with a wrong secret.
var absent = fault.New(fault.NotFound, string(Invalid), "The specified cart does not exist.").At("cartId")

// refusals is a list of refusals of one input, all of which the shopper should see at once.
type refusals []error

func (r *refusals) add(f *fault.Fault) { *r = append(*r, f) }

func (r refusals) err() error { return errors.Join(r...) }

// payload sorts what a change came to: refusals are for the shopper, every other error is for the caller.
func payload(cart Cart, warnings []CartWarning, err error) (*Payload, error) {
	if warnings == nil {
		warnings = []CartWarning{}
	}
	if err == nil {
		return &Payload{Cart: &cart, UserErrors: []CartUserError{}, Warnings: warnings}, nil
	}
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	p := &Payload{Warnings: []CartWarning{}}
	for _, one := range list {
		f, ok := fault.As(one)
		if !ok || (f.Kind != fault.Invalid && f.Kind != fault.NotFound) {
			return nil, err
		}
		code := CartErrorCode(f.Code)
		p.UserErrors = append(p.UserErrors, CartUserError{Code: &code, Field: f.Field, Message: f.Message})
	}
	return p, nil
}
