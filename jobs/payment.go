package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
)

// AuthorizePayment takes the next step towards the money of an order: it is asked for, or its reservation is renewed.
type AuthorizePayment struct {
	OrderID id.OrderID `json:"order_id"`
	At      time.Time  `json:"-"` // zero is now
}

// Kind is the job's stored name; it never changes.
func (AuthorizePayment) Kind() string { return payment.StepAuthorize }

// InsertOpts puts the job into its queue, to be run at its time.
func (a AuthorizePayment) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queuePayment, ScheduledAt: a.At}
}

// CapturePayment takes the money of a confirmed order, where the shop is set to take it at once.
type CapturePayment struct {
	OrderID id.OrderID `json:"order_id"`
}

// Kind is the job's stored name; it never changes.
func (CapturePayment) Kind() string { return "capture_payment" }

// InsertOpts puts the job into its queue.
func (CapturePayment) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queuePayment} }

// MoveMoney takes, gives back or releases what was asked for on an order.
type MoveMoney struct {
	OrderID id.OrderID `json:"order_id"`
}

// Kind is the job's stored name; it never changes.
func (MoveMoney) Kind() string { return payment.StepMove }

// InsertOpts puts the job into its queue.
func (MoveMoney) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queuePayment} }

// RehearseCallback lets a provider that plays its own outside world settle a charge and call back. For every other
// provider it does nothing.
type RehearseCallback struct {
	OrderID   id.OrderID          `json:"order_id"`
	AttemptID id.PaymentAttemptID `json:"attempt_id"`
}

// Kind is the job's stored name; it never changes.
func (RehearseCallback) Kind() string { return "rehearse_callback" }

// InsertOpts puts the job into its queue.
func (RehearseCallback) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queuePayment} }

// FollowCallback looks the charge up that a provider has told of.
type FollowCallback struct {
	OrderID    id.OrderID           `json:"order_id"`
	CallbackID id.PaymentCallbackID `json:"callback_id"`
}

// Kind is the job's stored name; it never changes.
func (FollowCallback) Kind() string { return "follow_callback" }

// InsertOpts puts the job into its queue.
func (FollowCallback) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queuePayment} }

// ForgetMethod lets a provider forget a payment method that its customer has deleted.
type ForgetMethod struct {
	MethodID id.StoredPaymentMethodID `json:"method_id"`
}

// Kind is the job's stored name; it never changes.
func (ForgetMethod) Kind() string { return "forget_payment_method" }

// InsertOpts puts the job into its queue.
func (ForgetMethod) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queuePayment} }

func (j *Jobs) addPaymentWorkers(workers *river.Workers) {
	payments := j.shop.Payments
	workPromptly(j, workers, func(ctx context.Context, a AuthorizePayment, job *rivertype.JobRow, done payment.Done) error {
		return payments.Authorize(ctx, a.OrderID, cause(job), done)
	})
	workPromptly(j, workers, func(ctx context.Context, a CapturePayment, job *rivertype.JobRow, done payment.Done) error {
		return payments.CaptureConfirmed(ctx, a.OrderID, cause(job), done)
	})
	workPromptly(j, workers, func(ctx context.Context, a MoveMoney, job *rivertype.JobRow, done payment.Done) error {
		return payments.Operate(ctx, a.OrderID, cause(job), done)
	})
	workPromptly(j, workers, func(ctx context.Context, a FollowCallback, job *rivertype.JobRow, done payment.Done) error {
		return payments.FollowCallback(ctx, a.CallbackID, cause(job), done)
	})
	work(workers, func(ctx context.Context, a ForgetMethod, _ *rivertype.JobRow, done payment.Done) error {
		return payments.Forget(ctx, a.MethodID, done)
	})
	work(workers, func(ctx context.Context, a RehearseCallback, job *rivertype.JobRow, done payment.Done) error {
		return payments.Rehearse(ctx, a.AttemptID, time.Since(job.CreatedAt), done)
	})
}
