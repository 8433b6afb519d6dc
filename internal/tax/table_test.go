package tax_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/tax"
)

func TestTableTakesTheMostExactRegion(t *testing.T) {
	t.Parallel()
	table := tax.NewTable(pgtest.New(t))
	for _, c := range []struct {
		name     string
		country  address.CountryCode
		province string
		class    tax.Class
		line     int64
		shipping int64
	}{
		{"California, shipping free of tax", "US", "CA", "", 725, 0},
		{"New York, shipping taxed", "US", "NY", "", 400, 20},
		{"Minnesota, rounded", "US", "MN", "", 688, 34},
		{"a state without sales tax", "US", "OR", "", 0, 0},
		{"a state that is not known", "US", "", "", 0, 0},
		{"a province of Canada", "CA", "ON", "", 1300, 65},
		{"Canada where the province is not known", "CA", "", "", 500, 25},
		{"Germany", "DE", "", "", 1900, 95},
		{"Germany, reduced", "DE", "BY", tax.Reduced, 700, 95},
		{"Denmark has no reduced rate", "DK", "", tax.Reduced, 2500, 125},
		{"a country that is not in the table", "BR", "", "", 0, 0},
	} {
		result, err := table.Calculate(t.Context(), tax.Sale{
			Country: c.country, Province: c.province, Currency: "USD", Shipping: usd(500),
			Lines: []tax.Line{{Amount: usd(10_000), Taxable: true, Class: c.class}},
		})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if result.Lines[0].Amount != usd(c.line) || result.Shipping.Amount != usd(c.shipping) {
			t.Errorf("%s: %s and %s on shipping, want %s and %s", c.name, result.Lines[0].Amount, result.Shipping.Amount, usd(c.line), usd(c.shipping))
		}
	}
}
