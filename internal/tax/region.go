package tax

import (
	"fmt"

	"github.com/wharfhq/wharf/internal/money"
)

// Region is a country or one province of it, with its rates. The zero region charges nothing.
type Region struct {
	ShippingTaxed bool
	Rates         map[Class]Levy
}

// Levy is one rate with the name under which it stands on a receipt.
type Levy struct {
	Title string
	Rate  Rate
}

// Calculate applies the region's rates to a sale: each line by itself on its whole amount, rounded once, then
// shipping at the standard rate where shipping is taxed.
func (r Region) Calculate(sale Sale) (Result, error) {
	result := Result{Included: sale.Included, Lines: make([]Charge, len(sale.Lines)), Total: money.Zero(sale.Currency)}
	for i, line := range sale.Lines {
		var levy Levy
		if line.Taxable {
			levy = r.levy(line.Class)
		}
		charge, err := result.add(levy, line.Amount)
		if err != nil {
			return Result{}, fmt.Errorf("tax on line %d: %w", i, err)
		}
		result.Lines[i] = charge
	}
	var levy Levy
	if r.ShippingTaxed {
		levy = r.levy(Standard)
	}
	shipping := sale.Shipping
	if shipping == (money.Money{}) {
		shipping = money.Zero(sale.Currency)
	}
	charge, err := result.add(levy, shipping)
	if err != nil {
		return Result{}, fmt.Errorf("tax on shipping: %w", err)
	}
	result.Shipping = charge
	return result, nil
}

func (r Region) levy(class Class) Levy {
	if class == Zero {
		return Levy{}
	}
	if levy, ok := r.Rates[class]; ok {
		return levy
	}
	return r.Rates[Standard]
}

// add charges an amount, and counts it into the total.
func (r *Result) add(levy Levy, amount money.Money) (Charge, error) {
	tax, err := levy.Rate.Of(amount, r.Included)
	if err != nil {
		return Charge{}, err
	}
	if r.Total, err = r.Total.Add(tax); err != nil {
		return Charge{}, err
	}
	return Charge{Title: levy.Title, Rate: levy.Rate, Amount: tax}, nil
}
