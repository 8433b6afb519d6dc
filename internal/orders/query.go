package orders

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// filter is what a list of orders is narrowed to; nil narrows nothing. What an index can find stands apart from the
// clauses of a search that only a look at each order decides.
type filter struct {
	customer    *id.CustomerID
	locations   []uuid.UUID
	status      *string
	financial   *string
	fulfillment *string
	number      *int64
	email       *string
	from, until *time.Time
	clauses     [][]searchsyntax.Term
}

// searched are the fields that a search for orders may name.
var searched = searchsyntax.Fields{
	"name": searchsyntax.Text, "email": searchsyntax.Text,
	"status": searchsyntax.OneOf(StatusPendingPayment, StatusActionRequired, StatusConfirmed, StatusInFulfillment,
		StatusReadyForPickup, StatusCompleted, StatusCancelled, StatusExpired),
	"financial_status": searchsyntax.OneOf(FinancialPending, FinancialAuthorized, FinancialPartiallyPaid, FinancialPaid,
		FinancialPartiallyRefunded, FinancialRefunded, FinancialVoided),
	"fulfillment_status": searchsyntax.OneOf(FulfillmentUnfulfilled, FulfillmentOnHold, FulfillmentScheduled, FulfillmentOpen,
		FulfillmentPending, FulfillmentInProgress, FulfillmentPartiallyFulfilled, FulfillmentFulfilled, FulfillmentRestocked,
	).Also(otherNames),
	"processed_at": searchsyntax.Moment, "created_at": searchsyntax.Moment, "updated_at": searchsyntax.Moment,
}

// otherNames are what storefronts call a fulfillment status when they search.
var otherNames = map[string]string{"shipped": "FULFILLED", "unshipped": "UNFULFILLED", "partial": "PARTIALLY_FULFILLED"}

// parseQuery reads a search such as: status:CONFIRMED processed_at:>=2026-11-01 #1042. What is not understood is
// refused, since a list that is wider than asked for misleads.
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
		for _, t := range clause {
			if t.Field == "" && strings.Contains(t.Value, ":") || t.Value == "" {
				return filter{}, notUnderstood(t)
			}
		}
		if len(clause) > 1 || clause[0].Not || !f.narrow(clause[0]) {
			f.clauses = append(f.clauses, clause)
		}
	}
	return f, nil
}

func notUnderstood(t searchsyntax.Term) error {
	return fault.Newf(fault.Invalid, "BAD_USER_INPUT",
		"%.80q is not understood. Search by name, email, status, financial_status, fulfillment_status, processed_at, created_at or updated_at.",
		strings.TrimPrefix(t.Field+":"+t.Value, ":")).At("query")
}

// narrow adds a condition that an index can find, if it is one and nothing like it is there yet.
func (f *filter) narrow(t searchsyntax.Term) bool {
	if t.Op == "begins" || t.Op == "phrase" || t.Op == "any" {
		return false
	}
	switch {
	case t.Field == "status":
		return set(&f.status, t.Value)
	case t.Field == "financial_status":
		return set(&f.financial, t.Value)
	case t.Field == "fulfillment_status":
		return set(&f.fulfillment, t.Value)
	case t.Field == "email", t.Field == "" && strings.Contains(t.Value, "@"):
		return set(&f.email, strings.ToLower(t.Value))
	case t.Field == "name", t.Field == "":
		n, err := strconv.ParseInt(strings.TrimPrefix(t.Value, "#"), 10, 64)
		if err != nil {
			n = math.MinInt64 // a word that is no number names no order
		}
		return set(&f.number, n)
	case t.Field == "processed_at", t.Field == "created_at":
		return f.between(t)
	}
	return false
}

// set sets a condition that is not set yet.
func set[T any](condition **T, value T) bool {
	if *condition != nil {
		return false
	}
	*condition = &value
	return true
}

// between sets a bound on the time of placing. Times are kept to the microsecond.
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
