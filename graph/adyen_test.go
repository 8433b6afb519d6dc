package graph_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/adyen"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/shop"
)

// adyenShop is a shop that is paid through Adyen: what Adyen tells comes to the real address, over real HTTP, before the
// call that has caused it is answered, so that a test need not wait for it.
type adyenShop struct {
	api
	t     *testing.T
	world *simulator.World
	face  *simulator.Adyen
	staff string

	mu      sync.Mutex
	answers map[string]int // to what Adyen has told
}

func newAdyenShop(t *testing.T, live bool) *adyenShop {
	t.Helper()
	t.Parallel()
	const hmac = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
	face := &simulator.Adyen{APIKey: "k", MerchantAccount: "Lamps", HMACKey: hmac, Live: live}
	world, err := simulator.New(simulator.Options{Ledger: filepath.Join(t.TempDir(), "books"), Seed: 1, Faces: []simulator.Face{face}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.Close() })
	at, err := world.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &adyenShop{t: t, world: world, face: face, answers: map[string]int{}}
	s.api = newAPI(t, func(cfg *shop.Config) {
		p, err := adyen.New(cfg.Pool, adyen.Config{
			APIKey: "k", MerchantAccount: "Lamps", HMACKeys: []string{hmac}, URL: at + "/adyen/v71", Live: live, Loopback: true,
			ReturnURL: "https://shop.example/paid", MultipleCaptures: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Providers = []payment.Provider{p}
	})
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := httptest.NewRecorder()
		s.server.ServeHTTP(seen, r)
		s.mu.Lock()
		s.answers[http.StatusText(seen.Code)+" "+seen.Body.String()]++
		s.mu.Unlock()
		w.WriteHeader(seen.Code)
		_, _ = w.Write(seen.Body.Bytes())
	}))
	t.Cleanup(shop.Close)
	world.Callbacks.Send("adyen", shop.URL+"/callbacks/payments/adyen")
	s.misbehave(simulator.Rule{Fault: simulator.Early})
	s.staff = staffToken(t, s.api, partners.RoleAdmin)
	return s
}

func (s *adyenShop) misbehave(rules ...simulator.Rule) {
	s.t.Helper()
	if err := s.world.Modes.Set(rules...); err != nil {
		s.t.Fatal(err)
	}
}

// place places an order of a lamp for 25.00 and its shipping, to be paid with a method of Adyen.
func (s *adyenShop) place(token string) checkout.Placement {
	s.t.Helper()
	text := func(v string) *string { return &v }
	one := 1
	placed, err := s.Checkout.Place(s.t.Context(), access.Actor{}, checkout.OrderPlaceInput{
		IdempotencyKey: uuid.NewString(),
		Lines:          []cart.CartLineInput{{MerchandiseID: s.Goods(s.t, "lamp", "25.00", 5).String(), Quantity: &one}},
		Buyer:          &checkout.OrderBuyerInput{Email: text("ada@example.com")},
		Delivery: &checkout.OrderDeliveryInput{Shipping: &checkout.OrderShippingInput{Address: address.MailingAddressInput{
			FirstName: text("Ada"), LastName: text("Lovelace"), Address1: text("1 Main Street"), City: text("Albany"),
			Province: text("NY"), Zip: text("12207"), Country: text("US"),
		}}},
		Payment: []payment.Method{{Provider: "adyen", Token: &token}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return placed
}

// done is the end of a job that nobody keeps.
var done payment.Done

// work does the jobs of an order as often as they have something to do, but waits for nobody.
func (s *adyenShop) work(order id.OrderID) {
	s.t.Helper()
	for range 3 {
		var kept []id.PaymentCallbackID
		rows, err := s.Pool.Query(s.t.Context(), `select id from payment_callback where state = 'RECEIVED' order by id`)
		if err == nil {
			kept, err = pgx.CollectRows(rows, pgx.RowTo[id.PaymentCallbackID])
		}
		if err != nil {
			s.t.Fatal(err)
		}
		jobs := []func() error{
			func() error { return s.Payments.Authorize(s.t.Context(), order, "test", done) },
			func() error { return s.Payments.Operate(s.t.Context(), order, "test", done) },
		}
		for _, callback := range kept {
			jobs = append(jobs, func() error { return s.Payments.FollowCallback(s.t.Context(), callback, "test", done) })
		}
		for _, job := range jobs {
			var later *payment.Later
			if err := job(); err != nil && !errors.As(err, &later) {
				s.t.Fatal(err)
			}
		}
	}
}

// must checks an order, and that Adyen's books have the same amounts.
func (s *adyenShop) must(order id.OrderID, status orders.OrderStatus, financial orders.OrderFinancialStatus, authorized, captured, refunded, voided int64) {
	s.t.Helper()
	o, err := s.Orders.Order(s.t.Context(), s.Pool, order)
	if err != nil {
		s.t.Fatal(err)
	}
	if o.Status != status || o.FinancialStatus != financial {
		s.t.Errorf("the order is %s and %s, not %s and %s", o.Status, o.FinancialStatus, status, financial)
	}
	want := [4]int64{authorized, captured, refunded, voided}
	if got := [4]int64{o.Paid.Authorized.Minor, o.Paid.Captured.Minor, o.Paid.Refunded.Minor, o.Paid.Voided.Minor}; got != want {
		s.t.Errorf("authorized, captured, refunded, voided are %v, not %v", got, want)
	}
	c, err := s.world.Books.Charge(s.key(order))
	if err != nil {
		s.t.Fatal(err)
	}
	if theirs := [4]int64{c.Authorized, c.Captured, c.Refunded, c.Voided}; theirs != want {
		s.t.Errorf("Adyen's books say %v, not %v", theirs, want)
	}
}

// key is the key of an order's only attempt.
func (s *adyenShop) key(order id.OrderID) string {
	s.t.Helper()
	var attempt uuid.UUID
	if err := s.Pool.QueryRow(s.t.Context(), `select id from payment_attempt where order_id = $1`, order).Scan(&attempt); err != nil {
		s.t.Fatal(err)
	}
	return attempt.String()
}

// callbacks is what was kept, one line for each state and reason.
func (s *adyenShop) callbacks() string {
	s.t.Helper()
	const sql = `
select coalesce(string_agg(line, '; ' order by line), '')
from (select concat_ws(' ', state, count(*), reason) as line from payment_callback group by state, reason) kept`
	var text string
	if err := s.Pool.QueryRow(s.t.Context(), sql).Scan(&text); err != nil {
		s.t.Fatal(err)
	}
	return text
}

// change asks for money of an order to be moved, as staff do.
func (s *adyenShop) change(mutation string, order id.OrderID, amount string) {
	s.t.Helper()
	input := map[string]any{"idempotencyKey": uuid.NewString(), "orderId": order.String()}
	if amount != "" {
		input["amount"] = map[string]any{"amount": amount, "currencyCode": "USD"}
	}
	kind := strings.ToUpper(mutation[:1]) + mutation[1:] + "Input!"
	document := `mutation($input: ` + kind + `) { ` + mutation + `(input: $input) { userErrors { code message } } }`
	var got map[string]struct{ UserErrors refusals }
	s.want(s.t, s.staff, document, map[string]any{"input": input}, &got)
	if e := got[mutation].UserErrors; len(e) > 0 {
		s.t.Fatalf("%s is refused: %+v", mutation, e)
	}
}

// TestAnOrderIsPaidThroughAdyen from its placing to a refund, and the bank takes a part back.
func TestAnOrderIsPaidThroughAdyen(t *testing.T) {
	s := newAdyenShop(t, false)
	order := s.place("approve").Order
	total := order.TotalPrice.Minor
	s.work(order.ID)
	s.must(order.ID, orders.StatusConfirmed, orders.FinancialAuthorized, total, 0, 0, 0)
	s.change("paymentCapture", order.ID, "10.00")
	s.work(order.ID)
	s.must(order.ID, orders.StatusConfirmed, orders.FinancialPartiallyPaid, total, 1000, 0, 0)
	s.change("paymentCapture", order.ID, "")
	s.work(order.ID)
	s.must(order.ID, orders.StatusConfirmed, orders.FinancialPaid, total, total, 0, 0)
	s.change("paymentRefund", order.ID, "5.00")
	s.work(order.ID)
	s.must(order.ID, orders.StatusConfirmed, orders.FinancialPartiallyRefunded, total, total, 500, 0)
	if got := s.callbacks(); got != "APPLIED 4" {
		t.Errorf("kept is %s", got)
	}
	if len(s.answers) != 1 || s.answers["OK [accepted]"] != 4 {
		t.Errorf("Adyen was answered with %v", s.answers)
	}
}

// TestAdyenTellsLater: nothing of an order moves on the word "received"; what is told afterwards moves it.
func TestAdyenTellsLater(t *testing.T) {
	s := newAdyenShop(t, false)
	order := s.place("pending").Order
	total := order.TotalPrice.Minor
	s.work(order.ID)
	s.must(order.ID, orders.StatusPendingPayment, orders.FinancialPending, 0, 0, 0, 0)
	s.misbehave(simulator.Rule{Fault: simulator.Early}, simulator.Rule{Fault: simulator.Duplicated})
	if _, err := s.world.Settle(s.key(order.ID)); err != nil {
		t.Fatal(err)
	}
	s.work(order.ID)
	s.must(order.ID, orders.StatusConfirmed, orders.FinancialAuthorized, total, 0, 0, 0)
	if got := s.callbacks(); got != "APPLIED 1" || s.answers["OK [accepted]"] != 10 {
		t.Errorf("kept is %s, and answered %v", got, s.answers)
	}
	s.misbehave(simulator.Rule{Fault: simulator.Lost})
	s.change("paymentVoid", order.ID, "")
	s.work(order.ID)
	if o, err := s.Orders.Order(t.Context(), s.Pool, order.ID); err != nil || o.FinancialStatus != orders.FinancialAuthorized || o.Paid.Voided.Minor != 0 {
		t.Errorf("on the word received the order is %s with %s released, %v", o.FinancialStatus, o.Paid.Voided, err)
	}
}

// TestAChallengeOfAdyenIsFinishedOverTheAPI with what the shopper's browser has brought back.
func TestAChallengeOfAdyenIsFinishedOverTheAPI(t *testing.T) {
	s := newAdyenShop(t, false)
	placed := s.place("challenge")
	order := placed.Order.ID
	s.work(order)
	const show = `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status payments { attempts { state challengeUrl } } } }`
	var got struct {
		Order struct {
			Status   string
			Payments []struct {
				Attempts []struct{ State, ChallengeURL string }
			}
		}
	}
	asked := map[string]any{"id": order.String(), "token": placed.AccessToken}
	s.want(t, "", show, asked, &got)
	if got.Order.Status != "ACTION_REQUIRED" || got.Order.Payments[0].Attempts[0].State != "ACTION_REQUIRED" {
		t.Fatalf("the order is %+v", got.Order)
	}
	s.misbehave(simulator.Rule{Fault: simulator.Lost}) // Adyen hears of it only from the shop
	response, err := http.PostForm(got.Order.Payments[0].Attempts[0].ChallengeURL, url.Values{"decision": {"confirm"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	const finish = `mutation($input: PaymentChallengeCompleteInput!) { paymentChallengeComplete(input: $input) { userErrors { code field } } }`
	for _, c := range []struct{ result, refused string }{
		{"", "INVALID"},
		{strings.Repeat("x", 8193), "INVALID"},
		{"result-" + s.key(order), ""},
	} {
		var answer struct {
			PaymentChallengeComplete struct{ UserErrors refusals }
		}
		s.want(t, "", finish, map[string]any{"input": map[string]any{
			"idempotencyKey": uuid.NewString(), "orderId": order.String(), "accessToken": placed.AccessToken, "result": c.result,
		}}, &answer)
		e := answer.PaymentChallengeComplete.UserErrors
		if (c.refused == "") != (len(e) == 0) || (len(e) == 1 && (e[0].Code != c.refused || strings.Join(e[0].Field, ".") != "input.result")) {
			t.Errorf("a result of %d characters is answered with %+v", len(c.result), e)
		}
	}
	s.work(order)
	s.must(order, orders.StatusConfirmed, orders.FinancialAuthorized, placed.Order.TotalPrice.Minor, 0, 0, 0)
}

// TestWhatAdyenMustNotTell is signed rightly and answered, and changes nothing but a row.
func TestWhatAdyenMustNotTell(t *testing.T) {
	t.Parallel()
	for fault, want := range map[simulator.Fault]string{
		simulator.WrongAmount:    "IGNORED 1 provider adyen: the charge has another amount, currency or order than was asked for",
		simulator.WrongCurrency:  "IGNORED 1 provider adyen: the charge has another amount, currency or order than was asked for",
		simulator.WrongAccount:   "IGNORED 1 it is of another merchant account",
		simulator.WrongReference: "IGNORED 1 the shop has no charge under this key",
		simulator.TestEvent:      "IGNORED 1 it is of a test, and this shop is live",
	} {
		t.Run(string(fault), func(t *testing.T) {
			s := newAdyenShop(t, true)
			order := s.place("pending").Order.ID
			s.work(order)
			before, err := s.Orders.Order(t.Context(), s.Pool, order)
			if err != nil {
				t.Fatal(err)
			}
			s.misbehave(simulator.Rule{Fault: simulator.Early}, simulator.Rule{Fault: fault}, simulator.Rule{Fault: simulator.Duplicated})
			if _, err := s.world.Settle(s.key(order)); err != nil {
				t.Fatal(err)
			}
			s.work(order)
			after, err := s.Orders.Order(t.Context(), s.Pool, order)
			if err != nil || after.Status != orders.StatusPendingPayment || after.Version != before.Version || after.Paid.Authorized.Minor != 0 {
				t.Errorf("the order is %s at version %d with %s reserved, %v", after.Status, after.Version, after.Paid.Authorized, err)
			}
			if got := s.callbacks(); got != want {
				t.Errorf("kept is %s", got)
			}
			if len(s.answers) != 1 || s.answers["OK [accepted]"] != 10 {
				t.Errorf("Adyen was answered with %v", s.answers)
			}
			var told int
			if err := s.Pool.QueryRow(t.Context(), `select count(*) from event where kind = 'payment.callback_refused'`).Scan(&told); err != nil || told != 1 {
				t.Errorf("the operators were told %d times, %v", told, err)
			}
		})
	}
}

// item is what Adyen might tell of an order.
func (s *adyenShop) item(order id.OrderID, code string, minor int64) simulator.AdyenItem {
	s.t.Helper()
	item := simulator.AdyenItem{
		EventCode: code, EventDate: "2026-11-27T01:02:03+01:00", MerchantAccountCode: "Lamps", MerchantReference: s.key(order),
		PSPReference: "8835511210681324", Success: "true", Reason: "Refund rejected by card scheme",
	}
	item.Amount.Value, item.Amount.Currency = minor, "USD"
	return item
}

// post brings a notification, and gives the answer.
func (s *adyenShop) post(m simulator.Message) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/callbacks/payments/adyen", bytes.NewReader(m.Body)))
	return w
}

// TestARefundThatComesBackIsToldToPeople: the shop's books keep what Adyen had agreed to, and nothing is tried by itself.
func TestARefundThatComesBackIsToldToPeople(t *testing.T) {
	s := newAdyenShop(t, false)
	order := s.place("approve").Order
	total := order.TotalPrice.Minor
	s.work(order.ID)
	s.change("paymentCapture", order.ID, "")
	s.work(order.ID)
	s.change("paymentRefund", order.ID, "5.00")
	s.work(order.ID)
	for range 2 {
		if w := s.post(s.face.Notification(false, s.item(order.ID, "REFUND_FAILED", 500))); w.Code != http.StatusOK || w.Body.String() != "[accepted]" {
			t.Errorf("it is answered with %d %s", w.Code, w.Body)
		}
	}
	s.work(order.ID)
	s.must(order.ID, orders.StatusConfirmed, orders.FinancialPartiallyRefunded, total, total, 500, 0)
	want := "APPLIED 3; IGNORED 1 the refund of 5.00 USD has come back and did not reach the shopper: Refund rejected by card scheme"
	if got := s.callbacks(); got != want {
		t.Errorf("kept is %s", got)
	}
	var told int
	if err := s.Pool.QueryRow(t.Context(), `select count(*) from event where kind = 'payment.callback_refused'`).Scan(&told); err != nil || told != 1 {
		t.Errorf("the operators were told %d times, %v", told, err)
	}
}

// TestAForgedNotificationOfAdyen is not answered with the words that Adyen wants.
func TestAForgedNotificationOfAdyen(t *testing.T) {
	s := newAdyenShop(t, false)
	order := s.place("pending").Order.ID
	s.work(order)
	forger := &simulator.Adyen{HMACKey: "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"}
	w := s.post(forger.Notification(false, s.item(order, "AUTHORISATION", 3000)))
	if w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "accepted") {
		t.Errorf("it is answered with %d %s", w.Code, w.Body)
	}
	s.work(order)
	s.must(order, orders.StatusPendingPayment, orders.FinancialPending, 0, 0, 0, 0)
	if got := s.callbacks(); got != "" {
		t.Errorf("kept is %s", got)
	}
	var kept int
	if err := s.Pool.QueryRow(t.Context(), `select count(*) from adyen_notification`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d items are kept, %v", kept, err)
	}
}

// TestAnAuthorizationThatComesAfterTheOrderWasCalledOff is cancelled at Adyen by itself.
func TestAnAuthorizationThatComesAfterTheOrderWasCalledOff(t *testing.T) {
	s := newAdyenShop(t, false)
	order := s.place("approve").Order
	s.misbehave(simulator.Rule{Fault: simulator.Early}, simulator.Rule{Fault: simulator.Down, Calls: []string{"authorize"}})
	s.work(order.ID)
	if _, err := s.Checkout.Cancel(t.Context(), access.SystemActor, checkout.OrderCancelInput{IdempotencyKey: "c", OrderID: order.ID.String()}); err != nil {
		t.Fatal(err)
	}
	s.misbehave(simulator.Rule{Fault: simulator.Early})
	s.work(order.ID)
	key := s.key(order.ID)
	if _, err := s.world.Books.Charge(key); !errors.Is(err, simulator.ErrUnknownCharge) {
		t.Fatalf("Adyen has heard of it: %v", err)
	}
	late := simulator.Authorization{Face: "adyen", Account: "Lamps", Key: key, Reference: uuid.UUID(order.ID).String(), Token: "approve", Amount: order.TotalPrice}
	if _, err := s.world.Authorize(late); err != nil { // the request that had been on its way
		t.Fatal(err)
	}
	s.work(order.ID)
	s.must(order.ID, orders.StatusCancelled, orders.FinancialVoided, order.TotalPrice.Minor, 0, 0, order.TotalPrice.Minor)
	if steps, err := s.Payments.Process(t.Context(), s.Pool, order.ID); err != nil || len(steps) > 0 {
		t.Errorf("still to be done: %+v, %v", steps, err)
	}
}
