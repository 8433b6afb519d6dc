package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
)

// The bounds of a product's choices.
const (
	maxOptions      = 3
	maxOptionValues = 500
)

// choices lays what the variants differ in, and the variants.
func (l *laying) choices(to *whole) {
	all, own := l.p, input.Problems{}
	l.p = &own
	options, fixed := l.options(to.Product.ID)
	l.p = all
	if own.Err() != nil {
		l.p.Join(&own)
		l.vague = true
		all := len(options)
		options, fixed = sound(options, fixed)
		l.fewer = len(options) < all
		if l.in.Variants == nil || len(options) == 0 || len(options) > maxOptions {
			l.termsAlone(to) // what is selected can't be held against options that are none
		} else {
			to.variants = l.variants(to, options, fixed)
		}
		return
	}
	if len(options) == 0 {
		options, fixed = []ProductOption{l.noOption(to.Product.ID)}, []bool{false}
	}
	to.variants = l.variants(to, options, fixed)
	for i := range options {
		options[i].OptionValues = l.used(options[i], fixed[i], i, to.variants)
	}
	to.options, to.OptionNames = options, make([]string, len(options))
	for i, option := range options {
		to.OptionNames[i] = option.Name
	}
}

// sound gives those of options with faults that variants can be held against: each has a name, which no other one has. One
// whose values are none takes all.
func sound(options []ProductOption, fixed []bool) (good []ProductOption, whole []bool) {
	for i, option := range options {
		if option.Name == "" || slices.ContainsFunc(good, func(o ProductOption) bool { return strings.EqualFold(o.Name, option.Name) }) {
			continue
		}
		good, whole = append(good, option), append(whole, fixed[i] && len(option.OptionValues) > 0)
	}
	return good, whole
}

// noOption stands for the options of a product that has none.
func (l *laying) noOption(product id.ProductID) ProductOption {
	if i := slices.IndexFunc(l.was.options, func(o ProductOption) bool { return o.Name == defaultOption }); i >= 0 {
		return l.was.options[i]
	}
	return ProductOption{ID: id.NewProductOptionID(), ProductID: product, Position: 1, Name: defaultOption}
}

// options gives the options as they are to be, and of each whether its values are all named.
func (l *laying) options(product id.ProductID) ([]ProductOption, []bool) {
	switch {
	case l.in.Options != nil:
		return l.givenOptions(product)
	case !l.isNew:
		options := slices.Clone(l.was.options)
		return options, make([]bool, len(options))
	default:
		return l.impliedOptions(product)
	}
}

// impliedOptions are those that the variants of a new product name, in the order in which they come.
func (l *laying) impliedOptions(product id.ProductID) ([]ProductOption, []bool) {
	var options []ProductOption
	for _, v := range l.in.Variants {
		for _, selected := range v.SelectedOptions {
			name := strings.TrimSpace(selected.Name)
			if len(options) > maxOptions || slices.ContainsFunc(options, func(o ProductOption) bool { return o.Name == name }) {
				continue
			}
			options = append(options, ProductOption{ID: id.NewProductOptionID(), ProductID: product, Position: len(options) + 1, Name: name})
		}
	}
	if len(options) > maxOptions {
		l.refuse("TOO_MANY", "The variants of a product differ in at most three options.", "variants")
	}
	return options, make([]bool, len(options))
}

func (l *laying) givenOptions(product id.ProductID) ([]ProductOption, []bool) {
	if len(l.in.Options) > maxOptions {
		l.refuse("TOO_MANY", "A product has at most three options.", "options")
		return nil, nil
	}
	options, fixed := make([]ProductOption, 0, len(l.in.Options)), make([]bool, 0, len(l.in.Options))
	for i, given := range l.in.Options {
		option := l.option(product, given, i)
		if slices.ContainsFunc(options, func(o ProductOption) bool { return strings.EqualFold(o.Name, option.Name) || o.ID == option.ID }) {
			l.refuse("DUPLICATE", "The option is there twice.", "options", number(i), "name")
		}
		options, fixed = append(options, option), append(fixed, given.Values != nil)
	}
	return options, fixed
}

// option lays one option that is given over the one that it names.
func (l *laying) option(product id.ProductID, given ProductOptionSetInput, i int) ProductOption {
	name := strings.TrimSpace(given.Name)
	l.p.Name(name, "options", number(i), "name")
	option := ProductOption{ID: id.NewProductOptionID(), ProductID: product}
	at := slices.IndexFunc(l.was.options, func(o ProductOption) bool {
		return given.ID != nil && o.ID.String() == *given.ID || given.ID == nil && o.Name == name
	})
	switch {
	case at >= 0:
		option = l.was.options[at]
		option.OptionValues = slices.Clone(option.OptionValues)
	case given.ID != nil:
		l.refuse("NOT_FOUND", "The product has no such option.", "options", number(i), "id")
	}
	option.Name, option.Position = name, i+1
	if given.Values != nil {
		option.OptionValues = l.values(option, given.Values, i)
	}
	for n := range option.OptionValues {
		option.OptionValues[n].OptionName = name
	}
	return option
}

// values lays the values that are given over those that they name.
func (l *laying) values(option ProductOption, given []ProductOptionValueSetInput, at int) []ProductOptionValue {
	path := []string{"options", number(at), "values"}
	if len(given) > maxOptionValues {
		l.refuse("TOO_MANY", fmt.Sprintf("An option has at most %d values.", maxOptionValues), path...)
		return nil
	}
	values := make([]ProductOptionValue, 0, len(given))
	seen := map[string]bool{}
	for i, one := range given {
		here := append(slices.Clone(path), number(i))
		name := strings.TrimSpace(one.Name)
		l.p.Name(name, append(slices.Clone(here), "name")...)
		value := newValue(option, name)
		was := slices.IndexFunc(option.OptionValues, func(v ProductOptionValue) bool {
			return one.ID != nil && v.ID.String() == *one.ID || one.ID == nil && v.Name == name
		})
		switch {
		case was >= 0:
			value = option.OptionValues[was]
		case one.ID != nil:
			l.refuse("NOT_FOUND", "The option has no such value.", append(slices.Clone(here), "id")...)
		}
		if seen[name] || seen[value.ID.String()] {
			l.refuse("DUPLICATE", "The value is there twice.", append(slices.Clone(here), "name")...)
		}
		seen[name], seen[value.ID.String()] = true, true
		value.Name, value.Position = name, i+1
		l.swatch(&value.Look, one.Swatch, append(slices.Clone(here), "swatch"))
		values = append(values, value)
	}
	return values
}

func newValue(option ProductOption, name string) ProductOptionValue {
	value := ProductOptionValue{
		ID: id.NewProductOptionValueID(), OptionID: option.ID, ProductID: option.ProductID, OptionName: option.Name, Name: name,
	}
	value.Look.value = value.ID
	return value
}

// swatch lays how a value looks.
func (l *laying) swatch(look *ProductOptionValueSwatch, given *ProductOptionValueSwatchInput, path []string) {
	if given == nil {
		return
	}
	*look = ProductOptionValueSwatch{value: look.value}
	if given.Color != nil {
		if !colorForm.MatchString(*given.Color) {
			l.refuse("INVALID", "A color is written like #6A8CAF.", append(slices.Clone(path), "color")...)
		}
		color := strings.ToUpper(*given.Color)
		look.Color = &color
	}
	if given.ImageURL != nil && *given.ImageURL != "" {
		l.p.Address(*given.ImageURL, append(slices.Clone(path), "imageUrl")...)
		look.ImageURL = given.ImageURL
		l.words(given.ImageAltText, &look.ImageAlt, append(slices.Clone(path), "imageAltText")...)
	}
}

// used gives an option's values as they are to be: all that are named, else those that variants have, in the order that
// they had.
func (l *laying) used(option ProductOption, fixed bool, at int, variants []storedVariant) []ProductOptionValue {
	if fixed {
		return option.OptionValues
	}
	var names []string
	for _, v := range variants {
		if !v.removed && at < len(v.OptionValues) && !slices.Contains(names, v.OptionValues[at]) {
			names = append(names, v.OptionValues[at])
		}
	}
	var values []ProductOptionValue
	for _, value := range option.OptionValues {
		if i := slices.Index(names, value.Name); i >= 0 {
			values, names = append(values, value), slices.Delete(names, i, i+1)
		}
	}
	for _, name := range names {
		values = append(values, newValue(option, name))
	}
	for i := range values {
		values[i].Position, values[i].OptionName = i+1, option.Name
	}
	if len(values) > maxOptionValues {
		l.refuse("TOO_MANY", fmt.Sprintf("An option has at most %d values.", maxOptionValues), "variants")
	}
	return values
}
