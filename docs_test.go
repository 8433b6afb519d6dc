package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
)

// TestTheDocumentsOfThePaymentManualRun against the schema as it is: whoever copies one from docs/payments.md must not be
// told of a field that is not there. What has an ellipsis shows a part only.
func TestTheDocumentsOfThePaymentManualRun(t *testing.T) {
	t.Parallel()
	schema := load(t, append([]string{"schema.graphqls"}, glob(t, "graph/*.graphqls")...)...)
	manual, err := os.ReadFile("docs/payments.md")
	if err != nil {
		t.Fatal(err)
	}
	const whole = 15
	documents := 0
	for _, block := range regexp.MustCompile("(?ms)^```graphql\n(.*?)^```").FindAllStringSubmatch(string(manual), -1) {
		if strings.Contains(block[1], "…") {
			continue
		}
		documents++
		if _, wrong := gqlparser.LoadQueryWithRules(schema, block[1], nil); len(wrong) > 0 {
			t.Errorf("%s: %v", strings.SplitN(block[1], "\n", 2)[0], wrong)
		}
	}
	if documents != whole {
		t.Errorf("it has %d whole documents, not %d", documents, whole)
	}
}
