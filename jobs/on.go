package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/settings"
)

// table is the answer to "what follows this event", for the whole shop.
func table() []rule {
	return []rule{
		on(func(e event.Event, p orders.Placed) []river.JobArgs {
			follow := []river.JobArgs{notify(e)}
			if p.KeepAddress {
				follow = append(follow, KeepAddress{OrderID: order(e)})
			}
			if p.Deadline == nil { // nothing is owed
				return follow
			}
			return append([]river.JobArgs{AuthorizePayment{OrderID: order(e)}, ExpireOrder{OrderID: order(e), At: *p.Deadline}}, follow...)
		}),
		on(func(e event.Event, d orders.PaymentDeclined) []river.JobArgs {
			follow := []river.JobArgs{AuthorizePayment{OrderID: order(e)}} // with the next method
			if d.Deadline != nil {
				follow = append(follow, ExpireOrder{OrderID: order(e), At: *d.Deadline})
			}
			return follow
		}),
		on(func(e event.Event, p orders.PaymentPending) []river.JobArgs {
			switch {
			case p.Partial: // the rest is paid with the next method
				return []river.JobArgs{AuthorizePayment{OrderID: order(e)}}
			case p.Invoice:
				return nil
			}
			follow := []river.JobArgs{RehearseCallback{OrderID: order(e), AttemptID: p.AttemptID}}
			if p.Deadline != nil {
				follow = append(follow, ExpireOrder{OrderID: order(e), At: *p.Deadline})
			}
			return follow
		}),
		on(func(e event.Event, p orders.PaymentAuthorized) []river.JobArgs {
			switch {
			case p.Partial: // the rest is paid with the next method
				return []river.JobArgs{AuthorizePayment{OrderID: order(e)}}
			case p.RenewAt != nil:
				return []river.JobArgs{AuthorizePayment{OrderID: order(e), At: *p.RenewAt}}
			}
			return nil
		}),
		on(func(e event.Event, p orders.PaymentDisputed) []river.JobArgs {
			return []river.JobArgs{RehearseCallback{OrderID: order(e), AttemptID: p.AttemptID}}
		}),
		on(func(e event.Event, _ payment.MethodDeleted) []river.JobArgs {
			return []river.JobArgs{ForgetMethod{MethodID: id.StoredPaymentMethodID(e.Stream)}}
		}),
		on(func(e event.Event, p orders.PaymentActionRequired) []river.JobArgs {
			return []river.JobArgs{ExpireOrder{OrderID: order(e), At: p.Deadline}, notify(e)}
		}),
		on(func(e event.Event, p orders.PaymentMethodsUpdated) []river.JobArgs {
			return []river.JobArgs{AuthorizePayment{OrderID: order(e)}, ExpireOrder{OrderID: order(e), At: p.Deadline}}
		}),
		on(func(e event.Event, c orders.Confirmed) []river.JobArgs {
			if c.Capture {
				return []river.JobArgs{CapturePayment{OrderID: order(e)}, notify(e)}
			}
			return []river.JobArgs{notify(e)}
		}),
		on(func(e event.Event, _ orders.CompensationStarted) []river.JobArgs {
			return []river.JobArgs{MoveMoney{OrderID: order(e)}}
		}),
		on(func(e event.Event, v customers.Verified) []river.JobArgs {
			follow := []river.JobArgs{LinkOrders{CustomerID: id.CustomerID(e.Stream)}}
			if v.TakenOver {
				follow = append(follow, UnlinkOrders{CustomerID: id.CustomerID(e.Stream), TakenOver: e.At})
			}
			return follow
		}),
		on(func(e event.Event, _ orders.Cancelled) []river.JobArgs { return []river.JobArgs{notify(e)} }),
		on(func(e event.Event, _ orders.Expired) []river.JobArgs { return []river.JobArgs{notify(e)} }),
		on(func(e event.Event, _ inventory.WentOut) []river.JobArgs { return relist(e) }),
		on(func(e event.Event, _ inventory.CameBack) []river.JobArgs { return relist(e) }),
		on(func(e event.Event, _ inventory.BundleChanged) []river.JobArgs { return relist(e) }),
		on(func(e event.Event, _ inventory.PolicyChanged) []river.JobArgs { return relist(e) }),
	}
}

// nothingFollows lists the events that are only told.
var nothingFollows = []event.Data{
	orders.PaymentStarted{},
	orders.PaymentUnknown{},
	orders.PaymentMethodSkipped{},
	orders.PaymentDisputeWon{},
	orders.PaymentDisputeLost{},
	orders.PaymentCaptured{},
	orders.PaymentVoided{},
	orders.PaymentRefunded{},
	orders.PaymentCaptureFailed{},
	orders.PaymentRefundFailed{},
	orders.GiftCardRedeemed{},
	orders.GiftCardReturned{},
	orders.GiftCardRefunded{},
	orders.NoteAdded{},
	orders.PersonalDataErased{},
	orders.CustomerLinked{},
	orders.CustomerUnlinked{},
	customers.DataExported{},
	customers.Erased{},
	partners.KeyCreated{},
	partners.KeyRevoked{},
	partners.StaffCreated{},
	settings.Changed{},
	payment.MethodSaved{},
	payment.CallbackRefused{},
	payment.ReconciliationBroken{},
	payment.ReconciliationMended{},
	payment.ProviderUnavailable{},
	payment.ProviderAvailable{},
	inventory.WentLow{},
	audit.ConsistencyBroken{},
	audit.ConsistencyRestored{},
}

func order(e event.Event) id.OrderID { return id.OrderID(e.Stream) }

// notify tells the shopper.
func notify(e event.Event) river.JobArgs {
	return SendNotification{OrderID: order(e), Version: e.Version}
}

// rule is one line of the table.
type rule struct {
	kind string
	jobs func(event.Event) ([]river.JobArgs, error)
}

// on makes a line of what follows an event of type D.
func on[D event.Data](follow func(event.Event, D) []river.JobArgs) rule {
	var kind D
	return rule{kind: kind.Kind(), jobs: func(e event.Event) ([]river.JobArgs, error) {
		var data D
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return nil, fmt.Errorf("decode %s: %w", e.Kind, err)
		}
		return follow(e, data), nil
	}}
}

// followEvents queues the jobs of all events behind these.
func (j *Jobs) followEvents(ctx context.Context, tx pgx.Tx, b *pgx.Batch, events []event.Event) error {
	var args []river.JobArgs
	for _, e := range events {
		r, ok := j.follow[e.Kind]
		if !ok {
			continue
		}
		more, err := r.jobs(e)
		if err != nil {
			return err
		}
		args = append(args, more...)
	}
	return j.queue(ctx, tx, b, args)
}

// moneyRequested inserts the job for money that somebody has asked to be taken or given back.
func (j *Jobs) moneyRequested(ctx context.Context, tx pgx.Tx, order id.OrderID) error {
	return j.insert(ctx, tx, []river.JobArgs{MoveMoney{OrderID: order}})
}

// callbackKept inserts the job that follows what a provider has told.
func (j *Jobs) callbackKept(ctx context.Context, tx pgx.Tx, order id.OrderID, callback id.PaymentCallbackID) error {
	return j.insert(ctx, tx, []river.JobArgs{FollowCallback{OrderID: order, CallbackID: callback}})
}
