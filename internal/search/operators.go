package search

import (
	"context"
	"fmt"

	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// A phrase of words that say nothing in a text is one of a title's.
const operatorsSQL = `
with term as (
    select t.clause, t.denied,
           case
               when t.op = 'phrase' and numnode(phraseto_tsquery('english', t.value)) > 0 then phraseto_tsquery('english', t.value)
               when t.op = 'phrase' then phraseto_tsquery('simple', t.value)
               when t.op = 'begins' and numnode(plainto_tsquery('simple', t.value)) > 0
               then (plainto_tsquery('simple', t.value)::text || ':*')::tsquery || plainto_tsquery('english', t.value)
               else search_query(t.value, false)
           end as query
    from unnest($1::integer[], $2::text[], $3::text[], $4::boolean[]) t(clause, op, value, denied)
    union all
    select -1, false, search_query($5, $6)
), clause as (
    select string_agg(case when t.denied then '!(' else '(' end || t.query::text || ')', ' | ') as words,
           bool_or(t.denied) as denies
    from term t
    where numnode(t.query) > 0
    group by t.clause
)
select string_agg('(' || c.words || ')', ' & ') filter (where not c.denies)::tsquery::text,
       string_agg('(' || c.words || ')', ' & ') filter (where c.denies)::tsquery::text
from clause c`

// understandOperators is understand for a text that may have operators, brackets and quotation marks. One that has is
// taken at its word: nothing is looked for that is merely spelled alike, and no title is just what was asked. One that has
// more of them than can be read is words, like all that a shopper types.
func (s *Search) understandOperators(ctx context.Context, text string, beginning bool) (understood, error) {
	if searchsyntax.Worded(text) {
		return s.understand(ctx, text, beginning)
	}
	query, err := searchsyntax.Parse(text, nil)
	if err != nil || len(query.Clauses) == 0 { // more than can be read, or brackets around words
		return s.understand(ctx, text, beginning)
	}
	boundBeginnings(query.Clauses)
	var u understood
	t := searchsyntax.Lay(query.Clauses)
	err = s.from.QueryRow(ctx, operatorsSQL, t.Clauses, t.Ops, t.Values, t.Nots, query.Words, beginning).Scan(&u.words, &u.denied)
	if err != nil {
		return understood{}, fmt.Errorf("understand the operators of a search: %w", err)
	}
	if u.words == nil {
		u.words, u.denied = u.denied, nil
	}
	return u, nil
}

// maxBeginnings is how many beginnings of words one search looks for: each of them may be that of all words there are.
const maxBeginnings = 10

// boundBeginnings takes what more beginnings there are for words.
func boundBeginnings(clauses [][]searchsyntax.Term) {
	n := 0
	for _, clause := range clauses {
		for i := range clause {
			if clause[i].Op != "begins" {
				continue
			}
			if n++; n > maxBeginnings {
				clause[i].Op = "words"
			}
		}
	}
}
