// Package shop builds every domain and connects them: the one place that knows who needs whom. It has only fields;
// what the shop does is in the domains.
package shop

import (
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/clock"
)

// Config is what a shop is built from. Pool is needed; the rest has a default that works.
type Config struct {
	Pool   *pgxpool.Pool // the primary, as wharf_app
	Clock  clock.Clock   // nil is clock.System
	Logger *slog.Logger  // nil is slog.Default()
}

// Shop holds every domain, built and connected.
type Shop struct {
	Pool  *pgxpool.Pool
	Clock clock.Clock
}

// New builds the domains from the bottom up.
func New(cfg Config) (*Shop, error) {
	if cfg.Clock == nil {
		cfg.Clock = clock.System
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	s := &Shop{Pool: cfg.Pool, Clock: cfg.Clock}
	return s, nil
}
