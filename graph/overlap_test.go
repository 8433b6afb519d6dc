package graph

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"pgregory.net/rapid"
)

const petsSDL = `
interface Pet { name: String owner: Person friend: Pet }
type Dog implements Pet { name: String owner: Person friend: Pet bark(loud: Boolean, times: Int): Int size: Int! tags: [String] }
type Cat implements Pet { name: String owner: Person friend: Pet meow: Int size: String tags: [Int] bark(loud: Boolean, times: Int): Int }
type Person { name: String! pet: Pet cat: Cat dog: Dog any: Any }
union Any = Dog | Cat | Person
type Query { pet: Pet dog: Dog cat: Cat any: Any person: Person }
`

func conflicts(t testing.TB, schema *ast.Schema, rule core.Rule, document string) bool {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	return len(validator.ValidateWithRules(schema, doc, rules.NewRules(rule))) > 0
}

func TestOverlappingFields(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: petsSDL})
	for document, want := range map[string]bool{
		`{ dog { name name } }`:                                                                 false,
		`{ dog { name name: size } }`:                                                           true,
		`{ dog { bark(loud: true) bark(loud: false) } }`:                                        true,
		`{ dog { bark(loud: true, times: 2) bark(times: 2, loud: true) } }`:                     false,
		`{ dog { bark(loud: true) bark } }`:                                                     true,
		`{ pet { ... on Dog { x: bark } ... on Cat { x: meow } } }`:                             false,
		`{ pet { ... on Dog { x: size } ... on Cat { x: size } } }`:                             true,
		`{ pet { ... on Dog { x: tags } ... on Cat { x: tags } } }`:                             true,
		`{ pet { name ... on Dog { name: bark } } }`:                                            true,
		`{ dog { owner { name } owner { name: pet { name } } } }`:                               true,
		`{ pet { ... on Dog { owner { x: name } } ... on Cat { owner { x: cat { name } } } } }`: true,
		`{ dog { ...A ...B } } fragment A on Dog { x: name } fragment B on Dog { x: bark }`:     true,
		`{ dog { ...A ...A } } fragment A on Dog { x: name }`:                                   false,
		`{ person { any { ... on Dog { s: size } ... on Cat { s: meow } } } }`:                  true, // Int! and Int
		`{ a: dog { name } a: cat { name } }`:                                                   true,
	} {
		if got := conflicts(t, schema, mergeableFields, document); got != want {
			t.Errorf("%s: conflict %v, want %v", document, got, want)
		}
	}
}

// selection writes a random selection on a type; every field has a response name of few, so that they meet often.
func selection(rt *rapid.T, typ string, depth int) string {
	fields := map[string][]string{
		"Query":  {"pet:Pet", "dog:Dog", "cat:Cat", "any:Any", "person:Person"},
		"Pet":    {"name", "owner:Person", "friend:Pet"},
		"Dog":    {"name", "owner:Person", "friend:Pet", "bark", "bark(loud: true)", "bark(times: 1)", "size", "tags"},
		"Cat":    {"name", "owner:Person", "friend:Pet", "bark", "meow", "size", "tags"},
		"Person": {"name", "pet:Pet", "cat:Cat", "dog:Dog", "any:Any"},
		"Any":    {"__typename"},
	}
	inside := map[string][]string{"Pet": {"Dog", "Cat", "Pet"}, "Any": {"Dog", "Cat", "Person", "Pet"}}
	var b strings.Builder
	b.WriteString("{ ")
	for range rapid.IntRange(1, 4).Draw(rt, "fields") {
		if types := inside[typ]; types != nil && rapid.Bool().Draw(rt, "fragment") {
			on := rapid.SampledFrom(types).Draw(rt, "on")
			fmt.Fprintf(&b, "... on %s %s ", on, selection(rt, on, depth))
			continue
		}
		name, of, composite := strings.Cut(rapid.SampledFrom(fields[typ]).Draw(rt, "field"), ":")
		if strings.Contains(name, "(") { // the colon was one of an argument
			name, of, composite = name+":"+of, "", false
		}
		if composite && depth == 0 {
			name, composite = "__typename", false
		}
		if rapid.Bool().Draw(rt, "alias") {
			b.WriteString(rapid.SampledFrom([]string{"x", "y", "name", "size"}).Draw(rt, "as") + ": ")
		}
		b.WriteString(name + " ")
		if composite {
			b.WriteString(selection(rt, of, depth-1) + " ")
		}
	}
	b.WriteString("}")
	return b.String()
}

// Our rule and gqlparser's, which is slower but follows graphql-js, agree on random documents.
func TestOverlappingFieldsAgreesWithTheSlowRule(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: petsSDL})
	var both, neither int
	rapid.Check(t, func(rt *rapid.T) {
		document := selection(rt, "Query", 3)
		ours := conflicts(t, schema, mergeableFields, document)
		theirs := conflicts(t, schema, rules.OverlappingFieldsCanBeMergedRule, document)
		if ours != theirs {
			rt.Fatalf("conflict %v, the slow rule says %v: %s", ours, theirs, document)
		}
		if ours {
			both++
		} else {
			neither++
		}
	})
	if both == 0 || neither == 0 {
		t.Errorf("the documents were all alike: %d with a conflict, %d without", both, neither)
	}
}

func TestOverlappingFieldsGivesUpInsteadOfBurning(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: petsSDL})
	// Each level stands on an interface with two object types, so the sets of fields that meet double with the depth.
	document := "name"
	for range 40 {
		document = "friend { " + document + " } ... on Dog { friend { name } } ... on Cat { friend { name } }"
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: "{ pet { " + document + " } }"})
	if err != nil {
		t.Fatal(err)
	}
	errs := validator.ValidateWithRules(schema, doc, rules.NewRules(mergeableFields))
	if len(errs) != 1 || !strings.Contains(errs[0].Message, "too many ways") {
		t.Errorf("got %v, want that it gives up", errs)
	}
}
