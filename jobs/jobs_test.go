package jobs_test

import (
	"slices"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/operations"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

func TestAnOrderIsPaidInTheBackground(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "decline", "approve")
	confirmed := o.await(order, "order.confirmed")
	if confirmed.Status != orders.StatusConfirmed || confirmed.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("order is %s and %s", confirmed.Status, confirmed.FinancialStatus)
	}
	o.mustHave(order, "order.placed", "payment.started", "payment.declined", "payment.started", "payment.authorized", "order.confirmed")
}

func TestAnUnpaidOrderExpiresAtItsDeadline(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(300*time.Millisecond, "error")
	expired := o.await(order, "order.expired")
	if expired.Status != orders.StatusExpired {
		t.Errorf("order is %s", expired.Status)
	}
}

func TestAPendingPaymentSettlesByCallback(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "pending")
	o.await(order, "order.confirmed")
	o.mustHave(order, "order.placed", "payment.started", "payment.pending", "payment.authorized", "order.confirmed")
}

// TestACancelledOrderIsUndoneInTheBackground: what was taken for it is given back by jobs of the cancellation itself.
func TestACancelledOrderIsUndoneInTheBackground(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "approve")
	o.await(order, "order.confirmed")
	if _, err := o.Checkout.Cancel(t.Context(), clerk, checkout.OrderCancelInput{IdempotencyKey: "k", OrderID: order.String()}); err != nil {
		t.Fatal(err)
	}
	voided := o.await(order, "payment.voided")
	if voided.Status != orders.StatusCancelled || voided.FinancialStatus != orders.FinancialVoided {
		t.Errorf("order is %s and %s", voided.Status, voided.FinancialStatus)
	}
	o.mustBeSound()
}

// TestTheMoneyIsTakenAtOnceIfTheShopIsSetToIt goes from the click to the captured amount without anybody's help.
func TestTheMoneyIsTakenAtOnceIfTheShopIsSetToIt(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	if _, err := o.Settings.Change(t.Context(), access.SystemActor, func(s *settings.Shop) { s.Capture = settings.CaptureImmediately }); err != nil {
		t.Fatal(err)
	}
	order := o.place(time.Minute, "approve")
	if paid := o.await(order, "payment.captured"); paid.FinancialStatus != orders.FinancialPaid {
		t.Errorf("order is %s", paid.FinancialStatus)
	}
	o.mustBeSound()
}

// TestStaffCaptureInTheBackground: a capture that no event tells of has its job all the same.
func TestStaffCaptureInTheBackground(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Minute, "approve")
	o.await(order, "order.confirmed")
	if _, err := o.Payments.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: "k", OrderID: order.String()}); err != nil {
		t.Fatal(err)
	}
	o.await(order, "payment.captured")
}

// TestAProcessWithoutWorkersOnlyInserts: its orders wait for somebody else's workers.
func TestAProcessWithoutWorkersOnlyInserts(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	order := o.place(time.Hour, "approve")
	steps, err := o.Operations.Process(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range steps {
		if s.State != operations.Waiting {
			t.Errorf("%s is %s", s.Name, s.State)
		}
		names = append(names, s.Name)
	}
	slices.Sort(names)
	if want := []string{"authorize_payment", "expire_order", "send_notification"}; !slices.Equal(names, want) {
		t.Errorf("it tells of %v, not %v", names, want)
	}
	queues, err := o.jobs.Queues(t.Context())
	if err != nil || len(queues) != 3 {
		t.Errorf("the queues are %+v, %v", queues, err)
	}
	o.second(shoptest.Working())
	o.await(order, "order.confirmed")
}

// TestProcessAcrossTheQueue: a payment that is tried again is told once, with what the payment knows of it.
func TestProcessAcrossTheQueue(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Hour, "error")
	o.await(order, "payment.unknown")
	steps, err := o.Operations.Process(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range steps {
		if s.Name == payment.StepAuthorize {
			n++
			if s.State == operations.Retrying && (s.Reason == nil || s.NextTryAt == nil) {
				t.Errorf("it tells %+v", s)
			}
		}
	}
	if n != 1 {
		t.Errorf("the payment is told %d times: %+v", n, steps)
	}
}

// TestAStepOfATestProviderSaysWhatItIs: nobody is left to guess what a shop for trying things out waits for.
func TestAStepOfATestProviderSaysWhatItIs(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Hour, "pending_days")
	o.await(order, "payment.pending")
	steps, err := o.Operations.Process(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Name == (jobs.RehearseCallback{}).Kind() {
			if s.Reason == nil || *s.Reason != "This is a test payment provider. It will then decide as a bank would." {
				t.Errorf("it tells %+v", s)
			}
			return
		}
	}
	t.Errorf("it tells nothing of it: %+v", steps)
}

// TestAnOrderExpiresOnlyWhileItAwaitsItsPayment: the job that waits for the deadline of an order that was paid is
// nobody's business any more, and that of a deadline that was moved is told with the new one.
func TestAnOrderExpiresOnlyWhileItAwaitsItsPayment(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	expiry := func(order id.OrderID) (found []operations.OrderProcessStep) {
		steps, err := o.Operations.Process(t.Context(), order)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			if s.Name == (jobs.ExpireOrder{}).Kind() {
				found = append(found, s)
			}
		}
		return found
	}
	asked := o.place(time.Hour, "decline")
	deadline := o.await(asked, "payment.action_required").Deadline
	if steps := expiry(asked); len(steps) != 1 || steps[0].NextTryAt == nil || !steps[0].NextTryAt.Equal(*deadline) || steps[0].Reason == nil {
		t.Errorf("asked until %s, the order tells %+v", deadline, steps)
	}
	paid := o.place(time.Hour, "approve")
	o.await(paid, "order.confirmed")
	if steps := expiry(paid); len(steps) != 0 {
		t.Errorf("the paid order tells %+v", steps)
	}
}

// TestADeclineThatCameLaterLeavesNoStep: the job that would have looked the charge up is still in the queue, and nothing
// waits for it.
func TestADeclineThatCameLaterLeavesNoStep(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Hour, "pending_declined")
	o.await(order, "payment.action_required")
	steps, err := o.Operations.Process(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Name == payment.StepAuthorize {
			t.Errorf("the declined order tells %+v", s)
		}
	}
}

// TestACancelledOrderNoLongerWaitsForItsProvider: the job that would have looked the charge up finds nothing to do.
func TestACancelledOrderNoLongerWaitsForItsProvider(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Hour, "error")
	o.await(order, "payment.unknown")
	if _, err := o.Checkout.Cancel(t.Context(), clerk, checkout.OrderCancelInput{IdempotencyKey: "k", OrderID: order.String()}); err != nil {
		t.Fatal(err)
	}
	steps, err := o.Operations.Process(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Name == payment.StepAuthorize {
			t.Errorf("the cancelled order tells %+v", s)
		}
	}
}

// TestACancelledOrderHasNothingToRehearse: the provider for tests has let go of the charge that it would have decided on in
// days, and its job is still in the queue.
func TestACancelledOrderHasNothingToRehearse(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Hour, "pending_days")
	o.await(order, "payment.pending")
	if _, err := o.Checkout.Cancel(t.Context(), clerk, checkout.OrderCancelInput{IdempotencyKey: "k", OrderID: order.String()}); err != nil {
		t.Fatal(err)
	}
	o.await(order, "payment.voided") // the provider has let it go
	steps, err := o.Operations.Process(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Name == (jobs.RehearseCallback{}).Kind() {
			t.Errorf("the cancelled order tells %+v", s)
		}
	}
}

// TestAStepSaysThatTheProviderIsAsked: while a call runs nobody is left to guess what is waited for.
func TestAStepSaysThatTheProviderIsAsked(t *testing.T) {
	o := newOffice(t, shoptest.Working(), func(c *shop.Config) {
		c.Pace = payment.Pace{Call: time.Minute, Lookup: time.Minute, Lease: 2 * time.Minute, Retry: time.Minute, MaxRetry: time.Minute, Patience: time.Minute, Poll: time.Minute}
	})
	order := o.place(time.Hour, "timeout")
	o.await(order, "payment.started")
	steps, err := o.Operations.Process(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Name != payment.StepAuthorize {
			continue
		}
		if s.State != operations.Running || s.Reason == nil || *s.Reason != "The payment provider is being asked, and has not answered yet." {
			t.Errorf("it tells %+v", s)
		}
		return
	}
	t.Errorf("it tells nothing of the payment: %+v", steps)
}

// TestStoppingGivesBackWhatRuns: a provider that never answers does not keep the process from ending.
func TestStoppingGivesBackWhatRuns(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	order := o.place(time.Hour, "timeout")
	o.await(order, "payment.started")
	began := time.Now()
	if err := o.jobs.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	const runningSQL = `
select count(*)
from river.river_job
where state = 'running'`
	var running int
	if err := o.Pool.QueryRow(t.Context(), runningSQL).Scan(&running); err != nil || running != 0 {
		t.Errorf("%d jobs are left running, %v", running, err)
	}
}

// TestAJobStartsSoonAfterItsEvent: the hint brings it, long before the next poll.
func TestAJobStartsSoonAfterItsEvent(t *testing.T) {
	o := newOffice(t, shoptest.Working())
	for range 10 {
		o.await(o.place(time.Minute, "approve"), "order.confirmed")
	}
	const soonestSQL = `
select extract(epoch from min(attempted_at - created_at))
from river.river_job
where kind = 'authorize_payment'`
	var soonest float64
	if err := o.Pool.QueryRow(t.Context(), soonestSQL).Scan(&soonest); err != nil {
		t.Fatal(err)
	}
	if soonest > 0.2 {
		t.Errorf("the soonest of ten came after %.3f s", soonest)
	}
}

// What is done is looked at for an hour, what was given up for a week.
func TestJobsThatEndedAreForgotten(t *testing.T) {
	o := newOffice(t, jobs.Config{})
	const endedSQL = `
insert into river.river_job (kind, args, queue, max_attempts, attempt, state, finalized_at)
select 'ended', '{}', e.ended, 3, 1, split_part(e.ended, ' ', 1)::river.river_job_state, now() - split_part(e.ended, ' ', 2)::interval
from unnest($1::text[]) e(ended)`
	stay := []string{"cancelled 6d", "completed 50min", "discarded 6d"}
	gone := []string{"cancelled 8d", "completed 70min", "discarded 8d"}
	if _, err := o.Pool.Exec(t.Context(), endedSQL, slices.Concat(stay, gone)); err != nil {
		t.Fatal(err)
	}
	left := func() (left []string) {
		const leftSQL = `select array_agg(queue order by queue) from river.river_job where kind = 'ended'`
		if err := o.Pool.QueryRow(t.Context(), leftSQL).Scan(&left); err != nil {
			t.Fatal(err)
		}
		return left
	}
	o.second(shoptest.Working())
	o.eventually(func() bool { return len(left()) <= len(stay) })
	if got := left(); !slices.Equal(got, stay) {
		t.Errorf("left are %q, want %q", got, stay)
	}
}
