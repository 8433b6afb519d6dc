package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

// need is what a caller must hold to read a field. The zero need is nobody's: what the schema does not speak of is
// denied.
type need struct {
	public bool
	scope  access.Scope
}

func (n need) met(actor access.Actor) bool {
	return n.public || (n.scope != "" && actor.Can(n.scope))
}

// typeNeeds is the need of an object type and those of its fields that have one of their own.
type typeNeeds struct {
	own    need
	fields map[string]need
}

// needs is the table of permissions, built from @needs and @public when the server starts. A type that is not in it
// is a value: it inherits from the field that returned it.
type needs struct {
	types  map[string]typeNeeds
	public map[string]bool // the fields, as Type.field, that nobody needs a scope for, on whatever object they stand
}

// newNeeds reads the table from the schema. The root types and everything with a global id are always in it, so that
// a forgotten directive denies instead of opening.
func newNeeds(schema *ast.Schema) needs {
	table := needs{map[string]typeNeeds{}, map[string]bool{}}
	for name, def := range schema.Types {
		if def.Kind != ast.Object || def.BuiltIn {
			continue
		}
		own, spoken := needOf(def.Directives)
		entry := typeNeeds{own: own, fields: map[string]need{}}
		for _, field := range def.Fields {
			if fieldNeed, ok := needOf(field.Directives); ok {
				entry.fields[field.Name] = fieldNeed
			}
		}
		root := def == schema.Query || def == schema.Mutation || def == schema.Subscription
		if spoken || root || slices.Contains(def.Interfaces, "Node") {
			table.types[name] = entry
		} else if len(entry.fields) > 0 {
			entry.own = need{public: true} // a value type with one guarded field
			table.types[name] = entry
		}
	}
	for name, def := range schema.Types {
		for _, field := range def.Fields {
			table.public[name+"."+field.Name] = table.publicOn(schema, def, field.Name)
		}
	}
	return table
}

// publicOn says whether a field is public on every object that a type may stand for.
func (t needs) publicOn(schema *ast.Schema, def *ast.Definition, field string) bool {
	objects := schema.GetPossibleTypes(def)
	for _, object := range objects {
		if !t.of(object.Name, field).public {
			return false
		}
	}
	return len(objects) > 0
}

func needOf(directives ast.DirectiveList) (need, bool) {
	if directives.ForName("public") != nil {
		return need{public: true}, true
	}
	if d := directives.ForName("needs"); d != nil {
		if scope := d.Arguments.ForName("scope"); scope != nil {
			return need{scope: access.Scope(scope.Value.Raw)}, true
		}
		return need{}, true
	}
	return need{}, false
}

// of is the need of a field; value types have none of their own, and introspection has a switch of its own.
func (t needs) of(object, field string) need {
	if strings.HasPrefix(field, "__") {
		return need{public: true}
	}
	entry, ok := t.types[object]
	if !ok {
		return need{public: true}
	}
	if own, ok := entry.fields[field]; ok {
		return own
	}
	return entry.own
}

// ExtensionName names the extension in gqlgen.
func (needs) ExtensionName() string { return "Needs" }

// Validate is content with every schema.
func (needs) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext spares an operation that can meet nothing guarded the question at each of its fields; that is
// nearly all that shoppers send. What an interface may stand for counts, and so does everything in a fragment.
func (t needs) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if t.allPublic(op.Operation.SelectionSet, map[string]bool{}) {
		op.ResolverMiddleware = unasked
	}
	return nil
}

// unasked resolves a field without a question.
func unasked(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }

func (t needs) allPublic(set ast.SelectionSet, seen map[string]bool) bool {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if !t.public[s.ObjectDefinition.Name+"."+s.Name] && !strings.HasPrefix(s.Name, "__") || !t.allPublic(s.SelectionSet, seen) {
				return false
			}
		case *ast.InlineFragment:
			if !t.allPublic(s.SelectionSet, seen) {
				return false
			}
		case *ast.FragmentSpread:
			if !seen[s.Name] {
				seen[s.Name] = true
				if !t.allPublic(s.Definition.SelectionSet, seen) {
					return false
				}
			}
		}
	}
	return true
}

// InterceptField holds every field of every road to the table: queries, node, connections, subscriptions.
func (t needs) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx)
	if required := t.of(field.Object, field.Field.Name); !required.public {
		if err := required.check(access.From(ctx)); err != nil {
			return nil, err
		}
	}
	return next(ctx)
}

func (n need) check(actor access.Actor) error {
	if n.met(actor) {
		return nil
	}
	if actor.Kind == access.Anonymous || actor.Kind == access.Guest {
		return fault.New(fault.Unauthenticated, string(fault.Unauthenticated),
			fmt.Sprintf("This needs the scope %s: send the token of a member of staff or an API key.", n.scope))
	}
	return fault.New(fault.Forbidden, string(fault.Forbidden), fmt.Sprintf("This needs the scope %s, which you don't hold.", n.scope))
}
