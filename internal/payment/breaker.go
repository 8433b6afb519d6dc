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
	silent   time.Time           // since when no call has been answered; zero when the last one was
	until    time.Time           // open until then; zero when it is closed
	scout    *call               // the one that sees whether the provider is back; nil when none does
	noted    time.Time           // when it was last noted for all processes whether the provider answers
	answers  bool                // what was noted then
}

// call is one that is under way.
type call struct{ admitted time.Time }

func newBreaker(pause time.Duration) *breaker {
	return &breaker{pause: pause, charges: map[string]struct{}{}}
}

// admit lets a call go, which is under way until leave, or says how long it must wait. Once the breaker has been open
// for its while, one goes to see and all others wait for what becomes of it.
func (b *breaker) admit(now time.Time) (wait time.Duration, leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls >= mostCalls {
		return crowdedWait, nil
	}
	own := &call{admitted: now}
	if !b.until.IsZero() {
		if wait := b.until.Sub(now); wait > 0 {
			return wait, nil
		}
		b.until, b.scout = now.Add(b.pause), own
	}
	b.calls++
	return 0, sync.OnceFunc(func() { b.leave(own) })
}

// leave ends a call. If it was to see and has heard nothing, since it was never made, the next one may see at once.
func (b *breaker) leave(own *call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls--
	if b.scout == own {
		b.until, b.scout = own.admitted, nil
	}
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
	b.scout = nil
	if ok {
		b.failures, b.until, b.silent = 0, time.Time{}, time.Time{}
		clear(b.charges)
		return wasOpen
	}
	if b.failures++; b.silent.IsZero() {
		b.silent = now
	}
	if len(b.charges) < breakerCharges {
		b.charges[charge] = struct{}{}
	}
	if wasOpen || (b.failures >= breakerFailures && len(b.charges) >= breakerCharges) {
		b.until = now.Add(b.pause)
	}
	return !wasOpen && !b.until.IsZero()
}

// toNote says whether what became of a call is to be noted for all processes: that there was no answer while the breaker is
// open, and for how long there has been none; that there was one, since another process may have found none. The same is
// noted again after each pause, no sooner.
func (b *breaker) toNote(now time.Time, answered bool) (lasted time.Duration, due bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !answered && b.until.IsZero() || answered == b.answers && now.Sub(b.noted) < b.pause {
		return 0, false
	}
	b.noted, b.answers = now, answered
	if !answered {
		lasted = now.Sub(b.silent)
	}
	return lasted, true
}

// unnoted says that noting has failed.
func (b *breaker) unnoted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.noted = time.Time{}
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

// admit lets a call to a provider go, which counts until leave, or says how long the provider is to be left alone. What
// has waited for long is asked for less often, and everything at its own moment, so that neither the queue nor the
// provider is overrun when it is back.
func (p *Payments) admit(provider string, waiting time.Duration) (wait time.Duration, leave func()) {
	b, ok := p.breakers[provider]
	if !ok {
		return 0, func() {}
	}
	if wait, leave = b.admit(time.Now()); leave != nil {
		return 0, leave
	}
	wait = max(wait, min(waiting/8, time.Minute), 10*time.Millisecond)
	return wait + rand.N(wait/2+1), nil
}
