package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// open is a shop with some life in it: an order that is confirmed, one that waits for its shopper, one cancelled.
func open(t *testing.T) (s *shoptest.Shop, confirmed orders.Order) {
	t.Helper()
	t.Parallel()
	s = shoptest.New(t)
	variant := s.Goods(t, "lamp", "25.00", 100)
	s.Run(t, shoptest.Working())
	first := s.Place(t, "first", variant, 2, "decline", "approve")
	second := s.Place(t, "second", variant, 1, "decline")
	third := s.Place(t, "third", variant, 3, "approve")
	confirmed = await(t, s, first, orders.StatusConfirmed)
	await(t, s, second, orders.StatusActionRequired)
	await(t, s, third, orders.StatusConfirmed)
	_, err := s.Checkout.Cancel(t.Context(), access.Actor{}, checkout.OrderCancelInput{IdempotencyKey: "undo", OrderID: third.Order.ID.String(), AccessToken: &third.AccessToken})
	if err != nil {
		t.Fatal(err)
	}
	rest(t, s)
	return s, confirmed
}

func await(t *testing.T, s *shoptest.Shop, p checkout.Placement, status orders.OrderStatus) orders.Order {
	t.Helper()
	var o orders.Order
	eventually(t, func() (string, bool) {
		var err error
		if o, err = s.Orders.Visible(t.Context(), access.Actor{}, p.Order.ID, &p.AccessToken); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("order %s is %s, want %s", o.Name, o.Status, status), o.Status == status
	})
	return o
}

// rest waits until the money of the cancelled order is back and no job is left.
func rest(t *testing.T, s *shoptest.Shop) {
	t.Helper()
	eventually(t, func() (string, bool) {
		var busy int
		err := s.Pool.QueryRow(t.Context(), `
select (select count(*) from audit.busy) + (select count(*) from payment_operation where state = 'OPEN')`).Scan(&busy)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d orders are still at work", busy), busy == 0
	})
}

func eventually(t *testing.T, met func() (string, bool)) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for {
		what, ok := met()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(what)
		}
	}
}

func verify(t *testing.T, s *shoptest.Shop, o audit.Options) audit.Report {
	t.Helper()
	report, err := s.Audit.Verify(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAShopThatWorksHasNoViolations(t *testing.T) {
	s, _ := open(t)
	report := verify(t, s, audit.Options{Rest: true})
	for _, r := range report.Results {
		for _, v := range r.Violations {
			t.Errorf("%s: %s: %s", r.Name, v.Subject, v.Detail)
		}
	}
	if len(report.Results) != len(audit.Invariants) || report.Orders != 3 || report.Streams < 3 {
		t.Errorf("%d invariants, %d orders and %d streams were looked at", len(report.Results), report.Orders, report.Streams)
	}
	if !report.Guarded {
		t.Error("the shop does not run under wharf_app")
	}
}

// TestWhatIsBrokenIsFoundAndNamed breaks one thing after the other, as the database's owner with every guard switched
// off, and expects the invariant that it breaks to name it. Each runs in a shop of its own.
func TestWhatIsBrokenIsFoundAndNamed(t *testing.T) {
	for _, c := range []struct {
		invariant string
		breaks    string // $order and $attempt are the confirmed order's
		names     string
	}{
		{"S1", `update stock_level set on_hand = on_hand + 1`, "LAMP"},
		{"S2", `alter table stock_level drop constraint stock_level_promise_check;
			update stock_level set reserved = on_hand + 1`, "LAMP"},
		{"S3", `update stock_level set reserved = reserved + 1`, "LAMP"},
		{"S4", `alter table stock_movement drop constraint stock_movement_cause_key;
			insert into stock_movement select gen_random_uuid(), variant_id, location_id, delta, cause_kind, cause_id, by, at from stock_movement`, "LAMP"},
		{"S5", `update reservation set state = 'RELEASED' where order_id = $order; update stock_level set reserved = reserved - 2`, "LAMP"},
		{"S6", `update reservation set state = 'HELD', expires_at = now() - interval '1 hour' where order_id = $order`, "LAMP"},
		{"S7", `grant update on event to wharf_app`, "event"},
		{"M1", `update orders set total = total + 1 where id = $order`, "$order"},
		{"M2", `alter table payment_attempt drop constraint payment_attempt_amounts;
			update payment_attempt set captured = authorized + 1 where id = $attempt`, "$attempt"},
		{"M3", `update payment_attempt set currency = 'EUR' where id = $attempt`, "$attempt"},
		{"M4", `update payment_attempt set authorized = authorized - 1 where id = $attempt`, "$attempt"},
		{"M4", `insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency)
			values (gen_random_uuid(), gen_random_uuid(), 'AUTHORIZE', 'x', 5, 'USD')`, ""},
		{"M5", `drop index test_provider_entry_verdict;
			insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency)
			values ($attempt, gen_random_uuid(), 'AUTHORIZE', 'x', 5, 'USD')`, "$attempt"},
		{"M6", `update orders set status = 'EXPIRED' where id = $order;
			update payment_attempt set started_at = now() - interval '1 hour' where id = $attempt`, "$attempt"},
		{"E1", `delete from event where stream = $order and version = 2`, "$order"},
		{"E1", `update event set by = 'nobody' where stream = $order and version = 2`, "$order"},
		{"E2", `update orders set doc = '{"id": 1}' where id = $order`, "$order"},
		{"E2", `update orders set version = version + 1 where id = $order`, "$order"},
		{"E2", `update orders set status = 'COMPLETED' where id = $order`, "$order"},
		{"E2", `update orders set email = 'eve@example.com', customer_id = gen_random_uuid() where id = $order`, "$order"},
		{"E2", `update orders set deadline = now() + interval '1 year' where id = $order`, "$order"},
		{"E3", `insert into event select stream, version + 100, 'payment.methods_updated', data, at, by, cause, hash
			from event where stream = $order and kind = 'order.confirmed'`, "$order"},
		{"E4", `update orders set status = 'PENDING_PAYMENT' where id = $order;
			delete from river.river_job; update payment set due_at = null, expiry_due_at = null`, "$order"},
		{"E5", `alter table orders drop constraint orders_cart_id_key;
			update orders set cart_id = '00000000-0000-0000-0000-000000000001'`, "00000000-0000-0000-0000-000000000001"},
		{"E6", `insert into idempotency_key select caller, 'other', operation, input_hash, order_id, order_version, now()
			from idempotency_key where order_id = $order`, "$order"},
		{"E7", `delete from event where stream = $order`, "$order"},
		{"J1", `insert into river.river_job (state, kind, queue, args, max_attempts, attempt, attempted_at)
			values ('running', 'authorize_payment', 'payment', '{}', 25, 1, now() - interval '1 hour')`, "authorize_payment"},
		{"J2", `insert into river.river_job (state, kind, queue, args, max_attempts, attempt, attempted_at)
			values ('retryable', 'move_money', 'payment', '{"order_id": "00000000-0000-0000-0000-000000000001"}', 25, 1, now())`, "move_money"},
		{"J2", `update orders set status = 'CANCELLED' where id = $order;
			insert into river.river_job (state, kind, queue, args, max_attempts, attempt, attempted_at)
			values ('retryable', 'expire_order', 'payment', jsonb_build_object('order_id', $order), 25, 1, now())`, "expire_order"},
		{"M7", `insert into giftcard (id, code_hash, last_characters, currency, initial, by)
			values ('00000000-0000-0000-0000-000000000001', 'x', 'ABCD', 'USD', 100, 'system');
			insert into giftcard_movement (id, gift_card_id, kind, amount, by, cause)
			values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'ISSUED', 100, 'system', 'test');
			alter table giftcard disable trigger gift_card_guard; update giftcard set balance = 99`, "00000000-0000-0000-0000-000000000001"},
		{"M7", `insert into giftcard (id, code_hash, last_characters, currency, initial, by)
			values ('00000000-0000-0000-0000-000000000001', 'x', 'ABCD', 'USD', 100, 'system');
			insert into giftcard_movement (id, gift_card_id, kind, amount, by, cause)
			values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'ISSUED', 100, 'system', 'test');
			insert into giftcard_movement (id, gift_card_id, kind, amount, order_id, by, cause)
			values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000001', 'REDEEMED', -10, $order, 'system', 'test')`, "$order"},
		{"M7", `insert into promotion (id, title, kind, rate, currency, automatic, combines, starts_at)
			values ('00000000-0000-0000-0000-000000000001', 'Off', 'PERCENTAGE', 1000, 'USD', true, false, now());
			insert into promotion_use (promotion_id, order_id, amount) values ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 1)`, "00000000-0000-0000-0000-000000000001"},
		{"M7", `insert into promotion (id, title, kind, rate, currency, automatic, combines, starts_at)
			values ('00000000-0000-0000-0000-000000000001', 'Off', 'PERCENTAGE', 1000, 'USD', true, false, now());
			insert into promotion_use (promotion_id, order_id, amount) values ('00000000-0000-0000-0000-000000000001', $order, 1);
			update orders set status = 'CANCELLED' where id = $order`, "00000000-0000-0000-0000-000000000001"},
		{"M7", `alter table promotion disable trigger promotion_guard`, "promotion"},
		{"M7", `alter table giftcard_movement disable trigger giftcard_movement_counts`, "giftcard_movement"},
		{"M8", `alter table location add column area real`, "location.area"},
		{"E8", `insert into event_feed values (1000000, gen_random_uuid(), 1, pg_current_xact_id());
			delete from event_feed where stream = $order and version = 1`, "$order"},
		{"D1", `alter table location add constraint location_far_check check (latitude < 80) not valid`, "location_far_check"},
	} {
		t.Run(c.invariant+" "+strings.Join(strings.Fields(c.breaks)[:4], " "), func(t *testing.T) {
			s, order := open(t)
			var attempt uuid.UUID
			if err := s.Pool.QueryRow(t.Context(), `
select id from payment_attempt where order_id = $1 and state = 'AUTHORIZED'`, order.ID).Scan(&attempt); err != nil {
				t.Fatal(err)
			}
			subject := strings.NewReplacer("$order", uuid.UUID(order.ID).String(), "$attempt", attempt.String())
			quoted := strings.NewReplacer("$order", "'"+uuid.UUID(order.ID).String()+"'", "$attempt", "'"+attempt.String()+"'")
			if c.invariant == "E8" {
				holdSequencer(t, s)
			}
			asOwner(t, s, quoted.Replace(c.breaks))
			for _, r := range verify(t, s, audit.Options{Rest: true}).Results {
				if r.Name != c.invariant {
					continue
				}
				if r.Count == 0 {
					t.Fatal("the broken row was not found")
				}
				for _, v := range r.Violations {
					if strings.Contains(v.Subject, subject.Replace(c.names)) ||
						v.OrderID != nil && *v.OrderID == uuid.UUID(order.ID) && strings.Contains(c.names, "$order") {
						return
					}
				}
				t.Errorf("%s is not named in %v", subject.Replace(c.names), r.Violations)
			}
		})
	}
}

// holdSequencer keeps events from getting places in the feed until the test ends: one that has lost its own would get another
// while some transaction of the server is older than it.
func holdSequencer(t *testing.T, s *shoptest.Shop) {
	t.Helper()
	held, err := s.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(held.Release)
	if _, err := held.Exec(t.Context(), `select pg_advisory_lock(hashtext('wharf event sequencer'))`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = held.Exec(context.Background(), `select pg_advisory_unlock_all()`) })
}

// asOwner changes what the shop's own role may not, with every trigger off.
func asOwner(t *testing.T, s *shoptest.Shop, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.ConnectConfig(ctx, s.Pool.Config().ConnConfig.Copy())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range []string{
		`reset role`, `alter table event disable trigger all`, `alter table stock_movement disable trigger all`,
		`alter table stock_level disable trigger all`, `alter table reservation disable trigger all`,
		`alter table test_provider_entry disable trigger all`, `alter table event_feed disable trigger all`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func TestRepairWritesReadRowsAnewAndNothingElse(t *testing.T) {
	s, order := open(t)
	asOwner(t, s, `update orders set doc = '{}'; update stock_level set on_hand = on_hand + 1`)
	report := verify(t, s, audit.Options{Repair: true, Rest: true})
	if report.Repaired != 3 {
		t.Errorf("%d read rows were repaired, want 3", report.Repaired)
	}
	for _, r := range report.Results {
		if want := r.Name == "S1" || r.Name == "S5" || r.Name == "S7"; (r.Count > 0) != want {
			t.Errorf("%s has %d violations: %v", r.Name, r.Count, r.Violations)
		}
	}
	again, err := s.Orders.Visible(t.Context(), access.SystemActor, order.ID, nil)
	if err != nil || again.Status != orders.StatusConfirmed {
		t.Errorf("the repaired order is %v, %v", again.Status, err)
	}
}

// TestRepairTrustsNoChangedEvents: what an order should be can't be told from events that somebody has changed.
func TestRepairTrustsNoChangedEvents(t *testing.T) {
	s, order := open(t)
	asOwner(t, s, fmt.Sprintf(`update event set by = 'nobody' where stream = '%[1]s' and version = 2;
		update orders set doc = '{}' where id = '%[1]s'`, uuid.UUID(order.ID)))
	report := verify(t, s, audit.Options{Repair: true, Rest: true})
	if report.Repaired != 0 {
		t.Errorf("%d read rows were written from changed events", report.Repaired)
	}
	for _, r := range report.Results {
		if r.Name != "E1" && r.Name != "E2" {
			continue
		}
		if r.Count != 1 || r.Violations[0].Subject != uuid.UUID(order.ID).String() {
			t.Errorf("%s names %v", r.Name, r.Violations)
		}
	}
}
