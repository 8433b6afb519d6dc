package graph_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/event"
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
	a.place(t)
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

// happens appends what operators should know, to a history of its own.
func (a api) happens(t *testing.T, data event.Data) {
	t.Helper()
	err := pg.InTx(t.Context(), a.Pool, func(tx pgx.Tx) error {
		_, err := a.Events.Append(t.Context(), tx, id.New(), 0, "system", "test", data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// place gives all events that are committed their places in the feed, or waits until the shop's own sequencer has.
func (a api) place(t *testing.T) {
	t.Helper()
	sequencer := event.NewSequencer(a.Events, a.Pool, slog.New(slog.DiscardHandler)) // the shop's own may be running
	for unplaced := 1; unplaced > 0; {
		if _, err := sequencer.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		const unplacedSQL = `
select count(*)
from event e
where not exists (select from event_feed f where f.stream = e.stream and f.version = e.version)`
		if err := a.Pool.QueryRow(t.Context(), unplacedSQL).Scan(&unplaced); err != nil {
			t.Fatal(err)
		}
	}
}

// told reads the next event that an operator is told of on a socket, and its cursor.
func (s socket) told(name string) (event, cursor string) {
	s.t.Helper()
	f := s.read()
	var got struct {
		Data struct {
			OperatorEvents struct {
				Cursor string
				Node   struct{ Type, Message string }
			}
		}
	}
	if err := json.Unmarshal(f.Payload, &got); err != nil || f.Type != "next" || f.ID != name {
		s.t.Fatalf("got %s %s %s", f.ID, f.Type, f.Payload)
	}
	e := got.Data.OperatorEvents
	return e.Node.Type + " " + e.Node.Message, e.Cursor
}

func (s socket) followOperators(name string, variables map[string]any) {
	s.t.Helper()
	payload, err := json.Marshal(map[string]any{
		"query":     `subscription($after: String, $types: [OperatorEventType!]) { operatorEvents(after: $after, types: $types) { cursor node { type message } } }`,
		"variables": variables,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(frame{ID: name, Type: "subscribe", Payload: payload})
}

// TestOperatorEventsOverWebsocket: caught up from the list's cursor, then live, through a tunnel, and each once.
func TestOperatorEventsOverWebsocket(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	url := a.running(t)
	key := a.key(t, "operations:read")
	restored := func(name string) audit.ConsistencyRestored {
		return audit.ConsistencyRestored{Name: name, Statement: "All is well."}
	}
	says := func(name string) string { return "CONSISTENCY_RESTORED " + name + " holds again: All is well." }
	want := func(s socket, name string, events ...string) (cursor string) {
		t.Helper()
		for _, want := range events {
			var got string
			if got, cursor = s.told(name); got != want {
				t.Fatalf("%s is told %q, want %q", name, got, want)
			}
		}
		return cursor
	}
	a.happens(t, restored("S1"))
	a.happens(t, restored("S2"))
	a.place(t)
	var list struct {
		OperatorEvents struct{ Edges []struct{ Cursor string } }
	}
	a.want(t, key, `{ operatorEvents(first: 1) { edges { cursor } } }`, nil, &list)

	desk := dialAs(t, url, key)
	desk.followOperators("1", map[string]any{"after": list.OperatorEvents.Edges[0].Cursor})
	want(desk, "1", says("S2"))
	a.happens(t, restored("S3"))
	last := want(desk, "1", says("S3"))
	_ = desk.conn.Close()
	a.happens(t, restored("S4"))
	a.happens(t, inventory.WentOut{LocationID: id.NewLocationID()})

	back := dialAs(t, url, key)
	back.followOperators("a", map[string]any{"after": last})
	want(back, "a", says("S4"), "STOCK_OUT Nothing is left to promise.")
	back.followOperators("b", map[string]any{"after": "", "types": []string{"STOCK_OUT", "STOCK_BACK"}})
	want(back, "b", "STOCK_OUT Nothing is left to promise.")
	back.followOperators("c", map[string]any{"after": "nowhere"})
	if f := back.read(); f.Type != "error" && f.Type != "next" || f.ID != "c" || !strings.Contains(string(f.Payload), "BAD_USER_INPUT") {
		t.Errorf("a cursor that is none is answered %s %s", f.Type, f.Payload)
	}
	other := dialAs(t, url, a.key(t, "orders:read"))
	other.followOperators("1", map[string]any{"after": ""})
	if f := other.read(); !strings.Contains(string(f.Payload), "FORBIDDEN") || strings.Contains(string(f.Payload), "STOCK_OUT") {
		t.Errorf("without the scope it is answered %s %s", f.Type, f.Payload)
	}
}

// TestWhoFollowsOperatorsEventsIsToldNoMore once the right has gone.
func TestWhoFollowsOperatorsEventsIsToldNoMore(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	url := a.running(t)
	key := a.key(t, "operations:read")
	actor, err := a.Partners.Authenticate(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	s := dialAs(t, url, key)
	s.followOperators("1", map[string]any{"after": ""})
	a.happens(t, audit.ConsistencyRestored{Name: "S1", Statement: "All is well."})
	s.told("1")
	if _, err := a.Partners.RevokeKey(t.Context(), access.SystemActor, actor.KeyID); err != nil {
		t.Fatal(err)
	}
	for revoked := time.Now(); ; {
		var f frame
		_ = s.conn.SetReadDeadline(revoked.Add(8 * time.Second))
		err := s.conn.ReadJSON(&f)
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			if closed.Code != 4403 {
				t.Errorf("closed with %d %s", closed.Code, closed.Text)
			}
			break
		}
		if err != nil || f.Type != "ping" {
			t.Fatalf("after the key was revoked: %s %s, %v", f.Type, f.Payload, err)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); a.Audit.Following() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("who is gone is still a follower")
		}
	}
}
