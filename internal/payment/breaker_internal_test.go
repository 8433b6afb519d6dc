package payment

import (
	"fmt"
	"testing"
	"time"
)

func TestBreaker(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := newBreaker(10 * time.Second)
	blocked := func() time.Duration {
		wait, leave := b.admit(now)
		if leave != nil {
			t.Cleanup(leave)
		}
		return wait
	}
	fail := func(charge string) bool { return b.answered(now, charge, false) }

	for range 20 { // one charge that the provider can't digest is no outage
		if fail("a") || blocked() != 0 {
			t.Fatal("one charge has opened the breaker")
		}
	}
	b.answered(now, "x", true)
	for i, charge := range []string{"a", "b", "c", "a"} {
		if fail(charge) {
			t.Fatalf("%d failures have opened the breaker", i+1)
		}
	}
	if !fail("b") {
		t.Fatal("five failures of three charges have not opened the breaker")
	}
	if wait := blocked(); wait != 10*time.Second {
		t.Errorf("open, it says to wait %s", wait)
	}
	now = now.Add(10 * time.Second)
	if b.open(now) || blocked() != 0 {
		t.Error("after its while nobody may see whether the provider is back")
	}
	if wait := blocked(); wait != 10*time.Second {
		t.Errorf("while one sees, another is told to wait %s", wait)
	}
	if fail("d") || blocked() == 0 {
		t.Error("the one who saw has failed, and the breaker is closed or tells it again")
	}
	now = now.Add(10 * time.Second)
	if blocked() != 0 {
		t.Error("nobody may see again")
	}
	if !b.answered(now, "d", true) || blocked() != 0 {
		t.Error("the provider answers, and the breaker stays open")
	}
	if fail("a") || blocked() != 0 {
		t.Error("one failure has opened it again")
	}
}

// One that was to see whether the provider is back, and was never made, costs the others nothing.
func TestABreakersScoutThatNeverCallsIsReplaced(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := newBreaker(10 * time.Second)
	for _, charge := range []string{"a", "b", "c", "d", "e"} {
		b.answered(now, charge, false)
	}
	_, early := b.admit(now.Add(10 * time.Second))
	now = now.Add(11 * time.Second)
	if wait, _ := b.admit(now); wait != 9*time.Second {
		t.Fatalf("while one sees, another waits %s", wait)
	}
	early()
	wait, next := b.admit(now)
	if wait != 0 {
		t.Fatalf("the one that was to see is gone, and the next waits %s", wait)
	}
	b.answered(now, "f", false)
	next()
	if wait, _ := b.admit(now); wait != 10*time.Second {
		t.Errorf("the next has seen that the provider does not answer, and another waits %s", wait)
	}
}

func TestMethodsThatWorkArePreferred(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tried   int
		methods string
		want    string
	}{
		{0, "ab", "ab"}, {0, "xb", "b2 x1"}, {0, "xyb", "b3 x1 y2"}, {0, "xaby", "a2 x1 b3 y4"}, {1, "xyb", "x b3 y2"}, {0, "xy", "xy"}, {2, "ab", "ab"},
	} {
		d := &dossier{payment: Payment{tried: c.tried}}
		for _, name := range c.methods {
			d.payment.methods = append(d.payment.methods, Method{Provider: string(name)})
		}
		d.prefer(func(provider string) bool { return provider < "x" })
		got := ""
		for _, m := range d.payment.methods {
			if m.Rank == 0 {
				got += m.Provider
				continue
			}
			if got != "" {
				got += " "
			}
			got += fmt.Sprint(m.Provider, m.Rank)
		}
		if got != c.want {
			t.Errorf("%s after %d: %s, want %s", c.methods, c.tried, got, c.want)
		}
	}
}

func TestAProviderIsNotAskedTooMuchAtOnce(t *testing.T) {
	t.Parallel()
	p := &Payments{breakers: map[string]*breaker{"late": newBreaker(time.Second), "quick": newBreaker(time.Second)}}
	var over []func()
	for n := range mostCalls {
		wait, leave := p.admit("late", 0)
		if wait != 0 {
			t.Fatalf("with %d calls under way one more has to wait %s", n, wait)
		}
		over = append(over, leave)
	}
	if wait, _ := p.admit("late", 0); wait < crowdedWait || wait > 2*crowdedWait {
		t.Errorf("one too many has to wait %s, want %s to %s", wait, crowdedWait, 2*crowdedWait)
	}
	if wait, _ := p.admit("late", time.Hour); wait < time.Minute {
		t.Errorf("an order that has waited for long is back in %s", wait)
	}
	if wait, _ := p.admit("quick", 0); wait != 0 {
		t.Error("another provider has to wait too")
	}
	if p.breakers["late"].open(time.Now()) {
		t.Error("a provider that is asked much counts as one that does not answer")
	}
	for _, over := range over {
		over()
		over() // ends it no more than once
	}
	if wait, _ := p.admit("late", 0); wait != 0 {
		t.Error("when the calls are over one more still has to wait")
	}
}
