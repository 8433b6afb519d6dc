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
	breakerMemory   = 100 // how many charges that have failed are remembered
)

// A process asks one provider at most this much at a time. It is half of what its workers can do at once: a provider
// that answers late, and so never opens its breaker, must not keep the orders of all others waiting.
const (
	mostCalls   = 100
	crowdedWait = 500 * time.Millisecond
)

// breaker keeps calls away from a provider that does not answer, so that neither workers nor shoppers wait for it. It
// is closed until the provider has failed; then it is open for a while, and after that lets one call through to see: one
// about a charge that has not failed yet, and beside it one about those that have. The latter are asked about again and
// again, so if they alone could see, a few charges that a provider can't digest would keep all others from it.
// Each process learns for itself: what one can't reach, another may.
type breaker struct {
	pause time.Duration // how long it stays open

	mu       sync.Mutex
	calls    int // under way
	failures int
	charges  map[string]struct{} // that have failed since the last success
	silent   time.Time           // since when no call has been answered; zero when the last one was
	fresh    gate                // for charges that have not failed
	failed   gate                // for those that have
	noted    time.Time           // when it was last noted for all processes whether the provider answers
	answers  bool                // what was noted then
}

// gate is an open breaker as one sort of charges sees it.
type gate struct {
	until time.Time // open until then; zero when it is closed
	scout *call     // the one that sees whether the provider is back; nil when none does
}

// call is one that is under way.
type call struct {
	admitted time.Time
	gate     *gate // through which it has gone to see; nil when the breaker was closed
}

func newBreaker(pause time.Duration) *breaker {
	return &breaker{pause: pause, charges: map[string]struct{}{}}
}

// admit lets a call about a charge go, which is under way until leave, or says how long it must wait; a charge that is not
// made yet has no name. Once the breaker has been open for its while, one goes to see and all others of its sort wait for
// what becomes of it.
func (b *breaker) admit(now time.Time, charge string) (wait time.Duration, leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls >= mostCalls {
		return crowdedWait, nil
	}
	own := &call{admitted: now}
	if g := b.gateOf(charge); !g.until.IsZero() {
		if wait := g.until.Sub(now); wait > 0 {
			return wait, nil
		}
		g.until, g.scout, own.gate = now.Add(b.pause), own, g
	}
	b.calls++
	return 0, sync.OnceFunc(func() { b.leave(own) })
}

func (b *breaker) gateOf(charge string) *gate {
	if _, failed := b.charges[charge]; failed {
		return &b.failed
	}
	return &b.fresh
}

// leave ends a call. If it was to see and has heard nothing, since it was never made, the next one may see at once.
func (b *breaker) leave(own *call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls--
	if g := own.gate; g != nil && g.scout == own {
		g.until, g.scout = own.admitted, nil
	}
}

// open says whether a call about a charge that has not failed would have to wait, without taking its turn.
func (b *breaker) open(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fresh.until.After(now)
}

// leftAlone says whether calls have to wait for what becomes of one that sees.
func (b *breaker) leftAlone(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fresh.until.After(now) || b.failed.until.After(now)
}

// answered notes what became of a call; it says whether that has opened or closed the breaker.
func (b *breaker) answered(now time.Time, charge string, ok bool) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wasOpen := !b.fresh.until.IsZero()
	if ok {
		b.failures, b.silent, b.fresh, b.failed = 0, time.Time{}, gate{}, gate{}
		clear(b.charges)
		return wasOpen
	}
	if b.failures++; b.silent.IsZero() {
		b.silent = now
	}
	again := b.gateOf(charge) == &b.failed
	if len(b.charges) < breakerMemory {
		b.charges[charge] = struct{}{}
	}
	pause := gate{until: now.Add(b.pause)}
	switch {
	case wasOpen && again:
		b.failed = pause // it tells nothing new of the provider
	case wasOpen:
		b.fresh, b.failed = pause, pause
	case b.failures >= breakerFailures && len(b.charges) >= breakerCharges:
		b.fresh, b.failed = pause, pause
		return true
	}
	return false
}

// toNote says whether what became of a call is to be noted for all processes: that there was no answer while the breaker is
// open, and for how long there has been none; that there was one, since another process may have found none. The same is
// noted again after each pause, no sooner.
func (b *breaker) toNote(now time.Time, answered bool) (lasted time.Duration, due bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !answered && b.fresh.until.IsZero() || answered == b.answers && now.Sub(b.noted) < b.pause {
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

// admit lets a call to a provider about a charge go, which counts until leave, or says how long the provider is to be left alone. What
// has waited for long is asked for less often, and everything at its own moment, so that neither the queue nor the
// provider is overrun when it is back.
func (p *Payments) admit(provider, charge string, waiting time.Duration) (wait time.Duration, leave func()) {
	b, ok := p.breakers[provider]
	if !ok {
		return 0, func() {}
	}
	if wait, leave = b.admit(time.Now(), charge); leave != nil {
		return 0, leave
	}
	wait = max(wait, min(waiting/8, time.Minute), 10*time.Millisecond)
	return wait + rand.N(wait/2+1), nil
}
