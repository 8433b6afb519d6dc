package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/money"
)

// Filterable is a list as far as it can be filtered: it says by what, once it is asked. Lists that were read together, as
// those of many collections are, know each other, and are counted together.
type Filterable struct {
	asked *facetsAsked
	list  int // which of them, from 0
}

// facetsAsked is what it takes to say what lists can be filtered by.
type facetsAsked struct {
	statement string
	scope     []any
	currency  money.Currency
	lists     int // how many were read together
}

// counted is one value with its count.
type counted struct {
	Key       string
	Label     string
	Products  int
	Low, High int64
}

// Filters says what lists can be filtered by: two statements for all that were read together, and one more where values of
// options have looks to be shown by.
func (s *Search) Filters(ctx context.Context, lists []Filterable) (map[Filterable][]Filter, error) {
	filters := make(map[Filterable][]Filter, len(lists))
	for _, list := range lists {
		if _, known := filters[list]; known {
			continue
		}
		together, err := s.facets(ctx, list.asked)
		if err != nil {
			return nil, err
		}
		for i := range together {
			filters[Filterable{list.asked, i}] = together[i]
		}
	}
	return filters, nil
}

func (s *Search) facets(ctx context.Context, asked *facetsAsked) ([][]Filter, error) {
	settings, err := s.FilterSettings(ctx)
	if err != nil {
		return nil, err
	}
	values, err := s.count(ctx, asked, groupsOf(settings))
	if err != nil {
		return nil, err
	}
	filters := make([][]Filter, len(values))
	for i := range values {
		filters[i] = filtersOf(values[i], settings, asked.currency)
	}
	return filters, s.paint(ctx, filters)
}

// count gives of each list the values that its products have, those of a group together.
func (s *Search) count(ctx context.Context, asked *facetsAsked, metafields []string) ([][]counted, error) {
	rows, err := s.from.Query(ctx, asked.statement, append(slices.Clone(asked.scope), metafields)...)
	if err != nil {
		return nil, fmt.Errorf("count filters: %w", err)
	}
	values := make([][]counted, asked.lists)
	var list int
	var v counted
	_, err = pgx.ForEachRow(rows, []any{&list, &v.Key, &v.Label, &v.Products, &v.Low, &v.High}, func() error {
		values[list-1] = append(values[list-1], v)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count filters: %w", err)
	}
	return values, nil
}

// groupsOf are the groups whose values are the metafields that shoppers may filter by.
func groupsOf(settings []FilterSetting) []string {
	groups := make([]string, len(settings))
	for i, f := range settings {
		groups[i] = metafieldGroup(string(f.Owner), f.Namespace, f.Key)
	}
	return groups
}

// filtersOf makes filters of the values that a list's products have.
func filtersOf(values []counted, settings []FilterSetting, currency money.Currency) []Filter {
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
		list = append(list, availability(by["available"]), prices(by[groupPrice], currency))
	}
	for _, group := range options {
		list = append(list, optionFilter(group, by[group]))
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
	for i, group := range groupsOf(settings) {
		if by[group] != nil {
			list = append(list, metafieldFilter(settings[i], by[group]))
		}
	}
	return list
}
