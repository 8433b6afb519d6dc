package faults_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/chaos/harness"
	"github.com/wharfhq/wharf/internal/failpoint"
)

// What nobody can work off: arguments of a wrong kind or without meaning, a kind that no process knows, an order that
// is not there. River keeps arguments as JSON, so that what is no JSON cannot get in.
const poisonSQL = `
insert into river.river_job (kind, args, queue, max_attempts, state, scheduled_at)
select kind, args::jsonb, queue, 3, 'available', now()
from (values ('authorize_payment', '{"order_id": "nonsense"}', 'payment'), ('authorize_payment', '{"order_id": 7}', 'payment'),
	('authorize_payment', '[]', 'payment'), ('nobody_knows', '{}', 'payment'),
	('expire_order', '{"order_id": null}', 'default'), ('send_notification', '{"version": "x"}', 'notification'),
	('authorize_payment', '{"order_id": "gid://wharf/Order/00000000-0000-7000-8000-000000000000"}', 'payment')) poison(kind, args, queue),
	generate_series(1, 10)`

const poisonedSQL = `
select count(*)
from river.river_job
where max_attempts = 3 and queue <> 'maintenance' and state not in ('discarded', 'cancelled')`

func TestFault18_PoisonJob(t *testing.T) {
	r := begin(t, 18, "jobs that can't be read, that panic, and that never end")
	s := r.open(harness.Options{Apart: true})
	healthy := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Orders: 60, Shoppers: 4, Plain: true, Methods: [][]string{{"approve"}}})
	healthy.Wait()
	normal := r.wait(s)
	worker := s.Worker.PID()
	r.must(s.Cluster.Exec(t.Context(), poisonSQL))
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Prefix: "poisoned-", Orders: r.of(100, 1000), Shoppers: 4, Plain: true, Methods: [][]string{{"approve"}}})
	c.Wait()
	poisoned := r.wait(s)
	r.eventually("what can't be worked off is discarded", func() bool {
		n, err := s.Cluster.Number(t.Context(), poisonedSQL)
		return err == nil && n == 0
	})
	discarded, err := s.Cluster.Number(t.Context(), `select count(*) from river.river_job where state = 'discarded'`)
	r.must(err)
	if s.Worker.PID() != worker || s.Worker.Status(t.Context(), "/livez") != 200 {
		t.Error("the worker did not survive")
	}
	r.found("70 poison jobs: %d discarded and visible, the rest cancelled; an order is paid in %s at p99 among them, %s without", discarded, poisoned, normal)
	var crowds []*harness.Crowd
	for _, way := range []string{"panic", "hang"} {
		r.must(s.Worker.Stop())
		r.must(s.Worker.Start(t.Context(), fmt.Sprintf("WHARF_FAILPOINT=%s:5:%s", failpoint.AuthorizeBeforeCall, way)))
		worker = s.Worker.PID()
		c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Prefix: way + "-", Orders: 30, Shoppers: 4, Plain: true, Methods: [][]string{{"approve"}}})
		c.Wait()
		rest, err := s.Settle(t.Context(), 90*time.Second)
		r.must(err)
		if s.Worker.PID() != worker || s.Worker.Status(t.Context(), "/livez") != 200 {
			t.Errorf("the worker did not survive a job that does: %s", way)
		}
		r.found("%s: the process lives on, its order is taken up again, all at rest after %s", way, rest)
		crowds = append(crowds, c)
	}
	s.Worker.Kill() // the job that hangs does not end
	r.must(s.Worker.Start(t.Context()))
	r.prove(s, append(crowds, healthy, c)...)
}

// wait is how long it took at p99 from the placing of an order until it was paid, of the last hundred, once all are.
func (r *row) wait(s *harness.Shop) (p99 time.Duration) {
	r.Helper()
	r.eventually("all orders are paid", func() bool {
		n, err := s.Cluster.Number(r.Context(), `select count(*) from orders where status = 'PENDING_PAYMENT'`)
		return err == nil && n == 0
	})
	const sql = `
select extract(epoch from percentile_disc(0.99) within group (order by took))
from (
	select c.at - p.at as took
	from event p
	join event c on c.stream = p.stream and c.kind = 'order.confirmed'
	where p.kind = 'order.placed'
	order by p.at desc
	limit 100
) recent`
	var seconds float64
	r.must(s.Cluster.AsOwner(r.Context(), func(conn *pgx.Conn) error { return conn.QueryRow(r.Context(), sql).Scan(&seconds) }))
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}

const leaderSQL = `select coalesce((select leader_id from river.river_leader where expires_at > now()), '')`

func TestFault29_LeaderFrozen(t *testing.T) {
	r := begin(t, 29, "the leader of the job queue is frozen while another process lives")
	s := r.open(harness.Options{Servers: 1})
	first := s.Servers[0]
	leader := func() (id string) {
		_ = s.Cluster.AsOwner(t.Context(), func(conn *pgx.Conn) error { return conn.QueryRow(t.Context(), leaderSQL).Scan(&id) })
		return id
	}
	r.eventually("there is a leader", func() bool { return leader() != "" })
	frozen := leader()
	r.must(s.More(t.Context()))
	s.Servers[0], s.Servers[1] = s.Servers[1], s.Servers[0] // whom shoppers find first
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Staff: 1, Patience: 3 * time.Minute})
	r.sleep(2 * time.Second)
	first.Signal(syscall.SIGSTOP)
	stopped := time.Now()
	for now := leader(); now == "" || now == frozen; now = leader() {
		if time.Since(stopped) > 40*time.Second {
			t.Fatal("nobody has taken over 40 s later")
		}
		r.sleep(50 * time.Millisecond)
	}
	taken := time.Since(stopped)
	if taken > 30*time.Second {
		t.Errorf("another took over after %s, want at most 30 s", taken)
	}
	r.sleep(time.Duration(r.of(15, 60)) * time.Second) // its jobs are taken up by the other meanwhile
	first.Signal(syscall.SIGCONT)
	r.sleep(time.Duration(r.of(3, 20)) * time.Second)
	c.Leave()
	r.found("another took over after %s; the frozen one woke up %s later", taken.Round(time.Millisecond), time.Since(stopped).Round(time.Second))
	r.prove(s, c)
}
