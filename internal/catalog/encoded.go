package catalog

import (
	"slices"
	"strconv"
	"strings"
)

// EncodeVariants writes for which combinations of option values there is a variant, in version 1 of the form that
// storefronts decode: values are counted from 0 in the order of options. A colon leads to the next option, a comma ends
// a prefix, a space is a gap, and a hyphen a range, among the last option's values only. So 0:0-1,1:2, has the
// combinations [0,0], [0,1] and [1,2].
//
// It is small where a list of variants is not: two thousand variants that fill their options are some hundred bytes.
func EncodeVariants(options []ProductOption, variants []ProductVariant) string {
	places := valuePlaces(options)
	var combinations [][]int
	for _, v := range variants {
		if at, ok := placesOf(v, places); ok {
			combinations = append(combinations, at)
		}
	}
	slices.SortFunc(combinations, slices.Compare)
	combinations = slices.CompactFunc(combinations, slices.Equal)
	var text strings.Builder
	text.WriteString("v1_")
	if len(options) > 0 {
		writeBranch(&text, combinations, 0)
	}
	return text.String()
}

// valuePlaces tells at which place of its option each value stands.
func valuePlaces(options []ProductOption) []map[string]int {
	places := make([]map[string]int, len(options))
	for i, option := range options {
		places[i] = make(map[string]int, len(option.OptionValues))
		for n, value := range option.OptionValues {
			places[i][value.Name] = n
		}
	}
	return places
}

// placesOf counts at which places a variant's values stand; false where one is no value of its option.
func placesOf(v ProductVariant, places []map[string]int) ([]int, bool) {
	if len(v.OptionValues) != len(places) {
		return nil, false
	}
	at := make([]int, len(places))
	for i, name := range v.OptionValues {
		n, ok := places[i][name]
		if !ok {
			return nil, false
		}
		at[i] = n
	}
	return at, true
}

// writeBranch writes combinations that agree in all options before the level.
func writeBranch(text *strings.Builder, combinations [][]int, level int) {
	if len(combinations) == 0 {
		return
	}
	if level == len(combinations[0])-1 {
		writeRanges(text, combinations, level)
		return
	}
	for from := 0; from < len(combinations); {
		value, to := combinations[from][level], from
		for to < len(combinations) && combinations[to][level] == value {
			to++
		}
		text.WriteString(strconv.Itoa(value))
		text.WriteByte(':')
		writeBranch(text, combinations[from:to], level+1)
		text.WriteByte(',')
		from = to
	}
}

func writeRanges(text *strings.Builder, combinations [][]int, level int) {
	for from := 0; from < len(combinations); {
		to := from
		for to+1 < len(combinations) && combinations[to+1][level] == combinations[to][level]+1 {
			to++
		}
		if from > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(strconv.Itoa(combinations[from][level]))
		if to > from {
			text.WriteByte('-')
			text.WriteString(strconv.Itoa(combinations[to][level]))
		}
		from = to + 1
	}
}

// FirstWith is the variant that has an option's value and, of the other options, the first values that there are; nil
// where no variant has the value.
func FirstWith(value ProductOptionValue, options []ProductOption, variants []ProductVariant) *ProductVariant {
	at := slices.IndexFunc(options, func(o ProductOption) bool { return o.ID == value.OptionID })
	places := valuePlaces(options)
	var first *ProductVariant
	var lowest []int
	for i, v := range variants {
		combination, ok := placesOf(v, places)
		if !ok || at < 0 || v.OptionValues[at] != value.Name {
			continue
		}
		if first == nil || slices.Compare(combination, lowest) < 0 {
			first, lowest = &variants[i], combination
		}
	}
	return first
}
