package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/payment"
)

// FollowRules lets products that have changed join and leave the collections whose rules say so, and holds all products
// against rules that are new, until nothing waits.
type FollowRules struct{}

// Kind is the job's stored name; it never changes.
func (FollowRules) Kind() string { return "follow_rules" }

// InsertOpts lets one job wait or run at a time: it does whatever there is. A try that fails is followed by the next
// look at what waits.
func (FollowRules) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueDefault, MaxAttempts: 2, UniqueOpts: river.UniqueOpts{ByState: alive}}
}

// followRulesFor is how long one job goes on; what is left then is the next one's.
const followRulesFor = 5 * time.Second

func (j *Jobs) addCollectionWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, _ FollowRules, _ *rivertype.JobRow, _ payment.Done) error {
		for until := time.Now().Add(followRulesFor); time.Now().Before(until); {
			if more, err := catalog.FollowRules(ctx, j.shop.Pool); err != nil || !more {
				return err
			}
		}
		return nil
	})
}
