package payment

import (
	"math/rand/v2"
	"sync"
	"time"
)

// A provider that has failed to answer so often in a row, for so many different charges, is left alone for a while: a
// single charge that it can't digest is no outage.
const (
	breakerFailures = 5
	breakerCharges  = 3
)

// A process asks one provider at most this much at a time. It is half of what its workers can do at once: a provider
// that answers late, and so never opens its breaker, must not keep the orders of all others waiting.
const (
	mostCalls   = 100
	crowdedWait = 500 * time.Millisecond
)

// breaker keeps calls away from a provider that does not answer, so that neither workers nor shoppers wait for it. It
// is closed until the provider has failed; then it is open for a while, and after that lets one call through to see.
// Each process learns for itself: what one can't reach, another may.
type breaker struct {
	pause time.Duration // how long it stays open

	mu       sync.Mutex
	calls    int // under way
	failures int
	charges  map[string]struct{} // that have failed since the last success
	until    time.Time           // open until then; zero when it is closed
}

func newBreaker(pause time.Duration) *breaker {
	return &breaker{pause: pause, charges: map[string]struct{}{}}
}

// enter counts a call that is under way, until leave.
func (b *breaker) enter() (leave func()) {
	b.count(1)
	return func() { b.count(-1) }
}

func (b *breaker) count(more int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls += more
}

// crowded says whether so many calls are under way that another one must wait.
func (b *breaker) crowded() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls >= mostCalls
}

// blocked is how long a call must wait; 0 lets it go, and, once the breaker has been open for its while, keeps all
// others waiting for what becomes of it.
func (b *breaker) blocked(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return 0
	}
	if wait := b.until.Sub(now); wait > 0 {
		return wait
	}
	b.until = now.Add(b.pause)
	return 0
}

// open says whether a call would have to wait, without taking its turn.
func (b *breaker) open(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until.After(now)
}

// answered notes what became of a call; it says whether that has opened or closed the breaker.
func (b *breaker) answered(now time.Time, charge string, ok bool) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wasOpen := !b.until.IsZero()
	if ok {
		b.failures, b.until = 0, time.Time{}
		clear(b.charges)
		return wasOpen
	}
	b.failures++
	if len(b.charges) < breakerCharges {
		b.charges[charge] = struct{}{}
	}
	if wasOpen || (b.failures >= breakerFailures && len(b.charges) >= breakerCharges) {
		b.until = now.Add(b.pause)
	}
	return !wasOpen && !b.until.IsZero()
}

// Unavailable says of each provider whether this process leaves it alone at the moment, since it does not answer.
func (p *Payments) Unavailable() map[string]bool {
	now := time.Now()
	open := make(map[string]bool, len(p.breakers))
	for name, b := range p.breakers {
		open[name] = b.open(now)
	}
	return open
}

// blocked is how long a provider is to be left alone; 0 is a turn to ask it. What has waited for long is asked for less
// often, and everything at its own moment, so that neither the queue nor the provider is overrun when it is back.
func (p *Payments) blocked(provider string, waiting time.Duration) time.Duration {
	b, ok := p.breakers[provider]
	if !ok {
		return 0
	}
	wait := crowdedWait
	if !b.crowded() {
		wait = b.blocked(time.Now())
	}
	if wait == 0 {
		return 0
	}
	wait = max(wait, min(waiting/8, time.Minute), 10*time.Millisecond)
	return wait + rand.N(wait/2+1)
}

// calling counts a call to a provider until it is over.
func (p *Payments) calling(provider string) (over func()) {
	if b, ok := p.breakers[provider]; ok {
		return b.enter()
	}
	return func() {}
}

// heard notes whether a provider has answered a call, and tells the operators when it is left alone or asked again.
func (p *Payments) heard(provider, charge string, answered bool) {
	b, ok := p.breakers[provider]
	if !ok || !b.answered(time.Now(), charge, answered) {
		return
	}
	if answered {
		p.log.Info("payment provider answers again", "provider", provider)
		return
	}
	p.log.Error("payment provider does not answer and is left alone for a while", "provider", provider, "for", b.pause.String())
}
