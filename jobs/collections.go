package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
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

// CompareStock notes the products of which something else is left than when rules about stock last saw them. An order
// says nothing to the rules, so that none waits for them.
type CompareStock struct{}

// Kind is the job's stored name; it never changes.
func (CompareStock) Kind() string { return "compare_stock" }

// InsertOpts lets one job wait or run at a time.
func (CompareStock) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 2, UniqueOpts: river.UniqueOpts{ByState: alive}}
}

// compareStockFor is how long one job goes on with the round through all variants, of which some ten thousand a second are
// compared; the next one goes on from there.
const compareStockFor = 10 * time.Second

// followRulesFor is how long one job goes on; what is left then is the next one's.
const followRulesFor = 5 * time.Second

func (j *Jobs) addCollectionWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, _ FollowRules, _ *rivertype.JobRow, _ payment.Done) error {
		for until := time.Now().Add(followRulesFor); time.Now().Before(until); {
			if more, err := catalog.FollowRules(ctx, j.shop.Pool, inventory.Quantities, j.shop.Logger); err != nil || !more {
				return err
			}
		}
		return nil
	})
	work(workers, func(ctx context.Context, _ CompareStock, _ *rivertype.JobRow, _ payment.Done) error {
		for until := time.Now().Add(compareStockFor); time.Now().Before(until); {
			if more, err := catalog.CompareStock(ctx, j.shop.Pool, inventory.Quantities); err != nil || !more {
				return err
			}
		}
		return nil
	})
}
