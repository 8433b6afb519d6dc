package orders

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// filter is what a list of orders is narrowed to; nil narrows nothing.
type filter struct {
	customer    *id.CustomerID
	locations   []uuid.UUID
	status      *string
	financial   *string
	fulfillment *string
	number      *int64
	email       *string
	from, until *time.Time
}

// parseQuery reads a search such as: status:CONFIRMED processed_at:>=2026-11-01 #1042. Every term narrows the list;
// a term that is not understood is refused, since a list that is wider than asked for misleads.
func parseQuery(query *string) (filter, error) {
	var f filter
	if query == nil {
		return f, nil
	}
	for term := range strings.FieldsSeq(*query) {
		if term == "AND" {
			continue
		}
		name, value, named := strings.Cut(term, ":")
		if !named {
			name, value = "name", term
			if strings.Contains(term, "@") {
				name = "email"
			}
		}
		if !f.narrow(strings.ToLower(name), strings.Trim(value, `"'`)) {
			return filter{}, fault.Newf(fault.Invalid, "BAD_USER_INPUT",
				"%.80q is not understood. Search by name, email, status, financial_status, fulfillment_status or processed_at.", term).
				At("query")
		}
	}
	return f, nil
}

// narrow adds one condition and says whether it understood it.
func (f *filter) narrow(name, value string) bool {
	upper, lower := strings.ToUpper(value), strings.ToLower(value)
	switch name {
	case "status":
		f.status = &upper
	case "financial_status":
		f.financial = &upper
	case "fulfillment_status":
		f.fulfillment = &upper
	case "email":
		f.email = &lower
	case "name":
		n, err := strconv.ParseInt(strings.TrimPrefix(value, "#"), 10, 64)
		if err != nil {
			n = math.MinInt64 // a word that is no number names no order
		}
		f.number = &n
	case "processed_at", "created_at":
		return f.between(value)
	default:
		return false
	}
	return value != ""
}

// between reads a bound such as >=2026-11-01, or a day.
func (f *filter) between(value string) bool {
	operator := value[:len(value)-len(strings.TrimLeft(value, "<>="))]
	text := value[len(operator):]
	t, err := time.Parse(time.RFC3339, text)
	length := time.Microsecond
	if err != nil {
		if t, err = time.Parse(time.DateOnly, text); err != nil {
			return false
		}
		length = 24 * time.Hour
	}
	start, end := t.UTC(), t.Add(length).UTC()
	switch operator {
	case "":
		f.from, f.until = &start, &end
	case ">=":
		f.from = &start
	case ">":
		f.from = &end
	case "<":
		f.until = &start
	case "<=":
		f.until = &end
	default:
		return false
	}
	return true
}
