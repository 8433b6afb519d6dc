package graph

import (
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/wharfhq/wharf/internal/answers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/position"
)

// cachedTable says which answers may be kept, built from @cached when the server starts, default deny. As with
// permissions, a mark stands on what has an id or is a root field, a field may override its type, and value types
// inherit from the field that returns them. What needs a scope is not kept, whatever its mark.
type cachedTable struct {
	schema *ast.Schema
	needs  needs
	types  map[string]cachedType
}

// cachedType is one object type of the table.
type cachedType struct {
	own    *answers.Rule           // nil without a mark
	needed bool                    // whether it must have one to be kept
	fields map[string]answers.Rule // fields with a mark of their own
}

func newCachedTable(schema *ast.Schema) cachedTable {
	t := cachedTable{schema, newNeeds(schema), map[string]cachedType{}}
	for name, def := range schema.Types {
		if def.Kind != ast.Object {
			continue
		}
		entry := cachedType{fields: map[string]answers.Rule{}}
		if rule, ok := cachedRule(def.Directives); ok {
			entry.own = &rule
		}
		entry.needed = def == schema.Query || def == schema.Mutation || def == schema.Subscription || slices.Contains(def.Interfaces, "Node")
		for _, field := range def.Fields {
			if rule, ok := cachedRule(field.Directives); ok {
				entry.fields[field.Name] = rule
			}
		}
		t.types[name] = entry
	}
	return t
}

func cachedRule(directives ast.DirectiveList) (answers.Rule, bool) {
	directive := directives.ForName("cached")
	if directive == nil {
		return answers.Rule{}, false
	}
	arguments := directive.ArgumentMap(nil)
	rule := answers.Rule{Life: answers.MaxLife}
	if seconds, ok := integer(arguments["seconds"]); ok {
		rule.Life = time.Duration(seconds) * time.Second
	}
	names, _ := arguments["realms"].([]any)
	for _, name := range names {
		if text, ok := name.(string); ok {
			rule.Realms = append(rule.Realms, position.Realm(text))
		}
	}
	return rule, true
}

// ruleOf is by which rule the answer to an operation may be kept; false for one that may not.
func (t cachedTable) ruleOf(op *graphql.OperationContext) (answers.Rule, bool) {
	if op.Operation.Operation != ast.Query {
		return answers.Rule{}, false
	}
	w := cachedWalk{cachedTable: t, variables: op.Variables, rule: answers.Rule{Life: answers.MaxLife}}
	ok := w.selection(op.Operation.SelectionSet, []string{t.schema.Query.Name})
	return w.rule, ok
}

// cachedWalk gathers the rules of one operation.
type cachedWalk struct {
	cachedTable
	variables map[string]any
	rule      answers.Rule
}

func (w *cachedWalk) add(rule answers.Rule) {
	w.rule.Life = min(w.rule.Life, rule.Life)
	for _, realm := range rule.Realms {
		if !slices.Contains(w.rule.Realms, realm) {
			w.rule.Realms = append(w.rule.Realms, realm)
		}
	}
}

// selection walks what is selected of something that is one of the named types. It ends because documents are bounded:
// a fragment counts as often as it is spread.
func (w *cachedWalk) selection(set ast.SelectionSet, on []string) bool {
	for _, selection := range set {
		ok := true
		switch s := selection.(type) {
		case *ast.Field:
			ok = w.field(s, on)
		case *ast.InlineFragment:
			ok = w.fragment(s.SelectionSet, s.TypeCondition, on)
		case *ast.FragmentSpread:
			ok = w.fragment(s.Definition.SelectionSet, s.Definition.TypeCondition, on)
		}
		if !ok {
			return false
		}
	}
	return true
}

// fragment walks what is selected only of those that are of its type.
func (w *cachedWalk) fragment(set ast.SelectionSet, condition string, on []string) bool {
	if condition != "" {
		applies := w.objects(condition)
		on = slices.DeleteFunc(slices.Clone(on), func(name string) bool { return !slices.Contains(applies, name) })
	}
	return len(on) == 0 || w.selection(set, on)
}

// waits says whether the field is asked for no earlier than after a write: what is kept may be older, and what waits
// must not hold a snapshot of before.
func (w *cachedWalk) waits(f *ast.Field) bool {
	position := f.Arguments.ForName("minPosition")
	if position == nil {
		return false
	}
	value, err := position.Value.Value(w.variables)
	return err != nil || value != nil
}

func (w *cachedWalk) field(f *ast.Field, on []string) bool {
	if f.Name == "__typename" {
		return true
	}
	if f.Name == "__schema" || f.Name == "__type" || w.waits(f) {
		return false
	}
	for _, name := range on {
		if !w.needs.of(name, f.Name).public {
			return false
		}
		entry := w.types[name]
		own, marked := entry.fields[f.Name]
		switch {
		case marked:
			w.add(own)
		case entry.own != nil:
			w.add(*entry.own)
		case entry.needed:
			return false
		}
	}
	if len(f.SelectionSet) == 0 {
		return true
	}
	objects := w.objects(f.Definition.Type.Name())
	if f.Definition.Type.Name() == "Node" && f.ObjectDefinition == w.schema.Query {
		objects = w.asked(f)
	}
	for _, name := range objects { // that one is there, or is not, is an answer already
		switch entry := w.types[name]; {
		case entry.own != nil:
			w.add(*entry.own)
		case entry.needed:
			return false
		}
	}
	return len(objects) > 0 && w.selection(f.SelectionSet, objects)
}

// objects are the object types that a type may stand for.
func (w *cachedWalk) objects(name string) []string {
	possible := w.schema.GetPossibleTypes(w.schema.Types[name])
	names := make([]string, len(possible))
	for i, def := range possible {
		names[i] = def.Name
	}
	return names
}

// asked are the kinds of things whose ids are asked for; none where one of the ids is none.
func (w *cachedWalk) asked(f *ast.Field) (kinds []string) {
	arguments := f.ArgumentMap(w.variables)
	var texts []any
	switch given := arguments["ids"].(type) {
	case []any:
		texts = given
	default:
		texts = []any{arguments["id"]}
	}
	for _, given := range texts {
		text, ok := given.(string)
		if !ok {
			return nil
		}
		global, err := id.Parse(text)
		if err != nil || w.schema.Types[global.Kind] == nil {
			return nil
		}
		if !slices.Contains(kinds, global.Kind) {
			kinds = append(kinds, global.Kind)
		}
	}
	return kinds
}
