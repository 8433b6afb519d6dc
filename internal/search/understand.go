package search

import (
	"context"
	"fmt"
	"strings"
)

// understood is what a shopper has asked, as the statements take it; all nil when nothing was.
type understood struct {
	words, text *string
	denied      *string // what must not be there, or one of it, beside the words
}

const understandSQL = `
select search_query($1, $2)::text`

// understand brings the text of a search into the query that all statements of the search share: words in their basic
// form, with what means the same beside them. beginning says that the last word may be the beginning of one. What is no
// word is passed over, and a text of nothing else asks for nothing.
func (s *Search) understand(ctx context.Context, text string, beginning bool) (understood, error) {
	if text == "" {
		return understood{}, nil
	}
	lower := strings.ToLower(text)
	u := understood{words: new(string), text: &lower}
	if err := s.from.QueryRow(ctx, understandSQL, text, beginning).Scan(u.words); err != nil {
		return understood{}, fmt.Errorf("understand a search: %w", err)
	}
	if *u.words == "" {
		return understood{}, nil
	}
	return u, nil
}
