package payment_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	signed "github.com/wharfhq/wharf/internal/remote"
)

// messages are what the shopper reads of an order's events.
func (d *desk) messages(order id.OrderID) []string {
	d.t.Helper()
	list, err := d.orders.EventsAfter(d.t.Context(), d.pool, order, 0, 100)
	must(d.t, err)
	var texts []string
	for _, e := range list {
		texts = append(texts, e.Message)
	}
	return texts
}

// note is the header of a notification, signed as the provider does it.
func note(body []byte) http.Header {
	header := http.Header{}
	signed.Sign(header, uuid.NewString(), time.Now(), body, []signed.Secret{signed.NewSecret(secret)})
	return header
}

// notified brings a notification about an order's first charge from outside.
func (d *desk) notified(order id.OrderID) {
	d.t.Helper()
	body := fmt.Appendf(nil, `{"version": 1, "type": "charge.changed", "live": true, "charge": %q}`, d.firstKey(order))
	must(d.t, d.Callback(d.t.Context(), "test", note(body), body))
}

// TestARefusedChallengeGoesOnToTheNextMethod: the shopper has refused on the bank's page, and did nothing to be thanked for.
func TestARefusedChallengeGoesOnToTheNextMethod(t *testing.T) {
	d, w := outside(t)
	order := d.place("challenge", "approve")
	d.settle(order)
	if _, err := w.Fail(d.firstKey(order)); err != nil {
		t.Fatal(err)
	}
	d.notified(order)
	if o := d.order(order); o.Status != orders.StatusPendingPayment || o.Challenge || o.Deadline == nil {
		t.Errorf("the order is %s until %v, its challenge open: %t", o.Status, o.Deadline, o.Challenge)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, "order.placed", "payment.started", "payment.action_required",
		"payment.declined", "payment.started", "payment.authorized", "order.confirmed")
	if a := d.attempts(order)[0]; a.State() != payment.AttemptDeclined || a.Reason == nil || *a.Reason == "Please confirm the payment with your bank." {
		t.Errorf("the first attempt is %s, %v", a.State(), a.Reason)
	}
	d.mustAllow(order)
	d.mustOweNothing(order)
}

// mustAllow fails when the order has gone a way that is none.
func (d *desk) mustAllow(order id.OrderID) {
	d.t.Helper()
	var broken int
	if err := d.pool.QueryRow(d.t.Context(), `select count(*) from audit.e3_violations where order_id = $1`, order).Scan(&broken); err != nil || broken > 0 {
		d.t.Errorf("the order has gone a way that is none: %d, %v", broken, err)
	}
	events, err := event.Read(d.t.Context(), d.pool, order, 0, 100)
	must(d.t, err)
	if len(events) != d.version(order) {
		d.t.Errorf("of %d events the order is at version %d", len(events), d.version(order))
	}
}

// TestAPassedChallengeOfAPartThanksTheShopper, and the rest is paid by itself.
func TestAPassedChallengeOfAPartThanksTheShopper(t *testing.T) {
	d, w := outside(t)
	order := d.placeWith(part("challenge", "20.00"), part("approve", ""))
	d.settle(order)
	if _, err := w.Settle(d.firstKey(order)); err != nil {
		t.Fatal(err)
	}
	d.notified(order)
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, "order.placed", "payment.started", "payment.action_required",
		"payment.authorized", "payment.methods_updated", "payment.started", "payment.authorized", "order.confirmed")
}

// TestAPassedChallengeLeavesNothingToDo: what the shopper was asked for is no reason of what is authorized.
func TestAPassedChallengeLeavesNothingToDo(t *testing.T) {
	d, w := outside(t)
	order := d.place("challenge")
	d.settle(order)
	if a := d.attempts(order)[0]; a.Reason == nil || a.ChallengeURL == nil {
		t.Fatalf("the shopper is not told what to do: %+v", a)
	}
	if _, err := w.Settle(d.firstKey(order)); err != nil {
		t.Fatal(err)
	}
	d.notified(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.action_required", "payment.authorized", "order.confirmed")
	if a := d.attempts(order)[0]; a.State() != payment.AttemptAuthorized || a.Reason != nil || a.ChallengeURL != nil {
		t.Errorf("the attempt is %s, %v, %v", a.State(), a.Reason, a.ChallengeURL)
	}
}

// TestACancelledChallengeLeavesNothingToDo either.
func TestACancelledChallengeLeavesNothingToDo(t *testing.T) {
	d := newDesk(t)
	order := d.place("challenge")
	d.settle(order)
	d.cancel(order)
	d.settle(order)
	if a := d.attempts(order)[0]; a.State() != payment.AttemptVoided || a.Reason != nil || a.ChallengeURL != nil {
		t.Errorf("the attempt is %s, %v, %v", a.State(), a.Reason, a.ChallengeURL)
	}
}

// TestNotificationsThatSayNothingAreRefusedForGood: they are genuine, and would say nothing the next time either. Each is
// kept and told once, and changes nothing.
func TestNotificationsThatSayNothingAreRefusedForGood(t *testing.T) {
	d, _ := outside(t)
	order := d.place("challenge")
	d.settle(order)
	version := d.version(order)
	const bad = "it is no notification in JSON as the protocol has it"
	for i, c := range []struct{ body, reason string }{
		{"charge changed", bad},
		{"[]", bad},
		{"", bad},
		{`{"version": "1"}`, bad},
		{`{"version": 2, "type": "charge.changed", "live": true, "charge": "x"}`, "it is of version 2 of the protocol, and this shop speaks 1"},
		{`{"version": 1, "type": "charge.changed", "live": true}`, "it names no charge"},
	} {
		header := note([]byte(c.body))
		for range 2 {
			err := d.Callback(t.Context(), "test", header, []byte(c.body))
			if reason, refused := payment.Refused(err); !refused || reason != c.reason {
				t.Errorf("%q is answered %v", c.body, err)
			}
		}
		if n := d.told("payment.callback_refused"); n != i+1 {
			t.Errorf("after %q the operators were told %d times", c.body, n)
		}
	}
	nul := []byte(`{"version": 1, "type": "charge.changed", "live": true, "charge": "a\u0000b"}`)
	header := note(nul)
	for range 2 {
		must(t, d.Callback(t.Context(), "test", header, nul))
	}
	if n := d.told("payment.callback_refused"); n != 7 {
		t.Errorf("the operators were told %d times", n)
	}
	forged := []byte("charge changed again")
	if err := d.Callback(t.Context(), "test", note([]byte("another")), forged); err == nil {
		t.Error("a forged one is taken")
	} else if _, refused := payment.Refused(err); refused {
		t.Errorf("a forged one is kept: %v", err)
	}
	if got := d.callbacks(); got != "IGNORED 1 it is of version 2 of the protocol, and this shop speaks 1, IGNORED 1 it names no charge, "+
		"IGNORED 1 the shop has no charge under this key, IGNORED 4 "+bad {
		t.Errorf("kept is %s", got)
	}
	if d.version(order) != version {
		t.Error("they have changed an order")
	}
}

// TestAChallengeOfTheRestSaysThatItIsOne: who follows events need not look up what is reserved.
func TestAChallengeOfTheRestSaysThatItIsOne(t *testing.T) {
	d := newDesk(t)
	order := d.placeWith(part("approve", "20.00"), part("challenge", ""))
	d.settle(order)
	const partialSQL = `
select coalesce((data->>'partial')::boolean, false) and (data->>'challenge')::boolean
from event
where stream = $1
	and kind = 'payment.action_required'`
	var partial bool
	if err := d.pool.QueryRow(t.Context(), partialSQL, order).Scan(&partial); err != nil || !partial {
		t.Errorf("it does not say that it is for a part: %v", err)
	}
}

// TestARefusedChallengeIsFoundByReconciliation: no amount shows it, and the callback that told of it was lost.
func TestARefusedChallengeIsFoundByReconciliation(t *testing.T) {
	d, w := outside(t)
	alone, ranked, waits := d.place("challenge"), d.place("challenge", "approve"), d.place("challenge")
	for _, order := range []id.OrderID{alone, ranked, waits} {
		d.settle(order)
	}
	for _, order := range []id.OrderID{alone, ranked} {
		if _, err := w.Fail(d.firstKey(order)); err != nil {
			t.Fatal(err)
		}
	}
	d.reconcile()
	d.reconcile()
	d.mustFind("BEHIND REPAIRED, BEHIND REPAIRED")
	refused := []string{"order.placed", "payment.started", "payment.action_required", "payment.declined"}
	d.mustHave(alone, orders.StatusActionRequired, orders.FinancialPending, append(slices.Clone(refused), "payment.action_required")...)
	for order, want := range map[id.OrderID]payment.PaymentAttemptState{
		alone: payment.AttemptDeclined, ranked: payment.AttemptDeclined, waits: payment.AttemptActionRequired,
	} {
		if a := d.attempts(order)[0]; a.State() != want || (a.ChallengeURL == nil) != (want == payment.AttemptDeclined) {
			t.Errorf("an attempt is %s, its page %v", a.State(), a.ChallengeURL)
		}
	}
	d.settle(ranked)
	d.mustHave(ranked, orders.StatusConfirmed, orders.FinancialAuthorized, append(refused, "payment.started", "payment.authorized", "order.confirmed")...)
	d.mustAllow(ranked)
	d.mustOweNothing(ranked)
}

// TestAWithdrawnPaymentIsFoundByReconciliation: the provider has let a payment go that it had still to decide about.
func TestAWithdrawnPaymentIsFoundByReconciliation(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	m := payment.Change{Key: uuid.NewString(), Charge: d.firstKey(order), Reference: uuid.UUID(order).String(), Amount: *amount(total)}
	if _, err := d.test.Void(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	d.reconcile()
	d.mustFind("BEHIND REPAIRED")
	if a := d.attempts(order)[0]; a.State() != payment.AttemptVoided {
		t.Errorf("the attempt is %s", a.State())
	}
	d.mustAllow(order)
}

// TestANotificationThatIsTooLongIsRefusedForGood: one that is genuine is kept and told once, under its own name and whatever it
// says, and followed by nothing; one that is forged is nothing.
func TestANotificationThatIsTooLongIsRefusedForGood(t *testing.T) {
	d, w := outside(t)
	order := d.place("challenge")
	d.settle(order)
	if _, err := w.Settle(d.firstKey(order)); err != nil {
		t.Fatal(err)
	}
	blank := strings.Repeat(" ", payment.MaxNotification)
	genuine := fmt.Sprintf(`{"version": 1, "type": "charge.changed", "live": true, "charge": %q}`, d.firstKey(order))
	news := `{"version": 1, "type": "news"}` + blank
	must(t, d.Callback(t.Context(), "test", note([]byte(news)), []byte(news))) // it tells of no charge
	for i, body := range []string{genuine + blank, "[" + blank} {
		header := note([]byte(body))
		for range 2 {
			err := d.Callback(t.Context(), "test", header, []byte(body))
			if reason, refused := payment.Refused(err); !refused || reason != "it has more than 64 kB" {
				t.Errorf("%.40q is answered %v", body, err)
			}
		}
		if n := d.told("payment.callback_refused"); n != i+1 {
			t.Errorf("after %.40q the operators were told %d times", body, n)
		}
	}
	if err := d.Callback(t.Context(), "test", note([]byte("another")), []byte(genuine+blank)); !errors.Is(err, payment.ErrForged) {
		t.Errorf("a forged one is answered %v", err)
	}
	if got := d.callbacks(); got != "IGNORED 2 it has more than 64 kB" {
		t.Errorf("kept is %s", got)
	}
	if a := d.attempts(order)[0]; a.State() != payment.AttemptActionRequired {
		t.Errorf("one was followed: the attempt is %s", a.State())
	}
	just := genuine + blank[:payment.MaxNotification-len(genuine)]
	must(t, d.Callback(t.Context(), "test", note([]byte(just)), []byte(just)))
	if a := d.attempts(order)[0]; a.State() != payment.AttemptAuthorized {
		t.Errorf("one that is just short enough is not followed: the attempt is %s", a.State())
	}
}
