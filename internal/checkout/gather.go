package checkout

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// readsAtOnce is how many reads of one kind run side by side; who comes while they do shares the next one.
	readsAtOnce = 2
	// readWithin bounds a read that no single shopper's patience ends.
	readWithin = 5 * time.Second
)

// gather lets orders that are worked out at the same moment share their reads, as they share their commit: what is
// asked for while the last read runs goes into the next one. No timer and nothing kept: a lone order reads at once, and
// a read always begins after it was asked for, so nobody is told what was.
type gather[K comparable, V any] struct {
	read func(ctx context.Context, keys []K) (map[K]V, error)

	mu      sync.Mutex
	next    *reading[K, V] // not begun yet
	running int
}

// reading is one read for all who share it.
type reading[K comparable, V any] struct {
	keys  map[K]struct{}
	done  chan struct{}
	found map[K]V
	err   error
}

func newGather[K comparable, V any](read func(context.Context, []K) (map[K]V, error)) *gather[K, V] {
	return &gather[K, V]{read: read}
}

// of finds what belongs to the keys, and perhaps more: the answer is shared and must not be changed. Who leaves takes
// nothing from the others.
func (g *gather[K, V]) of(ctx context.Context, keys []K) (map[K]V, error) {
	own := g.join(ctx, keys)
	select {
	case <-own.done:
		return own.found, own.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *gather[K, V]) join(ctx context.Context, keys []K) *reading[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		g.next = &reading[K, V]{keys: make(map[K]struct{}, len(keys)), done: make(chan struct{})}
	}
	own := g.next
	for _, key := range keys {
		own.keys[key] = struct{}{}
	}
	if g.running < readsAtOnce {
		g.running++
		g.next = nil
		go g.run(context.WithoutCancel(ctx), own)
	}
	return own
}

// run reads for one group of callers after the other until nobody waits.
func (g *gather[K, V]) run(ctx context.Context, r *reading[K, V]) {
	for r != nil {
		r.err = contained(func() (err error) {
			ctx, cancel := context.WithTimeout(ctx, readWithin)
			defer cancel()
			r.found, err = g.read(ctx, slices.Collect(maps.Keys(r.keys)))
			return err
		})
		close(r.done)
		g.mu.Lock()
		r, g.next = g.next, nil
		if r == nil {
			g.running--
		}
		g.mu.Unlock()
	}
}
