package search

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// SynonymGroup are words that mean the same to shoppers: who looks for one finds what has another.
type SynonymGroup struct{ Words []string }

// SynonymGroupInput is a SynonymGroup as it is written.
type SynonymGroupInput struct{ Words []string }

// SearchSynonymsSetInput is the whole of what means the same.
type SearchSynonymsSetInput struct{ Groups []SynonymGroupInput }

const synonymsSQL = `
select words
from search_synonym
where word = words[1]
order by place`

// Synonyms are the words that mean the same.
func (s *Search) Synonyms(ctx context.Context) ([]SynonymGroup, error) {
	rows, err := s.db.Query(ctx, synonymsSQL)
	if err != nil {
		return nil, fmt.Errorf("read synonyms: %w", err)
	}
	groups, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SynonymGroup])
	if err != nil {
		return nil, fmt.Errorf("read synonyms: %w", err)
	}
	return groups, nil
}

// The bounds of synonyms: all of them are held against each word of each search.
const (
	maxSynonymGroups = 500
	maxSynonyms      = 20
	maxSynonym       = 100
)

const forgetSynonymsSQL = `
delete from search_synonym`

// A word may be several, which must then all be found. One that means nothing to the search, such as "the", is kept
// and finds nothing else.
const addSynonymSQL = `
insert into search_synonym (word, found, others, place, words)
select $1, plainto_tsquery('english', $1), string_agg('(' || q.query::text || ')', ' | ')::tsquery, $3, $2
from (select plainto_tsquery('english', w.word) as query from unnest($2::text[]) w(word)) q
where numnode(q.query) > 0
having count(*) > 0`

// SetSynonyms replaces the words that mean the same.
func (s *Search) SetSynonyms(ctx context.Context, in SearchSynonymsSetInput) ([]SynonymGroup, error) {
	if len(in.Groups) > maxSynonymGroups {
		return nil, fault.Newf(fault.Invalid, "TOO_MANY", "A shop has at most %d groups of synonyms.", maxSynonymGroups).At("input", "groups")
	}
	groups, err := in.read()
	if err != nil {
		return nil, err
	}
	err = pg.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// First of all: so writers take turns, and each finds what the one before it has written.
		if _, err := position.Advance(ctx, tx, position.Listing); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue(forgetSynonymsSQL)
		for i, g := range groups {
			for _, word := range g.Words {
				batch.Queue(addSynonymSQL, word, g.Words, i)
			}
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("write synonyms: %w", err)
	}
	return groups, nil
}

// read gives the groups as they are kept, or all that is wrong with them.
func (in SearchSynonymsSetInput) read() ([]SynonymGroup, error) {
	var p input.Problems
	groups := make([]SynonymGroup, 0, len(in.Groups))
	taken := map[string]bool{}
	for i, g := range in.Groups {
		at := []string{"input", "groups", strconv.Itoa(i), "words"}
		if len(g.Words) < 2 || len(g.Words) > maxSynonyms {
			p.Add(fault.Newf(fault.Invalid, "INVALID", "A group has 2 to %d words.", maxSynonyms).At(at...))
		}
		words := make([]string, min(len(g.Words), maxSynonyms))
		for j := range words {
			words[j] = strings.ToLower(strings.Join(strings.Fields(g.Words[j]), " "))
			where := append(slices.Clone(at), strconv.Itoa(j))
			switch word := words[j]; {
			case word == "" || len(word) > maxSynonym || !sound(word):
				p.Add(fault.Newf(fault.Invalid, "INVALID", "A synonym has 1 to %d bytes.", maxSynonym).At(where...))
			case taken[word]:
				p.Add(fault.New(fault.Invalid, "TAKEN", "This word is in a group already.").At(where...))
			default:
				taken[word] = true
			}
		}
		groups = append(groups, SynonymGroup{words})
	}
	return groups, p.Err()
}
