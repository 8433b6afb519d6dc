package searchsyntax

import (
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
)

// terms makes the conditions of a token; all of them must hold.
func (t token) terms(fields Fields) ([]Term, error) {
	c := Term{Field: t.field, Op: "=", Value: t.value}
	kind := fields.kind(t.field)
	if t.field != "" && t.value == "*" && !t.quote && kind.reading != readPublished {
		c.Op = "any"
		if kind.reading == readWithout {
			c.Field, c.Not = strings.TrimSuffix(t.field, "_not"), true
		}
		return []Term{c}, nil
	}
	switch kind.reading {
	case readWords:
		c.Op = "words"
		if t.quote {
			c.Op = "phrase"
		}
	case readWithout:
		c.Field, c.Not = strings.TrimSuffix(t.field, "_not"), true
	case readFlag:
		c.Value = strings.ToLower(t.value)
		if c.Value != "true" && c.Value != "false" {
			return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%s is true or false.", t.field).At("query")
		}
	case readPublished:
		return t.published(fields)
	case readMoment:
		return t.moment()
	case readAmount:
		return t.amount()
	case readOneOf:
		return t.oneOf(kind)
	}
	if value, star := strings.CutSuffix(c.Value, "*"); star && value != "" && !t.quote {
		c.Op, c.Value = "begins", value
	}
	return []Term{c}, nil
}

// amount reads a comparison with a decimal number.
func (t token) amount() ([]Term, error) {
	value, op, err := t.compared()
	if err != nil {
		return nil, err
	}
	if whole, fraction, _ := strings.Cut(value, "."); len(value) > 20 || whole == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%.40q is no number. Write it like 12.50.", value).At("query")
	}
	if op == "" {
		op = "="
	}
	return []Term{{Field: t.field, Op: op, Value: value}}, nil
}

// published reads whether shoppers see a thing: "visible", or "online_store:visible", since there is one place where they
// could. What has no time of publication is always seen.
func (t token) published(fields Fields) ([]Term, error) {
	state := strings.ToLower(t.value)
	if at := strings.LastIndex(state, ":"); at >= 0 {
		state = state[at+1:]
	}
	seen := Term{Field: "published_at", Op: "<=", Value: "now"} // PostgreSQL's own word for the moment of the statement
	if !fields.know("published_at") {
		seen = Term{Field: t.field, Op: "never", Not: true}
	}
	switch state {
	case "any", "*":
		return nil, nil
	case "visible", "published":
		return []Term{seen}, nil
	case "hidden", "unpublished", "unavailable":
		seen.Not = !seen.Not
		return []Term{seen}, nil
	}
	return nil, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%s is visible, hidden, published, unpublished or any.", t.field).At("query")
}

// compared divides a value from the operator before it.
func (t token) compared() (value, op string, err error) {
	value = strings.TrimLeft(t.value, "<>=")
	op = t.value[:len(t.value)-len(value)]
	if op != "" && op != "=" && op != "<" && op != "<=" && op != ">" && op != ">=" {
		return "", "", fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%.10q compares nothing.", op).At("query")
	}
	return value, op, nil
}

// moment reads a comparison with a point in time. A date stands for its whole day in UTC.
func (t token) moment() ([]Term, error) {
	value, op, err := t.compared()
	if err != nil {
		return nil, err
	}
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
	compare := func(op string, at time.Time) Term {
		return Term{Field: t.field, Op: op, Value: at.UTC().Format(time.RFC3339Nano)}
	}
	switch {
	case !day && op == "":
		return []Term{compare("=", at)}, nil
	case !day, op == "<", op == ">=":
		return []Term{compare(op, at)}, nil
	case op == ">":
		return []Term{compare(">=", at.AddDate(0, 0, 1))}, nil
	case op == "<=":
		return []Term{compare("<", at.AddDate(0, 0, 1))}, nil
	default:
		return []Term{compare(">=", at), compare("<", at.AddDate(0, 0, 1))}, nil
	}
}
