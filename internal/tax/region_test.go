package tax_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/tax"
)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

var california = tax.Region{Rates: map[tax.Class]tax.Levy{tax.Standard: {Title: "Sales tax", Rate: 72_500}}}

func TestTaxIsAddedToPricesWithoutTax(t *testing.T) {
	t.Parallel()
	result, err := california.Calculate(tax.Sale{Currency: "USD", Shipping: usd(490), Lines: []tax.Line{
		{Amount: usd(1999), Taxable: true},
		{Amount: usd(1000), Taxable: false},
		{Amount: usd(200), Taxable: true, Class: tax.Reduced}, // no such rate here: the standard one
		{Amount: usd(200), Taxable: true, Class: tax.Zero},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{145, 0, 15, 0} { // 144.9275 and 14.5, rounded half away from zero
		if got := result.Lines[i].Amount; got != usd(want) {
			t.Errorf("tax on line %d is %s, want %s", i, got, usd(want))
		}
	}
	if result.Shipping.Amount != usd(0) {
		t.Errorf("shipping is taxed with %s where it is not", result.Shipping.Amount)
	}
	if result.Total != usd(160) || result.Added() != usd(160) {
		t.Errorf("total %s, added %s, want 1.60", result.Total, result.Added())
	}
}

func TestTaxIsTakenOutOfPricesWithTax(t *testing.T) {
	t.Parallel()
	germany := tax.Region{ShippingTaxed: true, Rates: map[tax.Class]tax.Levy{
		tax.Standard: {Title: "VAT", Rate: 190_000},
		tax.Reduced:  {Title: "VAT (reduced)", Rate: 70_000},
	}}
	result, err := germany.Calculate(tax.Sale{Currency: "EUR", Included: true, Shipping: money.New(490, "EUR"), Lines: []tax.Line{
		{Amount: money.New(11900, "EUR"), Taxable: true},
		{Amount: money.New(10700, "EUR"), Taxable: true, Class: tax.Reduced},
		{Amount: money.New(199, "EUR"), Taxable: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{1900, 700, 32} {
		if got := result.Lines[i].Amount.Minor; got != want {
			t.Errorf("tax in line %d is %d, want %d", i, got, want)
		}
	}
	if result.Shipping.Amount.Minor != 78 || result.Total.Minor != 2710 {
		t.Errorf("shipping %s, total %s, want 0.78 and 27.10", result.Shipping.Amount, result.Total)
	}
	if !result.Added().IsZero() {
		t.Errorf("%s is added to prices that contain the tax", result.Added())
	}
}

func TestUnknownPlacesAreNotTaxed(t *testing.T) {
	t.Parallel()
	result, err := tax.Region{}.Calculate(tax.Sale{Currency: "USD", Lines: []tax.Line{{Amount: usd(999), Taxable: true}}})
	if err != nil || !result.Total.IsZero() || !result.Lines[0].Amount.IsZero() {
		t.Errorf("%+v, %v; want no tax", result, err)
	}
}

// An independent computation: exact rationals, rounded half away from zero at the end.
func exact(amount, rate int64, included bool) *big.Int {
	den := int64(1_000_000)
	if included {
		den += rate
	}
	r := new(big.Rat).Mul(new(big.Rat).SetInt64(amount), big.NewRat(rate, den))
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	r.Add(r, half)
	return new(big.Int).Quo(r.Num(), r.Denom())
}

func TestTaxAgreesWithExactFractionsAndAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Int64Range(0, 1_000_000).Draw(t, "rate")
		included := rapid.Bool().Draw(t, "included")
		amounts := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000_000_000), 1, 30).Draw(t, "amounts")
		shipping := rapid.Int64Range(0, 100_000).Draw(t, "shipping")
		sale := tax.Sale{Currency: "USD", Included: included, Shipping: usd(shipping)}
		for _, a := range amounts {
			sale.Lines = append(sale.Lines, tax.Line{Amount: usd(a), Taxable: true})
		}
		region := tax.Region{ShippingTaxed: true, Rates: map[tax.Class]tax.Levy{tax.Standard: {Rate: tax.Rate(rate)}}}
		result, err := region.Calculate(sale)
		if err != nil {
			t.Fatal(err)
		}
		sum := exact(shipping, rate, included)
		for i, a := range amounts {
			want := exact(a, rate, included)
			if got := result.Lines[i].Amount.Minor; want.Cmp(big.NewInt(got)) != 0 {
				t.Fatalf("tax on %d at %d is %d, want %s", a, rate, got, want)
			}
			sum.Add(sum, want)
		}
		if sum.Cmp(big.NewInt(result.Total.Minor)) != 0 {
			t.Fatalf("the parts add up to %s, the total is %d", sum, result.Total.Minor)
		}
	})
}

func TestRateIsWrittenAsPercentage(t *testing.T) {
	t.Parallel()
	for rate, want := range map[tax.Rate]string{72_500: "7.25 %", 190_000: "19 %", 149_750: "14.975 %", 0: "0 %", 1_000_000: "100 %"} {
		if got := rate.String(); got != want {
			t.Errorf("%d is written %q, want %q", int64(rate), got, want)
		}
	}
}
