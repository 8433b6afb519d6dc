package catalog

import (
	"fmt"
	"strings"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// sorting is an order of a list, forward and turned around.
type sorting struct{ forward, backward string }

var unknownSort = fault.New(fault.Invalid, "BAD_USER_INPUT", "The list can't be sorted by that.").At("sortKey")

// cursor gives the place after which a page begins: the key and the id; both nil at the list's beginning.
func cursor[ID any](w pg.Window, parse func(string) (ID, error)) (key *string, after *ID, err error) {
	if w.Cursor == nil {
		return nil, nil, nil
	}
	at, err := parse(w.Cursor[1])
	if err != nil {
		return nil, nil, pg.BadCursor.Because(err)
	}
	return &w.Cursor[0], &at, nil
}

// notOfThisList tells a cursor whose key is no value of the list's order, which PostgreSQL refuses as data, from
// every other error.
func notOfThisList(err error, doing string) error {
	if strings.HasPrefix(pg.SQLState(err), "22") {
		return pg.BadCursor.Because(err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
