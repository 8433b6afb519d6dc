package input

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/pg"
)

var (
	errHandleTaken   = fault.New(fault.Conflict, "TAKEN", "The handle is another one's.").At("input", "handle")
	errExternalTaken = fault.New(fault.Conflict, "TAKEN", "The externalId is another one's.").At("input", "externalId")
)

// Write runs a write that makes what it does not find, or changes it. Of two callers who make the same thing at once, the
// second meets the first one's row when it inserts, and runs again as a change of it. What is still taken then is another
// one's. All tables that are written so call the constraints of their names alike.
func Write(ctx context.Context, db pg.Beginner, fn func(tx pgx.Tx) error) error {
	err := pg.InTx(ctx, db, fn)
	if pg.IsUnique(err, "") {
		err = pg.InTx(ctx, db, fn)
	}
	switch constraint := pg.Unique(err); {
	case strings.HasSuffix(constraint, "_handle_key"):
		return errHandleTaken.Because(err)
	case strings.HasSuffix(constraint, "_external_key"):
		return errExternalTaken.Because(err)
	default:
		return err
	}
}
