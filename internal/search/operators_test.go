package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/search"
)

func TestSearchTakesOperators(t *testing.T) {
	t.Parallel()
	m := library(t)
	for query, want := range map[string]string{
		"cotton -cap":                           "ptw",
		"cotton NOT cap":                        "ptw",
		"cap OR polo":                           "cp",
		"cap AND cotton":                        "c",
		"cotton (cap OR polo)":                  "cp",
		"-cotton":                               "x",
		`"summer tee"`:                          "t",
		`"tee summer"`:                          "",
		"cott* -washing":                        "cpt",
		"sweatr OR hats":                        "c", // who writes operators spells as they mean
		"cotton or cap":                         "c", // words are not shouted
		"foo:bar OR tee":                        "t",
		"(summer tee)":                          "t",
		`""`:                                    "",
		`"`:                                     "",
		"- -":                                   "",
		"-!!! OR tee":                           "t",
		`tee -"'; drop table page"`:             "t",
		`tee -"'; drop`:                         "", // never closed: both must be there
		"'summer tee":                           "t",
		`summer "tee`:                           "t",
		strings.Repeat("zz* OR ", 9) + "cott*":  "cptw",
		strings.Repeat("zz* OR ", 10) + "cott*": "", // the eleventh is a word
	} {
		got := m.search(search.Wanted{Query: query}, first(20))
		if found := sorted(letters(got)); found != want {
			t.Errorf("%s finds %q, want %q", query, found, want)
		}
		if total, err := m.Search.Total(t.Context(), got); err != nil || total != len(want) {
			t.Errorf("%s counts %d (%v)", query, total, err)
		}
	}
	for _, query := range []string{strings.Repeat("(", 30) + "a", strings.Repeat("a OR ", 101) + "a"} {
		if _, err := m.Search.Find(t.Context(), shopper, search.Wanted{Query: query}, first(1)); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("%.40s gave %v", query, err)
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
