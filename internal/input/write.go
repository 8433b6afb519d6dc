package input

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
)

// Write runs a write that makes what it does not find, or changes it. Of two callers who make the same thing at once, the
// second meets the first one's row when it inserts, and runs again as a change of it. What is still taken then, such as a
// handle, is another one's: the caller knows what to say of it.
func Write(ctx context.Context, db pg.Beginner, fn func(tx pgx.Tx) error) error {
	err := pg.InTx(ctx, db, fn)
	if pg.IsUnique(err, "") {
		err = pg.InTx(ctx, db, fn)
	}
	return err
}
