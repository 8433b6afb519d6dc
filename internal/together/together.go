// Package together does at once what many want at the same moment: one transaction, with a fixed number of statements,
// instead of one for each.
//
// It promises that there is no waiting for the sake of a batch: what comes while nothing runs is begun at once, unless it
// gives way to others, and what comes meanwhile is done as soon as that has ended. So a lone wish is as fast as before, and
// batches grow with the load. One that can't be done with the others is done alone, by whoever wants it: nobody suffers for
// another.
package together

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Work says how wishes are fulfilled.
type Work[T comparable] struct {
	Most   int           // of one batch
	Within time.Duration // the longest that a batch may take

	// All does a batch. It gives those back that it had to leave out, since somebody else holds what they need. After an
	// error nothing has been done, or nobody knows: each is done alone then, so doing one twice must be safe.
	All func(ctx context.Context, batch []T) (left []T, err error)
	// Alone does one, and may wait for what it needs.
	Alone func(ctx context.Context, one T) error
	// Yield, if there is one, may wait a little before each batch that is not full, for others who go first. What comes
	// meanwhile is done with the batch.
	Yield    func(ctx context.Context, atMost time.Duration)
	YieldFor time.Duration // the longest that it may
}

// Group gathers the wishes of a process. Nothing runs while nobody wants anything.
type Group[T comparable] struct {
	work Work[T]

	mu      sync.Mutex
	queue   []*wish[T]
	running bool
}

// wish is what somebody wants, until done is closed.
type wish[T comparable] struct {
	of    T
	done  chan struct{}
	alone bool // it could not be done with the others
}

// New makes a group.
func New[T comparable](work Work[T]) *Group[T] { return &Group[T]{work: work} }

// Do fulfills a wish and returns when that is done. Who no longer waits is left out, unless the batch has begun.
func (g *Group[T]) Do(ctx context.Context, of T) error {
	own := g.enter(ctx, of)
	select {
	case <-own.done:
	case <-ctx.Done():
		if g.withdraw(own) {
			return ctx.Err()
		}
		<-own.done
	}
	if own.alone {
		return g.work.Alone(ctx, of)
	}
	return nil
}

// Waiting is how many wishes wait for the next batch.
func (g *Group[T]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.queue)
}

func (g *Group[T]) enter(ctx context.Context, of T) *wish[T] {
	own := &wish[T]{of: of, done: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue = append(g.queue, own)
	if !g.running {
		g.running = true
		go g.run(context.WithoutCancel(ctx))
	}
	return own
}

func (g *Group[T]) withdraw(own *wish[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.queue, own)
	if i < 0 {
		return false
	}
	g.queue = slices.Delete(g.queue, i, i+1)
	return true
}

// run does batch after batch until nobody wants anything.
func (g *Group[T]) run(ctx context.Context) {
	for batch := g.next(ctx); len(batch) > 0; batch = g.next(ctx) {
		left, err := g.all(ctx, batch)
		for _, own := range batch {
			own.alone = err != nil || slices.Contains(left, own.of)
			close(own.done)
		}
	}
}

func (g *Group[T]) next(ctx context.Context) []*wish[T] {
	if n := g.Waiting(); g.work.Yield != nil && 0 < n && n < g.work.Most {
		g.work.Yield(ctx, g.work.YieldFor)
	}
	return g.take()
}

func (g *Group[T]) take() []*wish[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.queue), g.work.Most)
	batch := slices.Clone(g.queue[:n])
	g.queue = slices.Delete(g.queue, 0, n)
	g.running = n > 0
	return batch
}

// all does a batch. A panic is an error: what one wish does to us must not end the process for all.
func (g *Group[T]) all(ctx context.Context, batch []*wish[T]) (left []T, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, g.work.Within)
	defer cancel()
	wanted := make([]T, len(batch))
	for i, own := range batch {
		wanted[i] = own.of
	}
	return g.work.All(ctx, wanted)
}
