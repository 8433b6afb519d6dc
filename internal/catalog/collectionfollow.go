package catalog

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// How many products one step holds against rules. A step is one transaction, so what a crash undoes is one step. And how
// often one statement holds a product against a rule: the more rules there are, the fewer products a step takes, so that
// no number of collections makes a statement too long to end.
const (
	changeStep  = 200
	membersStep = 1000
	heldAtOnce  = membersStep * maxRules
)

// ruleTurnSQL lets one step at a time hold products against rules, in all processes. A step that began before another
// one ended could otherwise write what it saw of a product before that one's later look.
const ruleTurnSQL = `
select pg_try_advisory_xact_lock(hashtextextended('collection rules', 0))`

// FollowRules does one step of what rules ask for: it holds the products that have changed against the rules of all
// collections, then the next products against rules that are new. It says whether more is left. It may run at any
// number of places: where another step runs, it does nothing. Rules that can't be followed are tried again later.
func FollowRules(ctx context.Context, db Database, stock StockOf, logger *slog.Logger) (more bool, err error) {
	return followRules(ctx, db, stock, logger, followWithin, triesWithin)
}

func followRules(ctx context.Context, db Database, stock StockOf, logger *slog.Logger, within, tries time.Duration) (more bool, err error) {
	for _, step := range []func(*follower, context.Context, pgx.Tx) (bool, error){(*follower).followChanges, (*follower).followRequest} {
		left := false
		var f *follower
		err := pg.InTx(ctx, db, func(tx pgx.Tx) error {
			left, f = false, newFollower(stock, within, tries)
			var mine bool
			if err := tx.QueryRow(ctx, ruleTurnSQL).Scan(&mine); err != nil || !mine {
				return wrap(err, "wait for a turn at the rules")
			}
			var err error
			left, err = step(f, ctx, tx)
			return err
		})
		if pg.IsForeignKey(err, "") {
			more = true // a product went while it was looked at; the next look does not find it
			continue
		}
		if err != nil {
			return false, err
		}
		f.tell(ctx, logger)
		more = more || left
	}
	return more, nil
}

const takeRuleChangesSQL = `
delete from collection_change
where id in (select id from collection_change order by id limit $1)
returning product_id, position`

// lockRuleBasedSQL keeps people from taking the rules away from a collection while its members are written. Rules that wait
// for their next try are left out, since that begins with all products.
const lockRuleBasedSQL = `
select c.id, (select count(*) from collection_rule r where r.collection_id = c.id)
from collection c
where c.rule_based
  and not exists (select from collection_membership m where m.collection_id = c.id and m.pending and m.next_try is not null)
order by c.id
for key share of c`

// ruled is a collection with the number of its rules.
type ruled struct {
	Collection id.CollectionID
	Rules      int
}

const followRulesSQL = `
with seen as (
    select c.id as collection_id, p.id as product_id,
           case when c.any_rule then bool_or(v.meets) else bool_and(v.meets) end as wanted
    from collection c
    join collection_rule r on r.collection_id = c.id
    cross join product p
    cross join lateral (select ` + meetsRule + `) v(meets)
    where c.id = any($1::uuid[])
      and p.id = any($2::uuid[])
    group by c.id, p.id
), last_place as materialized (
    select c.id as collection_id, (
        select coalesce(max(position), 0)
        from collection_product
        where collection_id = c.id) as position
    from unnest($1::uuid[]) c(id)
), left_it as (
    delete from collection_product m
    using seen s
    where m.collection_id = s.collection_id
      and m.product_id = s.product_id
      and not s.wanted
    returning m.product_id
), joined_it as (
    insert into collection_product (collection_id, product_id, position)
    select s.collection_id, s.product_id, l.position + row_number() over (partition by s.collection_id order by s.product_id)
    from seen s
    join last_place l on l.collection_id = s.collection_id
    where s.wanted
      and not exists (
          select
          from collection_product m
          where m.collection_id = s.collection_id
            and m.product_id = s.product_id)
    returning product_id
)
select product_id from left_it
union
select product_id from joined_it`

// meetsRule is whether the product p meets the rule r. A rule about tags or variants is met when one of them meets it; a
// rule that denies is met when none does.
const meetsRule = `r.denies <> coalesce(case r.subject
        when 'TITLE' then text_meets(p.title, r.operator, r.value)
        when 'TYPE' then text_meets(p.product_type, r.operator, r.value)
        when 'VENDOR' then text_meets(p.vendor, r.operator, r.value)
        when 'TAG' then exists (select from unnest(p.tags) g(tag) where text_meets(g.tag, r.operator, r.value))
        when 'PRODUCT_METAFIELD' then exists (
            select
            from metafield m
            where m.owner_kind = 'PRODUCT' and m.owner_id = p.id and m.namespace = r.namespace and m.key = r.key
              and case
                  when r.number is null then text_meets(m.value, r.operator, r.value)
                  when m.value ~ '^-?[0-9]{1,30}([.][0-9]{1,30})?$' then number_meets(m.value::numeric, r.operator, r.number)
              end)
        else exists (
            select
            from product_variant v
            where v.product_id = p.id and v.removed_at is null
              and case r.subject
                  when 'VARIANT_TITLE' then text_meets(v.title, r.operator, r.value)
                  when 'VARIANT_WEIGHT' then number_meets(v.weight_grams, r.operator, r.number)
                  when 'VARIANT_INVENTORY' then number_meets(
                      coalesce((select s.available from collection_stock s where s.variant_id = v.id), 'Infinity'::numeric),
                      r.operator, r.number)
                  when 'VARIANT_PRICE' then v.currency = r.currency and number_meets(v.price, r.operator, r.number)
                  when 'VARIANT_COMPARE_AT_PRICE' then
                      (r.operator = 'IS_SET' or v.currency = r.currency)
                      and number_meets(v.compare_at_price, r.operator, r.number)
              end)
    end, false)`

// followChanges holds some of the products that have changed against all rules.
func (f *follower) followChanges(ctx context.Context, tx pgx.Tx) (bool, error) {
	rows, err := tx.Query(ctx, lockRuleBasedSQL)
	if err != nil {
		return false, wrap(err, "lock collections with rules")
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ruled])
	if err != nil {
		return false, wrap(err, "lock collections with rules")
	}
	step, groups := portions(all)
	products, asked, err := takeRuleChanges(ctx, tx, step)
	if err != nil || len(products) == 0 {
		return false, wrap(err, "take changed products")
	}
	if len(groups) > 0 {
		if _, err := keepStock(ctx, tx, f.stock, products); err != nil {
			return false, err
		}
	}
	var regroup []id.ProductID
	for _, collections := range groups {
		moved, err := f.hold(ctx, tx, collections, products, asked, f.within)
		if err != nil {
			return false, err
		}
		regroup = append(regroup, moved...)
	}
	if len(regroup) > 0 {
		slices.SortFunc(regroup, func(a, b id.ProductID) int { return bytes.Compare(a[:], b[:]) })
		if _, err := regrouped(ctx, tx, slices.Compact(regroup)); err != nil {
			return false, err
		}
	}
	return len(products) == step, nil
}

// takeRuleChanges takes products that have changed, and gives the lowest position at which one did.
func takeRuleChanges(ctx context.Context, tx pgx.Tx, step int) (products []id.ProductID, lowest *int64, err error) {
	rows, err := tx.Query(ctx, takeRuleChangesSQL, step)
	if err != nil {
		return nil, nil, err
	}
	var product id.ProductID
	var at *int64
	_, err = pgx.ForEachRow(rows, []any{&product, &at}, func() error {
		products = append(products, product)
		if at != nil && (lowest == nil || *at < *lowest) {
			lowest = at
		}
		return nil
	})
	return products, lowest, err
}

// portions says how many products a step holds against the rules of collections, and in which groups the collections are
// asked: no statement holds products against rules more often than heldAtOnce says.
func portions(all []ruled) (products int, groups [][]id.CollectionID) {
	rules := 0
	for _, c := range all {
		rules += c.Rules
	}
	products = min(max(heldAtOnce/max(rules, 1), 1), changeStep)
	room := 0
	for _, c := range all {
		if c.Rules > room || len(groups) == 0 {
			groups, room = append(groups, nil), heldAtOnce/products
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], c.Collection)
		room -= c.Rules
	}
	return products, groups
}

// The rules are read after the collection's row is locked, so the newest ones count; a change of them waits, and begins
// anew. Rules that have failed stand behind those that were asked for while they paused.
const lockRequestedSQL = `
select c.id
from collection c
where c.id = (
    select collection_id
    from collection_membership
    where pending
      and (next_try is null or next_try <= now())
    order by coalesce(next_try, requested_at), collection_id
    limit 1)
for no key update`

const requestedSQL = `
select case when next_try is null then cursor end, case when next_try is null then done else 0 end, total, asked
from collection_membership
where collection_id = $1
  and pending`

const productsCountSQL = `
select count(*)
from product`

const nextProductsSQL = `
select id
from product
where $1::uuid is null or id > $1
order by id
limit $2`

const stepDoneSQL = `
update collection_membership
set cursor = $2, done = $3::integer, total = greatest($4::integer, $3::integer), pending = $5,
    finished_at = case when $5 then null else now() end,
    tries = case when $5 then tries else 0 end,
    failure = case when $5 then failure end,
    next_try = null,
    position = coalesce($6, position)
where collection_id = $1`

// followRequest goes one step on with the collection whose rules have waited longest.
func (f *follower) followRequest(ctx context.Context, tx pgx.Tx) (bool, error) {
	collections, err := idsOf[id.CollectionID](ctx, tx, lockRequestedSQL)
	if err != nil || len(collections) == 0 {
		return false, wrap(err, "take rules that are new")
	}
	var r request
	switch err := tx.QueryRow(ctx, requestedSQL, collections[0]).Scan(&r.cursor, &r.done, &r.total, &r.asked); {
	case pg.IsNoRows(err):
		return true, nil // they were taken away meanwhile
	case err != nil:
		return false, wrap(err, "read how far the rules are")
	}
	return true, f.goOn(ctx, tx, collections, r)
}

// request is how far a collection is with rules that are new.
type request struct {
	cursor      *id.ProductID
	done, total int
	asked       *int64
}

// goOn holds the next products against the rules of the one collection.
func (f *follower) goOn(ctx context.Context, tx pgx.Tx, collections []id.CollectionID, r request) error {
	if r.cursor == nil {
		if err := tx.QueryRow(ctx, productsCountSQL).Scan(&r.total); err != nil {
			return wrap(err, "count products")
		}
	}
	products, err := idsOf[id.ProductID](ctx, tx, nextProductsSQL, r.cursor, membersStep)
	if err != nil {
		return wrap(err, "read products")
	}
	moved, err := keepStock(ctx, tx, f.stock, products)
	if err != nil {
		return err
	}
	if len(moved) > 0 { // the other collections have not seen it yet
		if _, err := tx.Exec(ctx, noteForRulesSQL, moved, nil); err != nil {
			return wrap(err, "note the products whose stock has moved")
		}
	}
	regroup, err := try(ctx, tx, collections, products, aloneTimes*f.within)
	switch {
	case err != nil && unfollowable(ctx, err):
		return f.putAside(ctx, tx, collections[0], r.asked, err)
	case err != nil:
		return err
	}
	var position *int64
	if len(regroup) > 0 {
		at, err := regrouped(ctx, tx, regroup)
		if err != nil {
			return err
		}
		position = &at
	}
	if len(products) > 0 {
		r.cursor = &products[len(products)-1]
	}
	left := len(products) == membersStep
	_, err = tx.Exec(ctx, stepDoneSQL, collections[0], r.cursor, r.done+len(products), r.total, left, position)
	return wrap(err, "note how far the rules are")
}

// idsOf reads a statement's only column.
func idsOf[ID any](ctx context.Context, db pg.DB, statement string, arguments ...any) ([]ID, error) {
	rows, err := db.Query(ctx, statement, arguments...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[ID])
}
