// Package scalar binds GraphQL's scalars to Go, strictly: a number is a number and a text is a text, in variables as
// in literals. gqlgen's own bindings take "1" for 1 and 1 for "1", which hides a client's mistake until it costs.
//
// Check tells whether a value fits a scalar, so that a request with a wrong variable is refused before anything runs.
package scalar

import (
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/fault"
)

// Check says what is wrong with a value for a scalar of the schema; nil when it fits, or when the scalar has no form
// of its own. Values are as encoding/json gives them with numbers kept as texts, or as gqlparser makes them from
// literals.
func Check(name string, v any) error {
	if read, ok := readers[name]; ok {
		return read(v)
	}
	return nil
}

var readers = map[string]func(any) error{
	"Int":           checked(UnmarshalInt32),
	"Float":         checked(UnmarshalFloat),
	"Boolean":       checked(UnmarshalBoolean),
	"String":        checked(UnmarshalString),
	"ID":            checked(UnmarshalID),
	"DateTime":      checked(UnmarshalDateTime),
	"URL":           checked(UnmarshalURL),
	"HTML":          checked(UnmarshalHTML),
	"Decimal":       checked(decimal),
	"Color":         checked(UnmarshalColor),
	"UnsignedInt64": checked(UnmarshalUnsignedInt64),
}

func checked[T any](read func(any) (T, error)) func(any) error {
	return func(v any) error {
		_, err := read(v)
		return err
	}
}

func refused(sentence string) error {
	return fault.New(fault.Invalid, string(fault.Invalid), sentence)
}

// whole reads an integer from what a variable or a literal gives.
func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case json.Number:
		i, err := strconv.ParseInt(n.String(), 10, 64)
		return i, err == nil
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	}
	return 0, false
}

// UnmarshalInt64 reads an Int: a whole number of 32 bits, as GraphQL has it.
func UnmarshalInt64(v any) (int64, error) {
	i, ok := whole(v)
	if !ok || i < math.MinInt32 || i > math.MaxInt32 {
		return 0, refused("An Int is a whole number between -2147483648 and 2147483647, not in quotes.")
	}
	return i, nil
}

// UnmarshalInt32 reads an Int.
func UnmarshalInt32(v any) (int32, error) {
	i, err := UnmarshalInt64(v)
	return int32(i), err //nolint:gosec // in range, or an error
}

// UnmarshalInt reads an Int.
func UnmarshalInt(v any) (int, error) {
	i, err := UnmarshalInt64(v)
	return int(i), err
}

// UnmarshalFloat reads a Float: any finite number.
func UnmarshalFloat(v any) (float64, error) {
	var f float64
	switch n := v.(type) {
	case json.Number:
		var err error
		if f, err = strconv.ParseFloat(n.String(), 64); err != nil {
			return 0, errFloat
		}
	case float64:
		f = n
	default:
		i, ok := whole(v)
		if !ok {
			return 0, errFloat
		}
		f = float64(i)
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, errFloat
	}
	return f, nil
}

var errFloat = refused("A Float is a finite number, not in quotes.")

// UnmarshalBoolean reads true or false.
func UnmarshalBoolean(v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, refused("A Boolean is true or false, not in quotes.")
	}
	return b, nil
}

// UnmarshalString reads a text. A NUL character has no place in a text of a shop, and PostgreSQL keeps none.
func UnmarshalString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", refused("A String is a text in quotes.")
	}
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return "", refused("A String holds no NUL characters.")
	}
	return s, nil
}

// UnmarshalID reads an ID: a text or a whole number.
func UnmarshalID(v any) (string, error) {
	if i, ok := whole(v); ok {
		return strconv.FormatInt(i, 10), nil
	}
	s, err := UnmarshalString(v)
	if err != nil {
		return "", refused("An ID is a text in quotes or a whole number.")
	}
	return s, nil
}

// UnmarshalDateTime reads a moment with its offset from UTC. The first moment of the year 1 is none: other systems write it
// where they have no moment, and Go takes it for that too.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, errDateTime
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	t = t.UTC()
	if err != nil || t.Year() < 1 || t.Year() > 9999 || t.Truncate(time.Microsecond).IsZero() {
		return time.Time{}, errDateTime
	}
	return t, nil
}

var errDateTime = refused("A DateTime is written like 2026-11-22T19:46:13Z.")

const maxURL = 2_048

// UnmarshalURL reads an absolute web address.
func UnmarshalURL(v any) (string, error) {
	s, ok := v.(string)
	if !ok || len(s) > maxURL {
		return "", errURL
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return "", errURL
	}
	return s, nil
}

var errURL = refused("A URL is an absolute web address, such as https://example.com/lamp.")

// UnmarshalHTML reads HTML as text; whoever stores it sanitizes it.
func UnmarshalHTML(v any) (string, error) { return UnmarshalString(v) }

var decimalForm = regexp.MustCompile(`^-?[0-9]{1,30}(\.[0-9]{1,30})?$`)

// decimal reads the form of a Decimal; internal/money gives it its meaning.
func decimal(v any) (string, error) {
	var s string
	switch n := v.(type) {
	case string:
		s = n
	case json.Number:
		s = n.String()
	case int64:
		s = strconv.FormatInt(n, 10)
	default:
		return "", errDecimal
	}
	if !decimalForm.MatchString(s) {
		return "", errDecimal
	}
	return s, nil
}

var errDecimal = refused(`A Decimal is a number written as a text, such as "12.50".`)

var colorForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// UnmarshalColor reads a color as six hexadecimal digits.
func UnmarshalColor(v any) (string, error) {
	s, ok := v.(string)
	if !ok || !colorForm.MatchString(s) {
		return "", refused("A Color is written like #6A8CAF.")
	}
	return s, nil
}

// UnmarshalUnsignedInt64 reads a whole number from 0, written as a text so that JavaScript keeps all its digits.
func UnmarshalUnsignedInt64(v any) (uint64, error) {
	s, ok := v.(string)
	if !ok {
		return 0, errUnsigned
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, errUnsigned
	}
	return n, nil
}

var errUnsigned = refused("An UnsignedInt64 is a whole number from 0, written as a text.")

// UnmarshalJSON reads any value. (A JSON scalar's own rules are its user's.)
func UnmarshalJSON(v any) (any, error) {
	if text, ok := v.(string); ok {
		return UnmarshalString(text)
	}
	return v, nil
}
