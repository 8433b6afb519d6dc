package graph

import (
	"reflect"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

// What an operation costs: about one for each row that the database must read. A page of a list counts its size, but
// at most nestedPage where the list stands below another, since such lists are read together and are mostly short. A
// field that reads more than its rows, such as a count of all that a list has, says so with @cost in the schema.
const (
	maxOperationCost  = 10_000 // for every caller, also where budgets are switched off
	nestedPage        = 10
	assumedPage       = 10 // where a page's size isn't given; the list itself will ask for it
	mutationCost      = 10
	secretCost        = 10    // a field that is given a token, on top: guessing costs more than reading
	schemaCost        = 1_000 // __schema answers a megabyte
	introspectionCost = 10    // __type
)

// costing adds up one operation.
type costing struct {
	schema    *ast.Schema
	nodes     map[string]bool
	variables map[string]any
	spreads   map[spread]charge
	err       *gqlerror.Error
}

// charge is what a selection costs: for each thing that it is made of, and once however many there are.
type charge struct{ each, once int }

func (c charge) sum() int { return sum(c.each, c.once) }

type spread struct {
	fragment string
	below    bool
}

// costOf is the cost of an operation, or the refusal of a page that is larger than any page may be.
func costOf(schema *ast.Schema, nodes map[string]bool, op *graphql.OperationContext) (int, *gqlerror.Error) {
	c := costing{schema: schema, nodes: nodes, variables: op.Variables, spreads: map[spread]charge{}}
	total := c.selection(op.Operation.SelectionSet, false).sum()
	if c.err == nil && total > maxOperationCost {
		c.err = refuse(fault.TooComplex, op.Operation.Position,
			"The operation costs %d; one operation may cost %d. Ask for fewer rows at once.", total, maxOperationCost)
	}
	return max(total, 1), c.err
}

func (c *costing) selection(set ast.SelectionSet, below bool) charge {
	var total charge
	for _, selection := range set {
		var part charge
		switch s := selection.(type) {
		case *ast.Field:
			part = c.part(s, below)
		case *ast.InlineFragment:
			part = c.selection(s.SelectionSet, below)
		case *ast.FragmentSpread:
			key := spread{s.Name, below}
			known, ok := c.spreads[key]
			if !ok {
				known = c.selection(s.Definition.SelectionSet, below)
				c.spreads[key] = known
			}
			part = known
		}
		total = charge{sum(total.each, part.each), sum(total.once, part.once)}
	}
	return total
}

// part is what a field adds to its selection. What says by itself what it costs is read once for a page, whatever the
// size of the page.
func (c *costing) part(f *ast.Field, below bool) charge {
	cost := c.field(f, below)
	own := ownCost(f.Definition)
	switch {
	case own == 0:
		return charge{each: cost}
	case pageOf(f.ObjectDefinition):
		return charge{once: sum(own, cost)}
	default:
		return charge{each: sum(own, cost)}
	}
}

// ownCost is what the schema says that a field costs, besides its rows.
func ownCost(def *ast.FieldDefinition) int {
	directive := def.Directives.ForName("cost")
	if directive == nil {
		return 0
	}
	rows, _ := integer(directive.ArgumentMap(nil)["rows"])
	return int(rows)
}

func (c *costing) field(f *ast.Field, below bool) int {
	switch f.Name {
	case "__schema":
		return schemaCost
	case "__type":
		return introspectionCost
	case "__typename":
		return 0
	}
	rows, list := c.rows(f, below)
	of := c.schema.Types[f.Definition.Type.Name()]
	var inner charge
	if of.IsCompositeType() {
		inner = c.selection(f.SelectionSet, below || list)
	}
	if f.ObjectDefinition == c.schema.Mutation {
		return sum(mutationCost, inner.sum())
	}
	cost := product(rows, inner.sum())
	if pageOf(of) {
		cost = sum(product(rows, inner.each), inner.once)
	}
	if givesSecret(f) {
		return sum(secretCost, cost)
	}
	return cost
}

func givesSecret(f *ast.Field) bool {
	return f.Arguments.ForName("accessToken") != nil || f.Arguments.ForName("customerAccessToken") != nil
}

// rows is how often a field's own selection is answered, and whether the field is a list. It is negative for a field
// that reads nothing by itself.
func (c *costing) rows(f *ast.Field, below bool) (rows int, list bool) {
	if f.Definition.Arguments.ForName("first") != nil || f.Definition.Arguments.ForName("last") != nil {
		return c.page(f, below), true
	}
	if f.Definition.Arguments.ForName("ids") != nil {
		ids := reflect.ValueOf(f.ArgumentMap(c.variables)["ids"])
		if ids.Kind() != reflect.Slice {
			return 1, true // one id stands for a list of one
		}
		if ids.Len() > pg.MaxPage {
			c.refuse(f, "Ask for at most %d ids at once.", pg.MaxPage)
		}
		return ids.Len(), true
	}
	if pageOf(f.ObjectDefinition) { // edges, nodes, node: the page has counted them
		return -1, false
	}
	of := c.schema.Types[f.Definition.Type.Name()]
	list = f.Definition.Type.Elem != nil && of.IsCompositeType()
	if list || c.nodes[of.Name] || f.ObjectDefinition == c.schema.Query {
		return 1, list
	}
	return -1, false
}

func (c *costing) page(f *ast.Field, below bool) int {
	args := f.ArgumentMap(c.variables)
	size := -1
	for _, name := range []string{"first", "last"} {
		n, given := integer(args[name])
		if !given {
			continue
		}
		if n < 0 || n > pg.MaxPage {
			c.refuse(f, "A page has 0 to %d elements.", pg.MaxPage)
			return 0
		}
		size = max(size, int(n))
	}
	if size < 0 {
		size = assumedPage
	}
	if below {
		size = min(size, nestedPage)
	}
	return size
}

func (c *costing) refuse(f *ast.Field, format string, args ...any) {
	if c.err == nil {
		c.err = refuse(fault.Invalid, f.Position, format, args...)
	}
}

// nodeTypes are the types whose things have rows of their own, and the interfaces and unions that stand for one.
func nodeTypes(schema *ast.Schema) map[string]bool {
	nodes := map[string]bool{}
	for name, def := range schema.Types {
		for _, possible := range schema.GetPossibleTypes(def) {
			if slices.Contains(possible.Interfaces, "Node") {
				nodes[name] = true
			}
		}
	}
	return nodes
}

func pageOf(def *ast.Definition) bool {
	return strings.HasSuffix(def.Name, "Connection") || strings.HasSuffix(def.Name, "Edge")
}

// product is rows × (1 + inner); a field without rows of its own costs what is inside.
func product(rows, inner int) int {
	if rows < 0 {
		return inner
	}
	if rows > 0 && inner > (1<<30)/rows {
		return 1 << 30
	}
	return min(rows*(1+inner), 1<<30)
}

func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case interface{ Int64() (int64, error) }: // json.Number
		i, err := n.Int64()
		return i, err == nil
	}
	return 0, false
}
