package search

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
)

// show writes a search's clauses as text.
func show(q Query) string {
	clauses := make([]string, len(q.clauses))
	for i, clause := range q.clauses {
		terms := make([]string, len(clause))
		for j, t := range clause {
			if t.Not {
				terms[j] = "!"
			}
			terms[j] += fmt.Sprintf("%s %s %s", t.Field, t.Op, t.Value)
		}
		clauses[i] = strings.Join(terms, " | ")
	}
	if q.text != "" {
		clauses = append(clauses, "text "+q.text)
	}
	for _, tag := range q.tags {
		clauses = append(clauses, "tag "+tag)
	}
	for _, tag := range q.without {
		clauses = append(clauses, "no tag "+tag)
	}
	for name, value := range map[string]*string{"vendor": q.vendor, "type": q.kind} {
		if value != nil {
			clauses = append(clauses, name+" "+*value)
		}
	}
	if q.forSale != nil {
		clauses = append(clauses, fmt.Sprintf("for sale %v", *q.forSale))
	}
	return strings.Join(clauses, " & ")
}

func TestParseQuery(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"lamp":                     "text lamp",
		"black lamp":               "text black lamp",
		"black AND lamp":           "text black lamp",
		"black OR lamp":            " words black |  words lamp",
		`"black lamp"`:             " phrase black lamp",
		"-lamp":                    "! words lamp",
		"NOT lamp chair":           "! words lamp & text chair",
		"a b OR c d":               " words a |  words c &  words a |  words d &  words b |  words c &  words b |  words d",
		"a (b OR c)":               " words b |  words c & text a",
		"-(a b)":                   "! words a | ! words b",
		"-(a OR b)":                "! words a & ! words b",
		"NOT NOT a":                "text a",
		"tag:wood":                 "tag wood",
		"TAG:Wood":                 "tag wood",
		`tag:"two words"`:          "tag two words",
		"tag:'two words'":          "tag two words",
		"tag_not:wood":             "no tag wood",
		"-tag:wood":                "no tag wood",
		"vendor:Comp*":             "vendor begins Comp",
		"product_type:Indoor":      "type indoor",
		"title:lamp":               "title words lamp",
		"lam*":                     " begins lam",
		"vendor:A vendor:B":        "vendor = B & vendor a",
		"vendor:A OR tag:b":        "vendor = A | tag = b",
		"-vendor:A":                "!vendor = A",
		"men's":                    "text men's",
		"http://x.y":               "text http://x.y",
		"a-b":                      "text a-b",
		"-available_for_sale:TRUE": "for sale false",
		"created_at:>2026-01-31":   "created_at >= 2026-02-01T00:00:00Z",
		"created_at:>=2026-01-31":  "created_at >= 2026-01-31T00:00:00Z",
		"created_at:2026-01-31":    "created_at >= 2026-01-31T00:00:00Z & created_at < 2026-02-01T00:00:00Z",
		"-created_at:2026-01-31":   "!created_at >= 2026-01-31T00:00:00Z | !created_at < 2026-02-01T00:00:00Z",
		`updated_at:<"2026-01-31T10:00:00+02:00"`: "updated_at < 2026-01-31T08:00:00Z",
		"variants.price:<=12.5":                   "variants.price <= 12.5e2",
		"variants.price:5 OR tag:a":               "variants.price = 5e2 | tag = a",
		"gift_card:true":                          "gift_card = true",
		"gift_card:False":                         "gift_card = false",
		"published_status:'online_store:visible'": "published_at <= now",
		"-published_status:published":             "!published_at <= now",
		"published_status:any lamp":               "text lamp",
		"tag:*":                                   "tag any *",
		"-vendor:*":                               "!vendor any *",
		"tag_not:*":                               "!tag any *",
		"gift_card:* OR variants.price:*":         "gift_card any * | variants.price any *",
		"created_at:* published_status:*":         "created_at any *",
		`sku:"*" *`:                               "sku = * & text *",
		"foo:bar":                                 "",
		"NOT foo:'b c' lamp":                      "text lamp",
		"vendor:A OR foo:bar":                     "vendor a",
		"foo: bar 12:30 x::y":                     "text foo: bar 12:30 x::y",
		"((((":                                    "",
		"a ) b":                                   "text a b",
		"OR a":                                    "text a",
		"a OR":                                    "text a",
		"a AND":                                   "text a",
		"- -":                                     "text - -",
		`"open`:                                   `text "open`,
		`"open shop -a`:                           `! words a & text "open shop`,
		"AND":                                     "text AND",
		"NOT (OR":                                 "text NOT OR",
		"-(":                                      "text -",
		`say "\""`:                                ` phrase " & text say`,
	} {
		q, err := ParseQuery(text, "USD")
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got := show(q); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
	for _, bad := range []string{
		"available_for_sale:perhaps", "gift_card:perhaps", "published_status:perhaps", "created_at:soon", "created_at:=>2026-01-01", "variants.price:cheap", "variants.price:-1", "variants.price:=<1", "variants.price:1.2.3", strings.Repeat("x", 1001), "a\x00b",
		strings.Repeat("(", 30) + "a", strings.Repeat("(a b c) OR ", 8) + "a", strings.Repeat("a ", 101), "\xff",
	} {
		var f *fault.Fault
		if q, err := ParseQuery(bad, "USD"); !errors.As(err, &f) || f.Kind != fault.Invalid {
			t.Errorf("%.40q gave %s, %v", bad, show(q), err)
		}
	}
}
