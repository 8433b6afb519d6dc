package catalog

import (
	"context"
	"reflect"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
)

// collectionWrite is what a change of a collection does to its rules and its members. The collection's row is locked
// while it lasts, so nobody else changes either.
type collectionWrite struct {
	tx                pgx.Tx
	to                *Collection
	oldRules, rules   []CollectionRule
	oldMode           bool
	oldMembers, wants []id.ProductID
	members           bool // whether the members are to be what wants says
}

// read finds out what the change is from what is there and what is given.
func (w *collectionWrite) read(ctx context.Context, in CollectionSetInput, there bool, currency money.Currency, p *input.Problems) error {
	w.oldMode = w.to.AnyRule
	if there && w.to.RuleBased {
		by, err := RulesByCollection(ctx, w.tx, []id.CollectionID{w.to.ID})
		if err != nil {
			return err
		}
		w.oldRules = by[w.to.ID].Rules
	}
	w.rules = w.oldRules
	if in.RuleSet != nil {
		w.rules = readRules(*in.RuleSet, currency, p)
		given := in.RuleSet.AppliedDisjunctively
		w.to.AnyRule, w.to.RuleBased = given != nil && *given, len(w.rules) > 0
		for i := range w.rules {
			w.rules[i].CollectionID = w.to.ID
		}
	}
	if in.ProductIDs == nil {
		return nil
	}
	if w.to.RuleBased {
		p.Add(errRuleBased.At("input", "productIds"))
	}
	w.members = true
	products, err := readProducts(ctx, w.tx, in.ProductIDs, p)
	if err != nil {
		return err
	}
	w.wants = products
	if there {
		w.oldMembers, err = membersOf(ctx, w.tx, w.to.ID)
	}
	return err
}

func (w *collectionWrite) rulesChange() bool {
	same := len(w.rules) == len(w.oldRules) && (len(w.rules) == 0 || reflect.DeepEqual(w.rules, w.oldRules) && w.oldMode == w.to.AnyRule)
	return !same
}

func (w *collectionWrite) membersChange() bool {
	return w.members && !slices.Equal(w.wants, w.oldMembers)
}

func (w *collectionWrite) changes() bool { return w.rulesChange() || w.membersChange() }

const dropRulesSQL = `
delete from collection_rule
where collection_id = $1`

const addRuleSQL = `
insert into collection_rule (collection_id, position, subject, relation, value, number, currency, namespace, key)
values ($1, $2, $3, $4, $5, $6::text::numeric, $7, $8, $9)`

// A request that comes while members are looked for begins the search anew: the rules that are newer win.
const requestMembersSQL = `
insert into collection_membership (collection_id, pending)
values ($1, true)
on conflict (collection_id) do update
set pending = true, cursor = null, done = 0, total = 0, requested_at = now(), finished_at = null,
    tries = 0, next_try = null, failure = null`

const askedAtSQL = `
update collection_membership
set asked = $2
where collection_id = $1`

const dropMembershipSQL = `
delete from collection_membership
where collection_id = $1`

// write keeps the rules and the members.
func (w *collectionWrite) write(ctx context.Context) error {
	if w.rulesChange() {
		b := &pgx.Batch{}
		b.Queue(dropRulesSQL, w.to.ID)
		for i, r := range w.rules {
			b.Queue(addRuleSQL, w.to.ID, i+1, r.Column, r.Relation, r.Condition, r.number, r.currency, r.Namespace, r.Key)
		}
		if w.to.RuleBased {
			b.Queue(requestMembersSQL, w.to.ID)
		} else {
			b.Queue(dropMembershipSQL, w.to.ID)
		}
		if err := w.tx.SendBatch(ctx, b).Close(); err != nil {
			return wrap(err, "keep a collection's rules")
		}
	}
	if !w.membersChange() {
		at, err := regrouped(ctx, w.tx, nil)
		if err == nil && w.rulesChange() && w.to.RuleBased {
			_, err = w.tx.Exec(ctx, askedAtSQL, w.to.ID, at)
		}
		return wrap(err, "keep a collection's rules")
	}
	return arrange(ctx, w.tx, w.to.ID, w.oldMembers, w.wants)
}

// maxGiven is how many products one request may name, and maxMembers how many a collection without rules may have.
const (
	maxGiven   = 2_000
	maxMembers = 10_000
)

const lockProductIDsSQL = `
select id
from product
where id = any($1::uuid[])
for key share`

// readProducts reads the ids of products, which stay until the transaction ends.
func readProducts(ctx context.Context, tx pgx.Tx, texts []string, p *input.Problems) ([]id.ProductID, error) {
	if len(texts) > maxGiven {
		p.Add(fault.Newf(fault.Invalid, "TOO_MANY", "Name at most %d products at once.", maxGiven).At("input", "productIds"))
		return nil, nil
	}
	products := make([]id.ProductID, len(texts))
	named := make(map[id.ProductID]bool, len(texts))
	for i, text := range texts {
		product, err := id.ParseProductID(text) // what is no id names no product, and is not found below
		if err == nil && named[product] {
			p.Add(fault.New(fault.Invalid, "INVALID", "The product is named twice.").At("input", "productIds", strconv.Itoa(i)))
		}
		products[i], named[product] = product, true
	}
	rows, err := tx.Query(ctx, lockProductIDsSQL, products)
	if err != nil {
		return nil, wrap(err, "look for products")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
	if err != nil {
		return nil, wrap(err, "look for products")
	}
	there := containedIn(found)
	for i, product := range products {
		if !there(product) {
			p.Add(unknownProduct(i))
		}
	}
	return products, nil
}

func unknownProduct(i int) error {
	return fault.New(fault.NotFound, "NOT_FOUND", "There is no such product.").At("input", "productIds", strconv.Itoa(i))
}
