package pg

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
)

const (
	// startWithin is how long a database may say that it is about to start: one that was killed replays its log first.
	startWithin = 2 * time.Minute
	askAgain    = 100 * time.Millisecond
)

// Await waits for a database that is about to start, at most two minutes, and says so. One that can't be reached is an
// error at once: the address may be wrong.
func Await(ctx context.Context, url string, log *slog.Logger) error {
	var starting error
	for began := time.Now(); ; {
		conn, err := pgx.Connect(ctx, url)
		switch {
		case err == nil:
			return conn.Close(ctx)
		case ctx.Err() != nil && starting != nil:
			return starting
		case SQLState(err) != pgerrcode.CannotConnectNow || time.Since(began) > startWithin:
			return fmt.Errorf("reach the database: %w", err)
		case starting == nil:
			log.WarnContext(ctx, "the database is starting; waiting for it", "at_most", startWithin)
		}
		starting = fmt.Errorf("reach the database: %w", err)
		select {
		case <-time.After(askAgain):
		case <-ctx.Done():
			return starting
		}
	}
}
