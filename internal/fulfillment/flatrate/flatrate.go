// Package flatrate sends goods for fixed prices kept in a table: per option, limited to countries, weights and order
// values where wanted. It is the default provider of shipping rates and needs nothing outside the shop.
package flatrate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/pg"
)

// FlatRate reads the options from the database.
type FlatRate struct {
	db pg.DB
}

var _ fulfillment.RateProvider = (*FlatRate)(nil)

// New makes the provider.
func New(db pg.DB) *FlatRate { return &FlatRate{db: db} }

// Name is "flatrate".
func (*FlatRate) Name() string { return "flatrate" }

// Of several rows with one handle the first that fits counts, the most exact country before "any country" and the
// lower price before the higher: so "free from 50" is the row of the same option with price 0 and a minimum.
const optionsSQL = `
select distinct on (handle) handle, title, description, price
from shipping_option
where active
  and currency = $1
  and (country = $2 or country = '')
  and $3::bigint >= min_subtotal
  and (max_subtotal is null or $3 < max_subtotal)
  and $4::bigint >= min_grams
  and (max_grams is null or $4 < max_grams)
order by handle, country desc, price`

// Options are the rows that fit the country, the value and the weight of the consignment.
func (f *FlatRate) Options(ctx context.Context, c fulfillment.Consignment) ([]fulfillment.Option, error) {
	currency := c.Subtotal.CurrencyCode
	rows, err := f.db.Query(ctx, optionsSQL, string(currency), string(c.Country), c.Subtotal.Minor, c.Grams)
	if err != nil {
		return nil, fmt.Errorf("read the shipping options: %w", err)
	}
	options, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (fulfillment.Option, error) {
		option := fulfillment.Option{}
		option.Price.CurrencyCode = currency
		err := row.Scan(&option.Handle, &option.Title, &option.Description, &option.Price.Minor)
		return option, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the shipping options: %w", err)
	}
	fulfillment.Sort(options)
	return options, nil
}
