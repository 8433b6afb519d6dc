package graph_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// facetCounts adds up of how many collections it was counted what they can be filtered by.
type facetCounts struct{ lists atomic.Int64 }

func (f *facetCounts) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if strings.Contains(data.SQL, "select g.list, f.key, f.label") {
		for _, arg := range data.Args {
			if collections, ok := arg.([]id.CollectionID); ok {
				f.lists.Add(int64(len(collections)))
			}
		}
	}
	return ctx
}
func (f *facetCounts) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestOnlyWhatIsAskedForIsCounted: what one collection can be filtered by is not counted of all that were read beside it,
// however they were read, since only the one is paid for.
func TestOnlyWhatIsAskedForIsCounted(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	if _, err := m.Pool.Exec(t.Context(), `insert into collection (id, handle, title) select gen_random_uuid(), 'c' || n, 'C' || n from generate_series(1, 30) n`); err != nil {
		t.Fatal(err)
	}
	counts := &facetCounts{}
	k := openTracedKeeper(t, m, counts)
	const one = `one: collections(first: 1, sortKey: TITLE) { nodes { products(first: $n) { filters { id } } } }`
	for query, want := range map[string]int64{
		// Asked of one beside many, alone and as a list.
		`collections(first: 250) { nodes { products(first: $n) { nodes { id } } } } collection(handle: "c1") { products(first: $n) { filters { id } } }`: 1,
		`collections(first: 80) { nodes { products(first: $n) { filters @skip(if: true) { id } nodes { id } } } } ` + one:                                1,
		// Asked of many, and of one of them once more with a page of another size.
		`collections(first: 20) { nodes { products(first: 9) { filters { id } } } } collection(handle: "c1") { products(first: $n) { filters { id } } }`: 21,
		`collections(first: 20) { edges { node { products(first: 9) { ...F } } } } ` + one:                                                               21,
	} {
		for n := range 5 { // which is read first is for the scheduler to say
			counts.lists.Store(0)
			document := `query($n: Int!) { ` + query + ` }`
			if strings.Contains(query, "...F") {
				document += ` fragment F on ProductConnection { filters { label } }`
			}
			if got := k.post(document, map[string]any{"n": n + 1}); got.status != 200 || strings.Contains(got.body, `"errors"`) {
				t.Fatalf("%s answers %s", query, got.body)
			}
			if lists := counts.lists.Load(); lists != want {
				t.Errorf("%s counts the facets of %d lists, want %d", query, lists, want)
			}
		}
	}
}
