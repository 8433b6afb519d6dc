package searchsyntax

import (
	"strings"
	"testing"
)

var fields = Fields{"title": Words, "tag": Text, "tag_not": Without, "open": Flag, "created_at": Moment, "published_status": Published, "gift_card": Flag, "state": OneOf("OPEN", "CLOSED").Also(map[string]string{"shut": "CLOSED"})}

func FuzzParse(f *testing.F) {
	f.Add(`a (b OR -c) tag:"x y" created_at:>2026-01-01`)
	f.Add(`foo:bar OR -(baz:"x y" published_status:hidden)`)
	f.Add(`-(-(a OR b) AND NOT title:'it''s*')`)
	f.Add(`NOT ( state:shut "`)
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

// TestWhatAShopperTypesIsWords: there are no fields, and a mark that opens nothing is a letter.
func TestWhatAShopperTypesIsWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"'90s jeans": true, "rock 'n roll tee": true, "'n'": true, `tv 50 "samsung`: true, `50" tv`: true, `"`: true, "it's": true,
		`tv "samsung 50"`: false, `"'90s" jeans`: false, `""`: false, "-'90s": false,
	} {
		if got := Worded(text); got != want {
			t.Errorf("%s is words: %v", text, got)
		}
	}
	q, err := Parse(`jeans -'90s OR "rock 'n roll"`, nil)
	if err != nil || len(q.Clauses) != 2 || q.Clauses[0][1].Value != "rock 'n roll" || q.Clauses[1][0].Value != "'90s" || !q.Clauses[1][0].Not {
		t.Errorf("it is read as %+v (%v)", q, err)
	}
	q, err = Parse("title:'rock roll' tag:'x y", fields)
	if err != nil || len(q.Clauses) != 2 || q.Clauses[0][0].Value != "rock roll" || q.Clauses[1][0].Value != "x y" {
		t.Errorf("with fields it is read as %+v (%v)", q, err)
	}
}

// TestAValueThatThereIsNotIsRefused names those that there are.
func TestAValueThatThereIsNotIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Term{
		"state:open":      {Field: "state", Op: "=", Value: "OPEN"},
		"-state:'Closed'": {Field: "state", Op: "=", Value: "CLOSED", Not: true},
		"state:SHUT":      {Field: "state", Op: "=", Value: "CLOSED"},
		"STATE:Cl*":       {Field: "state", Op: "begins", Value: "cl"},
		"state:*":         {Field: "state", Op: "any", Value: "*"},
	} {
		if q, err := Parse(text, fields); err != nil || len(q.Clauses) != 1 || len(q.Clauses[0]) != 1 || q.Clauses[0][0] != want {
			t.Errorf("%s is read as %+v (%v)", text, q, err)
		}
	}
	for _, text := range []string{"state:", "state:opened", "state:shut*", "-state:x", "a OR state:>open", "state:'*'", `state:"op*"`} {
		if q, err := Parse(text, fields); err == nil || !strings.Contains(err.Error(), "OPEN, CLOSED") {
			t.Errorf("%s is read as %+v (%v)", text, q, err)
		}
	}
}
