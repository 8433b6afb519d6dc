package searchsyntax

import "testing"

var fields = Fields{"title": Words, "tag": Text, "tag_not": Without, "open": Flag, "created_at": Moment, "published_status": Published, "gift_card": Flag}

func FuzzParse(f *testing.F) {
	f.Add(`a (b OR -c) tag:"x y" created_at:>2026-01-01`)
	f.Add(`foo:bar OR -(baz:"x y" published_status:hidden)`)
	f.Add(`-(-(a OR b) AND NOT title:'it''s*')`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text, fields)
		if err != nil {
			return
		}
		n := 0
		for _, clause := range q.Clauses {
			if len(clause) == 0 {
				t.Fatalf("%q has an empty clause", text)
			}
			n += len(clause)
		}
		if n > maxTerms {
			t.Fatalf("%q has %d terms", text, n)
		}
	})
}
