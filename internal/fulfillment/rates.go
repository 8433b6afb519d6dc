package fulfillment

import (
	"cmp"
	"context"
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/money"
)

// RateProvider says by which ways goods can be sent, and for how much. Implementations are safe for concurrent use,
// answer the same question with the same options, and are called with no transaction open and no lock held. An empty
// answer means that nothing is sent there.
type RateProvider interface {
	// Name is how settings and logs refer to it.
	Name() string
	// Options are the ways of delivery for one consignment, in no order.
	Options(ctx context.Context, c Consignment) ([]Option, error)
}

// Consignment is what is to be sent together, and where it goes.
type Consignment struct {
	Country  address.CountryCode
	Province string      // the part after the hyphen in ISO 3166-2; empty when not known
	Zip      string      // empty when not known
	Subtotal money.Money // price of the goods, less discounts
	Grams    int64       // weight, rounded up
}

// Option is one way of delivery with its price.
type Option struct {
	Handle      string // names the option in later calls; stable
	Title       string // what the shopper reads
	Description string // empty when there is nothing more to say
	Price       money.Money
}

// Sort puts options in the order in which shoppers see them: the cheapest first, then by handle.
func Sort(options []Option) {
	slices.SortFunc(options, func(a, b Option) int {
		return cmp.Or(cmp.Compare(a.Price.Minor, b.Price.Minor), cmp.Compare(a.Handle, b.Handle))
	})
}

// Choose finds the option with that handle, or the cheapest when no handle is given. It says false when there is none.
func Choose(options []Option, handle string) (Option, bool) {
	sorted := slices.Clone(options)
	Sort(sorted)
	for _, o := range sorted {
		if handle == "" || o.Handle == handle {
			return o, true
		}
	}
	return Option{}, false
}
