package customers

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
)

// CreateInput is who a new customer is.
type CreateInput struct {
	AcceptsMarketing *bool
	Email            string
	FirstName        *string
	LastName         *string
	Password         string
	Phone            *string
}

// The bounds of what a customer types, as storefronts know them.
const (
	shortestPassword = 5
	longestPassword  = 72
	longestName      = 255
)

// normal gives the input in the form in which it is stored, or everything that is wrong with it.
func (in CreateInput) normal() (CreateInput, error) {
	var wrong []error
	refuse := func(field, code, message string) {
		wrong = append(wrong, fault.New(fault.Invalid, code, message).At("input", field))
	}
	switch email, ok := contact.Email(in.Email); {
	case strings.TrimSpace(in.Email) == "":
		refuse("email", "BLANK", "Email can't be blank")
	case !ok:
		refuse("email", "INVALID", "Email is invalid")
	default:
		in.Email = email
	}
	switch {
	case in.Password == "":
		refuse("password", "BLANK", "Password can't be blank")
	case utf8.RuneCountInString(in.Password) < shortestPassword:
		refuse("password", "TOO_SHORT", "Password is too short (minimum is 5 characters)")
	case len(in.Password) > longestPassword:
		refuse("password", "TOO_LONG", "Password is too long (maximum is 72 bytes)")
	case in.Password != strings.TrimFunc(in.Password, unicode.IsSpace):
		refuse("password", "PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE", "Password can't start or end with white space")
	}
	in.FirstName = name(in.FirstName, func(code, message string) { refuse("firstName", code, "First name "+message) })
	in.LastName = name(in.LastName, func(code, message string) { refuse("lastName", code, "Last name "+message) })
	if in.Phone != nil {
		if strings.TrimSpace(*in.Phone) == "" {
			in.Phone = nil
		} else if phone, ok := contact.Phone(*in.Phone, ""); ok {
			in.Phone = &phone
		} else {
			refuse("phone", "INVALID", "Phone is invalid; it begins with a plus and the country, such as +14155550123")
		}
	}
	return in, errors.Join(wrong...)
}

// name reads a name; an empty one is none.
func name(text *string, refuse func(code, message string)) *string {
	if text == nil {
		return nil
	}
	trimmed := strings.Join(strings.Fields(*text), " ")
	switch {
	case trimmed == "":
		return nil
	case utf8.RuneCountInString(trimmed) > longestName:
		refuse("TOO_LONG", "is too long (maximum is 255 characters)")
	case contact.HoldsMarkup(trimmed):
		refuse("CONTAINS_HTML_TAGS", "cannot contain HTML tags")
	case contact.HoldsURL(trimmed):
		refuse("CONTAINS_URL", "cannot contain URL")
	case contact.HoldsCardNumber(trimmed):
		refuse("INVALID", "looks like it holds a card number, which we never keep")
	case strings.ContainsFunc(trimmed, unicode.IsControl):
		refuse("INVALID", "is invalid")
	}
	return &trimmed
}
