package graph

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// refundFrom is the cost from which an answer is read to see what it took: below, reading it is not worth its while.
const refundFrom = 50

// spent is what an operation has cost, as its answer shows: the sum of costOf with the rows that came in the place of those
// that were asked for. A list that was read counts one also when it is empty. It is never more than was declared, and
// all of that where the answer can't be read.
func spent(schema *ast.Schema, nodes map[string]bool, op *graphql.OperationContext, declared int, data []byte) int {
	if declared < refundFrom {
		return declared
	}
	c := costing{schema: schema, nodes: nodes, variables: op.Variables, spreads: map[spread]charge{}}
	a := answerCost{costing: &c, in: jsonReader{text: data}}
	total := a.value(&shown{sets: []ast.SelectionSet{op.Operation.SelectionSet}}).sum()
	if a.in.broken || c.err != nil {
		return declared
	}
	return min(max(total, 1), declared)
}

// shown is what is selected at one place of an answer, once for all things that stand there.
type shown struct {
	below  bool // below a list
	sets   []ast.SelectionSet
	fields map[string]*shownField
}

// shownField is what an answer has under one key.
type shownField struct {
	*ast.Field
	inner    *shown
	all      []*ast.Field // what goes by the key, of whichever type
	mixed    bool         // they do not all cost the same
	declared *charge      // of a mixed one, what all were declared as
}

// under gives what stands under the keys of an object, fragments spread out. Fields of the same key are one.
func (c *costing) under(s *shown) map[string]*shownField {
	if s.fields == nil {
		s.fields = map[string]*shownField{}
		for _, set := range s.sets {
			c.gather(s, set)
		}
	}
	return s.fields
}

func (c *costing) gather(s *shown, set ast.SelectionSet) {
	for _, selection := range set {
		switch f := selection.(type) {
		case *ast.Field:
			known := s.fields[f.Alias]
			if known == nil {
				_, list := c.rows(f, s.below)
				known = &shownField{Field: f, inner: &shown{below: s.below || list}}
				s.fields[f.Alias] = known
			}
			known.all = append(known.all, f)
			known.mixed = known.mixed || !c.alike(known.Field, f, s.below)
			known.inner.sets = append(known.inner.sets, f.SelectionSet)
		case *ast.InlineFragment:
			c.gather(s, f.SelectionSet)
		case *ast.FragmentSpread:
			c.gather(s, f.Definition.SelectionSet)
		}
	}
}

// alike says whether two fields of one key cost the same, whichever of them an answer has: an object's own field, and that
// of an interface that it has.
func (c *costing) alike(a, b *ast.Field, below bool) bool {
	if a.Definition == b.Definition { // then the arguments are the same, too
		return true
	}
	rows, list := c.rows(a, below)
	otherRows, otherList := c.rows(b, below)
	return a.Name == b.Name && sameArguments(a.Arguments, b.Arguments) && rows == otherRows && list == otherList &&
		a.Definition.Type.String() == b.Definition.Type.String() && ownCost(a.Definition) == ownCost(b.Definition) &&
		pageOf(a.ObjectDefinition) == pageOf(b.ObjectDefinition)
}

// answerCost reads an answer beside what was selected.
type answerCost struct {
	*costing
	in jsonReader
}

// value is what one value costs: a thing its fields; a list that is no page the dearest of its things, for it was declared
// as one.
func (a *answerCost) value(s *shown) (total charge) {
	switch a.in.peek() {
	case '{':
		fields := a.under(s)
		a.in.object(func(key string) {
			if f := fields[key]; f != nil {
				part := a.part(f, s.below)
				total = charge{sum(total.each, part.each), sum(total.once, part.once)}
				return
			}
			a.in.skip()
		})
	case '[':
		a.in.array(func() {
			one := a.value(s)
			total = charge{max(total.each, one.each), max(total.once, one.once)}
		})
	default:
		a.in.skip()
	}
	return total
}

// part is what a field that is there adds to its thing. An answer does not say of which type a thing is, and so not which
// of several fields stands under their key: a cheap one must not hide a dear one, and they cost what they were declared as.
func (a *answerCost) part(f *shownField, below bool) charge {
	if f.mixed {
		a.in.skip()
		if f.declared == nil {
			f.declared = &charge{}
			for _, one := range f.all {
				part := a.costing.part(one, below)
				*f.declared = charge{sum(f.declared.each, part.each), sum(f.declared.once, part.once)}
			}
		}
		return *f.declared
	}
	cost, own := a.field(f, below), ownCost(f.Definition)
	if own != 0 && pageOf(f.ObjectDefinition) {
		return charge{once: sum(own, cost)}
	}
	return charge{each: sum(own, cost)}
}

func (a *answerCost) field(f *shownField, below bool) (cost int) {
	of := a.schema.Types[f.Definition.Type.Name()]
	if f.Name == "__schema" || f.Name == "__type" || !of.IsCompositeType() {
		a.in.skip()
		return a.costing.field(f.Field, below)
	}
	if f.ObjectDefinition == a.schema.Mutation {
		return sum(mutationCost, a.value(f.inner).sum())
	}
	switch rows, _ := a.rows(f.Field, below); {
	case f.Definition.Arguments.ForName("first") != nil, f.Definition.Arguments.ForName("last") != nil:
		cost = a.page(f, rows)
	case f.Definition.Arguments.ForName("ids") != nil:
		cost = rows // whether they are there or not, all of them were looked for
		a.each(f.inner, func(one charge) { cost = sum(cost, one.sum()) })
	default:
		cost = product(rows, a.value(f.inner).sum())
	}
	if givesSecret(f.Field) {
		cost = sum(cost, secretCost)
	}
	return cost
}

// each reads the things of a list.
func (a *answerCost) each(s *shown, thing func(charge)) (n int) {
	if a.in.peek() != '[' {
		a.in.skip()
		return 0
	}
	a.in.array(func() {
		n++
		thing(a.value(s))
	})
	return n
}

// page is what a page costs: its rows with what is in each. At most size of them count, as was declared; a page of which
// the answer has no rows, as it was not asked for them or was told to skip them, has read them all the same.
func (a *answerCost) page(f *shownField, size int) int {
	var rows, inside, once int
	add := func(one charge) { inside = sum(inside, one.sum()) }
	switch a.in.peek() {
	case '[':
		rows = a.each(f.inner, add)
	case '{':
		fields := a.under(f.inner)
		met := false
		a.in.object(func(key string) {
			switch inner := fields[key]; {
			case inner == nil:
				a.in.skip()
			case inner.Name == "nodes" || inner.Name == "edges":
				met = true
				rows = max(rows, a.each(inner.inner, add))
			default:
				part := a.part(inner, f.inner.below)
				once = sum(once, part.sum())
			}
		})
		if !met {
			rows = size
		}
	default:
		a.in.skip()
	}
	if rows > size {
		inside, rows = inside/rows*size, size
	}
	return sum(max(rows, 1), sum(inside, once))
}
