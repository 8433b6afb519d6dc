package catalog

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/fault"
)

// Query is a search in the storefront's syntax, brought into a form that fixed SQL can decide: every clause must hold,
// and a clause holds when one of its terms does. What all products found must have in common stands apart: indexes
// know it.
type Query struct {
	clauses [][]term
	text    string   // words that every product found has; they rank, too
	tags    []string // tags that every product found has, in lower case
	without []string // tags that no product found has
	vendor  *string  // in lower case
	kind    *string  // the product type, in lower case
	forSale *bool
}

// term is one condition on a product.
type term struct {
	field, op, value string
	not              bool
}

// The fields that a search knows; the empty one is the text of the product.
var searchFields = []string{
	"tag", "tag_not", "vendor", "product_type", "title", "handle", "sku", "available_for_sale", "created_at", "updated_at",
	"published_at",
}

// The bounds of a search.
const (
	maxQuery = 1000
	maxTerms = 100
)

var tooComplex = fault.New(fault.Invalid, "BAD_USER_INPUT", "The search has too many conditions.").At("query")

// ParseQuery reads a search such as
//
//	lamp tag:wood -vendor:"Company 123" (product_type:Indoor OR created_at:>=2026-01-01)
//
// Words must all be found; OR, AND, NOT or a minus sign, brackets and quotation marks work as in the vocabulary, and a
// star at the end of a word or value finds its beginnings. A field that is not known is read as text.
func ParseQuery(text string) (Query, error) {
	if utf8.RuneCountInString(text) > maxQuery {
		return Query{}, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "A search has at most %d characters.", maxQuery).At("query")
	}
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return Query{}, fault.New(fault.Invalid, "BAD_USER_INPUT", "The search is no text.").At("query")
	}
	p := queryParser{tokens: lex(text)}
	clauses, err := p.any(false)
	if err != nil {
		return Query{}, err
	}
	q := Query{tags: []string{}, without: []string{}}
	var words []string
	for _, clause := range clauses {
		if len(clause) == 1 && q.common(clause[0], &words) {
			continue
		}
		q.clauses = append(q.clauses, clause)
	}
	q.text = strings.Join(words, " ")
	return q, nil
}

// common takes a term that stands alone out of the clauses, where the statement has a place for it.
func (q *Query) common(t term, words *[]string) bool {
	value := strings.ToLower(t.value)
	switch {
	case t.op == "words" && t.field == "" && !t.not:
		*words = append(*words, t.value)
	case t.op != "=":
		return false
	case t.field == "tag" && t.not:
		q.without = append(q.without, value)
	case t.field == "tag":
		q.tags = append(q.tags, value)
	case t.field == "vendor" && !t.not && q.vendor == nil:
		q.vendor = &value
	case t.field == "product_type" && !t.not && q.kind == nil:
		q.kind = &value
	case t.field == "available_for_sale" && q.forSale == nil:
		wanted := (value == "true") != t.not
		q.forSale = &wanted
	default:
		return false
	}
	return true
}

// NeedsStock says whether the search asks what is available.
func (q Query) NeedsStock() bool {
	return q.forSale != nil || slices.ContainsFunc(q.clauses, func(clause []term) bool {
		return slices.ContainsFunc(clause, func(t term) bool { return t.field == "available_for_sale" })
	})
}

// token is a word with what stood before it, a bracket or an operator.
type token struct {
	kind  byte // 't'erm, '(', ')', 'O'r, 'A'nd, 'N'ot
	field string
	value string
	quote bool
}

// lex cuts a search into tokens. It takes every text: what makes no sense is a word.
func lex(text string) []token {
	var tokens []token
	r := []rune(text)
	for i := 0; i < len(r); {
		switch {
		case isSpace(r[i]):
			i++
		case r[i] == '(' || r[i] == ')':
			tokens = append(tokens, token{kind: byte(r[i])})
			i++
		case r[i] == '-' && i+1 < len(r) && !isSpace(r[i+1]):
			tokens = append(tokens, token{kind: 'N'})
			i++
		default:
			var t token
			t, i = lexTerm(r, i)
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// lexTerm reads a word, a phrase in quotation marks, or field:value.
func lexTerm(r []rune, i int) (token, int) {
	t := token{kind: 't'}
	if r[i] == '"' || r[i] == '\'' {
		t.value, i = quoted(r, i)
		t.quote = true
		return t, i
	}
	start := i
	for i < len(r) && !isSpace(r[i]) && r[i] != '(' && r[i] != ')' {
		if r[i] == ':' && t.field == "" && slices.Contains(searchFields, strings.ToLower(string(r[start:i]))) {
			t.field = strings.ToLower(string(r[start:i]))
			start = i + 1
			for start < len(r) && (r[start] == '<' || r[start] == '>' || r[start] == '=') {
				start++
			}
			if start < len(r) && (r[start] == '"' || r[start] == '\'') {
				op := string(r[i+1 : start])
				t.value, i = quoted(r, start)
				t.value, t.quote = op+t.value, true
				return t, i
			}
			start = i + 1
		}
		i++
	}
	t.value = string(r[start:i])
	if t.field == "" {
		switch t.value {
		case "OR":
			t.kind = 'O'
		case "AND":
			t.kind = 'A'
		case "NOT":
			t.kind = 'N'
		}
	}
	return t, i
}

// quoted reads up to the closing quotation mark, or to the end.
func quoted(r []rune, i int) (string, int) {
	mark, value := r[i], []rune{}
	for i++; i < len(r); i++ {
		switch {
		case r[i] == '\\' && i+1 < len(r):
			i++
			value = append(value, r[i])
		case r[i] == mark:
			return string(value), i + 1
		default:
			value = append(value, r[i])
		}
	}
	return string(value), i
}

func isSpace(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\u00a0' }

// queryParser turns tokens into clauses by recursive descent. Each function gives a conjunction of disjunctions; not
// says that what it reads is denied.
type queryParser struct {
	tokens []token
	depth  int
}

func (p *queryParser) peek() byte {
	if len(p.tokens) == 0 {
		return 0
	}
	return p.tokens[0].kind
}

// any reads alternatives.
func (p *queryParser) any(not bool) ([][]term, error) {
	if p.depth++; p.depth > 20 {
		return nil, tooComplex
	}
	defer func() { p.depth-- }()
	left, err := p.all(not)
	for err == nil && p.peek() == 'O' {
		p.tokens = p.tokens[1:]
		var right [][]term
		if right, err = p.all(not); err == nil {
			left, err = join(left, right, not)
		}
	}
	return left, err
}

// all reads what must hold together.
func (p *queryParser) all(not bool) ([][]term, error) {
	var left [][]term
	first := true
	for {
		switch p.peek() {
		case 0, 'O', ')':
			if p.peek() == ')' && p.depth == 1 { // a bracket that was never opened
				p.tokens = p.tokens[1:]
				continue
			}
			return left, nil
		case 'A':
			p.tokens = p.tokens[1:]
			continue
		}
		right, err := p.one(not)
		if err != nil {
			return nil, err
		}
		if right == nil {
			continue
		}
		if first {
			left, first = right, false
		} else if left, err = join(left, right, !not); err != nil {
			return nil, err
		}
	}
}

// one reads a term, a bracket or a denial.
func (p *queryParser) one(not bool) ([][]term, error) {
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	switch t.kind {
	case 'N':
		if k := p.peek(); k == 0 || k == ')' || k == 'O' || k == 'A' {
			return nil, nil
		}
		return p.one(!not)
	case '(':
		inner, err := p.any(not)
		if err == nil && p.peek() == ')' {
			p.tokens = p.tokens[1:]
		}
		return inner, err
	default:
		terms, err := t.terms()
		if err != nil {
			return nil, err
		}
		var clauses [][]term
		for _, c := range terms {
			c.not = c.not != not
			if clauses, err = join(clauses, [][]term{{c}}, !not); err != nil {
				return nil, err
			}
		}
		return clauses, nil
	}
}

// join puts two conjunctions together: with and they stand side by side; with or each pair of clauses makes one.
func join(left, right [][]term, and bool) ([][]term, error) {
	if left == nil {
		return right, nil
	}
	if right == nil {
		return left, nil
	}
	var joined [][]term
	if and {
		joined = append(slices.Clone(left), right...)
	} else {
		if len(left)*len(right) > maxTerms {
			return nil, tooComplex
		}
		for _, l := range left {
			for _, r := range right {
				joined = append(joined, append(slices.Clone(l), r...))
			}
		}
	}
	n := 0
	for _, clause := range joined {
		n += len(clause)
	}
	if n > maxTerms {
		return nil, tooComplex
	}
	return joined, nil
}

// terms makes the conditions of a token; all of them must hold.
func (t token) terms() ([]term, error) {
	c := term{field: t.field, op: "=", value: t.value}
	switch t.field {
	case "", "title":
		c.op = "words"
		if t.quote {
			c.op = "phrase"
		}
	case "tag_not":
		c.field, c.not = "tag", true
	case "available_for_sale":
		c.value = strings.ToLower(t.value)
		if c.value != "true" && c.value != "false" {
			return nil, fault.New(fault.Invalid, "BAD_USER_INPUT", "available_for_sale is true or false.").At("query")
		}
	case "created_at", "updated_at", "published_at":
		return t.moment()
	}
	if value, star := strings.CutSuffix(c.value, "*"); star && value != "" && !t.quote {
		c.op, c.value = "begins", value
	}
	return []term{c}, nil
}

// moment reads a comparison with a point in time. A date stands for its whole day in UTC.
func (t token) moment() ([]term, error) {
	value := strings.TrimLeft(t.value, "<>=")
	op := t.value[:len(t.value)-len(value)]
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05", value)
	}
	day := false
	if err != nil {
		at, err = time.Parse(time.DateOnly, value)
		day = true
	}
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%.40q is no date. Write it like 2026-11-22.", value).At("query")
	}
	compare := func(op string, at time.Time) term {
		return term{field: t.field, op: op, value: at.UTC().Format(time.RFC3339Nano)}
	}
	switch {
	case op != "" && op != "=" && op != "<" && op != "<=" && op != ">" && op != ">=":
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%.10q compares nothing.", op).At("query")
	case !day && op == "":
		return []term{compare("=", at)}, nil
	case !day, op == "<", op == ">=":
		return []term{compare(op, at)}, nil
	case op == ">":
		return []term{compare(">=", at.AddDate(0, 0, 1))}, nil
	case op == "<=":
		return []term{compare("<", at.AddDate(0, 0, 1))}, nil
	default:
		return []term{compare(">=", at), compare("<", at.AddDate(0, 0, 1))}, nil
	}
}

// columns lays the terms out as arrays for SQL.
func (q Query) columns() (clauses []int32, fields, ops, values []string, nots []bool) {
	clauses, nots = []int32{}, []bool{}
	fields, ops, values = []string{}, []string{}, []string{}
	for i, clause := range q.clauses {
		for _, t := range clause {
			clauses, nots = append(clauses, int32(i)), append(nots, t.not)
			fields, ops, values = append(fields, t.field), append(ops, t.op), append(values, t.value)
		}
	}
	return clauses, fields, ops, values, nots
}
