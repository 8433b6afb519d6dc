package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// ExpireOrder ends an order whose deadline has passed unpaid. It runs at the deadline that was known when it was
// inserted; an order that has been paid, or was given a later deadline, is left alone.
type ExpireOrder struct {
	OrderID id.OrderID `json:"order_id"`
	At      time.Time  `json:"-"`
}

// Kind is the job's stored name; it never changes.
func (ExpireOrder) Kind() string { return "expire_order" }

// InsertOpts schedules the job for the deadline.
func (a ExpireOrder) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueDefault, ScheduledAt: a.At}
}

const databaseTimeSQL = `select clock_timestamp()`

func (j *Jobs) addCheckoutWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, a ExpireOrder, job *rivertype.JobRow, done payment.Done) error {
		return pg.InTx(ctx, j.shop.Pool, func(tx pgx.Tx) error {
			o, err := j.shop.Orders.Lock(ctx, tx, a.OrderID)
			if err != nil {
				return err
			}
			var now time.Time
			if err := tx.QueryRow(ctx, databaseTimeSQL).Scan(&now); err != nil {
				return err
			}
			if !o.Status.AwaitsPayment() || o.Deadline == nil || now.Before(*o.Deadline) {
				return done(ctx, tx)
			}
			if err := j.shop.Orders.Record(ctx, tx, &o, "system", cause(job), orders.Expired{}); err != nil {
				return err
			}
			if err := inventory.Release(ctx, tx, o.ID, cause(job)); err != nil {
				return err
			}
			if err := j.shop.Payments.Compensate(ctx, tx, &o, cause(job)); err != nil {
				return err
			}
			return done(ctx, tx)
		})
	})
}
