package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/money"
)

// ProductFilter is one thing that products are filtered by. Filters of one kind, such as two vendors or two colors, are
// alternatives; what is said in different kinds must all hold, and what is said of variants must hold for one of them.
type ProductFilter struct {
	Available         *bool
	Price             *PriceRangeFilter
	ProductMetafield  *MetafieldFilter
	ProductType       *string
	ProductVendor     *string
	Tag               *string
	TaxonomyMetafield *TaxonomyMetafieldFilter
	VariantMetafield  *MetafieldFilter
	VariantOption     *VariantOptionFilter
}

// PriceRangeFilter is a range of prices, both ends included.
type PriceRangeFilter struct{ Min, Max *float64 }

// MetafieldFilter is a metafield with a value.
type MetafieldFilter struct{ Key, Namespace, Value string }

// TaxonomyMetafieldFilter is an attribute of a category of goods.
type TaxonomyMetafieldFilter struct{ Key, Namespace, Value string }

// VariantOptionFilter is an option with a value, such as the color red.
type VariantOptionFilter struct{ Name, Value string }

// maxFilters bounds how many filters a list takes.
const maxFilters = 250

// filters are what a list is filtered by, in the form that its statement takes.
type filters struct {
	products, variants group // keys, of which each group must be met
	prices             ranges
	available          *bool
}

// group gathers alternatives by the name that they have in common.
type group struct {
	names []string
	keys  map[string][]string
}

func (g *group) add(name, value string) {
	if g.keys == nil {
		g.keys = map[string][]string{}
	}
	if g.keys[name] == nil {
		g.names = append(g.names, name)
	}
	if key := facetKey(name, value); !slices.Contains(g.keys[name], key) {
		g.keys[name] = append(g.keys[name], key)
	}
}

// arrays writes each group as an array of PostgreSQL's.
func (g group) arrays() []string {
	texts := make([]string, len(g.names))
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for i, name := range g.names {
		elements := make([]string, len(g.keys[name]))
		for j, key := range g.keys[name] {
			elements[j] = `"` + quote.Replace(key) + `"`
		}
		texts[i] = "{" + strings.Join(elements, ",") + "}"
	}
	return texts
}

// count gives the statement that counts the facets of what the filters leave.
func (f filters) count(c tally) string {
	if len(f.products.names) == 0 && len(f.variants.names) == 0 && f.prices == nil && f.available == nil {
		return c.whole
	}
	return c.narrowed
}

// arguments are $1 to $5 of every statement that lists products.
func (f filters) arguments(actor access.Actor) []any {
	return []any{seesAll(actor), f.products.arrays(), f.variants.arrays(), f.prices.multirange(), f.available}
}

// filters reads what a list is to be filtered by. argument names where the caller has said it.
func (s *Search) filters(ctx context.Context, by []ProductFilter, currency money.Currency, argument string) (filters, error) {
	var f filters
	if len(by) > maxFilters {
		return f, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "A list takes at most %d filters.", maxFilters).At(argument)
	}
	var settings []FilterSetting
	metafields := slices.ContainsFunc(by, func(p ProductFilter) bool { return p.ProductMetafield != nil || p.VariantMetafield != nil })
	if metafields {
		var err error
		if settings, err = s.FilterSettings(ctx); err != nil {
			return f, err
		}
	}
	available := map[bool]bool{}
	for i, p := range by {
		if err := f.read(p, currency, settings); err != nil {
			return f, err.At(argument, strconv.Itoa(i))
		}
		if p.Available != nil {
			available[*p.Available] = true
		}
	}
	if len(available) == 1 { // both are all there is
		only := available[true]
		f.available = &only
	}
	return f, nil
}

// read adds one filter.
func (f *filters) read(p ProductFilter, currency money.Currency, settings []FilterSetting) *fault.Fault {
	for _, text := range []*string{p.ProductType, p.ProductVendor, p.Tag} {
		if text != nil && !sound(*text) {
			return unsound
		}
	}
	if p.ProductVendor != nil {
		f.products.add(groupVendor, *p.ProductVendor)
	}
	if p.ProductType != nil {
		f.products.add(groupType, *p.ProductType)
	}
	if p.Tag != nil {
		f.products.add(groupTag, *p.Tag)
	}
	if o := p.VariantOption; o != nil {
		if !sound(o.Name) || !sound(o.Value) || o.Name == "" {
			return unsound
		}
		f.variants.add(optionGroup(o.Name), o.Value)
	}
	if t := p.TaxonomyMetafield; t != nil { // the shop has no taxonomy, so nothing has such an attribute
		if !sound(t.Namespace) || !sound(t.Key) || !sound(t.Value) {
			return unsound
		}
		f.products.add(metafieldPrefix+"taxonomy."+clean(t.Namespace)+"."+clean(t.Key), t.Value)
	}
	if err := f.metafield(&f.products, ownerProduct, p.ProductMetafield, settings); err != nil {
		return err
	}
	if err := f.metafield(&f.variants, ownerVariant, p.VariantMetafield, settings); err != nil {
		return err
	}
	return f.price(p.Price, currency)
}

func (f *filters) metafield(g *group, owner string, m *MetafieldFilter, settings []FilterSetting) *fault.Fault {
	if m == nil {
		return nil
	}
	if !sound(m.Namespace) || !sound(m.Key) || !sound(m.Value) {
		return unsound
	}
	known := slices.ContainsFunc(settings, func(s FilterSetting) bool {
		return string(s.Owner) == owner && strings.EqualFold(s.Namespace, m.Namespace) && strings.EqualFold(s.Key, m.Key)
	})
	if !known {
		return fault.New(fault.Invalid, "BAD_USER_INPUT", "The shop does not filter by that metafield.")
	}
	g.add(metafieldGroup(owner, m.Namespace, m.Key), m.Value)
	return nil
}

func (f *filters) price(p *PriceRangeFilter, currency money.Currency) *fault.Fault {
	if p == nil || p.Min == nil && p.Max == nil {
		return nil
	}
	for _, end := range []*float64{p.Min, p.Max} {
		if end != nil && (math.IsNaN(*end) || *end < 0 || *end > maxPrice) {
			return fault.New(fault.Invalid, "BAD_USER_INPUT", "A price is a number from 0 on.")
		}
	}
	if p.Min != nil && p.Max != nil && *p.Min > *p.Max {
		return fault.New(fault.Invalid, "BAD_USER_INPUT", "The lowest price is above the highest.")
	}
	f.prices = f.prices.with(p.Min, p.Max, currency)
	return nil
}

var unsound = fault.New(fault.Invalid, "BAD_USER_INPUT", fmt.Sprintf("A filter's value is a text of at most %d bytes.", maxFacetValue))

// sound says whether PostgreSQL can take a text, and the listing could have it.
func sound(text string) bool {
	return len(text) <= maxFacetValue && !strings.ContainsRune(text, 0) && strings.ToValidUTF8(text, "") == text
}
