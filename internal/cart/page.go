package cart

import (
	"github.com/wharfhq/wharf/internal/pg"
)

// BaseCartLineConnection is a page of lines.
type BaseCartLineConnection = pg.Connection[BaseCartLine]

// BaseCartLineEdge is one line of a page.
type BaseCartLineEdge = pg.Edge[BaseCartLine]

// PageOfLines is a page of the cart's lines.
func (c Cart) PageOfLines(after, before *string, first, last *int, reverse *bool) (*BaseCartLineConnection, error) {
	return pageOf(c.AllLines, after, before, first, last, reverse)
}

func pageOf(lines []CartLine, after, before *string, first, last *int, reverse *bool) (*BaseCartLineConnection, error) {
	page := pg.Page{First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse}
	all := make([]BaseCartLine, len(lines))
	for i, line := range lines {
		all[i] = line.base()
	}
	connection, err := pg.Slice(page, all, func(line BaseCartLine) string { return line.plain().ID.String() })
	return &connection, err
}
