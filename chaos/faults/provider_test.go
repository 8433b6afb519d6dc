package faults_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/chaos/harness"
	"github.com/wharfhq/wharf/internal/payment/simulator"
)

// outside opens a shop whose payments go to a provider outside.
func (r *row) outside(o harness.Options) (*harness.Shop, *harness.World) {
	r.Helper()
	w, err := harness.NewWorld(r.Context(), r.dir, r.seed, 500*time.Millisecond)
	r.must(err)
	r.Cleanup(func() { _ = w.Close() })
	o.Env = append(o.Env, w.Env()...)
	s := r.open(o)
	w.Tell(s)
	return s, w
}

// proveOutside is prove against the books of both providers.
func (r *row) proveOutside(s *harness.Shop, w *harness.World, crowds ...*harness.Crowd) {
	r.Helper()
	r.must(w.Modes.Set())
	summary, err := s.Prove(r.Context(), harness.Both(s.Cluster.TestBooks, w.Charges), 3*time.Minute, crowds...)
	if err != nil {
		r.Fatal(err)
	}
	r.found("%s", summary)
}

// Orders wait for the provider as long as it takes.
const patientSQL = `update shop set payment_deadline_seconds = 3600`

// Sessions that hold a transaction open and say nothing: whoever waits for a provider must not.
const idlingSQL = `
select count(*)
from pg_stat_activity
where application_name like 'wharf%' and state like 'idle in transaction%' and state_change < clock_timestamp() - interval '1 second'`

func TestFault11_ProviderHangs(t *testing.T) {
	r := begin(t, 11, "the payment provider is slow, and then hangs")
	s, w := r.outside(harness.Options{Setup: patientSQL})
	p := s.Servers[0]
	idling := r.most(s, idlingSQL)
	others := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Prefix: "other-", Shoppers: 4, Rate: 10, Plain: true, Methods: [][]string{{"approve"}}})
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Provider: harness.Outside, Shoppers: 8, Rate: 25, Plain: true, Methods: [][]string{{"approve"}}})
	r.sleep(8 * time.Second)
	opened := false
	began := time.Now()
	for _, rule := range []simulator.Rule{
		{Fault: simulator.Slow, Millis: 2000}, {Fault: simulator.Slow, Millis: 10_000}, {Fault: simulator.Hang},
	} {
		r.must(w.Modes.Set(rule))
		for end := time.Now().Add(time.Duration(r.of(12, 60)) * time.Second); time.Now().Before(end); r.sleep(200 * time.Millisecond) {
			opened = opened || p.Metric(t.Context(), fmt.Sprintf(`wharf_payment_provider_unavailable{provider=%q}`, harness.Outside)) == 1
		}
	}
	during := c.History.Took("orderPlace", began, time.Now())
	r.must(w.Modes.Set())
	c.Leave()
	others.Leave()
	if p99, want := during.At(.99), r.within(time.Second, 5*time.Second); p99 > want || len(during) == 0 {
		t.Errorf("%d orders were accepted, p99 after %s; want at most %s", len(during), p99, want)
	}
	if !opened {
		t.Error("the breaker did not open")
	}
	if n := idling(); n > 0 {
		t.Errorf("%d connections were held in a transaction that does nothing", n)
	}
	calm, wait := r.paid(s, "test", time.Time{}, began), r.paid(s, "test", began, time.Now())
	if wait > 2*calm+3*time.Second {
		t.Errorf("orders of another provider were paid %s late at p99, and %s before", wait, calm)
	}
	r.found("%d orders accepted meanwhile, p99 %s; the breaker opened; orders of another provider were paid in %s at p99, and in %s before; no connection held",
		len(during), during.At(.99), wait, calm)
	r.proveOutside(s, w, c, others)
}

// paid is how long it took at p99 until orders were confirmed that were placed in a span of time and paid with one
// provider.
func (r *row) paid(s *harness.Shop, provider string, from, to time.Time) time.Duration {
	r.Helper()
	const sql = `
select coalesce(extract(epoch from percentile_disc(0.99) within group (order by c.at - p.at)), 3600)
from event p
join event c on c.stream = p.stream and c.kind = 'order.confirmed'
join payment_attempt a on a.order_id = p.stream and a.provider = $1
where p.kind = 'order.placed' and p.at >= $2 and p.at < $3`
	var seconds float64
	r.must(s.Cluster.AsOwner(r.Context(), func(conn *pgx.Conn) error { return conn.QueryRow(r.Context(), sql, provider, from, to).Scan(&seconds) }))
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}

func TestFault12_ProviderFails(t *testing.T) {
	r := begin(t, 12, "the payment provider answers 500, 429, nonsense, half an answer, and refuses connections")
	s, w := r.outside(harness.Options{Setup: patientSQL})
	heard := w.Overhear()
	c := s.Come(t.Context(), harness.Wishes{
		Seed: r.seed, Provider: harness.Outside, Shoppers: 4, Staff: 2, Methods: [][]string{{"approve"}, {"decline", "approve"}, {"pending"}},
	})
	var rules []simulator.Rule
	for _, fault := range []simulator.Fault{simulator.Broken, simulator.Throttled, simulator.Malformed, simulator.Cut, simulator.Down} {
		rules = append(rules, simulator.Rule{Fault: fault, Share: .1})
	}
	r.must(w.Modes.Set(rules...))
	r.sleep(time.Duration(r.of(10, 120)) * time.Second)
	c.Leave()
	for _, rule := range rules {
		if w.Modes.Hits()[rule.Fault] == 0 {
			t.Errorf("no call met %s", rule.Fault)
		}
	}
	r.found("struck %v; %s", w.Modes.Hits(), r.underItsKey(s, heard()))
	r.must(w.Modes.Set())
	_, err := s.Settle(t.Context(), 2*time.Minute)
	r.must(err)
	few, many := r.fails(s, w, heard)
	r.proveOutside(s, w, c, few, many)
}

// underItsKey holds the authorizations that the provider was asked for against the shop's attempts: each was asked for under
// the key of an attempt, and no more often than the shop has kept.
func (r *row) underItsKey(s *harness.Shop, heard []simulator.Heard) string {
	r.Helper()
	const triesSQL = `select tries from payment_attempt where id = $1::text::uuid`
	times := authorized(heard)
	again, most := 0, 0
	for key, calls := range times {
		tries, err := s.Cluster.Number(r.Context(), triesSQL, key)
		if err != nil || len(calls) > tries {
			r.Errorf("the provider was asked %d times under key %s, an attempt with %d tries (%v)", len(calls), key, tries, err)
		}
		if most = max(most, len(calls)); len(calls) > 1 {
			again++
		}
	}
	if again == 0 {
		r.Error("no attempt was made again")
	}
	return fmt.Sprintf("%d attempts, %d of them made again under the same key, %d times at most", len(times), again, most)
}

// authorized gives by key when the provider was asked to authorize.
func authorized(heard []simulator.Heard) map[string][]time.Time {
	times := map[string][]time.Time{}
	for _, call := range heard {
		if call.Operation == "authorize" {
			times[call.Charge] = append(times[call.Charge], call.At)
		}
	}
	return times
}

// How an order's payment is tried again, as payment.Pace has it, and how long a provider that does not answer is left alone.
const (
	firstPause, longestPause = time.Second, 30 * time.Second
	leftAlone                = 10 * time.Second
)

// fails lets the provider fail for good. Two orders are too few for an outage: each is tried again after pauses that grow,
// under one key. With more the provider is left alone, which operators and shoppers are told of, and asked now and then.
func (r *row) fails(s *harness.Shop, w *harness.World, heard func() []simulator.Heard) (few, many *harness.Crowd) {
	r.Helper()
	// What has failed before was an outage of its own, of which the operators must know that it is over, lest it is taken for
	// the one that comes.
	r.eventuallyWithin(2*time.Minute, "the operators know that the provider answers again", func() bool {
		newest, err := r.newest(s, harness.Outside)
		return err == nil && newest != "PROVIDER_UNAVAILABLE"
	})
	before := len(heard())
	r.must(w.Modes.Set(simulator.Rule{Fault: simulator.Broken, Calls: []string{"authorize"}}))
	wishes := harness.Wishes{Seed: r.seed, Provider: harness.Outside, Shoppers: 2, Plain: true, Common: true, Methods: [][]string{{"approve"}}}
	wishes.Prefix, wishes.Orders = "few-", 2
	few = s.Come(r.Context(), wishes)
	few.Wait()
	tries := r.of(4, 5) // the fifth comes after fifteen seconds
	r.eventually(fmt.Sprintf("each is tried %d times", tries), func() bool {
		times := authorized(heard()[before:])
		for _, calls := range times {
			if len(calls) < tries {
				return false
			}
		}
		return len(times) == wishes.Orders
	})
	for key, calls := range authorized(heard()[before:]) {
		for i := 1; i < len(calls); i++ {
			if pause, least := calls[i].Sub(calls[i-1]), min(firstPause<<(i-1), longestPause); pause < least*9/10 {
				r.Errorf("try %d of %s came %s after the one before, want %s at least", i+1, key, pause, least)
			}
		}
	}
	wishes.Prefix, wishes.Orders = "many-", 6
	many = s.Come(r.Context(), wishes)
	many.Wait()
	r.eventually("the operators know that the provider does not answer", func() bool {
		newest, err := r.newest(s, harness.Outside)
		return err == nil && newest == "PROVIDER_UNAVAILABLE"
	})
	metric := fmt.Sprintf(`wharf_payment_provider_unavailable{provider=%q}`, harness.Outside)
	r.eventually("the provider is left alone", func() bool { return s.Servers[0].Metric(r.Context(), metric) == 1 })
	alone := len(heard())
	from := time.Now()
	r.sleep(time.Duration(r.of(12, 60)) * time.Second)
	asked, within := authorized(heard()[alone:]), time.Since(from)
	calls := 0
	for _, times := range asked {
		calls += len(times)
	}
	if most := int(within/leftAlone) + 2; calls > most {
		r.Errorf("a provider that does not answer was asked for %d charges within %s, want %d at most", calls, within.Round(time.Second), most)
	}
	for _, t := range append(few.Tales(), many.Tales()...) {
		r.eventually("its shopper sees why an order is not paid, and when that is tried again", func() bool { return r.waits(s, t) })
	}
	const keysSQL = `
select count(*)
from payment_attempt a
join idempotency_key i on i.order_id = a.order_id and i.operation = 'orderPlace'
where (i.key like 'few-%' or i.key like 'many-%')
group by a.order_id
order by 1 desc
limit 1`
	if n, err := s.Cluster.Number(r.Context(), keysSQL); err != nil || n != 1 {
		r.Errorf("an order has %d attempts at one method, want one (%v)", n, err)
	}
	r.found("failing for good: %d tries of each of two orders, the pauses %s at least and doubled each time, one key each; then the provider was left alone and asked %d times within %s, told as PROVIDER_UNAVAILABLE and in each order's process",
		tries, firstPause, calls, within.Round(time.Second))
	return few, many
}

// newest is what operators were told last of whether a provider answers; nothing when they were told nothing yet.
func (r *row) newest(s *harness.Shop, provider string) (string, error) {
	var answer struct {
		OperatorEvents struct {
			Nodes []struct{ Type, Provider string }
		}
	}
	const query = `{ operatorEvents(first: 20, reverse: true, types: [PROVIDER_UNAVAILABLE, PROVIDER_AVAILABLE]) { nodes { type provider } } }`
	if err := s.Servers[0].Ask(r.Context(), template.Staff, query, nil, &answer); err != nil {
		return "", err
	}
	for _, e := range answer.OperatorEvents.Nodes {
		if e.Provider == provider {
			return e.Type, nil
		}
	}
	return "", nil
}

// waits says whether an order's shopper sees that its payment waits, why, and until when.
func (r *row) waits(s *harness.Shop, t *harness.Tale) bool {
	var answer struct {
		Order *struct {
			Status  string
			Process []struct {
				Name, State, Reason string
				NextTryAt           *time.Time
			}
		}
	}
	const query = `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status process { name state reason nextTryAt } } }`
	err := s.Servers[0].Ask(r.Context(), "", query, map[string]any{"id": t.ID, "token": t.Token}, &answer)
	if err != nil || answer.Order == nil || answer.Order.Status != "PENDING_PAYMENT" {
		return false
	}
	for _, step := range answer.Order.Process {
		if step.Name == "authorize_payment" && step.State != "RUNNING" && step.Reason != "" && step.NextTryAt != nil {
			return true
		}
	}
	return false
}

func TestFault13_ChargedAnswerLost(t *testing.T) {
	r := begin(t, 13, "the payment provider charges, and its answer is lost")
	s, w := r.outside(harness.Options{Servers: 2, Setup: patientSQL})
	r.must(w.Modes.Set(simulator.Rule{Fault: simulator.Dropped, Share: .2, Calls: []string{"authorize", "capture", "refund", "void"}}))
	c := s.Come(t.Context(), harness.Wishes{
		Seed: r.seed, Provider: harness.Outside, Shoppers: r.of(4, 16), Orders: r.of(200, 10_000), Staff: 2,
		Methods: [][]string{{"approve"}, {"decline", "approve"}, {"charge_then_drop", "approve"}},
	})
	c.Wait()
	if w.Modes.Hits()[simulator.Dropped] == 0 {
		t.Error("no answer was lost")
	}
	r.found("%d orders, %d answers lost after the money had moved, no charge made twice", c.Placed(), w.Modes.Hits()[simulator.Dropped])
	r.proveOutside(s, w, c)
}

func TestFault14_CallbacksDuplicated(t *testing.T) {
	r := begin(t, 14, "each callback comes ten times at once")
	s, w := r.outside(harness.Options{Setup: patientSQL})
	r.must(w.Modes.Set(simulator.Rule{Fault: simulator.Duplicated}))
	c := s.Come(t.Context(), harness.Wishes{
		Seed: r.seed, Provider: harness.Outside, Shoppers: 4, Orders: r.of(40, 1000), Staff: 1, Methods: [][]string{{"pending"}, {"approve"}},
	})
	c.Wait()
	r.eventually("all callbacks are taken", func() bool { return w.Callbacks.Sent().Waiting == 0 })
	_, err := s.Settle(t.Context(), time.Minute)
	r.must(err)
	sent := w.Callbacks.Sent()
	kept, err := s.Cluster.Number(t.Context(), `select count(*) from payment_callback`)
	r.must(err)
	if sent.Refused > 0 || sent.Delivered == 0 {
		t.Errorf("%d callbacks were answered with 2xx, %d were not", sent.Delivered, sent.Refused)
	}
	if kept*10 != sent.Delivered {
		t.Errorf("%d callbacks came, and %d are kept; want a tenth", sent.Delivered, kept)
	}
	const twiceSQL = `
select count(*)
from (select from event where kind in ('payment.authorized', 'order.confirmed') group by stream, kind, data ->> 'attemptId' having count(*) > 1) twice`
	if twice, err := s.Cluster.Number(t.Context(), twiceSQL); err != nil || twice > 0 {
		t.Errorf("%d effects happened twice (%v)", twice, err)
	}
	r.found("%d callbacks, all answered with 2xx, %d kept, one effect each", sent.Delivered, kept)
	r.proveOutside(s, w, c)
}

func TestFault15_CallbacksOutOfOrder(t *testing.T) {
	r := begin(t, 15, "callbacks come in any order, and before the answer of the call that caused them")
	s, w := r.outside(harness.Options{Setup: patientSQL})
	r.must(w.Modes.Set(simulator.Rule{Fault: simulator.Shuffled}, simulator.Rule{Fault: simulator.Early, Share: .5}))
	c := s.Come(t.Context(), harness.Wishes{
		Seed: r.seed, Provider: harness.Outside, Shoppers: 4, Orders: r.of(40, 1000), Plain: true, Only: s.Variants[:1],
		Methods: [][]string{{"pending"}},
	})
	c.Wait()
	_, err := s.Settle(t.Context(), 2*time.Minute)
	r.must(err)
	// At its own desk the provider takes a part, gives back a part of that, takes a second part, and the bank takes one back.
	charges, err := w.Charges(t.Context())
	r.must(err)
	for _, ch := range charges {
		for i, do := range []func(simulator.Change) (simulator.Answer, error){w.World.Capture, w.World.Refund, w.World.Capture} {
			now, err := w.Books.Charge(ch.Key)
			r.must(err)
			amount := now.Asked.Amount
			amount.Minor = []int64{200, 50, 100}[i]
			_, err = do(simulator.Change{Key: fmt.Sprintf("desk-%d-%s", i, ch.Key), Charge: ch.Key, Amount: amount, Face: now.Asked.Face})
			r.must(err)
		}
		_, err := w.Dispute(ch.Key, 25)
		r.must(err)
	}
	r.eventually("all callbacks are taken", func() bool { return w.Callbacks.Sent().Waiting == 0 })
	_, err = s.Settle(t.Context(), time.Minute)
	r.must(err)
	const endsSQL = `
select count(*)
from (select distinct o.status, o.financial_status, a.state, a.authorized, a.captured, a.refunded, a.voided
	from orders o join payment_attempt a on a.order_id = o.id) ends`
	if n, err := s.Cluster.Number(t.Context(), endsSQL); err != nil || n != 1 {
		t.Errorf("%d orders of one kind have come to %d different ends (%v)", c.Placed(), n, err)
	}
	r.found("%d orders with up to five callbacks each, shuffled, half of them before the call's own answer: one and the same end", c.Placed())
	r.must(w.Modes.Set())
	summary, err := s.ProveAtDesk(t.Context(), w.Charges, time.Minute, c)
	r.must(err)
	r.found("%s", summary)
}

// knownWithin is when reconciliation must know of what it was not told: it comes every five minutes, leaves out what is not a
// minute old, and takes a while.
const knownWithin = 6*time.Minute + 30*time.Second

func TestFault16_CallbacksLost(t *testing.T) {
	r := begin(t, 16, "callbacks are lost for good, also those of what was done at the provider's own desk")
	s, w := r.outside(harness.Options{Setup: patientSQL})
	r.must(w.Modes.Set(simulator.Rule{Fault: simulator.Lost, Share: .5}))
	c := s.Come(t.Context(), harness.Wishes{
		Seed: r.seed, Provider: harness.Outside, Shoppers: 4, Orders: r.of(40, 1000), Plain: true, Methods: [][]string{{"pending"}, {"approve"}},
	})
	c.Wait()
	_, err := s.Settle(t.Context(), 2*time.Minute) // what is pending is looked up now and then
	r.must(err)
	r.must(w.Modes.Set(simulator.Rule{Fault: simulator.Lost}))
	charges, err := w.Charges(t.Context())
	r.must(err)
	for _, ch := range charges {
		if ch.Authorized-ch.Captured-ch.Voided < 100 {
			continue
		}
		now, err := w.Books.Charge(ch.Key)
		r.must(err)
		amount := now.Asked.Amount
		amount.Minor = 100
		_, err = w.World.Capture(simulator.Change{Key: "desk-" + ch.Key, Charge: ch.Key, Amount: amount, Face: now.Asked.Face})
		r.must(err)
	}
	moved := time.Now() // the last of it
	lost := w.Callbacks.Sent().Lost
	const behindSQL = `select count(*) from payment_attempt where authorized - voided > 0 and captured <> 100`
	for {
		n, err := s.Cluster.Number(t.Context(), behindSQL)
		r.must(err)
		if n == 0 {
			break
		}
		if after := time.Since(moved); after > knownWithin {
			t.Fatalf("%d charges are still unknown %s later", n, after.Round(time.Second))
		}
		if !r.full { // it comes every five minutes
			r.must(s.Reconcile(t.Context()))
		}
		r.sleep(5 * time.Second)
	}
	r.found("%d callbacks lost; all known by reconciliation %s later", lost, harness.Target(time.Since(moved).Round(time.Second), 5*time.Minute))
	summary, err := s.ProveAtDesk(t.Context(), w.Charges, time.Minute, c)
	r.must(err)
	r.found("%s", summary)
}
