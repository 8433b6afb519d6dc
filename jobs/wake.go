package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/wharfhq/wharf/internal/pg"
)

// quietDriver keeps River from sending a NOTIFY inside the transactions that insert jobs: it takes a lock at commit
// that all of them would queue for. Listening goes on; the waker sends the hints.
type quietDriver struct{ *riverpgxv5.Driver }

// SupportsListenNotify says no, so that inserting a job only inserts it.
func (quietDriver) SupportsListenNotify() bool { return false }

// hintEvery is how far apart the hints to the workers of a queue are at least. What comes in between is fetched with the
// next one, many jobs at once: the longer the pause, the less they cost, and the later they begin.
var hintEvery = map[string]time.Duration{
	queuePayment:      8 * time.Millisecond,
	queueDefault:      50 * time.Millisecond,
	queueNotification: 250 * time.Millisecond,
	queueFiles:        100 * time.Millisecond,
}

// waker tells the workers of all processes that there are new jobs, once these are committed and outside every
// transaction that matters. It is only a hint: the workers poll as well.
type waker struct {
	pool   *pgxpool.Pool
	queues map[string]chan struct{}
}

func newWaker(pool *pgxpool.Pool) *waker {
	w := &waker{pool: pool, queues: make(map[string]chan struct{}, len(hintEvery))}
	for queue := range hintEvery {
		w.queues[queue] = make(chan struct{}, 1)
	}
	return w
}

// inserted says that a transaction has inserted jobs into these queues, to be done at once.
func (w *waker) inserted(tx pgx.Tx, queues map[string]bool) {
	pg.AfterCommit(tx, func(bool) {
		for queue := range queues {
			w.mark(queue)
		}
	})
}

// mark says that there is work in a queue.
func (w *waker) mark(queue string) {
	select {
	case w.queues[queue] <- struct{}{}:
	default: // a hint is due already, or nobody hints at this queue
	}
}

func (w *waker) run(ctx context.Context) {
	var all sync.WaitGroup
	for queue, due := range w.queues {
		all.Go(func() { w.hint(ctx, queue, due) })
	}
	all.Wait()
}

// The channel and the payload are River's own.
const hintSQL = `
select pg_notify('river.river_insert', '{"queue": "' || $1::text || '"}')`

// hint sends the hints of one queue: the first at once, the next when the pause is over.
func (w *waker) hint(ctx context.Context, queue string, due <-chan struct{}) {
	pause := time.NewTicker(hintEvery[queue])
	defer pause.Stop()
	for {
		select {
		case <-due:
		case <-ctx.Done():
			return
		}
		_, _ = w.pool.Exec(ctx, hintSQL, queue)
		pause.Reset(hintEvery[queue])
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}
