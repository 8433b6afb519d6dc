package simulator

import (
	"slices"
	"sync"
	"time"
)

// Heard is one call of a shop as it came in, whatever became of it.
type Heard struct {
	At        time.Time
	Operation string
	Charge    string // the key of the charge, where the call names one
}

// ears keep what is called, once somebody listens.
type ears struct {
	mu    sync.Mutex
	open  bool
	calls []Heard
}

func (e *ears) hear(call Call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open {
		e.calls = append(e.calls, Heard{time.Now(), call.Operation, call.Charge})
	}
}

// Overhear keeps all calls from now on, for as long as the world lasts. What it gives tells those so far, in their order.
func (w *World) Overhear() func() []Heard {
	e := &w.ears
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open = true
	from := len(e.calls)
	return func() []Heard {
		e.mu.Lock()
		defer e.mu.Unlock()
		return slices.Clone(e.calls[from:])
	}
}
