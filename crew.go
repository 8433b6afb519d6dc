package main

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/jobs"
)

// crew runs the background jobs of a process, in a shop of their own with connections of their own: however much there
// is to do, no shopper waits for a connection that a job has. It is to the shop that answers what another process
// would be.
type crew struct {
	shop *shop.Shop
	jobs *jobs.Jobs
}

// newCrew makes the crew of a process. Its work gives way to the shoppers of the shop that answers.
func newCrew(ctx context.Context, db *database, log *slog.Logger, config shopConfig, answers *shop.Shop, keep time.Duration) (*crew, error) {
	if err := db.openForJobs(ctx); err != nil {
		return nil, err
	}
	config.Pool, config.GiveWay = db.jobs, answers.Checkout.GiveWay
	s, err := newShop(ctx, log, config)
	if err != nil {
		return nil, err
	}
	j, err := jobs.New(s, jobs.Config{Workers: true, Keep: keep})
	if err != nil {
		return nil, err
	}
	return &crew{shop: s, jobs: j}, nil
}

// working is the crew's part in the background work, or nil where there is no crew.
func (c *crew) working() *jobs.Jobs {
	if c == nil {
		return nil
	}
	return c.jobs
}

// openForJobs opens the connections for background jobs: few, since more would only take the machine from shoppers.
// A job holds one for its short transactions, never while it waits for a provider.
func (db *database) openForJobs(ctx context.Context) error {
	n := db.forJobs
	if n == 0 {
		n = int32(2*runtime.GOMAXPROCS(0) + 1) //nolint:gosec // a small number
	}
	var err error
	db.jobs, err = pg.Open(ctx, pg.Config{URL: db.url, MaxConns: n, AppName: db.app + " jobs", PlanOnce: true, Tracer: observe.PgxTracer()})
	return explain(err)
}
