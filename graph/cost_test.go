package graph

import (
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"

	"github.com/wharfhq/wharf/internal/access"
)

func TestCostCountsRows(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	for document, want := range map[string]float64{
		`{ hello }`:                                                                     1,
		`{ __typename }`:                                                                1,
		`{ thing { id name tags } }`:                                                    1,
		`{ thing { friend { friend { id } } } }`:                                        3,
		`{ things(first: 24) { nodes { id name } } }`:                                   24,
		`{ things(first: 24) { edges { cursor node { id name } } } }`:                   24,
		`{ things(last: 7) { nodes { id } } }`:                                          7,
		`{ things { nodes { id } } }`:                                                   10,
		`{ things(first: 0) { nodes { id } } }`:                                         1,
		`{ things(first: 24) { nodes { friend { id } } } }`:                             48,
		`{ things(first: 24) { nodes { parts(first: 3) { nodes { id } } } } }`:          24 * 4,
		`{ things(first: 24) { nodes { parts(first: 250) { nodes { id } } } } }`:        24 * 11,
		`{ thing { parts(first: 250) { nodes { id } } } }`:                              251,
		`{ a: things(first: 5) { nodes { id } } b: things(first: 6) { nodes { id } } }`: 11,
		`{ things(first: 5) { ...F ...F } } fragment F on ThingConnection { nodes { parts(first: 2) { nodes { id } } } }`: 5 * (1 + 2 + 2),
		`{ nodes(ids: ["a", "b", "c"]) { id ... on Thing { friend { id } } } }`:                                           6,

		`{ thing { weight } }`:                             8,
		`{ things(first: 24) { count } }`:                  24 + 50,
		`{ things(first: 0) { count } }`:                   50,
		`{ things(first: 24) { nodes { weight } count } }`: 24*8 + 50,

		`{ thing { parts(first: 3) { ...C } } } fragment C on ThingConnection { count }`: 1 + 3 + 50,
		`{ things(first: 24) { nodes { parts(first: 3) { count nodes { weight } } } } }`: 24 * (1 + 3*8 + 50),

		`mutation { bump }`:                   10,
		`mutation { a: bump b: bump }`:        20,
		`{ __type(name: "Thing") { name } }`:  10,
		`{ __schema { queryType { name } } }`: 1000,
	} {
		got := e.post(t, document)
		extensions, _ := got.object(t)["extensions"].(map[string]any)
		cost, _ := extensions["cost"].(map[string]any)
		if cost["requested"] != want {
			t.Errorf("%s cost %v, want %v (%s)", document, cost["requested"], want, got.code(t))
		}
	}
	got := e.post(t, `query($n: Int!, $ids: [ID!]!) { things(first: $n) { nodes { id } } nodes(ids: $ids) { id } }`, `{"n": 12, "ids": ["a", "b"]}`)
	extensions, _ := got.object(t)["extensions"].(map[string]any)
	if cost, _ := extensions["cost"].(map[string]any); cost["requested"] != 14.0 {
		t.Errorf("with variables it cost %v, want 14: %s", cost["requested"], got.body)
	}
}

// TestWhatReadsAWholeListCostsMore: filters and totals are charged once for a page, and for each list that has them.
func TestWhatReadsAWholeListCostsMore(t *testing.T) {
	t.Parallel()
	schema := NewExecutableSchema(Config{}).Schema()
	for document, want := range map[string]int{
		`{ search(query: "lamp", first: 24) { nodes { ... on Product { id } } } }`:                                                24,
		`{ search(query: "lamp", first: 24) { totalCount productFilters { id values { id } } nodes { ... on Product { id } } } }`: 24 + 50 + 100 + 1,
		`{ products(first: 250) { nodes { id } filters { id } } }`:                                                                250 + 100,
		`{ collections(first: 10) { nodes { products(first: 4) { nodes { id } filters { id } } } } }`:                             10 * (1 + 4 + 100),
	} {
		query, errs := gqlparser.LoadQueryWithRules(schema, document, nil)
		if errs != nil {
			t.Fatalf("%s: %v", document, errs)
		}
		got, err := costOf(schema, nodeTypes(schema), &graphql.OperationContext{Operation: query.Operations[0]})
		if err != nil || got != want {
			t.Errorf("%s costs %d, want %d (%v)", document, got, want, err)
		}
	}
}

func TestSubscriptionEventsCarryNoCost(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	c := e.open(t, "")
	c.send(`{"id":"a","type":"subscribe","payload":{"query":"subscription { ticks(n: 1) }"}}`)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"ticks":0}}}`)
}

func TestArgumentsOfGeneratedCodeAreTheCallersInput(t *testing.T) {
	t.Parallel()
	s, err := newServer(NewExecutableSchema(Config{Resolvers: &Resolver{}}), Options{
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), NoRateLimit: true,
		Gate: bearers{"": access.Actor{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := &edge{server: s, Server: serving(t, s)}
	for name, got := range map[string]answer{
		"a moment that is none":    e.post(t, `query($t: DateTime) { order(id: "gid://wharf/Order/01890a5d-ac96-774b-bcce-b302099a8057", asOf: $t) { id } }`, `{"t": "yesterday"}`),
		"a page that is too large": e.post(t, `{ locations(first: 251) { nodes { id } } }`),
		"a latitude in quotes":     e.post(t, `query($near: GeoCoordinateInput) { locations(first: 1, near: $near) { nodes { id } } }`, `{"near": {"latitude": "1", "longitude": 1}}`),
	} {
		if code := got.code(t); code != "BAD_USER_INPUT" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if got.status != http.StatusOK && got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, got.status)
		}
	}
}
