package graph_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
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

// TestOperatorEvents over the API: with the scope, by type and time, and not without it.
func TestOperatorEvents(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	operator := a.key(t, "operations:read")
	variant, location := id.NewProductVariantID(), id.NewLocationID()
	err := pg.InTx(t.Context(), a.Pool, func(tx pgx.Tx) error {
		_, err := a.Events.Append(t.Context(), tx, variant, 0, "system", "test", inventory.WentLow{LocationID: location, Available: 2, Threshold: 5})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const list = `query($types: [OperatorEventType!], $from: DateTime, $first: Int) {
  operatorEvents(first: $first, types: $types, from: $from) { nodes { type message by cause variantId locationId orderId provider invariant } } }`
	want := `{"operatorEvents":{"nodes":[{"type":"STOCK_LOW","message":"2 are left to promise; low is 5.","by":"system","cause":"test","variantId":"` +
		variant.String() + `","locationId":"` + location.String() + `","orderId":null,"provider":null,"invariant":null}]}}`
	const none = `{"operatorEvents":{"nodes":[]}}`
	for _, c := range []struct {
		vars map[string]any
		want string
	}{
		{map[string]any{"first": 5}, want},
		{map[string]any{"first": 5, "types": []string{"STOCK_LOW"}, "from": "2026-01-01T00:00:00Z"}, want},
		{map[string]any{"first": 5, "types": []string{"STOCK_OUT"}}, none},
		{map[string]any{"first": 5, "from": "2999-01-01T00:00:00Z"}, none},
	} {
		if got := a.text(t, operator, list, c.vars); got != c.want {
			t.Errorf("%v: %s, want %s", c.vars, got, c.want)
		}
	}
	for _, vars := range []map[string]any{{"first": 251}, {"first": -1}, {}, {"first": 1, "types": []string{"NOTHING"}}, {"first": 1, "from": "yesterday"}} {
		if code := a.ask(t, operator, list, vars).codes(); code != "BAD_USER_INPUT" {
			t.Errorf("%v is answered %q", vars, code)
		}
	}
	for _, scope := range []string{"inventory:read", "payments:read"} {
		if code := a.ask(t, a.key(t, scope), list, map[string]any{"first": 5}).codes(); code != "FORBIDDEN" {
			t.Errorf("with %s it answers %s", scope, code)
		}
	}
}
