package graph_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/settings"
)

// document reads a document as a storefront would send it.
func document(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/storefront/" + name + ".graphql")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// under picks a value out of an answer by its path, such as blog.articles.nodes.0.title.
func under(t testing.TB, data any, path string) any {
	t.Helper()
	for step := range strings.SplitSeq(path, ".") {
		switch value := data.(type) {
		case map[string]any:
			data = value[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(value) {
				t.Fatalf("%s: there is no %s in %v", path, step, value)
			}
			data = value[i]
		default:
			return nil
		}
	}
	return data
}

// holds compares values of an answer, by their paths.
func holds(t testing.TB, data any, want map[string]any) {
	t.Helper()
	for path, value := range want {
		got, err := json.Marshal(under(t, data, path))
		if err != nil {
			t.Fatal(err)
		}
		wanted, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(wanted) {
			t.Errorf("%s is %s, want %s", path, got, wanted)
		}
	}
}

// writer is a market with a key that may write what the shop says.
type writer struct {
	*market
	token string
}

func openWriter(t *testing.T) writer {
	t.Helper()
	m := openMarket(t)
	_, err := m.Settings.Change(t.Context(), access.SystemActor, func(s *settings.Shop) {
		s.Name, s.URL, s.Country = "Harbor", "https://harbor.example", "US"
	})
	if err != nil {
		t.Fatal(err)
	}
	return writer{m, m.key("catalog:write", "operations:write")}
}

// set calls a mutation that must be content, and gives its answer.
func (w writer) set(name, kind, fields string, input map[string]any) any {
	w.Helper()
	data := w.call(name, kind, fields, input)
	if errs := under(w, data, "userErrors"); len(errs.([]any)) > 0 {
		w.Fatalf("%s(%v) refuses: %v", name, input, errs)
	}
	return data
}

func (w writer) call(name, kind, fields string, input map[string]any) any {
	w.Helper()
	errs := "userErrors { code field message currentVersion }"
	if name == "shopUpdate" {
		errs = "userErrors { code field message }"
	}
	data, _ := w.askAs(w.token, "mutation($input: "+kind+"Input!) { "+name+"(input: $input) { "+fields+" "+errs+" } }", "input", input)
	return data[name]
}

// refused calls a mutation that must refuse, and compares code and path of what it says.
func (w writer) refused(name, kind string, input map[string]any, want ...string) {
	w.Helper()
	data := w.call(name, kind, "", input)
	var got []string
	for _, e := range under(w, data, "userErrors").([]any) {
		path := []string{}
		for _, step := range under(w, e, "field").([]any) {
			path = append(path, step.(string))
		}
		got = append(got, under(w, e, "code").(string)+" "+strings.Join(path, "."))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		w.Errorf("%s(%v) says %q, want %q", name, input, got, want)
	}
}
