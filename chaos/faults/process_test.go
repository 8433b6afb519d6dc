package faults_test

import (
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
	"github.com/wharfhq/wharf/chaos/scenario"
	"github.com/wharfhq/wharf/internal/failpoint"
)

// shortPoints are the moments at which most would be lost: between what was done and what is known of it.
var shortPoints = []failpoint.Name{
	failpoint.PlaceAfterCommit, failpoint.AuthorizeAfterCall, failpoint.OperateAfterCall, failpoint.CallbackAfterCommit,
	failpoint.CancelAfterCommit,
}

func TestFault01_KillServer(t *testing.T) {
	r := begin(t, 1, "`kill -9` of the server, at failpoints and at random")
	o := scenario.Ordeal{Points: shortPoints, Random: 4}
	if r.full {
		o = scenario.Ordeal{Points: failpoint.Names, Random: 200}
	}
	r.scenario(func(run *scenario.Run) error { return scenario.Crashes(t.Context(), run, o) })
}

func TestFault02_KillPostgres(t *testing.T) {
	r := begin(t, 2, "`kill -9` of PostgreSQL")
	s := r.open(harness.Options{})
	p := s.Servers[0]
	pid := p.PID()
	idle := s.Goroutines(t.Context(), p)
	begin := time.Now()
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Staff: 1})
	watch := s.Watch(t.Context(), p)
	var longest time.Duration
	kills := r.of(3, 50)
	for range kills {
		r.sleep(r.between(500*time.Millisecond, 2*time.Second))
		killed := time.Now()
		r.must(s.Cluster.Signal(syscall.SIGKILL))
		for p.Status(t.Context(), "/readyz") == http.StatusOK && time.Since(killed) < 5*time.Second {
			r.sleep(5 * time.Millisecond)
		}
		r.must(p.Ready(t.Context(), 20*time.Second))
		longest = max(longest, time.Since(killed))
	}
	c.Leave()
	health := watch()
	if health.NotReady == 0 || health.NotAlive > 0 {
		t.Errorf("readiness said no %d times and liveness %d times; want some and none", health.NotReady, health.NotAlive)
	}
	codes := c.History.Codes(begin, time.Now())
	for code, n := range codes {
		if code != "BUSY" {
			t.Errorf("%d requests were turned away with %q, want BUSY: the same may be sent again", n, code)
		}
	}
	slow := c.History.Unanswered()
	if most, want := slow.At(1), r.within(2*time.Second, 10*time.Second); most > want {
		t.Errorf("a request was told after %s that it can't be served, want at most %s", most, want)
	}
	if want := r.within(10*time.Second, 20*time.Second); longest > want {
		t.Errorf("it took %s until requests were served again, want at most %s", longest, want)
	}
	if p.PID() != pid {
		t.Error("the server was restarted")
	}
	r.found("%d kills; served again after %s at most; %d requests turned away with BUSY, the slowest in %s", kills, longest.Round(time.Millisecond), len(slow), slow.At(1))
	_, err := s.Settle(t.Context(), 2*time.Minute)
	r.must(err)
	now := s.Goroutines(t.Context(), p)
	if now > idle+20 {
		t.Errorf("%d goroutines at rest, and %d before", now, idle)
	}
	r.found("%d goroutines at rest, and %d before", now, idle)
	r.prove(s, c)
}

// comeBack is the code of a socket that is closed because its server goes: service restart.
const comeBack = 1012

func TestFault03_Terminate(t *testing.T) {
	r := begin(t, 3, "SIGTERM under load, behind a balancer that asks for readiness")
	s := r.open(harness.Options{Servers: 2, Env: []string{"WHARF_DRAIN_DELAY=1s"}})
	c := s.Come(t.Context(), harness.Wishes{Seed: r.seed, Staff: 2, Balanced: true})
	order, err := s.Place(t.Context(), s.Wish("followed", "approve"))
	r.must(err)
	followers := []*harness.Follower{s.Follow(t.Context(), s.Servers[0], order), s.Follow(t.Context(), s.Servers[1], order)}
	var ends harness.Times
	rounds := r.of(4, 20)
	for i := range rounds {
		r.sleep(r.between(500*time.Millisecond, 2*time.Second))
		p, follower := s.Servers[i%2], followers[i%2]
		r.eventually("a socket is open", follower.Open)
		sockets := len(follower.Codes())
		began := time.Now()
		stopped := make(chan error, 1)
		go func() { stopped <- p.Stop() }()
		for p.Status(t.Context(), "/readyz") == http.StatusOK {
			if want := r.within(time.Second, 5*time.Second); time.Since(began) > want {
				t.Errorf("%s after SIGTERM readiness still says yes", want)
				break
			}
			r.sleep(5 * time.Millisecond)
		}
		r.must(<-stopped)
		ends = append(ends, time.Since(began))
		r.eventually("the socket has ended", func() bool { return len(follower.Codes()) > sockets })
		if code := follower.Codes()[sockets]; code != comeBack {
			t.Errorf("the socket was closed with %d, want %d", code, comeBack)
		}
		r.must(p.Start(t.Context()))
	}
	for _, f := range followers {
		r.must(f.Leave())
	}
	c.Leave()
	slices.Sort(ends)
	var begin time.Time
	if n := c.History.Count("", harness.Unknown, begin) + c.History.Count("", harness.Again, begin); n > 0 {
		t.Errorf("%d requests were not served", n)
	}
	r.found("%d restarts, exit 0 each, the longest end %s, sockets closed with %d; %s", rounds, ends.At(1), comeBack, &c.History)
	r.prove(s, c)
}
