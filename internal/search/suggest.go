package search

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"unicode"
)

// SearchQuerySuggestion is a search that a shopper may be about to type.
type SearchQuerySuggestion struct {
	Text       string
	StyledText string // HTML: what was typed stands in mark, the rest in span
}

// TrackingParameters is null: the shop does not measure its own searches.
func (SearchQuerySuggestion) TrackingParameters() *string { return nil }

// suggest completes the last word that was typed by the words of what it finds, the commonest first.
func suggest(typed string, found []titled) []SearchQuerySuggestion {
	typed = strings.ToLower(typed)
	before, last := "", typed
	if i := strings.LastIndexByte(typed, ' '); i >= 0 {
		before, last = typed[:i+1], typed[i+1:]
	}
	count := map[string]int{}
	for _, t := range found {
		seen := map[string]bool{}
		for _, word := range strings.FieldsFunc(strings.ToLower(t.title), between) {
			if strings.HasPrefix(word, last) && !seen[word] {
				seen[word] = true
				count[word]++
			}
		}
	}
	words := make([]string, 0, len(count))
	for word := range count {
		words = append(words, word)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	suggestions := make([]SearchQuerySuggestion, len(words))
	for i, word := range words {
		rest := strings.TrimPrefix(word, last)
		suggestions[i] = SearchQuerySuggestion{
			Text:       before + word,
			StyledText: "<mark>" + html.EscapeString(typed) + "</mark>",
		}
		if rest != "" {
			suggestions[i].StyledText += "<span>" + html.EscapeString(rest) + "</span>"
		}
	}
	return suggestions
}

// between says whether a character parts two words.
func between(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '-' && r != '\''
}
