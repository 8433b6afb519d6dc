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

// UpdateInput is what changes of a customer: what is nil stays, an empty name or phone number goes.
type UpdateInput struct {
	AcceptsMarketing *bool
	Email            *string
	FirstName        *string
	LastName         *string
	Password         *string
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
	w := wrong{at: []string{"input"}}
	in.Email = w.email(in.Email)
	w.password(in.Password)
	in.FirstName = w.text("firstName", "First name", in.FirstName)
	in.LastName = w.text("lastName", "Last name", in.LastName)
	in.Phone = w.phone(in.Phone, "")
	return in, w.err()
}

// normal gives the input in the form in which it is stored, or everything that is wrong with it. A name or phone number
// that is to go stays an empty text.
func (in UpdateInput) normal() (UpdateInput, error) {
	w := wrong{at: []string{"customer"}}
	if in.Email != nil {
		email := w.email(*in.Email)
		in.Email = &email
	}
	if in.Password != nil {
		w.password(*in.Password)
	}
	in.FirstName = orEmpty(in.FirstName, w.text("firstName", "First name", in.FirstName))
	in.LastName = orEmpty(in.LastName, w.text("lastName", "Last name", in.LastName))
	in.Phone = orEmpty(in.Phone, w.phone(in.Phone, ""))
	return in, w.err()
}

// orEmpty is a text as it was read, and an empty one where something was given and nothing is left of it.
func orEmpty(given, read *string) *string {
	if given != nil && read == nil {
		return new(string)
	}
	return read
}

// wrong collects what is wrong with an input, each with its field below at.
type wrong struct {
	at   []string
	list []error
}

func (w *wrong) refuse(field, code, message string) {
	path := append([]string{}, w.at...)
	w.list = append(w.list, fault.New(fault.Invalid, code, message).At(append(path, field)...))
}

func (w *wrong) err() error { return errors.Join(w.list...) }

func (w *wrong) email(text string) string {
	email, ok := contact.Email(text)
	switch {
	case ok:
	case strings.TrimSpace(text) == "":
		w.refuse("email", "BLANK", "Email can't be blank")
	case badDomain(text):
		w.refuse("email", "BAD_DOMAIN", "Email contains an invalid domain name")
	default:
		w.refuse("email", "INVALID", "Email is invalid")
	}
	return email
}

// badDomain says whether it is the domain alone that keeps a text from being an e-mail address.
func badDomain(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	if !found || domain == "" {
		return false
	}
	_, ok := contact.Email(local + "@example.com")
	return ok
}

func (w *wrong) password(password string) {
	switch {
	case password == "":
		w.refuse("password", "BLANK", "Password can't be blank")
	case utf8.RuneCountInString(password) < shortestPassword:
		w.refuse("password", "TOO_SHORT", "Password is too short (minimum is 5 characters)")
	case len(password) > longestPassword:
		w.refuse("password", "TOO_LONG", "Password is too long (maximum is 72 bytes)")
	case password != strings.TrimFunc(password, unicode.IsSpace):
		w.refuse("password", "PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE", "Password can't start or end with white space")
	}
}

// text reads a name or one line of an address; an empty one is none.
func (w *wrong) text(field, called string, text *string) *string {
	if text == nil {
		return nil
	}
	trimmed := strings.Join(strings.Fields(*text), " ")
	refuse := func(code, message string) { w.refuse(field, code, called+" "+message) }
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
	case strings.ContainsFunc(trimmed, unicode.IsControl) || !utf8.ValidString(trimmed):
		refuse("INVALID", "is invalid")
	}
	return &trimmed
}

// phone reads a phone number; without a plus it is one of the region, where there is one.
func (w *wrong) phone(text *string, region string) *string {
	if text == nil || strings.TrimSpace(*text) == "" {
		return nil
	}
	phone, ok := contact.Phone(*text, region)
	if !ok {
		w.refuse("phone", "INVALID", "Phone is invalid; it begins with a plus and the country, such as +14155550123")
	}
	return &phone
}
