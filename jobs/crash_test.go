package jobs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/manual"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

// age lets time pass for what was left lying.
func (o *office) age(by time.Duration) {
	o.t.Helper()
	for _, sql := range []string{
		`update payment set due_at = due_at - $1::interval, expiry_due_at = expiry_due_at - $1::interval`,
		`update payment_attempt set lease_until = lease_until - $1::interval, next_try_at = next_try_at - $1::interval`,
		`update payment_operation set due_at = due_at - $1::interval, lease_until = lease_until - $1::interval`,
	} {
		if _, err := o.Pool.Exec(o.t.Context(), sql, by); err != nil {
			o.t.Fatal(err)
		}
	}
}

// second is another process of the same shop: its own domains and its own workers on the same database.
func (o *office) second(config jobs.Config) {
	o.t.Helper()
	s := shoptest.New(o.t, func(cfg *shop.Config) {
		cfg.Pool = o.Pool
		cfg.Providers = []payment.Provider{
			testprovider.New(o.Pool, testprovider.Options{Slow: 50 * time.Millisecond, Settle: 20 * time.Millisecond, Secret: []byte("s")}),
			manual.New(),
		}
	})
	s.Run(o.t, config)
}

// charges counts what the test provider has reserved for an order.
func (o *office) charges(order id.OrderID) int {
	o.t.Helper()
	const chargesSQL = `
select count(*)
from test_provider_entry
where reference = $1
	and kind = 'AUTHORIZE'`
	var n int
	if err := o.Pool.QueryRow(o.t.Context(), chargesSQL, uuid.UUID(order).String()).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// mustBeSound looks at the whole shop as `wharf verify` does.
func (o *office) mustBeSound() {
	o.t.Helper()
	report, err := o.Audit.Verify(o.t.Context(), audit.Options{})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, r := range report.Results {
		for _, v := range r.Violations {
			if r.Name[0] == 'S' || r.Name == "M1" { // the orders here hold no stock
				continue
			}
			o.t.Errorf("%s %s: %s", r.Name, v.Subject, v.Detail)
		}
	}
}

var errCrash = errors.New("the process dies here")

// TestAnotherProcessTakesOverAfterACrash: the worker dies between the provider's answer and its commit, and its job
// stays behind as running. The sweep of another process brings the order home, charged once.
func TestAnotherProcessTakesOverAfterACrash(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	order := o.place(time.Hour, "approve")
	err := o.Payments.Authorize(t.Context(), order, "job:authorize_payment:1",
		payment.Ends(1, func(*pgx.Batch, []int64) error { return errCrash }))
	if !errors.Is(err, errCrash) {
		t.Fatalf("it did not crash: %v", err)
	}
	const diedSQL = `update river.river_job set state = 'running', attempted_at = now(), attempt = 1 where kind = 'authorize_payment'`
	if _, err := o.Pool.Exec(t.Context(), diedSQL); err != nil {
		t.Fatal(err)
	}
	o.age(30 * time.Second)
	o.second(shoptest.Working())
	o.await(order, "order.confirmed")
	o.mustHave(order, "order.placed", "payment.started", "payment.authorized", "order.confirmed")
	if n := o.charges(order); n != 1 {
		t.Errorf("it was charged %d times", n)
	}
}

// TestALostJobIsReplaced: every job of an order is gone.
func TestALostJobIsReplaced(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	order := o.place(time.Hour, "decline", "approve")
	if _, err := o.Pool.Exec(t.Context(), `delete from river.river_job`); err != nil {
		t.Fatal(err)
	}
	o.age(30 * time.Second)
	o.second(shoptest.Working())
	o.await(order, "order.confirmed")
	if n := o.charges(order); n != 1 {
		t.Errorf("it was charged %d times", n)
	}
}

// TestALongLineIsNotMadeLonger: jobs that wait their turn behind many others are not lost.
func TestALongLineIsNotMadeLonger(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	var waiting []id.OrderID
	for range 3 {
		waiting = append(waiting, o.place(time.Hour, "approve"))
	}
	const lostSQL = `delete from river.river_job where kind = 'authorize_payment' and args ->> 'order_id' = $1`
	if _, err := o.Pool.Exec(t.Context(), lostSQL, waiting[0].String()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		o.age(30 * time.Second)
		if err := o.jobs.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i, order := range waiting {
		const jobsSQL = `select count(*) from river.river_job where kind = 'authorize_payment' and args ->> 'order_id' = $1`
		var n int
		if err := o.Pool.QueryRow(t.Context(), jobsSQL, order.String()).Scan(&n); err != nil || n != 1 {
			t.Errorf("order %d has %d jobs, %v; want one", i, n, err)
		}
	}
}

// TestALostExpiryIsReplaced: the scheduled job is gone, the deadline holds all the same.
func TestALostExpiryIsReplaced(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	order := o.place(50*time.Millisecond, "approve")
	if _, err := o.Pool.Exec(t.Context(), `delete from river.river_job`); err != nil {
		t.Fatal(err)
	}
	o.age(30 * time.Second)
	o.second(shoptest.Working())
	expired := o.await(order, "order.expired")
	if expired.Status != orders.StatusExpired || o.charges(order) != 0 {
		t.Errorf("order is %s, charged %d times", expired.Status, o.charges(order))
	}
}

// TestTwoProcessesShareTheWork: many orders of every kind, two processes with workers and sweeps that overlap.
func TestTwoProcessesShareTheWork(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	o.second(shoptest.Working())
	mixes := [][]string{
		{"approve"}, {"decline", "approve"}, {"charge_then_drop"}, {"pending"}, {"error", "approve"}, {"slow"}, {"manual"},
	}
	charged := map[id.OrderID]int{}
	for i := range 21 {
		tokens := mixes[i%len(mixes)]
		order := o.place(time.Hour, tokens...)
		charged[order] = 1
		if tokens[0] == "manual" {
			charged[order] = 0
		}
	}
	for order, want := range charged {
		o.await(order, "order.confirmed")
		if n := o.charges(order); n != want {
			t.Errorf("%s was charged %d times", order, n)
		}
	}
	o.mustBeSound()
}

// TestPoisonStopsNobody: jobs that cannot be read or that nobody knows fail by themselves.
func TestPoisonStopsNobody(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	const poisonSQL = `
insert into river.river_job (kind, args, queue, max_attempts, state, scheduled_at)
values ('authorize_payment', '{"order_id": "nonsense"}', 'payment', 3, 'available', now()),
	('authorize_payment', '{"order_id": 7}', 'payment', 3, 'available', now()),
	('authorize_payment', '{"order_id": "gid://wharf/Order/00000000-0000-7000-8000-000000000000"}', 'payment', 3, 'available', now()),
	('nobody_knows', '{}', 'payment', 3, 'available', now())`
	if _, err := o.Pool.Exec(t.Context(), poisonSQL); err != nil {
		t.Fatal(err)
	}
	o.second(shoptest.Working())
	order := o.place(time.Hour, "approve")
	o.await(order, "order.confirmed")
	const goneSQL = `select state::text from river.river_job where args ->> 'order_id' like '%000000000000'`
	var state string
	for deadline := time.Now().Add(30 * time.Second); state != "cancelled" && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err := o.Pool.QueryRow(t.Context(), goneSQL).Scan(&state); err != nil {
			t.Fatal(err)
		}
	}
	if state != "cancelled" {
		t.Errorf("the job of an order that is not there is %s", state)
	}
}
