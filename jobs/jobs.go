// Package jobs runs in the background what follows an order's events. It is thin: a job's arguments are ids, its
// worker calls a domain and chooses between done, later and never. Which jobs follow which event stands in on.go.
//
// The queue is River, in the same database. A job is inserted in the transaction of the event that it follows, and
// may run twice, also side by side: each domain function that is called here is safe for that.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/sync/errgroup"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/migrations"
)

// The queues. Payments come first and have a short fetch interval; nothing else may keep them waiting.
const (
	queuePayment      = "payment"
	queueDefault      = river.QueueDefault
	queueNotification = "notification"
	queueFiles        = "files"
	queueMaintenance  = "maintenance"
)

// The time limits hang together: a job ends before it is taken for dead, and a payment's lease (20 s) outlives its
// job, so that a second worker never meets the first one's call.
const (
	jobTimeout  = 15 * time.Second
	rescueAfter = 20 * time.Second
	softStop    = 8 * time.Second
)

// How long jobs are kept once they have ended. Nothing of the shop reads one that is done, people who look into the
// console do; most of what the queue holds is such jobs. What was given up awaits somebody who mends the cause.
const (
	keepDone    = time.Hour
	keepGivenUp = 7 * 24 * time.Hour
)

// Config says what this process does.
type Config struct {
	Workers bool          // run jobs here; otherwise they are only inserted, for others to run
	Crew    *Jobs         // who runs jobs in this process, if this doesn't; nil where nobody does
	Sweep   time.Duration // how often overdue steps are looked for; 10 s
	Keep    time.Duration // how long jobs that are done can be looked at; an hour
	Test    bool          // start and stop at once, as tests want it
}

// Jobs is this process's part in the background work.
type Jobs struct {
	shop   *shop.Shop
	config Config
	client *river.Client[pgx.Tx]
	follow map[string]rule
	waker  *waker
	hands  *hands
	prompt *prompt
	crew   *Jobs         // who runs jobs in this process: this, another, or nobody
	beat   *pgxpool.Pool // the heartbeat's one connection, while the workers run

	stop    context.CancelFunc
	running sync.WaitGroup
}

// New connects the jobs to the shop's events. From now on every event brings its jobs along; whether they are run
// here depends on Start.
func New(s *shop.Shop, config Config) (*Jobs, error) {
	if config.Sweep == 0 {
		config.Sweep = 10 * time.Second
	}
	if config.Keep == 0 {
		config.Keep = keepDone
	}
	j := &Jobs{shop: s, config: config, follow: map[string]rule{}, waker: newWaker(s.Pool), hands: newHands(), prompt: newPrompt(), crew: config.Crew}
	for _, r := range table() {
		if _, twice := j.follow[r.kind]; twice {
			return nil, fmt.Errorf("two lines about event %s in jobs/on.go", r.kind)
		}
		j.follow[r.kind] = r
	}
	workers := river.NewWorkers()
	j.addWorkers(workers)
	riverConfig := &river.Config{
		Schema:               migrations.RiverSchema,
		Workers:              workers,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      softStop,
		RetryPolicy:          retries{},
		ErrorHandler:         errorHandler{s.Logger},
		Middleware:           []rivertype.Middleware{&tracing{}, j.hands},
		Logger:               s.Logger,
		TestOnly:             config.Test,
		// The role of the processes does not own River's tables, so it cannot rebuild their indexes.
		ReindexerIndexNames: []string{},

		CompletedJobRetentionPeriod: config.Keep,
		CancelledJobRetentionPeriod: keepGivenUp,
		DiscardedJobRetentionPeriod: keepGivenUp,
	}
	if config.Workers {
		j.crew = j
		riverConfig.Queues = map[string]river.QueueConfig{
			queuePayment: {MaxWorkers: 200, FetchCooldown: 3 * time.Millisecond, FetchPollInterval: 500 * time.Millisecond},
			queueDefault: {MaxWorkers: 20, FetchCooldown: 15 * time.Millisecond},
			// A letter may be a quarter of a second late, so that those of many orders are taken up together.
			queueNotification: {MaxWorkers: 200, FetchCooldown: 250 * time.Millisecond},
			queueFiles:        {MaxWorkers: 3, FetchCooldown: 15 * time.Millisecond},
			queueMaintenance:  {MaxWorkers: 2, FetchCooldown: 100 * time.Millisecond},
		}
		riverConfig.PeriodicJobs = periodic()
	}
	client, err := river.NewClient(quietDriver{riverpgxv5.New(s.Pool)}, riverConfig)
	if err != nil {
		return nil, fmt.Errorf("set the job queue up: %w", err)
	}
	j.client = client
	s.Events.Connect(j.followEvents)
	s.Payments.Connect(payment.Hooks{Requested: j.moneyRequested, Notified: j.callbackKept})
	s.Customers.Connect(j.letterWritten)
	s.Privacy.Connect(j.dataRequested)
	s.Files.Connect(j.fileAccepted)
	s.Operations = j
	return j, nil
}

// Start begins to work. It returns at once; Stop ends it.
func (j *Jobs) Start(ctx context.Context) error {
	ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.background(ctx, j.waker.run)
	if !j.config.Workers {
		return nil
	}
	if err := j.openBeat(ctx); err != nil {
		j.stop()
		return err
	}
	if err := j.client.Start(ctx); err != nil {
		j.stop()
		j.beat.Close()
		return fmt.Errorf("start the workers: %w", err)
	}
	j.prompt.start(ctx)
	j.background(ctx, j.beatForever)
	j.background(ctx, j.sweepForever)
	j.background(ctx, j.watchCatalog)
	return nil
}

// Stop lets running jobs end for a few seconds, gives back those that do not, and returns when nothing runs.
func (j *Jobs) Stop(ctx context.Context) error {
	if j.stop == nil {
		return nil
	}
	var err error
	if j.config.Workers {
		var stopping errgroup.Group
		stopping.Go(func() error { return j.prompt.stop(ctx) })
		stopping.Go(func() error { return j.client.Stop(ctx) })
		if err = stopping.Wait(); err != nil {
			err = fmt.Errorf("stop the workers: %w", err)
		}
	}
	j.stop()
	j.running.Wait()
	if j.config.Workers {
		if err == nil {
			j.leave(ctx)
		}
		j.beat.Close()
	}
	return err
}

func (j *Jobs) background(ctx context.Context, do func(context.Context)) {
	j.running.Go(func() { do(ctx) })
}

// work makes a worker of a function that does one job. done ends the job in the transaction of its effect.
func work[T river.JobArgs](workers *river.Workers, do func(ctx context.Context, args T, job *rivertype.JobRow, done payment.Done) error) {
	workWithin(workers, jobTimeout, do)
}

// workWithin is work for a job that may take longer than others; while its process lives, it is not
// rescued before its time is over.
func workWithin[T river.JobArgs](workers *river.Workers, within time.Duration, do func(ctx context.Context, args T, job *rivertype.JobRow, done payment.Done) error) {
	river.AddWorker(workers, &worker[T]{within: within, do: do})
}

type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	within time.Duration
	do     func(ctx context.Context, args T, job *rivertype.JobRow, done payment.Done) error
}

// Timeout is how long the job may take.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.within }

// Work does the job.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	return outcome(w.do(ctx, job.Args, job.JobRow, payment.Ends(job.ID, end)))
}

// A job that somebody else has ended meanwhile is left alone; the effect stands all the same. Its state is no way to find
// it: very many may be running.
const endSQL = `
update river.river_job
set state = 'completed', finalized_at = clock_timestamp()
where id = any($1)
	and (state = 'running') is true`

// end ends jobs in the transaction of their effects. River ends a job by itself once its worker has returned, and finds
// it ended then.
func end(b *pgx.Batch, jobs []int64) error {
	b.Queue(endSQL, jobs)
	return nil
}

// outcome chooses what becomes of a job: later, never, or again.
func outcome(err error) error {
	var later *payment.Later
	switch {
	case err == nil:
		return nil
	case errors.As(err, &later):
		return river.JobSnooze(later.In)
	case fault.IsKind(err, fault.NotFound):
		return river.JobCancel(err) // what the job is about is gone
	}
	return err
}

// cause names the job in the events that it writes.
func cause(job *rivertype.JobRow) string { return fmt.Sprintf("job:%s:%d", job.Kind, job.ID) }

// retries doubles the pause after each error, from one second; payments wait at most half a minute, the rest at most
// half an hour.
type retries struct{}

// NextRetry is when a job that has failed runs again.
func (retries) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(pauseAfter(job.Queue, len(job.Errors)))
}

func pauseAfter(queue string, failures int) time.Duration {
	longest := 30 * time.Minute
	if queue == queuePayment {
		longest = 30 * time.Second
	}
	return min(time.Second<<min(failures, 20), longest)
}

// errorHandler logs what went wrong, once.
type errorHandler struct{ log *slog.Logger }

// HandleError logs a job's error; River decides about the next try.
func (h errorHandler) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	h.log.WarnContext(ctx, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err)
	return nil
}

// HandlePanic logs a job's panic; the process goes on.
func (h errorHandler) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	h.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "panic", value, "stack", trace)
	return nil
}
