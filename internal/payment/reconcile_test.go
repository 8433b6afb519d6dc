package payment_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// reconcile compares the books, in several processes at once.
func (d *desk) reconcile() {
	d.t.Helper()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := d.Reconcile(d.t.Context(), "job:reconcile_payments:1"); err != nil {
				d.t.Errorf("reconcile: %v", err)
			}
		})
	}
	all.Wait()
}

// breaks is what has been found, as "BEHIND REPAIRED, MISSING OPEN".
func (d *desk) breaks() string {
	d.t.Helper()
	ten := 10
	list, err := d.Breaks(d.t.Context(), nil, pg.Page{First: &ten})
	if err != nil {
		d.t.Fatal(err)
	}
	var found []string
	for _, b := range list.Nodes {
		found = append(found, string(b.Kind)+" "+string(b.State))
	}
	return strings.Join(found, ", ")
}

func (d *desk) mustFind(want string) {
	d.t.Helper()
	if got := d.breaks(); got != want {
		d.t.Errorf("found is %q, want %q", got, want)
	}
	if broken := d.told("payment.reconciliation_broken"); want != "" && broken != strings.Count(want, ",")+1 {
		d.t.Errorf("the operators were told of %d breaks", broken)
	}
	if mended := d.told("payment.reconciliation_mended"); mended != strings.Count(want, "REPAIRED")+strings.Count(want, "RESOLVED") {
		d.t.Errorf("the operators were told of %d ends", mended)
	}
}

func TestBooksThatAgreeHaveNoBreaks(t *testing.T) {
	d := newDesk(t)
	var all []id.OrderID
	for _, token := range []string{"approve", "decline", "charge_then_drop", "challenge"} {
		all = append(all, d.place(token))
		d.settle(all[len(all)-1])
	}
	d.cancel(all[2])
	d.settle(all[2])
	d.reconcile()
	d.mustFind("")
}

// TestALostCallbackIsFoundByReconciliation: the provider has settled, and nobody was told.
func TestALostCallbackIsFoundByReconciliation(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	d.news(order)
	d.reconcile()
	d.mustFind("BEHIND REPAIRED")
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	// Money taken and given back at the provider's own dashboard.
	d.outside(order, "capture", total)
	d.outside(order, "refund", 1000)
	d.reconcile()
	d.mustFind("BEHIND REPAIRED, BEHIND REPAIRED")
	if o := d.order(order); o.TotalRefunded().Minor != 1000 || o.FinancialStatus != orders.FinancialPartiallyRefunded {
		t.Errorf("the order is %s with %s refunded", o.FinancialStatus, o.TotalRefunded())
	}
	d.mustAgree(order)
}

// TestAStrayChargeGoesBack: for an order of the shop the provider holds money under a key that no attempt has. What is
// for somebody else's order is not touched.
func TestAStrayChargeGoesBack(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	charge := func(reference string, taken int64) string {
		key := uuid.NewString()
		token := payment.Authorization{Key: key, Reference: reference, Token: "approve", Amount: money.New(700, "USD")}
		if _, err := d.test.Authorize(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if taken > 0 {
			if _, err := d.test.Capture(t.Context(), payment.Change{Key: uuid.NewString(), Charge: key, Reference: reference, Amount: money.New(taken, "USD")}); err != nil {
				t.Fatal(err)
			}
		}
		return key
	}
	mine, other := charge(uuid.UUID(order).String(), 500), charge(uuid.NewString(), 0)
	d.reconcile()
	d.reconcile()
	kinds := d.breaks()
	if kinds != "STRAY_CHARGE REPAIRED, STRAY_CHARGE OPEN" && kinds != "STRAY_CHARGE OPEN, STRAY_CHARGE REPAIRED" {
		t.Errorf("found is %q", kinds)
	}
	for key, want := range map[string]int64{mine: 0, other: 700} {
		c, err := d.test.Lookup(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if held := c.Authorized.Minor - c.Voided.Minor - c.Refunded.Minor; held != want {
			t.Errorf("of %s the provider holds %d, want %d", key, held, want)
		}
	}
	var wrong []string
	const wrongSQL = `select coalesce(array_agg(subject order by subject), '{}') from audit.m4_violations`
	must(t, d.pool.QueryRow(t.Context(), wrongSQL).Scan(&wrong))
	if !slices.Equal(wrong, []string{other}) {
		t.Errorf("wrong are still %v, want only what is held of somebody else's order, %s", wrong, other)
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, "order.placed", "payment.started", "payment.authorized", "order.confirmed")
}

// TestAForeignChargeIsToldWithItsReason: whatever a charge says it is for, one that the shop has not made is a break which
// says why, so that verify never finds what no break explains. It ends when nothing of it is held any more.
func TestAForeignChargeIsToldWithItsReason(t *testing.T) {
	d := newDesk(t)
	references := []string{"", "INVOICE-77", "not a uuid\x01\n" + strings.Repeat("é", 300), "01a21e22-d294-7ce0-abcf-6ad197f9d3fd"}
	keys := make([]string, len(references))
	for i, reference := range references {
		keys[i] = uuid.NewString()
		_, err := d.pool.Exec(t.Context(), `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency)
values ($1, $1, 'AUTHORIZE', $2, 700, 'USD')`, keys[i], reference)
		must(t, err)
	}
	d.reconcile()
	d.reconcile()
	d.mustFind("STRAY_CHARGE OPEN, STRAY_CHARGE OPEN, STRAY_CHARGE OPEN, STRAY_CHARGE OPEN")
	counted := func() map[payment.BreakKind]int {
		t.Helper()
		open, err := d.OpenBreaks(t.Context())
		must(t, err)
		of := map[payment.BreakKind]int{}
		for _, o := range open {
			if o.Provider == "test" {
				of[o.Kind] = o.Open
			}
		}
		return of
	}
	if got, want := counted(), (map[payment.BreakKind]int{"STRAY_CHARGE": 4, "BEHIND": 0, "AHEAD": 0, "MISFIT": 0, "MISSING": 0, "UNREADABLE": 0}); !maps.Equal(got, want) {
		t.Errorf("counted are %v, want %v", got, want)
	}
	const amounts = "authorized 7.00 USD, captured 0.00 USD, voided 0.00 USD, refunded 0.00 USD, disputed 0.00 USD (lost 0.00 USD), for "
	for i, want := range []string{
		`"", which is no order's id`, `"INVOICE-77", which is no order's id`,
		`"not a uuid\x01\n` + strings.Repeat("é", 88) + `", which is no order's id`,
		"01a21e22-d294-7ce0-abcf-6ad197f9d3fd, which is no order of the shop",
	} {
		var detail string
		var order *uuid.UUID
		must(t, d.pool.QueryRow(t.Context(), `select detail, order_id from payment_reconciliation_break where charge = $1`, keys[i]).Scan(&detail, &order))
		if detail != amounts+want || order != nil {
			t.Errorf("of %.20q is said %q, of order %v", references[i], detail, order)
		}
	}
	unexplained := func() (n int) {
		t.Helper()
		must(t, d.pool.QueryRow(t.Context(), `
select count(*) from audit.m4_violations v
where not exists (select from payment_reconciliation_break b where b.charge = v.subject and b.state = 'OPEN')`).Scan(&n))
		return n
	}
	if n := unexplained(); n != 0 {
		t.Errorf("%d violations have no break", n)
	}
	_, err := d.pool.Exec(t.Context(), `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency)
select charge_key, gen_random_uuid(), 'VOID', reference, amount, currency from test_provider_entry`)
	must(t, err)
	d.reconcile()
	d.mustFind("STRAY_CHARGE RESOLVED, STRAY_CHARGE RESOLVED, STRAY_CHARGE RESOLVED, STRAY_CHARGE RESOLVED")
	if got := counted(); len(got) != 6 || got["STRAY_CHARGE"] != 0 {
		t.Errorf("in the end %v are counted", got)
	}
	var left int
	must(t, d.pool.QueryRow(t.Context(), `select count(*) from audit.m4_violations`).Scan(&left))
	if left != 0 {
		t.Errorf("%d violations are left", left)
	}
}

// TestWhatNobodyCanMendStaysOpen: the shop believes in more than the provider has, until the provider has it.
func TestWhatNobodyCanMendStaysOpen(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	if _, err := d.pool.Exec(t.Context(), `update payment_attempt set captured = authorized where order_id = $1`, order); err != nil {
		t.Fatal(err)
	}
	d.reconcile()
	d.reconcile()
	d.mustFind("AHEAD OPEN")
	d.outside(order, "capture", total)
	d.reconcile()
	d.mustFind("AHEAD RESOLVED")
}

func TestAChargeThatTheProviderHasForgottenIsMissing(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("error")
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "authorize" {
			return held(0, 0, 0), nil
		}
		return c, err
	}
	d.settle(order)
	d.reconcile()
	d.reconcile()
	d.mustFind("MISSING OPEN")
}

func TestAChargeOfAnotherAmountIsAMisfit(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.show = func(e *payment.Entry) { e.Charge.Authorized.Minor++ }
	d.reconcile()
	d.mustFind("MISFIT OPEN")
	if v := d.version(order); v != 4 {
		t.Errorf("it has made version %d of the order", v)
	}
	m.show = nil
	d.reconcile()
	d.mustFind("MISFIT RESOLVED")
}

// TestAnAnswerThatNeverFitsIsToldOnce: the provider takes the money and tells another amount of it each time, while it knows
// better when it is asked what it has. The operators are told once, and the capture ends when the money is shown.
func TestAnAnswerThatNeverFitsIsToldOnce(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	lies := func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "capture" {
			c.Captured.Minor = total + 1
		}
		return c, err
	}
	m.answer = func(call string, _ payment.Charge, err error) (payment.Charge, error) {
		return lies(call, held(0, 0, 0), err)
	}
	m.show = func(e *payment.Entry) { e.Charge = held(0, 0, 0) }
	d.capture(order)
	for range 3 {
		wait := d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
		if wait == 0 {
			t.Fatal("the capture has ended with nothing taken")
		}
		d.reconcile()
		d.mustFind("MISFIT OPEN")
		time.Sleep(wait) // the pause that the job was told to make
	}
	m.answer, m.show = lies, nil
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid, captured...)
	d.mustOweNothing(order)
	d.reconcile()
	d.mustFind("MISFIT RESOLVED")
}

// TestTheBooksHavePages goes through more charges than one page has.
func TestTheBooksHavePages(t *testing.T) {
	d := newDesk(t)
	_, err := d.pool.Exec(context.WithoutCancel(t.Context()), `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency)
select k, k, 'AUTHORIZE', gen_random_uuid()::text, 5, 'USD' from (select gen_random_uuid() as k from generate_series(1, 450)) g`)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Reconcile(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	if n := d.told("payment.reconciliation_broken"); n != 450 {
		t.Errorf("%d strays were found", n)
	}
}

// TestBooksThatAreTooLongForOneRunAreDoneByTheNext: each run has time for one charge more than the one before, and says
// that another must come until the books are at their end.
func TestBooksThatAreTooLongForOneRunAreDoneByTheNext(t *testing.T) {
	pace := quick
	pace.Portion = time.Nanosecond
	d := pacedDesk(t, pace)
	_, err := d.pool.Exec(context.WithoutCancel(t.Context()), `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, at)
select k, k, 'AUTHORIZE', gen_random_uuid()::text, 5, 'USD', clock_timestamp() - n * interval '5 minutes'
from (select gen_random_uuid() as k, n from generate_series(1, 12) n) g`)
	if err != nil {
		t.Fatal(err)
	}
	var after []int
	for {
		var later *payment.Later
		err := d.Reconcile(t.Context(), "test")
		after = append(after, d.told("payment.reconciliation_broken"))
		if err == nil {
			break
		}
		if !errors.As(err, &later) {
			t.Fatal(err)
		}
	}
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12}; !slices.Equal(after, want) {
		t.Errorf("after each run %v strays were found, want %v", after, want)
	}
}

// TestMoneyThatWasGivenBackTwiceIsTakenOver: what went to a gift card is given back at the provider's dashboard too.
func TestMoneyThatWasGivenBackTwiceIsTakenOver(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	d.credited(order)
	d.outside(order, "refund", 1000)
	must(t, d.Reconcile(t.Context(), "job:reconcile_payments:1"))
	d.mustFind("BEHIND REPAIRED")
	if o := d.order(order); o.TotalRefunded().Minor != 5000 || o.FinancialStatus != orders.FinancialRefunded {
		t.Errorf("the order is %s with %s given back", o.FinancialStatus, o.TotalRefunded())
	}
	mustRefuse(t, d.refund(order, payment.PaymentRefundInput{}), fault.Conflict, "NOT_ALLOWED")
	d.mustAgree(order)
}

// TestARefundOfWhatIsOnAGiftCardIsNotAskedFor: what was left to give back goes at the provider's dashboard, and the shop knows it
// before anybody has begun its own refund. The provider holds what went to the gift card, and would give it back.
func TestARefundOfWhatIsOnAGiftCardIsNotAskedFor(t *testing.T) {
	d := newDesk(t)
	order := d.paid(asIs)
	d.credited(order)
	must(t, d.refundAll(order, usd("8.60")))
	d.outside(order, "refund", total-4000)
	d.reconcile()
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Captured: total, Refunded: total - 4000})
	if o := d.order(order); o.TotalRefunded().Minor != total {
		t.Errorf("given back is %s", o.TotalRefunded())
	}
	d.mustOweNothing(order)
}

// credited gives 40 back of an order to a gift card.
func (d *desk) credited(order id.OrderID) {
	d.t.Helper()
	refund := uuid.New()
	d.exec(`insert into payment_refund (id, order_id, amount, currency, shipping, gift_card, reason, requested_by)
values ($1, $2, 4000, 'USD', 0, 4000, 'OTHER', 'me')`, refund, order)
	d.exec(`insert into payment_operation (id, attempt_id, order_id, kind, amount, currency, cause, requested_by, refund_id, state)
select gen_random_uuid(), id, order_id, 'CREDIT', 4000, 'USD', 'paymentRefund', 'me', $2, 'DONE' from payment_attempt where order_id = $1`, order, refund)
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		return d.orders.Record(ctx, tx, &o, "me", "paymentRefund", orders.GiftCardRefunded{
			GiftCardID: id.NewGiftCardID(), LastCharacters: "ABCD", Amount: money.New(4000, "USD"), Issued: true,
		})
	})
}

// TestOneChargeThatCannotBeTakenOverHoldsUpNoOther: its break stays open, and the comparison comes to its end.
func TestOneChargeThatCannotBeTakenOverHoldsUpNoOther(t *testing.T) {
	d := newDesk(t)
	stuck, other := d.place("approve"), d.place("approve")
	for _, order := range []id.OrderID{stuck, other} {
		d.settle(order)
		d.outside(order, "capture", total)
	}
	attempt := d.attempts(stuck)[0].ID
	record := func(e event.Data) {
		d.tx(func(ctx context.Context, tx pgx.Tx) error {
			o, err := d.orders.Lock(ctx, tx, stuck)
			if err != nil {
				return err
			}
			return d.orders.Record(ctx, tx, &o, "me", "sql", e)
		})
	}
	record(orders.PaymentVoided{AttemptID: attempt, Provider: "test", Amount: money.New(total, "USD")}) // which it never was
	must(t, d.Reconcile(t.Context(), "job:reconcile_payments:1"))
	if found := d.breaks(); found != "BEHIND OPEN, BEHIND REPAIRED" && found != "BEHIND REPAIRED, BEHIND OPEN" {
		t.Errorf("found is %q", found)
	}
	if got := [2]int64{d.order(stuck).Paid.Captured.Minor, d.order(other).Paid.Captured.Minor}; got != [2]int64{0, total} {
		t.Errorf("of the two orders %d are taken", got)
	}
	record(orders.PaymentAuthorized{AttemptID: attempt, Attempt: 1, Provider: "test", Amount: money.New(total, "USD")})
	must(t, d.Reconcile(t.Context(), "job:reconcile_payments:1"))
	d.mustFind("BEHIND REPAIRED, BEHIND REPAIRED")
}

// TestAProviderThatDoesNotAnswerTakesNoTimeOfTheComparison: when it has failed for some strays, the others are noted and
// not asked about, and go back when it answers again.
func TestAProviderThatDoesNotAnswerTakesNoTimeOfTheComparison(t *testing.T) {
	m := &meddler{}
	var away atomic.Bool
	var calls atomic.Int32
	m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		calls.Add(1)
		if away.Load() {
			return payment.Charge{}, errors.New("503 service unavailable")
		}
		return c, err
	}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.exec(`
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, at)
select k, k, 'AUTHORIZE', $1, 5, 'USD', clock_timestamp() - n * interval '1 second'
from (select gen_random_uuid() as k, n from generate_series(1, 12) n) g`, uuid.UUID(order).String())
	away.Store(true)
	before := calls.Load()
	must(t, d.Reconcile(t.Context(), "test"))
	if n := calls.Load() - before; n != 5 {
		t.Errorf("the provider was called %d times, and is left alone after 5", n)
	}
	if n := d.told("payment.reconciliation_broken"); n != 12 {
		t.Errorf("%d of 12 strays were found", n)
	}
	away.Store(false)
	must(t, d.Reconcile(t.Context(), "test"))
	if n := d.told("payment.reconciliation_mended"); n != 12 {
		t.Errorf("%d of 12 strays went back", n)
	}
	d.mustBook(order, books{Charges: 13, Authorized: total + 60, Voided: 60})
}

// TestOneChargeOfWhichTheProviderSaysNothingHoldsUpNoOther: it is a break, which ends when the provider speaks.
func TestOneChargeOfWhichTheProviderSaysNothingHoldsUpNoOther(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	silent, other := d.place("error"), d.place("approve")
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		switch {
		case call == "authorize" && c.State == "": // of the silent one: the shop believes in a charge that is in no books
			return held(0, 0, 0), nil
		case call == "lookup" && errors.Is(err, payment.ErrUnknownKey):
			return payment.Charge{}, errors.New("500 internal error")
		}
		return c, err
	}
	d.settle(silent)
	d.settle(other)
	d.outside(other, "capture", total)
	must(t, d.Reconcile(t.Context(), "test"))
	if found := d.breaks(); found != "MISSING OPEN, BEHIND REPAIRED" && found != "BEHIND REPAIRED, MISSING OPEN" {
		t.Errorf("found is %q", found)
	}
	if taken := d.order(other).Paid.Captured.Minor; taken != total {
		t.Errorf("of the other order %d are taken", taken)
	}
}

// TestBreaksThatStayOpenHoldUpNoOther: there are as many as one run looks at again, and a younger one has its turn beside them.
func TestBreaksThatStayOpenHoldUpNoOther(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	d.exec(`
insert into payment_reconciliation_break (id, provider, charge, kind, detail, state, found_at)
select gen_random_uuid(), 'test', gen_random_uuid()::text, 'STRAY_CHARGE', 'authorized', 'OPEN', now() - interval '1 day'
from generate_series(1, 100)`)
	m.show = func(e *payment.Entry) { e.Charge.Authorized.Minor++ }
	must(t, d.Reconcile(t.Context(), "test"))
	m.show = nil
	d.exec(`update payment_reconciliation set done_until = now() + interval '1 hour'`) // so that the comparison does not come by it again
	must(t, d.Reconcile(t.Context(), "test"))
	if broken, mended := d.told("payment.reconciliation_broken"), d.told("payment.reconciliation_mended"); broken != 101 || mended != 1 {
		t.Errorf("%d breaks were found, %d are mended", broken, mended) // the provider knows none of the hundred, which is told, too
	}
}

// TestAnAnswerThatALookUpSetsRightIsTold all the same: the provider reserves what was asked for, and tells another amount.
func TestAnAnswerThatALookUpSetsRightIsTold(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "authorize" {
			c.Authorized.Minor++
		}
		return c, err
	}
	order := d.place("approve")
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, "order.placed", "payment.started", "payment.authorized", "order.confirmed")
	d.mustFind("MISFIT OPEN")
	d.reconcile()
	d.mustFind("MISFIT RESOLVED")
}

// TestAMisfitEndsThoughSomethingIsStillToBeTried: nobody has had an answer about that.
func TestAMisfitEndsThoughSomethingIsStillToBeTried(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.show = func(e *payment.Entry) { e.Charge.Authorized.Minor++ }
	d.reconcile()
	d.mustFind("MISFIT OPEN")
	m.show = nil
	d.capture(order)
	d.reconcile()
	d.mustFind("MISFIT RESOLVED")
}

// TestWhatAProviderHasSaidIsToldThoughTheProcessStops: nobody hears that answer a second time.
func TestWhatAProviderHasSaidIsToldThoughTheProcessStops(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	ctx, stop := context.WithCancel(t.Context())
	m.after = once("authorize", stop)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "authorize" {
			c.Authorized.Minor++
		}
		return c, err
	}
	order := d.place("approve")
	d.work(d.Authorize(ctx, order, "job:authorize_payment:1", finished))
	d.mustFind("MISFIT OPEN")
}

// TestWhatWasMovedIsKeptThoughTheProcessStops, and told.
func TestWhatWasMovedIsKeptThoughTheProcessStops(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	ctx, stop := context.WithCancel(t.Context())
	m.after = once("capture", stop)
	m.answer = takesMore(2400)
	must(t, d.take(order, "20.00"))
	d.work(d.Operate(ctx, order, "job:move_money:1", finished))
	d.mustFind("BEHIND OPEN")
	if got := d.order(order).Paid.Captured.Minor; got != 2400 {
		t.Errorf("%d is taken", got)
	}
}

// takesMore is a provider that shows a sum as taken, whatever it was asked for.
func takesMore(captured int64) func(string, payment.Charge, error) (payment.Charge, error) {
	return func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "capture" || call == "lookup" {
			c.Captured.Minor = captured
		}
		return c, err
	}
}

// TestMoreThanWasAskedForIsToldThoughTheAnswerIsLost, and a callback tells the sum before the provider is asked again.
func TestMoreThanWasAskedForIsToldThoughTheAnswerIsLost(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	more := takesMore(2400)
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "capture" {
			return payment.Charge{}, errors.New("503")
		}
		return more(call, c, err)
	}
	must(t, d.take(order, "20.00"))
	d.work(d.Operate(t.Context(), order, "job:move_money:1", finished))
	d.hears(order)
	if got := d.order(order).Paid.Captured.Minor; got != 2400 {
		t.Fatalf("%d is taken", got)
	}
	d.mustFind("")
	m.answer = more
	d.settle(order)
	d.mustFind("BEHIND OPEN")
	d.mustOweNothing(order)
}

// TestWhatACallbackHasToldIsNoSurplus: part of the money is moved at the provider's dashboard while the provider is being
// asked for more, and another process follows the callback before the answer is kept.
func TestWhatACallbackHasToldIsNoSurplus(t *testing.T) {
	for kind, more := range map[string]int64{"capture": 0, "refund": total} {
		t.Run(kind, func(t *testing.T) {
			m := &meddler{}
			d := newDesk(t, meddle(m))
			order := d.place("approve")
			d.settle(order)
			if more > 0 {
				d.capture(order)
				d.settle(order)
			}
			other := d.beside()
			m.before = once(kind, func() {
				header, body := other.outside(order, kind, 400)
				must(t, other.Callback(t.Context(), "test", header, body))
			})
			if kind == "capture" {
				must(t, d.take(order, "20.00"))
			} else {
				must(t, d.refundAll(order, usd("20.00")))
			}
			d.settle(order)
			if c, err := d.test.Lookup(t.Context(), d.firstKey(order)); err != nil || max(c.Refunded.Minor, c.Captured.Minor-more) != 2400 {
				t.Fatalf("the provider shows %+v, %v", c, err)
			}
			d.mustFind("")
			d.mustOweNothing(order)
			d.mustAgree(order)
		})
	}
}
