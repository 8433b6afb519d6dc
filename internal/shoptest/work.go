package shoptest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/jobs"
)

// Working is how jobs run in tests: as in production, with a quick sweep.
func Working() jobs.Config { return jobs.Config{Workers: true, Sweep: 100 * time.Millisecond} }

// Run starts the shop's background work, jobs and followers, and ends it with the test.
func (s *Shop) Run(t testing.TB, config jobs.Config) *jobs.Jobs {
	t.Helper()
	config.Test = true
	j, err := jobs.New(s.Shop, config)
	if err != nil {
		t.Fatalf("set the jobs up: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var followed sync.WaitGroup
	followed.Go(func() { s.Sequencer.Run(ctx) })
	followed.Go(func() { s.Orders.Serve(ctx) })
	followed.Go(func() { s.Inventory.Serve(ctx) })
	followed.Go(func() { s.Audit.Serve(ctx) })
	if err := j.Start(t.Context()); err != nil {
		stop()
		t.Fatalf("start the jobs: %v", err)
	}
	t.Cleanup(func() {
		if err := j.Stop(context.Background()); err != nil {
			t.Errorf("stop the jobs: %v", err)
		}
		stop()
		followed.Wait()
	})
	return j
}
