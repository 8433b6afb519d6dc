package jobs

import (
	"context"

	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/payment"
)

// MostPrompt is how many jobs that were born running a process has in hand.
const MostPrompt = mostPrompt

// DoPromptly does a job that is said to run here, as one that was born running.
func (j *Jobs) DoPromptly(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) {
	j.prompt.kinds[job.Kind] = func(ctx context.Context, _ *rivertype.JobRow, _ payment.Done) error { return do(ctx) }
	j.doPromptly(ctx, job)
}

// Take takes something in hand that is no job.
func (j *Jobs) Take(do func(context.Context)) bool { return j.prompt.take(do) }
