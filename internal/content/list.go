package content

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// The pieces that the lists' statements share: an index can serve only an order that stands in the statement itself.
// Every key is followed by the id, so that pages neither repeat nor skip, and comes back as text, to be the cursor. In
// each statement the thing is called t. Words that say nothing in a text, such as "about", are looked for in titles when
// there are no others.
const (
	worded = `
  and ($2::text = '' or numnode(plainto_tsquery('simple', $2)) = 0 or t.search @@ plainto_tsquery('english', $2)
       or numnode(plainto_tsquery('english', $2)) = 0 and to_tsvector('simple', t.title) @@ plainto_tsquery('simple', $2))
  and (cardinality($3::integer[]) = 0 or content_matches(t.search, t.title, `
	terms = `, $3, $4::text[], $5::text[], $6::text[], $7::boolean[]))
  and ($9::uuid is null or (k.key, t.id) `
	ascends = `, $9))
order by k.key, t.id
limit $10`
	descends = `, $9))
order by k.key desc, t.id desc
limit $10`

	idUp     = `> ($8::text::uuid` + ascends
	idDown   = `< ($8::text::uuid` + descends
	textUp   = `> ($8::text` + ascends
	textDown = `< ($8::text` + descends
	timeUp   = `> ($8::text::timestamptz` + ascends
	timeDown = `< ($8::text::timestamptz` + descends
	rankUp   = `> ($8::text::float8` + ascends
	rankDown = `< ($8::text::float8` + descends

	rank = `ts_rank(t.search, plainto_tsquery('english', $2))::float8`
)

// sorting is an order of a list, forward and turned around.
type sorting struct{ forward, backward string }

// The sort keys that all lists have.
const (
	byID        = "ID"
	byRelevance = "RELEVANCE"
)

var unknownSort = fault.New(fault.Invalid, "BAD_USER_INPUT", "The list can't be sorted by that.").At("sortKey")

// Listing says what is wanted of a list, besides the page: a search in the storefront's syntax and an order.
type Listing struct {
	Query   *string
	SortKey string // empty is ID
}

// asked is a list's statement with its arguments.
type asked struct {
	window    pg.Window
	statement string
	arguments []any
}

// ask reads what is wanted of a list of things of one kind. Without words nothing is more relevant than the rest, and
// the list goes by id.
func ask(actor access.Actor, l Listing, sortings map[string]sorting, fields searchsyntax.Fields, kind string, page pg.Page) (asked, error) {
	var query searchsyntax.Query
	var err error
	if l.Query != nil {
		if query, err = searchsyntax.Parse(*l.Query, fields); err != nil {
			return asked{}, err
		}
	}
	sort := l.SortKey
	if sort == "" || sort == byRelevance && query.Words == "" {
		sort = byID
	}
	order, ok := sortings[sort]
	if !ok {
		return asked{}, unknownSort
	}
	window, err := page.Sorted(sort).Window(2)
	if err != nil {
		return asked{}, err
	}
	var key *string
	var after pgtype.UUID
	if window.Cursor != nil {
		at, err := id.Parse(window.Cursor[1])
		if err != nil || at.Kind != kind {
			return asked{}, pg.BadCursor
		}
		key, after = &window.Cursor[0], pgtype.UUID{Bytes: at.UUID, Valid: true}
	}
	a := asked{window: window, statement: order.forward}
	if window.Descending {
		a.statement = order.backward
	}
	c := searchsyntax.Lay(query.Clauses)
	a.arguments = []any{SeesAll(actor), query.Words, c.Clauses, c.Fields, c.Ops, c.Values, c.Nots, key, after, window.Fetch()}
	return a, nil
}

// read runs a list's statement and makes the page. fields are where a row goes, its key last.
func read[T any](ctx context.Context, db pg.DB, a asked, fields func(*T) []any, name func(T) string) (pg.Connection[T], error) {
	rows, err := db.Query(ctx, a.statement, a.arguments...)
	if err != nil {
		return pg.Connection[T]{}, fmt.Errorf("list content: %w", err)
	}
	keys := map[string]string{}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) {
		var thing T
		var key string
		err := row.Scan(append(fields(&thing), &key)...)
		keys[name(thing)] = key
		return thing, err
	})
	if err != nil {
		return pg.Connection[T]{}, notOfThisList(err)
	}
	return pg.Build(a.window, found, func(t T) []string { return []string{keys[name(t)], name(t)} }), nil
}

// notOfThisList tells a cursor whose key is no value of the list's order, which PostgreSQL refuses as data, from
// every other error.
func notOfThisList(err error) error {
	if strings.HasPrefix(pg.SQLState(err), "22") {
		return pg.BadCursor.Because(err)
	}
	return fmt.Errorf("list content: %w", err)
}

// byKey reads things by many keys; one that is not there is absent from the answer.
func byKey[K comparable, T any](ctx context.Context, db pg.DB, statement string, fields func(*T) []any, key func(T) K, arguments ...any) (map[K]T, error) {
	rows, err := db.Query(ctx, statement, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (T, error) {
		var thing T
		err := row.Scan(fields(&thing)...)
		return thing, err
	})
	if err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	by := make(map[K]T, len(found))
	for _, thing := range found {
		by[key(thing)] = thing
	}
	return by, nil
}

// one reads a single thing; one that is not there, or not the caller's to see, is a fault.
func one[T any](ctx context.Context, db pg.DB, statement string, fields func(*T) []any, arguments ...any) (T, error) {
	var thing T
	switch err := db.QueryRow(ctx, statement, arguments...).Scan(fields(&thing)...); {
	case pg.IsNoRows(err):
		return thing, errNotFound
	case err != nil:
		return thing, fmt.Errorf("read content: %w", err)
	default:
		return thing, nil
	}
}

var errNotFound = fault.New(fault.NotFound, "NOT_FOUND", "There is no such thing.")
