// Package tax says how much tax a sale carries.
//
// A Provider is asked for each line and for shipping. The default, Table, reads rates by country and province; a
// service that knows more can take its place. The package promises exact results: rates are integers (millionths),
// amounts are integers, each line is rounded once, and the total is the sum of the rounded lines, so that nothing is
// lost between the lines and the total. When a rate applies, and to what, is the table's; what a line costs is not
// this package's business.
package tax

import (
	"context"
	"fmt"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/money"
)

// Provider works out tax. Implementations are safe for concurrent use, answer the same question with the same
// result, and are called with no transaction open and no lock held.
type Provider interface {
	// Name is how settings and logs refer to it.
	Name() string
	// Calculate answers one charge for each line of the sale, in the same order, and one for shipping.
	Calculate(ctx context.Context, sale Sale) (Result, error)
}

// Sale is what is sold, and where it goes.
type Sale struct {
	Country  address.CountryCode // where the goods go: the delivery address, or the pick-up store's
	Province string              // the part after the hyphen in ISO 3166-2; empty when not known
	Currency money.Currency
	Included bool // the prices contain the tax already; otherwise it is added to them
	Lines    []Line
	Shipping money.Money // price of the delivery, zero when there is none
}

// Line is one line of a sale.
type Line struct {
	Amount  money.Money // unit price times quantity, less discounts
	Taxable bool        // false for goods that are never taxed
	Class   Class       // which rate; empty is Standard
}

// Class says which of a region's rates a line falls under.
type Class string

// The classes that the default table has. A region without a rate for a class uses its standard rate.
const (
	Standard Class = "standard"
	Reduced  Class = "reduced"
	Zero     Class = "zero"
)

// Result is the tax of a sale.
type Result struct {
	Included bool // as the sale said
	Lines    []Charge
	Shipping Charge
	Total    money.Money // the sum of all charges
}

// Charge is the tax on one line or on shipping.
type Charge struct {
	Title  string // how a receipt names it, such as "VAT"; empty when nothing is charged
	Rate   Rate
	Amount money.Money
}

// Added is what the customer pays on top of the prices: the whole tax, or nothing where prices contain it.
func (r Result) Added() money.Money {
	if r.Included {
		return money.Zero(r.Total.CurrencyCode)
	}
	return r.Total
}

// Rate is a share in millionths: 72,500 is 7.25 %.
type Rate int64

// million is the whole of a rate.
const million = 1_000_000

// Of is the tax on an amount, rounded half away from zero to the currency's smallest unit. An amount that includes
// its tax is the price and the rate's share of it together, so the tax is amount × rate / (1 + rate).
func (r Rate) Of(amount money.Money, included bool) (money.Money, error) {
	if r < 0 || r > million {
		return money.Money{}, fmt.Errorf("a tax rate of %d millionths", int64(r))
	}
	if included {
		return amount.Share(int64(r), million+int64(r))
	}
	return amount.Share(int64(r), million)
}

// String is the rate as a percentage with no needless digits: 7.25 %.
func (r Rate) String() string {
	text := fmt.Sprintf("%d.%04d", int64(r)/10_000, int64(r)%10_000)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text + " %"
}
