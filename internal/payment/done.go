package payment

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Done ends a job within the transaction of its effect, so that both are there or neither. The zero value ends nothing:
// nobody keeps the job.
type Done struct {
	job   int64
	end   func(ctx context.Context, tx pgx.Tx, jobs []int64) error
	ended *bool
}

// Ends is what ends a job. Jobs that have their effects in one transaction are ended together, by the function of any of
// them: all jobs of a process end in the same way.
func Ends(job int64, end func(ctx context.Context, tx pgx.Tx, jobs []int64) error) Done {
	return Done{job: job, end: end, ended: new(bool)}
}

// Ended says whether a transaction has ended the job. It holds for who was then told that all went well: of a transaction
// that came to nothing nobody knows.
func (d Done) Ended() bool { return d.ended != nil && *d.ended }

// End ends the job.
func (d Done) End(ctx context.Context, tx pgx.Tx) error { return endAll(ctx, tx, []Done{d}) }

// endAll ends the jobs that somebody keeps.
func endAll(ctx context.Context, tx pgx.Tx, all []Done) error {
	var jobs []int64
	var end func(ctx context.Context, tx pgx.Tx, jobs []int64) error
	for _, d := range all {
		if d.end != nil {
			jobs, end = append(jobs, d.job), d.end
		}
	}
	if end == nil {
		return nil
	}
	if err := end(ctx, tx, jobs); err != nil {
		return err
	}
	for _, d := range all {
		if d.ended != nil {
			*d.ended = true
		}
	}
	return nil
}
