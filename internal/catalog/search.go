package catalog

import (
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// Query is a search for products, brought into a form that fixed SQL can decide: every clause must hold, and a clause
// holds when one of its terms does. What all products found must have in common stands apart: indexes know it.
type Query struct {
	clauses [][]searchsyntax.Term
	text    string   // words that every product found has; they rank, too
	tags    []string // tags that every product found has, in lower case
	without []string // tags that no product found has
	vendor  *string  // in lower case
	kind    *string  // the product type, in lower case
	forSale *bool
}

// The fields that a search for products knows.
var searchFields = searchsyntax.Fields{
	"tag": searchsyntax.Text, "tag_not": searchsyntax.Without, "vendor": searchsyntax.Text,
	"product_type": searchsyntax.Text, "title": searchsyntax.Words, "handle": searchsyntax.Text,
	"sku": searchsyntax.Text, "available_for_sale": searchsyntax.Flag, "created_at": searchsyntax.Moment,
	"updated_at": searchsyntax.Moment, "published_at": searchsyntax.Moment,
}

// ParseQuery reads a search for products.
func ParseQuery(text string) (Query, error) {
	found, err := searchsyntax.Parse(text, searchFields)
	if err != nil {
		return Query{}, err
	}
	q := Query{text: found.Words, tags: []string{}, without: []string{}}
	for _, clause := range found.Clauses {
		if len(clause) == 1 && q.common(clause[0]) {
			continue
		}
		q.clauses = append(q.clauses, clause)
	}
	return q, nil
}

// common takes a term that stands alone out of the clauses, where the statement has a place for it.
func (q *Query) common(t searchsyntax.Term) bool {
	value := strings.ToLower(t.Value)
	switch {
	case t.Op != "=":
		return false
	case t.Field == "tag" && t.Not:
		q.without = append(q.without, value)
	case t.Field == "tag":
		q.tags = append(q.tags, value)
	case t.Field == "vendor" && !t.Not && q.vendor == nil:
		q.vendor = &value
	case t.Field == "product_type" && !t.Not && q.kind == nil:
		q.kind = &value
	case t.Field == "available_for_sale" && q.forSale == nil:
		wanted := (value == "true") != t.Not
		q.forSale = &wanted
	default:
		return false
	}
	return true
}

// NeedsStock says whether the search asks what is available.
func (q Query) NeedsStock() bool {
	return q.forSale != nil || slices.ContainsFunc(q.clauses, func(clause []searchsyntax.Term) bool {
		return slices.ContainsFunc(clause, func(t searchsyntax.Term) bool { return t.Field == "available_for_sale" })
	})
}
