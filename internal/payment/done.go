package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Done ends a job within the transaction of its effect, so that both are there or neither. The zero value ends nothing:
// nobody keeps the job.
type Done struct {
	job   int64
	end   func(b *pgx.Batch, jobs []int64) error
	ended *bool
}

// Ends is what ends a job: end queues the statement that ends many. Jobs that have their effects in one transaction are
// ended together, by the function of any of them: all jobs of a process end in the same way.
func Ends(job int64, end func(b *pgx.Batch, jobs []int64) error) Done {
	return Done{job: job, end: end, ended: new(bool)}
}

// Ended says whether a transaction has ended the job. It holds for who was then told that all went well: of a transaction
// that came to nothing nobody knows.
func (d Done) Ended() bool { return d.ended != nil && *d.ended }

// End ends the job.
func (d Done) End(ctx context.Context, tx pgx.Tx) error {
	b := &pgx.Batch{}
	ended, err := queueEnds(b, []Done{d})
	if err == nil && b.Len() > 0 {
		err = tx.SendBatch(ctx, b).Close()
	}
	if err != nil {
		return fmt.Errorf("end the job: %w", err)
	}
	ended()
	return nil
}

// queueEnds ends the jobs that somebody keeps, as the batch is sent; ended is to be called after that.
func queueEnds(b *pgx.Batch, all []Done) (ended func(), err error) {
	var jobs []int64
	var end func(b *pgx.Batch, jobs []int64) error
	for _, d := range all {
		if d.end != nil {
			jobs, end = append(jobs, d.job), d.end
		}
	}
	if end != nil {
		err = end(b, jobs)
	}
	return func() {
		for _, d := range all {
			if d.ended != nil {
				*d.ended = true
			}
		}
	}, err
}
