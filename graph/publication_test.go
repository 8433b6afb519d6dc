package graph_test

import (
	"strings"
	"testing"
	"time"
)

// TestWhatIsPublishedByItselfIsSeenAtOnce: two products and a page wait, each for a moment of its own, and nobody writes
// when it comes. Answers are asked for all the time, so that each is kept up to the moment at which it is wrong.
func TestWhatIsPublishedByItselfIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	w := openWriter(t)
	k := openKeeper(t, w.market)
	now := time.Now()
	later := now.Add(time.Hour).Format(time.RFC3339Nano)
	w.set("productSet", "ProductSet", "product { id }", map[string]any{"handle": "late", "title": "Late", "publishedAt": later, "variants": []any{map[string]any{"price": "1.00"}}})
	w.Listed(t)
	moments := map[string]time.Time{"first": now.Add(3 * time.Second), "second": now.Add(4 * time.Second), "page": now.Add(3500 * time.Millisecond)}
	for _, handle := range []string{"second", "first"} {
		w.set("productSet", "ProductSet", "product { id }", map[string]any{
			"handle": handle, "title": "Soon", "publishedAt": moments[handle].Format(time.RFC3339Nano), "variants": []any{map[string]any{"price": "1.00"}},
		})
	}
	w.set("pageSet", "PageSet", "page { id }", map[string]any{"handle": "page", "title": "Soon", "publishedAt": moments["page"].Format(time.RFC3339Nano)})
	w.Listed(t)
	questions := map[string]string{
		"first":  `{ product(handle: "first") { id } }`,
		"second": `{ products(first: 9, query: "handle:second") { nodes { handle } } }`,
		"page":   `{ page(handle: "page") { title } }`,
	}
	seen := map[string]time.Time{}
	kept := 0
	until(t, 20*time.Second, "all of them are seen", func() bool {
		for name, question := range questions {
			began := time.Now()
			answer := k.post(question, nil)
			if answer.hit() {
				kept++
			}
			if _, known := seen[name]; known || strings.Contains(answer.body, "null") || strings.Contains(answer.body, `"nodes":[]`) {
				continue
			}
			if seen[name] = began; time.Now().Before(moments[name]) {
				t.Errorf("%s is seen %s too early: %s", name, time.Until(moments[name]), answer.body)
			}
		}
		return len(seen) == len(moments)
	})
	for name, moment := range moments {
		if late := seen[name].Sub(moment); late > 2*time.Second { // far less than answers live; the machine may be slow
			t.Errorf("%s is seen %s after its time", name, late)
		}
	}
	if kept == 0 {
		t.Error("no answer came from memory")
	}
	if answer := k.post(`{ product(handle: "late") { id } }`, nil); !strings.Contains(answer.body, "null") {
		t.Errorf("what waits for an hour is seen: %s", answer.body)
	}
}
