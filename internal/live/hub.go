// Package live lets many clients follow things that change: it knows who watches what, learns which of the watched
// things have changed, and streams to each watcher what it has not seen yet.
//
// A watcher gets every message from the log once, in order and without a gap, however slow it reads: what waits for
// it stays in the log, not in memory, and nobody else waits with it. A hint from the database makes it fast; a poll
// of the watched things' versions makes it certain. The package knows no domain: a Source asks for it.
package live

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	poll      = 500 * time.Millisecond // how long a lost hint may delay a message
	breath    = 10 * time.Millisecond  // the least time between two looks
	longest   = 2 * time.Second        // the most
	questions = 2000                   // watched things in one question for versions
	histories = 1                      // watchers that read for themselves at once: each holds a connection that shoppers may need
)

// Source is where the things live. Its functions are safe for concurrent use.
type Source[ID comparable, M any] struct {
	// Versions gives the present version of each of the things, in one question.
	Versions func(ctx context.Context, things []ID) (map[ID]int, error)
	// Changed gives the things that changed after a position, with their versions, and the position up to which
	// that is all.
	Changed func(ctx context.Context, after int64) (map[ID]int, int64, error)
	// Head is the present position.
	Head func(ctx context.Context) (int64, error)
	// After gives the messages of one thing after a version, in order, at most limit of them.
	After func(ctx context.Context, thing ID, after, limit int) ([]M, error)
	// Version is the version of which a message tells.
	Version func(M) int
	// Follows is the version that a message comes right after; nil is the one before its own.
	Follows func(M) int
	// Near, if set, is how many versions a watcher may be behind the others and still share their reads. Who begins further
	// behind, or has come to be, reads for itself until it has seen all.
	Near int
	// Sent, if set, is told of each message that a watcher took and that is news: younger than its watching.
	Sent func(M)
}

// Hub is the switchboard of one process.
type Hub[ID comparable, M any] struct {
	source Source[ID, M]
	logger *slog.Logger
	hint   chan struct{} // something has changed in the database
	fresh  chan struct{} // something is watched that was not watched before
	ended  chan struct{}
	apart  chan struct{} // a watcher that reads for itself holds a place

	mu      sync.Mutex
	topics  map[ID]*topic[M]
	unasked []ID // watched, and not yet asked about
	closed  bool
	active  sync.WaitGroup
}

// New makes a hub. It hears of nothing before Run.
func New[ID comparable, M any](source Source[ID, M], logger *slog.Logger) *Hub[ID, M] {
	if source.Follows == nil {
		source.Follows = func(m M) int { return source.Version(m) - 1 }
	}
	return &Hub[ID, M]{
		source: source, logger: logger, topics: make(map[ID]*topic[M]),
		hint: make(chan struct{}, 1), fresh: make(chan struct{}, 1), ended: make(chan struct{}), apart: make(chan struct{}, histories),
	}
}

// Hint says that something may have changed. It never blocks.
func (h *Hub[ID, M]) Hint() { call(h.hint) }

// Run serves the watchers until the context ends; then it ends all of them and returns when they are gone.
func (h *Hub[ID, M]) Run(ctx context.Context) {
	defer h.end()
	timer := time.NewTimer(poll)
	defer timer.Stop()
	look := &lookout[ID, M]{hub: h, position: nowhere}
	failing := false
	for {
		all := false
		select {
		case <-ctx.Done():
			return
		case <-h.hint:
		case <-h.fresh:
		case <-timer.C:
			all = true
			timer.Reset(poll)
		}
		started := time.Now()
		err := look.out(ctx, all)
		if err != nil && ctx.Err() == nil && !failing {
			h.logger.WarnContext(ctx, "look for what has changed of what is watched", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-time.After(pauseAfter(time.Since(started))):
		}
	}
}

// pauseAfter is how long a hub rests after a look. That grows with the cost of the look: many watchers slow the hub down, not
// the database. One that has waited for a database that was away did not cost it so much.
func pauseAfter(took time.Duration) time.Duration { return min(max(breath, 3*took), longest) }

// end lets all watchers go.
func (h *Hub[ID, M]) end() {
	h.mu.Lock()
	h.closed = true
	close(h.ended)
	h.mu.Unlock()
	h.active.Wait()
}

// lookout asks the source what has changed.
type lookout[ID comparable, M any] struct {
	hub      *Hub[ID, M]
	position int64
}

const nowhere = -1

// out asks once. Between the polls it costs as much as there is news, not as much as there are watchers.
func (l *lookout[ID, M]) out(ctx context.Context, all bool) error {
	h := l.hub
	if l.position == nowhere {
		all = true
	}
	things, watched := h.toAsk(all)
	if !watched {
		l.position = nowhere
		return nil
	}
	if l.position == nowhere {
		// First the position, then the versions: what comes between the two is in both.
		head, err := h.source.Head(ctx)
		if err != nil {
			return err
		}
		l.position = head
	} else {
		versions, position, err := h.source.Changed(ctx, l.position)
		if err != nil {
			return err
		}
		h.heard(versions)
		l.position = position
	}
	for chunk := range slices.Chunk(things, questions) {
		versions, err := h.source.Versions(ctx, chunk)
		if err != nil {
			return err
		}
		h.heard(versions)
	}
	return nil
}

// toAsk gives the things to ask about, and whether anything is watched at all.
func (h *Hub[ID, M]) toAsk(all bool) ([]ID, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	things := h.unasked
	h.unasked = nil
	if all {
		things = make([]ID, 0, len(h.topics))
		for thing := range h.topics {
			things = append(things, thing)
		}
	}
	return things, len(h.topics) > 0
}

// heard notes new versions and wakes who waits for them.
func (h *Hub[ID, M]) heard(versions map[ID]int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for thing, version := range versions {
		if t, watched := h.topics[thing]; watched {
			t.news(version)
		}
	}
}

// call leaves a call that is heard at the next chance; a second one before that says nothing more.
func call(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
