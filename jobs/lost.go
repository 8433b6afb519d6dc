package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/pg"
)

// A job whose fetch was committed while its answer got lost is said to run in a process that knows nothing of it. River
// waits until all the time that its kind may take is over; the process itself can tell at once, since it knows what it has
// in hand.
const (
	lostAfter  = 15 * time.Second // what is on its way to its worker is not lost
	rememberIt = time.Minute      // for as long as what has become of a job may take to be written down
)

// hands are the jobs that this process has in hand, and those that it has just put down.
type hands struct {
	river.MiddlewareDefaults

	mu   sync.Mutex
	busy map[int64]int // how often: a job that was put off may be fetched here again before it is let go
	done map[int64]time.Time
}

func newHands() *hands { return &hands{busy: map[int64]int{}, done: map[int64]time.Time{}} }

// Work has a job in hand while it is worked on.
func (h *hands) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	h.take(job.ID)
	defer h.putDown(job.ID)
	return work(ctx)
}

func (h *hands) take(job int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy[job]++
}

func (h *hands) putDown(job int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(job)
	h.done[job] = time.Now()
}

// letGo puts a job down of which it is written what has become, or never will be here: nothing about it is on its way any
// more.
func (h *hands) letGo(job int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(job)
}

// drop takes one hand off a job. The caller holds the lock.
func (h *hands) drop(job int64) {
	if h.busy[job]--; h.busy[job] <= 0 {
		delete(h.busy, job)
	}
}

// unknown leaves of the jobs those that are not in hand and were not lately.
func (h *hands) unknown(jobs []orphan) []orphan {
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.done, func(_ int64, at time.Time) bool { return time.Since(at) > rememberIt })
	return slices.DeleteFunc(jobs, func(o orphan) bool {
		_, busy := h.busy[o.ID]
		_, done := h.done[o.ID]
		return busy || done
	})
}

const lostSQL = `
select id, queue, attempt, max_attempts, coalesce(cardinality(errors), 0), metadata ? 'cancel_attempted_at'
from river.river_job
where state = 'running'
  and attempted_by[cardinality(attempted_by)] = $1
  and attempted_at < now() - $2 * interval '1 microsecond'
order by id
limit $3
for update skip locked`

// giveBack gives the jobs to others that are said to run here and do not.
func (j *Jobs) giveBack(ctx context.Context) error {
	var lost int
	err := pg.InTx(ctx, j.beat, func(tx pgx.Tx) error {
		found, err := orphans(ctx, tx, lostSQL, j.client.ID(), lostAfter.Microseconds(), orphansAtOnce)
		if err != nil {
			return fmt.Errorf("look for jobs that are said to run here: %w", err)
		}
		found = j.hands.unknown(found)
		lost = len(found)
		return handOn(ctx, tx, found, "The process that fetched the job never heard of it.")
	})
	if err == nil && lost > 0 {
		j.shop.Logger.WarnContext(ctx, "jobs were fetched whose answer was lost; they are taken up again", "jobs", lost)
	}
	return err
}
