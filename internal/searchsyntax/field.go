package searchsyntax

import (
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/fault"
)

// Fields are what a search of one list may name. A condition on any other field is left out, and said to be; a value that
// the field can't have is refused.
type Fields map[string]Kind

// Kind is how the values of a field are read.
type Kind struct {
	reading reading
	values  []string          // all there are, where they are known
	called  map[string]string // other names of values, in lower case
}

type reading int

const (
	readWords reading = iota
	readText
	readWithout
	readFlag
	readMoment
	readAmount
	readPublished
	readOneOf
)

// The kinds of fields.
var (
	Words     = Kind{reading: readWords}     // words that must all be found, or a phrase in quotation marks
	Text      = Kind{reading: readText}      // a value that is equal, or begins so where a star ends it
	Without   = Kind{reading: readWithout}   // tag_not: the field tag, denied
	Flag      = Kind{reading: readFlag}      // true or false
	Moment    = Kind{reading: readMoment}    // a point in time, compared
	Amount    = Kind{reading: readAmount}    // a decimal number, compared
	Published = Kind{reading: readPublished} // whether shoppers see it, in any channel: visible, published, hidden, unpublished, any
)

// OneOf is a field that has one of a few values, in upper or lower case.
func OneOf[T ~string](values ...T) Kind {
	k := Kind{reading: readOneOf}
	for _, v := range values {
		k.values = append(k.values, string(v))
	}
	return k
}

// Also gives values other names, which are in lower case.
func (k Kind) Also(called map[string]string) Kind {
	k.called = called
	return k
}

// know says whether a search may name the field.
func (f Fields) know(name string) bool {
	_, ok := f[strings.ToLower(name)]
	return ok
}

// kind is how a field's values are read; without a field they are words.
func (f Fields) kind(name string) Kind {
	if name == "" {
		return Words
	}
	return f[name]
}

// oneOf reads one of the values that there are, or the beginning of some.
func (t token) oneOf(k Kind) ([]Term, error) {
	c := Term{Field: t.field, Op: "=", Value: strings.ToLower(t.value)}
	if begins, star := strings.CutSuffix(c.Value, "*"); star && begins != "" && !t.quote {
		c.Op, c.Value = "begins", begins
	}
	if name, ok := k.called[c.Value]; ok && c.Op == "=" {
		c.Value = strings.ToLower(name)
	}
	at := slices.IndexFunc(k.values, func(value string) bool {
		value = strings.ToLower(value)
		return value == c.Value || c.Op == "begins" && strings.HasPrefix(value, c.Value)
	})
	switch {
	case at < 0:
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%.40q is no %s. It is one of %s.",
			t.value, t.field, strings.Join(k.values, ", ")).At("query")
	case c.Op == "=":
		c.Value = k.values[at]
	}
	return []Term{c}, nil
}
