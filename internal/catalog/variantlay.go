package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/id"
)

// variants lays the variants that are given over those that they name. Those that are no longer named are kept, as
// removed; without a word about variants all stay.
func (l *laying) variants(to *whole, options []ProductOption, fixed []bool) []storedVariant {
	l.named = map[id.ProductVariantID]int{}
	was := l.rearranged(options)
	switch {
	case l.in.Variants == nil && l.isNew, l.in.Variants != nil && len(l.in.Variants) == 0:
		l.refuse("BLANK", "A product has at least one variant.", "variants")
		return was
	case l.in.Variants == nil:
		for _, v := range was {
			if !v.removed && slices.Contains(v.OptionValues, "") {
				l.refuse("INVALID", fmt.Sprintf("The variant %q has no value for one of the options: name the variants, too.", v.Title), "options")
				return was
			}
			l.mustHave(v.OptionValues, options, fixed, v.removed, func(int) []string { return []string{"options"} })
		}
		return l.titled(was)
	case len(l.in.Variants) > maxVariants:
		l.refuse("TOO_MANY", fmt.Sprintf("A product has at most %d variants.", maxVariants), "variants")
		return was
	}
	variants := make([]storedVariant, 0, len(l.in.Variants))
	combinations := map[string]bool{}
	for i, given := range l.in.Variants {
		v, ok := l.variant(to, given, i, was, options)
		if !ok {
			continue
		}
		if combination := strings.Join(v.OptionValues, "\x00"); combinations[combination] && !l.fewer {
			l.refuse("DUPLICATE", fmt.Sprintf("The product has the variant %q twice.", strings.Join(v.OptionValues, " / ")),
				"variants", number(i), "selectedOptions")
		} else {
			combinations[combination] = true
		}
		l.mustHave(v.OptionValues, options, fixed, false, func(int) []string { return []string{"variants", number(i), "selectedOptions"} })
		v.Position, v.removed = len(variants)+1, false
		variants = append(variants, v)
	}
	for i, v := range was {
		if !l.free(v) {
			continue
		}
		if slices.Contains(v.OptionValues, "") {
			v.OptionValues = l.was.variants[i].OptionValues
		}
		v.removed = true
		variants = append(variants, v)
	}
	return l.titled(variants)
}

// rearranged gives the variants that there are with their values in the places and under the names that the options
// have now; a value of an option that they don't know is empty, but for an option with one value, which all have.
func (l *laying) rearranged(options []ProductOption) []storedVariant {
	variants := slices.Clone(l.was.variants)
	for i, v := range variants {
		values := make([]string, len(options))
		for n, option := range options {
			values[n] = l.renamed(v, option)
		}
		if v.removed && slices.Contains(values, "") {
			continue
		}
		variants[i].OptionValues = values
	}
	return variants
}

// renamed is a variant's value of an option under the name that it has now.
func (l *laying) renamed(v storedVariant, option ProductOption) string {
	at := slices.IndexFunc(l.was.options, func(o ProductOption) bool { return o.ID == option.ID })
	if at < 0 || at >= len(v.OptionValues) {
		if len(option.OptionValues) == 1 {
			return option.OptionValues[0].Name
		}
		return ""
	}
	name := v.OptionValues[at]
	if was := slices.IndexFunc(l.was.options[at].OptionValues, func(o ProductOptionValue) bool { return o.Name == name }); was >= 0 {
		old := l.was.options[at].OptionValues[was].ID
		if now := slices.IndexFunc(option.OptionValues, func(o ProductOptionValue) bool { return o.ID == old }); now >= 0 {
			return option.OptionValues[now].Name
		}
	}
	return name
}

// mustHave refuses values that an option, whose values are all named, does not have.
func (l *laying) mustHave(values []string, options []ProductOption, fixed []bool, removed bool, path func(int) []string) {
	for i, option := range options {
		if !fixed[i] || removed || i >= len(values) {
			continue
		}
		if !slices.ContainsFunc(option.OptionValues, func(v ProductOptionValue) bool { return v.Name == values[i] }) {
			l.refuse("INVALID", fmt.Sprintf("%q is no value of the option %q.", clip(values[i]), option.Name), path(i)...)
		}
	}
}

// titled names the variants that are offered after their values.
func (l *laying) titled(variants []storedVariant) []storedVariant {
	for i, v := range variants {
		if !v.removed {
			variants[i].Title = strings.Join(v.OptionValues, " / ")
		}
	}
	return variants
}

// termsAlone looks at what is said of variants where nobody can say which of them there are to be.
func (l *laying) termsAlone(to *whole) {
	l.named, to.variants = map[id.ProductVariantID]int{}, nil
	if len(l.in.Variants) > maxVariants {
		l.refuse("TOO_MANY", fmt.Sprintf("A product has at most %d variants.", maxVariants), "variants")
		return
	}
	for i, given := range l.in.Variants {
		v, known, ok := l.match(given, i, l.was.variants, nil)
		if !known {
			v = l.newVariant(to)
			if ok && l.isNew && given.Price == nil {
				l.refuse("BLANK", "What is new needs a price.", "variants", number(i), "price")
			}
		}
		for n, selected := range given.SelectedOptions {
			l.p.Name(strings.TrimSpace(selected.Value), "variants", number(i), "selectedOptions", number(n), "value")
		}
		l.named[v.ID] = i
		to.variants = append(to.variants, v)
		l.terms(to, &v.ProductVariant, given, i)
	}
}

// newVariant is a variant of which nothing has been said.
func (l *laying) newVariant(to *whole) (v storedVariant) {
	v.ID, v.ProductID = id.NewProductVariantID(), to.Product.ID
	v.Taxable, v.RequiresShipping, v.WeightUnit, v.Quantities = true, true, Kilograms, anyQuantity
	v.Price.CurrencyCode = l.currency
	return v
}

// variant lays one variant that is given over the one that it names; false where it can't. At what terms it is sold is
// looked at all the same, so that a caller hears at once of all that is wrong with it.
func (l *laying) variant(to *whole, given ProductVariantSetInput, i int, was []storedVariant, options []ProductOption) (storedVariant, bool) {
	var v storedVariant
	known := false
	values, ok := l.selected(given, i, options)
	if ok {
		v, known, ok = l.match(given, i, was, values)
	}
	if !known {
		v = l.newVariant(to)
		if ok && given.Price == nil {
			l.refuse("BLANK", "What is new needs a price.", "variants", number(i), "price")
		}
	}
	if values != nil {
		v.OptionValues = values
	}
	if ok && (v.OptionValues == nil || slices.Contains(v.OptionValues, "")) {
		l.refuse("BLANK", "The variant needs a value for each option.", "variants", number(i), "selectedOptions")
		ok = false
	}
	if ok {
		l.named[v.ID] = i
	}
	l.terms(to, &v.ProductVariant, given, i)
	return v, ok
}

// selected reads the values that a variant is given, in the order of the options; nil where none are, or the only ones
// that there can be.
func (l *laying) selected(given ProductVariantSetInput, i int, options []ProductOption) ([]string, bool) {
	path := []string{"variants", number(i), "selectedOptions"}
	if given.SelectedOptions == nil {
		if len(options) == 1 && options[0].Name == defaultOption {
			return []string{DefaultTitle}, true
		}
		return nil, true
	}
	values, ok := make([]string, len(options)), true
	for n, selected := range given.SelectedOptions {
		here := append(slices.Clone(path), number(n))
		name, value := strings.TrimSpace(selected.Name), strings.TrimSpace(selected.Value)
		l.p.Name(value, append(slices.Clone(here), "value")...)
		at := slices.IndexFunc(options, func(o ProductOption) bool { return o.Name == name })
		switch {
		case at < 0:
			l.refuse("INVALID", fmt.Sprintf("The product has no option %q.", clip(name)), append(slices.Clone(here), "name")...)
			ok = false
		case values[at] != "":
			l.refuse("DUPLICATE", fmt.Sprintf("The option %q is selected twice.", name), append(slices.Clone(here), "name")...)
			ok = false
		default:
			values[at] = value
			ok = ok && value != ""
		}
	}
	for n, option := range options {
		if ok && values[n] == "" {
			l.refuse("BLANK", fmt.Sprintf("The variant has no value for the option %q.", option.Name), path...)
			ok = false
		}
	}
	return values, ok
}

// match finds the variant that is meant: by its id, else by its SKU, else by its values. One that is offered goes before
// one that was.
func (l *laying) match(given ProductVariantSetInput, i int, was []storedVariant, values []string) (v storedVariant, known, ok bool) {
	at, by := -1, ""
	if given.ID != nil {
		by = "id"
		if at = slices.IndexFunc(was, func(v storedVariant) bool { return v.ID.String() == *given.ID }); at < 0 {
			l.refuse("NOT_FOUND", "The product has no such variant.", "variants", number(i), "id")
			return v, false, false
		}
	}
	if at < 0 && given.SKU != nil && *given.SKU != "" {
		by = "sku"
		at = only(was, func(v storedVariant) bool { return !v.removed && v.SKU != nil && *v.SKU == *given.SKU })
	}
	if at < 0 && values != nil {
		by = "selectedOptions"
		at = slices.IndexFunc(was, func(v storedVariant) bool { return slices.Equal(v.OptionValues, values) && l.free(v) })
	}
	if at < 0 {
		return v, false, true
	}
	if !l.free(was[at]) {
		l.refuse("DUPLICATE", "The variant is there twice.", "variants", number(i), by)
		return v, false, false
	}
	return was[at], true, true
}

// free says that no variant of the input has named this one.
func (l *laying) free(v storedVariant) bool {
	_, named := l.named[v.ID]
	return !named
}

// only is the place of the one element that fits; -1 where none does, or several do.
func only[T any](list []T, fits func(T) bool) int {
	at := slices.IndexFunc(list, fits)
	if at >= 0 && slices.IndexFunc(list[at+1:], fits) >= 0 {
		return -1
	}
	return at
}
