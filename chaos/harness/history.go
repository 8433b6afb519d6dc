package harness

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// Outcome is what one request was told.
type Outcome string

// The outcomes of a request. What is unknown may have happened or not, but not twice.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "failed"  // a clear no
	Again   Outcome = "busy"    // the request was sent away for now
	Unknown Outcome = "unknown" // no answer, or one that says nothing
)

// Try is one request and what it was told.
type Try struct {
	Operation string
	Key       string
	Process   string
	Began     time.Time
	Took      time.Duration
	Outcome   Outcome
	Code      string // of an answer that says no; empty where there was none
	Says      string // what else it says
}

// History is every request of a run.
type History struct {
	mu    sync.Mutex
	tries []Try
}

func (h *History) add(t Try) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries = append(h.tries, t)
}

// Count counts the requests of an operation (all, when it is empty) with an outcome, since a moment.
func (h *History) Count(operation string, outcome Outcome, since time.Time) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, t := range h.tries {
		if (operation == "" || t.Operation == operation) && t.Outcome == outcome && !t.Began.Before(since) {
			n++
		}
	}
	return n
}

// Took gives how long the answered requests of an operation took that began in a span of time, sorted.
func (h *History) Took(operation string, from, to time.Time) Times {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all Times
	for _, t := range h.tries {
		if t.Operation == operation && (t.Outcome == OK || t.Outcome == Failed) && !t.Began.Before(from) && t.Began.Before(to) {
			all = append(all, t.Took)
		}
	}
	slices.Sort(all)
	return all
}

// Unanswered gives how long those requests took that were sent away or got no answer, sorted.
func (h *History) Unanswered() Times {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all Times
	for _, t := range h.tries {
		if t.Outcome == Again || t.Outcome == Unknown {
			all = append(all, t.Took)
		}
	}
	slices.Sort(all)
	return all
}

// SentAway gives how long those requests of an operation took that began in a span of time and were told to come again, and
// those that got no answer or one that says nothing, sorted.
func (h *History) SentAway(operation string, from, to time.Time) (busy, unknown Times) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.tries {
		if t.Operation != operation || t.Began.Before(from) || !t.Began.Before(to) {
			continue
		}
		switch t.Outcome {
		case Again:
			busy = append(busy, t.Took)
		case Unknown:
			unknown = append(unknown, t.Took)
		}
	}
	slices.Sort(busy)
	slices.Sort(unknown)
	return busy, unknown
}

// Codes counts with which codes requests were not served that began in a span of time; nothing is no answer at all.
func (h *History) Codes(from, to time.Time) map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := map[string]int{}
	for _, t := range h.tries {
		if (t.Outcome == Again || t.Outcome == Unknown) && !t.Began.Before(from) && t.Began.Before(to) {
			n[t.Code]++
		}
	}
	return n
}

// Times are durations in order.
type Times []time.Duration

// At gives the duration below which this share of all lies, such as 0.95.
func (t Times) At(share float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	return t[min(int(share*float64(len(t))), len(t)-1)].Round(100 * time.Microsecond)
}

// Target says a figure beside what it shall be at most, and says plainly where it is more.
func Target(figure, most time.Duration) string {
	if figure > most {
		return fmt.Sprintf("%s (**target missed**: %s)", figure, most)
	}
	return fmt.Sprintf("%s (target %s)", figure, most)
}

func (h *History) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := map[Outcome]int{}
	for _, t := range h.tries {
		n[t.Outcome]++
	}
	return fmt.Sprintf("%d requests: %d ok, %d failed, %d busy, %d unknown", len(h.tries), n[OK], n[Failed], n[Again], n[Unknown])
}

// Write keeps the history as lines of JSON.
func (h *History) Write(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	out := json.NewEncoder(file)
	for _, t := range h.tries {
		if err := out.Encode(t); err != nil {
			return err
		}
	}
	return file.Close()
}
