// Package clock gives the time, so that tests can set it.
//
// Deadlines that decide about money or stock are compared with the database's time, since servers' clocks differ;
// this clock serves what stays inside one process: token checks, rate limits, displays.
package clock

import (
	"sync"
	"time"
)

// Clock tells the present moment.
type Clock interface {
	Now() time.Time
}

// System is the machine's clock, in UTC.
var System Clock = system{}

type system struct{}

func (system) Now() time.Time { return time.Now().UTC() }

// Fake is a clock that stands until it is moved. It is safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake makes a clock that stands at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.UTC()} }

// Now is the moment at which the clock stands.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock forward.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}
