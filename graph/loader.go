package graph

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// loader answers one "by many keys" question for the length of one answer: however many fields ask, each key is read
// once, and keys that belong together are read together. It is safe for concurrent use.
//
// Which keys belong together is known when a list is read: whoever reads the list says so with together.expect, and
// the first field that asks for one element's key brings the whole list's. So the number of SQL statements does not
// depend on timing. Keys that nobody expected are gathered for a moment.
type loader[K comparable, V any] struct {
	read     func(context.Context, []K) (map[K]V, error)
	together *together[K]

	mu      sync.Mutex
	cells   map[K]*cell[V]
	waiting []K // unexpected keys that are being gathered
}

// gathering is how long unexpected keys wait for company.
const gathering = 500 * time.Microsecond

// cell is the answer to one key, when done is closed.
type cell[V any] struct {
	done  chan struct{}
	value V
	ok    bool
	err   error
}

func newLoader[K comparable, V any](t *together[K], read func(context.Context, []K) (map[K]V, error)) *loader[K, V] {
	return &loader[K, V]{read: read, together: t, cells: map[K]*cell[V]{}}
}

// load gives the key's value; false where there is none.
func (l *loader[K, V]) load(ctx context.Context, key K) (V, bool, error) {
	l.mu.Lock()
	c, known := l.cells[key]
	if !known {
		c = l.cell(key)
		group := l.together.of(key)
		if group == nil {
			l.gather(ctx, key)
		} else {
			keys := []K{key}
			for _, k := range group {
				if _, known := l.cells[k]; !known {
					l.cell(k)
					keys = append(keys, k)
				}
			}
			l.mu.Unlock()
			l.fill(ctx, keys)
			return c.value, c.ok, c.err
		}
	}
	l.mu.Unlock()
	select {
	case <-c.done:
		return c.value, c.ok, c.err
	case <-ctx.Done():
		var none V
		return none, false, ctx.Err()
	}
}

// prime gives a key's value without reading it, where it is known from elsewhere.
func (l *loader[K, V]) prime(key K, value V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.cells[key]; !known {
		c := l.cell(key)
		c.value, c.ok = value, true
		close(c.done)
	}
}

// cell makes the place for a key's answer. The caller holds the lock.
func (l *loader[K, V]) cell(key K) *cell[V] {
	c := &cell[V]{done: make(chan struct{})}
	l.cells[key] = c
	return c
}

// gather puts a key with those that wait; the first one starts the clock. The caller holds the lock.
func (l *loader[K, V]) gather(ctx context.Context, key K) {
	l.waiting = append(l.waiting, key)
	if len(l.waiting) > 1 {
		return
	}
	go func() {
		time.Sleep(gathering)
		l.mu.Lock()
		keys := l.waiting
		l.waiting = nil
		l.mu.Unlock()
		l.fill(ctx, keys)
	}()
}

// fill reads keys and answers everyone who waits for them. A panic is an error like any other: whoever gathers has no
// caller above it that could catch one.
func (l *loader[K, V]) fill(ctx context.Context, keys []K) {
	var values map[K]V
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while loading: %v\n%s", p, debug.Stack())
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, key := range keys {
			c := l.cells[key]
			c.value, c.ok = values[key]
			c.err = err
			close(c.done)
		}
	}()
	values, err = l.read(ctx, keys)
}

// together knows which keys came in one list.
type together[K comparable] struct {
	mu    sync.Mutex
	lists map[K][]K
}

// expect says that these keys belong together. A key that is in two lists stays with the first.
func (t *together[K]) expect(keys []K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lists == nil {
		t.lists = map[K][]K{}
	}
	keys = slices.Clone(keys)
	for _, key := range keys {
		if _, known := t.lists[key]; !known {
			t.lists[key] = keys
		}
	}
}

func (t *together[K]) of(key K) []K {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lists[key]
}
