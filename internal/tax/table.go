package tax

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
)

// Table is the default provider: rates kept in the shop's own database, by country and province.
type Table struct {
	db pg.DB
}

// NewTable makes the default provider.
func NewTable(db pg.DB) *Table { return &Table{db: db} }

// Name is "table".
func (*Table) Name() string { return "table" }

// Calculate applies the rates of the most exact region that is known: the province, else the country. A place that
// is not in the table is not taxed.
func (t *Table) Calculate(ctx context.Context, sale Sale) (Result, error) {
	region, err := t.region(ctx, sale)
	if err != nil {
		return Result{}, err
	}
	return region.Calculate(sale)
}

const regionSQL = `
select region.shipping_taxed, rate.class, rate.title, rate.millionths
from (
  select country, province, shipping_taxed
  from tax_region
  where country = $1
    and province in ($2, '')
  order by province desc
  limit 1
) region
left join tax_rate rate on rate.country = region.country and rate.province = region.province`

func (t *Table) region(ctx context.Context, sale Sale) (Region, error) {
	rows, err := t.db.Query(ctx, regionSQL, string(sale.Country), sale.Province)
	if err != nil {
		return Region{}, fmt.Errorf("read the tax rates of %s: %w", sale.Country, err)
	}
	region := Region{Rates: map[Class]Levy{}}
	var (
		class, title *string
		millionths   *int64
	)
	_, err = pgx.ForEachRow(rows, []any{&region.ShippingTaxed, &class, &title, &millionths}, func() error {
		if class != nil {
			region.Rates[Class(*class)] = Levy{Title: *title, Rate: Rate(*millionths)}
		}
		return nil
	})
	if err != nil {
		return Region{}, fmt.Errorf("read the tax rates of %s: %w", sale.Country, err)
	}
	return region, nil
}
