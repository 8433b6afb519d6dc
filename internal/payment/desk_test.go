package payment_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/manual"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/settings"
)

// quick is a pace at which a test need not wait; the order of the steps is that of production.
var quick = payment.Pace{
	Call: 900 * time.Millisecond, Lookup: 900 * time.Millisecond, Lease: 2500 * time.Millisecond,
	Retry: 5 * time.Millisecond, MaxRetry: 40 * time.Millisecond, Again: time.Millisecond, Rest: 60 * time.Millisecond, Patience: 60 * time.Millisecond, Poll: 20 * time.Millisecond,
	Break: 50 * time.Millisecond, Settling: time.Nanosecond,
}

// desk is a shop's till: orders without stock, payments, and the test provider, whose tests work its jobs by hand.
type desk struct {
	*payment.Payments
	t        *testing.T
	pool     *pgxpool.Pool
	orders   *orders.Orders
	settings *settings.Settings
	test     *testprovider.Provider
	ahead    *ahead             // the clock of the test provider
	more     []payment.Provider // beside the test provider and the manual one
	process  func() *payment.Payments
}

// ahead is a clock that may go ahead of the machine's.
type ahead struct{ by atomic.Int64 }

func (a *ahead) Now() time.Time { return time.Now().Add(time.Duration(a.by.Load())) }

var secret = []byte("a secret of the tests, 32 bytes.")

func newDesk(t *testing.T, wrap ...func(payment.Provider) payment.Provider) *desk {
	t.Helper()
	return pacedDesk(t, quick, wrap...)
}

func pacedDesk(t *testing.T, pace payment.Pace, wrap ...func(payment.Provider) payment.Provider) *desk {
	t.Helper()
	t.Parallel()
	pool := pgtest.New(t)
	keys, err := access.LoadKeys(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, pool: pool, orders: orders.New(event.New(), pool, slog.New(slog.DiscardHandler)), settings: settings.New(pool, event.New(), clock.System), ahead: &ahead{}}
	d.test = testprovider.New(pool, testprovider.Options{Slow: 20 * time.Millisecond, Settle: time.Millisecond, Secret: secret, Clock: d.ahead})
	var provider payment.Provider = d.test
	for _, w := range wrap {
		provider = w(provider)
	}
	d.process = func() *payment.Payments {
		p := payment.New(pool, d.orders, d.settings, keys, payment.Config{
			Providers: append([]payment.Provider{provider, manual.New()}, d.more...), Pace: pace, Logger: slog.New(slog.DiscardHandler),
			Attempts: access.NewAttempts(pool, keys, false), Events: event.New(),
			Limits: []payment.PaymentLimit{
				{Provider: "test", CurrencyCode: "USD", Min: amount(50)},
				{Provider: "manual", CurrencyCode: "USD", Max: amount(total)},
				{Provider: "manual", CurrencyCode: "EUR", Max: amount(1)},
			},
		})
		p.Connect(payment.Hooks{
			Requested: func(context.Context, pgx.Tx, id.OrderID) error { return nil },
			Notified:  func(context.Context, pgx.Tx, id.OrderID, id.PaymentCallbackID) error { return nil },
		})
		return p
	}
	d.Payments = d.process()
	return d
}

// beside is the same till in another process.
func (d *desk) beside() *desk {
	other := *d
	other.Payments = d.process()
	return &other
}

func amount(minor int64) *money.Money {
	m := money.New(minor, "USD")
	return &m
}

// in is the same till for a test inside the test that made it.
func (d *desk) in(t *testing.T) *desk {
	other := *d
	other.t = t
	return &other
}

const total = 4860

// method reads provider:token, or a token of the test provider.
func method(token string) payment.Method {
	if token == "manual" {
		return payment.Method{Provider: "manual"}
	}
	return payment.Method{Provider: "test", Token: &token}
}

func methods(tokens ...string) []payment.Method {
	var list []payment.Method
	for _, token := range tokens {
		list = append(list, method(token))
	}
	return list
}

// guest is how the shopper of the orders here is known.
const orderToken = "the order's own token"

// place places an order of 48.60 USD that is to be paid by these methods.
func (d *desk) place(tokens ...string) id.OrderID {
	d.t.Helper()
	return d.placeUntil(30*time.Minute, tokens...)
}

func (d *desk) placeUntil(wait time.Duration, tokens ...string) id.OrderID {
	d.t.Helper()
	return d.placeAs(wait, func(*orders.Placed) {}, tokens...)
}

// placeAs places an order that is somewhat different.
func (d *desk) placeAs(wait time.Duration, change func(*orders.Placed), tokens ...string) id.OrderID {
	d.t.Helper()
	order := d.placeUnpaid(wait, change)
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		return d.Start(ctx, tx, o, methods(tokens...))
	})
	return order
}

// placeUnpaid places an order whose payment nobody has opened yet.
func (d *desk) placeUnpaid(wait time.Duration, changes ...func(*orders.Placed)) id.OrderID {
	d.t.Helper()
	order := id.NewOrderID()
	deadline := time.Now().Add(wait)
	zero := money.Zero("USD")
	email := "ada@example.com"
	placing := orders.Placing{ID: order, Cause: "orderPlace", Placed: orders.Placed{
		CurrencyCode: "USD", TokenHash: access.HashToken(orderToken),
		Lines: []orders.PlacedLine{{
			ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: id.NewProductID(),
			Title: "Lamp", Quantity: 1, UnitPrice: money.New(total, "USD"), Discount: zero, Tax: zero,
		}},
		ShippingPrice: zero, ShippingTax: zero, TotalPrice: money.New(total, "USD"), Deadline: &deadline,
		Personal: &orders.Personal{Email: &email},
	}}
	for _, change := range changes {
		change(&placing.Placed)
	}
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := d.orders.Place(ctx, tx, access.Actor{}, placing)
		return err
	})
	return order
}

func (d *desk) tx(fn func(ctx context.Context, tx pgx.Tx) error) {
	d.t.Helper()
	if err := pg.InTx(d.t.Context(), d.pool, func(tx pgx.Tx) error { return fn(d.t.Context(), tx) }); err != nil {
		d.t.Fatal(err)
	}
}

// finished is the end of a job that nobody keeps.
var finished payment.Done

// authorize works one job for the money of the order.
func (d *desk) authorize(order id.OrderID) error {
	return d.Authorize(d.t.Context(), order, "job:authorize_payment:1", finished)
}

// settle works the jobs of an order, in the order and at the times at which the queue would, until nothing is left
// to do but to wait for the shopper.
func (d *desk) settle(order id.OrderID) {
	d.t.Helper()
	limit := time.Now().Add(20 * time.Second)
	for time.Now().Before(limit) {
		before := d.version(order)
		wait := d.work(d.authorize(order))
		wait = max(wait, d.work(d.Operate(d.t.Context(), order, "job:move_money:1", finished)))
		if wait == 0 && d.version(order) == before {
			return
		}
		time.Sleep(wait) // the pause that the job was told to make
	}
	d.t.Fatalf("order %s does not come to rest: %v", order, d.kinds(order))
}

func (d *desk) work(err error) time.Duration {
	d.t.Helper()
	var later *payment.Later
	if errors.As(err, &later) {
		return later.In
	}
	if err != nil {
		d.t.Fatalf("work: %v", err)
	}
	return 0
}

func (d *desk) order(order id.OrderID) orders.Order {
	d.t.Helper()
	o, err := d.orders.Order(d.t.Context(), d.pool, order)
	if err != nil {
		d.t.Fatal(err)
	}
	return o
}

func (d *desk) version(order id.OrderID) int { return d.order(order).Version }

// cancel calls the order off, as checkout does.
func (d *desk) cancel(order id.OrderID) {
	d.t.Helper()
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		if err := d.orders.Record(ctx, tx, &o, "shopper", "orderCancel", orders.Cancelled{Reason: orders.CancelCustomer}); err != nil {
			return err
		}
		return d.Compensate(ctx, tx, &o, "orderCancel")
	})
}

func (d *desk) kinds(order id.OrderID) []string {
	d.t.Helper()
	events, err := event.Read(d.t.Context(), d.pool, order, 0, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (d *desk) mustHave(order id.OrderID, status orders.OrderStatus, financial orders.OrderFinancialStatus, kinds ...string) {
	d.t.Helper()
	o := d.order(order)
	if o.Status != status || o.FinancialStatus != financial {
		d.t.Errorf("order is %s and %s, not %s and %s", o.Status, o.FinancialStatus, status, financial)
	}
	if got := d.kinds(order); !slices.Equal(got, kinds) {
		d.t.Errorf("events\n\t%v\nnot\n\t%v", got, kinds)
	}
}

// books is what the test provider's ledger says about an order.
type books struct{ Charges, Authorized, Captured, Refunded, Voided int64 }

func (d *desk) books(order id.OrderID) books {
	d.t.Helper()
	const booksSQL = `
select count(*) filter (where kind = 'AUTHORIZE'), coalesce(sum(amount) filter (where kind = 'AUTHORIZE'), 0),
	coalesce(sum(amount) filter (where kind = 'CAPTURE'), 0), coalesce(sum(amount) filter (where kind = 'REFUND'), 0),
	coalesce(sum(amount) filter (where kind = 'VOID'), 0)
from test_provider_entry
where reference = $1`
	var b books
	err := d.pool.QueryRow(d.t.Context(), booksSQL, uuid.UUID(order).String()).
		Scan(&b.Charges, &b.Authorized, &b.Captured, &b.Refunded, &b.Voided)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *desk) mustBook(order id.OrderID, want books) {
	d.t.Helper()
	if got := d.books(order); got != want {
		d.t.Errorf("the provider's books say %+v, not %+v", got, want)
	}
}

// ours is what the shop's own rows say, which must be the same.
func (d *desk) mustAgree(order id.OrderID) {
	d.t.Helper()
	const oursSQL = `
select count(*) filter (where authorized > 0), coalesce(sum(authorized), 0), coalesce(sum(captured), 0),
	coalesce(sum(refunded), 0), coalesce(sum(voided), 0)
from payment_attempt
where order_id = $1`
	var ours books
	err := d.pool.QueryRow(d.t.Context(), oursSQL, order).Scan(&ours.Charges, &ours.Authorized, &ours.Captured, &ours.Refunded, &ours.Voided)
	if err != nil {
		d.t.Fatal(err)
	}
	if theirs := d.books(order); ours != theirs {
		d.t.Errorf("our books say %+v, the provider's %+v", ours, theirs)
	}
	o := d.order(order)
	folded := books{ours.Charges, o.Paid.Authorized.Minor, o.Paid.Captured.Minor, o.Paid.Refunded.Minor, o.Paid.Voided.Minor}
	if folded != ours {
		d.t.Errorf("the order's events say %+v, the attempts %+v", folded, ours)
	}
}

// clerk may take money.
var clerk = access.Actor{Kind: access.Staff, Scopes: access.AllScopes()}

// capture asks for the money to be taken, as staff do.
func (d *desk) capture(order id.OrderID) {
	d.t.Helper()
	in := payment.PaymentCaptureInput{IdempotencyKey: uuid.NewString(), OrderID: order.String()}
	if _, err := d.Capture(d.t.Context(), clerk, in); err != nil {
		d.t.Fatalf("capture: %v", err)
	}
}

// mustOweNothing fails when something is still to be done for the order's money.
func (d *desk) mustOweNothing(order id.OrderID) {
	d.t.Helper()
	steps, err := d.Process(d.t.Context(), d.pool, order)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(steps) > 0 {
		d.t.Errorf("still to be done: %+v", steps)
	}
	const leftSQL = `
select count(*)
from payment
where order_id = $1
	and (due_at is not null or expiry_due_at is not null)`
	var left int
	if err := d.pool.QueryRow(d.t.Context(), leftSQL, order).Scan(&left); err != nil {
		d.t.Fatal(err)
	}
	if left > 0 {
		d.t.Error("the sweep would still take the order up")
	}
}

// unavailable loses the answer to a call so many times.
func unavailable(call string, times *int) func(string, payment.Charge, error) (payment.Charge, error) {
	return func(name string, c payment.Charge, err error) (payment.Charge, error) {
		if name == call && *times > 0 {
			*times--
			return payment.Charge{}, errors.New("503")
		}
		return c, err
	}
}

// attempts are the tries of an order, as the API shows them.
func (d *desk) attempts(order id.OrderID) []payment.PaymentAttempt {
	d.t.Helper()
	by, err := payment.PaymentsByOrder(d.t.Context(), d.pool, []id.OrderID{order})
	if err != nil || len(by[order]) != 1 {
		d.t.Fatalf("payments of %s: %v, %v", order, by, err)
	}
	return by[order][0].Attempts
}

// firstKey is the key of an order's first attempt at its provider.
func (d *desk) firstKey(order id.OrderID) string { return uuid.UUID(d.attempts(order)[0].ID).String() }
