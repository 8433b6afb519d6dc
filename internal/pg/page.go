package pg

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
)

// MaxPage is the largest page a caller may ask for.
const MaxPage = 250

// Page is what a caller asks of a list: forward with first and after, or backward with last and before.
type Page struct {
	First, Last   *int
	After, Before *string
	Reverse       bool // the list's own order turned around

	order string
}

// Sorted names the order in which the list is read, where it can be read in several: its cursors carry the name, and one
// of another order is refused. A place is the same from both sides, so turning the order around asks for no other name.
func (p Page) Sorted(order string) Page {
	p.order = order
	return p
}

// PageInfo says where a page stands in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Edge is one element of a list with its cursor.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// Connection is one page of a list. The same elements stand in Edges and Nodes.
type Connection[T any] struct {
	Edges    []Edge[T]
	Nodes    []T
	PageInfo PageInfo
}

// Window is a page turned into what SQL needs: rows after the keyset cursor, in one direction, one more than
// wanted to know whether the list goes on.
type Window struct {
	Limit      int      // rows to return
	Backward   bool     // read from the end: last and before
	Descending bool     // the direction in which SQL must sort: Backward differs from Reverse
	Cursor     []string // the keyset of the row after which to read, nil from the start; ends with the id
	bounded    bool
	order      string // stands first in the list's cursors, where it has several orders
}

// Window checks the page arguments against the list's limits. Without first and last it is an error, as in the
// vocabulary; keys is the number of columns the list is sorted by, the id included.
func (p Page) Window(keys int) (Window, error) {
	var w Window
	switch {
	case p.First != nil && p.Last != nil:
		return w, fault.New(fault.Invalid, "BAD_USER_INPUT", "Give first or last, not both.")
	case p.First != nil && p.Before != nil, p.Last != nil && p.After != nil:
		return w, fault.New(fault.Invalid, "BAD_USER_INPUT", "Use first with after, or last with before.")
	case p.First != nil:
		w.Limit = *p.First
	case p.Last != nil:
		w.Limit, w.Backward = *p.Last, true
	default:
		return w, fault.New(fault.Invalid, "BAD_USER_INPUT", "You must provide one of first or last.")
	}
	if w.Limit < 0 || w.Limit > MaxPage {
		return w, fault.Newf(fault.Invalid, "BAD_USER_INPUT", "A page has 0 to %d elements.", MaxPage)
	}
	w.Descending = w.Backward != p.Reverse
	text := p.After
	if w.Backward {
		text = p.Before
	}
	if text != nil {
		cursor, err := p.cursor(*text, keys)
		if err != nil {
			return w, err
		}
		w.Cursor, w.bounded = cursor, true
	}
	w.order = p.order
	return w, nil
}

// cursor reads a cursor of the list in this order.
func (p Page) cursor(text string, keys int) ([]string, error) {
	if p.order == "" {
		return DecodeCursor(text, keys)
	}
	cursor, err := DecodeCursor(text, keys+1)
	if err != nil {
		return nil, err
	}
	if cursor[0] != p.order {
		return nil, BadCursor
	}
	return cursor[1:], nil
}

// cursor writes a row's keyset as the list's cursors are.
func (w Window) cursor(keys []string) string {
	if w.order != "" {
		keys = append([]string{w.order}, keys...)
	}
	return EncodeCursor(keys...)
}

// At reads one of the keys of the row after which the window begins; nil where it begins with the list. A key that parse
// can't read is none of the list's.
func At[T any](w Window, key int, parse func(string) (T, error)) (*T, error) {
	if w.Cursor == nil {
		return nil, nil //nolint:nilnil // the list's beginning
	}
	at, err := parse(w.Cursor[key])
	if err != nil {
		return nil, BadCursor.Because(err)
	}
	return &at, nil
}

// Moment reads a time that MomentKey has written.
func Moment(text string) (time.Time, error) { return time.Parse(time.RFC3339Nano, text) }

// MomentKey writes a time as a key of a row, to the last digit that the database keeps.
func MomentKey(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// Number reads a whole number that stands in a cursor.
func Number(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }

// Fetch is the number of rows SQL must read: one more than the page.
func (w Window) Fetch() int { return w.Limit + 1 }

// Build makes the connection from rows read in the window's direction. key gives a row's keyset, the id last.
func Build[T any](w Window, rows []T, key func(T) []string) Connection[T] {
	more := len(rows) > w.Limit
	if more {
		rows = rows[:w.Limit]
	}
	if w.Backward {
		slices.Reverse(rows)
	}
	c := Connection[T]{Edges: make([]Edge[T], 0, len(rows)), Nodes: make([]T, 0, len(rows))}
	for _, row := range rows {
		c.Edges = append(c.Edges, Edge[T]{Cursor: w.cursor(key(row)), Node: row})
		c.Nodes = append(c.Nodes, row)
	}
	if w.Backward {
		c.PageInfo.HasPreviousPage, c.PageInfo.HasNextPage = more, w.bounded
	} else {
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = more, w.bounded
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
	return c
}

// Slice pages through a list that is already in memory, such as the lines of one order. key must be unique.
func Slice[T any](p Page, all []T, key func(T) string) (Connection[T], error) {
	w, err := p.Window(1)
	if err != nil {
		return Connection[T]{}, err
	}
	rows := slices.Clone(all)
	if w.Descending {
		slices.Reverse(rows)
	}
	if w.bounded {
		at := slices.IndexFunc(rows, func(row T) bool { return key(row) == w.Cursor[0] })
		if at < 0 {
			return Connection[T]{}, BadCursor
		}
		rows = rows[at+1:]
	}
	if len(rows) > w.Fetch() {
		rows = rows[:w.Fetch()]
	}
	return Build(w, rows, func(row T) []string { return []string{key(row)} }), nil
}

// BadCursor refuses a cursor that is not one of the list that it was given to.
var BadCursor = fault.New(fault.Invalid, "BAD_USER_INPUT", "The cursor is not one of this list.")

// EncodeCursor writes a keyset as an opaque text.
func EncodeCursor(keys ...string) string {
	b, err := json.Marshal(keys)
	if err != nil {
		panic(fmt.Sprintf("encode cursor: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// DecodeCursor reads a keyset of that many columns; anything else is BAD_USER_INPUT.
func DecodeCursor(text string, keys int) ([]string, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, BadCursor
	}
	var cursor []string
	if json.Unmarshal(b, &cursor) != nil || len(cursor) != keys {
		return nil, BadCursor
	}
	return cursor, nil
}
