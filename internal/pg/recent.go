package pg

import (
	"context"
	"sync"
	"time"
)

// Recent keeps a small answer of the database in memory for a moment, for what everybody asks and hardly anybody
// changes. The zero value is ready.
type Recent[T any] struct {
	mu    sync.Mutex
	known T
	until time.Time
}

// recently is how old an answer may be.
const recently = time.Second

// Load gives the answer, at most a second old. While one caller reads, the others wait for the answer. An error is
// not kept. Reading may take a connection from the pool: load before a transaction begins, never inside one.
func (r *Recent[T]) Load(ctx context.Context, read func(context.Context) (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.until) {
		return r.known, nil
	}
	asked := time.Now()
	answer, err := read(ctx)
	if err == nil {
		r.known, r.until = answer, asked.Add(recently)
	}
	return answer, err
}
