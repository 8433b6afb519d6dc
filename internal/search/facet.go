package search

import "github.com/wharfhq/wharf/internal/media"

// Filter is something that a list can be filtered by, with the values that its products have.
type Filter struct {
	ID           string
	Label        string
	Presentation *FilterPresentation
	Type         FilterType
	Values       []FilterValue
}

// FilterType says how a filter is set.
type FilterType string

// The types of filters.
const (
	FilterBoolean    FilterType = "BOOLEAN"
	FilterList       FilterType = "LIST"
	FilterPriceRange FilterType = "PRICE_RANGE"
)

// FilterPresentation says how the values of a filter are best shown.
type FilterPresentation string

// The ways to show values.
const (
	PresentImage  FilterPresentation = "IMAGE"
	PresentSwatch FilterPresentation = "SWATCH"
	PresentText   FilterPresentation = "TEXT"
)

// FilterValue is one value of a filter.
type FilterValue struct {
	ID     string
	Label  string
	Count  int // products that the list has with it, as if of this filter nothing else were selected
	Input  any // a ProductFilter that selects it, as JSON in a text
	Swatch *Look
}

// Image is null: values are shown by their swatches.
func (FilterValue) Image() *media.MediaImage { return nil }
