package catalog

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/id"
)

func TestNoStatementHoldsTooMuchAgainstRules(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		collections, rules int // each has so many
		step, groups       int
	}{
		{0, 0, 200, 0},
		{1, 60, 200, 1},
		{5, 60, 200, 1},
		{6, 60, 166, 1},
		{1000, 60, 1, 1},
		{1001, 60, 1, 2},
		{10_000, 59, 1, 10},
		{100_000, 1, 1, 2},
	} {
		all := make([]ruled, test.collections)
		for i := range all {
			all[i] = ruled{id.CollectionID{byte(i >> 16), byte(i >> 8), byte(i)}, test.rules}
		}
		step, groups := portions(all)
		if step != test.step || len(groups) != test.groups {
			t.Errorf("%d collections with %d rules: %d products at once, %d groups; want %d, %d",
				test.collections, test.rules, step, len(groups), test.step, test.groups)
		}
		for _, group := range groups {
			if held := len(group) * test.rules * step; held > heldAtOnce {
				t.Errorf("%d collections with %d rules: %d at once", test.collections, test.rules, held)
			}
		}
		if asked := slices.Concat(groups...); len(asked) != len(all) || len(all) > 0 && (asked[0] != all[0].Collection || asked[len(asked)-1] != all[len(all)-1].Collection) {
			t.Errorf("%d collections with %d rules: %d are asked", test.collections, test.rules, len(asked))
		}
	}
}
