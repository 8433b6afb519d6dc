package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// What is to be done about money at once is begun by the process that has committed it, if it has a hand free: the job is
// born running there, and nobody has to be told of it, to fetch it and to write down that it was fetched. It is a job of
// the queue all the same. Should its process die, be stopped or lose the answer to its commit, it is given to others as
// every job of such a process is (heartbeat.go, lost.go).

// mostPrompt is how many jobs a process has in hand in this way. What comes above waits in the queue, from where many
// are fetched together.
const mostPrompt = 64

// beginning does one job of a kind.
type beginning func(ctx context.Context, job *rivertype.JobRow, done payment.Done) error

// workPromptly is work for a kind whose jobs may be born running.
func workPromptly[T river.JobArgs](j *Jobs, workers *river.Workers, do func(ctx context.Context, args T, job *rivertype.JobRow, done payment.Done) error) {
	work(workers, do)
	var kind T
	j.prompt.kinds[kind.Kind()] = func(ctx context.Context, job *rivertype.JobRow, done payment.Done) error {
		var args T
		if err := json.Unmarshal(job.EncodedArgs, &args); err != nil {
			return fmt.Errorf("decode the arguments of %s: %w", job.Kind, err)
		}
		return do(ctx, args, job, done)
	}
}

// prompt are the jobs that were born running in this process.
type prompt struct {
	kinds map[string]beginning

	mu      sync.Mutex
	open    bool // jobs may be begun
	inHand  int
	ctx     context.Context //nolint:containedctx // the life of the workers, under which each job is done
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func newPrompt() *prompt { return &prompt{kinds: map[string]beginning{}, cancel: func() {}} }

// start lets jobs be begun from now on.
func (p *prompt) start(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.open = true
}

// free is how many hands are free. It is a hint: two transactions that commit at once may take the same ones.
func (p *prompt) free() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		return 0
	}
	return max(0, mostPrompt-p.inHand)
}

// working says whether the workers are not being stopped.
func (p *prompt) working() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// take takes a job in hand, unless the workers are being stopped.
func (p *prompt) take(do func(context.Context)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		return false
	}
	p.inHand++
	ctx := p.ctx
	p.running.Go(func() {
		defer func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.inHand--
		}()
		do(ctx)
	})
	return true
}

// stop takes nothing more in hand, and waits until nothing is: what does not end by itself is called off after a while. A
// job that does not heed that either is left behind.
func (p *prompt) stop(ctx context.Context) error {
	p.mu.Lock()
	p.open = false
	p.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		p.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(softStop):
	case <-ctx.Done():
	}
	p.cancel()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop what is in hand: %w", ctx.Err())
	}
}

// takeUp begins jobs that were committed as running here, or may have been.
func (j *Jobs) takeUp(born []*rivertype.JobRow, sure bool) {
	for _, job := range born {
		j.hands.take(job.ID)
		if j.prompt.take(func(ctx context.Context) {
			defer j.hands.letGo(job.ID)
			j.doPromptly(ctx, job, sure)
		}) {
			continue
		}
		go func() { // the workers have been stopped in the meantime
			defer j.hands.letGo(job.ID)
			_, _ = j.handBack(context.Background(), job, errStopped)
		}()
	}
}

// errStopped is what stands with a job that its process has given back because it was being stopped.
var errStopped = errors.New("the process is being stopped")

// doPromptly does a job until it is written down what has become of it. Where the answer to its commit was lost, the job
// and all that was committed with it may not be there yet: it is begun once it is. Where the database was away or took
// nothing, nothing could be written: it is done again after a pause, if it is still ours. Each is tried for a while, and
// until then the job is in hand, and nobody else is given it (lost.go).
func (j *Jobs) doPromptly(ctx context.Context, job *rivertype.JobRow, sure bool) {
	began := time.Now()
	until := began.Add(lostAfter)
	if !sure && !j.awaitOurs(ctx, job, began, until) {
		return
	}
	for rest := firstRest; ; rest *= 2 {
		ended, err := j.once(ctx, job)
		if ended {
			return
		}
		written, problem := j.handBack(ctx, job, err)
		if written {
			return
		}
		if problem != nil && rest == firstRest { // once: the next ones fail alike, with all jobs in hand
			j.shop.Logger.WarnContext(ctx, "what became of a job was not written down; it is taken up again", "kind", job.Kind, "job", job.ID, "became", err, "error", problem)
		}
		if !j.awaitOurs(ctx, job, time.Now().Add(rest), until) {
			return
		}
	}
}

// once does a job as River does one that it has fetched, and says whether it has ended with its effect.
func (j *Jobs) once(ctx context.Context, job *rivertype.JobRow) (ended bool, _ error) {
	done := payment.Ends(job.ID, end)
	err := (&tracing{}).Work(ctx, job, func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, jobTimeout)
		defer cancel()
		defer func() {
			if value := recover(); value != nil {
				errorHandler{j.shop.Logger}.HandlePanic(ctx, job, value, string(debug.Stack()))
				err = fmt.Errorf("the job panicked: %v", value)
			}
		}()
		return j.prompt.kinds[job.Kind](ctx, job, done)
	})
	return err == nil && done.Ended(), err
}

const (
	oursLook  = 250 * time.Millisecond // how often it is looked whether a job is there
	firstRest = 250 * time.Millisecond // how long a job rests of which nothing could be written; each rest doubles
)

const oursSQL = `
select state = 'running' and attempt = $2 and cardinality(attempted_by) = 1
from river.river_job
where id = $1`

// awaitOurs waits from a moment on until a job is there, and says whether this process still has to do it: not when others have it by now,
// when it has not come for as long as a commit may take, or when the workers are being stopped.
func (j *Jobs) awaitOurs(ctx context.Context, job *rivertype.JobRow, from, until time.Time) bool {
	for ; ctx.Err() == nil && time.Now().Before(until) && j.prompt.working(); pause(ctx, oursLook) {
		if time.Now().Before(from) {
			continue
		}
		asking, cancel := context.WithTimeout(ctx, beatEvery)
		var ours bool
		err := j.shop.Pool.QueryRow(asking, oursSQL, job.ID, job.Attempt).Scan(&ours)
		cancel()
		if err == nil {
			return ours
		}
	}
	return false
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// A job that was fetched since it was born is none of ours, whoever has fetched it. Its attempt does not tell, since a try
// that does not count is taken back.
const endedSQL = `
update river.river_job
set state = $3::text::river.river_job_state, finalized_at = clock_timestamp()
where id = $1
	and attempt = $2
	and cardinality(attempted_by) = 1
	and state = 'running'`

// The try does not count, as with River. River makes what is scheduled available every five seconds; what is to come back
// before that is available already, at its time.
const snoozeSQL = `
update river.river_job
set state = case when metadata ? 'cancel_attempted_at' then 'cancelled' when $3 <= 5e6 then 'available' else 'scheduled' end::river.river_job_state,
    finalized_at = case when metadata ? 'cancel_attempted_at' then clock_timestamp() end,
    attempt = attempt - 1,
    scheduled_at = clock_timestamp() + $3 * interval '1 microsecond'
where id = $1
	and attempt = $2
	and cardinality(attempted_by) = 1
	and state = 'running'`

const heldSQL = `
select id, queue, attempt, max_attempts, coalesce(cardinality(errors), 0), metadata ? 'cancel_attempted_at'
from river.river_job
where id = $1
	and attempt = $2
	and cardinality(attempted_by) = 1
	and state = 'running'
for update`

// handBack writes down what has become of a job that has not ended with its effect, and says whether it was there to be
// written down. Where that fails, or the job does not come to light in time, it is given to others (lost.go).
func (j *Jobs) handBack(ctx context.Context, job *rivertype.JobRow, err error) (written bool, _ error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatEvery)
	defer cancel()
	var later *payment.Later
	switch {
	case err == nil:
		return j.write(ctx, endedSQL, job.ID, job.Attempt, string(rivertype.JobStateCompleted))
	case errors.As(err, &later):
		return j.write(ctx, snoozeSQL, job.ID, job.Attempt, later.In.Microseconds())
	case fault.IsKind(err, fault.NotFound): // what the job is about is gone
		return j.write(ctx, endedSQL, job.ID, job.Attempt, string(rivertype.JobStateCancelled))
	}
	problem := pg.InTx(ctx, j.shop.Pool, func(tx pgx.Tx) error {
		held, unread := orphans(ctx, tx, heldSQL, job.ID, job.Attempt)
		if unread != nil {
			return unread
		}
		written = len(held) > 0
		return handOn(ctx, tx, held, err.Error())
	})
	written = written && problem == nil
	if written && !errors.Is(err, errStopped) {
		j.shop.Logger.WarnContext(ctx, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err)
	}
	return written, problem
}

func (j *Jobs) write(ctx context.Context, sql string, args ...any) (bool, error) {
	tag, err := j.shop.Pool.Exec(ctx, sql, args...)
	return err == nil && tag.RowsAffected() > 0, err
}
