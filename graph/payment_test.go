package graph_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/remote"
	"github.com/wharfhq/wharf/internal/shop"
)

const guestToken = "the order's own token"

// unpaid places an order of 48.60 USD to be paid with these tokens of the test provider, and works its payment until
// it waits for somebody.
func (a api) unpaid(t *testing.T, tokens ...string) id.OrderID {
	t.Helper()
	order, until := id.NewOrderID(), time.Now().Add(time.Hour)
	zero, email := money.Zero("USD"), "ada@example.com"
	var methods []payment.Method
	for _, token := range tokens {
		methods = append(methods, payment.Method{Provider: "test", Token: &token})
	}
	err := pg.InTx(t.Context(), a.Pool, func(tx pgx.Tx) error {
		placed, err := a.Orders.Place(t.Context(), tx, access.Actor{}, orders.Placing{ID: order, Cause: "orderPlace", Placed: orders.Placed{
			CurrencyCode: "USD", TokenHash: access.HashToken(guestToken),
			Lines: []orders.PlacedLine{{
				ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: id.NewProductID(),
				Title: "Lamp", Quantity: 1, UnitPrice: money.New(4860, "USD"), Discount: zero, Tax: zero,
			}},
			ShippingPrice: zero, ShippingTax: zero, TotalPrice: money.New(4860, "USD"), Deadline: &until,
			Personal: &orders.Personal{Email: &email},
		}})
		if err != nil {
			return err
		}
		return a.Payments.Start(t.Context(), tx, placed, methods)
	})
	if err != nil {
		t.Fatal(err)
	}
	a.pay(t, order)
	return order
}

func (a api) pay(t *testing.T, order id.OrderID) {
	t.Helper()
	for range 3 {
		err := a.Payments.Authorize(t.Context(), order, "test", payment.Done{})
		var later *payment.Later
		if err != nil && !errors.As(err, &later) {
			t.Fatal(err)
		}
	}
}

const showPayments = `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) {
  status financialStatus
  payments { id status amount { amount currencyCode } authorizedAmount { amount } capturedAmount { amount }
    attempts { id provider rank state reason startedAt finishedAt challengeUrl } }
  process { name state attempt nextTryAt reason } } }`

type paymentsAnswer struct {
	Order *struct {
		Status, FinancialStatus string
		Payments                []struct {
			ID, Status       string
			Amount           struct{ Amount, CurrencyCode string }
			AuthorizedAmount struct{ Amount string }
			CapturedAmount   struct{ Amount string }
			Attempts         []struct {
				ID, Provider, State, StartedAt string
				Rank                           int
				Reason, FinishedAt             *string
			}
		}
		Process []struct{ Name, State string }
	}
}

func (a api) payments(t *testing.T, order id.OrderID) paymentsAnswer {
	t.Helper()
	var got paymentsAnswer
	a.want(t, "", showPayments, map[string]any{"id": order.String(), "token": guestToken}, &got)
	if got.Order == nil {
		t.Fatal("there is no order")
	}
	return got
}

func TestPaymentProvidersAreListed(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var got struct {
		PaymentProviders []struct {
			Name, Title string
			NeedsToken  bool
		}
	}
	a.want(t, "", `{ paymentProviders { name title needsToken } }`, nil, &got)
	if len(got.PaymentProviders) != 2 || got.PaymentProviders[0].Name != "test" || !got.PaymentProviders[0].NeedsToken ||
		got.PaymentProviders[1].Name != "manual" || got.PaymentProviders[1].NeedsToken {
		t.Errorf("listed are %+v", got.PaymentProviders)
	}
}

const giveMethods = `mutation($input: OrderPaymentUpdateInput!) { orderPaymentUpdate(input: $input) {
  order { status version } userErrors { code field message currentVersion } } }`

type updateAnswer struct {
	OrderPaymentUpdate struct {
		Order *struct {
			Status  string
			Version int
		}
		UserErrors []struct {
			Code, Message  string
			Field          []string
			CurrentVersion *int
		}
	}
}

func TestNewMethodsOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	order := a.unpaid(t, "decline")
	input := func(change func(map[string]any)) map[string]any {
		in := map[string]any{
			"idempotencyKey": uuid.NewString(), "orderId": order.String(), "accessToken": guestToken,
			"payment": []any{map[string]any{"provider": "test", "token": "approve"}},
		}
		change(in)
		return map[string]any{"input": in}
	}
	method := func(provider, token string) func(map[string]any) {
		return func(in map[string]any) { in["payment"] = []any{map[string]any{"provider": provider, "token": token}} }
	}
	for name, c := range map[string]struct {
		change func(map[string]any)
		code   string
		field  []string
	}{
		"a card number":        {method("test", "4242 4242 4242 4242"), "CARD_NUMBER", []string{"input", "payment", "0", "token"}},
		"an unknown provider":  {method("gold", "x"), "PAYMENT_PROVIDER_NOT_FOUND", []string{"input", "payment", "0", "provider"}},
		"no method":            {func(in map[string]any) { in["payment"] = []any{} }, "PAYMENT_METHOD_REQUIRED", []string{"input", "payment"}},
		"another's token":      {func(in map[string]any) { in["accessToken"] = "x" }, "NOT_FOUND", []string{"input", "orderId"}},
		"an order of nobody's": {func(in map[string]any) { in["orderId"] = id.NewOrderID().String() }, "NOT_FOUND", []string{"input", "orderId"}},
		"no id at all":         {func(in map[string]any) { in["orderId"] = "7" }, "NOT_FOUND", []string{"input", "orderId"}},
		"an old version":       {func(in map[string]any) { in["expectedVersion"] = 1 }, "VERSION_CONFLICT", []string{"input", "expectedVersion"}},
		"an empty key":         {func(in map[string]any) { in["idempotencyKey"] = "" }, "INVALID", []string{"input", "idempotencyKey"}},
	} {
		var got updateAnswer
		a.want(t, "", giveMethods, input(c.change), &got)
		errs := got.OrderPaymentUpdate.UserErrors
		if got.OrderPaymentUpdate.Order != nil || len(errs) != 1 || errs[0].Code != c.code || !slices.Equal(errs[0].Field, c.field) {
			t.Errorf("%s: %+v", name, got.OrderPaymentUpdate)
		}
		if c.code == "VERSION_CONFLICT" && (len(errs) != 1 || errs[0].CurrentVersion == nil || *errs[0].CurrentVersion != 4) {
			t.Errorf("%s: it tells %+v", name, errs)
		}
	}

	before := a.payments(t, order)
	if before.Order.Status != "ACTION_REQUIRED" || before.Order.Payments[0].Status != "ACTION_REQUIRED" {
		t.Errorf("before, it is %+v", before.Order)
	}
	var got updateAnswer
	a.want(t, "", giveMethods, input(func(map[string]any) {}), &got)
	if o := got.OrderPaymentUpdate.Order; o == nil || o.Status != "PENDING_PAYMENT" || o.Version != 5 {
		t.Fatalf("it answers %+v", got.OrderPaymentUpdate)
	}
	a.pay(t, order)
	after := a.payments(t, order).Order
	if after.Status != "CONFIRMED" || after.FinancialStatus != "AUTHORIZED" || len(after.Payments) != 1 {
		t.Fatalf("afterwards it is %+v", after)
	}
	p := after.Payments[0]
	if p.Status != "AUTHORIZED" || p.Amount.Amount != "48.60" || p.AuthorizedAmount.Amount != "48.60" || p.CapturedAmount.Amount != "0.00" {
		t.Errorf("the payment is %+v", p)
	}
	if len(p.Attempts) != 2 || p.Attempts[0].State != "DECLINED" || p.Attempts[0].Reason == nil || p.Attempts[0].FinishedAt == nil ||
		p.Attempts[1].State != "AUTHORIZED" || p.Attempts[1].Rank != 1 || p.Attempts[1].Provider != "test" {
		t.Errorf("the attempts are %+v", p.Attempts)
	}
}

func TestAChallengeOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	order := a.unpaid(t, "challenge")
	var got struct {
		PaymentChallengeComplete struct {
			Order      *struct{ Status string }
			UserErrors refusals
		}
	}
	document := `mutation($input: PaymentChallengeCompleteInput!) { paymentChallengeComplete(input: $input) { order { status } userErrors { code field message } } }`
	in := map[string]any{"idempotencyKey": "k1", "orderId": order.String(), "accessToken": guestToken}
	a.want(t, "", document, map[string]any{"input": in}, &got)
	if got.PaymentChallengeComplete.Order == nil || got.PaymentChallengeComplete.Order.Status != "PENDING_PAYMENT" {
		t.Fatalf("it answers %+v", got)
	}
	a.pay(t, order)
	in["idempotencyKey"] = "k2"
	a.want(t, "", document, map[string]any{"input": in}, &got)
	if e := got.PaymentChallengeComplete.UserErrors; len(e) != 1 || e[0].Code != "NOT_ALLOWED" {
		t.Errorf("once it is paid, it answers %+v", got)
	}
	if o := a.payments(t, order).Order; o.Status != "CONFIRMED" {
		t.Errorf("the order is %s", o.Status)
	}
}

func TestStaffCaptureOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.Payments.Connect(payment.Hooks{Requested: func(context.Context, pgx.Tx, id.OrderID) error { return nil }})
	order := a.unpaid(t, "approve")
	document := `mutation($input: PaymentCaptureInput!) { paymentCapture(input: $input) { order { id } userErrors { code field message } } }`
	in := map[string]any{"input": map[string]any{"idempotencyKey": "k1", "orderId": order.String()}}
	if got := a.ask(t, "", document, in); got.codes() != "UNAUTHENTICATED" && got.codes() != "FORBIDDEN" {
		t.Errorf("nobody is answered %s", got.codes())
	}
	var got struct {
		PaymentCapture struct {
			Order      *struct{ ID string }
			UserErrors refusals
		}
	}
	admin := staffToken(t, a, partners.RoleAdmin)
	a.want(t, admin, document, in, &got)
	if got.PaymentCapture.Order == nil || len(got.PaymentCapture.UserErrors) != 0 {
		t.Fatalf("staff are answered %+v", got)
	}
	var may struct {
		Order struct {
			AvailableActions []struct {
				Action    string
				Available bool
				Reason    *string
			}
		}
	}
	a.want(t, admin, `query($id: ID!) { order(id: $id) { availableActions { action available reason } } }`, map[string]any{"id": order.String()}, &may)
	for _, m := range may.Order.AvailableActions {
		if m.Action == "VOID" && (m.Available || m.Reason == nil || *m.Reason != "The money is being taken at this moment.") {
			t.Errorf("while it is taken, releasing is offered: %t, %v", m.Available, m.Reason)
		}
	}
	if err := a.Payments.Operate(t.Context(), order, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	if p := a.payments(t, order).Order.Payments[0]; p.Status != "CAPTURED" || p.CapturedAmount.Amount != "48.60" || p.AuthorizedAmount.Amount != "0.00" {
		t.Errorf("the payment is %+v", p)
	}
}

// signedWith is the header of a notification of the test provider.
func signedWith(secret, body string) http.Header {
	header := http.Header{}
	remote.Sign(header, "msg_1", time.Now(), []byte(body), []remote.Secret{remote.NewSecret([]byte(secret))})
	return header
}

// TestACallbackThatIsFarTooLongIsAnswered over a real connection, whose other side writes all before it reads.
func TestACallbackThatIsFarTooLongIsAnswered(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	server := httptest.NewServer(a.server)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	const size = 5 << 20
	_, err = fmt.Fprintf(connection, "POST /callbacks/payments/test HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n", size)
	if err == nil {
		_, err = connection.Write(make([]byte, size))
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("it answers %s", answer.Status)
	}
}

// TestFewCallbacksThatAreTooLongAreHeldAtOnce: whoever sends one more may send it again, and short ones are taken in meanwhile.
func TestFewCallbacksThatAreTooLongAreHeldAtOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	post := func(body io.Reader) int {
		w := httptest.NewRecorder()
		a.server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/callbacks/payments/test", body))
		return w.Code
	}
	long := make([]byte, payment.MaxNotification+1)
	var held []*io.PipeWriter
	var all sync.WaitGroup
	for range 4 {
		r, w := io.Pipe()
		all.Go(func() {
			if got := post(r); got != http.StatusUnauthorized {
				t.Errorf("one that was held: %d", got)
			}
		})
		for _, part := range [][]byte{long, {0}} { // once the second part is read, it is held
			if _, err := w.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		held = append(held, w)
	}
	if got := post(bytes.NewReader(long)); got != http.StatusServiceUnavailable {
		t.Errorf("one more: %d", got)
	}
	if got := post(bytes.NewReader(long[1:])); got != http.StatusUnauthorized {
		t.Errorf("a short one: %d", got)
	}
	for _, w := range held {
		_ = w.Close()
	}
	all.Wait()
	if got := post(bytes.NewReader(long)); got != http.StatusUnauthorized {
		t.Errorf("one after those: %d", got)
	}
}

// TestARefundOfNoLinesIsRefusedOverTheAPI: a list that is given and empty is not one that is left out.
func TestARefundOfNoLinesIsRefusedOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.Payments.Connect(payment.Hooks{Requested: func(context.Context, pgx.Tx, id.OrderID) error { return nil }})
	order := a.unpaid(t, "approve")
	admin := staffToken(t, a, partners.RoleAdmin)
	in := payment.PaymentCaptureInput{IdempotencyKey: "k", OrderID: order.String()}
	if _, err := a.Payments.Capture(t.Context(), access.Actor{Kind: access.Staff, Scopes: access.AllScopes()}, in); err != nil {
		t.Fatal(err)
	}
	if err := a.Payments.Operate(t.Context(), order, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	document := `mutation($input: PaymentRefundInput!) { paymentRefund(input: $input) { order { id } userErrors { code field message } } }`
	type answer struct {
		PaymentRefund struct {
			Order      *struct{ ID string }
			UserErrors refusals
		}
	}
	for name, c := range map[string]struct {
		more  map[string]any
		field string
	}{
		"no lines":    {map[string]any{"lines": []any{}}, "lines"},
		"no shipping": {map[string]any{"shipping": false}, "shipping"},
		"neither":     {map[string]any{"lines": []any{}, "shipping": false}, "lines"},
	} {
		input := map[string]any{"idempotencyKey": name, "orderId": order.String()}
		maps.Copy(input, c.more)
		var got answer
		a.want(t, admin, document, map[string]any{"input": input}, &got)
		e := got.PaymentRefund.UserErrors
		if got.PaymentRefund.Order != nil || len(e) != 1 || e[0].Code != "BLANK" || !slices.Equal(e[0].Field, []string{"input", c.field}) {
			t.Errorf("%s: %+v", name, got.PaymentRefund)
		}
	}
	if p := a.payments(t, order).Order.Payments[0]; p.Status != "CAPTURED" {
		t.Errorf("after the refusals the payment is %s", p.Status)
	}
	var got answer // what is null is left out
	a.want(t, admin, document, map[string]any{"input": map[string]any{"idempotencyKey": "all", "orderId": order.String(), "lines": nil, "shipping": nil}}, &got)
	if got.PaymentRefund.Order == nil || len(got.PaymentRefund.UserErrors) != 0 {
		t.Errorf("all of it: %+v", got.PaymentRefund)
	}
}

// TestMoneyFromOutsideOverTheAPI: a part was taken, the rest let go, asked for, and brought in cash.
func TestMoneyFromOutsideOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.Payments.Connect(payment.Hooks{Requested: func(context.Context, pgx.Tx, id.OrderID) error { return nil }})
	order, admin := a.unpaid(t, "approve"), staffToken(t, a, partners.RoleAdmin)
	clerk := access.Actor{Kind: access.Staff, Scopes: access.AllScopes()}
	twenty := &money.MoneyInput{Amount: "20.00", CurrencyCode: "USD"}
	if _, err := a.Payments.Capture(t.Context(), clerk, payment.PaymentCaptureInput{IdempotencyKey: "k", OrderID: order.String(), Amount: twenty}); err != nil {
		t.Fatal(err)
	}
	if err := a.Payments.Operate(t.Context(), order, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Payments.Void(t.Context(), clerk, payment.PaymentVoidInput{IdempotencyKey: "l", OrderID: order.String()}); err != nil {
		t.Fatal(err)
	}
	if err := a.Payments.Operate(t.Context(), order, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	if p := a.payments(t, order).Order.Payments[0]; p.Status != "PARTIALLY_CAPTURED" {
		t.Errorf("the payment is %+v", p)
	}
	var asked struct {
		OrderPaymentRequest struct {
			Order      *struct{ Status string }
			UserErrors refusals
		}
	}
	a.want(t, admin, `mutation($input: OrderPaymentRequestInput!) { orderPaymentRequest(input: $input) { order { status } userErrors { code field message } } }`,
		map[string]any{"input": map[string]any{"idempotencyKey": "m", "orderId": order.String()}}, &asked)
	if o := asked.OrderPaymentRequest.Order; o == nil || o.Status != "ACTION_REQUIRED" {
		t.Fatalf("asked for the rest, it answers %+v", asked)
	}
	var paid struct {
		PaymentMarkPaid struct {
			Order *struct {
				Status, FinancialStatus string
				Receipts                []struct {
					AttemptID, By, Reference string
					Amount                   struct{ Amount string }
				}
			}
			UserErrors refusals
		}
	}
	document := `mutation($input: PaymentMarkPaidInput!) { paymentMarkPaid(input: $input) {
		order { status financialStatus receipts { attemptId by reference amount { amount } } } userErrors { code field message } } }`
	in := map[string]any{"idempotencyKey": "n", "orderId": order.String(), "reference": "till 3", "amount": map[string]any{"amount": "28.61", "currencyCode": "USD"}}
	a.want(t, admin, document, map[string]any{"input": in}, &paid)
	if e := paid.PaymentMarkPaid.UserErrors; len(e) != 1 || e[0].Code != "AMOUNT_TOO_LARGE" || !slices.Equal(e[0].Field, []string{"input", "amount"}) {
		t.Errorf("of too much it says %+v", e)
	}
	delete(in, "amount")
	paid.PaymentMarkPaid.UserErrors = nil
	a.want(t, admin, document, map[string]any{"input": in}, &paid)
	o := paid.PaymentMarkPaid.Order
	if o == nil || o.Status != "CONFIRMED" || o.FinancialStatus != "PAID" || len(o.Receipts) != 1 ||
		o.Receipts[0].Amount.Amount != "28.60" || o.Receipts[0].Reference != "till 3" || !strings.HasPrefix(o.Receipts[0].By, "staff:") {
		t.Fatalf("booked, it answers %+v", paid.PaymentMarkPaid)
	}
	if got := a.ask(t, "", `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { receipts { reference } } }`,
		map[string]any{"id": order.String(), "token": guestToken}); got.codes() == "" {
		t.Errorf("the shopper reads the receipts: %s", got.Data)
	}
	var told struct {
		Order struct {
			Events struct {
				Nodes []struct{ Type, Message string }
			}
		}
	}
	a.want(t, "", `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { events(first: 50) { nodes { type code message } } } }`,
		map[string]any{"id": order.String(), "token": guestToken}, &told)
	var messages []string
	for _, e := range told.Order.Events.Nodes {
		messages = append(messages, e.Message)
	}
	if !slices.Contains(messages, "Of your order 28.60 USD is still to be paid. Please choose a way to pay.") {
		t.Errorf("the shopper reads %q", messages)
	}
}

// TestTheCodeOfARefundIsToldOnce: with the refund that has issued the card, also when it is sent again, and with no other
// one after it.
func TestTheCodeOfARefundIsToldOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.Payments.Connect(payment.Hooks{Requested: func(context.Context, pgx.Tx, id.OrderID) error { return nil }})
	order := a.unpaid(t, "approve")
	admin := staffToken(t, a, partners.RoleAdmin)
	in := payment.PaymentCaptureInput{IdempotencyKey: "k", OrderID: order.String()}
	if _, err := a.Payments.Capture(t.Context(), access.Actor{Kind: access.Staff, Scopes: access.AllScopes()}, in); err != nil {
		t.Fatal(err)
	}
	if err := a.Payments.Operate(t.Context(), order, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	refund := func(key, to string) *string {
		t.Helper()
		var got struct {
			PaymentRefund struct {
				GiftCardCode *string
				Order        *struct{ ID string }
				UserErrors   refusals
			}
		}
		a.want(t, admin, `mutation($input: PaymentRefundInput!) { paymentRefund(input: $input) { giftCardCode order { id } userErrors { code field message } } }`,
			map[string]any{"input": map[string]any{"idempotencyKey": key, "orderId": order.String(), "to": to, "amount": map[string]any{"amount": "5.00", "currencyCode": "USD"}}}, &got)
		if got.PaymentRefund.Order == nil {
			t.Fatalf("%s: %+v", key, got.PaymentRefund.UserErrors)
		}
		return got.PaymentRefund.GiftCardCode
	}
	code := refund("a", "GIFT_CARD")
	if code == nil {
		t.Fatal("the code of a fresh card is not told")
	}
	if other := refund("b", "ORIGINAL"); other != nil {
		t.Errorf("a refund by the provider tells the code %s", *other)
	}
	if other := refund("c", "GIFT_CARD"); other != nil {
		t.Errorf("a second refund to the card tells the code %s", *other)
	}
	if again := refund("a", "GIFT_CARD"); again == nil || *again != *code {
		t.Errorf("sent again, the first tells %v, not %s", again, *code)
	}
}

// TestCallbacksOverHTTP posts a genuine, a forged and a misplaced notification.
func TestCallbacksOverHTTP(t *testing.T) {
	t.Parallel()
	var provider *testprovider.Provider
	a := newAPI(t, func(cfg *shop.Config) {
		provider = testprovider.New(cfg.Pool, testprovider.Options{Secret: []byte("secret")})
		cfg.Providers = []payment.Provider{provider}
	})
	order := a.unpaid(t, "pending")
	attempt, err := id.ParsePaymentAttemptID(a.payments(t, order).Order.Payments[0].Attempts[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	header, body, err := provider.Settle(t.Context(), uuid.UUID(attempt).String())
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path string, header http.Header, body []byte) int {
		r := httptest.NewRequest(method, path, bytes.NewReader(body))
		r.Header = header
		w := httptest.NewRecorder()
		a.server.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), order.String()) {
			t.Errorf("%s %s tells of an order: %s", method, path, w.Body)
		}
		return w.Code
	}
	const path = "/callbacks/payments/test"
	blank := strings.Repeat(" ", 65<<10)
	long := string(body) + blank
	for _, c := range []struct {
		name, method, path string
		header             http.Header
		body               []byte
		want               int
	}{
		{"forged", http.MethodPost, path, http.Header{}, body, http.StatusUnauthorized},
		{"altered", http.MethodPost, path, header, append([]byte(" "), body...), http.StatusUnauthorized},
		{"to nobody", http.MethodPost, "/callbacks/payments/nobody", header, body, http.StatusNotFound},
		{"read", http.MethodGet, path, header, nil, http.StatusMethodNotAllowed},
		{"too long", http.MethodPost, path, signedWith("secret", long), []byte(long), http.StatusRequestEntityTooLarge},
		{"too long again", http.MethodPost, path, signedWith("secret", long), []byte(long), http.StatusRequestEntityTooLarge},
		{"too long and no JSON", http.MethodPost, path, signedWith("secret", blank), []byte(blank), http.StatusRequestEntityTooLarge},
		{"too long and forged", http.MethodPost, path, header, []byte(long), http.StatusUnauthorized},
		{"longer than is read", http.MethodPost, path, header, make([]byte, 1<<20+1), http.StatusRequestEntityTooLarge},
		{"no JSON", http.MethodPost, path, signedWith("secret", "["), []byte("["), http.StatusBadRequest},
	} {
		if got := send(c.method, c.path, c.header, c.body); got != c.want {
			t.Errorf("%s: %d, not %d", c.name, got, c.want)
		}
	}
	if o := a.payments(t, order).Order; o.Status != "PENDING_PAYMENT" {
		t.Fatalf("after those the order is %s", o.Status)
	}
	var told, reason string
	if err := a.Pool.QueryRow(t.Context(), `select data ->> 'reason', (select string_agg(reason, ', ') from payment_callback)
		from event where kind = 'payment.callback_refused'`).Scan(&told, &reason); err != nil || told != "it has more than 64 kB" || reason != told {
		t.Errorf("the operators are told %q, kept is %q, %v", told, reason, err)
	}
	for range 2 {
		if got := send(http.MethodPost, path, header, body); got != http.StatusNoContent {
			t.Errorf("the genuine one: %d", got)
		}
	}
	var kept id.PaymentCallbackID
	if err := a.Pool.QueryRow(t.Context(), `select id from payment_callback where state = 'RECEIVED'`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if err := a.Payments.FollowCallback(t.Context(), kept, "test", payment.Done{}); err != nil {
		t.Fatal(err)
	}
	if o := a.payments(t, order).Order; o.Status != "CONFIRMED" || o.Payments[0].Attempts[0].State != "AUTHORIZED" {
		t.Errorf("the order is %+v", o)
	}
}

// TestPaymentsOfManyOrdersAreReadTogether: a list of orders with their payments takes as many statements as one.
func TestPaymentsOfManyOrdersAreReadTogether(t *testing.T) {
	t.Parallel()
	pool, err := pg.Open(t.Context(), pg.Config{URL: pgtest.NewURL(t), MaxConns: 4, Tracer: observe.PgxTracer()})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	a := newAPI(t, func(cfg *shop.Config) {
		cfg.Pool = pool
		cfg.Providers = []payment.Provider{testprovider.New(pool, testprovider.Options{})}
	})
	admin := staffToken(t, a, partners.RoleAdmin)
	count := func() int {
		body := `{"query": "{ orders(first: 10) { nodes { id payments { status attempts { state } } } } }"}`
		ctx, statements := observe.CountStatements(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+admin)
		w := httptest.NewRecorder()
		a.server.ServeHTTP(w, r)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "errors") {
			t.Fatalf("it answers %d, %s", w.Code, w.Body)
		}
		return statements.Count()
	}
	a.unpaid(t, "approve")
	one := least(count)
	for range 5 {
		a.unpaid(t, "decline", "approve")
	}
	if many := least(count); many != one || one > 6 {
		t.Errorf("one order takes %d statements, six take %d", one, many)
	}
}
