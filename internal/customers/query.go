package customers

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// filter is what a list of customers is narrowed to; nil narrows nothing. What an index can find stands apart from the
// clauses of a search that only a look at each customer decides.
type filter struct {
	customer    *id.CustomerID
	email       *string
	word        *string // a pattern of what is found in names, e-mail address and phone number
	from, until *time.Time
	clauses     [][]searchsyntax.Term
}

// searched are the fields that a search for customers may name.
var searched = searchsyntax.Fields{
	"id": searchsyntax.Text, "email": searchsyntax.Text, "name": searchsyntax.Text, "first_name": searchsyntax.Text,
	"last_name": searchsyntax.Text, "phone": searchsyntax.Text, "tag": searchsyntax.Text, "tag_not": searchsyntax.Without,
	"created_at": searchsyntax.Moment, "updated_at": searchsyntax.Moment,
}

// parseQuery reads a search such as: ada email:*example.com created_at:>=2026-11-01. What is not understood is refused,
// since a list that is wider than asked for misleads.
func parseQuery(query *string) (filter, error) {
	var f filter
	if query == nil {
		return f, nil
	}
	q, err := searchsyntax.Parse(*query, searched)
	if err != nil {
		return filter{}, err
	}
	for _, t := range q.Unread {
		return filter{}, notUnderstood(searchsyntax.Term{Field: t.Field, Value: t.Value})
	}
	for word := range strings.FieldsSeq(q.Words) {
		q.Clauses = append(q.Clauses, []searchsyntax.Term{{Op: "words", Value: word}})
	}
	for _, clause := range q.Clauses {
		for i := range clause {
			if err := clarify(&clause[i]); err != nil {
				return filter{}, err
			}
		}
		if len(clause) > 1 || clause[0].Not || !f.narrow(clause[0]) {
			f.clauses = append(f.clauses, clause)
		}
	}
	return f, nil
}

// clarify gives a value the form in which it is kept, and refuses what is not understood.
func clarify(t *searchsyntax.Term) error {
	switch {
	case t.Value == "" || t.Field == "" && strings.Contains(t.Value, ":"):
		return notUnderstood(*t)
	case t.Op == "any":
		return nil
	case t.Field == "id":
		named, err := id.ParseCustomerID(t.Value)
		if plain, wrong := uuid.Parse(t.Value); err != nil && wrong == nil {
			named, err = id.CustomerID(plain), nil
		}
		if err != nil {
			return fault.Newf(fault.Invalid, "BAD_USER_INPUT", "%.80q is no customer's id.", t.Value).At("query")
		}
		t.Op, t.Value = "=", uuid.UUID(named).String()
	case t.Field == "phone":
		if phone, ok := contact.Phone(t.Value, ""); ok {
			t.Value = phone
		}
	}
	return nil
}

func notUnderstood(t searchsyntax.Term) error {
	return fault.Newf(fault.Invalid, "BAD_USER_INPUT",
		"%.80q is not understood. Search by words, id, email, name, first_name, last_name, phone, tag, created_at or updated_at.",
		strings.TrimPrefix(t.Field+":"+t.Value, ":")).At("query")
}

// narrow adds a condition that an index can find, if it is one and nothing like it is there yet.
func (f *filter) narrow(t searchsyntax.Term) bool {
	switch {
	case t.Field == "id":
		named, err := uuid.Parse(t.Value)
		return err == nil && set(&f.customer, id.CustomerID(named))
	case t.Field == "email" && t.Op == "=":
		return set(&f.email, strings.ToLower(t.Value))
	case t.Field == "" && t.Op != "begins":
		return set(&f.word, "%"+likely.Replace(strings.ToLower(t.Value))+"%")
	case t.Field == "created_at":
		return f.between(t)
	}
	return false
}

// likely takes the meaning from what means something in a pattern.
var likely = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// set sets a condition that is not set yet.
func set[T any](condition **T, value T) bool {
	if *condition != nil {
		return false
	}
	*condition = &value
	return true
}

// between sets a bound on the time of registration. Times are kept to the microsecond.
func (f *filter) between(t searchsyntax.Term) bool {
	at, err := time.Parse(time.RFC3339Nano, t.Value)
	if err != nil {
		return false
	}
	switch t.Op {
	case ">=":
		return set(&f.from, at)
	case ">":
		return set(&f.from, at.Add(time.Microsecond))
	case "<":
		return set(&f.until, at)
	case "<=":
		return set(&f.until, at.Add(time.Microsecond))
	}
	return false
}
