package faults_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

// poisonJobs is how many there are of them.
const poisonJobs = 70

// poisonTarget is how long an order among them shall wait at p99 until it is paid, where twice as long as without them is
// less.
const poisonTarget = 300 * time.Millisecond

const poisonedSQL = `
select count(*)
from river.river_job
where max_attempts = 3 and queue <> 'maintenance' and state not in ('discarded', 'cancelled')`

func TestFault18_PoisonJob(t *testing.T) {
	r := begin(t, 18, "jobs that can't be read, that panic, and that never end")
	s := r.open(harness.Options{Apart: true})
	healthy := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Orders: 60, Shoppers: 4, Plain: true, Methods: [][]string{{"approve"}}})
	healthy.Wait()
	normal := r.wait(s, time.Time{}, time.Now())
	worker := s.Worker.PID()
	inserted := time.Now()
	r.must(s.Cluster.Exec(t.Context(), poisonSQL))
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Prefix: "poisoned-", Orders: r.of(100, 1000), Shoppers: 4, Plain: true, Methods: [][]string{{"approve"}}})
	c.Wait()
	r.eventually("what can't be worked off is discarded", func() bool {
		n, err := s.Cluster.Number(t.Context(), poisonedSQL)
		return err == nil && n == 0
	})
	gone, err := r.poisonGone(s)
	r.must(err)
	poisoned := r.wait(s, inserted, gone)
	if s.Worker.PID() != worker || s.Worker.Status(t.Context(), "/livez") != 200 {
		t.Error("the worker did not survive")
	}
	if most := max(2*normal, r.within(time.Second, 5*time.Second)); poisoned > most {
		t.Errorf("an order is paid in %s at p99 among poison jobs, and in %s without; want %s at most", poisoned, normal, most)
	}
	r.found("an order is paid in %s at p99 among poison jobs, %s without; %s", harness.Target(poisoned, max(2*normal, poisonTarget)), normal, r.byHand(s))
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

const poisonGoneSQL = `
select max(finalized_at)
from river.river_job
where max_attempts = 3 and queue <> 'maintenance' and state in ('discarded', 'cancelled')`

// poisonGone is when the last of the poison jobs has come to its end: who orders later is not troubled by them.
func (r *row) poisonGone(s *harness.Shop) (at time.Time, err error) {
	err = s.Cluster.AsOwner(r.Context(), func(conn *pgx.Conn) error { return conn.QueryRow(r.Context(), poisonGoneSQL).Scan(&at) })
	return at, err
}

// How many of the poison jobs have come to an end.
const endedSQL = `
select count(*)
from river.river_job
where max_attempts = 3 and queue <> 'maintenance' and state = $1`

// byHand looks at the poison jobs as an operator does in the console: what was given up is listed there, is tried again when
// its cause is mended, and is dropped.
func (r *row) byHand(s *harness.Shop) string {
	r.Helper()
	discarded, err := s.Cluster.Number(r.Context(), endedSQL, "discarded")
	r.must(err)
	cancelled, err := s.Cluster.Number(r.Context(), endedSQL, "cancelled")
	r.must(err)
	if discarded+cancelled != poisonJobs || discarded == 0 {
		r.Errorf("of %d poison jobs %d are discarded and %d cancelled", poisonJobs, discarded, cancelled)
	}
	type listed struct {
		ID          int64
		Kind, Queue string
		MaxAttempts int `json:"max_attempts"`
	}
	list := func() []listed {
		var answer struct{ Data []listed }
		r.must(s.Servers[0].Console(r.Context(), template.Staff, http.MethodGet, "jobs?state=discarded&limit=1000", nil, &answer))
		return slices.DeleteFunc(answer.Data, func(j listed) bool { return j.MaxAttempts != 3 || j.Queue == "maintenance" }) // none of ours
	}
	jobs := list()
	if len(jobs) != discarded {
		r.Fatalf("%d jobs are discarded, and the console lists %d", discarded, len(jobs))
	}
	act := func(what string, job listed) {
		r.must(s.Servers[0].Console(r.Context(), template.Staff, http.MethodPost, "jobs/"+what, map[string]any{"ids": []string{strconv.FormatInt(job.ID, 10)}}, nil))
	}
	mended := slices.IndexFunc(jobs, func(j listed) bool { return j.Kind == "authorize_payment" })
	if mended < 0 {
		r.Fatalf("no payment is among the discarded jobs %v", jobs)
	}
	mend, drop := jobs[mended], jobs[(mended+1)%len(jobs)]
	r.must(s.Cluster.Exec(r.Context(), fmt.Sprintf(mendSQL, mend.ID)))
	act("retry", mend)
	const jobSQL = `select count(*) from river.river_job where id = $1 and ($2 = '' or state::text = $2)`
	r.eventually("a discarded job that is mended and tried again is done", func() bool {
		n, err := s.Cluster.Number(r.Context(), jobSQL, mend.ID, "completed")
		return err == nil && n == 1
	})
	act("delete", drop)
	if n, err := s.Cluster.Number(r.Context(), jobSQL, drop.ID, ""); err != nil || n != 0 {
		r.Errorf("a job that was dropped is there still (%v)", err)
	}
	if left := len(list()); left != discarded-2 {
		r.Errorf("the console lists %d discarded jobs, want %d", left, discarded-2)
	}
	return fmt.Sprintf("%d poison jobs: %d discarded and listed in the console, %d cancelled; one was mended and tried again there, and one dropped",
		poisonJobs, discarded, cancelled)
}

// The cause of a job is mended: it is of an order that is there.
const mendSQL = `
update river.river_job
set args = jsonb_build_object('order_id', (select args ->> 'order_id' from river.river_job where kind = 'authorize_payment' and state = 'completed' limit 1))
where id = %d`

// wait is how long it took at p99 from the placing of an order until it was paid, of those that were placed in a span of
// time, once all are.
func (r *row) wait(s *harness.Shop, from, to time.Time) (p99 time.Duration) {
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
	where p.kind = 'order.placed' and p.at >= $1 and p.at < $2
) placed`
	var seconds float64
	r.must(s.Cluster.AsOwner(r.Context(), func(conn *pgx.Conn) error { return conn.QueryRow(r.Context(), sql, from, to).Scan(&seconds) }))
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
