package inventory

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/pg"
)

// once does something to stock exactly once per idempotency key, and says what it has made, then or now.
func (inv *Inventory) once(ctx context.Context, actor access.Actor, operation, key string, hash []byte, do func(context.Context, pgx.Tx) ([16]byte, error)) ([16]byte, error) {
	r := idempotency.Request{
		Caller: idempotency.Caller(inv.keys, actor, id.OrderID{}, [16]byte{}, ""), Key: key, Operation: operation, Hash: hash,
	}
	var made [16]byte
	err := pg.InTx(ctx, inv.pool, func(tx pgx.Tx) error {
		outcome, known, err := idempotency.Claim(ctx, tx, r)
		if err != nil {
			return err
		}
		if known {
			made = outcome.Made
			return nil
		}
		if made, err = do(ctx, tx); err != nil {
			return err
		}
		if err := idempotency.Complete(ctx, tx, r, idempotency.Outcome{Made: made}); err != nil {
			return err
		}
		failpoint.Hit(failpoint.StockBeforeCommit)
		return nil
	})
	if err == nil {
		failpoint.Hit(failpoint.StockAfterCommit)
	}
	if errors.Is(err, pg.ErrCommitUnknown) { // the key was kept with the change, or neither was
		outcome, known, lookErr := idempotency.Look(ctx, inv.pool, r)
		if lookErr != nil || !known {
			return made, fmt.Errorf("%s: %w", operation, errors.Join(err, lookErr))
		}
		return outcome.Made, nil
	}
	return made, err
}
