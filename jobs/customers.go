package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/privacy"
)

// SendLetter sends one letter to a customer.
type SendLetter struct {
	LetterID id.CustomerLetterID `json:"letter_id"`
}

// Kind is the job's stored name; it never changes.
func (SendLetter) Kind() string { return "send_letter" }

// InsertOpts puts the job into its queue. Once the letter's token has ended there is nothing left to send.
func (SendLetter) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueNotification, MaxAttempts: 60}
}

// LinkOrders gives a customer the orders that were placed as a guest with the e-mail address that is now shown to be
// theirs.
type LinkOrders struct {
	CustomerID id.CustomerID `json:"customer_id"`
}

// Kind is the job's stored name; it never changes.
func (LinkOrders) Kind() string { return "link_orders" }

// InsertOpts puts the job into its queue.
func (LinkOrders) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueDefault} }

// UnlinkOrders takes the orders of whoever made an account out of it, once its owner has taken it over.
type UnlinkOrders struct {
	CustomerID id.CustomerID `json:"customer_id"`
	TakenOver  time.Time     `json:"taken_over"`
}

// Kind is the job's stored name; it never changes.
func (UnlinkOrders) Kind() string { return "unlink_orders" }

// InsertOpts puts the job into its queue.
func (UnlinkOrders) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueDefault} }

// ExportCustomer puts together what the shop knows of a customer.
type ExportCustomer struct {
	RequestID id.CustomerDataRequestID `json:"request_id"`
}

// Kind is the job's stored name; it never changes.
func (ExportCustomer) Kind() string { return "export_customer" }

// InsertOpts puts the job into its queue.
func (ExportCustomer) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueDefault} }

// EraseCustomer forgets a customer.
type EraseCustomer struct {
	RequestID id.CustomerDataRequestID `json:"request_id"`
}

// Kind is the job's stored name; it never changes.
func (EraseCustomer) Kind() string { return "erase_customer" }

// InsertOpts puts the job into its queue.
func (EraseCustomer) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueDefault} }

func (j *Jobs) addCustomerWorkers(workers *river.Workers) {
	work(workers, func(ctx context.Context, a SendLetter, _ *rivertype.JobRow, _ payment.Done) error {
		return unlessBusy(j.shop.Notifications.SendLetter(ctx, a.LetterID))
	})
	work(workers, func(ctx context.Context, a LinkOrders, job *rivertype.JobRow, _ payment.Done) error {
		customer, err := j.shop.Customers.Visible(ctx, access.SystemActor, a.CustomerID)
		if err != nil || customer == nil || !customer.EmailVerified() {
			return err
		}
		return j.shop.Orders.LinkGuestOrders(ctx, customer.ID, *customer.Email, cause(job))
	})
	work(workers, func(ctx context.Context, a UnlinkOrders, job *rivertype.JobRow, _ payment.Done) error {
		return j.shop.Privacy.UnlinkOthers(ctx, a.CustomerID, a.TakenOver, cause(job))
	})
	work(workers, func(ctx context.Context, a ExportCustomer, _ *rivertype.JobRow, _ payment.Done) error {
		return j.shop.Privacy.Export(ctx, a.RequestID)
	})
	work(workers, func(ctx context.Context, a EraseCustomer, _ *rivertype.JobRow, _ payment.Done) error {
		return j.shop.Privacy.Erase(ctx, a.RequestID)
	})
}

// letterWritten inserts the job that sends a letter to a customer.
func (j *Jobs) letterWritten(ctx context.Context, tx pgx.Tx, letter id.CustomerLetterID) error {
	return j.insert(ctx, tx, []river.JobArgs{SendLetter{LetterID: letter}})
}

// dataRequested inserts the job that works on a request about personal data.
func (j *Jobs) dataRequested(ctx context.Context, tx pgx.Tx, request privacy.CustomerDataRequest) error {
	if request.Kind == privacy.Erase {
		return j.insert(ctx, tx, []river.JobArgs{EraseCustomer{RequestID: request.ID}})
	}
	return j.insert(ctx, tx, []river.JobArgs{ExportCustomer{RequestID: request.ID}})
}
