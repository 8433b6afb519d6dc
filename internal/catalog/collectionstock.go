package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// StockOf says how many of each variant can be had; a variant that is absent is not tracked, and never runs out. The
// catalog asks whoever knows, since it knows nothing of shelves.
type StockOf func(ctx context.Context, db pg.DB, variants []id.ProductVariantID) (map[id.ProductVariantID]int, error)

const rulesAboutStockSQL = `
select exists (
    select
    from collection_rule
    where subject = 'VARIANT_INVENTORY')`

func rulesAboutStock(ctx context.Context, db pg.DB) (are bool, err error) {
	err = db.QueryRow(ctx, rulesAboutStockSQL).Scan(&are)
	return are, wrap(err, "look for rules about stock")
}

const offeredVariantsSQL = `
select id
from product_variant
where product_id = any($1::uuid[])
  and removed_at is null`

const keepStockSQL = `
with kept as (
    insert into collection_stock as s (variant_id, available)
    select *
    from unnest($1::uuid[], $2::bigint[])
    on conflict (variant_id) do update
    set available = excluded.available
    where s.available is distinct from excluded.available
    returning variant_id
)
select distinct v.product_id
from kept
join product_variant v on v.id = kept.variant_id`

// keepStock writes down what is left of products that are about to be held against rules, where a rule asks for it, and
// gives those of which it is not what it was.
func keepStock(ctx context.Context, tx pgx.Tx, stock StockOf, products []id.ProductID) ([]id.ProductID, error) {
	if asked, err := rulesAboutStock(ctx, tx); err != nil || !asked {
		return nil, err
	}
	variants, err := idsOf[id.ProductVariantID](ctx, tx, offeredVariantsSQL, products)
	if err != nil {
		return nil, wrap(err, "read variants")
	}
	left, err := stock(ctx, tx, variants)
	if err != nil {
		return nil, wrap(err, "ask for stock")
	}
	available := make([]*int64, len(variants))
	for i, variant := range variants {
		if n, tracked := left[variant]; tracked {
			units := int64(n)
			available[i] = &units
		}
	}
	moved, err := idsOf[id.ProductID](ctx, tx, keepStockSQL, variants, available)
	return moved, wrap(err, "keep what is left of variants")
}

// stockStep is of how many variants one step compares the stock.
const stockStep = 2000

const knownStockSQL = `
select v.id, v.product_id, s.variant_id is not null, s.available
from product_variant v
left join collection_stock s on s.variant_id = v.id
where v.removed_at is null
  and ($1::uuid is null or v.id > $1)
order by v.id
limit $2`

const stockRoundSQL = `
select last
from collection_stock_round
for update`

const nextStockRoundSQL = `
update collection_stock_round
set last = $1`

// CompareStock does one step of a round through all variants: it notes for the rules the products of which something else
// is left than when they were last held against them. It says whether the round goes on. The next step, whoever does it,
// begins where this one ends; of two at once one waits for the other.
func CompareStock(ctx context.Context, db Database, stock StockOf) (more bool, err error) {
	err = pg.InTx(ctx, db, func(tx pgx.Tx) error {
		more = false
		asked, err := rulesAboutStock(ctx, tx)
		if err != nil || !asked {
			return err
		}
		var last *id.ProductVariantID
		if err := tx.QueryRow(ctx, stockRoundSQL).Scan(&last); err != nil {
			return wrap(err, "read how far the comparison of stock is")
		}
		if last, err = compareStock(ctx, tx, stock, last); err != nil {
			return err
		}
		more = last != nil
		_, err = tx.Exec(ctx, nextStockRoundSQL, last)
		return wrap(err, "note how far the comparison of stock is")
	})
	return more, err
}

type knownStock struct {
	Variant   id.ProductVariantID
	Product   id.ProductID
	Known     bool
	Available *int64
}

// is says whether so much, or no number at all, is what was known.
func (k knownStock) is(n int, tracked bool) bool {
	return k.Known && tracked == (k.Available != nil) && (!tracked || *k.Available == int64(n))
}

// compareStock compares the variants after one, and gives the last of them; nil where none is left.
func compareStock(ctx context.Context, tx pgx.Tx, stock StockOf, after *id.ProductVariantID) (*id.ProductVariantID, error) {
	rows, err := tx.Query(ctx, knownStockSQL, after, stockStep)
	if err != nil {
		return nil, wrap(err, "read what was left of variants")
	}
	known, err := pgx.CollectRows(rows, pgx.RowToStructByPos[knownStock])
	if err != nil || len(known) == 0 {
		return nil, wrap(err, "read what was left of variants")
	}
	variants := make([]id.ProductVariantID, len(known))
	for i, k := range known {
		variants[i] = k.Variant
	}
	left, err := stock(ctx, tx, variants)
	if err != nil {
		return nil, wrap(err, "ask for stock")
	}
	moved := map[id.ProductID]bool{}
	var products []id.ProductID
	for _, k := range known {
		if n, tracked := left[k.Variant]; !k.is(n, tracked) && !moved[k.Product] {
			moved[k.Product] = true
			products = append(products, k.Product)
		}
	}
	if len(products) > 0 {
		if _, err := tx.Exec(ctx, noteForRulesSQL, products, nil); err != nil {
			return nil, wrap(err, "note the products whose stock has moved")
		}
	}
	if len(known) < stockStep {
		return nil, nil //nolint:nilnil // none is left
	}
	return &variants[len(variants)-1], nil
}
