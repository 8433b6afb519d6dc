package live

import (
	"context"
	"time"
)

// batch is how many messages one read of the log may bring into memory.
const batch = 16

// topic is one watched thing. The hub's lock guards all of it but recent and front, which belong to whoever holds reading.
type topic[M any] struct {
	version  int // the newest that the hub has heard of
	watchers map[*watcher]struct{}
	reading  chan struct{} // one watcher reads the log; the others take what it has found
	recent   []M           // the last read, kept only while several watch
	front    int           // how far those who share their reads have read
}

// news notes a version and wakes who waits for it. The caller holds the hub's lock.
func (t *topic[M]) news(version int) {
	if version <= t.version {
		return
	}
	t.version = version
	for w := range t.watchers {
		call(w.wake)
	}
}

// watcher is one client on one thing. wake holds one call at most: it only says "look again".
type watcher struct {
	wake  chan struct{}
	apart bool // it catches up, and reads for itself meanwhile; only its own stream asks
}

// Start says from where somebody watches.
type Start[M any] struct {
	After int // the version of the last message that the client has seen
	Known int // the present version, as far as the caller knows
	First []M // messages to begin with, such as a snapshot
}

// Watch streams what happens to a thing: first the given messages, then all after the start, from the log and then
// live. The channel closes when the context ends or the hub does; a reader that is slow keeps only itself waiting.
func (h *Hub[ID, M]) Watch(ctx context.Context, thing ID, from Start[M]) <-chan M {
	out := make(chan M)
	t, w := h.join(thing, from.After, from.Known)
	if t == nil {
		close(out)
		return out
	}
	go func() {
		defer h.active.Done()
		defer close(out)
		defer h.leave(thing, t, w)
		h.stream(ctx, thing, t, w, from, out)
	}()
	return out
}

// Watching is the number of watchers.
func (h *Hub[ID, M]) Watching() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, t := range h.topics {
		n += len(t.watchers)
	}
	return n
}

func (h *Hub[ID, M]) join(thing ID, after, known int) (*topic[M], *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil
	}
	t, watched := h.topics[thing]
	if !watched {
		t = &topic[M]{watchers: make(map[*watcher]struct{}), reading: make(chan struct{}, 1)}
		h.topics[thing] = t
		h.unasked = append(h.unasked, thing)
		call(h.fresh)
	}
	t.news(known) // the others may not have heard of it yet
	w := &watcher{wake: make(chan struct{}, 1), apart: h.source.Near > 0 && known-after > h.source.Near}
	t.watchers[w] = struct{}{}
	h.active.Add(1)
	return t, w
}

func (h *Hub[ID, M]) leave(thing ID, t *topic[M], w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(t.watchers, w)
	if len(t.watchers) == 0 && h.topics[thing] == t {
		delete(h.topics, thing)
	}
}

func (h *Hub[ID, M]) stream(ctx context.Context, thing ID, t *topic[M], w *watcher, from Start[M], out chan<- M) {
	send := func(messages []M) bool {
		for _, m := range messages {
			select {
			case out <- m:
				if h.source.Sent != nil && h.source.Version(m) > from.Known {
					h.source.Sent(m)
				}
			case <-ctx.Done():
				return false
			case <-h.ended:
				return false
			}
		}
		return true
	}
	if !send(from.First) {
		return
	}
	seen, failing := from.After, false
	for {
		var again <-chan time.Time
		if h.versionOf(t) > seen {
			messages, err := h.read(ctx, thing, t, w, seen)
			if err != nil && ctx.Err() == nil && !failing {
				h.logger.WarnContext(ctx, "read what a watcher has not seen", "error", err)
			}
			failing = err != nil
			if !send(messages) {
				return
			}
			if len(messages) > 0 {
				seen = h.source.Version(messages[len(messages)-1])
				continue
			}
			again = time.After(poll) // the log did not answer, or does not show it yet
		} else {
			w.apart = false
		}
		select {
		case <-ctx.Done():
			return
		case <-h.ended:
			return
		case <-w.wake:
		case <-again:
		}
	}
}

func (h *Hub[ID, M]) versionOf(t *topic[M]) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.version
}

// read gives the next messages after a version. Watchers of the same thing share one read: a thousand clients on one
// order cost the database as much as one. Who catches up holds up none of them.
func (h *Hub[ID, M]) read(ctx context.Context, thing ID, t *topic[M], w *watcher, seen int) ([]M, error) {
	if !w.apart {
		messages, err := h.readShared(ctx, thing, t, w, seen)
		if !w.apart {
			return messages, err
		}
	}
	select {
	case h.apart <- struct{}{}:
		defer func() { <-h.apart }()
	case <-h.ended:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return h.source.After(ctx, thing, seen, batch)
}

// readShared gives what one of those who share their reads has read, or reads for them. A watcher that was left behind by
// them is told to read for itself.
func (h *Hub[ID, M]) readShared(ctx context.Context, thing ID, t *topic[M], w *watcher, seen int) ([]M, error) {
	select {
	case t.reading <- struct{}{}:
		defer func() { <-t.reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if messages := h.unseen(t.recent, seen); messages != nil {
		return messages, nil
	}
	if h.source.Near > 0 && t.front-seen > h.source.Near {
		w.apart = true
		return nil, nil
	}
	messages, err := h.source.After(ctx, thing, seen, batch)
	if err != nil {
		return nil, err
	}
	if len(messages) > 0 {
		t.front = max(t.front, h.source.Version(messages[len(messages)-1]))
	}
	t.recent = nil
	if h.shared(t) {
		t.recent = messages
	}
	return messages, nil
}

// unseen is the part of the last read that comes right after a version, or nil where there is none.
func (h *Hub[ID, M]) unseen(recent []M, seen int) []M {
	for i, m := range recent {
		switch {
		case h.source.Follows(m) == seen:
			return recent[i:]
		case h.source.Version(m) > seen:
			return nil
		}
	}
	return nil
}

func (h *Hub[ID, M]) shared(t *topic[M]) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(t.watchers) > 1
}
