package jobs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/riverqueue/river"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/notifications"
)

// TestEveryEventIsInTheTable reads every kind of event out of the source: what follows it, or that nothing does, is
// said in on.go, once.
func TestEveryEventIsInTheTable(t *testing.T) {
	t.Parallel()
	said := map[string]int{}
	for _, r := range table() {
		said[r.kind]++
	}
	for _, e := range nothingFollows {
		said[e.Kind()]++
	}
	kinds := storedKinds(t)
	if len(kinds) < 17 {
		t.Fatalf("only %v were found", kinds)
	}
	for _, kind := range kinds {
		if said[kind] != 1 {
			t.Errorf("%s is said of %d times in jobs/on.go: say once what follows it, or that nothing does", kind, said[kind])
		}
		delete(said, kind)
	}
	for kind := range said {
		t.Errorf("%s is in jobs/on.go, but there is no such event", kind)
	}
}

// storedKinds finds the kinds as the domains write them: func (Placed) Kind() string { return "order.placed" }.
func storedKinds(t *testing.T) []string {
	t.Helper()
	kind := regexp.MustCompile(`(?m)^func \(\w+\) Kind\(\) string \{ return "([a-z_]+\.[a-z_]+)" \}`)
	var kinds []string
	err := filepath.WalkDir("../internal", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range kind.FindAllSubmatch(text, -1) {
			kinds = append(kinds, string(match[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(kinds)
	return kinds
}

// TestEveryNotificationIsSent: exactly the events of which shoppers are told bring the job that tells them.
func TestEveryNotificationIsSent(t *testing.T) {
	t.Parallel()
	sent := 0
	for _, r := range table() {
		args, err := r.jobs(event.Event{Kind: r.kind, Version: 3, Data: []byte("{}")})
		if err != nil {
			t.Fatal(err)
		}
		_, told := notifications.For(r.kind)
		tells := slices.Contains(args, river.JobArgs(SendNotification{Version: 3}))
		if told != tells {
			t.Errorf("%s: there is a notification: %t, its job is inserted: %t", r.kind, told, tells)
		}
		if tells {
			sent++
		}
	}
	if sent != len(notifications.Kinds()) {
		t.Errorf("%d notifications are sent, there are %d", sent, len(notifications.Kinds()))
	}
}
