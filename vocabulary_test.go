package main_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// absent is what the storefront's vocabulary has and Wharf has not. docs/storefront.md says why.
var absent = map[string]bool{
	"MenuItemType.METAOBJECT": true, "Shop.customerAccountTranslations": true, "Translation": true,
	"Shop.socialLoginProviders": true,
}

// TestTheVocabularyIsThere holds the schema against the vocabulary of storefronts: every type, field, argument and value
// of it is there, with the same type to the last exclamation mark, the same default, and nothing that is required
// besides; or it is named as absent, with the reason, where storefront developers read.
func TestTheVocabularyIsThere(t *testing.T) {
	reasons, err := os.ReadFile("docs/storefront.md")
	if err != nil {
		t.Fatal(err)
	}
	known, now := vocabulary(t), load(t, append(glob(t, "graph/*.graphqls"), "schema.graphqls")...)
	missing := map[string]bool{}
	for _, want := range known {
		name := want.Name
		is := now.Types[name]
		if is == nil {
			missing[name] = true
			continue
		}
		if is.Kind != want.Kind {
			t.Errorf("%s is %s, in the vocabulary %s", name, is.Kind, want.Kind)
		}
		compareVocabulary(t, want, is, missing)
	}
	for name := range missing {
		if !absent[name] {
			t.Errorf("%s is not there", name)
		}
	}
	for name := range absent {
		if !missing[name] {
			t.Errorf("%s is there, or is not of the vocabulary: it is no longer absent", name)
		}
		if _, field, _ := strings.Cut(name, "."); !strings.Contains(string(reasons), field) {
			t.Errorf("docs/storefront.md does not say why %s is absent", name)
		}
	}
}

// TestWhatIsNotAnsweredIsNotThere: the table of names that documents of other versions have names none that is answered.
func TestWhatIsNotAnsweredIsNotThere(t *testing.T) {
	text, err := os.ReadFile("docs/storefront.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Names of other versions\n")
	now := load(t, append(glob(t, "graph/*.graphqls"), "schema.graphqls")...)
	names := 0
	for line := range strings.SplitSeq(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, name := range regexp.MustCompile("`([A-Z][A-Za-z]*)\\.([a-z][A-Za-z0-9]*)`").FindAllStringSubmatch(cells[1], -1) {
			names++
			is := now.Types[name[1]]
			if is == nil {
				t.Errorf("there is no type %s", name[1])
			} else if is.Fields.ForName(name[2]) != nil {
				t.Errorf("%s.%s is answered", name[1], name[2])
			}
		}
	}
	if names < 30 {
		t.Errorf("the table names %d fields", names)
	}
}

func compareVocabulary(t *testing.T, want, is *ast.Definition, missing map[string]bool) {
	t.Helper()
	for _, i := range want.Interfaces {
		if !slices.Contains(is.Interfaces, i) {
			t.Errorf("%s does not implement %s", want.Name, i)
		}
	}
	for _, member := range want.Types {
		if !slices.Contains(is.Types, member) {
			missing[want.Name+"."+member] = true
		}
	}
	for _, v := range want.EnumValues {
		if is.EnumValues.ForName(v.Name) == nil {
			missing[want.Name+"."+v.Name] = true
		}
	}
	for _, f := range want.Fields {
		g := is.Fields.ForName(f.Name)
		if g == nil {
			missing[want.Name+"."+f.Name] = true
			continue
		}
		if f.Type.String() != g.Type.String() {
			t.Errorf("%s.%s is %s, in the vocabulary %s", want.Name, f.Name, g.Type, f.Type)
		}
		if text(f.DefaultValue) != text(g.DefaultValue) {
			t.Errorf("%s.%s has the default %q, in the vocabulary %q", want.Name, f.Name, text(g.DefaultValue), text(f.DefaultValue))
		}
		compareArguments(t, want.Name+"."+f.Name, f.Arguments, g.Arguments, missing)
	}
	for _, g := range is.Fields {
		if want.IsInputType() && want.Fields.ForName(g.Name) == nil && g.Type.NonNull && g.DefaultValue == nil {
			t.Errorf("%s.%s is required, and storefronts don't know it", want.Name, g.Name)
		}
	}
}

func compareArguments(t *testing.T, field string, want, is ast.ArgumentDefinitionList, missing map[string]bool) {
	t.Helper()
	for _, a := range want {
		b := is.ForName(a.Name)
		switch {
		case b == nil:
			missing[field+"."+a.Name] = true
		case a.Type.String() != b.Type.String():
			t.Errorf("%s(%s:) is %s, in the vocabulary %s", field, a.Name, b.Type, a.Type)
		case text(a.DefaultValue) != text(b.DefaultValue):
			t.Errorf("%s(%s:) has the default %q, in the vocabulary %q", field, a.Name, text(b.DefaultValue), text(a.DefaultValue))
		}
	}
	for _, b := range is {
		if want.ForName(b.Name) == nil && b.Type.NonNull && b.DefaultValue == nil {
			t.Errorf("%s(%s:) is required, and storefronts don't know it", field, b.Name)
		}
	}
}

func text(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return v.String()
}

var (
	header = regexp.MustCompile(`^(type|input|interface|enum|union) (\w+)(.*)$`)
	pages  = strings.NewReplacer("…page", "after: String, before: String, first: Int, last: Int")
)

// vocabulary reads the list of what storefronts know, which is written like a schema with one line to a field, without
// braces, and with the values of an enum and the members of a union on one line.
func vocabulary(t *testing.T) ast.DefinitionList {
	t.Helper()
	list, err := os.ReadFile("testdata/storefront-vocabulary.txt")
	if err != nil {
		t.Fatal(err)
	}
	var sdl strings.Builder
	open := false
	for line := range strings.Lines(string(list)) {
		line = strings.TrimRight(line, "\n")
		if open && !strings.HasPrefix(line, "  ") {
			sdl.WriteString("}\n")
			open = false
		}
		found := header.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case found == nil:
			sdl.WriteString(pages.Replace(line) + "\n")
		case found[1] == "union":
			sdl.WriteString("union " + found[2] + " =" + strings.TrimPrefix(found[3], ":") + "\n")
		case found[1] == "enum":
			values, _, _ := strings.Cut(strings.TrimPrefix(found[3], ":"), "…") // the rest of a list of ISO's
			sdl.WriteString("enum " + found[2] + " {" + values + "}\n")
		default:
			name := strings.Replace(found[2], "QueryRoot", "Query", 1)
			sdl.WriteString(found[1] + " " + name + strings.Replace(found[3], " :", " implements", 1) + " {\n")
			open = true
		}
	}
	if open {
		sdl.WriteString("}\n")
	}
	schema, err := parser.ParseSchema(&ast.Source{Name: "vocabulary", Input: sdl.String()})
	if err != nil {
		t.Fatal(err)
	}
	return schema.Definitions
}
