package idempotency

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
)

// tries is how often a commit whose answer was lost is looked after before the caller is told.
const tries = 3

// Once runs an effect under its key and gives the outcome: the effect's own, or that of the first request with the key.
// When the answer to the commit was lost, the same is tried again on a new connection: the claim waits until the lost
// transaction has ended one way or the other, and then finds its outcome or takes its place.
func Once(ctx context.Context, db pg.Beginner, r Request, effect func(context.Context, pgx.Tx) (Outcome, error)) (Outcome, error) {
	var outcome Outcome
	var err error
	for range tries {
		err = pg.InTx(ctx, db, func(tx pgx.Tx) error {
			first, repeated, err := Claim(ctx, tx, r)
			if err != nil {
				return err
			}
			if outcome = first; repeated {
				return nil
			}
			if outcome, err = effect(ctx, tx); err != nil {
				return err
			}
			return Complete(ctx, tx, r, outcome)
		})
		if !errors.Is(err, pg.ErrCommitUnknown) {
			break
		}
	}
	return outcome, err
}
