package search

import (
	"strconv"
	"strings"

	"github.com/wharfhq/wharf/internal/money"
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

// Fields are what a search for products may name.
var Fields = searchsyntax.Fields{
	"tag": searchsyntax.Text, "tag_not": searchsyntax.Without, "vendor": searchsyntax.Text,
	"product_type": searchsyntax.Text, "title": searchsyntax.Words, "handle": searchsyntax.Text,
	"sku": searchsyntax.Text, "available_for_sale": searchsyntax.Flag, "created_at": searchsyntax.Moment,
	"updated_at": searchsyntax.Moment, "published_at": searchsyntax.Moment, "variants.price": searchsyntax.Amount,
	"published_status": searchsyntax.Published, "gift_card": searchsyntax.Flag,
}

// ParseQuery reads a search for products. Prices are in units of the currency.
func ParseQuery(text string, currency money.Currency) (Query, error) {
	found, err := searchsyntax.Parse(text, Fields)
	if err != nil {
		return Query{}, err
	}
	q := Query{text: found.Words, tags: []string{}, without: []string{}}
	for _, clause := range found.Clauses {
		for i, t := range clause {
			if t.Field == "variants.price" && t.Op != "any" {
				clause[i].Value = minor(t.Value, currency)
			}
		}
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

// minor writes a decimal amount so that PostgreSQL reads it in minor units, with whatever fraction of them it has.
func minor(amount string, currency money.Currency) string {
	digits, _ := currency.Digits()
	return amount + "e" + strconv.Itoa(digits)
}
