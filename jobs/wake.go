package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// quietDriver keeps River from sending a NOTIFY inside the transactions that insert jobs: it takes a lock at commit
// that all of them would queue for. Listening goes on; the waker sends the hints.
type quietDriver struct{ *riverpgxv5.Driver }

// SupportsListenNotify says no, so that inserting a job only inserts it.
func (quietDriver) SupportsListenNotify() bool { return false }

// waker tells the workers of all processes that there are new jobs: at most once every hintEvery, outside every
// transaction that matters. A hint may come before the job's transaction has committed, so a few more follow; what
// they all miss is found by polling.
type waker struct {
	pool *pgxpool.Pool
	due  chan struct{}
}

const (
	firstHint = 3 * time.Millisecond
	hintEvery = 25 * time.Millisecond
	hints     = 4
)

func newWaker(pool *pgxpool.Pool) *waker { return &waker{pool: pool, due: make(chan struct{}, 1)} }

// mark says that jobs are being inserted.
func (w *waker) mark() {
	select {
	case w.due <- struct{}{}:
	default:
	}
}

// The channel and the payload are River's own.
const hintSQL = `
select pg_notify('river.river_insert', '{"queue": "' || queue || '"}')
from unnest($1::text[]) q(queue)`

var hintQueues = []string{queuePayment, queueDefault, queueNotification, queueFiles}

func (w *waker) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	left := 0
	for {
		select {
		case <-w.due:
			if left == 0 {
				timer.Reset(firstHint)
			}
			left = hints
		case <-timer.C:
			_, _ = w.pool.Exec(ctx, hintSQL, hintQueues) // only a hint: the workers poll as well
			if left--; left > 0 {
				timer.Reset(hintEvery)
			}
		case <-ctx.Done():
			return
		}
	}
}
