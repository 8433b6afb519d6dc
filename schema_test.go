package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestSchemaBreaksNothingReleased compares the schema with the last released one, kept in testdata: no type, field,
// argument or enum value that clients may use is gone or changed its type, and nothing new is required of them. A
// release copies `wharf schema` there.
func TestSchemaBreaksNothingReleased(t *testing.T) {
	released, now := load(t, "testdata/schema.released.graphqls"), load(t, append(glob(t, "graph/*.graphqls"), "schema.graphqls")...)
	for name, was := range released.Types {
		is := now.Types[name]
		if was.BuiltIn {
			continue
		}
		if is == nil || is.Kind != was.Kind {
			t.Errorf("type %s was released and is gone or another kind", name)
			continue
		}
		compareFields(t, was, is)
		for _, v := range was.EnumValues {
			if is.EnumValues.ForName(v.Name) == nil {
				t.Errorf("%s.%s was released and is gone", name, v.Name)
			}
		}
		for _, member := range was.Types {
			if !slices.Contains(is.Types, member) {
				t.Errorf("%s has lost its member %s", name, member)
			}
		}
		for _, i := range was.Interfaces {
			if !slices.Contains(is.Interfaces, i) {
				t.Errorf("%s no longer implements %s", name, i)
			}
		}
	}
}

func compareFields(t *testing.T, was, is *ast.Definition) {
	t.Helper()
	for _, f := range was.Fields {
		g := is.Fields.ForName(f.Name)
		switch {
		case g == nil:
			t.Errorf("%s.%s was released and is gone: deprecate it first", was.Name, f.Name)
			continue
		case was.IsInputType() && !weaker(f.Type, g.Type), !was.IsInputType() && !weaker(g.Type, f.Type):
			t.Errorf("%s.%s was %s and is %s", was.Name, f.Name, f.Type, g.Type)
		}
		for _, a := range f.Arguments {
			if b := g.Arguments.ForName(a.Name); b == nil || !weaker(a.Type, b.Type) {
				t.Errorf("%s.%s(%s:) was released and is gone or asks for more", was.Name, f.Name, a.Name)
			}
		}
		for _, b := range g.Arguments {
			if f.Arguments.ForName(b.Name) == nil && b.Type.NonNull && b.DefaultValue == nil {
				t.Errorf("%s.%s(%s:) is new and required", was.Name, f.Name, b.Name)
			}
		}
	}
	for _, g := range is.Fields {
		if was.IsInputType() && was.Fields.ForName(g.Name) == nil && g.Type.NonNull && g.DefaultValue == nil {
			t.Errorf("%s.%s is new and required", was.Name, g.Name)
		}
	}
}

// weaker says that whoever could send strict can still send loose: the same type, perhaps nullable now.
func weaker(strict, loose *ast.Type) bool {
	if loose.NonNull && !strict.NonNull {
		return false
	}
	if (strict.Elem == nil) != (loose.Elem == nil) {
		return false
	}
	if strict.Elem != nil {
		return weaker(strict.Elem, loose.Elem)
	}
	return strict.NamedType == loose.NamedType
}

// TestSchemaIsDescribed asks for a description of every type, field, argument, input field and enum value.
func TestSchemaIsDescribed(t *testing.T) {
	schema := load(t, append(glob(t, "graph/*.graphqls"), "schema.graphqls")...)
	for name, def := range schema.Types {
		if def.BuiltIn {
			continue
		}
		if def.Description == "" {
			t.Errorf("%s has no description", name)
		}
		for _, f := range def.Fields {
			if f.Description == "" && f.Name[0] != '_' {
				t.Errorf("%s.%s has no description", name, f.Name)
			}
			for _, a := range f.Arguments {
				if a.Description == "" && f.Name[0] != '_' {
					t.Errorf("%s.%s(%s:) has no description", name, f.Name, a.Name)
				}
			}
		}
		for _, v := range def.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s has no description", name, v.Name)
			}
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s: %v", pattern, err)
	}
	return files
}

func load(t *testing.T, files ...string) *ast.Schema {
	t.Helper()
	var sources []*ast.Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: file, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
