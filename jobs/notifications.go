package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/payment"
)

// SendNotification tells the shopper of one event of an order.
type SendNotification struct {
	OrderID id.OrderID `json:"order_id"`
	Version int        `json:"version"`
}

// Kind is the job's stored name; it never changes.
func (SendNotification) Kind() string { return "send_notification" }

// InsertOpts puts the job into its queue. A mail server may be away for a day.
func (SendNotification) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueNotification, MaxAttempts: 60}
}

func (j *Jobs) addNotificationWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, a SendNotification, _ *rivertype.JobRow, _ payment.Done) error {
		return unlessBusy(j.shop.Notifications.Send(ctx, a.OrderID, a.Version))
	})
}

// busyFor is how long a message rests for which there was no hand free.
const busyFor = time.Second

// unlessBusy makes a message that was not sent for want of a hand one that comes back: nothing has failed.
func unlessBusy(err error) error {
	if errors.Is(err, notifications.ErrBusy) {
		return &payment.Later{In: busyFor}
	}
	return err
}
