package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/pg"
)

// River's own insert of many is a COPY, which takes four round trips of its own. Here the jobs of a transaction go along
// with what else it writes: one statement for all that need not be there only once. The rows are those that River would
// write, but that what is due already is available at once.
//
// What begins in this process is born running (prompt.go), unless the operators have paused its queue.
const insertSQL = `
insert into river.river_job (kind, args, metadata, queue, priority, max_attempts, scheduled_at, state, attempt, attempted_at, attempted_by)
select j.kind, j.args::jsonb, $7::text::jsonb, j.queue, $8, j.max_attempts, coalesce(j.at, now()),
       case when j.begins and not q.paused then 'running' when j.at > now() then 'scheduled' else 'available' end::river.river_job_state,
       case when j.begins and not q.paused then 1 else 0 end,
       case when j.begins and not q.paused then now() end,
       case when j.begins and not q.paused then array[$9::text] end
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::bool[]) j(kind, args, queue, max_attempts, at, begins)
cross join (
	select exists (select from river.river_queue where name = $10 and paused_at is not null)
) q(paused)
returning id, kind, args, created_at, state = 'running'`

// insert inserts jobs in a transaction.
func (j *Jobs) insert(ctx context.Context, tx pgx.Tx, args []river.JobArgs) error {
	b := &pgx.Batch{}
	if err := j.queue(ctx, tx, b, args); err != nil || b.Len() == 0 {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	return nil
}

// queue inserts jobs as the batch is sent. The few that are to be there only once are inserted at once, by River.
func (j *Jobs) queue(ctx context.Context, tx pgx.Tx, b *pgx.Batch, all []river.JobArgs) error {
	var (
		c      columns
		unique []river.InsertManyParams
		hands  = j.free(tx)
		woken  = map[string]bool{}
	)
	for _, a := range all {
		opts := optionsOf(a)
		queue, now := cmp.Or(opts.Queue, queueDefault), opts.ScheduledAt.IsZero()
		once := !reflect.ValueOf(opts.UniqueOpts).IsZero()
		begins := now && !once && hands > 0 && j.crew.prompt.kinds[a.Kind()] != nil
		if now && !begins {
			woken[queue] = true
		}
		if once {
			unique = append(unique, river.InsertManyParams{Args: a})
			continue
		}
		if begins {
			hands--
		}
		if err := c.add(a, queue, opts, begins); err != nil {
			return err
		}
	}
	if len(unique) > 0 {
		if _, err := j.client.InsertManyTx(ctx, tx, unique); err != nil {
			return fmt.Errorf("insert jobs: %w", err)
		}
	}
	if len(c.kinds) > 0 {
		j.queueColumns(ctx, tx, b, c)
	}
	j.waker.inserted(tx, woken)
	return nil
}

func (j *Jobs) queueColumns(ctx context.Context, tx pgx.Tx, b *pgx.Batch, c columns) {
	self := ""
	if j.crew != nil {
		self = j.crew.client.ID()
	}
	metadata := traced(ctx, []byte("{}"))
	var born []*rivertype.JobRow
	b.Queue(insertSQL, c.kinds, c.args, c.queues, c.maxAttempts, c.at, c.begins, string(metadata), river.PriorityDefault, self, queuePayment).
		Query(func(rows pgx.Rows) error {
			job, running := rivertype.JobRow{}, false
			_, err := pgx.ForEachRow(rows, []any{&job.ID, &job.Kind, &job.EncodedArgs, &job.CreatedAt, &running}, func() error {
				if running {
					born = append(born, &rivertype.JobRow{
						ID: job.ID, Kind: job.Kind, EncodedArgs: job.EncodedArgs, CreatedAt: job.CreatedAt,
						Attempt: 1, MaxAttempts: river.MaxAttemptsDefault, Metadata: metadata, Queue: queuePayment,
					})
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("insert jobs: %w", err)
			}
			return nil
		})
	if c.begun > 0 {
		pg.AfterCommit(tx, func(sure bool) {
			j.crew.takeUp(born, sure)
			if len(born) < c.begun { // their queue is paused
				j.waker.mark(queuePayment)
			}
		})
	}
}

// columns are jobs as the insert takes them.
type columns struct {
	kinds, args, queues []string
	maxAttempts         []int
	at                  []*time.Time // nil is at once
	begins              []bool
	begun               int // how many of them begin in this process
}

func (c *columns) add(a river.JobArgs, queue string, opts river.InsertOpts, begins bool) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("write the arguments of %s: %w", a.Kind(), err)
	}
	var at *time.Time
	if !opts.ScheduledAt.IsZero() {
		at = &opts.ScheduledAt
	}
	c.kinds, c.args, c.queues = append(c.kinds, a.Kind()), append(c.args, string(text)), append(c.queues, queue)
	c.maxAttempts, c.at = append(c.maxAttempts, cmp.Or(opts.MaxAttempts, river.MaxAttemptsDefault)), append(c.at, at)
	c.begins = append(c.begins, begins)
	if begins {
		c.begun++
	}
	return nil
}

// free is how many jobs of a transaction may begin in this process once it is committed.
func (j *Jobs) free(tx pgx.Tx) int {
	if j.crew == nil || !pg.TellsOfCommit(tx) {
		return 0
	}
	return j.crew.prompt.free()
}

// optionsOf are what a kind of job says about itself.
func optionsOf(args river.JobArgs) river.InsertOpts {
	if own, ok := args.(river.JobArgsWithInsertOpts); ok {
		return own.InsertOpts()
	}
	return river.InsertOpts{}
}
