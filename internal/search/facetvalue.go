package search

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/wharfhq/wharf/internal/money"
)

// The ids of filters are those that storefronts know: v for what variants are filtered by, p for products.
const optionFilterID = "filter.v.option."

// availability has both values, also where there is nothing of one.
func availability(values []counted) Filter {
	f := Filter{ID: "filter.v.availability", Label: "Availability", Type: FilterBoolean, Presentation: text(), Values: []FilterValue{
		{ID: "filter.v.availability.1", Label: "In stock", Input: written(map[string]bool{"available": true})},
		{ID: "filter.v.availability.0", Label: "Out of stock", Input: written(map[string]bool{"available": false})},
	}}
	for _, v := range values {
		if v.Label == "true" {
			f.Values[0].Count = v.Products
		} else {
			f.Values[1].Count = v.Products
		}
	}
	return f
}

// prices is the range in which the list's prices are.
func prices(values []counted, currency money.Currency) Filter {
	f := Filter{ID: "filter.v.price", Label: "Price", Type: FilterPriceRange, Presentation: text(), Values: []FilterValue{}}
	if len(values) == 0 {
		values = []counted{{}}
	}
	for _, v := range values {
		low, high := money.New(v.Low, currency).Amount(), money.New(v.High, currency).Amount()
		f.Values = append(f.Values, FilterValue{
			ID: f.ID, Label: "Price", Count: v.Products,
			Input: fmt.Sprintf(`{"price":{"min":%s,"max":%s}}`, low, high),
		})
	}
	return f
}

// optionFilter names the option as most write it: the label of a value has the option's name before it.
func optionFilter(group string, values []counted) Filter {
	name := strings.TrimPrefix(group, optionPrefix)
	for i, v := range values {
		option, value, _ := strings.Cut(v.Label, separator)
		if i == 0 {
			name = option
		}
		values[i].Label = value
	}
	return listFilter(optionFilterID+strings.TrimPrefix(group, optionPrefix), name, values, func(v counted) any {
		return struct {
			VariantOption named `json:"variantOption"`
		}{named{name, v.Label}}
	})
}

type named struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type keyed struct {
	Namespace string `json:"namespace"`
	Key       string `json:"key"`
	Value     string `json:"value"`
}

func metafieldFilter(m FilterSetting, values []counted) Filter {
	letter, field := "p", "productMetafield"
	if m.Owner == ownerVariant {
		letter, field = "v", "variantMetafield"
	}
	return listFilter("filter."+letter+".m."+clean(m.Namespace)+"."+clean(m.Key), m.Label, values, func(v counted) any {
		return map[string]keyed{field: {m.Namespace, m.Key, v.Label}}
	})
}

func listFilter(id, label string, values []counted, input func(counted) any) Filter {
	f := Filter{ID: id, Label: label, Type: FilterList, Presentation: text(), Values: make([]FilterValue, len(values))}
	taken := make(map[string]int, len(values))
	for i, v := range values {
		_, value, _ := strings.Cut(v.Key, separator)
		name := id + "." + slug(value)
		if taken[name]++; taken[name] > 1 {
			name += fmt.Sprintf("-%d", taken[name])
		}
		f.Values[i] = FilterValue{ID: name, Label: v.Label, Count: v.Products, Input: written(input(v))}
	}
	return f
}

func text() *FilterPresentation {
	p := PresentText
	return &p
}

// written is a ProductFilter as JSON, as a storefront reads it: text that it parses and sends back.
func written(input any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(input); err != nil {
		panic(fmt.Sprintf("write a filter: %v", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// slug writes a value so that it can stand in an id; where only signs tell two values apart, the second is numbered.
func slug(value string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, value)
}
