package graph

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

// bearers is a gate that knows callers by the text of their token.
type bearers map[string]access.Actor

func (b bearers) Request(r *http.Request) (access.Actor, error) {
	return b.Socket(r, r.Header.Get("Authorization"))
}

func (b bearers) Socket(_ *http.Request, authorization string) (access.Actor, error) {
	if authorization == "" {
		return access.Actor{}, nil
	}
	actor, ok := b[strings.TrimPrefix(authorization, "Bearer ")]
	if !ok {
		return access.Actor{}, fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "This token is not valid.")
	}
	return actor, nil
}

func (bearers) Recheck(context.Context, access.Actor) error { return nil }

var people = bearers{
	"reader":   {Kind: access.Partner, ID: [16]byte{1}, Scopes: access.Scopes{"orders:read"}},
	"keeper":   {Kind: access.Staff, ID: [16]byte{2}, Scopes: access.Scopes{"keys:read"}},
	"customer": {Kind: access.Customer, ID: [16]byte{3}},
}

func TestNeedsAreEnforcedOnEveryRoad(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *Options) { o.Gate = people })
	for name, test := range map[string]struct {
		who, document string
		want          string // code
		data          string
	}{
		"a public field":                     {"", `{ hello }`, "", `{"hello":"world"}`},
		"a field of the root, by a stranger": {"", `{ secret }`, "UNAUTHENTICATED", `{"secret":null}`},
		"by a customer":                      {"customer", `{ secret }`, "FORBIDDEN", `{"secret":null}`},
		"by staff with another scope":        {"keeper", `{ secret }`, "FORBIDDEN", `{"secret":null}`},
		"by who holds the scope":             {"reader", `{ secret }`, "", `{"secret":null}`},
		"under an alias":                     {"", `{ hello: secret }`, "UNAUTHENTICATED", `{"hello":null}`},
		"by a fragment":                      {"", `{ ...F } fragment F on Query { secret }`, "UNAUTHENTICATED", `{"secret":null}`},
		"a field nobody spoke of":            {"reader", `{ forgotten }`, "FORBIDDEN", `{"forgotten":null}`},
		"a type, by a stranger":              {"", `{ safe { inside } }`, "UNAUTHENTICATED", `null`},
		"a type, by its id alone":            {"", `{ safe { id } }`, "UNAUTHENTICATED", `null`},
		"a type, by who holds the scope":     {"keeper", `{ safe { inside } }`, "", `{"safe":{"inside":"gold"}}`},
		"a type through node":                {"", `{ nodes(ids: ["a", "b"]) { id } }`, "UNAUTHENTICATED", `{"nodes":[{"id":"gid://toy/Thing/1"},null]}`},
		"through node, with the scope":       {"keeper", `{ nodes(ids: ["a", "b"]) { id ...on Safe { inside } } }`, "", `{"nodes":[{"id":"gid://toy/Thing/1"},{"id":"gid://toy/Safe/1","inside":"gold"}]}`},
		"a field stricter than its type":     {"", `{ thing { price } }`, "UNAUTHENTICATED", `null`},
		"stricter, deep in a list":           {"keeper", `{ things(first: 1) { nodes { price } } }`, "FORBIDDEN", `{"things":{"nodes":[null]}}`},
		"stricter, with the scope":           {"reader", `{ thing { name price } }`, "", `{"thing":{"name":"Lamp","price":"1.00"}}`},
		"the name of a type is no secret":    {"", `{ __typename }`, "", `{"__typename":"Query"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			headers := []string{"Content-Type", mediaJSON}
			if test.who != "" {
				headers = append(headers, "Authorization", "Bearer "+test.who)
			}
			body := `{"query":` + quoted(test.document) + `}`
			got := e.do(t, http.MethodPost, "/graphql", body, headers...)
			if code := got.code(t); code != test.want {
				t.Errorf("code %q, want %q: %s", code, test.want, got.body)
			}
			if !strings.Contains(got.body, `"data":`+test.data+`,"extensions"`) {
				t.Errorf("data is not %s: %s", test.data, got.body)
			}
		})
	}
	t.Run("a token that is not valid ends the request", func(t *testing.T) {
		t.Parallel()
		got := e.do(t, http.MethodPost, "/graphql", `{"query":"{ hello }"}`, "Content-Type", mediaJSON, "Authorization", "Bearer nobody")
		if got.status != http.StatusUnauthorized || got.code(t) != "UNAUTHENTICATED" || strings.Contains(got.body, "world") {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
}

// inherits tells the objects of the schema that have no permission of their own: they are parts of what returned them.
func inherits(schema *ast.Schema, def *ast.Definition) bool {
	if slices.Contains(def.Interfaces, "Node") || def == schema.Query || def == schema.Mutation || def == schema.Subscription {
		return false
	}
	return len(def.Interfaces) == 0 || slices.Equal(def.Interfaces, []string{"DisplayableError"})
}

func TestEverythingInTheSchemaHasExactlyOnePermission(t *testing.T) {
	t.Parallel()
	schema := NewExecutableSchema(Config{}).Schema()
	directives := func(list ast.DirectiveList) (n int) {
		for _, d := range list {
			if d.Name == "needs" || d.Name == "public" {
				n++
			}
			if d.Name == "needs" && !access.AllScopes().Has(access.Scope(d.Arguments.ForName("scope").Value.Raw)) {
				t.Errorf("%s is no scope", d.Arguments.ForName("scope").Value.Raw)
			}
		}
		return n
	}
	for name, def := range schema.Types {
		if def.Kind != ast.Object || def.BuiltIn {
			continue
		}
		root := def == schema.Query || def == schema.Mutation || def == schema.Subscription
		spoken := directives(def.Directives)
		switch {
		case root && spoken != 0:
			t.Errorf("%s: the permission belongs on each field", name)
		case !root && !inherits(schema, def) && spoken != 1:
			t.Errorf("%s has a global id or stands for an interface: it needs exactly one of @needs and @public, and has %d", name, spoken)
		case inherits(schema, def) && spoken > 0:
			t.Errorf("%s is a value: it inherits from the field that returns it", name)
		}
		for _, field := range def.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			n := directives(field.Directives)
			if (root && n != 1) || n > 1 {
				t.Errorf("%s.%s needs exactly one of @needs and @public, and has %d", name, field.Name, n)
			}
			saysSo(t, name+"."+field.Name, field.Description, field.Directives)
		}
		saysSo(t, name, def.Description, def.Directives)
	}
}

// saysSo holds descriptions to what the directives say.
func saysSo(t *testing.T, name, description string, directives ast.DirectiveList) {
	t.Helper()
	d := directives.ForName("needs")
	if d == nil {
		if strings.Contains(description, "Needs `") {
			t.Errorf("%s: the description speaks of a need that isn't there", name)
		}
		return
	}
	if want := "Needs `" + d.Arguments.ForName("scope").Value.Raw + "`."; !strings.Contains(description, want) {
		t.Errorf("%s: the description doesn't say %q", name, want)
	}
}

func TestTheTableDeniesWhatIsNotSpokenOf(t *testing.T) {
	t.Parallel()
	table := newNeeds(newToy(t).schema)
	everything := access.Actor{Kind: access.System}
	for _, field := range []string{"Query.forgotten", "Query.fieldOfTomorrow", "Mutation.fieldOfTomorrow", "Subscription.fieldOfTomorrow"} {
		object, name, _ := strings.Cut(field, ".")
		if table.of(object, name).met(everything) {
			t.Errorf("%s is open", field)
		}
	}
	if (need{scope: ""}).met(everything) {
		t.Error("an empty scope is open")
	}
}

func quoted(document string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(document) + `"`
}

// What the interceptor costs a field of the storefront; a field costs gqlgen about 2 µs.
func BenchmarkNeedsPublicField(b *testing.B) {
	table := newNeeds(NewExecutableSchema(Config{}).Schema())
	ctx := access.With(context.Background(), access.Actor{})
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{
		Object: "Product", Field: graphql.CollectedField{Field: &ast.Field{Name: "title"}},
	})
	next := func(context.Context) (any, error) { return nil, nil }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.InterceptField(ctx, next); err != nil {
			b.Fatal(err)
		}
	}
}
