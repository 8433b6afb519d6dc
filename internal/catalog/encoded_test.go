package catalog_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/catalog"
)

// decode reads an encoding as its published description says, one character after the other, and knows nothing of how
// it is written.
func decode(t interface{ Fatalf(string, ...any) }, encoded string) [][]int {
	body, ok := strings.CutPrefix(encoded, "v1_")
	if !ok {
		t.Fatalf("%q is of another version", encoded)
	}
	combinations := [][]int{}
	var prefix []int
	number, start, ended := "", -1, false // ended: a prefix ended just now, so a further comma ends the one before it
	value := func() int {
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatalf("%q has no number where one is due: %v", encoded, err)
		}
		number = ""
		return n
	}
	leaf := func() {
		last := value()
		first := last
		if start >= 0 {
			first, start = start, -1
		}
		for n := first; n <= last; n++ {
			combinations = append(combinations, append(slices.Clone(prefix), n))
		}
	}
	for _, c := range body {
		switch c {
		case ':':
			prefix = append(prefix, value())
		case '-':
			start = value()
		case ' ':
			leaf()
		case ',':
			if !ended {
				leaf()
			}
			if len(prefix) == 0 {
				t.Fatalf("%q ends a prefix that never began", encoded)
			}
			prefix = prefix[:len(prefix)-1]
		default:
			number += string(c)
		}
		ended = c == ','
	}
	if number != "" {
		leaf()
	}
	if len(prefix) > 0 {
		t.Fatalf("%q leaves a prefix open", encoded)
	}
	return combinations
}

// grid makes options of these sizes, and a variant for each combination.
func grid(sizes []int, combinations [][]int) ([]catalog.ProductOption, []catalog.ProductVariant) {
	options := make([]catalog.ProductOption, len(sizes))
	for i, size := range sizes {
		for n := range size {
			options[i].OptionValues = append(options[i].OptionValues, catalog.ProductOptionValue{Name: fmt.Sprintf("%d of %d", n, i)})
		}
	}
	variants := make([]catalog.ProductVariant, len(combinations))
	for v, combination := range combinations {
		for i, n := range combination {
			variants[v].OptionValues = append(variants[v].OptionValues, options[i].OptionValues[n].Name)
		}
	}
	return options, variants
}

func all(sizes []int) [][]int {
	combinations := [][]int{{}}
	for _, size := range sizes {
		var longer [][]int
		for _, c := range combinations {
			for n := range size {
				longer = append(longer, append(slices.Clone(c), n))
			}
		}
		combinations = longer
	}
	return combinations
}

func TestEncodedVariantsAreWrittenAsPublished(t *testing.T) {
	t.Parallel()
	for want, test := range map[string]struct {
		sizes        []int
		combinations [][]int
	}{
		"v1_0-9":                   {[]int{10}, all([]int{10})},
		"v1_0-2 4-6 8-9":           {[]int{10}, [][]int{{0}, {1}, {2}, {4}, {5}, {6}, {8}, {9}}},
		"v1_0":                     {[]int{1}, [][]int{{0}}},
		"v1_":                      {[]int{3}, nil},
		"v1_0:0-2,1:2,":            {[]int{3, 3}, [][]int{{0, 0}, {0, 1}, {0, 2}, {1, 2}}},
		"v1_0:0-1,1:0 2,2:1-2,":    {[]int{3, 3}, [][]int{{2, 2}, {0, 1}, {1, 0}, {1, 2}, {2, 1}, {0, 0}}},
		"v1_0:0:0,,1:1:1,,2:2:2,,": {[]int{3, 3, 3}, [][]int{{0, 0, 0}, {1, 1, 1}, {2, 2, 2}}},
		"v1_1:0:0 2,1:0-2,2:0-2,,": {[]int{2, 3, 3}, [][]int{{1, 0, 0}, {1, 0, 2}, {1, 1, 0}, {1, 1, 1}, {1, 1, 2}, {1, 2, 0}, {1, 2, 1}, {1, 2, 2}}},
		"v1_0:0:0-2,1:0-2,2:0-2,,1:0:0-2,1:0-2,2:0-2,,2:0:0-2,1:0-2,2:0-2,,": {[]int{3, 3, 3}, all([]int{3, 3, 3})},
		"v1_10:11,12:9-11,": {[]int{13, 13}, [][]int{{10, 11}, {12, 9}, {12, 10}, {12, 11}}},
	} {
		options, variants := grid(test.sizes, test.combinations)
		if got := catalog.EncodeVariants(options, variants); got != want {
			t.Errorf("%v: %q, want %q", test.combinations, got, want)
		}
	}
	options, variants := grid([]int{2}, [][]int{{0}, {1}})
	variants[0].OptionValues[0] = "a value that the option doesn't have"
	if got := catalog.EncodeVariants(options, variants); got != "v1_1" {
		t.Errorf("a variant beside its options: %q", got)
	}
}

func TestEncodedVariantsAreDecodedToWhatTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 13), 1, 3).Draw(t, "sizes")
		want := [][]int{}
		for _, combination := range all(sizes) {
			if rapid.Float64().Draw(t, "toss") < 0.6 {
				want = append(want, combination)
			}
		}
		options, variants := grid(sizes, rapid.Permutation(want).Draw(t, "order"))
		if got := decode(t, catalog.EncodeVariants(options, variants)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%v came back as %v", want, got)
		}
	})
}
