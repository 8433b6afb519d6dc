package catalog

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/id"
)

func TestMembersArePutInOrder(t *testing.T) {
	t.Parallel()
	list := func(text string) []id.ProductID {
		var products []id.ProductID
		for _, c := range text {
			products = append(products, id.ProductID{byte(c)})
		}
		return products
	}
	text := func(products []id.ProductID) string {
		var b strings.Builder
		for _, p := range products {
			b.WriteByte(p[0])
		}
		return b.String()
	}
	at := func(n int) *int { return &n }
	for _, c := range []struct {
		name, members, given string
		place                *int
		do                   func(members, products []id.ProductID, place *int) []id.ProductID
		want                 string
	}{
		{"join the end", "abc", "de", nil, joined, "abcde"},
		{"join the beginning", "abc", "de", at(0), joined, "deabc"},
		{"join the middle", "abc", "de", at(1), joined, "adebc"},
		{"a member that joins stays", "abc", "cda", at(0), joined, "dabc"},
		{"join beyond the end", "abc", "d", at(99), joined, "abcd"},
		{"join nothing", "", "ab", nil, joined, "ab"},
		{"move to the beginning", "abcd", "d", at(0), moved, "dabc"},
		{"move to the end", "abcd", "a", nil, moved, "bcda"},
		{"move down by one", "abcd", "b", at(2), moved, "acbd"},
		{"move a block in the order named", "abcde", "ea", at(1), moved, "beacd"},
		{"what is no member does not move", "abc", "xb", at(0), moved, "bac"},
	} {
		members := list(c.members)
		if got := text(c.do(members, list(c.given), c.place)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if text(members) != c.members {
			t.Errorf("%s: the list that was given changed to %q", c.name, text(members))
		}
	}
	if got := text(without(list("abcd"), list("xdb"))); got != "ac" {
		t.Errorf("without d and b: %q", got)
	}
}
