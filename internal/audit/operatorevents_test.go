package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

// tell appends what an event says to a history of its own.
func tell(t *testing.T, s *shoptest.Shop, data event.Data) [16]byte {
	t.Helper()
	stream := id.New()
	err := pg.InTx(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, err := s.Events.Append(t.Context(), tx, stream, 0, "system", "test", data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

var operator = access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.Scopes{"operations:read"}}

func operatorEvents(t *testing.T, s *shoptest.Shop, actor access.Actor, f audit.OperatorEventFilter, page pg.Page) audit.OperatorEventConnection {
	t.Helper()
	place(t, s)
	list, err := s.Audit.OperatorEvents(t.Context(), actor, f, page)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// place gives all events that are committed their places in the feed, or waits until the shop's own sequencer has.
func place(t *testing.T, s *shoptest.Shop) {
	t.Helper()
	sequencer := event.NewSequencer(s.Events, s.Pool, slog.New(slog.DiscardHandler)) // the shop's own may be running
	eventually(t, func() (string, bool) {
		if _, err := sequencer.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		const unplacedSQL = `
select count(*)
from event e
where not exists (select from event_feed f where f.stream = e.stream and f.version = e.version)`
		var unplaced int
		if err := s.Pool.QueryRow(t.Context(), unplacedSQL).Scan(&unplaced); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d events have no place in the feed", unplaced), unplaced == 0
	})
}

// TestTheListShowsWhatHasItsPlace: what began before it and is committed after it comes after it in the feed, so that who
// follows from the last event of the list is told of it.
func TestTheListShowsWhatHasItsPlace(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	ten := 10
	listed := func() audit.OperatorEventConnection {
		list, err := s.Audit.OperatorEvents(t.Context(), operator, audit.OperatorEventFilter{}, pg.Page{First: &ten})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	var late, early [16]byte
	err := pg.InTx(t.Context(), s.Pool, func(tx pgx.Tx) error {
		late = id.New()
		if _, err := s.Events.Append(t.Context(), tx, late, 0, "system", "test", audit.ConsistencyBroken{Name: "S1"}); err != nil {
			return err
		}
		early = tell(t, s, audit.ConsistencyRestored{Name: "S2"})
		if list := listed(); len(list.Nodes) != 0 {
			t.Errorf("listed is what has no place yet: %s", typesOf(list))
		}
		place(t, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list := listed()
	if len(list.Nodes) != 1 || audit.StreamOf(list.Nodes[0]) != early {
		t.Fatalf("listed is %s, want what has its place", typesOf(list))
	}
	s.Run(t, jobs.Config{})
	follow(t, s, operator, &list.Edges[0].Cursor).wants(late)
}

func typesOf(list audit.OperatorEventConnection) string {
	var types []string
	for _, e := range list.Nodes {
		types = append(types, string(e.Type))
	}
	return strings.Join(types, " ")
}

func TestOperatorsAreTold(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	here, there, order := id.NewLocationID(), id.NewLocationID(), id.NewOrderID()
	usd, noon := money.New(700, "USD"), time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		data  event.Data
		of    audit.OperatorEventType
		says  string
		knows string // what it concerns
	}{
		{audit.ConsistencyBroken{Name: "S2", Statement: "Nothing is sold twice.", Violations: 3, Samples: []audit.ConsistencyViolation{{Subject: "LAMP", Detail: "reserved 3 of 2"}}}, audit.OperatorConsistencyBroken, "S2 is violated, 3 times: Nothing is sold twice. The first is LAMP: reserved 3 of 2", "S2"},
		{audit.ConsistencyRestored{Name: "S2", Statement: "Nothing is sold twice."}, audit.OperatorConsistencyRestored, "S2 holds again: Nothing is sold twice.", "S2"},
		{payment.ReconciliationBroken{Provider: "card", Reason: payment.BreakUnreadable, Detail: "no JSON"}, audit.OperatorReconciliationBroken, "The books of card can't be compared to their end (UNREADABLE): no JSON", "card"},
		{payment.ReconciliationBroken{Provider: "card", Charge: "c-1", OrderID: &order, Reason: payment.BreakAhead, Detail: "more"}, audit.OperatorReconciliationBroken, "The books of card and the shop's differ on charge c-1 (AHEAD): more", "card " + order.String()},
		{payment.ReconciliationMended{State: payment.BreakRepaired}, audit.OperatorReconciliationMended, "The books agree again: the shop has seen to it.", ""},
		{payment.ReconciliationMended{State: payment.BreakResolved}, audit.OperatorReconciliationMended, "The books agree again, without the shop's doing.", ""},
		{payment.ReconciliationMended{State: payment.BreakResolved, Reason: payment.BreakUnreadable}, audit.OperatorReconciliationMended, "What was told of the books is over: they can be read to their end again, or are not compared any more.", ""},
		{payment.CallbackRefused{Provider: "card", EventID: "evt\n1", Charge: "c-1", Reason: "it is of another account"}, audit.OperatorCallbackRefused, `The notification "evt\n1" of card was not followed: it is of another account`, "card"},
		{orders.PaymentCaptureFailed{Provider: "card", Amount: usd, Reason: "expired"}, audit.OperatorCaptureFailed, "card does not take the 7.00 USD that it has authorized: expired", "card order"},
		{orders.PaymentRefundFailed{Provider: "card", Amount: usd}, audit.OperatorRefundFailed, "card does not give 7.00 USD back.", "card order"},
		{orders.PaymentDisputed{Provider: "card", Amount: usd}, audit.OperatorDisputed, "7.00 USD that were paid with card are disputed.", "card order"},
		{orders.PaymentDisputeLost{Provider: "card", Amount: usd}, audit.OperatorDisputeLost, "7.00 USD that were disputed with card are lost.", "card order"},
		{orders.PaymentDisputeWon{Provider: "card", Amount: usd}, audit.OperatorDisputeWon, "7.00 USD that were disputed with card are the shop's again.", "card order"},
		{payment.ProviderUnavailable{Provider: "card", Since: noon, Reason: "it can't be reached"}, audit.OperatorProviderUnavailable, "card has not answered since 2026-11-27 12:00:00 and is left alone: it can't be reached.", "card"},
		{payment.ProviderAvailable{Provider: "card", Since: noon.Add(time.Hour), Away: noon}, audit.OperatorProviderAvailable, "card has answered again since 2026-11-27 13:00:00. It had not since 2026-11-27 12:00:00.", "card"},
		{inventory.WentLow{LocationID: here, Available: 2, Threshold: 5}, audit.OperatorStockLow, "2 are left to promise; low is 5.", "variant " + here.String()},
		{inventory.WentOut{LocationID: there}, audit.OperatorStockOut, "Nothing is left to promise.", "variant " + there.String()},
		{inventory.CameBack{LocationID: here, Available: 9}, audit.OperatorStockBack, "There is enough again: 9 are left to promise.", "variant " + here.String()},
	} {
		stream := tell(t, s, c.data)
		one := 1
		list := operatorEvents(t, s, operator, audit.OperatorEventFilter{}, pg.Page{Last: &one})
		if len(list.Nodes) != 1 {
			t.Fatalf("%s is not told", c.data.Kind())
		}
		e := list.Nodes[0]
		var knows []string
		for _, known := range []*string{e.Invariant, e.Provider} {
			if known != nil {
				knows = append(knows, *known)
			}
		}
		if e.OrderID != nil {
			knows = append(knows, map[bool]string{true: "order", false: e.OrderID.String()}[*e.OrderID == id.OrderID(stream)])
		}
		if e.VariantID != nil && *e.VariantID == id.ProductVariantID(stream) {
			knows = append(knows, "variant")
		}
		if e.LocationID != nil {
			knows = append(knows, e.LocationID.String())
		}
		if e.Type != c.of || e.Message != c.says || strings.Join(knows, " ") != c.knows || e.By != "system" || e.Cause != "test" || time.Since(e.At) > time.Minute {
			t.Errorf("%s is told as %s %q of %q, want %s %q of %q", c.data.Kind(), e.Type, e.Message, knows, c.of, c.says, c.knows)
		}
	}
	tell(t, s, orders.NoteAdded{})                                                     // concerns nobody but its order
	tell(t, s, orders.PaymentCaptureFailed{Provider: "card", Amount: usd, Over: true}) // nothing is missing
	fifty := 50
	whole := operatorEvents(t, s, operator, audit.OperatorEventFilter{}, pg.Page{First: &fifty})
	if len(whole.Nodes) != 18 {
		t.Errorf("%d are told in all: %s", len(whole.Nodes), typesOf(whole))
	}

	for name, c := range map[string]struct {
		f    audit.OperatorEventFilter
		want string
	}{
		"two types":      {audit.OperatorEventFilter{Types: []audit.OperatorEventType{audit.OperatorStockOut, audit.OperatorDisputed}}, "DISPUTED STOCK_OUT"},
		"no type":        {audit.OperatorEventFilter{Types: []audit.OperatorEventType{}}, ""},
		"from the last":  {audit.OperatorEventFilter{From: &whole.Nodes[16].At}, "STOCK_OUT STOCK_BACK"},
		"before a third": {audit.OperatorEventFilter{Until: &whole.Nodes[2].At}, "CONSISTENCY_BROKEN CONSISTENCY_RESTORED"},
		"both, at once":  {audit.OperatorEventFilter{From: &whole.Nodes[2].At, Until: &whole.Nodes[2].At}, ""},
	} {
		if got := typesOf(operatorEvents(t, s, operator, c.f, pg.Page{First: &fifty})); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}

	// Of shelves, staff of a store are told of its own.
	clerk := operator
	clerk.Bound, clerk.Locations = true, []id.LocationID{here}
	of := audit.OperatorEventFilter{Types: []audit.OperatorEventType{audit.OperatorStockLow, audit.OperatorStockOut, audit.OperatorStockBack, audit.OperatorDisputed}}
	if got := typesOf(operatorEvents(t, s, clerk, of, pg.Page{First: &fifty})); got != "DISPUTED STOCK_LOW STOCK_BACK" {
		t.Errorf("staff of a store are told of %s", got)
	}
	clerk.Locations = nil
	if got := typesOf(operatorEvents(t, s, clerk, of, pg.Page{First: &fifty})); got != "DISPUTED" {
		t.Errorf("staff of no store are told of %s", got)
	}

	// Page by page it is the same list, either way around.
	for _, reverse := range []bool{false, true} {
		var told []string
		three := 3
		page := pg.Page{First: &three, Reverse: reverse}
		for {
			list := operatorEvents(t, s, operator, audit.OperatorEventFilter{}, page)
			for _, e := range list.Nodes {
				told = append(told, e.Message)
			}
			if !list.PageInfo.HasNextPage {
				break
			}
			page.After = list.PageInfo.EndCursor
		}
		if reverse {
			slices.Reverse(told)
		}
		if len(told) != 18 || !slices.EqualFunc(told, whole.Nodes, func(m string, e audit.OperatorEvent) bool { return m == e.Message }) {
			t.Errorf("page by page, reverse %v, are told %q", reverse, told)
		}
	}
	for _, cursor := range []string{"x", pg.EncodeCursor("now", "x", "1"), pg.EncodeCursor(time.Now().Format(time.RFC3339Nano), "x", "1"), pg.EncodeCursor(time.Now().Format(time.RFC3339Nano), id.NewOrderID().String(), "99999999999")} {
		if _, err := s.Audit.OperatorEvents(t.Context(), operator, audit.OperatorEventFilter{}, pg.Page{First: &fifty, After: &cursor}); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("the cursor %q: %v", cursor, err)
		}
	}
}

const manyLowSQL = `
insert into event (stream, version, kind, data, by, cause, hash)
select gen_random_uuid(), 1, 'inventory.low', '{"locationId": "x", "available": 1, "threshold": 2}', 'system', 'test', ''
from generate_series(1, 3000)`

// TestOperatorsEventsAreFoundByTheirIndex: among all events of a shop they are few, and found without reading the others; of
// each kind no more than a page is read, whatever is asked for and however many there are of the others. The statement, the
// index and what is said of each kind name the same kinds.
func TestOperatorsEventsAreFoundByTheirIndex(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	if _, err := s.Pool.Exec(t.Context(), manyLowSQL); err != nil {
		t.Fatal(err)
	}
	place(t, s)
	conn, err := s.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, setting := range []string{`set enable_seqscan = off`, `set enable_bitmapscan = off`, `set enable_hashjoin = off`, `set enable_mergejoin = off`} {
		if _, err := conn.Exec(t.Context(), setting); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(t.Context()), `reset all`) }()
	all, rare := audit.OperatorEventKinds(), []string{"consistency.broken"}
	now, stream, version := time.Now(), id.New(), 1
	for _, sql := range audit.OperatorEventStatements {
		for name, args := range map[string][]any{
			"all":                {all, nil, nil, nil, nil, nil, nil, 10},
			"a rare kind":        {rare, nil, nil, nil, nil, nil, nil, 10},
			"all, on a far page": {all, nil, nil, nil, now, stream, version, 10},
			"all of a time":      {all, now.Add(-time.Second), now.Add(time.Hour), nil, nil, nil, nil, 10},
		} {
			rows, err := conn.Query(t.Context(), `explain (analyze, timing off, costs off, summary off) `+sql, args...)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			plan := strings.Join(lines, "\n")
			if !strings.Contains(plan, "using event_operators_providers") || !strings.Contains(plan, "(ROW(at, stream, version) ") ||
				!strings.Contains(plan, "using event_feed_stream_version_key") || strings.Contains(plan, "Rows Removed by Filter") || strings.Count(plan, "Sort Key") > 1 {
				t.Errorf("%s: the plan is\n%s", name, plan)
			}
		}
	}
	for _, sql := range append([]string{audit.OperatorFeedStatement}, audit.OperatorEventStatements...) {
		for _, kind := range all {
			if !strings.Contains(sql, fmt.Sprintf("'%s'", kind)) {
				t.Errorf("the statement does not name %s", kind)
			}
		}
	}
}
