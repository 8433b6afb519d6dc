package catalog

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// listOf begins the name of a type whose values are lists.
const listOf = "list."

// The bounds of a metafield's value.
const (
	maxValue    = 64 << 10 // bytes
	maxLineText = 5000     // characters of a text of one line
	maxElements = 128      // of a list
)

// referenceKinds has the types whose values lead to something, with the kind of what they lead to.
var referenceKinds = map[string]string{
	"product_reference": "Product", "variant_reference": "ProductVariant", "collection_reference": "Collection",
}

var (
	wholeForm   = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})$`)
	decimalForm = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,9})?$`)
	colorForm   = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
)

// maxWhole is the largest number_integer: the largest that every client's number holds exactly.
const maxWhole = 1<<53 - 1

// valueForms has each type with what a value of it must be; the text says so in words.
var valueForms = map[string]struct {
	ok   func(string) bool
	must string
}{
	"single_line_text_field": {oneLine, "A text of one line has 1 to 5,000 characters and no line break."},
	"multi_line_text_field":  {showable, "A text holds no characters that can't be shown."},
	"number_integer":         {isWhole, "A whole number lies between -9007199254740991 and 9007199254740991."},
	"number_decimal":         {decimalForm.MatchString, "A decimal number has at most 13 digits before the point and 9 after it."},
	"boolean":                {func(v string) bool { return v == "true" || v == "false" }, "A truth value is true or false."},
	"date":                   {isDate, "A date is written like 2026-11-27."},
	"date_time":              {isMoment, "A moment is written like 2026-11-27T08:00:00 or 2026-11-27T08:00:00Z."},
	"json":                   {func(v string) bool { return json.Valid([]byte(v)) }, "The value is no JSON."},
	"color":                  {colorForm.MatchString, "A color is written like #6A8CAF."},
	"url":                    {IsAddress, "An address begins with https://, http://, mailto:, sms: or tel:."},
	"product_reference":      {leadsTo("Product"), "The value is no product's id."},
	"variant_reference":      {leadsTo("ProductVariant"), "The value is no variant's id."},
	"collection_reference":   {leadsTo("Collection"), "The value is no collection's id."},
}

// hasList says of which types there are lists.
func hasList(kind string) bool {
	switch kind {
	case "multi_line_text_field", "boolean", "json":
		return false
	default:
		_, ok := valueForms[kind]
		return ok
	}
}

// checkType says whether there is such a type.
func checkType(name string) error {
	kind, list := strings.CutPrefix(name, listOf)
	if _, ok := valueForms[kind]; !ok || list && !hasList(kind) {
		return fault.New(fault.Invalid, "INVALID_TYPE", "There is no such type of metafields.")
	}
	return nil
}

// checkValue says whether a value is one of its type, and gives it in the form in which it is kept.
func checkValue(name, value string) (string, error) {
	if len(value) > maxValue {
		return "", fault.Newf(fault.Invalid, "TOO_LONG", "The value is longer than %d bytes.", maxValue)
	}
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return "", fault.New(fault.Invalid, "INVALID_VALUE", "The value is no text.")
	}
	kind, list := strings.CutPrefix(name, listOf)
	form := valueForms[kind]
	if !list {
		if value == "" {
			return "", fault.New(fault.Invalid, "BLANK", "The value is empty. To take a metafield away, delete it.")
		}
		if !form.ok(value) {
			return "", fault.New(fault.Invalid, "INVALID_VALUE", form.must)
		}
		return value, nil
	}
	elements, ok := elementsOf(value)
	if !ok {
		return "", fault.New(fault.Invalid, "INVALID_VALUE", "A list is JSON, such as [\"a\", \"b\"] or, of numbers, [1, 2].")
	}
	if len(elements) > maxElements {
		return "", fault.Newf(fault.Invalid, "TOO_MANY", "A list has at most %d elements.", maxElements)
	}
	for _, one := range elements {
		switch {
		case one.number && !takesNumbers(kind):
			return "", fault.New(fault.Invalid, "INVALID_VALUE", "The elements of this list are texts: put each between quotation marks.")
		case !one.number && kind == "number_integer":
			return "", fault.New(fault.Invalid, "INVALID_VALUE", "The elements of this list are numbers, without quotation marks.")
		case !form.ok(one.text):
			return "", fault.New(fault.Invalid, "INVALID_VALUE", form.must)
		}
	}
	var kept bytes.Buffer
	if err := json.Compact(&kept, []byte(value)); err != nil {
		return "", fault.New(fault.Invalid, "INVALID_VALUE", "A list is JSON, such as [\"a\", \"b\"].")
	}
	return kept.String(), nil
}

// takesNumbers says of which types an element of a list may be a number. A decimal number may be a text, too: so it keeps
// all its digits with every client.
func takesNumbers(kind string) bool { return kind == "number_integer" || kind == "number_decimal" }

// element is one of a list: a text, or a number as it is written.
type element struct {
	text   string
	number bool
}

// elementsOf reads a list whose elements are texts or numbers.
func elementsOf(value string) ([]element, bool) {
	var raw []json.RawMessage
	if json.Unmarshal([]byte(value), &raw) != nil || raw == nil {
		return nil, false
	}
	elements := make([]element, len(raw))
	for i, one := range raw {
		if json.Unmarshal(one, &elements[i].text) == nil && one[0] == '"' {
			continue
		}
		if one[0] != '-' && (one[0] < '0' || one[0] > '9') {
			return nil, false
		}
		elements[i] = element{text: string(one), number: true}
	}
	return elements, true
}

func oneLine(v string) bool {
	return v != "" && utf8.RuneCountInString(v) <= maxLineText && !strings.ContainsFunc(v, unicode.IsControl)
}

func showable(v string) bool {
	return !strings.ContainsFunc(v, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t' })
}

func isWhole(v string) bool {
	n, err := strconv.ParseInt(v, 10, 64)
	return err == nil && wholeForm.MatchString(v) && n >= -maxWhole && n <= maxWhole
}

func isDate(v string) bool {
	_, err := time.Parse(time.DateOnly, v)
	return err == nil
}

func isMoment(v string) bool {
	_, withZone := time.Parse(time.RFC3339, v)
	_, without := time.Parse("2006-01-02T15:04:05", v)
	return withZone == nil || without == nil
}

// IsAddress says whether a text is an address that a storefront can link to, and nothing else.
func IsAddress(v string) bool {
	u, err := url.Parse(v)
	if err != nil || len(v) > 2048 || strings.ContainsFunc(v, unicode.IsSpace) {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto", "sms", "tel":
		return u.Opaque != "" || u.Host != ""
	default:
		return false
	}
}

func leadsTo(kind string) func(string) bool {
	return func(v string) bool {
		global, err := id.Parse(v)
		return err == nil && global.Kind == kind
	}
}
