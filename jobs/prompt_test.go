package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

// authorizing is the job that asks for the money of an order.
type authorizing struct {
	state    string
	attempt  int
	problems int
	born     bool // it was running from the beginning
	here     bool // in the process of the test's shop
}

func (o *office) authorizing(order id.OrderID) (a authorizing) {
	o.t.Helper()
	const authorizingSQL = `
select state::text, attempt, coalesce(cardinality(errors), 0), coalesce(attempted_at = created_at, false),
       coalesce(attempted_by[1] = (select min(id) from job_process), false)
from river.river_job
where kind = 'authorize_payment'
	and args ->> 'order_id' = $1::text`
	err := o.Pool.QueryRow(o.t.Context(), authorizingSQL, order.String()).Scan(&a.state, &a.attempt, &a.problems, &a.born, &a.here)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		o.t.Fatal(err)
	}
	return a
}

// TestAPaymentBeginsWhereItsOrderWasAccepted: its job is born running there, and ends with its effect.
func TestAPaymentBeginsWhereItsOrderWasAccepted(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	o.eventually(o.beats)
	order := o.place(time.Minute, "approve")
	o.await(order, "order.confirmed")
	if got := o.authorizing(order); got != (authorizing{state: "completed", attempt: 1, born: true, here: true}) {
		t.Errorf("its job is %+v", got)
	}
	o.mustHave(order, "order.placed", "payment.started", "payment.authorized", "order.confirmed")
}

// beats says whether the process of the test's shop has told that it lives.
func (o *office) beats() bool {
	var process string
	return o.Pool.QueryRow(o.t.Context(), `select id from job_process`).Scan(&process) == nil
}

// TestWhatBecomesOfAJobThatWasBornRunning: what River would have made of it.
func TestWhatBecomesOfAJobThatWasBornRunning(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, c := range map[string]struct {
		ctx   context.Context
		tries int
		do    func(context.Context) error
		want  string // state, attempts, problem
		pause time.Duration
	}{
		"it has ended elsewhere":       {t.Context(), 1, func(context.Context) error { return nil }, "completed 1 ", 0},
		"it comes back soon":           {t.Context(), 1, func(context.Context) error { return &payment.Later{In: 5 * time.Second} }, "available 0 ", 5 * time.Second},
		"it comes back":                {t.Context(), 1, func(context.Context) error { return &payment.Later{In: time.Minute} }, "scheduled 0 ", time.Minute},
		"what it is about is gone":     {t.Context(), 1, func(context.Context) error { return fault.New(fault.NotFound, "NOT_FOUND", "It is gone.") }, "cancelled 1 ", 0},
		"it fails":                     {t.Context(), 1, func(context.Context) error { return errors.New("no luck") }, "available 1 no luck", time.Second},
		"it fails for the last time":   {t.Context(), 3, func(context.Context) error { return errors.New("no luck") }, "discarded 3 no luck", 0},
		"it panics":                    {t.Context(), 1, func(context.Context) error { panic("a bug") }, "available 1 the job panicked: a bug", time.Second},
		"its process is being stopped": {stopped, 1, func(ctx context.Context) error { return ctx.Err() }, "available 1 context canceled", time.Second},
	} {
		job := o.born("here", c.tries, "{}")
		o.jobs.DoPromptly(c.ctx, job, c.do)
		var attempt int
		var pause float64
		if err := o.Pool.QueryRow(t.Context(), `select attempt, extract(epoch from scheduled_at - now()) from river.river_job where id = $1`, job.ID).Scan(&attempt, &pause); err != nil {
			t.Fatal(err)
		}
		state, problem := o.job(job.ID)
		if got := fmt.Sprint(state, " ", attempt, " ", problem); got != c.want {
			t.Errorf("%s: it is %q, want %q", name, got, c.want)
		}
		if c.pause > 0 && (pause > c.pause.Seconds() || pause < c.pause.Seconds()-10) {
			t.Errorf("%s: it comes back in %.1f s", name, pause)
		}
	}
	t.Run("somebody wants it no more", func(t *testing.T) {
		for _, what := range []error{&payment.Later{In: time.Second}, errors.New("no luck")} {
			job := o.born("here", 1, `{"cancel_attempted_at": "2026-01-01T00:00:00Z"}`)
			o.jobs.DoPromptly(t.Context(), job, func(context.Context) error { return what })
			if state, _ := o.job(job.ID); state != "cancelled" {
				t.Errorf("after %v it is %s", what, state)
			}
		}
	})
	t.Run("somebody else runs it by now", func(t *testing.T) {
		job := o.born("here", 1, "{}")
		o.jobs.DoPromptly(t.Context(), job, func(ctx context.Context) error {
			if _, err := o.Pool.Exec(ctx, `update river.river_job set state = 'completed', finalized_at = now() where id = $1`, job.ID); err != nil {
				t.Error(err)
			}
			return errors.New("no luck")
		})
		if state, problem := o.job(job.ID); state != "completed" || problem != "" {
			t.Errorf("it is %s: %q", state, problem)
		}
	})
}

// TestAJobWhoseCommitComesToLightLate is begun when it does, and not before: the answer to its commit was lost, and what
// the job is about was not there to be found. Its process holds it in hand until it knows more.
func TestAJobWhoseCommitComesToLightLate(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	o.eventually(o.beats)
	for name, commits := range map[string]bool{"it was committed": true, "it came to nothing": false} {
		tx, err := o.Pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		job := &rivertype.JobRow{Kind: "capture_payment", Queue: "payment", Attempt: 1, MaxAttempts: 3, Metadata: []byte("{}")}
		const bornSQL = `
insert into river.river_job (kind, args, queue, priority, max_attempts, state, attempt, attempted_at, attempted_by)
select 'capture_payment', '{}', 'payment', 1, 3, 'running', 1, now(), array[id]
from job_process
returning id`
		if err := tx.QueryRow(t.Context(), bornSQL).Scan(&job.ID); err != nil {
			t.Fatal(err)
		}
		var tries atomic.Int32
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			defer close(over)
			o.jobs.DoUnsurely(ctx, job, func(context.Context) error {
				tries.Add(1)
				return &payment.Later{In: time.Minute}
			})
		}()
		o.eventually(func() bool { return tries.Load() > 0 || o.looked() })
		if n := tries.Load(); n != 0 {
			t.Errorf("%s: it was tried %d times before it was there", name, n)
		}
		if !commits {
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			stop()
			<-over
			if n := tries.Load(); n != 0 {
				t.Errorf("%s: it was tried %d times", name, n)
			}
			continue
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-over
		if state, _ := o.job(job.ID); state != "scheduled" || tries.Load() != 1 {
			t.Errorf("%s: it is %s after %d tries", name, state, tries.Load())
		}
		stop()
	}
}

// looked says whether the last statement of a session has looked for a job that may not be there yet.
func (o *office) looked() bool {
	const lookedSQL = `
select exists (
  select from pg_stat_activity
  where datname = current_database()
    and pid <> pg_backend_pid()
    and starts_with(ltrim(query, E'\n'), 'select state = ''running'' and attempt = $2')
)`
	looked := false
	o.tx(func(ctx context.Context, tx pgx.Tx) error { // the shop's own role does not see what sessions do
		if _, err := tx.Exec(ctx, `set local role none`); err != nil {
			return err
		}
		return tx.QueryRow(ctx, lookedSQL).Scan(&looked)
	})
	return looked
}

// TestADatabaseThatTakesNothingIsLeftInPeace: what can't be written down is tried again after pauses that double, also where
// reading works.
func TestADatabaseThatTakesNothingIsLeftInPeace(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	o.eventually(o.beats)
	job := o.runHere()
	refuse := fmt.Sprintf(`
set local role none;
create function refuse() returns trigger language plpgsql as $$ begin
    raise 'the disk is full' using errcode = 'disk_full';
end $$;
create trigger refuse before update on river.river_job for each row when (old.id = %d) execute function refuse()`, job.ID)
	if _, err := o.Pool.Exec(t.Context(), refuse); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var tries []time.Time
	o.jobs.DoPromptly(ctx, job, func(context.Context) error {
		if tries = append(tries, time.Now()); len(tries) == 4 {
			stop()
		}
		return errors.New("the disk is full")
	})
	if len(tries) != 4 {
		t.Fatalf("it was tried %d times", len(tries))
	}
	for i, rest := 1, jobs.FirstRest; i < len(tries); i, rest = i+1, 2*rest {
		if took := tries[i].Sub(tries[i-1]); took < rest {
			t.Errorf("try %d comes %s after the one before, want no sooner than %s", i+1, took, rest)
		}
	}
}

// TestAJobOfWhichNothingCouldBeWritten is done again as soon as something can.
func TestAJobOfWhichNothingCouldBeWritten(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	o.eventually(o.beats)
	job := o.runHere()
	var tries atomic.Int32
	held, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		o.jobs.DoPromptly(t.Context(), job, func(context.Context) error {
			if tries.Add(1) == 1 {
				<-held
			}
			return nil
		})
	}()
	tx, err := o.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from river.river_job where id = $1 for update`, job.ID); err != nil {
		t.Fatal(err)
	}
	close(held)
	o.eventually(func() bool { return tries.Load() == 2 }) // once it could not be written
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-over
	if state, _ := o.job(job.ID); state != "completed" {
		t.Errorf("it is %s", state)
	}
}

// TestAJobThatOthersHaveByNow is theirs: what becomes of ours is written nowhere, and it is not done again.
func TestAJobThatOthersHaveByNow(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	o.eventually(o.beats)
	const (
		takenSQL = `update river.river_job set attempt = 2, attempted_by = array_append(attempted_by, 'elsewhere') where id = $1`
		againSQL = `update river.river_job set attempted_by = attempted_by || attempted_by where id = $1` // put off, and fetched here
	)
	for _, taken := range []string{takenSQL, againSQL} {
		for _, ends := range []error{nil, &payment.Later{In: time.Second}, errors.New("no luck"), fault.New(fault.NotFound, "NOT_FOUND", "It is gone.")} {
			job := o.runHere()
			tries := 0
			o.jobs.DoPromptly(t.Context(), job, func(ctx context.Context) error {
				tries++
				if _, err := o.Pool.Exec(ctx, taken, job.ID); err != nil {
					t.Error(err)
				}
				return ends
			})
			if state, problem := o.job(job.ID); state != "running" || problem != "" || tries != 1 {
				t.Errorf("%s: after %v it is %s (%q) with %d tries", taken, ends, state, problem, tries)
			}
		}
	}
}

// TestAJobInHandTwice is in hand until it is put down twice: it was put off, and fetched again before it was let go.
func TestAJobInHandTwice(t *testing.T) {
	t.Parallel()
	hands := jobs.NewHands()
	hands.Hold(1)
	hands.Hold(1)
	if hands.LetGo(1); hands.Lost(1) {
		t.Error("a job that is worked on is given to others")
	}
	if hands.LetGo(1); !hands.Lost(1) {
		t.Error("a job that is let go is still in hand")
	}
}

// runHere leaves a job that is said to run in the process of the test's shop.
func (o *office) runHere() *rivertype.JobRow {
	o.t.Helper()
	var process string
	if err := o.Pool.QueryRow(o.t.Context(), `select id from job_process`).Scan(&process); err != nil {
		o.t.Fatal(err)
	}
	return o.born(process, 1, "{}")
}

// born leaves a job that is said to run in a process since it was inserted.
func (o *office) born(process string, attempt int, metadata string) *rivertype.JobRow {
	o.t.Helper()
	job := &rivertype.JobRow{Kind: "capture_payment", Queue: "payment", Attempt: attempt, MaxAttempts: 3, Metadata: []byte("{}")}
	const bornSQL = `
insert into river.river_job (kind, args, queue, max_attempts, attempt, state, attempted_at, attempted_by, metadata)
values ($1, '{}', $2, $3, $4, 'running', now(), array[$5], $6)
returning id`
	if err := o.Pool.QueryRow(o.t.Context(), bornSQL, job.Kind, job.Queue, job.MaxAttempts, attempt, process, metadata).Scan(&job.ID); err != nil {
		o.t.Fatal(err)
	}
	return job
}

// TestAPausedQueueBeginsNothing until it is resumed.
func TestAPausedQueueBeginsNothing(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	pause := func(at string) {
		if _, err := o.Pool.Exec(t.Context(), `set local role none; update river.river_queue set paused_at = `+at+` where name = 'payment'`); err != nil {
			t.Fatal(err)
		}
	}
	o.eventually(func() bool {
		var n int
		err := o.Pool.QueryRow(t.Context(), `select count(*) from river.river_queue where name = 'payment'`).Scan(&n)
		return err == nil && n == 1
	})
	pause("now()")
	order := o.place(time.Minute, "approve")
	if got := o.authorizing(order); got.born { // River notices the pause with its next poll
		t.Errorf("while the queue is paused its job is %+v", got)
	}
	pause("null")
	o.await(order, "order.confirmed")
}

// TestWhatIsRolledBackIsNotBegun, and keeps no hand.
func TestWhatIsRolledBackIsNotBegun(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	refused := errors.New("no")
	for range 2 * jobs.MostPrompt {
		err := pg.InTx(t.Context(), o.Pool, func(tx pgx.Tx) error {
			if _, err := o.placeIn(t.Context(), tx, nil, time.Minute, method("approve")); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
	}
	order := o.place(time.Minute, "approve")
	o.await(order, "order.confirmed")
	if got := o.authorizing(order); !got.born {
		t.Errorf("its job is %+v", got)
	}
}

// TestAFullProcessLeavesTheRestToTheQueue, and all are paid.
func TestAFullProcessLeavesTheRestToTheQueue(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	held := make(chan struct{})
	for range jobs.MostPrompt - 1 {
		o.jobs.Take(func(context.Context) { <-held })
	}
	var placed []id.OrderID
	o.tx(func(ctx context.Context, tx pgx.Tx) error {
		placed = nil
		for range 3 {
			order, err := o.placeIn(ctx, tx, nil, time.Minute, method("approve"))
			if err != nil {
				return err
			}
			placed = append(placed, order)
		}
		return nil
	})
	for _, order := range placed {
		o.await(order, "order.confirmed")
	}
	o.jobs.Take(func(context.Context) { <-held })
	one := o.place(time.Minute, "approve")
	o.await(one, "order.confirmed")
	if got := o.authorizing(one); got.born {
		t.Errorf("with no hand free a job is %+v", got)
	}
	close(held)
}

// TestAProcessThatIsStoppedGivesBackWhatItHasInHand, and what a last request still commits.
func TestAProcessThatIsStoppedGivesBackWhatItHasInHand(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	o.eventually(o.beats)
	first := o.place(time.Minute, "slow")
	var last id.OrderID
	o.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		if last, err = o.placeIn(ctx, tx, nil, time.Minute, method("approve")); err != nil {
			return err
		}
		return o.jobs.Stop(ctx)
	})
	if got := o.authorizing(first); got.state != "completed" {
		t.Errorf("the job that was under way is %+v", got)
	}
	o.second(shoptest.Working())
	o.await(last, "order.confirmed")
	if got := o.authorizing(last); got.problems != 1 {
		t.Errorf("the job that was begun too late is %+v", got)
	}
}

// TestAJobThatNeverEndsKeepsNoProcessFromStopping: it is left behind.
func TestAJobThatNeverEndsKeepsNoProcessFromStopping(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	hung := make(chan struct{})
	defer close(hung)
	if !o.jobs.Take(func(context.Context) { <-hung }) {
		t.Fatal("a process with its hands free takes nothing")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := o.jobs.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it stops with %v", err)
	}
	if o.jobs.Take(func(context.Context) {}) {
		t.Error("a process that was stopped takes something in hand")
	}
}
