package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
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

// KeepAddress puts the address that an order goes to into its customer's book.
type KeepAddress struct {
	OrderID id.OrderID `json:"order_id"`
}

// Kind is the job's stored name; it never changes.
func (KeepAddress) Kind() string { return "keep_address" }

// InsertOpts puts the job into its queue.
func (KeepAddress) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueDefault} }

func (j *Jobs) addCheckoutWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, a ExpireOrder, job *rivertype.JobRow, done payment.Done) error {
		return j.shop.Checkout.Expire(ctx, a.OrderID, cause(job), done)
	})
	work(workers, func(ctx context.Context, a KeepAddress, _ *rivertype.JobRow, done payment.Done) error {
		return j.shop.Checkout.KeepAddress(ctx, a.OrderID, done)
	})
}
