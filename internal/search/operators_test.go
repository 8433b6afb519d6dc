package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/search"
)

func TestSearchTakesOperators(t *testing.T) {
	t.Parallel()
	m := library(t)
	for query, want := range map[string]string{
		"cotton -cap":                            "ptw",
		"cotton NOT cap":                         "ptw",
		"cap OR polo":                            "cp",
		"cap AND cotton":                         "c",
		"cotton (cap OR polo)":                   "cp",
		"-cotton":                                "x",
		`"summer tee"`:                           "t",
		`"tee summer"`:                           "",
		"cott* -washing":                         "cpt",
		"sweatr OR hats":                         "c", // who writes operators spells as they mean
		"cotton or cap":                          "c", // words are not shouted
		"foo:bar OR tee":                         "t",
		"(summer tee)":                           "t",
		strings.Repeat("(", 30) + "polo":         "p", // more than is read is words
		strings.Repeat("(cap) OR ", 110) + "tee": "",
		"tee" + strings.Repeat(" -aa", 120):      "t", // spelled alike
		"tee" + strings.Repeat(" -aa", 60):       "t",
		"-!!! OR tee":                            "t",
		`tee -"'; drop table page"`:              "t",
		`tee -"'; drop`:                          "", // never closed: both must be there
		"'summer tee":                            "t",
		`summer "tee`:                            "t",
		strings.Repeat("zz* OR ", 9) + "cott*":   "cptw",
		strings.Repeat("zz* OR ", 10) + "cott*":  "", // the eleventh is a word
	} {
		got := m.search(search.Wanted{Query: query}, first(20))
		if found := sorted(letters(got)); found != want {
			t.Errorf("%s finds %q, want %q", query, found, want)
		}
		if total, err := m.Search.Total(t.Context(), got); err != nil || total != len(want) {
			t.Errorf("%s counts %d (%v)", query, total, err)
		}
	}
	// A text of words alone is as long as a search may be.
	if got := letters(m.search(search.Wanted{Query: strings.Repeat("tee ", 150)}, first(1))); got != "t" {
		t.Errorf("many words find %q", got)
	}
}

func sorted(letters string) string {
	all := []byte(letters)
	slices.Sort(all)
	return string(all)
}

// TestListsAndSearchesReadAlike: what has nothing to join, or is no word, means the same to a list of products and to a
// search of the shop.
func TestListsAndSearchesReadAlike(t *testing.T) {
	t.Parallel()
	m := open(t, `Handle,Title,Vendor,Type,Tags,Body (HTML),Variant SKU,Variant Price,Variant Inventory Qty,Published
and,And,Acme,Book,,A book,B-1,10,5,true
or,Or Not,Acme,Book,,A book,B-2,10,5,true
tee,Summer Tee,Acme,Shirt,,,B-3,10,5,true
`)
	products := []search.SearchType{search.FindProducts}
	for query, want := range map[string]string{
		"AND": "a", "OR": "o", "NOT": "o", "OR NOT": "o", "(AND)": "a", "-(OR": "o",
		"tee AND": "t", "OR tee": "t", "tee NOT": "t", "tee -": "t", "- tee": "t",
		"": "aot", "-": "aot", "- -": "aot", "()": "aot", "(": "aot", "*": "aot", "!!!": "aot", `"`: "aot", `""`: "aot", "-!!!": "aot", "', ') | % :* <-> !": "aot",
		"tee -!!!": "t", "!!! OR tee": "t", `tee ""`: "t", `"!!!" OR (* tee)`: "t", "!* OR tee": "t",
		`"summer`: "t", `"tee summer`: "t", `"tee summer"`: "", `summer "tee`: "t", `book -"acme`: "", "'tee summer": "t",
	} {
		if got := sorted(letters(m.search(search.Wanted{Query: query, Types: products}, first(9)))); got != want {
			t.Errorf("a search for %s finds %q, want %q", query, got, want)
		}
		if got := sorted(handles(m.find(query, catalog.SortID, first(9)))); got != want {
			t.Errorf("a list asked for %s has %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"-", "!!!", "()"} {
		if r, err := m.Search.Predict(t.Context(), shopper, search.Typed{Query: query}); err != nil || len(r.Products)+len(r.Queries) > 0 {
			t.Errorf("%s offers %+v (%v)", query, r, err)
		}
	}
}
