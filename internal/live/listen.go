package live

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	quiet      = 20 * time.Second // after so long without a word the connection is tried
	answer     = 5 * time.Second  // within which a living server answers
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
)

// Listen calls hint for each notification of PostgreSQL that the command asks for, such as "listen wharf_event",
// until the context ends. It keeps a connection of its own, asks for a sign of life when it has heard nothing for long,
// and connects again when that fails. After each connect it calls hint once, since nobody knows what was missed.
func Listen(ctx context.Context, config *pgx.ConnConfig, command string, hint func(), logger *slog.Logger) {
	pause := firstPause
	for ctx.Err() == nil {
		heard, err := listenOnce(ctx, config, command, hint)
		if ctx.Err() != nil {
			return
		}
		if heard {
			pause = firstPause
		}
		logger.WarnContext(ctx, "listen for hints; polling goes on meanwhile", "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

// listenOnce serves one connection until it fails, and tells whether it ever worked.
func listenOnce(ctx context.Context, config *pgx.ConnConfig, command string, hint func()) (bool, error) {
	conn, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return false, fmt.Errorf("connect to listen: %w", err)
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing) // it is broken or we are leaving
	}()
	if _, err := conn.Exec(ctx, command); err != nil {
		return false, fmt.Errorf("listen: %w", err)
	}
	hint()
	for {
		waiting, cancel := context.WithTimeout(ctx, quiet)
		_, err := conn.WaitForNotification(waiting)
		silent := waiting.Err() != nil
		cancel()
		switch {
		case err == nil:
			hint()
		case ctx.Err() != nil:
			return true, ctx.Err()
		case !silent || conn.IsClosed():
			return true, fmt.Errorf("wait for a hint: %w", err)
		default:
			if err := ping(ctx, conn); err != nil {
				return true, err
			}
		}
	}
}

func ping(ctx context.Context, conn *pgx.Conn) error {
	asking, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	if err := conn.Ping(asking); err != nil {
		return fmt.Errorf("ask for a sign of life: %w", err)
	}
	return nil
}
