package catalog

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// ProductPricesSetInput has prices to change, all or none.
type ProductPricesSetInput struct{ Prices []ProductPriceInput }

// ProductPriceInput is the price of a variant. A compare-at price of 0 goes, and without a word it stays.
type ProductPriceInput struct {
	VariantID      string
	Price          money.Decimal
	CompareAtPrice *money.Decimal
}

// maxPrices is how many prices are changed at once.
const maxPrices = 1000

// pricing is the prices of an input, as columns. A compare-at price below zero stands for "as it is".
type pricing struct {
	variants  []id.ProductVariantID
	prices    []int64
	compareAt []int64
}

const lockPricedSQL = `
select v.id, p.id
from product_variant v
join product p on p.id = v.product_id
where v.id = any($1::uuid[])
order by p.id, v.id
for update`

const setPricesSQL = `
update product_variant v
set price = n.price,
    compare_at_price = case when n.compare_at < 0 then v.compare_at_price else nullif(n.compare_at, 0) end,
    currency = $4,
    updated_at = now()
from unnest($1::uuid[], $2::bigint[], $3::bigint[]) n(id, price, compare_at)
where v.id = n.id
  and (v.price, v.currency, v.compare_at_price) is distinct from
      (n.price, $4::text, case when n.compare_at < 0 then v.compare_at_price else nullif(n.compare_at, 0) end)
returning v.product_id`

// SetPrices changes the prices of many variants at once, and gives the variants in the order of the input with the
// position of the change. Prices that are what they were change nothing.
func SetPrices(ctx context.Context, pool *pgxpool.Pool, currency money.Currency, in ProductPricesSetInput) (variants []ProductVariant, at int64, err error) {
	var p input.Problems
	wanted := in.read(currency, &p)
	if err := p.Err(); err != nil {
		return nil, 0, err
	}
	err = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		if err := wanted.hold(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, setPricesSQL, wanted.variants, wanted.prices, wanted.compareAt, currency)
		if err != nil {
			return fmt.Errorf("set prices: %w", err)
		}
		products, err := pgx.CollectRows(rows, pgx.RowTo[id.ProductID])
		if err != nil {
			return fmt.Errorf("set prices: %w", err)
		}
		slices.SortFunc(products, func(a, b id.ProductID) int { return slices.Compare(a[:], b[:]) })
		if products = slices.Compact(products); len(products) == 0 {
			at, err = standing(ctx, tx)
		} else {
			if _, err := tx.Exec(ctx, sumUpSQL, products); err != nil {
				return fmt.Errorf("write the range of prices: %w", err)
			}
			at, err = changed(ctx, tx, products)
		}
		if err != nil {
			return err
		}
		byID, err := VariantsByID(ctx, tx, wanted.variants)
		variants = make([]ProductVariant, len(wanted.variants))
		for i, variant := range wanted.variants {
			variants[i] = byID[variant]
		}
		return err
	})
	return variants, at, err
}

// read checks what can be checked without the database.
func (in ProductPricesSetInput) read(currency money.Currency, p *input.Problems) pricing {
	var w pricing
	if len(in.Prices) > maxPrices {
		p.Add(fault.Newf(fault.Invalid, "TOO_MANY", "There are more than %d prices.", maxPrices).At("input", "prices"))
		return w
	}
	seen := map[id.ProductVariantID]bool{}
	for i, given := range in.Prices {
		refuse := func(code, sentence, field string) {
			p.Add(fault.New(fault.Invalid, code, sentence).At("input", "prices", number(i), field))
		}
		variant, err := id.ParseProductVariantID(given.VariantID)
		switch {
		case err != nil:
			p.Add(input.ErrAbsent.At("input", "prices", number(i), "variantId"))
		case seen[variant]:
			refuse("DUPLICATE", "The variant is there twice.", "variantId")
		}
		seen[variant] = true
		price, sentence := priceOf(given.Price, currency)
		if sentence != "" {
			refuse("INVALID", sentence, "price")
		}
		compareAt := int64(-1)
		if given.CompareAtPrice != nil {
			if compareAt, sentence = priceOf(*given.CompareAtPrice, currency); sentence != "" {
				refuse("INVALID", sentence, "compareAtPrice")
			}
		}
		w.variants, w.prices, w.compareAt = append(w.variants, variant), append(w.prices, price), append(w.compareAt, compareAt)
	}
	return w
}

// hold finds the variants with their products and holds them until the transaction ends.
func (w pricing) hold(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, lockPricedSQL, w.variants)
	if err != nil {
		return fmt.Errorf("hold the variants to be priced: %w", err)
	}
	there := map[id.ProductVariantID]bool{}
	var variant id.ProductVariantID
	var product id.ProductID
	if _, err := pgx.ForEachRow(rows, []any{&variant, &product}, func() error {
		there[variant] = true
		return nil
	}); err != nil {
		return fmt.Errorf("hold the variants to be priced: %w", err)
	}
	var p input.Problems
	for i, variant := range w.variants {
		if !there[variant] {
			p.Add(input.ErrAbsent.At("input", "prices", number(i), "variantId"))
		}
	}
	return p.Err()
}
