package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const rulesByCollectionSQL = `
select c.id, c.any_rule, r.subject, r.relation, r.value, r.number::text, r.currency, r.namespace, r.key
from collection c
join collection_rule r on r.collection_id = c.id
where c.id = any((select $1::uuid[])::uuid[])
order by c.id, r.position`

// RulesByCollection reads the rules of collections; one without rules is absent from the answer.
func RulesByCollection(ctx context.Context, db pg.DB, collections []id.CollectionID) (map[id.CollectionID]CollectionRuleSet, error) {
	rows, err := db.Query(ctx, rulesByCollectionSQL, collections)
	if err != nil {
		return nil, wrap(err, "read rules")
	}
	by := map[id.CollectionID]CollectionRuleSet{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r CollectionRule, err error) {
		var anyRule bool
		err = row.Scan(&r.CollectionID, &anyRule, &r.Column, &r.Relation, &r.Condition, &r.number, &r.currency, &r.Namespace, &r.Key)
		set := by[r.CollectionID]
		by[r.CollectionID] = CollectionRuleSet{AppliedDisjunctively: anyRule, Rules: append(set.Rules, r)}
		return r, err
	})
	return by, wrap(err, "read rules")
}

// CollectionMembershipState says how far the members of a collection with rules are.
type CollectionMembershipState string

// The states of a membership.
const (
	MembershipWaiting CollectionMembershipState = "WAITING" // the rules are new; no product was looked at yet
	MembershipRunning CollectionMembershipState = "RUNNING" // some products were held against them
	MembershipDone    CollectionMembershipState = "DONE"    // all were; changes of products follow within seconds
)

// CollectionMembership is how far the members of a collection are, since its rules last changed.
type CollectionMembership struct {
	State       CollectionMembershipState
	Done        int // products looked at
	Total       int // products that there were when it began
	Position    int64
	RequestedAt time.Time
	FinishedAt  *time.Time
	Tries       int        // that failed since the rules changed or were last followed to the end
	Failure     *string    // why the last of them did
	NextTryAt   *time.Time // when the rules are tried again; nil while they do not wait for that
}

const membershipsSQL = `
select collection_id, pending, done, total, position, requested_at, finished_at, tries, failure, next_try
from collection_membership
where collection_id = any((select $1::uuid[])::uuid[])`

// MembershipByCollection reads how far the members of collections are; one without rules is absent from the answer.
func MembershipByCollection(ctx context.Context, db pg.DB, collections []id.CollectionID) (map[id.CollectionID]CollectionMembership, error) {
	rows, err := db.Query(ctx, membershipsSQL, collections)
	if err != nil {
		return nil, wrap(err, "read how far rules are")
	}
	by := map[id.CollectionID]CollectionMembership{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m CollectionMembership, err error) {
		var collection id.CollectionID
		var pending bool
		err = row.Scan(&collection, &pending, &m.Done, &m.Total, &m.Position, &m.RequestedAt, &m.FinishedAt, &m.Tries,
			&m.Failure, &m.NextTryAt)
		switch {
		case !pending:
			m.State = MembershipDone
		case m.Done > 0:
			m.State = MembershipRunning
		default:
			m.State = MembershipWaiting
		}
		by[collection] = m
		return m, err
	})
	return by, wrap(err, "read how far rules are")
}
