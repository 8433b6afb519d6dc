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

// Calculate applies the region's rates to a sale: each item by itself on its whole amount, rounded once, then
// shipping at the standard rate where shipping is taxed.
func (r Region) Calculate(sale Sale) (Result, error) {
	result := Result{Included: sale.Included, Items: make([]Charge, len(sale.Items)), Total: money.Zero(sale.Currency)}
	for i, item := range sale.Items {
		var levy Levy
		if item.Taxable {
			levy = r.levy(item.Class)
		}
		charge, err := charge(&result, levy, item.Amount)
		if err != nil {
			return Result{}, fmt.Errorf("tax on item %d: %w", i, err)
		}
		result.Items[i] = charge
	}
	var levy Levy
	if r.ShippingTaxed {
		levy = r.levy(Standard)
	}
	shipping := sale.Shipping
	if shipping == (money.Money{}) {
		shipping = money.Zero(sale.Currency)
	}
	charge, err := charge(&result, levy, shipping)
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

func charge(result *Result, levy Levy, amount money.Money) (Charge, error) {
	tax, err := levy.Rate.Of(amount, result.Included)
	if err != nil {
		return Charge{}, err
	}
	if result.Total, err = result.Total.Add(tax); err != nil {
		return Charge{}, err
	}
	return Charge{Title: levy.Title, Rate: levy.Rate, Amount: tax}, nil
}
