package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/wharfhq/wharf/internal/catalog"
)

// catalogLook is how often each process looks what the catalog has left to be followed.
const catalogLook = 200 * time.Millisecond

// watchCatalog looks, in every process that works and without a leader, whether anything waits to be listed or to be held
// against rules, and makes the job that does it. So whoever writes to the catalog, an import from the command line too,
// needs to know no queue.
func (j *Jobs) watchCatalog(ctx context.Context) {
	ticker := time.NewTicker(catalogLook)
	defer ticker.Stop()
	for {
		if err := j.followCatalog(ctx); err != nil && ctx.Err() == nil {
			j.shop.Logger.WarnContext(ctx, "looking for what follows the catalog failed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (j *Jobs) followCatalog(ctx context.Context) error {
	refresh, rebuild, err := j.shop.Search.Due(ctx)
	if err != nil {
		return err
	}
	rules, err := catalog.RulesDue(ctx, j.shop.Pool)
	if err != nil {
		return err
	}
	for _, job := range []struct {
		due  bool
		args river.JobArgs
	}{{refresh, RefreshListing{}}, {rebuild, RebuildListing{}}, {rules, FollowRules{}}} {
		if !job.due {
			continue
		}
		made, err := j.client.Insert(ctx, job.args, nil)
		if err != nil {
			return err
		}
		if !made.UniqueSkippedAsDuplicate {
			j.waker.mark(optionsOf(job.args).Queue)
		}
	}
	return nil
}
