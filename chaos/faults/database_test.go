package faults_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/chaos/harness"
)

// Connections of the shop, as PostgreSQL counts them.
const connectionsSQL = `select count(*) from pg_stat_activity where application_name like 'wharf%'`

// most keeps the largest value of a figure that is read from the database until the function that it gives is called.
func (r *row) most(s *harness.Shop, sql string) func() int {
	ctx, cancel := context.WithCancel(r.Context())
	largest := 0
	var group sync.WaitGroup
	group.Go(func() {
		_ = s.Cluster.AsOwner(ctx, func(conn *pgx.Conn) error {
			for ctx.Err() == nil {
				n := 0
				if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
					return err
				}
				largest = max(largest, n)
				time.Sleep(20 * time.Millisecond)
			}
			return nil
		})
	})
	return func() int {
		cancel()
		group.Wait()
		return largest
	}
}

// How long a request shall wait at most until it is sent away. Wharf does not keep the target: what is locked is waited for
// longer, and the row fails beyond the second.
const (
	queuedTarget = time.Second
	queuedWithin = 10 * time.Second
)

func TestFault07_PoolExhausted(t *testing.T) {
	r := begin(t, 7, "200 clients and a locked shelf on a pool of 4 connections")
	const pool, jobsPool = 4, 5
	s := r.open(harness.Options{Env: []string{fmt.Sprint("WHARF_POOL=", pool), fmt.Sprint("WHARF_JOBS_POOL=", jobsPool)}})
	p := s.Servers[0]
	connections := r.most(s, connectionsSQL)
	watch := s.Watch(t.Context(), p)
	calm := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Shoppers: 4, Orders: 100, Plain: true, Methods: [][]string{{"approve"}}})
	calm.Wait()
	var always time.Time
	normal := calm.History.Took("orderPlace", always, time.Now())
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed + 1, Shoppers: 200, Prefix: "crowd-", Methods: [][]string{{"approve"}, {"decline"}}})
	r.sleep(time.Second)
	began := time.Now()
	// What everybody wants is locked for longer than anybody waits for a lock.
	r.must(s.Cluster.AsOwner(t.Context(), func(conn *pgx.Conn) error {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
		if _, err := tx.Exec(t.Context(), `select from stock_level for update`); err != nil {
			return err
		}
		r.sleep(time.Duration(r.of(7, 30)) * time.Second)
		return nil
	}))
	unlocked := time.Now()
	r.sleep(time.Duration(r.of(4, 30)) * time.Second)
	c.Leave()
	health := watch()
	if health.NotAlive > 0 {
		t.Errorf("liveness said no %d times", health.NotAlive)
	}
	if n := connections(); n > pool+jobsPool+5 {
		t.Errorf("%d connections, want at most %d", n, pool+jobsPool+5)
	}
	loaded, locked := c.History.Took("orderPlace", unlocked, time.Now()), c.History.Unanswered()
	if len(loaded) == 0 {
		t.Error("nothing was served after the lock was gone")
	}
	if most := locked.At(1); most > queuedWithin {
		t.Errorf("a request waited %s to be told that it can't be served", most)
	}
	if p99 := loaded.At(.99); p99 > 10*time.Second {
		t.Errorf("an order was answered after %s at p99 with 200 clients", p99)
	}
	for code, n := range c.History.Codes(began, time.Now()) {
		if code != "BUSY" { // nor may there be none, where nothing was answered
			t.Errorf("%d requests were turned away with %q, want BUSY", n, code)
		}
	}
	r.found("p99 of orderPlace %s with 4 clients, with 200 on 4 connections %s; while the shelf was locked for %s, %d requests were sent away, p99 after %s; not ready %d of %d times",
		normal.At(.99), harness.Target(loaded.At(.99), 3*normal.At(.99)), unlocked.Sub(began).Round(time.Second), len(locked),
		harness.Target(locked.At(.99), queuedTarget), health.NotReady, health.Asked)
	r.prove(s, calm, c)
}

// leastSlow is how many orders must be answered while each round trip to the database takes 100 ms: a shop whose every
// shopper is sent away then is not one that works, however typed its refusals are.
const leastSlow = 20

func TestFault08_DatabaseSlow(t *testing.T) {
	r := begin(t, 8, "the database answers 100, 300 and 1,000 ms late")
	s := r.open(harness.Options{Proxied: true})
	connections := r.most(s, connectionsSQL)
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Shoppers: 32, Methods: [][]string{{"approve"}, {"decline", "approve"}}})
	r.sleep(2 * time.Second)
	// A request is answered within the five seconds that the server gives it, an order that is being committed by then four
	// seconds later, and all a little later on a busy machine.
	const bound = 10 * time.Second
	for _, latency := range []int{100, 300, 1000} {
		r.must(s.Proxy.Poison("latency", "downstream", map[string]any{"latency": latency, "jitter": latency / 5}))
		from := time.Now()
		r.sleep(time.Duration(r.of(12, 30)) * time.Second)
		took := c.History.Took("orderPlace", from, time.Now())
		busy, unknown := c.History.SentAway("orderPlace", from, time.Now())
		r.found("%d ms: %d orders answered, p95 %s, and %d sent away, p95 %s", latency, len(took), took.At(.95), len(busy), busy.At(.95))
		if len(unknown) > 0 {
			t.Errorf("%d ms: %d requests were told nothing that says what to do", latency, len(unknown))
		}
		if most := max(took.At(1), busy.At(1)); most > bound {
			t.Errorf("%d ms: a request waited for %s", latency, most)
		}
		if latency == 100 && len(took) < leastSlow {
			t.Errorf("%d ms: %d orders were answered, want %d at least", latency, len(took), leastSlow)
		}
		if len(took)+len(busy) == 0 {
			t.Errorf("%d ms: nobody was answered", latency)
		}
		s.Proxy.Heal(t.Context())
	}
	healed := time.Now()
	placed := c.Placed()
	for c.Placed() < placed+50 {
		if time.Since(healed) > 15*time.Second {
			t.Fatal("it is still slow 15 s after the database is fast again")
		}
		r.sleep(10 * time.Millisecond)
	}
	c.Leave()
	n := connections()
	if most := poolsOf(t, s); n > most+5 {
		t.Errorf("%d connections, want at most %d", n, most+5)
	}
	r.found("at most %d connections", n)
	r.prove(s, c)
}

// poolsOf adds up how many connections the pools of all processes may have.
func poolsOf(t *testing.T, s *harness.Shop) int {
	t.Helper()
	sum := 0
	for _, p := range s.Processes() {
		for _, pool := range []string{"primary", "jobs"} {
			if n := p.Metric(t.Context(), fmt.Sprintf(`wharf_pool_max_connections{pool=%q}`, pool)); n > 0 {
				sum += int(n)
			}
		}
	}
	if sum == 0 {
		t.Fatal("no process says how large its pools are")
	}
	return sum
}

func TestFault09_DatabaseCut(t *testing.T) {
	r := begin(t, 9, "the database is cut off, black-holed, reset and frozen")
	s := r.open(harness.Options{Proxied: true})
	p := s.Servers[0]
	pid := p.PID()
	away := time.Duration(r.of(4, 20)) * time.Second
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Patience: 3 * time.Minute, Methods: [][]string{{"approve"}, {"pending"}, {"decline"}}})
	for _, way := range []struct {
		name        string
		spoil, mend func() error
	}{
		{"cut", func() error { s.Proxy.Cut(); return nil }, s.Proxy.Mend},
		{"black hole", func() error {
			return errors.Join(s.Proxy.Poison("timeout", "downstream", map[string]any{"timeout": 0}),
				s.Proxy.Poison("timeout", "upstream", map[string]any{"timeout": 0}))
		}, func() error { s.Proxy.Heal(t.Context()); return nil }},
		{"reset", func() error {
			return s.Proxy.Poison("reset_peer", "downstream", map[string]any{"timeout": 0})
		}, func() error { s.Proxy.Heal(t.Context()); return nil }},
		{"frozen", func() error { return s.Cluster.Freeze() }, func() error { return s.Cluster.Thaw() }},
	} {
		follower, order := r.followed(s, way.name)
		r.must(way.spoil())
		broken := time.Now()
		for p.Status(t.Context(), "/readyz") == http.StatusOK {
			if time.Since(broken) > 10*time.Second {
				t.Fatalf("%s: readiness says yes after 10 s", way.name)
			}
			r.sleep(20 * time.Millisecond)
		}
		noticed := time.Since(broken)
		r.sleep(away)
		if p.Status(t.Context(), "/livez") != http.StatusOK {
			t.Errorf("%s: liveness says no", way.name)
		}
		r.must(way.mend())
		healed := time.Now()
		r.must(p.Ready(t.Context(), 20*time.Second))
		flows := r.flows(s, healed)
		if flows > 15*time.Second {
			t.Errorf("%s: jobs flow %s after it was healed, want at most 15 s", way.name, flows)
		}
		done := r.cancelled(s, order)
		asked := time.Since(healed)
		r.eventually("its follower is told", func() bool { return follower.Seen() >= done })
		told := time.Since(healed)
		r.must(follower.Leave())
		if want := r.within(30*time.Second, time.Minute); told > want {
			t.Errorf("%s: a follower was told of what happened then %s after it was healed, want at most %s", way.name, told, want)
		}
		r.found("%s: noticed in %s, jobs flow %s after healing; of an order cancelled %s after it a follower was told after %s",
			way.name, noticed.Round(time.Millisecond), flows.Round(time.Millisecond), asked.Round(time.Millisecond),
			harness.Target(told.Round(time.Millisecond), 15*time.Second))
	}
	c.Leave()
	if p.PID() != pid {
		t.Error("the server was restarted")
	}
	r.prove(s, c)
}

// followed places an order, waits until it is paid, and lets somebody follow it.
func (r *row) followed(s *harness.Shop, key string) (*harness.Follower, harness.Tale) {
	r.Helper()
	var order harness.Tale
	r.eventually("an order is placed", func() bool {
		var err error
		order, err = s.Place(r.Context(), s.Wish("followed-"+strings.ReplaceAll(key, " ", "-"), "approve"))
		return err == nil
	})
	r.eventually("the order is paid", func() bool { return s.Status(r.Context(), order.ID, order.Token) == "CONFIRMED" })
	follower := s.Follow(r.Context(), s.Servers[0], order)
	r.eventually("the order is followed", func() bool { return follower.Seen() > 0 })
	return follower, order
}

// cancelled cancels an order, and gives the version of the event that says so.
func (r *row) cancelled(s *harness.Shop, order harness.Tale) (version int) {
	r.Helper()
	r.eventually("an order is cancelled", func() bool {
		a, err := s.Servers[0].Mutate(r.Context(), "", "orderCancel", "OrderCancelInput", map[string]any{
			"idempotencyKey": "cancel-" + order.Key, "orderId": order.ID, "accessToken": order.Token,
		})
		return err == nil && a.Order != nil
	})
	const cancelledSQL = `
select version
from event
where kind = 'order.cancelled'
  and stream = (select order_id from idempotency_key where operation = 'orderPlace' and key = $1)`
	version, err := s.Cluster.Number(r.Context(), cancelledSQL, order.Key)
	r.must(err)
	return version
}

// flows waits until an order is confirmed that was placed after a moment, and says how long after it that was.
func (r *row) flows(s *harness.Shop, since time.Time) time.Duration {
	r.Helper()
	const confirmedSQL = `select count(*) from orders where status = 'CONFIRMED' and processed_at > $1`
	for time.Since(since) < time.Minute {
		if n, err := s.Cluster.Number(r.Context(), confirmedSQL, since); err == nil && n > 0 {
			return time.Since(since)
		}
		r.sleep(20 * time.Millisecond)
	}
	r.Fatal("no order is confirmed a minute later")
	return 0
}
