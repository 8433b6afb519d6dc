package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/pg"
)

// A process that works says so every few seconds. What was run by one that has been silent for several beats is given to
// others, by any process and without a leader: River alone looks only at how long a job has been running, twice a minute
// and in one process, and leaves it until all the time that its kind may take is over.
//
// A process that is silent and yet lives loses nothing but time: its jobs may run twice, as all jobs may.
const (
	beatEvery = 3 * time.Second
	deadAfter = 15 * time.Second
)

const beatSQL = `
insert into job_process (id, seen_at)
values ($1, now())
on conflict (id) do update
set seen_at = excluded.seen_at`

// openBeat opens the one connection of the heartbeat: it must not wait for those that jobs hold, or a busy process would be
// taken for dead.
func (j *Jobs) openBeat(ctx context.Context) (err error) {
	config := j.shop.Pool.Config()
	config.MinConns, config.MinIdleConns, config.MaxConns = 0, 0, 1
	if j.beat, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("open the connection of the heartbeat: %w", err)
	}
	return nil
}

// beatForever tells that this process lives, and looks for those that don't. One that was not heard itself, since the
// database was away or slow, buries nobody: the others have not been heard either.
func (j *Jobs) beatForever(ctx context.Context) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for heard := time.Now(); ; {
		err := j.beatOnce(ctx, &heard)
		if err != nil && ctx.Err() == nil {
			j.shop.Logger.WarnContext(ctx, "looking for dead processes failed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// beatOnce is one beat, which must be heard in time, and the look for the dead.
func (j *Jobs) beatOnce(ctx context.Context, heard *time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	if _, err := j.beat.Exec(ctx, beatSQL, j.client.ID()); err != nil {
		return err
	}
	last := *heard
	if *heard = time.Now(); heard.Sub(last) >= 2*beatEvery {
		return nil
	}
	if err := j.giveBack(ctx); err != nil {
		return err
	}
	return j.bury(ctx)
}

// The dead are remembered for a while: a job that one of them had been given at its last moment may come to light later.
const forgetProcessesSQL = `
delete from job_process
where seen_at < now() - interval '1 hour'`

const orphansSQL = `
select j.id, j.queue, j.attempt, j.max_attempts, coalesce(cardinality(j.errors), 0), j.metadata ? 'cancel_attempted_at'
from job_process p
join river.river_job j on j.attempted_by[cardinality(j.attempted_by)] = p.id
where p.seen_at < now() - $1 * interval '1 microsecond'
  and j.state = 'running'
order by j.id
limit $2
for update of j skip locked`

const handOnSQL = `
update river.river_job j
set state = o.state::river.river_job_state,
    scheduled_at = now() + o.pause * interval '1 microsecond',
    finalized_at = case when o.state <> 'available' then now() end,
    errors = array_append(j.errors,
        jsonb_build_object('at', now(), 'attempt', j.attempt, 'error', $4::text, 'trace', ''))
from unnest($1::bigint[], $2::text[], $3::bigint[]) o(id, state, pause)
where j.id = o.id
  and j.state = 'running'`

// orphan is a job whose process died.
type orphan struct {
	ID                int64
	Queue             string
	Attempt, Attempts int
	Errors            int
	Cancelled         bool // somebody asked for it to be cancelled
}

// state is what becomes of the job: what River decides about one that failed.
func (o orphan) state() rivertype.JobState {
	switch {
	case o.Cancelled:
		return rivertype.JobStateCancelled
	case o.Attempt >= o.Attempts:
		return rivertype.JobStateDiscarded
	default:
		return rivertype.JobStateAvailable
	}
}

// orphansAtOnce bounds one look; what is left comes with the next.
const orphansAtOnce = 1000

// bury gives the jobs of dead processes to the living.
func (j *Jobs) bury(ctx context.Context) error {
	var left int
	err := pg.InTx(ctx, j.beat, func(tx pgx.Tx) error {
		found, err := orphans(ctx, tx, orphansSQL, deadAfter.Microseconds(), orphansAtOnce)
		if err != nil {
			return fmt.Errorf("look for the jobs of dead processes: %w", err)
		}
		if left = len(found); left > 0 {
			return handOn(ctx, tx, found, "The process that ran the job died.")
		}
		_, err = tx.Exec(ctx, forgetProcessesSQL)
		return err
	})
	if err == nil && left > 0 {
		j.shop.Logger.WarnContext(ctx, "a process died; others take its jobs up", "jobs", left)
	}
	return err
}

// orphans are the jobs that a statement locks.
func orphans(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]orphan, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[orphan])
}

// handOn gives jobs to others, and tells why.
func handOn(ctx context.Context, tx pgx.Tx, orphans []orphan, why string) error {
	if len(orphans) == 0 {
		return nil
	}
	ids, states, pauses := make([]int64, len(orphans)), make([]string, len(orphans)), make([]int64, len(orphans))
	for i, o := range orphans {
		ids[i], states[i], pauses[i] = o.ID, string(o.state()), pauseAfter(o.Queue, o.Errors).Microseconds()
	}
	if _, err := tx.Exec(ctx, handOnSQL, ids, states, pauses, why); err != nil {
		return fmt.Errorf("hand jobs on: %w", err)
	}
	return nil
}

const leaveSQL = `
update job_process
set seen_at = now() - $2 * interval '1 microsecond'
where id = $1`

// leave says that this process works no more: what comes to light as running in it, such as a job that a last request has
// committed, is taken up by others at once. Where it can't be said, they wait until the process is taken for dead.
func (j *Jobs) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, _ = j.beat.Exec(ctx, leaveSQL, j.client.ID(), deadAfter.Microseconds())
}
