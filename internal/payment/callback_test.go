package payment_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// attempt gives the newest attempt of an order.
func (d *desk) attempt(order id.OrderID) id.PaymentAttemptID {
	d.t.Helper()
	const newestSQL = `
select id
from payment_attempt
where order_id = $1
order by number desc
limit 1`
	var attempt id.PaymentAttemptID
	if err := d.pool.QueryRow(d.t.Context(), newestSQL, order).Scan(&attempt); err != nil {
		d.t.Fatal(err)
	}
	return attempt
}

// news lets the provider settle a charge and gives its callback.
func (d *desk) news(order id.OrderID) (http.Header, []byte) {
	d.t.Helper()
	header, body, err := d.test.Settle(d.t.Context(), uuid.UUID(d.attempt(order)).String())
	if err != nil {
		d.t.Fatal(err)
	}
	return header, body
}

// Callback brings a provider's news and works the jobs that follow them.
func (d *desk) Callback(ctx context.Context, provider string, header http.Header, body []byte) error {
	if err := d.Payments.Callback(ctx, provider, header, body); err != nil {
		return err
	}
	return d.follow(ctx)
}

// follow works the jobs that follow kept callbacks.
func (d *desk) follow(ctx context.Context) error {
	rows, err := d.pool.Query(ctx, `select id from payment_callback where state = 'RECEIVED' order by id`)
	if err != nil {
		return err
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[id.PaymentCallbackID])
	if err != nil {
		return err
	}
	for _, callback := range kept {
		var later *payment.Later
		if err := d.FollowCallback(ctx, callback, "job:follow_callback:1", finished); err != nil && !errors.As(err, &later) {
			return err
		}
	}
	return nil
}

// callbacks is what was kept, as "APPLIED 1, IGNORED 2".
func (d *desk) callbacks() string {
	d.t.Helper()
	const sql = `select coalesce(string_agg(c, ', ' order by c), '') from (select concat_ws(' ', state, count(*), reason) as c from payment_callback group by state, reason) k`
	var text string
	if err := d.pool.QueryRow(d.t.Context(), sql).Scan(&text); err != nil {
		d.t.Fatal(err)
	}
	return text
}

var settledByCallback = []string{"order.placed", "payment.started", "payment.pending", "payment.authorized", "order.confirmed"}

// TestTenCallbacksAtOnceHaveOneEffect: a provider may send the same news as often as it likes.
func TestTenCallbacksAtOnceHaveOneEffect(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	if o := d.order(order); o.Status != orders.StatusPendingPayment {
		t.Errorf("pending, the order is %s", o.Status)
	}
	header, body := d.news(order)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := d.Callback(t.Context(), "test", header, body); err != nil {
				t.Errorf("callback: %v", err)
			}
		})
	}
	all.Wait()
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
	if got := d.callbacks(); got != "APPLIED 1" {
		t.Errorf("kept is %s", got)
	}
}

// outside is money that moved at the provider without the shop having asked for it, such as from its own dashboard.
func (d *desk) outside(order id.OrderID, kind string, amount int64) (http.Header, []byte) {
	d.t.Helper()
	key := d.firstKey(order)
	move := map[string]func(context.Context, payment.Change) (payment.Charge, error){"capture": d.test.Capture, "refund": d.test.Refund, "void": d.test.Void}[kind]
	change := payment.Change{Key: uuid.NewString(), Charge: key, Reference: uuid.UUID(order).String(), Amount: money.New(amount, "USD")}
	if _, err := move(d.t.Context(), change); err != nil {
		d.t.Fatal(err)
	}
	header, body, err := d.test.Settle(d.t.Context(), key)
	if err != nil {
		d.t.Fatal(err)
	}
	return header, body
}

// TestCallbacksInAnyOrderComeToTheSameEnd brings the news of one charge (it was authorized, taken, partly given back
// twice) in every order, each of them twice, with a later one also before the books have what the earlier ones tell.
func TestCallbacksInAnyOrderComeToTheSameEnd(t *testing.T) {
	t.Parallel()
	type news struct {
		header http.Header
		body   []byte
	}
	for _, order := range permutations(4) {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			d := newDesk(t)
			o := d.place("pending")
			d.work(d.authorize(o))
			var all []news
			add := func(header http.Header, body []byte) { all = append(all, news{header, body}) }
			add(d.news(o))
			add(d.outside(o, "capture", total))
			add(d.outside(o, "refund", 1000))
			add(d.outside(o, "refund", 500))
			for _, i := range append(order, order...) {
				if err := d.Callback(t.Context(), "test", all[i].header, all[i].body); err != nil {
					t.Fatal(err)
				}
			}
			d.mustHave(o, orders.StatusConfirmed, orders.FinancialPartiallyRefunded,
				"order.placed", "payment.started", "payment.pending", "payment.authorized", "payment.captured", "payment.refunded", "order.confirmed")
			if got := d.order(o); got.TotalRefunded().Minor != 1500 || got.Reserved().Minor != 0 {
				t.Errorf("refunded are %s, reserved %s", got.TotalRefunded(), got.Reserved())
			}
			if got := d.callbacks(); got != "APPLIED 4" {
				t.Errorf("kept is %s", got)
			}
			d.mustAgree(o)
		})
	}
}

// permutations are all orders of the numbers below n.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(p), at, n-1))
		}
	}
	return all
}

// TestNewsOneByOneInAnyPace brings each callback as it happens, late ones after the next has happened.
func TestNewsOneByOneInAnyPace(t *testing.T) {
	d := newDesk(t)
	o := d.place("approve")
	d.settle(o)
	first, body := d.outside(o, "capture", total)
	later, laterBody := d.outside(o, "refund", 1000)
	if err := d.Callback(t.Context(), "test", later, laterBody); err != nil {
		t.Fatal(err)
	}
	d.mustHave(o, orders.StatusConfirmed, orders.FinancialPartiallyRefunded,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed", "payment.captured", "payment.refunded")
	if err := d.Callback(t.Context(), "test", first, body); err != nil {
		t.Fatal(err)
	}
	if v := d.version(o); v != 6 {
		t.Errorf("the callback that came late has made version %d", v)
	}
	d.mustAgree(o)
}

// TestACallbackOfWhatWasNotAskedForIsRefused: another amount, currency or order is told to the operators, not applied.
func TestACallbackOfWhatWasNotAskedForIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*payment.Charge){
		"less":             func(c *payment.Charge) { c.Authorized.Minor-- },
		"another currency": func(c *payment.Charge) { c.Authorized.CurrencyCode = "EUR" },
		"another order":    func(c *payment.Charge) { c.Reference = uuid.NewString() },
	} {
		t.Run(name, func(t *testing.T) {
			m := &meddler{}
			d := newDesk(t, meddle(m))
			order := d.place("pending")
			d.work(d.authorize(order))
			header, body := d.news(order)
			m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
				if call == "lookup" {
					spoil(&c)
				}
				return c, err
			}
			for range 2 {
				if err := d.Callback(t.Context(), "test", header, body); err != nil {
					t.Fatal(err)
				}
			}
			if o := d.order(order); o.Status != orders.StatusPendingPayment || o.Version != 3 {
				t.Errorf("the order is %s at version %d", o.Status, o.Version)
			}
			if got := d.callbacks(); !strings.HasPrefix(got, "IGNORED 1 provider test: the charge has another amount") {
				t.Errorf("kept is %s", got)
			}
			if n := d.told("payment.callback_refused"); n != 1 {
				t.Errorf("the operators were told %d times", n)
			}
		})
	}
}

// told counts the events of a kind.
func (d *desk) told(kind string) int {
	d.t.Helper()
	var n int
	if err := d.pool.QueryRow(d.t.Context(), `select count(*) from event where kind = $1`, kind).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// TestACallbackIsFollowedWhenTheProviderIsBack: the look-up fails, and the job comes back.
func TestACallbackIsFollowedWhenTheProviderIsBack(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("pending")
	d.work(d.authorize(order))
	header, body := d.news(order)
	away := true
	m.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if away && call == "lookup" {
			return payment.Charge{}, errors.New("503")
		}
		return c, err
	}
	if err := d.Callback(t.Context(), "test", header, body); err != nil {
		t.Fatal(err)
	}
	if got := d.callbacks(); got != "RECEIVED 1" {
		t.Errorf("kept is %s", got)
	}
	away = false
	if err := d.Callback(t.Context(), "test", header, body); err != nil {
		t.Fatal(err)
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	if got := d.callbacks(); got != "APPLIED 1" {
		t.Errorf("kept is %s", got)
	}
}

// TestACallbackMayComeBeforeTheAnswer: the provider's news are faster than its answer to our own call.
func TestACallbackMayComeBeforeTheAnswer(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("pending")
	m.after = once("authorize", func() {
		header, body := d.news(order)
		if err := d.Callback(t.Context(), "test", header, body); err != nil {
			t.Errorf("callback: %v", err)
		}
	})
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
}

// TestALostCallbackIsNotMissed: pending charges are looked up from time to time.
func TestALostCallbackIsNotMissed(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	d.news(order) // and nobody brings it
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	d.mustAgree(order)
}

func TestALateCallbackAfterACancellationIsUndone(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	header, body := d.news(order)
	d.cancel(order)
	if err := d.Callback(t.Context(), "test", header, body); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusCancelled, orders.FinancialVoided,
		"order.placed", "payment.started", "payment.pending", "order.cancelled", "payment.compensation_started",
		"payment.authorized", "payment.voided")
	d.mustBook(order, books{Charges: 1, Authorized: total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

func TestCallbacksThatChangeNothing(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	header, body := d.news(order)
	before := d.kinds(order)
	forged := header.Clone()
	forged.Set("Webhook-Signature", "v1,AAAA")
	if err := d.Callback(t.Context(), "test", forged, body); !errors.Is(err, payment.ErrForged) {
		t.Errorf("a forged one: %v", err)
	}
	for _, name := range []string{"manual", "nobody"} {
		if err := d.Callback(t.Context(), name, header, body); !errors.Is(err, payment.ErrNoCallbacks) {
			t.Errorf("one to %s: %v", name, err)
		}
	}
	header, body, err := d.test.Settle(t.Context(), uuid.NewString())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Callback(t.Context(), "test", header, body); err != nil {
		t.Errorf("one about a charge that is not ours: %v", err)
	}
	if got := d.kinds(order); len(got) != len(before) {
		t.Errorf("they have changed the order: %v", got)
	}
	if got := d.callbacks(); got != "IGNORED 1 the shop has no charge under this key" {
		t.Errorf("kept is %s", got)
	}
}

// TestAnAnswerThatCannotBeMeantIsNotBelieved: another amount or currency than asked for leaves the outcome unknown.
func TestAnAnswerThatCannotBeMeantIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*payment.Charge){
		"less":             func(c *payment.Charge) { c.Authorized.Minor-- },
		"more":             func(c *payment.Charge) { c.Authorized.Minor++ },
		"another currency": func(c *payment.Charge) { c.Authorized.CurrencyCode = "EUR" },
		"nothing":          func(c *payment.Charge) { c.Authorized.Minor = 0 },
		"an unknown state": func(c *payment.Charge) { c.State = "MAYBE" },
		"taken already, and more than was reserved": func(c *payment.Charge) { c.Captured = c.Authorized; c.Captured.Minor++ },
	} {
		t.Run(name, func(t *testing.T) {
			m := &meddler{}
			d := newDesk(t, meddle(m))
			order := d.place("approve")
			m.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
				spoil(&c)
				return c, err
			}
			d.work(d.authorize(order))
			d.mustHave(order, orders.StatusPendingPayment, orders.FinancialPending,
				"order.placed", "payment.started", "payment.unknown")
			m.answer = nil
			d.settle(order)
			d.mustBook(order, books{Charges: 1, Authorized: total})
			d.mustAgree(order)
		})
	}
}

func TestARehearsedCallbackWaitsForItsTime(t *testing.T) {
	d := newDesk(t)
	order := d.place("pending")
	d.work(d.authorize(order))
	ended := 0
	end := payment.Ends(1, func(*pgx.Batch, []int64) error { ended++; return nil })
	var later *payment.Later
	if err := d.Rehearse(t.Context(), d.attempt(order), 0, end); !errors.As(err, &later) {
		t.Fatalf("too early, it answers %v", err)
	}
	if err := errors.Join(d.Rehearse(t.Context(), d.attempt(order), later.In, end), d.follow(t.Context())); err != nil {
		t.Fatal(err)
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized, settledByCallback...)
	if ended != 1 {
		t.Errorf("the job was ended %d times", ended)
	}
}
