package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/search"
)

// RefreshListing lists what has changed anew, until nothing waits.
type RefreshListing struct{}

// Kind is the job's stored name; it never changes.
func (RefreshListing) Kind() string { return "refresh_listing" }

// InsertOpts lets one job wait or run at a time: it does whatever there is. A try that fails is followed by the next
// look at the backlog.
func (RefreshListing) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueDefault, MaxAttempts: 2, UniqueOpts: river.UniqueOpts{ByState: alive}}
}

// RebuildListing makes the listing anew while it is read.
type RebuildListing struct{}

// Kind is the job's stored name; it never changes.
func (RebuildListing) Kind() string { return "rebuild_listing" }

// InsertOpts lets one job wait or run at a time.
func (RebuildListing) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, UniqueOpts: river.UniqueOpts{ByState: alive}}
}

// RelistVariant lists a variant's product anew, and the bundles that the variant is part of, since its stock or the
// terms of its sale have changed.
type RelistVariant struct {
	VariantID id.ProductVariantID `json:"variant_id"`
}

// Kind is the job's stored name; it never changes.
func (RelistVariant) Kind() string { return "relist_variant" }

// InsertOpts puts the job into its queue.
func (RelistVariant) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueDefault} }

// ReconcileListing compares what the listing says is available with the stock itself.
type ReconcileListing struct{}

// Kind is the job's stored name; it never changes.
func (ReconcileListing) Kind() string { return "reconcile_listing" }

// InsertOpts puts the job into its queue.
func (ReconcileListing) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// alive are the states of a job that will still do its work.
var alive = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable,
	rivertype.JobStateScheduled,
}

// relist follows what is said of a variant's stock.
func relist(e event.Event) []river.JobArgs {
	return []river.JobArgs{RelistVariant{VariantID: id.ProductVariantID(e.Stream)}}
}

const (
	// listingLook is how often each process looks whether anything waits to be listed.
	listingLook = 200 * time.Millisecond
	// refreshFor is how long one job goes on; what is left then is the next one's.
	refreshFor = 10 * time.Second
	// rebuildFor bounds one try of a rebuild; the next goes on where it was.
	rebuildFor = 10 * time.Minute
	// rebuildWait is the pause while somebody else rebuilds.
	rebuildWait = 5 * time.Second
)

func (j *Jobs) addSearchWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, _ RefreshListing, _ *rivertype.JobRow, _ payment.Done) error {
		for until := time.Now().Add(refreshFor); time.Now().Before(until); {
			if more, err := j.shop.Search.Refresh(ctx); err != nil || !more {
				return err
			}
		}
		return nil
	})
	workWithin(workers, rebuildFor, func(ctx context.Context, _ RebuildListing, job *rivertype.JobRow, _ payment.Done) error {
		_, wanted, err := j.shop.Search.Due(ctx)
		if err != nil || !wanted { // somebody else has done it
			return err
		}
		err = j.shop.Search.Rebuild(ctx, cause(job), nil)
		if fault.IsKind(err, fault.Conflict) {
			return &payment.Later{In: rebuildWait}
		}
		return err
	})
	work(workers, func(ctx context.Context, a RelistVariant, _ *rivertype.JobRow, _ payment.Done) error {
		return j.shop.Search.StockMoved(ctx, a.VariantID)
	})
	work(workers, func(ctx context.Context, _ ReconcileListing, _ *rivertype.JobRow, _ payment.Done) error {
		_, err := j.shop.Search.Reconcile(ctx)
		return err
	})
	work(workers, func(ctx context.Context, _ RankBestSellers, _ *rivertype.JobRow, _ payment.Done) error {
		sold, err := orders.UnitsSold(ctx, j.shop.Pool)
		if err != nil {
			return err
		}
		return pg.InTx(ctx, j.shop.Pool, func(tx pgx.Tx) error {
			changed, err := catalog.SetUnitsSold(ctx, tx, sold)
			if err != nil {
				return err
			}
			return search.Touch(ctx, tx, changed)
		})
	})
}

// Backlog is what waits to be listed, for whoever watches the shop.
func (j *Jobs) Backlog(ctx context.Context) (observe.Backlog, error) {
	listing, err := j.shop.Search.Listing(ctx)
	backlog := observe.Backlog{Products: listing.Backlog}
	if listing.OldestChangeAt != nil {
		backlog.Oldest = max(time.Since(*listing.OldestChangeAt), 0)
	}
	return backlog, err
}

// watchListing looks, in every process that works and without a leader, whether anything waits to be listed, and makes
// the job that does it. So whoever writes to the catalog, an import from the command line too, needs to know no queue.
func (j *Jobs) watchListing(ctx context.Context) {
	ticker := time.NewTicker(listingLook)
	defer ticker.Stop()
	for {
		if err := j.followListing(ctx); err != nil && ctx.Err() == nil {
			j.shop.Logger.WarnContext(ctx, "looking for what is to be listed failed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (j *Jobs) followListing(ctx context.Context) error {
	refresh, rebuild, err := j.shop.Search.Due(ctx)
	if err != nil {
		return err
	}
	for _, job := range []struct {
		due  bool
		args river.JobArgs
	}{{refresh, RefreshListing{}}, {rebuild, RebuildListing{}}} {
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
