package cart

import (
	"context"
	"fmt"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/tax"
)

// Place is where lines of a sale go, with the delivery that brings them there.
type Place struct {
	Country  address.CountryCode
	Province string
	Shipping money.Money
	Lines    []int // of the first place none: it takes the lines that no other one has
}

// Tax works out the tax of a sale whose lines may go to several places: each place's lines and delivery are taxed there.
// The answer is that of one sale, line by line.
func Tax(ctx context.Context, provider tax.Provider, sale tax.Sale, places []Place) (tax.Result, error) {
	elsewhere := make(map[int]bool, len(sale.Lines))
	for _, p := range places[1:] {
		for _, i := range p.Lines {
			elsewhere[i] = true
		}
	}
	places[0].Lines = nil
	for i := range sale.Lines {
		if !elsewhere[i] {
			places[0].Lines = append(places[0].Lines, i)
		}
	}
	whole := tax.Result{
		Included: sale.Included, Lines: make([]tax.Charge, len(sale.Lines)), Total: money.Zero(sale.Currency),
		Shipping: tax.Charge{Amount: money.Zero(sale.Currency)},
	}
	for _, p := range places {
		part := tax.Sale{Country: p.Country, Province: p.Province, Currency: sale.Currency, Included: sale.Included, Shipping: p.Shipping}
		for _, i := range p.Lines {
			part.Lines = append(part.Lines, sale.Lines[i])
		}
		result, err := provider.Calculate(ctx, part)
		if err != nil {
			return whole, fmt.Errorf("tax of what goes to %s: %w", p.Country, err)
		}
		for n, i := range p.Lines {
			whole.Lines[i] = result.Lines[n]
		}
		if whole.Shipping.Amount.IsZero() {
			whole.Shipping = result.Shipping // deliveries to stores cost nothing
		}
		if whole.Total, err = whole.Total.Add(result.Total); err != nil {
			return whole, tooLarge(err)
		}
	}
	return whole, nil
}
