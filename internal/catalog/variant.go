package catalog

import (
	"time"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// WeightUnit is the unit in which a variant's weight is shown.
type WeightUnit string

// The units of weight.
const (
	Grams     WeightUnit = "GRAMS"
	Kilograms WeightUnit = "KILOGRAMS"
	Ounces    WeightUnit = "OUNCES"
	Pounds    WeightUnit = "POUNDS"
)

// ProductVariant is the thing that is priced, stocked, put into carts and ordered: one combination of a product's
// options.
type ProductVariant struct {
	ID               id.ProductVariantID
	ProductID        id.ProductID
	Position         int
	Title            string // the option values, such as "Green / Large", or DefaultTitle
	SKU              *string
	Barcode          *string
	OptionNames      []string
	OptionValues     []string
	Price            money.Money
	CompareAtPrice   *money.Money
	Taxable          bool
	TaxClass         string // empty is the shop's standard class
	RequiresShipping bool
	WeightGrams      float64
	WeightUnit       WeightUnit
	ImageID          *id.ProductImageID
	ProductHandle    string
	ProductTitle     string
	ProductVendor    string
	Offered          bool // the product is active and published, and the variant not removed: it may be bought
	UpdatedAt        time.Time

	Quantities           QuantityRule
	UnitPriceMeasurement *UnitPriceMeasurement
}

// IsNode marks a ProductVariant as a Node of the API.
func (ProductVariant) IsNode() {}

// IsMerchandise marks a ProductVariant as what a cart line holds.
func (ProductVariant) IsMerchandise() {}

// DefaultTitle is the name of the only variant of a product without options, and the value of its only option.
const DefaultTitle = "Default Title"

// defaultOption is the name of the option that stands for "no options".
const defaultOption = "Title"

// SelectedOption is one choice that makes a variant, such as Color: Green.
type SelectedOption struct {
	Name  string
	Value string
}

// SelectedOptionInput names a choice when looking for a variant.
type SelectedOptionInput struct {
	Name  string
	Value string
}

// SelectedOptions are the choices that make the variant, in the order of the product's options.
func (v ProductVariant) SelectedOptions() []SelectedOption {
	options := make([]SelectedOption, 0, len(v.OptionValues))
	for i, value := range v.OptionValues {
		if i < len(v.OptionNames) {
			options = append(options, SelectedOption{v.OptionNames[i], value})
		}
	}
	return options
}

// Weight is the weight in the variant's unit.
func (v ProductVariant) Weight() *float64 {
	w := v.WeightGrams / gramsPer[v.WeightUnit]
	return &w
}

var gramsPer = map[WeightUnit]float64{Grams: 1, Kilograms: 1000, Ounces: 28.349523125, Pounds: 453.59237}

// QuantityRule bounds how many of a variant one line may hold: from Minimum to Maximum, in steps of Increment.
type QuantityRule struct {
	Minimum   int
	Maximum   *int
	Increment int
}

// QuantityRule is the bound for the variant.
func (v ProductVariant) QuantityRule() QuantityRule { return v.Quantities }

// anyQuantity is the rule of a variant that nobody wrote one for.
var anyQuantity = QuantityRule{Minimum: 1, Increment: 1}
