package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/money"
)

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

// Look is the color or the image that stands for an option's value.
type Look struct {
	Color *string
	Image *media.MediaImage
}

// facetsAsked is what a list needs to say what it can be filtered by, once it is asked.
type facetsAsked struct {
	statements facetStatements
	close      bool // something is asked of variants
	scope      []any
	currency   money.Currency
}

// facetStatements count the filters of a kind of list: by products' rows, or by each variant's.
type facetStatements struct{ plain, close string }

var (
	facetsOfAll        = facetStatements{plainOfAllSQL, closeOfAllSQL}
	facetsOfCollection = facetStatements{plainOfCollectionSQL, closeOfCollectionSQL}
	facetsOfFound      = facetStatements{plainOfFoundSQL, closeOfFoundSQL}
	facetsOfWhole      = facetStatements{plainOfWholeSQL, closeOfWholeSQL}
)

// counted is one value with its count.
type counted struct {
	Key       string
	Label     string
	Products  int
	Low, High int64
}

// Filters says what a list can be filtered by: two statements, and one more where a value has a swatch to be looked for.
func (s *Search) Filters(ctx context.Context, c ProductConnection) ([]Filter, error) {
	return s.facets(ctx, c.facets)
}

func (s *Search) facets(ctx context.Context, asked facetsAsked) ([]Filter, error) {
	statement := asked.statements.plain
	if asked.close {
		statement = asked.statements.close
	}
	if statement == "" {
		return []Filter{}, nil
	}
	settings, err := s.FilterSettings(ctx)
	if err != nil {
		return nil, err
	}
	shown := make([]string, len(settings))
	for i, f := range settings {
		shown[i] = metafieldGroup(string(f.Owner), f.Namespace, f.Key)
	}
	rows, err := s.from.Query(ctx, statement, append(slices.Clone(asked.scope), shown)...)
	if err != nil {
		return nil, fmt.Errorf("count filters: %w", err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowToStructByPos[counted])
	if err != nil {
		return nil, fmt.Errorf("count filters: %w", err)
	}
	by := map[string][]counted{}
	var options []string
	for _, v := range values {
		group, _, _ := strings.Cut(v.Key, separator)
		if by[group] == nil && strings.HasPrefix(group, optionPrefix) {
			options = append(options, group)
		}
		by[group] = append(by[group], v)
	}
	list := []Filter{}
	// The price is always counted; where nothing else is, nobody could filter by anything.
	if len(values) > len(by[groupPrice]) || len(by[groupPrice]) == 1 && by[groupPrice][0].Products > 0 {
		list = append(list, availability(by["available"]), prices(by[groupPrice], asked.currency))
	}
	for _, group := range options {
		list = append(list, optionFilter(group, by[group]))
	}
	if err := s.paint(ctx, list); err != nil {
		return nil, err
	}
	for _, f := range []struct{ group, id, label, field string }{
		{groupType, "filter.p.product_type", "Product type", "productType"},
		{groupVendor, "filter.p.vendor", "Brand", "productVendor"},
		{groupTag, "filter.p.tag", "Tag", "tag"},
	} {
		if by[f.group] != nil {
			list = append(list, listFilter(f.id, f.label, by[f.group], func(v counted) any { return map[string]string{f.field: v.Label} }))
		}
	}
	for i, m := range settings {
		if values := by[shown[i]]; values != nil {
			list = append(list, metafieldFilter(m, values))
		}
	}
	return list, nil
}

// paint gives the values of options their looks.
func (s *Search) paint(ctx context.Context, list []Filter) error {
	var values []string
	for _, f := range list {
		if strings.HasPrefix(f.ID, optionFilterID) {
			for _, v := range f.Values {
				values = append(values, strings.ToLower(v.Label))
			}
		}
	}
	if len(values) == 0 {
		return nil
	}
	looks, err := catalog.Looks(ctx, s.from, values)
	if err != nil {
		return err
	}
	by := make(map[string]catalog.Look, len(looks))
	for _, l := range looks {
		by[optionGroup(l.Option)+separator+l.Value] = l
	}
	for i, f := range list {
		option, ok := strings.CutPrefix(f.ID, optionFilterID)
		for j, v := range f.Values {
			look, has := by[optionPrefix+option+separator+clean(v.Label)]
			if !ok || !has {
				continue
			}
			list[i].Values[j].Swatch = lookOf(look)
			swatch := PresentSwatch
			list[i].Presentation = &swatch
		}
	}
	return nil
}

func lookOf(l catalog.Look) *Look {
	look := Look{Color: l.Color}
	if l.ImageURL != nil {
		look.Image = &media.MediaImage{ID: l.ImageID, URL: *l.ImageURL, Alt: l.Alt}
	}
	return &look
}
