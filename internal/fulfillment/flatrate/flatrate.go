// Package flatrate sends goods for fixed prices kept in a table: per option, limited to countries, weights and order
// values where wanted. It is the default provider of shipping rates and needs nothing outside the shop.
package flatrate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// FlatRate reads the options from the database, and keeps them for a second.
type FlatRate struct {
	db     pg.DB
	recent pg.Recent[[]option]
}

var _ fulfillment.RateProvider = (*FlatRate)(nil)

// New makes the provider.
func New(db pg.DB) *FlatRate { return &FlatRate{db: db} }

// Name is "flatrate".
func (*FlatRate) Name() string { return "flatrate" }

// option is a row of the table.
type option struct {
	handle, title, description string

	country     string // empty is any
	price       money.Money
	minSubtotal int64
	maxSubtotal *int64 // nil is no bound; the bound itself is out
	minGrams    int64
	maxGrams    *int64
}

// fits says whether a consignment may go this way.
func (o option) fits(c fulfillment.Consignment) bool {
	return o.price.CurrencyCode == c.Subtotal.CurrencyCode && (o.country == "" || o.country == string(c.Country)) &&
		c.Subtotal.Minor >= o.minSubtotal && (o.maxSubtotal == nil || c.Subtotal.Minor < *o.maxSubtotal) &&
		c.Grams >= o.minGrams && (o.maxGrams == nil || c.Grams < *o.maxGrams)
}

// The most exact country comes before "any country", and the lower price before the higher.
const optionsSQL = `
select handle, title, description, country, price, currency, min_subtotal, max_subtotal, min_grams, max_grams
from shipping_option
where active
order by handle, country desc, price`

// Options are the rows that fit the country, the value and the weight of the consignment. Of several with one handle
// the first that fits counts: so "free from 50" is the row of the same option with price 0 and a minimum.
func (f *FlatRate) Options(ctx context.Context, c fulfillment.Consignment) ([]fulfillment.Option, error) {
	all, err := f.recent.Load(ctx, f.read)
	if err != nil {
		return nil, fmt.Errorf("read the shipping options: %w", err)
	}
	var options []fulfillment.Option
	for _, o := range all {
		if !o.fits(c) || len(options) > 0 && options[len(options)-1].Handle == o.handle {
			continue
		}
		options = append(options, fulfillment.Option{Handle: o.handle, Title: o.title, Description: o.description, Price: o.price})
	}
	fulfillment.Sort(options)
	return options, nil
}

func (f *FlatRate) read(ctx context.Context) ([]option, error) {
	rows, err := f.db.Query(ctx, optionsSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (option, error) {
		var o option
		err := row.Scan(&o.handle, &o.title, &o.description, &o.country, &o.price.Minor, &o.price.CurrencyCode,
			&o.minSubtotal, &o.maxSubtotal, &o.minGrams, &o.maxGrams)
		return o, err
	})
}
