package searchsyntax

import (
	"slices"
	"strings"
)

// token is a word with what stood before it, a bracket or an operator.
type token struct {
	kind  byte // 't'erm, '(', ')', 'O'r, 'A'nd, 'N'ot
	field string
	value string
	quote bool
	alien bool // the field is none of this list
}

// tokens are those of a search. Operators with nothing at all to join are words: a shopper may look for "And".
func tokens(text string, fields Fields) []token {
	list := lex(text, fields)
	if slices.ContainsFunc(list, func(t token) bool { return t.kind == 't' }) {
		return list
	}
	for i := range list {
		if list[i].value != "" {
			list[i].kind = 't'
		}
	}
	return list
}

// lex cuts a search into tokens. It takes every text: what makes no sense is a word.
func lex(text string, fields Fields) []token {
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
			tokens = append(tokens, token{kind: 'N', value: "-"})
			i++
		default:
			var t token
			t, i = lexTerm(r, i, fields)
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// lexTerm reads a word, a phrase in quotation marks, or field:value. A quotation mark that is never closed is part of a word
// (tv 50 "samsung), but for the value of a field, which then goes on to the end. Without fields it is a shopper who has
// typed, and an apostrophe is part of a word, too ('90s, rock 'n roll).
func lexTerm(r []rune, i int, fields Fields) (token, int) {
	t := token{kind: 't'}
	if r[i] == '"' || r[i] == '\'' && fields != nil {
		if value, end, closed := quoted(r, i); closed {
			t.value, t.quote = value, true
			return t, end
		}
	}
	start := i
	for i < len(r) && !isSpace(r[i]) && r[i] != '(' && r[i] != ')' {
		known := r[i] == ':' && fields.know(string(r[start:i]))
		if r[i] == ':' && t.field == "" && (known || fields != nil && alien(r[start:i], r[i+1:])) {
			t.field, t.alien = strings.ToLower(string(r[start:i])), !known
			start = i + 1
			for start < len(r) && (r[start] == '<' || r[start] == '>' || r[start] == '=') {
				start++
			}
			if start < len(r) && (r[start] == '"' || r[start] == '\'') {
				op := string(r[i+1 : start])
				t.value, i, _ = quoted(r, start)
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

// quoted reads up to the closing quotation mark, or to the end, and says whether there was one.
func quoted(r []rune, i int) (value string, end int, closed bool) {
	mark, inside := r[i], []rune{}
	for i++; i < len(r); i++ {
		switch {
		case r[i] == '\\' && i+1 < len(r):
			i++
			inside = append(inside, r[i])
		case r[i] == mark:
			return string(inside), i + 1, true
		default:
			inside = append(inside, r[i])
		}
	}
	return string(inside), i, false
}

func isSpace(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\u00a0' }

// alien says whether a word that ends in a colon can only have been meant as a field of some other list: it is followed
// by a value, and is no time of day and no address on the web.
func alien(name, rest []rune) bool {
	if len(name) == 0 || len(rest) == 0 || isSpace(rest[0]) || rest[0] == '/' || rest[0] == ')' || rest[0] == ':' {
		return false
	}
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '_' && c != '.' && c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}
