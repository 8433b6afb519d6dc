package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
)

// TestTheDocumentsOfTheManualsRun against the schema as it is: whoever copies one from docs must not be told of a field that
// is not there. What has an ellipsis shows a part only.
func TestTheDocumentsOfTheManualsRun(t *testing.T) {
	t.Parallel()
	schema := load(t, append([]string{"schema.graphqls"}, glob(t, "graph/*.graphqls")...)...)
	for name, whole := range map[string]int{"docs/payments.md": 15, "docs/inventory.md": 4} {
		manual, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		documents := 0
		for _, block := range regexp.MustCompile("(?ms)^```graphql\n(.*?)^```").FindAllStringSubmatch(string(manual), -1) {
			if strings.Contains(block[1], "…") {
				continue
			}
			documents++
			if _, wrong := gqlparser.LoadQueryWithRules(schema, block[1], nil); len(wrong) > 0 {
				t.Errorf("%s, %s: %v", name, strings.SplitN(block[1], "\n", 2)[0], wrong)
			}
		}
		if documents != whole {
			t.Errorf("%s has %d whole documents, not %d", name, documents, whole)
		}
	}
}
