package position

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The pace of a follower. A change is known everywhere as soon as its notification arrives, and when that is lost within
// Every; who could not ask for StaleAfter knows nothing any more.
const (
	Every      = 250 * time.Millisecond
	StaleAfter = 750 * time.Millisecond
	askWithin  = 500 * time.Millisecond
	firstPause = 50 * time.Millisecond
	longPause  = time.Second
)

// Known is where the realms are, as far as this process knows.
type Known struct {
	At   map[Realm]int64
	Line int // changes when positions went back, as after a restored backup: what was read before counts no more
	// asked is when the database was asked; what has changed since is not in it.
	asked time.Time
}

// Follower knows where the realms are in this process. It has a connection of its own, so that a busy pool, which makes
// answers from memory most welcome, does not make it blind.
type Follower struct {
	config *pgx.ConnConfig
	opened func(context.Context, *pgx.Conn) error
	logger *slog.Logger

	mu    sync.Mutex
	known Known
}

// NewFollower makes a follower of the database that a pool is of.
func NewFollower(pool *pgxpool.Pool, logger *slog.Logger) *Follower {
	config := pool.Config()
	config.ConnConfig.Tracer = nil // a question that is asked for ever is no news
	return &Follower{config: config.ConnConfig, opened: config.AfterConnect, logger: logger}
}

// Known tells where the realms are; false when that could not be found out lately.
func (f *Follower) Known() (Known, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known, !f.known.asked.IsZero() && time.Since(f.known.asked) < StaleAfter
}

// Saw tells of positions that somebody else in this process has read. From then on this process knows at least as much:
// who was shown a change is not shown the time before it.
func (f *Follower) Saw(at map[Realm]int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known.At = latest(f.known.At, at)
}

// learn takes what the database said to a question that was asked when only floor was known.
func (f *Follower) learn(asked time.Time, floor, at map[Realm]int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known.asked = asked
	for realm, position := range floor {
		if at[realm] < position {
			f.known.At, f.known.Line = at, f.known.Line+1
			return
		}
	}
	f.known.At = latest(f.known.At, at)
}

// latest is a new map, for the old one may be in other hands.
func latest(a, b map[Realm]int64) map[Realm]int64 {
	out := maps.Clone(a)
	if out == nil {
		return maps.Clone(b)
	}
	for realm, position := range b {
		out[realm] = max(out[realm], position)
	}
	return out
}

// Run follows until the context ends. When the connection is lost it connects again; meanwhile nothing is known.
func (f *Follower) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := f.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > longPause {
			pause = firstPause
		}
		f.logger.WarnContext(ctx, "follow positions; until then no answer comes from memory", "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

const listenCommand = "listen wharf_position"

// follow serves one connection until it fails.
func (f *Follower) follow(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, f.config.Copy())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing) // it is broken or we are leaving
	}()
	if f.opened != nil {
		if err := f.opened(ctx, conn); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, listenCommand); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		if err := f.ask(ctx, conn); err != nil {
			return err
		}
		waiting, cancel := context.WithTimeout(ctx, Every)
		_, err := conn.WaitForNotification(waiting)
		quiet := waiting.Err() != nil
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && (!quiet || conn.IsClosed()) {
			return fmt.Errorf("wait for a notification: %w", err)
		}
	}
}

// ask asks the database where the realms are.
func (f *Follower) ask(ctx context.Context, conn *pgx.Conn) error {
	known, _ := f.Known()
	ctx, cancel := context.WithTimeoutCause(ctx, askWithin, errors.New("the database did not say in time"))
	defer cancel()
	asked := time.Now()
	at, err := Current(ctx, conn)
	if err != nil {
		return err
	}
	f.learn(asked, known.At, at)
	return nil
}
