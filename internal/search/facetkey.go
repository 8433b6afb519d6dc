package search

import (
	"slices"
	"strings"
)

// What products are filtered by stands in the listing as keys: a group, such as the vendor or the option Color, and a
// value, in lower case, since shoppers see no difference between Red and red.
const (
	groupVendor = "vendor"
	groupType   = "type"
	groupTag    = "tag"
	groupPrice  = "price" // has no keys; names what a variant may miss

	optionPrefix    = "option."
	metafieldPrefix = "m."

	separator     = "\x1f"
	maxFacetValue = 255
)

// The owners of metafields that can be filtered by.
const (
	ownerProduct = "PRODUCT"
	ownerVariant = "VARIANT"
)

func optionGroup(name string) string { return optionPrefix + clean(name) }

// metafieldGroup has the owner in it: a product's material is another filter than a variant's.
func metafieldGroup(owner, namespace, key string) string {
	return metafieldPrefix + strings.ToLower(owner) + "." + clean(namespace) + "." + clean(key)
}

func facetKey(group, value string) string { return group + separator + clean(value) }

// clean writes a name or a value as it stands in keys.
func clean(text string) string { return strings.ToLower(strings.ReplaceAll(text, separator, " ")) }

// facets are the keys of one thing, each once, with how they are written.
type facets struct{ keys, labels []string }

func (f *facets) add(group, value string) { f.addAs(group, value, value) }

// addAs adds a key whose label says more than the value: that of an option has the option's name before it.
func (f *facets) addAs(group, value, label string) {
	if value == "" || len(value) > maxFacetValue {
		return
	}
	f.put(facetKey(group, value), label)
}

func (f *facets) put(key, label string) {
	if !slices.Contains(f.keys, key) {
		f.keys, f.labels = append(f.keys, key), append(f.labels, label)
	}
}

// join adds what another thing has.
func (f *facets) join(other *facets) {
	for i, key := range other.keys {
		f.put(key, other.labels[i])
	}
}

// sealed gives facets that are written as empty lists where there are none.
func (f *facets) sealed() *facets {
	if f.keys == nil {
		f.keys, f.labels = []string{}, []string{}
	}
	return f
}
