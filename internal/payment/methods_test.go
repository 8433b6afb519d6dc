package payment_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

var anyone = access.Actor{}

func token() *string { t := orderToken; return &t }

func (d *desk) update(order id.OrderID, key string, tokens ...string) (orders.Order, error) {
	return d.UpdateMethods(d.t.Context(), anyone, payment.OrderPaymentUpdateInput{
		IdempotencyKey: key, OrderID: order.String(), AccessToken: token(), Payment: methods(tokens...),
	})
}

func (d *desk) complete(order id.OrderID, key string) (orders.Order, error) {
	return d.CompleteChallenge(d.t.Context(), anyone, payment.PaymentChallengeCompleteInput{
		IdempotencyKey: key, OrderID: order.String(), AccessToken: token(),
	})
}

func mustRefuse(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind || f.Code != code {
		t.Errorf("it answers %v, not %s %s", err, kind, code)
	}
}

func TestNewMethodsContinueWithoutANewCheckout(t *testing.T) {
	d := newDesk(t)
	order := d.place("decline")
	d.settle(order)
	before := d.order(order)
	after, err := d.update(order, "k1", "decline_insufficient_funds", "approve")
	if err != nil {
		t.Fatal(err)
	}
	if after.Status != orders.StatusPendingPayment || after.Version != before.Version+1 {
		t.Errorf("the answer is %s of version %d", after.Status, after.Version)
	}
	if after.Deadline == nil || !after.Deadline.After(before.ProcessedAt.Add(29*time.Minute)) {
		t.Errorf("the fresh deadline is %v", after.Deadline)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.declined", "payment.action_required", "payment.methods_updated",
		"payment.started", "payment.declined", "payment.started", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
}

// Who tries card after card is stopped; a repeated request is not counted, and neither is what the order refuses.
func TestCardsAreNotTriedForEver(t *testing.T) {
	d := newDesk(t)
	order := d.place("decline")
	if _, err := d.update(order, "too early", "decline"); !fault.IsKind(err, fault.Conflict) {
		t.Fatalf("new methods before anybody was asked: %v", err)
	}
	d.settle(order)
	for i := range 10 {
		for range 2 {
			if _, err := d.update(order, fmt.Sprint("k", i), "decline"); err != nil {
				t.Fatalf("update %d: %v", i+1, err)
			}
		}
		d.settle(order)
	}
	before := d.order(order)
	_, err := d.update(order, "k10", "approve")
	refused, ok := fault.As(err)
	if !ok || refused.Kind != fault.Throttled || refused.RetryAfter < 29*time.Minute || refused.RetryAfter > 30*time.Minute {
		t.Errorf("the eleventh list of methods: %v, want THROTTLED for half an hour", err)
	}
	if after := d.order(order); after.Version != before.Version {
		t.Errorf("the refusal changed the order to version %d", after.Version)
	}
	staff := access.Actor{Kind: access.Staff, ID: uuid.New(), Scopes: access.Scopes{"orders:write", "payments:write"}}
	if _, err := d.UpdateMethods(t.Context(), staff, payment.OrderPaymentUpdateInput{
		IdempotencyKey: "s", OrderID: order.String(), Payment: methods("approve"),
	}); err != nil {
		t.Errorf("staff cannot help: %v", err)
	}
}

func TestNewMethodsAreTakenOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tokens []string
		do     func(d *desk, order id.OrderID)
	}{
		"before anybody was asked":     {[]string{"approve"}, func(*desk, id.OrderID) {}},
		"while the outcome is unknown": {[]string{"error"}, func(d *desk, order id.OrderID) { d.work(d.authorize(order)) }},
		"when it is paid":              {[]string{"approve"}, func(d *desk, order id.OrderID) { d.settle(order) }},
		"when it is cancelled":         {[]string{"decline"}, func(d *desk, order id.OrderID) { d.settle(order); d.cancel(order) }},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			order := d.place(c.tokens...)
			c.do(d, order)
			version, kinds := d.version(order), d.kinds(order)
			_, err := d.update(order, "k1", "approve")
			mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
			_, err = d.complete(order, "k2")
			mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
			if d.version(order) != version || !slices.Equal(d.kinds(order), kinds) {
				t.Error("a refusal has changed the order")
			}
		})
	}
}

func TestNewMethodsOncePerKey(t *testing.T) {
	d := newDesk(t)
	order := d.place("decline")
	d.settle(order)
	first, err := d.update(order, "k1", "approve")
	if err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	again, err := d.update(order, "k1", "approve")
	if err != nil {
		t.Fatal(err)
	}
	if again.Version != first.Version || again.Status != orders.StatusPendingPayment {
		t.Errorf("the same key answers version %d, %s", again.Version, again.Status)
	}
	_, err = d.update(order, "k1", "decline")
	mustRefuse(t, err, fault.Conflict, "IDEMPOTENCY_KEY_REUSED")
	_, err = d.complete(order, "k1")
	mustRefuse(t, err, fault.Conflict, "IDEMPOTENCY_KEY_REUSED")
	d.mustBook(order, books{Charges: 1, Authorized: total})
}

func TestTwoUpdatesAtOnceAreOne(t *testing.T) {
	d := newDesk(t)
	order := d.place("decline")
	d.settle(order)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			if _, err := d.update(order, fmt.Sprintf("k%d", i%2), "approve"); err != nil {
				mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
			}
		})
	}
	all.Wait()
	n := 0
	for _, kind := range d.kinds(order) {
		if kind == "payment.methods_updated" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the methods were updated %d times", n)
	}
}

func TestOnlyTheShopperAndStaffMayGiveNewMethods(t *testing.T) {
	d := newDesk(t)
	order := d.place("decline")
	d.settle(order)
	in := payment.OrderPaymentUpdateInput{IdempotencyKey: "k", OrderID: order.String(), Payment: methods("approve")}
	_, err := d.UpdateMethods(t.Context(), anyone, in)
	mustRefuse(t, err, fault.NotFound, "NOT_FOUND")
	wrong := "another order's token"
	in.AccessToken = &wrong
	_, err = d.UpdateMethods(t.Context(), anyone, in)
	mustRefuse(t, err, fault.NotFound, "NOT_FOUND")
	in.OrderID = id.NewOrderID().String()
	in.AccessToken = token()
	_, err = d.UpdateMethods(t.Context(), anyone, in)
	mustRefuse(t, err, fault.NotFound, "NOT_FOUND")
	in.OrderID, in.AccessToken = order.String(), nil
	_, err = d.UpdateMethods(t.Context(), access.Actor{Kind: access.Staff, Scopes: access.Scopes{"orders:read"}}, in)
	mustRefuse(t, err, fault.Forbidden, "FORBIDDEN")
	if _, err := d.UpdateMethods(t.Context(), clerk, in); err != nil {
		t.Errorf("staff: %v", err)
	}
}

func TestAnOutdatedUpdateIsRefused(t *testing.T) {
	d := newDesk(t)
	order := d.place("decline")
	d.settle(order)
	old := 1
	_, err := d.UpdateMethods(t.Context(), anyone, payment.OrderPaymentUpdateInput{
		IdempotencyKey: "k", OrderID: order.String(), AccessToken: token(), Payment: methods("approve"), ExpectedVersion: &old,
	})
	mustRefuse(t, err, fault.Conflict, "VERSION_CONFLICT")
	if f, _ := fault.As(err); f.Data["currentVersion"] != 4 {
		t.Errorf("it tells %v", f.Data)
	}
}

func TestMethodsThatTheShopCannotUse(t *testing.T) {
	d := newDesk(t)
	long, card, spaced, null := strings.Repeat("x", 256), "4242424242424242", "4242 4242-4242 4242", "a\x00b"
	for name, c := range map[string]struct {
		methods []payment.Method
		code    string
		field   []string
	}{
		"none":              {nil, "PAYMENT_METHOD_REQUIRED", []string{"input", "payment"}},
		"too many":          {methods("a", "b", "c", "d", "e", "f"), "INVALID", []string{"input", "payment"}},
		"unknown provider":  {[]payment.Method{{Provider: "gold"}}, "PAYMENT_PROVIDER_NOT_FOUND", []string{"input", "payment", "0", "provider"}},
		"no token":          {[]payment.Method{method("approve"), {Provider: "test"}}, "BLANK", []string{"input", "payment", "1", "token"}},
		"a long token":      {methods(long), "INVALID", []string{"input", "payment", "0", "token"}},
		"an unstorable one": {methods(null), "INVALID", []string{"input", "payment", "0", "token"}},
		"a card number":     {methods(card), "CARD_NUMBER", []string{"input", "payment", "0", "token"}},
		"a spaced one":      {methods(spaced), "CARD_NUMBER", []string{"input", "payment", "0", "token"}},
		"a card on invoice": {[]payment.Method{{Provider: "manual", Token: &card}}, "CARD_NUMBER", []string{"input", "payment", "0", "token"}},
	} {
		err := d.CheckMethods(c.methods, "input", "payment")
		mustRefuse(t, err, fault.Invalid, c.code)
		if f, _ := fault.As(err); f != nil && !slices.Equal(f.Field, c.field) {
			t.Errorf("%s: it names %v, not %v", name, f.Field, c.field)
		}
		if err != nil && strings.Contains(err.Error(), "4242") {
			t.Errorf("%s: the refusal repeats the number", name)
		}
	}
	for _, fine := range []string{"approve", "4242424242424241", "424242424242", "tok_4242424242424242", "12345678901234567890"} {
		if err := d.CheckMethods(methods(fine)); err != nil {
			t.Errorf("%s is refused: %v", fine, err)
		}
	}
}

func TestTokensAreNotPrinted(t *testing.T) {
	t.Parallel()
	m := method("tok_secret")
	for _, text := range []string{fmt.Sprint(m), fmt.Sprintf("%v", []payment.Method{m}), m.LogValue().String()} {
		if strings.Contains(text, "tok_secret") {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestAChallengeIsPassed(t *testing.T) {
	d := newDesk(t)
	order := d.place("challenge", "approve")
	d.settle(order)
	if o := d.order(order); !o.Challenge {
		t.Error("the order does not say that there is a challenge")
	}
	answer, err := d.complete(order, "k1")
	if err != nil {
		t.Fatal(err)
	}
	if answer.Status != orders.StatusPendingPayment {
		t.Errorf("the answer is %s", answer.Status)
	}
	d.settle(order)
	again, err := d.complete(order, "k1")
	if err != nil || again.Version != answer.Version {
		t.Errorf("the same key answers version %d, %v", again.Version, err)
	}
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.action_required", "payment.methods_updated", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
	d.mustAgree(order)
}

// TestAChallengeIsLeftForAnotherMethod closes the challenge's key at the provider first: it can never be charged late.
func TestAChallengeIsLeftForAnotherMethod(t *testing.T) {
	d := newDesk(t)
	order := d.place("challenge")
	d.settle(order)
	if _, err := d.update(order, uuid.NewString(), "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.action_required", "payment.methods_updated", "payment.declined",
		"payment.started", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 1, Authorized: total})
	const closedSQL = `
select count(*)
from test_provider_entry
where kind = 'CLOSE'
	and reference = $1`
	var closed int
	if err := d.pool.QueryRow(t.Context(), closedSQL, uuid.UUID(order).String()).Scan(&closed); err != nil || closed != 1 {
		t.Errorf("%d keys were closed, %v", closed, err)
	}
}

// TestALateYesToAMethodThatWasLeftIsReleased: while the charge that the shopper has left is being closed, its provider
// calls back that it is authorized after all. The order is paid by the method that was chosen, and by that alone.
func TestALateYesToAMethodThatWasLeftIsReleased(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("challenge")
	d.settle(order)
	m.before = once("void", func() {
		charge := payment.Authorization{
			Key: d.firstKey(order), Reference: uuid.UUID(order).String(), Token: "challenge", Amount: money.New(total, "USD"), Challenged: true,
		}
		if _, err := d.test.Authorize(t.Context(), charge); err != nil {
			t.Errorf("the shopper passes the challenge elsewhere: %v", err)
		}
		header, body, err := d.test.Settle(t.Context(), d.firstKey(order))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Callback(t.Context(), "test", header, body); err != nil {
			t.Errorf("callback: %v", err)
		}
	})
	if _, err := d.update(order, uuid.NewString(), "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.started", "payment.action_required", "payment.methods_updated", "payment.authorized",
		"payment.voided", "payment.declined", "payment.started", "payment.authorized", "order.confirmed")
	d.mustBook(order, books{Charges: 2, Authorized: 2 * total, Voided: total})
	d.mustAgree(order)
	d.mustOweNothing(order)
}

// TestAReservationThatLapsesIsAskedForAgain: a provider that lets go of the money of a confirmed order leaves no order
// that looks paid.
func TestAReservationThatLapsesIsAskedForAgain(t *testing.T) {
	d := newDesk(t)
	order := d.place("approve")
	d.settle(order)
	if _, err := d.test.Void(t.Context(), payment.Change{
		Key: uuid.NewString(), Charge: d.firstKey(order), Reference: uuid.UUID(order).String(), Amount: money.New(total, "USD"),
	}); err != nil {
		t.Fatal(err)
	}
	header, body, err := d.test.Settle(t.Context(), d.firstKey(order))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Callback(t.Context(), "test", header, body); err != nil {
			t.Fatal(err)
		}
	}
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialPending,
		"order.placed", "payment.started", "payment.authorized", "order.confirmed", "payment.voided", "payment.declined",
		"payment.action_required")
	if _, err := d.update(order, uuid.NewString(), "approve"); err != nil {
		t.Fatal(err)
	}
	d.settle(order)
	if o := d.order(order); o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialAuthorized {
		t.Errorf("with a new method the order is %s and %s", o.Status, o.FinancialStatus)
	}
	d.mustAgree(order)
}

// TestADeclineWithoutAReasonIsADecline: nobody is told that the provider has not answered.
func TestADeclineWithoutAReasonIsADecline(t *testing.T) {
	m := &meddler{answer: func(string, payment.Charge, error) (payment.Charge, error) {
		return payment.Charge{}, payment.ErrDeclined
	}}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	if a := d.attempts(order); len(a) != 1 || a[0].Reason == nil || *a[0].Reason != "Your payment was declined." {
		t.Errorf("the shopper is told of %+v", a)
	}
}

func TestALateUpdateIsRefused(t *testing.T) {
	d := newDesk(t)
	if _, err := d.pool.Exec(t.Context(), `insert into shop (id, action_deadline_seconds) values ($1, 60)`, id.NewShopID()); err != nil {
		t.Fatal(err)
	}
	order := d.place("decline")
	d.settle(order)
	if _, err := d.pool.Exec(t.Context(), `update payment set deadline = now() where order_id = $1`, order); err != nil {
		t.Fatal(err)
	}
	_, err := d.update(order, "k1", "approve")
	mustRefuse(t, err, fault.Conflict, "NOT_ALLOWED")
}
