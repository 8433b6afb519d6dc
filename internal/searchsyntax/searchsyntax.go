// Package searchsyntax reads the storefront's search syntax, such as
//
//	lamp tag:wood -vendor:"Company 123" (product_type:Indoor OR created_at:>=2026-01-01)
//
// into a form that fixed SQL can decide: every clause must hold, and a clause holds when one of its terms does. It
// promises that every text is read or refused with a reason, and that what it gives is bounded. What a field means is
// left to the list that is searched.
package searchsyntax

import (
	"strings"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/fault"
)

// Query is a search: every clause must hold, and so must the words.
type Query struct {
	Words   string // what everything found must have in its text; it ranks, too
	Clauses [][]Term
	Unread  []Unread // conditions that were left out, since the list has no such field
}

// Unread is a condition on a field that the list does not have. Whether that widens the list or refuses the search is
// the list's to say.
type Unread struct{ Field, Value string }

// Term is one condition. The empty field is the text of the thing.
type Term struct {
	Field, Op, Value string // Op is words, phrase, begins, any, =, <, <=, >, >= or never
	Not              bool
}

// The bounds of a search.
const (
	maxQuery = 1000
	maxTerms = 100
)

var errTooComplex = fault.New(fault.Invalid, "BAD_USER_INPUT", "The search has too many conditions or brackets.").At("query")

// Worded says whether a text is words and nothing else: no operator, bracket, quotation mark or star at an end.
func Worded(text string) bool {
	for _, t := range tokens(text, nil) {
		if t.kind != 't' || t.quote || len(t.value) > 1 && strings.HasSuffix(t.value, "*") {
			return false
		}
	}
	return true
}

// Parse reads a search. Words must all be found; OR, AND, NOT or a minus sign, brackets and quotation marks work as in
// the vocabulary, a star at the end of a word or value finds its beginnings, and a star in place of a value finds what has
// any. A quotation mark that is never closed is a part of a word, and operators with nothing to join are words. Without fields
// a colon and an apostrophe are parts of a word, too.
func Parse(text string, fields Fields) (Query, error) {
	if utf8.RuneCountInString(text) > maxQuery {
		return Query{}, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "A search has at most %d characters.", maxQuery).At("query")
	}
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return Query{}, fault.New(fault.Invalid, "BAD_USER_INPUT", "The search is no text.").At("query")
	}
	p := parser{tokens: tokens(text, fields), fields: fields}
	clauses, err := p.any(false)
	if err != nil {
		return Query{}, err
	}
	q := Query{Unread: p.unread}
	var words []string
	for _, clause := range clauses {
		if t := clause[0]; len(clause) == 1 && t.Op == "words" && t.Field == "" && !t.Not {
			words = append(words, t.Value)
			continue
		}
		q.Clauses = append(q.Clauses, clause)
	}
	q.Words = strings.Join(words, " ")
	return q, nil
}

// Columns are terms laid out as arrays for SQL, each with the number of its clause.
type Columns struct {
	Clauses             []int32
	Fields, Ops, Values []string
	Nots                []bool
}

// Lay lays clauses out. No array is nil, since a null array would decide nothing.
func Lay(clauses [][]Term) Columns {
	c := Columns{Clauses: []int32{}, Fields: []string{}, Ops: []string{}, Values: []string{}, Nots: []bool{}}
	for i, clause := range clauses {
		for _, t := range clause {
			c.Clauses, c.Nots = append(c.Clauses, int32(i)), append(c.Nots, t.Not)
			c.Fields, c.Ops, c.Values = append(c.Fields, t.Field), append(c.Ops, t.Op), append(c.Values, t.Value)
		}
	}
	return c
}
