package pg_test

import (
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

func TestACursorOfAnotherOrderIsRefused(t *testing.T) {
	t.Parallel()
	one, all := 1, []string{"a", "b", "c"}
	self := func(s string) string { return s }
	page := pg.Page{First: &one}
	start := map[string]*string{}
	for _, order := range []string{"", "TITLE", "PRICE"} {
		c, err := pg.Slice(page.Sorted(order), all, self)
		if err != nil || strings.Join(c.Nodes, "") != "a" || c.Edges[0].Cursor != *c.PageInfo.EndCursor {
			t.Fatalf("%q begins with %v, %v", order, c.Nodes, err)
		}
		start[order] = c.PageInfo.EndCursor
	}
	for from, cursor := range start {
		for to := range start {
			next := page
			next.After = cursor
			c, err := pg.Slice(next.Sorted(to), all, self)
			switch f, _ := fault.As(err); {
			case from == to && (err != nil || strings.Join(c.Nodes, "") != "b"):
				t.Errorf("%q goes on with %v, %v", to, c.Nodes, err)
			case from != to && (f == nil || f.Code != "BAD_USER_INPUT"):
				t.Errorf("a cursor of %q is taken by %q: %v, %v", from, to, c.Nodes, err)
			}
		}
	}
	turned := page.Sorted("TITLE")
	turned.After, turned.Reverse = start["TITLE"], true
	if c, err := pg.Slice(turned, append(all, "d"), self); err != nil || len(c.Nodes) != 0 || !c.PageInfo.HasPreviousPage {
		t.Errorf("before the first one, turned around, stands %v, %v", c.Nodes, err)
	}
}
