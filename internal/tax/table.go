package tax

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
)

// Table is the default provider: rates kept in the shop's own database, by country and province. They are kept in
// memory for a second.
type Table struct {
	db     pg.DB
	recent pg.Recent[map[place]Region]
}

// place is what a region's rates are kept by; without a province it is the whole country.
type place struct{ country, province string }

// NewTable makes the default provider.
func NewTable(db pg.DB) *Table { return &Table{db: db} }

// Name is "table".
func (*Table) Name() string { return "table" }

// Calculate applies the rates of the most exact region that is known: the province, else the country. A place that
// is not in the table is not taxed.
func (t *Table) Calculate(ctx context.Context, sale Sale) (Result, error) {
	regions, err := t.recent.Load(ctx, t.read)
	if err != nil {
		return Result{}, fmt.Errorf("read the tax rates: %w", err)
	}
	region, ok := regions[place{string(sale.Country), sale.Province}]
	if !ok {
		region = regions[place{country: string(sale.Country)}]
	}
	return region.Calculate(sale)
}

const regionsSQL = `
select region.country, region.province, region.shipping_taxed, rate.class, rate.title, rate.millionths
from tax_region region
left join tax_rate rate on rate.country = region.country and rate.province = region.province`

func (t *Table) read(ctx context.Context) (map[place]Region, error) {
	rows, err := t.db.Query(ctx, regionsSQL)
	if err != nil {
		return nil, err
	}
	var (
		at            place
		shippingTaxed bool
		class, title  *string
		millionths    *int64
	)
	regions := map[place]Region{}
	_, err = pgx.ForEachRow(rows, []any{&at.country, &at.province, &shippingTaxed, &class, &title, &millionths}, func() error {
		region, ok := regions[at]
		if !ok {
			region = Region{ShippingTaxed: shippingTaxed, Rates: map[Class]Levy{}}
			regions[at] = region
		}
		if class != nil {
			region.Rates[Class(*class)] = Levy{Title: *title, Rate: Rate(*millionths)}
		}
		return nil
	})
	return regions, err
}
