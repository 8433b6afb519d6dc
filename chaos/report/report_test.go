package report_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wharfhq/wharf/chaos/report"
)

func TestUpdateWritesItsLinesAndNoOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "doc.md")
	const before = `# Proof

<!-- rows:begin -->
| row | fault | form | seed | took | checks | result | date |
| --- | --- | --- | --- | --- | --- | --- | --- |
| 1 | kill | — | — | — | — | not run | — |
| 10 | commit | short | 7 | 3s | old | passed | 2026-01-01 |
<!-- rows:end -->
After.
`
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	err := report.Update(path, "rows", []report.Result{
		{Name: "1", What: "kill", Form: "full", Seed: 9, Took: 90 * time.Second, Checks: "a | b", Outcome: "passed", Date: time.Date(2026, 11, 27, 1, 0, 0, 0, time.UTC)},
		{Name: "5", What: "disk", Outcome: "not run here: no mount"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Proof

<!-- rows:begin -->
| row | fault | form | seed | took | checks | result | date |
| --- | --- | --- | --- | --- | --- | --- | --- |
| 1 | kill | full | 9 | 1m30s | a \| b | passed | 2026-11-27 |
| 10 | commit | short | 7 | 3s | old | passed | 2026-01-01 |
| 5 | disk | — | — | — | — | not run here: no mount | — |
<!-- rows:end -->
After.
`
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if err := report.Update(path, "elsewhere", nil); err == nil {
		t.Error("a table that is not there was written")
	}
}
