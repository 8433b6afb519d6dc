package payment_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// comeDue lets the moment come at which an order's reservations are to be renewed.
func (d *desk) comeDue(order id.OrderID) {
	d.t.Helper()
	d.exec(`update payment_attempt set renew_at = now() where order_id = $1 and renew_at is not null`, order)
	d.exec(`update payment set due_at = now() where order_id = $1 and due_at is not null`, order)
}

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.pool.Exec(d.t.Context(), sql, args...); err != nil {
		d.t.Fatal(err)
	}
}

// mustHoldAtMost fails when more is authorized than is owed, leaving out what is let go, has ended or is marked for it.
func (d *desk) mustHoldAtMost(order id.OrderID, most int64) {
	d.t.Helper()
	const liveSQL = `
select coalesce(sum(a.authorized - a.voided - coalesce((
	select sum(o.amount) from payment_operation o where o.attempt_id = a.id and o.kind = 'VOID' and o.state = 'OPEN'), 0)), 0)
from payment_attempt a
where a.order_id = $1`
	var live int64
	if err := d.pool.QueryRow(d.t.Context(), liveSQL, order).Scan(&live); err != nil {
		d.t.Fatal(err)
	}
	if live > most {
		d.t.Errorf("%d are authorized and not marked for release, of %d", live, most)
	}
	for _, view := range []string{"m2", "m5"} {
		var broken int
		if err := d.pool.QueryRow(d.t.Context(), `select count(*) from audit.`+view+`_violations where order_id = $1`, order).Scan(&broken); err != nil {
			d.t.Fatal(err)
		}
		if broken > 0 {
			d.t.Errorf("%s is broken", view)
		}
	}
}

func TestAReservationIsRenewedBeforeItEnds(t *testing.T) {
	d := newDesk(t)
	order := d.place("expires")
	d.settle(order)
	first := d.attempts(order)[0]
	if first.ExpiresAt == nil || first.RenewAt == nil {
		t.Fatal("nobody knows when the reservation ends")
	}
	if lead := first.ExpiresAt.Sub(*first.RenewAt); lead < 29*time.Second || lead > 31*time.Second {
		t.Errorf("of a minute %v are left for the renewal", lead)
	}
	if err := d.authorize(order); err != nil {
		t.Fatalf("too early: %v", err)
	}
	if n := len(d.attempts(order)); n != 1 {
		t.Fatalf("there are %d attempts before it is time", n)
	}
	steps, err := d.Process(t.Context(), d.pool, order)
	if err != nil || len(steps) != 1 || steps[0].Name != payment.StepRenew || steps[0].NextTryAt == nil ||
		steps[0].Reason == nil || *steps[0].Reason != "The reservation of the payment is renewed then, before it ends." {
		t.Fatalf("the process shows %+v, %v", steps, err)
	}
	d.comeDue(order)
	if err := d.authorize(order); err != nil {
		t.Fatal(err)
	}
	d.mustHoldAtMost(order, total) // the old one is marked in the very transaction
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed",
		"payment.started", "payment.authorized", "payment.voided")
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
	tries := d.attempts(order)
	if tries[1].Renews() == nil || *tries[1].Renews() != first.ID || tries[0].State() != payment.AttemptVoided || tries[1].State() != payment.AttemptAuthorized {
		t.Errorf("the attempts are %+v", tries)
	}
	d.capture(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Captured: total, Voided: total})
	d.mustHoldAtMost(order, 2*total)
}

func TestWhatIsTakenInTimeIsNotRenewed(t *testing.T) {
	d := newDesk(t)
	order := d.place("expires")
	d.settle(order)
	d.capture(order)
	d.settle(order)
	d.comeDue(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.mustOweNothing(order)
}

// TestARefusedRenewalAsksTheShopper, who pays anew without a new checkout. The old reservation holds meanwhile.
func TestARefusedRenewalAsksTheShopper(t *testing.T) {
	d := newDesk(t)
	order := d.place("expires_declined", "approve")
	d.settle(order)
	d.comeDue(order)
	d.settle(order)
	asked := []string{
		"order.placed", "payment.started", "payment.authorized", "order.confirmed",
		"payment.started", "payment.declined", "payment.action_required",
	}
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialAuthorized, asked...)
	d.mustBook(order, books{Charges: 1, Authorized: total})
	if o := d.order(order); o.Deadline == nil || !o.Deadline.After(time.Now()) {
		t.Errorf("the deadline is %v", o.Deadline)
	}
	if m := d.messages(order); m[len(m)-1] != "We could not take your payment. Please choose another way to pay." { // what lapses is no part
		t.Errorf("the shopper reads %q", m)
	}
	if _, err := d.update(order, "k", "approve"); err != nil {
		t.Fatal(err)
	}
	d.work(d.authorize(order))
	d.mustHoldAtMost(order, total)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, append(asked,
		"payment.methods_updated", "payment.started", "payment.authorized", "order.confirmed", "payment.voided")...)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: total})
	d.mustAgree(order)
}

// TestWhatHasReplacedALapsingReservationIsTakenAtOnce: the release of the old one is not waited for.
func TestWhatHasReplacedALapsingReservationIsTakenAtOnce(t *testing.T) {
	d := newDesk(t)
	order := d.place("expires_declined")
	d.settle(order)
	d.comeDue(order)
	d.settle(order)
	if _, err := d.update(order, "k", "approve"); err != nil {
		t.Fatal(err)
	}
	d.work(d.authorize(order))
	d.capture(order)
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Captured: total, Voided: total})
	d.mustAgree(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s and %s", o.Status, o.FinancialStatus)
	}
	d.mustOweNothing(order)
}

func TestARefusedRenewalIsGivenBackWhenTheOrderEnds(t *testing.T) {
	d := newDesk(t)
	order := d.place("expires_declined")
	d.settle(order)
	d.comeDue(order)
	d.settle(order)
	d.cancel(order)
	d.settle(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialVoided {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	d.mustBook(order, books{Charges: 1, Authorized: total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestAReservationThatHasEndedAsksTheShopper: nothing has renewed it, and the provider has let it go.
func TestAReservationThatHasEndedAsksTheShopper(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	undo := payment.Change{Key: uuid.NewString(), Charge: d.firstKey(order), Reference: uuid.UUID(order).String(), Amount: money.New(total, "USD")}
	if _, err := d.test.Void(t.Context(), undo); err != nil {
		t.Fatal(err)
	}
	d.news(order)
	d.reconcile()
	if o := d.order(order); o.Status != orders.StatusActionRequired || o.Deadline == nil {
		t.Errorf("the order is %s until %v", o.Status, o.Deadline)
	}
	if got := d.codes(order); got != "RELEASED" {
		t.Errorf("the event says %s", got)
	}
	d.mustAgree(order)
}

// TestARenewalLeavesWhatIsBeingTaken: the money is asked for while its reservation is being renewed. It is taken once.
func TestARenewalLeavesWhatIsBeingTaken(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("expires")
	d.settle(order)
	d.comeDue(order)
	m.before = once("authorize", func() { d.capture(order) })
	if err := d.authorize(order); err != nil {
		t.Fatal(err)
	}
	d.mustHoldAtMost(order, total)
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Captured: total, Voided: total})
	d.mustAgree(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid {
		t.Errorf("the order is %s and %s", o.Status, o.FinancialStatus)
	}
	if tries := d.attempts(order); tries[0].State() != payment.AttemptCaptured || tries[1].State() != payment.AttemptVoided {
		t.Errorf("the first attempt is %s, the second %s", tries[0].State(), tries[1].State())
	}
	d.mustOweNothing(order)
}

// TestARenewalWithoutAnAnswerIsLookedUp and never asked for under another key.
func TestARenewalWithoutAnAnswerIsLookedUp(t *testing.T) {
	times := 0
	d := newDesk(t, meddle(&meddler{answer: unavailable("authorize", &times)}))
	order := d.place("expires")
	d.settle(order)
	d.comeDue(order)
	times = 3
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: total})
	d.mustAgree(order)
	if !slices.Contains(d.kinds(order), "payment.voided") || d.order(order).Status != orders.StatusConfirmed {
		t.Errorf("it came to %v", d.kinds(order))
	}
}

// TestWhatIsBeingRenewedIsNotReleasedByStaff: they are told, and may once it is known what there is to release.
func TestWhatIsBeingRenewedIsNotReleasedByStaff(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("expires")
	d.settle(order)
	d.comeDue(order)
	release := func(key string) error {
		_, err := d.Void(t.Context(), clerk, payment.PaymentVoidInput{IdempotencyKey: key, OrderID: order.String()})
		return err
	}
	m.before = once("authorize", func() { mustRefuse(t, release("early"), fault.Conflict, "NOT_ALLOWED") })
	d.settle(order)
	if err := release("late"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: 2 * total})
	if o := d.order(order); o.Status != orders.StatusActionRequired {
		t.Errorf("the order is %s", o.Status)
	}
}

// TestARenewedOrderThatIsCancelledMeanwhile gives back both reservations, and only them.
func TestARenewedOrderThatIsCancelledMeanwhile(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("expires")
	d.settle(order)
	d.comeDue(order)
	m.before = once("authorize", func() { d.cancel(order) })
	if err := d.authorize(order); err != nil {
		t.Fatal(err)
	}
	if o := d.order(order); o.FinancialStatus == orders.FinancialVoided {
		t.Error("the order says that all is given back, and it is not")
	}
	d.settle(order)
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: 2 * total})
	d.mustAgree(order)
	if o := d.order(order); o.FinancialStatus != orders.FinancialVoided {
		t.Errorf("the order is %s", o.FinancialStatus)
	}
	d.mustOweNothing(order)
}

// TestARenewalOfOnePartLeavesTheOrderConfirmed: a provider that takes once has let go of the rest of another part.
func TestARenewalOfOnePartLeavesTheOrderConfirmed(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("approve", "20.00"), part("expires", ""))
	d.settle(order)
	must(t, d.take(order, "15.00"))
	d.settle(order)
	d.outside(order, "void", 500)
	d.reconcile()
	kinds := []string{
		"order.placed", "payment.started", "payment.authorized", "payment.started", "payment.authorized", "order.confirmed",
		"payment.captured", "payment.voided",
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid, kinds...)
	d.comeDue(order)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPartiallyPaid,
		append(kinds, "payment.started", "payment.authorized", "payment.voided")...)
	d.mustBook(order, books{Charges: 3, Authorized: total + 2860, Captured: 1500, Voided: 500 + 2860})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// takenWhileRenewed is an order whose money is asked for while a renewal that will be declined is on its way.
func takenWhileRenewed(d *desk, m *meddler, amount string) id.OrderID {
	d.t.Helper()
	order := d.place("expires_declined")
	d.settle(order)
	d.comeDue(order)
	m.before = once("authorize", func() { must(d.t, d.take(order, amount)) })
	must(d.t, d.authorize(order))
	m.before = nil
	return order
}

var refusedRenewal = []string{
	"order.placed", "payment.started", "payment.authorized", "order.confirmed", "payment.started", "payment.declined",
}

// TestWhatIsBeingTakenIsNotAskedForAgain: the renewal of a reservation is declined while the reservation is being taken. A
// shopper who gave another card now would pay twice.
func TestWhatIsBeingTakenIsNotAskedForAgain(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := takenWhileRenewed(d, m, "48.60")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, refusedRenewal...)
	_, err := d.update(order, "k", "approve")
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, append(slices.Clone(refusedRenewal), "payment.captured")...)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestWhatWasNotTakenOfALapsingReservationIsAskedFor, once that is known: all of it, or the rest.
func TestWhatWasNotTakenOfALapsingReservationIsAskedFor(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	for name, c := range map[string]struct {
		refuse string
		taken  int64
		told   string
	}{
		"the provider refuses": {"capture", 0, "payment.capture_failed"},
		"a part is taken":      {"", 1000, "payment.captured"},
	} {
		order := takenWhileRenewed(d, m, "10.00")
		m.refuse = c.refuse
		d.settle(order)
		m.refuse = ""
		asked := append(slices.Clone(refusedRenewal), c.told, "payment.action_required")
		if got := d.kinds(order); !slices.Equal(got, asked) {
			t.Errorf("%s: events %v", name, got)
		}
		if o := d.order(order); o.Status != orders.StatusActionRequired {
			t.Errorf("%s: the order is %s", name, o.Status)
		}
		if _, err := d.update(order, name, "approve"); err != nil {
			t.Fatal(err)
		}
		d.settle(order)
		d.capture(order)
		d.settle(order)
		if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid {
			t.Errorf("%s: paid anew, the order is %s and %s", name, o.Status, o.FinancialStatus)
		}
		d.mustBook(order, books{Charges: 2, Authorized: 2*total - c.taken, Captured: total, Voided: total - c.taken})
		d.mustAgree(order)
		d.mustOweNothing(order)
	}
}

// TestNoMethodIsTakenWhileAChallengedReservationIsBeingTaken: a provider asks the shopper to confirm a renewal, though
// nobody is there, and the old reservation is being taken.
func TestNoMethodIsTakenWhileAChallengedReservationIsBeingTaken(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("expires")
	d.settle(order)
	d.comeDue(order)
	m.before = once("authorize", func() { d.capture(order) })
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "authorize" {
			return payment.Charge{}, payment.ActionRequired("Please confirm.")
		}
		return c, err
	}
	must(t, d.authorize(order))
	m.answer = nil
	if o := d.order(order); o.Status != orders.StatusActionRequired {
		t.Fatalf("the order is %s", o.Status)
	}
	before := d.version(order)
	_, err := d.update(order, "k", "approve")
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
	if d.version(order) != before {
		t.Error("the refusal has changed the order")
	}

	// The bank then refuses, so the shopper is asked once more; with the old reservation taken nothing is left to pay.
	if _, err := d.complete(order, "c"); err != nil {
		t.Fatal(err)
	}
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "authorize" || call == "lookup" {
			return payment.Charge{}, payment.Declined("No.")
		}
		return c, err
	}
	d.work(d.authorize(order))
	if o := d.order(order); o.Status != orders.StatusActionRequired {
		t.Errorf("refused, the order is %s", o.Status)
	}
	d.settle(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid || o.Deadline != nil {
		t.Errorf("taken, the order is %s and %s until %v: %v", o.Status, o.FinancialStatus, o.Deadline, d.kinds(order))
	}
	d.mustOweNothing(order)
}
