package pg_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

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

// TestKeysOfACursorAreRead: each as what it was written, and of what is none of the list's the cursor is refused.
func TestKeysOfACursorAreRead(t *testing.T) {
	t.Parallel()
	one := 1
	at := time.Date(2026, 11, 27, 23, 30, 0, 123_456_000, time.FixedZone("", 3600))
	row := uuid.MustParse("0199aaaa-0000-7000-8000-000000000001")
	window := func(keys ...string) pg.Window {
		t.Helper()
		cursor := pg.EncodeCursor(keys...)
		w, err := pg.Page{First: &one, After: &cursor}.Window(len(keys))
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	read := func(w pg.Window) (moment *time.Time, name *uuid.UUID, number *int64, all error) {
		moment, err := pg.At(w, 0, pg.Moment)
		name, err2 := pg.At(w, 1, uuid.Parse)
		number, err3 := pg.At(w, 2, pg.Number)
		return moment, name, number, errors.Join(err, err2, err3)
	}
	start, err := pg.Page{First: &one}.Window(3)
	if err != nil {
		t.Fatal(err)
	}
	if moment, name, number, err := read(start); moment != nil || name != nil || number != nil || err != nil {
		t.Errorf("a list begins after %v, %v, %v, %v", moment, name, number, err)
	}
	moment, name, number, err := read(window(pg.MomentKey(at), row.String(), "-7"))
	if err != nil || !moment.Equal(at) || *name != row || *number != -7 {
		t.Errorf("the keys are %v, %v, %v, %v", moment, name, number, err)
	}
	for _, keys := range [][]string{
		{"yesterday", row.String(), "7"},
		{"", row.String(), "7"},
		{"-0001-01-01T00:00:00Z", row.String(), "7"},
		{pg.MomentKey(at), "x", "7"},
		{pg.MomentKey(at), row.String(), "7.5"},
		{pg.MomentKey(at), row.String(), "9223372036854775808"},
	} {
		if _, _, _, err := read(window(keys...)); !errors.Is(err, pg.BadCursor) {
			t.Errorf("%q: %v", keys, err)
		}
	}
}
