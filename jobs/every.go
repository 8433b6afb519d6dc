package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// periodic lists what River's leader starts from time to time, once for all processes.
func periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return PurgeIdempotencyKeys{}, nil
		}, &river.PeriodicJobOpts{ID: "purge_idempotency_keys", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return PurgeLogins{}, nil
		}, &river.PeriodicJobOpts{ID: "purge_logins", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return PurgeCallbacks{}, nil
		}, &river.PeriodicJobOpts{ID: "purge_callbacks", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return PurgeCarts{}, nil
		}, &river.PeriodicJobOpts{ID: "purge_carts", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return PurgeFiles{}, nil
		}, &river.PeriodicJobOpts{ID: "purge_files", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) {
			return ResumeFiles{}, nil
		}, &river.PeriodicJobOpts{ID: "resume_files", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(15*time.Second), func() (river.JobArgs, *river.InsertOpts) {
			return CompareStock{}, nil
		}, &river.PeriodicJobOpts{ID: "compare_stock", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return RankBestSellers{}, nil
		}, &river.PeriodicJobOpts{ID: "rank_best_sellers", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) {
			return ReconcileListing{}, nil
		}, &river.PeriodicJobOpts{ID: "reconcile_listing", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			return RelateProducts{}, nil
		}, &river.PeriodicJobOpts{ID: "relate_products", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(5*time.Minute), func() (river.JobArgs, *river.InsertOpts) {
			return ReconcilePayments{}, nil
		}, &river.PeriodicJobOpts{ID: "reconcile_payments", RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) {
			return CheckConsistency{}, nil
		}, &river.PeriodicJobOpts{ID: "check_consistency", RunOnStart: true}),
	}
}

// PurgeIdempotencyKeys forgets the keys that are older than is promised to callers.
type PurgeIdempotencyKeys struct{}

// Kind is the job's stored name; it never changes.
func (PurgeIdempotencyKeys) Kind() string { return "purge_idempotency_keys" }

// InsertOpts puts the job into its queue.
func (PurgeIdempotencyKeys) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// PurgeLogins forgets logins and letters that have ended, counts of wrong passwords that no longer lock anybody, and
// what exports of personal data have gathered long ago.
type PurgeLogins struct{}

// Kind is the job's stored name; it never changes.
func (PurgeLogins) Kind() string { return "purge_logins" }

// InsertOpts puts the job into its queue.
func (PurgeLogins) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// PurgeCallbacks forgets what payment providers have told long ago.
type PurgeCallbacks struct{}

// Kind is the job's stored name; it never changes.
func (PurgeCallbacks) Kind() string { return "purge_callbacks" }

// InsertOpts puts the job into its queue.
func (PurgeCallbacks) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// PurgeCarts forgets carts that nobody has touched for long, with what they know about people.
type PurgeCarts struct{}

// Kind is the job's stored name; it never changes.
func (PurgeCarts) Kind() string { return "purge_carts" }

// InsertOpts puts the job into its queue.
func (PurgeCarts) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// RankBestSellers counts what was sold of late, for the list of what sells best.
type RankBestSellers struct{}

// Kind is the job's stored name; it never changes.
func (RankBestSellers) Kind() string { return "rank_best_sellers" }

// InsertOpts puts the job into its queue.
func (RankBestSellers) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// CheckConsistency looks whether what must always be true of the shop is.
type CheckConsistency struct{}

// Kind is the job's stored name; it never changes.
func (CheckConsistency) Kind() string { return "check_consistency" }

// InsertOpts puts the job into its queue.
func (CheckConsistency) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3}
}

// ReconcilePayments compares the books of payment providers with the shop's.
type ReconcilePayments struct{}

// Kind is the job's stored name; it never changes.
func (ReconcilePayments) Kind() string { return "reconcile_payments" }

// InsertOpts puts the job into its queue.
func (ReconcilePayments) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByState: alive}}
}

// purgeBatch is how many rows one statement forgets, so that none holds its locks for long.
const purgeBatch = 5000

func (j *Jobs) addMaintenanceWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, _ PurgeIdempotencyKeys, _ *rivertype.JobRow, _ payment.Done) error {
		for {
			n, err := idempotency.Purge(ctx, j.shop.Pool, purgeBatch)
			if err != nil || n < purgeBatch {
				return err
			}
		}
	})
	work(workers, func(ctx context.Context, _ PurgeCallbacks, _ *rivertype.JobRow, _ payment.Done) error {
		for {
			n, err := j.shop.Payments.PurgeCallbacks(ctx, purgeBatch)
			if err != nil || n < purgeBatch {
				return err
			}
		}
	})
	work(workers, func(ctx context.Context, _ PurgeCarts, _ *rivertype.JobRow, _ payment.Done) error {
		for {
			n, err := j.shop.Carts.Purge(ctx, purgeBatch)
			if err != nil || n < purgeBatch {
				return err
			}
		}
	})
	work(workers, func(ctx context.Context, _ PurgeLogins, _ *rivertype.JobRow, _ payment.Done) error {
		return errors.Join(j.shop.Attempts.Purge(ctx), j.shop.Customers.Purge(ctx), j.shop.Partners.Purge(ctx), j.shop.Privacy.Purge(ctx))
	})
	// Behind a backlog of payments its connections are waited for, and books that were compared lately are gone through
	// again, however long they are; what it has mended stays mended when its time is over.
	workWithin(workers, 3*time.Minute, func(ctx context.Context, _ ReconcilePayments, job *rivertype.JobRow, _ payment.Done) error {
		return j.shop.Payments.Reconcile(ctx, cause(job))
	})
	work(workers, func(ctx context.Context, _ CheckConsistency, job *rivertype.JobRow, _ payment.Done) error {
		return j.shop.Audit.Watch(ctx, j.shop.Events, j.shop.Logger, cause(job))
	})
}

// sweepForever takes up, in every process and without a leader, what nobody has taken up in time. With it an order
// moves on within a minute after any crash: a lease runs for 20 s, a sweep comes every 10.
func (j *Jobs) sweepForever(ctx context.Context) {
	ticker := time.NewTicker(j.config.Sweep)
	defer ticker.Stop()
	for {
		if err := j.Sweep(ctx); err != nil && ctx.Err() == nil {
			j.shop.Logger.WarnContext(ctx, "sweep for overdue orders failed", "error", err)
		}
		if err := j.announceStock(ctx); err != nil && ctx.Err() == nil {
			j.shop.Logger.WarnContext(ctx, "telling of stock that went low or out failed", "error", err)
		}
		if err := j.shop.Payments.EndOutages(ctx); err != nil && ctx.Err() == nil {
			j.shop.Logger.WarnContext(ctx, "telling of payment providers that are back failed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweepLimit bounds one sweep; what is left comes with the next.
const sweepLimit = 500

// Sweep makes jobs for each open order whose next step is overdue and whose lease has run out.
func (j *Jobs) Sweep(ctx context.Context) error {
	made := 0
	err := pg.InTx(ctx, j.shop.Pool, func(tx pgx.Tx) error {
		overdue, err := j.shop.Payments.TakeOverdue(ctx, tx, sweepLimit)
		if err != nil {
			return err
		}
		var args []river.JobArgs
		for _, step := range []struct {
			overdue []id.OrderID
			job     func(id.OrderID) river.JobArgs
		}{
			{overdue.Authorize, func(order id.OrderID) river.JobArgs { return AuthorizePayment{OrderID: order} }},
			{overdue.Operate, func(order id.OrderID) river.JobArgs { return MoveMoney{OrderID: order} }},
			{overdue.Expire, func(order id.OrderID) river.JobArgs { return ExpireOrder{OrderID: order} }},
		} {
			waiting, err := inLine(ctx, tx, step.job(id.OrderID{}).Kind(), step.overdue)
			if err != nil {
				return err
			}
			for _, order := range step.overdue {
				if !waiting[order.String()] {
					args = append(args, step.job(order))
				}
			}
		}
		for _, method := range overdue.Forget {
			args = append(args, ForgetMethod{MethodID: method})
		}
		if made = len(args); made == 0 {
			return nil
		}
		if err := j.insert(ctx, tx, args); err != nil {
			return err
		}
		failpoint.Hit(failpoint.SweepBeforeCommit)
		return nil
	})
	if err == nil && made > 0 {
		failpoint.Hit(failpoint.SweepAfterCommit)
	}
	return err
}

// announceStock tells of all shelves that have gone low or out, or have come back.
func (j *Jobs) announceStock(ctx context.Context) error {
	for {
		more, err := j.shop.Inventory.Announce(ctx, "announce_stock")
		if err != nil || !more {
			return err
		}
	}
}

const inLineSQL = `
select args ->> 'order_id'
from river.river_job
where state = 'available'
	and kind = $1
	and args ->> 'order_id' = any($2::text[])`

// inLine tells which of the orders have a job of this kind that only waits its turn. One more would make a long line
// longer, and move nothing on.
func inLine(ctx context.Context, tx pgx.Tx, kind string, overdue []id.OrderID) (map[string]bool, error) {
	waiting := make(map[string]bool, len(overdue))
	if len(overdue) == 0 {
		return waiting, nil
	}
	texts := make([]string, len(overdue))
	for i, order := range overdue {
		texts[i] = order.String()
	}
	var order string
	rows, err := tx.Query(ctx, inLineSQL, kind, texts)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&order}, func() error {
			waiting[order] = true
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look for jobs of overdue orders: %w", err)
	}
	return waiting, nil
}

func (j *Jobs) addWorkers(workers *river.Workers) {
	j.addPaymentWorkers(workers)
	j.addCheckoutWorkers(workers)
	j.addNotificationWorkers(workers)
	j.addCustomerWorkers(workers)
	j.addMaintenanceWorkers(workers)
	j.addSearchWorkers(workers)
	j.addCollectionWorkers(workers)
	j.addFileWorkers(workers)
	j.addCatalogWorkers(workers)
}
