package audit_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
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

// follower is one who follows operators' events.
type follower struct {
	t     *testing.T
	edges <-chan *audit.OperatorEventEdge
	last  *string // the cursor of the last message
}

func follow(t *testing.T, s *shoptest.Shop, actor access.Actor, after *string, types ...audit.OperatorEventType) *follower {
	t.Helper()
	edges, err := s.Audit.Follow(t.Context(), actor, after, types)
	if err != nil {
		t.Fatal(err)
	}
	return &follower{t, edges, nil}
}

// wants waits for exactly these events next.
func (f *follower) wants(streams ...[16]byte) {
	f.t.Helper()
	for i, want := range streams {
		select {
		case edge, open := <-f.edges:
			if !open {
				f.t.Fatalf("the stream ended before event %d", i+1)
			}
			if got := audit.StreamOf(edge.Node); got != want {
				f.t.Fatalf("event %d is %s %q, not the one that was to come", i+1, edge.Node.Type, edge.Node.Message)
			}
			f.last = &edge.Cursor
		case <-time.After(15 * time.Second):
			f.t.Fatalf("event %d does not come", i+1)
		}
	}
}

var beginning = ""

// TestOperatorsFollowWhatComesToLight: each event once, in the order in which they come to light, from wherever they want.
func TestOperatorsFollowWhatComesToLight(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	s.Run(t, jobs.Config{})
	broken, restored := audit.ConsistencyBroken{Name: "S2", Violations: 1}, audit.ConsistencyRestored{Name: "S2"}
	early := follow(t, s, operator, &beginning) // before there is anything
	a, b := tell(t, s, broken), tell(t, s, restored)
	early.wants(a, b)
	now := follow(t, s, operator, nil)
	only := follow(t, s, operator, &beginning, audit.OperatorConsistencyRestored)
	only.wants(b)
	fifty := 50
	list := operatorEvents(t, s, operator, audit.OperatorEventFilter{}, pg.Page{First: &fifty})
	fromList := follow(t, s, operator, &list.Edges[0].Cursor)
	fromList.wants(b)

	// What began earlier and is committed later comes to light later, and is passed over by nobody.
	var late, c [16]byte
	err := pg.InTx(t.Context(), s.Pool, func(tx pgx.Tx) error {
		late = id.New()
		if _, err := s.Events.Append(t.Context(), tx, late, 0, "system", "test", broken); err != nil {
			return err
		}
		c = tell(t, s, restored)
		early.wants(c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	early.wants(late)
	now.wants(c, late)
	only.wants(c)
	fromList.wants(c, late)
	back := follow(t, s, operator, early.last) // is told nothing twice
	d := tell(t, s, broken)
	back.wants(d)
	follow(t, s, operator, now.last).wants(d)
}

// Events of orders lie in tens of thousands between those that operators should know.
const othersSQL = `
insert into event (stream, version, kind, data, by, cause, hash)
select gen_random_uuid(), 1, 'order.note_added', '{}', 'system', 'test', ''
from generate_series(1, $1)`

// placeOthers appends so many and waits until they have their places.
func placeOthers(t *testing.T, s *shoptest.Shop, others int) {
	t.Helper()
	if _, err := s.Pool.Exec(t.Context(), othersSQL, others); err != nil {
		t.Fatal(err)
	}
	for placed := 0; placed <= others; time.Sleep(10 * time.Millisecond) {
		if err := s.Pool.QueryRow(t.Context(), `select max(position) from event_feed`).Scan(&placed); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOperatorsEventsAreFoundAmongAllOthers(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	s.Run(t, jobs.Config{})
	first := tell(t, s, audit.ConsistencyBroken{Name: "S2"})
	caughtUp := follow(t, s, operator, &beginning)
	caughtUp.wants(first)
	placeOthers(t, s, 2*audit.Stride+10)
	second := tell(t, s, audit.ConsistencyRestored{Name: "S2"})
	caughtUp.wants(second)
	follow(t, s, operator, &beginning).wants(first, second)
	back := follow(t, s, operator, caughtUp.last)
	back.wants(tell(t, s, audit.ConsistencyBroken{Name: "S2"}))
}

// A gate before one event: who reads it waits for as long as somebody holds it. The sequencer, which holds its own lock, does
// not: beside an old transaction it reads again what has its place.
const gateSQL = `
create function gate(stream uuid) returns boolean language plpgsql set lock_timeout = 0 as $$ begin
	if stream = '%s' and not exists (
		select from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'
	) then
		perform pg_advisory_xact_lock_shared(77);
	end if;
	return true;
end $$;
alter table event enable row level security;
create policy all_may on event using (gate(stream)) with check (true)`

// beginOld begins a transaction that is open until the test ends.
func beginOld(t *testing.T, s *shoptest.Shop) {
	t.Helper()
	tx, err := s.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	for _, statement := range []string{`set local idle_in_transaction_session_timeout = 0`, `select pg_current_xact_id()`} {
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// TestACatchUpHoldsUpNobody: who reads what is past is not waited for by those who follow what comes, and misses nothing
// of that either.
func TestACatchUpHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	s.Run(t, jobs.Config{})
	beginOld(t, s)
	broken, restored := audit.ConsistencyBroken{Name: "S2"}, audit.ConsistencyRestored{Name: "S2"}
	past := [][16]byte{tell(t, s, broken), tell(t, s, restored)}
	placeOthers(t, s, audit.Stride+10)
	conn, err := s.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	owner := conn.Hijack()
	t.Cleanup(func() { _ = owner.Close(context.WithoutCancel(t.Context())) })
	for _, statement := range []string{`reset role`, fmt.Sprintf(gateSQL, uuid.UUID(past[0])), `select pg_advisory_lock(77)`} {
		if _, err := owner.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}

	now := follow(t, s, operator, nil)
	behind := follow(t, s, operator, &beginning)
	eventually(t, func() (string, bool) {
		var waiting bool
		err := owner.QueryRow(t.Context(), `select exists (select from pg_locks where locktype = 'advisory' and objid = 77 and not granted)`).Scan(&waiting)
		return fmt.Sprint("nobody reads what is past: ", err), err == nil && waiting
	})
	came := [][16]byte{tell(t, s, broken), tell(t, s, restored)}
	now.wants(came...)
	select {
	case edge := <-behind.edges:
		t.Fatalf("it is told %q out of turn", edge.Node.Message)
	default:
	}
	if _, err := owner.Exec(t.Context(), `select pg_advisory_unlock(77)`); err != nil {
		t.Fatal(err)
	}
	behind.wants(append(past, came...)...)
	last := tell(t, s, broken)
	behind.wants(last)
	now.wants(last)
}

// TestWhoIsToldOfALocation: the list and those who follow have one rule, for every kind of event.
func TestWhoIsToldOfALocation(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	s.Run(t, jobs.Config{})
	here, there := id.NewLocationID(), id.NewLocationID()
	usd := money.New(700, "USD")
	for _, data := range []event.Data{
		inventory.WentLow{LocationID: here},
		inventory.WentLow{LocationID: there},
		inventory.WentOut{LocationID: there},
		audit.ConsistencyBroken{Name: "S2"},
		inventory.CameBack{LocationID: here},
		inventory.CameBack{LocationID: there},
		orders.PaymentRefundFailed{Provider: "card", Amount: usd},
		orders.PaymentCaptureFailed{Provider: "card", Amount: usd, Over: true},
		orders.PaymentCaptureFailed{Provider: "card", Amount: usd},
		payment.CallbackRefused{Provider: "card"},
		payment.ProviderUnavailable{Provider: "card"},
		payment.ProviderAvailable{Provider: "card"},
		inventory.WentOut{LocationID: here},
	} {
		tell(t, s, data)
	}
	end := tell(t, s, audit.ConsistencyRestored{Name: "S2"}) // of which all are told
	clerk, newcomer := operator, operator
	clerk.Bound, clerk.Locations = true, []id.LocationID{here}
	newcomer.Bound = true
	for name, c := range map[string]struct {
		actor access.Actor
		want  int
	}{"everywhere": {operator, 13}, "one store": {clerk, 10}, "no store": {newcomer, 7}} {
		var listed, followed []string
		fifty := 50
		for _, e := range operatorEvents(t, s, c.actor, audit.OperatorEventFilter{}, pg.Page{First: &fifty}).Nodes {
			listed = append(listed, fmt.Sprint(e.Type, " ", e.Message, " ", e.LocationID))
		}
		ctx, stop := context.WithTimeout(t.Context(), 15*time.Second)
		edges, err := s.Audit.Follow(ctx, c.actor, &beginning, nil)
		if err != nil {
			t.Fatal(err)
		}
		for edge := range edges {
			e := edge.Node
			followed = append(followed, fmt.Sprint(e.Type, " ", e.Message, " ", e.LocationID))
			if audit.StreamOf(e) == end {
				break
			}
		}
		stop()
		if len(listed) != c.want || !slices.Equal(listed, followed) {
			t.Errorf("%s: %d are listed, want %d:\n%q\nand followed are\n%q", name, len(listed), c.want, listed, followed)
		}
	}
}

// TestFollowFromACursor that is none, and from one whose event has no place among the others yet.
func TestFollowFromACursor(t *testing.T) {
	t.Parallel()
	s := shoptest.New(t)
	broken := tell(t, s, audit.ConsistencyBroken{Name: "S2"})
	note := tell(t, s, orders.NoteAdded{})
	cursorOf := func(stream [16]byte) string {
		var at time.Time
		if err := s.Pool.QueryRow(t.Context(), `select at from event where stream = $1`, stream).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return pg.EncodeCursor(pg.MomentKey(at), uuid.UUID(stream).String(), "1")
	}
	cursor, now := cursorOf(broken), time.Now().Format(time.RFC3339Nano)
	for name, text := range map[string]string{
		"no cursor": "x", "of no event": pg.EncodeCursor(now, uuid.NewString(), "1"), "of another list": pg.EncodeCursor("x"),
		"of another moment":                  pg.EncodeCursor(now, uuid.UUID(broken).String(), "1"),
		"of an event that is told to nobody": cursorOf(note),
	} {
		if _, err := s.Audit.Follow(t.Context(), operator, &text, nil); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("a cursor that is %s: %v", name, err)
		}
	}
	if _, err := s.Audit.Follow(t.Context(), operator, &cursor, nil); !fault.IsKind(err, fault.Busy) {
		t.Errorf("the event has no place: %v", err)
	}
	placed := make(chan error, 1)
	go func() {
		_, err := s.Sequencer.Step(context.WithoutCancel(t.Context()))
		placed <- err
	}()
	eventually(t, func() (string, bool) {
		_, err := s.Audit.Follow(t.Context(), operator, &cursor, nil)
		if err != nil && !fault.IsKind(err, fault.Busy) {
			t.Errorf("the event is just getting its place: %v", err)
		}
		return "the event does not get its place", err == nil
	})
	if err := <-placed; err != nil {
		t.Error(err)
	}
}
