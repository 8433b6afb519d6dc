package graph_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/audit"
)

func TestConsistencyReport(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	operator := a.key(t, "operations:read")
	const report = `{ consistencyReport { consistent violations checkedAt checks { name statement state violations checkedAt samples { subject detail } } } }`
	type check struct {
		Name, Statement, State string
		Violations             int
		CheckedAt              *string
		Samples                []struct{ Subject, Detail string }
	}
	var got struct {
		ConsistencyReport struct {
			Consistent bool
			Violations int
			CheckedAt  *string
			Checks     []check
		}
	}
	read := func() []check {
		t.Helper()
		a.want(t, operator, report, nil, &got)
		if len(got.ConsistencyReport.Checks) != len(audit.Invariants) {
			t.Fatalf("%d checks are shown of %d invariants", len(got.ConsistencyReport.Checks), len(audit.Invariants))
		}
		return got.ConsistencyReport.Checks
	}
	for _, c := range read() {
		if c.State != "UNFINISHED" || c.CheckedAt != nil {
			t.Errorf("nobody has looked yet, and it says %+v", c)
		}
	}
	if got.ConsistencyReport.CheckedAt != nil {
		t.Errorf("nobody has looked yet, and it says %s", *got.ConsistencyReport.CheckedAt)
	}
	if err := a.Audit.Watch(t.Context(), a.Events, a.Logger, "test"); err != nil {
		t.Fatal(err)
	}
	for i, c := range read() {
		if c.State != "OK" || c.CheckedAt == nil || c.Name != audit.Invariants[i].Name || c.Statement != audit.Invariants[i].Says || len(c.Samples) != 0 {
			t.Errorf("of an empty shop it says %+v", c)
		}
	}
	if r := got.ConsistencyReport; !r.Consistent || r.Violations != 0 || r.CheckedAt == nil {
		t.Errorf("of an empty shop it says %+v", r)
	}
	if code := a.ask(t, a.key(t, "orders:read"), report, nil).codes(); code != "FORBIDDEN" {
		t.Errorf("without the scope it answers %s", code)
	}
	if code := a.ask(t, "", report, nil).codes(); code != "UNAUTHENTICATED" && code != "FORBIDDEN" {
		t.Errorf("without a token it answers %s", code)
	}
}
