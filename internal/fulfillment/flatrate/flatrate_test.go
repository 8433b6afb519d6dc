package flatrate_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestOptionsByCountryValueAndWeight(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	_, err := pool.Exec(t.Context(), `
insert into shipping_option (handle, title, country, currency, price, min_subtotal, max_subtotal, min_grams, max_grams, active)
values
  ('standard', 'Inland', 'DE', 'USD', 300, 0, null, 0, null, true),
  ('freight', 'Freight', '', 'USD', 9900, 0, null, 31500, null, true),
  ('letter', 'Letter', '', 'USD', 100, 0, 2000, 0, 500, true),
  ('gone', 'Gone', '', 'USD', 0, 0, null, 0, null, false)`)
	if err != nil {
		t.Fatal(err)
	}
	rates := flatrate.New(pool)
	for _, c := range []struct {
		name     string
		country  address.CountryCode
		currency money.Currency
		subtotal int64
		grams    int64
		want     []string
	}{
		{"small and light", "US", "USD", 1999, 499, []string{"letter 1.00 USD", "standard 4.90 USD", "express 14.90 USD"}},
		{"at the bound a letter is too light", "US", "USD", 1999, 500, []string{"standard 4.90 USD", "express 14.90 USD"}},
		{"at the bound a letter is too cheap", "US", "USD", 2000, 499, []string{"standard 4.90 USD", "express 14.90 USD"}},
		{"free from a value on", "US", "USD", 5000, 600, []string{"standard 0.00 USD", "express 14.90 USD"}},
		{"just below it", "US", "USD", 4999, 600, []string{"standard 4.90 USD", "express 14.90 USD"}},
		{"a country's own row goes first", "DE", "USD", 9999, 600, []string{"standard 3.00 USD", "express 14.90 USD"}},
		{"heavy", "US", "USD", 2000, 31_500, []string{"standard 4.90 USD", "express 14.90 USD", "freight 99.00 USD"}},
		{"a currency without minor units", "JP", "JPY", 4999, 0, []string{"standard 490 JPY", "express 1490 JPY"}},
		{"a currency with three digits", "KW", "KWD", 100, 0, []string{"standard 4.900 KWD", "express 14.900 KWD"}},
		{"a currency that nothing is priced in", "US", "XAU", 100, 0, nil},
	} {
		options, err := rates.Options(t.Context(), fulfillment.Consignment{
			Country: c.country, Subtotal: money.New(c.subtotal, c.currency), Grams: c.grams,
		})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got []string
		for _, o := range options {
			got = append(got, o.Handle+" "+o.Price.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
