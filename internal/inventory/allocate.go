package inventory

import (
	"slices"

	"github.com/wharfhq/wharf/internal/id"
)

// basket is what one line of an order takes from stock: one item, or the parts of a bundle. It stays together where
// one location has all of it.
type basket []amount

// amount is so many units of an item, something that has shelves.
type amount struct {
	item     id.ProductVariantID
	quantity int
}

// taking is units of an item out of one shelf.
type taking struct {
	shelf
	quantity int
}

// allocate says which locations, best first, the baskets come from. The locations together must have everything. With
// fewest, as few of them are used as can be, those in used not counted; else each line takes what it needs from the
// best that has all of it, or, where none has, from each in turn. The same question has the same answer.
func allocate(baskets []basket, locations []id.LocationID, have func(shelf) int, fewest bool, used map[id.LocationID]bool) []taking {
	c := newCover(baskets, locations, have)
	chosen := make([]int, len(locations))
	for i := range chosen {
		chosen[i] = i
	}
	if fewest {
		chosen = c.fewest(func(i int) bool { return used[locations[i]] })
	}
	var takings []taking
	take := func(i, item, quantity int) {
		if quantity > 0 {
			c.have[i][item] -= quantity
			takings = append(takings, taking{shelf{c.items[item], locations[i]}, quantity})
		}
	}
	for _, b := range together(baskets) {
		if whole := slices.IndexFunc(chosen, func(i int) bool { return c.holds(i, b) }); whole >= 0 {
			for _, a := range b {
				take(chosen[whole], c.index[a.item], a.quantity)
			}
			continue
		}
		for _, a := range b {
			item, left := c.index[a.item], a.quantity
			if whole := slices.IndexFunc(chosen, func(i int) bool { return c.have[i][item] >= left }); whole >= 0 {
				take(chosen[whole], item, left)
				continue
			}
			for _, i := range chosen {
				n := min(left, c.have[i][item])
				take(i, item, n)
				left -= n
			}
		}
	}
	return takings
}

// together puts the baskets with several items first: they have the smallest choice of locations.
func together(baskets []basket) []basket {
	sorted := slices.Clone(baskets)
	slices.SortStableFunc(sorted, func(a, b basket) int { return min(len(b), 2) - min(len(a), 2) })
	return sorted
}

// cover is the question which locations have everything.
type cover struct {
	items []id.ProductVariantID
	index map[id.ProductVariantID]int
	need  []int
	have  [][]int // by location and item
}

func newCover(baskets []basket, locations []id.LocationID, have func(shelf) int) *cover {
	c := &cover{index: map[id.ProductVariantID]int{}, have: make([][]int, len(locations))}
	for _, b := range baskets {
		for _, a := range b {
			item, known := c.index[a.item]
			if !known {
				item = len(c.items)
				c.index[a.item], c.items, c.need = item, append(c.items, a.item), append(c.need, 0)
			}
			c.need[item] += a.quantity
		}
	}
	for i, location := range locations {
		c.have[i] = make([]int, len(c.items))
		for item, variant := range c.items {
			c.have[i][item] = have(shelf{variant, location})
		}
	}
	return c
}

// holds says whether a location has all of a basket, no item of which is named twice.
func (c *cover) holds(i int, b basket) bool {
	for _, a := range b {
		if c.have[i][c.index[a.item]] < a.quantity {
			return false
		}
	}
	return true
}

// searchSteps bounds the search for the fewest locations, which is run under locks: some tens of microseconds. All
// choices among a dozen locations are within it; where it ends, a good choice is taken instead of the best.
const searchSteps = 5_000

// fewest chooses as few locations as have everything, best first, those that are used anyway not counted. Of several
// choices the one with the best locations is taken.
func (c *cover) fewest(used func(int) bool) []int {
	left := slices.Clone(c.need)
	var chosen, open []int
	for i := range c.have {
		switch {
		case used(i):
			chosen = append(chosen, i)
			subtract(left, c.have[i])
		case slices.ContainsFunc(c.have[i], func(n int) bool { return n > 0 }):
			open = append(open, i)
		}
	}
	s := &search{c: c, open: open, most: c.suffixes(open), steps: searchSteps}
	for n := 0; n <= len(open); n++ {
		if s.choose(0, n, left) {
			chosen = append(chosen, s.chosen...)
			slices.Sort(chosen)
			return chosen
		}
		if s.steps <= 0 {
			break
		}
	}
	chosen = append(chosen, c.greedy(open, left)...)
	slices.Sort(chosen)
	return chosen
}

// suffixes says of each place in the list what the most is that one location from there on has of each item.
func (c *cover) suffixes(open []int) [][]int {
	most := make([][]int, len(open)+1)
	most[len(open)] = make([]int, len(c.items))
	for k := len(open) - 1; k >= 0; k-- {
		most[k] = slices.Clone(most[k+1])
		for item, n := range c.have[open[k]] {
			most[k][item] = max(most[k][item], n)
		}
	}
	return most
}

// search tries choices of a given size, the best locations first.
type search struct {
	c      *cover
	open   []int
	most   [][]int
	chosen []int
	steps  int
}

// choose completes the choice with n locations from the k-th on that have what is left.
func (s *search) choose(k, n int, left []int) bool {
	if s.steps--; s.steps < 0 || n > len(s.open)-k {
		return false
	}
	for item, units := range left {
		if units > n*s.most[k][item] {
			return false
		}
	}
	if n == 0 {
		return true
	}
	for ; k <= len(s.open)-n; k++ {
		rest := slices.Clone(left)
		subtract(rest, s.c.have[s.open[k]])
		s.chosen = append(s.chosen, s.open[k])
		if s.choose(k+1, n-1, rest) {
			return true
		}
		s.chosen = s.chosen[:len(s.chosen)-1]
	}
	return false
}

// greedy takes whichever location has the most of what is left, and in the end gives up those that others make needless.
func (c *cover) greedy(open, left []int) []int {
	rest := slices.Clone(left)
	var chosen []int
	for slices.ContainsFunc(rest, func(n int) bool { return n > 0 }) {
		best, most := -1, 0
		for _, i := range open {
			units := 0
			for item, n := range rest {
				units += min(n, c.have[i][item])
			}
			if units > most && !slices.Contains(chosen, i) {
				best, most = i, units
			}
		}
		if best < 0 {
			return open // less than everything is there: for the caller to have asked before
		}
		chosen = append(chosen, best)
		subtract(rest, c.have[best])
	}
	for k := range slices.Backward(chosen) {
		rest = slices.Clone(left)
		for other, i := range chosen {
			if other != k {
				subtract(rest, c.have[i])
			}
		}
		if !slices.ContainsFunc(rest, func(n int) bool { return n > 0 }) {
			chosen = slices.Delete(chosen, k, k+1)
		}
	}
	return chosen
}

// subtract takes what there is from what is needed, which is never below 0.
func subtract(need, have []int) {
	for item := range need {
		need[item] = max(need[item]-have[item], 0)
	}
}
