package graph

import (
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
)

// TestAnAnswerTellsWhatItCost: rows that came in place of those that were asked for, all else as it was declared.
func TestAnAnswerTellsWhatItCost(t *testing.T) {
	t.Parallel()
	schema := NewExecutableSchema(Config{}).Schema()
	nodes := nodeTypes(schema)
	three := `{"id":"a"},{"id":"b"},{"id":"c"}`
	for name, c := range map[string]struct {
		document, data string
		declared, want int
	}{
		"a full page":    {`{ products(first: 60) { nodes { id } } }`, `{"products":{"nodes":[` + strings.Repeat(`{"id":"x"},`, 59) + `{"id":"x"}]}}`, 60, 60},
		"a short page":   {`{ products(first: 250) { nodes { id title } pageInfo { hasNextPage } } }`, `{"products":{"nodes":[` + three + `],"pageInfo":{"hasNextPage":false}}}`, 250, 3},
		"an empty page":  {`{ products(first: 250) { edges { node { id } } } }`, `{"products":{"edges":[]}}`, 250, 1},
		"edges":          {`{ p: products(first: 250) { edges { cursor node { id variants(first: 9) { nodes { id } } } } } }`, `{"p":{"edges":[{"cursor":"x","node":{"id":"a","variants":{"nodes":[` + three + `]}}},{"cursor":"y","node":{"id":"b","variants":{"nodes":[]}}}]}}`, 2500, 2 + 3 + 1},
		"no rows shown":  {`{ products(first: 250) { pageInfo { endCursor } } }`, `{"products":{"pageInfo":{"endCursor":null}}}`, 250, 250},
		"counted once":   {`{ products(first: 250) { nodes { id } filters { id } } }`, `{"products":{"nodes":[],"filters":[{"id":"a \"b\" ]}"},{"id":"b"}]}}`, 350, 1 + 100},
		"nothing there":  {`{ product(handle: "x") { id variants(first: 250) { nodes { id } } } }`, `{"product":null}`, 251, 1},
		"a capped page":  {`{ products(first: 10) { nodes { variants(first: 250) { nodes { id } } } } }`, `{"products":{"nodes":[{"variants":{"nodes":[` + strings.Repeat(`{"id":"x"},`, 99) + `{"id":"x"}]}}]}}`, 110, 1 + 10},
		"ids":            {`query { nodes(ids: ["a","b","c"]) { id ... on Product { variants(first: 50) { nodes { id } } } } }`, `{"nodes":[null,{"id":"b","variants":{"nodes":[` + three + `]}},null]}`, 3 * 11, 3 * 11},
		"a plain list":   {`{ product(handle: "x") { options { id optionValues { firstSelectableVariant { id } } } variants(first: 90) { nodes { id } } } }`, `{"product":{"options":[{"id":"a","optionValues":[]},{"id":"b","optionValues":[{"firstSelectableVariant":{"id":"v"}},{"firstSelectableVariant":null}]}],"variants":{"nodes":[]}}}`, 1 + 10*3 + 90, 1 + (2 + 1 + 2) + 1},
		"fragments":      {`{ ...F a: products(first: 99) { ...P } } fragment F on Query { a: products(first: 99) { nodes { id } } } fragment P on ProductConnection { nodes { ... on Product { variants(first: 9) { nodes { id } } } } }`, `{"a":{"nodes":[{"id":"x","variants":{"nodes":[` + three + `]}}]}}`, 99 + 990, 1 + 3},
		"a mutation":     {`mutation { cartNoteUpdate(cartId: "x", note: "y") { cart { id lines(first: 100) { nodes { id } } } userErrors { code } } }`, `{"cartNoteUpdate":{"cart":{"id":"c","lines":{"nodes":[]}},"userErrors":[]}}`, 10 + 1 + 100 + 1, 10 + 1 + 1 + 1},
		"a token":        {`{ customer(customerAccessToken: "x") { id orders(first: 60) { nodes { id } } } }`, `{"customer":null}`, 71, 11},
		"a decoy":        {`{ node(id: "x") { ... on Product { x: media(first: 1) { nodes { id } } } ... on Collection { x: products(first: 250) { nodes { id variants(first: 10) { nodes { id } } } } } } }`, `{"node":{"x":{"nodes":[` + three + `]}}}`, 1 + 1 + 250*11, 1 + 1 + 250*11},
		"a bare decoy":   {`{ node(id: "x") { ... on Product { x: seo { title } } ... on Collection { x: products(first: 250) { nodes { id } } } } }`, `{"node":{"x":{"nodes":[` + three + `]}}}`, 1 + 250, 1 + 250},
		"a late decoy":   {`{ nodes(ids: ["a", "b"]) { ... on Collection { x: products(first: 10) { nodes { id filters: variants(first: 9) { nodes { id } } } } } ... on Product { x: media(first: 1) { nodes { id } } } } }`, `{"nodes":[{"x":{"nodes":[]}},null]}`, 2 * (1 + 10*10 + 1), 2 + 10*10 + 1},
		"no decoy":       {`{ node(id: "x") { ... on Node { id } ... on HasMetafields { m: metafield(key: "a") { reference { id: __typename } } } ... on Product { m: metafield(key: "a") { reference { id: __typename } } variants(first: 90) { nodes { id } } } } }`, `{"node":{"id":"x","m":{"reference":{"id":"Product"}},"variants":{"nodes":[` + three + `]}}}`, 1 + 2*2 + 90, 1 + 2 + 3},
		"skipped rows":   {`{ products(first: 250) { nodes @skip(if: true) { id } edges @include(if: false) { cursor } pageInfo { hasNextPage } } }`, `{"products":{"pageInfo":{"hasNextPage":true}}}`, 250, 250},
		"some skipped":   {`{ products(first: 250) { nodes @skip(if: true) { id } edges { cursor } } }`, `{"products":{"edges":[{"cursor":"a"},{"cursor":"b"}]}}`, 250, 2},
		"what is broken": {`{ products(first: 250) { nodes { id } } }`, `{"products":{"nodes":[{"id":"a`, 250, 250},
		"what is cheap":  {`{ products(first: 20) { nodes { id } } }`, `{"products":{"nodes":[]}}`, 20, 20},
	} {
		query, errs := gqlparser.LoadQueryWithRules(schema, c.document, nil)
		if errs != nil {
			t.Fatalf("%s: %v", name, errs)
		}
		op := &graphql.OperationContext{Operation: query.Operations[0]}
		declared, err := costOf(schema, nodes, op)
		if err != nil || declared != c.declared {
			t.Errorf("%s is declared as %d, want %d (%v)", name, declared, c.declared, err)
		}
		if got := spent(schema, nodes, op, declared, []byte(c.data)); got != c.want {
			t.Errorf("%s has cost %d, want %d", name, got, c.want)
		}
	}
}

// FuzzSpent: whatever an answer looks like, it is read to an end and costs at least 1 and no more than was declared.
func FuzzSpent(f *testing.F) {
	schema := NewExecutableSchema(Config{}).Schema()
	query, errs := gqlparser.LoadQueryWithRules(schema, `{ products(first: 250) { edges { node { id options { name } variants(first: 3) { nodes { id } } } } filters { id } } }`, nil)
	if errs != nil {
		f.Fatal(errs)
	}
	op := &graphql.OperationContext{Operation: query.Operations[0]}
	nodes := nodeTypes(schema)
	declared, _ := costOf(schema, nodes, op)
	for _, seed := range []string{`{"products":{"edges":[{"node":{"id":"a\\","options":[{}, [ ]]}}],"filters":null}}`, `{"products":"`, `{"a":[1,{"b":[]}],"products":{}`, `\`, `{"products" :{"edges":[,]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := spent(schema, nodes, op, declared, data); got < 1 || got > declared {
			t.Errorf("%q has cost %d of %d", data, got, declared)
		}
	})
}

func TestWhatIsNotSpentIsGivenBackOnce(t *testing.T) {
	t.Parallel()
	clk := clock.NewFake(clock.System.Now())
	l := NewLimiter(smallBudgets, clk, false)
	shopper := shopperAt("192.0.2.1")
	for range 50 { // far more than the budget, were all of it charged
		taken, err := l.Take(shopper, 90)
		if err != nil {
			t.Fatal(err)
		}
		if cost := l.Settle(shopper, taken, 0); cost != (Cost{Requested: 90, Actual: 1, Limit: 100, Remaining: cost.Remaining, RestoreRate: 10}) {
			t.Fatalf("settled as %+v", cost)
		}
		clk.Advance(100 * time.Millisecond) // by which one comes back
	}
	taken, err := l.Take(shopper, 60)
	if err != nil {
		t.Fatal(err)
	}
	if cost := l.Settle(shopper, taken, 200); cost.Actual != 60 || cost.Remaining != taken.Remaining {
		t.Errorf("what has cost more than it was taken for is settled as %+v", cost)
	}
	// Nobody gets more back than there is room for, nor somebody else's.
	full, _ := l.Take(shopperAt("192.0.2.2"), 1)
	if cost := l.Settle(shopperAt("192.0.2.2"), Cost{Requested: 99, Limit: full.Limit}, 1); cost.Remaining != 100 {
		t.Errorf("a full budget holds %d", cost.Remaining)
	}
	if cost, err := l.Take(access.Actor{Address: shopper.Address}, 90); err == nil {
		t.Errorf("an operation that was not paid for was let in: %+v", cost)
	}
}
