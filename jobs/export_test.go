package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/payment"
)

// MostPrompt is how many jobs that were born running a process has in hand.
const MostPrompt = mostPrompt

// DoPromptly does a job that is said to run here, as one that was born running.
func (j *Jobs) DoPromptly(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) {
	j.doAs(ctx, job, true, do)
}

// DoUnsurely is DoPromptly for a job the answer to whose commit was lost.
func (j *Jobs) DoUnsurely(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) {
	j.doAs(ctx, job, false, do)
}

func (j *Jobs) doAs(ctx context.Context, job *rivertype.JobRow, sure bool, do func(context.Context) error) {
	j.prompt.kinds[job.Kind] = func(ctx context.Context, _ *rivertype.JobRow, _ payment.Done) error { return do(ctx) }
	j.doPromptly(ctx, job, sure)
}

// FirstRest is how long a job rests at first of which nothing could be written.
const FirstRest = firstRest

// NewHands are the hands of a process.
func NewHands() *hands { return newHands() }

// Hold takes a job in hand.
func (h *hands) Hold(job int64) { h.take(job) }

// LetGo puts it down without a trace.
func (h *hands) LetGo(job int64) { h.letGo(job) }

// Lost says whether a job that is said to run here is given to others.
func (h *hands) Lost(job int64) bool { return len(h.unknown([]orphan{{ID: job}})) > 0 }

// Take takes something in hand that is no job.
func (j *Jobs) Take(do func(context.Context)) bool { return j.prompt.take(do) }

// Insert inserts jobs.
func (j *Jobs) Insert(ctx context.Context, tx pgx.Tx, args ...river.JobArgs) error {
	return j.insert(ctx, tx, args)
}

// InsertByRiver inserts jobs as River does it.
func (j *Jobs) InsertByRiver(ctx context.Context, tx pgx.Tx, args ...river.JobArgs) error {
	params := make([]river.InsertManyParams, len(args))
	for i, a := range args {
		params[i].Args = a
	}
	_, err := j.client.InsertManyTx(ctx, tx, params)
	return err
}
