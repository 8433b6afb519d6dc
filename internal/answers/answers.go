// Package answers keeps whole answers in memory for as long as they are true.
//
// An answer is kept with the positions of the realms that it rests on, as they were in the very snapshot it was read
// from, and is given again only while this process knows of no later ones. What a process knows is never older than
// position.StaleAfter; when it can't find out, nothing is given from memory at all. Time changes answers too, without
// anybody writing: so each also has a life, at most MaxLife, and ends when it was told that something changes by itself.
//
// Who asks what nobody has an answer to makes it, and those who ask the same meanwhile wait for it.
package answers

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/wharfhq/wharf/internal/position"
)

// MaxLife is how long an answer is given at most.
const MaxLife = 10 * time.Second

// joinWithin is for how long those who ask the same join a making that has begun: they see the shop as it was then.
const joinWithin = 250 * time.Millisecond

// overhead is about what an entry takes beside its answer.
const overhead = 512

// Key names a question with everything that its answer depends on, except the shop itself.
type Key [sha256.Size]byte

// Rule says what an answer rests on and how long it lives.
type Rule struct {
	Realms []position.Realm
	Life   time.Duration
}

// Made is an answer with what is needed to keep it.
type Made[A any] struct {
	Answer A
	At     map[position.Realm]int64 // where the realms were in what it was read from
	Rule   Rule
	Ends   time.Time // when it is over, whatever the rule says, such as when something is published by itself; zero is never
	Bytes  int       // how large it is; 0 is not to be kept
}

// Config is what a cache works with.
type Config struct {
	Positions *position.Follower
	Bytes     int           // how much is kept
	Makers    int           // how many answers are made at the same time
	Within    time.Duration // how long making one may take
}

// Cache keeps answers. It is safe for concurrent use.
type Cache[A any] struct {
	Config
	makers chan struct{}

	mu      sync.Mutex
	kept    *simplelru.LRU[Key, *entry[A]]
	bytes   int
	flights map[Key]*flight[A]

	hits, misses, joined, evicted atomic.Uint64
}

type entry[A any] struct {
	Made[A]
	line int
	ends time.Time
}

// flight is an answer that is being made.
type flight[A any] struct {
	began time.Time
	done  chan struct{}
	made  Made[A]
	err   error
}

// New makes an empty cache.
func New[A any](config Config) *Cache[A] {
	kept, err := simplelru.NewLRU[Key, *entry[A]](math.MaxInt32, nil)
	if err != nil {
		panic(err) // the size is a constant above zero: bytes bound it
	}
	return &Cache[A]{Config: config, makers: make(chan struct{}, config.Makers), kept: kept, flights: map[Key]*flight[A]{}}
}

// Find gives the answer that is kept under a key, if it is true as far as this process knows, and if that is enough.
func (c *Cache[A]) Find(key Key) (A, bool) {
	known, fresh := c.Positions.Known()
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.kept.Get(key)
	if !ok || !fresh {
		var none A
		return none, false
	}
	if !e.holds(known) {
		c.drop(key, e)
		var none A
		return none, false
	}
	c.hits.Add(1)
	return e.Answer, true
}

func (e *entry[A]) holds(known position.Known) bool {
	if e.line != known.Line || time.Now().After(e.ends) {
		return false
	}
	for _, realm := range e.Rule.Realms {
		if e.At[realm] < known.At[realm] {
			return false
		}
	}
	return true
}

// Make gives the answer that maker makes, or that of somebody who is making it already. It is made to its end also when
// the caller leaves, for others may wait for it; so maker gets a context of its own.
func (c *Cache[A]) Make(ctx context.Context, key Key, maker func(context.Context) (Made[A], error)) (A, error) {
	f, first := c.join(key)
	if first {
		c.misses.Add(1)
		go c.fly(context.WithoutCancel(ctx), key, f, maker)
	} else {
		c.joined.Add(1)
	}
	select {
	case <-f.done:
		return f.made.Answer, f.err
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

func (c *Cache[A]) join(key Key) (f *flight[A], first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if f := c.flights[key]; f != nil && now.Sub(f.began) < joinWithin {
		return f, false
	}
	f = &flight[A]{began: now, done: make(chan struct{})}
	c.flights[key] = f
	return f, true
}

var errLanded = errors.New("the answer was not made")

func (c *Cache[A]) fly(ctx context.Context, key Key, f *flight[A], maker func(context.Context) (Made[A], error)) {
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	f.err = errLanded
	known, _ := c.Positions.Known()
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("panic while making an answer: %v\n%s", p, debug.Stack())
		}
		c.land(key, f, known.Line)
	}()
	select {
	case c.makers <- struct{}{}:
		defer func() { <-c.makers }()
	case <-ctx.Done():
		f.err = ctx.Err()
		return
	}
	f.made, f.err = maker(ctx)
}

// land keeps what was made and lets everybody have it.
func (c *Cache[A]) land(key Key, f *flight[A], line int) {
	defer close(f.done)
	if f.err == nil {
		c.Positions.Saw(f.made.At)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flights[key] == f {
		delete(c.flights, key)
	}
	size := f.made.Bytes + overhead
	if f.err != nil || f.made.Bytes == 0 || size > c.Config.Bytes/16 { // one answer must not push out the rest
		return
	}
	if old, ok := c.kept.Peek(key); ok {
		c.drop(key, old)
	}
	ends := f.began.Add(min(f.made.Rule.Life, MaxLife))
	if over := f.made.Ends; !over.IsZero() && over.Before(ends) {
		ends = over
	}
	c.kept.Add(key, &entry[A]{Made: f.made, line: line, ends: ends})
	for c.bytes += size; c.bytes > c.Config.Bytes; c.evicted.Add(1) {
		oldest, e, _ := c.kept.GetOldest()
		c.drop(oldest, e)
	}
}

// drop forgets an entry. The caller holds the lock.
func (c *Cache[A]) drop(key Key, e *entry[A]) {
	c.kept.Remove(key)
	c.bytes -= e.Bytes + overhead
}

// Figures tell how a cache does.
type Figures struct {
	Hits    uint64 // answers given from memory
	Misses  uint64 // answers made
	Joined  uint64 // answers that somebody else was making
	Evicted uint64 // answers that had to go to make room
	Kept    int    // how many answers there are
	Bytes   int    // what they take
}

// Figures tell how the cache has done so far.
func (c *Cache[A]) Figures() Figures {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Figures{
		Hits: c.hits.Load(), Misses: c.misses.Load(), Joined: c.joined.Load(), Evicted: c.evicted.Load(),
		Kept: c.kept.Len(), Bytes: c.bytes,
	}
}
