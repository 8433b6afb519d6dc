package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const rulesDueSQL = `
select exists (select from collection_change)
    or exists (select from collection_membership where pending and (next_try is null or next_try <= now()))`

// RulesDue says whether rules have something to do.
func RulesDue(ctx context.Context, db pg.DB) (due bool, err error) {
	err = db.QueryRow(ctx, rulesDueSQL).Scan(&due)
	return due, wrap(err, "look whether rules have something to do")
}

// RulesBacklog is what rules have not followed.
type RulesBacklog struct {
	changed *int64                    // the lowest position of a product's change; nil when none waits
	asked   map[id.CollectionID]int64 // where the rules of collections were changed whose members are not there yet
	aside   map[id.CollectionID]bool  // whose rules can't be followed and wait for their next try
}

// Aside says that what Of gives of a collection is behind for longer than a moment: its rules can't be followed, and are tried
// again later.
func (b RulesBacklog) Aside(collection id.CollectionID) bool {
	return b.aside[collection] && (b.changed == nil || b.asked[collection] <= *b.changed)
}

// Of is the lowest position of a change that a collection has not followed; nil when it has followed all. Which collections
// a changed product joins is not known before it is held against their rules, so it is behind in each of them; rules that
// are new are those of their own collection.
func (b RulesBacklog) Of(collection id.CollectionID) *int64 {
	asked, ok := b.asked[collection]
	if !ok || b.changed != nil && *b.changed < asked {
		return b.changed
	}
	return &asked
}

const rulesBehindSQL = `
select null::uuid, min(position), false
from collection_change
union all
select collection_id, asked, coalesce(next_try > now(), false)
from collection_membership
where pending`

// RulesBehind reads what rules have not followed.
func RulesBehind(ctx context.Context, db pg.DB) (RulesBacklog, error) {
	b := RulesBacklog{asked: map[id.CollectionID]int64{}, aside: map[id.CollectionID]bool{}}
	rows, err := db.Query(ctx, rulesBehindSQL)
	if err != nil {
		return b, wrap(err, "read how far rules are behind")
	}
	var collection *id.CollectionID
	var at *int64
	var aside bool
	_, err = pgx.ForEachRow(rows, []any{&collection, &at, &aside}, func() error {
		switch {
		case collection == nil:
			b.changed = at
		case at != nil:
			b.asked[*collection], b.aside[*collection] = *at, aside
		}
		return nil
	})
	return b, wrap(err, "read how far rules are behind")
}
