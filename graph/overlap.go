package graph

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// mergeableFields is the specification's rule that fields of one response name can be merged. gqlparser's own
// compares all pairs and lists every conflict, which lets one field repeated a few thousand times burn seconds of a
// core. This one groups fields by response name and compares each with the first of its group, so the work grows with
// the number of fields; where abstract types make the groups multiply, it stops after a fixed number of steps.
var mergeableFields = core.Rule{
	Name: "OverlappingFieldsCanBeMerged",
	RuleFunc: func(observers *core.Events, addError core.AddErrFunc) {
		observers.OnOperation(func(walker *core.Walker, operation *ast.OperationDefinition) {
			m := merging{schema: walker.Schema, addError: addError}
			m.shapes([]ast.SelectionSet{operation.SelectionSet})
			m.parents([]ast.SelectionSet{operation.SelectionSet})
		})
	},
}

const (
	maxMergeSteps     = 50_000
	maxMergeConflicts = 5
)

type merging struct {
	schema    *ast.Schema
	addError  core.AddErrFunc
	steps     int
	conflicts int
}

// group is the fields that share a response name at one place of the answer.
type group struct {
	name   string
	fields []*ast.Field
}

func (m *merging) stopped() bool { return m.steps > maxMergeSteps || m.conflicts >= maxMergeConflicts }

// groups collects what several selections put at one place of the answer.
func (m *merging) groups(sets []ast.SelectionSet) []group {
	var found []group
	index := map[string]int{}
	seen := map[string]bool{}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			m.steps++
			switch s := selection.(type) {
			case *ast.Field:
				if s.Definition == nil || s.ObjectDefinition == nil {
					continue // unknown: another rule says so
				}
				i, ok := index[s.Alias]
				if !ok {
					i = len(found)
					index[s.Alias] = i
					found = append(found, group{name: s.Alias})
				}
				found[i].fields = append(found[i].fields, s)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if s.Definition != nil && !seen[s.Name] {
					seen[s.Name] = true
					walk(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		walk(set)
	}
	return found
}

// shapes checks that fields of one response name give values of one shape, whatever types they stand on.
func (m *merging) shapes(sets []ast.SelectionSet) {
	for _, g := range m.groups(sets) {
		for _, field := range g.fields[1:] {
			if m.differ(g.fields[0].Definition.Type, field.Definition.Type) {
				m.conflict(g.name, field, "they return conflicting types %q and %q",
					g.fields[0].Definition.Type.String(), field.Definition.Type.String())
				break
			}
		}
		if m.stopped() {
			return
		}
		if sub := selections(g.fields); len(sub) > 0 {
			m.shapes(sub)
		}
	}
}

// parents checks that fields of one response name that can stand on the same object are the same field with the same
// arguments. Fields of two different object types never meet.
func (m *merging) parents(sets []ast.SelectionSet) {
	for _, g := range m.groups(sets) {
		for _, meeting := range byParent(g.fields) {
			m.steps += len(meeting)
			if m.stopped() {
				m.giveUp(g.fields[0])
				return
			}
			for _, field := range meeting[1:] {
				if field.Name != meeting[0].Name {
					m.conflict(g.name, field, "%q and %q are different fields", meeting[0].Name, field.Name)
					break
				}
				if !sameArguments(meeting[0].Arguments, field.Arguments) {
					m.conflict(g.name, field, "they have differing arguments")
					break
				}
			}
			if sub := selections(meeting); len(sub) > 0 {
				m.parents(sub)
			}
		}
	}
}

// byParent divides fields into those that can stand on the same object: one set per object type, each with the
// fields of all abstract types.
func byParent(fields []*ast.Field) [][]*ast.Field {
	var abstract []*ast.Field
	var objects []string
	concrete := map[string][]*ast.Field{}
	for _, field := range fields {
		parent := field.ObjectDefinition
		if parent.Kind != ast.Object {
			abstract = append(abstract, field)
			continue
		}
		if _, ok := concrete[parent.Name]; !ok {
			objects = append(objects, parent.Name)
		}
		concrete[parent.Name] = append(concrete[parent.Name], field)
	}
	if len(objects) == 0 {
		return [][]*ast.Field{abstract}
	}
	sets := make([][]*ast.Field, 0, len(objects))
	for _, object := range objects {
		sets = append(sets, slices.Concat(abstract, concrete[object]))
	}
	return sets
}

func selections(fields []*ast.Field) []ast.SelectionSet {
	var sets []ast.SelectionSet
	for _, field := range fields {
		if len(field.SelectionSet) > 0 {
			sets = append(sets, field.SelectionSet)
		}
	}
	return sets
}

// differ says whether two types cannot stand at the same place of an answer.
func (m *merging) differ(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return true
	}
	if a.Elem != nil {
		return m.differ(a.Elem, b.Elem)
	}
	one, other := m.schema.Types[a.NamedType], m.schema.Types[b.NamedType]
	if one == nil || other == nil || one.IsLeafType() || other.IsLeafType() {
		return a.NamedType != b.NamedType
	}
	return false
}

func (m *merging) conflict(name string, at *ast.Field, reason string, args ...any) {
	m.conflicts++
	m.addError(core.Message("Fields %q conflict because "+reason+
		". Use different aliases on the fields to fetch both if this was intentional.", append([]any{name}, args...)...), core.At(at.Position))
}

func (m *merging) giveUp(at *ast.Field) {
	if m.steps > maxMergeSteps && m.conflicts < maxMergeConflicts {
		m.conflicts = maxMergeConflicts
		m.addError(core.Message("The selections of this operation overlap in too many ways to be checked."), core.At(at.Position))
	}
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, one := range a {
		other := b.ForName(one.Name)
		if other == nil || !sameValue(one.Value, other.Value) {
			return false
		}
	}
	return true
}

// sameValue compares values as written; the order of an object's fields does not matter.
func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	left, right := a.Children, b.Children
	if a.Kind == ast.ObjectValue {
		byName := func(x, y *ast.ChildValue) int { return strings.Compare(x.Name, y.Name) }
		left, right = slices.Clone(left), slices.Clone(right)
		slices.SortStableFunc(left, byName)
		slices.SortStableFunc(right, byName)
	}
	for i := range left {
		if left[i].Name != right[i].Name || !sameValue(left[i].Value, right[i].Value) {
			return false
		}
	}
	return true
}
