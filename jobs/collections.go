package jobs

import (
	"context"
	"time"

	"github.com/wharfhq/wharf/internal/catalog"
)

// followRulesEvery is how often it is looked whether rules of collections have something to do.
const followRulesEvery = time.Second

// followRules lets products that change join and leave the collections whose rules say so. What is to be done stands in
// tables that the change itself has written, so nothing is lost with a process; any number of processes may look, and
// one of them works at a time.
func (j *Jobs) followRules(ctx context.Context) {
	ticker := time.NewTicker(min(j.config.Sweep, followRulesEvery))
	defer ticker.Stop()
	for {
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = catalog.FollowRules(ctx, j.shop.Pool); err != nil {
				more = false
				if ctx.Err() == nil {
					j.shop.Logger.WarnContext(ctx, "following the rules of collections failed", "error", err)
				}
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
