package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

const orderJobsSQL = `
select kind, state::text, greatest(attempt, 1), scheduled_at, coalesce(args ->> 'attempt_id', '')
from river.river_job
where args ->> 'order_id' = $1::text
	and state in ('available', 'pending', 'retryable', 'running', 'scheduled')
order by id`

// What a shopper reads of the step that ends an order, and of the one in which a provider for tests plays its bank.
var (
	reasonExpires   = "The order expires then, unless it is paid."
	reasonRehearses = "This is a test payment provider. It will then decide as a bank would."
)

// Process lists what still runs for an order: the live jobs, and for money what the payment itself says, which also
// holds while a crashed worker's job has not been replaced yet. What is left in the queue of an order that no longer
// awaits its payment is no step of it, and neither is a look at a charge, or a rehearsal of one, that was decided meanwhile.
func (j *Jobs) Process(ctx context.Context, order id.OrderID) ([]operations.OrderProcessStep, error) {
	rows, err := j.shop.Pool.Query(ctx, orderJobsSQL, order.String())
	if err != nil {
		return nil, fmt.Errorf("read the jobs of %s: %w", order, err)
	}
	type liveJob struct {
		operations.OrderProcessStep
		attempt string // that it is about, if it is about one
	}
	live, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (liveJob, error) {
		var (
			s     liveJob
			state string
			next  time.Time
		)
		if err := row.Scan(&s.Name, &state, &s.Attempt, &next, &s.attempt); err != nil {
			return s, err
		}
		switch state {
		case "running":
			s.State = operations.Running
			return s, nil
		case "retryable":
			s.State = operations.Retrying
		default:
			s.State = operations.Waiting
		}
		s.NextTryAt = &next
		return s, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the jobs of %s: %w", order, err)
	}
	steps, err := j.shop.Payments.Process(ctx, j.shop.Pool, order)
	if err != nil {
		return nil, err
	}
	o, err := j.shop.Orders.Order(ctx, j.shop.Pool, order)
	if err != nil {
		return nil, err
	}
	undecided, err := j.shop.Payments.Undecided(ctx, j.shop.Pool, order)
	if err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for _, s := range steps {
		told[s.Name] = true
	}
	for _, s := range live {
		switch awaits := o.Status.AwaitsPayment(); s.Name {
		case payment.StepAuthorize:
			if o.Status != orders.StatusPendingPayment {
				continue // it will find nothing to do
			}
		case ExpireOrder{}.Kind():
			if !awaits || o.Deadline == nil {
				continue
			}
			s.NextTryAt = o.Deadline // an earlier job may be left of a deadline that was moved
			s.Reason = &reasonExpires
		case RehearseCallback{}.Kind():
			if !slices.ContainsFunc(undecided, func(a id.PaymentAttemptID) bool { return a.String() == s.attempt }) {
				continue
			}
			s.Reason = &reasonRehearses
		}
		if !told[s.Name] || s.Name == (SendNotification{}).Kind() { // each message is a step of its own
			told[s.Name] = true
			steps = append(steps, s.OrderProcessStep)
		}
	}
	return steps, nil
}

const queuesSQL = `
select queue, state::text, count(*), greatest(extract(epoch from now() - min(scheduled_at)), 0)::float8
from river.river_job
where state in ('available', 'pending', 'retryable', 'running', 'scheduled')
group by queue, state`

// Queues tells how many jobs wait in each queue and for how long, for the metrics.
func (j *Jobs) Queues(ctx context.Context) ([]observe.Queue, error) {
	rows, err := j.shop.Pool.Query(ctx, queuesSQL)
	if err != nil {
		return nil, fmt.Errorf("read the queues: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (observe.Queue, error) {
		var q observe.Queue
		var oldest float64
		err := row.Scan(&q.Name, &q.State, &q.Jobs, &oldest)
		q.Oldest = time.Duration(oldest * float64(time.Second))
		return q, err
	})
}
