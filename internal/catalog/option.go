package catalog

import (
	"github.com/wharfhq/wharf/internal/id"
)

// ProductOption is one axis of choice, such as Size.
type ProductOption struct {
	ID           id.ProductOptionID
	ProductID    id.ProductID
	Position     int
	Name         string
	OptionValues []ProductOptionValue
}

// IsNode marks a ProductOption as a Node of the API.
func (ProductOption) IsNode() {}

// Values are the names of the option's values.
func (o ProductOption) Values() []string {
	names := make([]string, len(o.OptionValues))
	for i, v := range o.OptionValues {
		names[i] = v.Name
	}
	return names
}

// ProductOptionValue is one value of an option, such as Large.
type ProductOptionValue struct {
	ID         id.ProductOptionValueID
	OptionID   id.ProductOptionID
	ProductID  id.ProductID
	OptionName string
	Position   int
	Name       string
}

// IsNode marks a ProductOptionValue as a Node of the API.
func (ProductOptionValue) IsNode() {}
