package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/payment/stripe"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// stripeShop is a whole shop, with its jobs, that is paid through Stripe's API as the simulator speaks it. Stripe calls
// back at the shop's own handler, ten times at once.
func stripeShop(t *testing.T, key string) (a api, site string, world *simulator.World) {
	t.Helper()
	world, err := simulator.New(simulator.Options{
		Ledger: filepath.Join(t.TempDir(), "books"), BooksOptions: simulator.BooksOptions{Once: true},
		Faces: []simulator.Face{simulator.NewStripe(simulator.StripeOptions{Key: key, Secret: "whsec_shop", Live: strings.HasPrefix(key, "sk_live_")})},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.Close() })
	if err := world.Modes.Set(simulator.Rule{Fault: simulator.Duplicated}); err != nil {
		t.Fatal(err)
	}
	address, err := world.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a = newAPI(t, func(cfg *shop.Config) {
		provider, err := stripe.New(cfg.Pool, stripe.Options{
			Key: key, Secrets: []string{"whsec_shop"}, ReturnURL: "https://shop.example/paid", URL: address + "/stripe",
		})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Providers = []payment.Provider{provider}
	})
	a.Run(t, shoptest.Working())
	server := httptest.NewServer(a.server)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	world.Callbacks.Send("stripe", server.URL+"/callbacks/payments/stripe")
	return a, server.URL, world
}

// placeWith places an order of 2 lamps that is to be paid with a token of Stripe's.
func (a api) placeWith(t *testing.T, variant id.ProductVariantID, token string) (order, access string) {
	t.Helper()
	in := orderInput(uuid.NewString(), variant.String(), 2)
	in["payment"] = []any{map[string]any{"provider": "stripe", "token": token}}
	var placed placeAnswer
	a.want(t, "", placeOrder, map[string]any{"input": in}, &placed)
	if placed.OrderPlace.Order == nil || placed.OrderPlace.AccessToken == nil {
		t.Fatalf("it is not placed: %+v", placed.OrderPlace)
	}
	return placed.OrderPlace.Order.ID, *placed.OrderPlace.AccessToken
}

// until reads a follower's events up to one of this kind, and gives the kinds that came before it.
func (s socket) until(kind string) (before []string) {
	s.t.Helper()
	for {
		f := s.read()
		var got struct{ Data struct{ OrderEvents step } }
		if err := json.Unmarshal(f.Payload, &got); err != nil || f.Type != "next" {
			s.t.Fatalf("waiting for %s after %v, it got %s %s", kind, before, f.Type, f.Payload)
		}
		if got.Data.OrderEvents.Type == kind {
			return before
		}
		before = append(before, got.Data.OrderEvents.Type)
	}
}

const showMoney = `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status financialStatus payments {
  status authorizedAmount { amount } capturedAmount { amount } refundedAmount { amount } attempts { id state challengeUrl } } } }`

type moneyAnswer struct {
	Order struct {
		Status, FinancialStatus string
		Payments                []struct {
			Status                                           string
			AuthorizedAmount, CapturedAmount, RefundedAmount struct{ Amount string }
			Attempts                                         []struct {
				ID, State    string
				ChallengeURL *string
			}
		}
	}
}

// TestAnOrderIsPaidThroughStripe goes the whole way: the shopper's bank asks for 3-D Secure, its answer comes by
// callback, staff take a part and give a part of that back, and both books agree in the end.
func TestAnOrderIsPaidThroughStripe(t *testing.T) {
	t.Parallel()
	a, site, world := stripeShop(t, "sk_test_shop")
	admin := staffToken(t, a, partners.RoleAdmin)
	order, access := a.placeWith(t, a.goods(t, "Lamp", 2500, 10), "challenge")
	vars := map[string]any{"id": order, "token": access}
	follower := dial(t, site)
	follower.subscribe("1", map[string]any{"id": order, "token": access, "after": 0})
	follower.until("payment.action_required")

	var asked moneyAnswer
	a.want(t, "", showMoney, vars, &asked)
	page := asked.Order.Payments[0].Attempts[0].ChallengeURL
	if asked.Order.Status != "ACTION_REQUIRED" || page == nil {
		t.Fatalf("the shopper is shown %+v", asked.Order)
	}
	answer, err := http.PostForm(*page, url.Values{"decision": {"confirm"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if before := follower.until("order.confirmed"); len(before) != 1 || before[0] != "payment.authorized" {
		t.Errorf("before it is confirmed, it tells %v", before)
	}

	change := func(mutation string, input map[string]any) {
		t.Helper()
		input["idempotencyKey"], input["orderId"] = uuid.NewString(), order
		var got map[string]struct{ UserErrors refusals }
		document := `mutation($input: ` + map[string]string{"paymentCapture": "PaymentCaptureInput", "paymentRefund": "PaymentRefundInput"}[mutation] +
			`!) { ` + mutation + `(input: $input) { userErrors { code field message } } }`
		a.want(t, admin, document, map[string]any{"input": input}, &got)
		if e := got[mutation].UserErrors; len(e) != 0 {
			t.Fatalf("%s: %+v", mutation, e)
		}
	}
	change("paymentCapture", map[string]any{"amount": map[string]any{"amount": "30.00", "currencyCode": "USD"}})
	follower.until("payment.captured")
	follower.until("payment.voided") // Stripe releases the rest
	change("paymentRefund", map[string]any{"amount": map[string]any{"amount": "12.50", "currencyCode": "USD"}})
	follower.until("payment.refunded")

	var paid moneyAnswer
	a.want(t, "", showMoney, vars, &paid)
	p := paid.Order.Payments[0]
	if paid.Order.Status != "CONFIRMED" || p.AuthorizedAmount.Amount != "0.00" || p.CapturedAmount.Amount != "30.00" || p.RefundedAmount.Amount != "12.50" || len(p.Attempts) != 1 {
		t.Errorf("in the end it is %+v", paid.Order)
	}
	attempt, err := id.ParsePaymentAttemptID(p.Attempts[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	booked, err := world.Books.Charge(uuid.UUID(attempt).String())
	if err != nil || booked.Captured != 3000 || booked.Refunded != 1250 || booked.Rest() != 0 {
		t.Errorf("Stripe's books say %+v, %v", booked, err)
	}
	if err := a.Payments.Reconcile(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	var breaks int
	if err := a.Pool.QueryRow(t.Context(), `select count(*) from payment_reconciliation_break`).Scan(&breaks); err != nil || breaks != 0 {
		t.Errorf("%d breaks, %v", breaks, err)
	}
}

// TestALostCallbackAfterAChallenge: the storefront says that the shopper has acted, and the shop looks.
func TestALostCallbackAfterAChallenge(t *testing.T) {
	t.Parallel()
	a, site, world := stripeShop(t, "sk_test_shop")
	if err := world.Modes.Set(simulator.Rule{Fault: simulator.Lost}); err != nil {
		t.Fatal(err)
	}
	order, access := a.placeWith(t, a.goods(t, "Lamp", 2500, 10), "challenge")
	follower := dial(t, site)
	follower.subscribe("1", map[string]any{"id": order, "token": access, "after": 0})
	follower.until("payment.action_required")
	var asked moneyAnswer
	a.want(t, "", showMoney, map[string]any{"id": order, "token": access}, &asked)
	answer, err := http.PostForm(*asked.Order.Payments[0].Attempts[0].ChallengeURL, url.Values{"decision": {"confirm"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	document := `mutation($input: PaymentChallengeCompleteInput!) { paymentChallengeComplete(input: $input) { userErrors { code field message } } }`
	var got struct {
		PaymentChallengeComplete struct{ UserErrors refusals }
	}
	a.want(t, "", document, map[string]any{"input": map[string]any{"idempotencyKey": "k", "orderId": order, "accessToken": access}}, &got)
	if e := got.PaymentChallengeComplete.UserErrors; len(e) != 0 {
		t.Fatalf("it is refused: %+v", e)
	}
	follower.until("order.confirmed")
}

// TestStripesFaults: whatever happens to the answers of Stripe, the order is paid for once.
func TestStripesFaults(t *testing.T) {
	t.Parallel()
	a, site, world := stripeShop(t, "sk_test_shop")
	variant := a.goods(t, "Lamp", 2500, 100)
	for _, token := range []string{"approve", "charge_then_drop", "cut", "malformed", "pending"} {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			order, access := a.placeWith(t, variant, token)
			follower := dial(t, site)
			follower.subscribe("1", map[string]any{"id": order, "token": access, "after": 0})
			if token == "pending" {
				follower.until("payment.pending")
			}
			var paid moneyAnswer
			vars := map[string]any{"id": order, "token": access}
			settled := func() uuid.UUID {
				a.want(t, "", showMoney, vars, &paid)
				attempt, err := id.ParsePaymentAttemptID(paid.Order.Payments[0].Attempts[0].ID)
				if err != nil {
					t.Fatal(err)
				}
				return uuid.UUID(attempt)
			}
			if token == "pending" { // some days later
				if _, err := world.Settle(settled().String()); err != nil {
					t.Fatal(err)
				}
			}
			follower.until("order.confirmed")
			booked, err := world.Books.Charge(settled().String())
			if err != nil || booked.Authorized != booked.Asked.Amount.Minor || booked.Rest() != booked.Authorized || len(paid.Order.Payments[0].Attempts) != 1 {
				t.Errorf("Stripe's books say %+v, %v, and the shop %+v", booked, err, paid.Order)
			}
		})
	}
}

const refusedSQL = `
select distinct reason
from payment_callback
where state = 'IGNORED'`

// TestStripesForeignEvents: what is signed and not for this shop is kept, told to the operators, and not followed.
func TestStripesForeignEvents(t *testing.T) {
	t.Parallel()
	for fault, want := range map[simulator.Fault]string{
		simulator.WrongAccount: "an event of another account",
		simulator.TestEvent:    "a test event, and the shop takes real payments",
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			a, site, world := stripeShop(t, "sk_live_shop")
			if err := world.Modes.Set(simulator.Rule{Fault: fault}); err != nil {
				t.Fatal(err)
			}
			order, access := a.placeWith(t, a.goods(t, "Lamp", 2500, 10), "approve")
			follower := dial(t, site)
			follower.subscribe("1", map[string]any{"id": order, "token": access, "after": 0})
			follower.until("order.confirmed") // by the answer of the call itself
			tick, late := time.NewTicker(10*time.Millisecond), time.After(15*time.Second)
			defer tick.Stop()
			for world.Callbacks.Sent().Delivered == 0 {
				select {
				case <-tick.C:
				case <-late:
					t.Fatal("it is never called back")
				}
			}
			var reason string
			if err := a.Pool.QueryRow(t.Context(), refusedSQL).Scan(&reason); err != nil || reason != want {
				t.Errorf("it is refused with %q, %v", reason, err)
			}
			var told int
			if err := a.Pool.QueryRow(t.Context(), `select count(*) from event where kind = 'payment.callback_refused'`).Scan(&told); err != nil || told != 1 {
				t.Errorf("the operators are told %d times, %v", told, err)
			}
		})
	}
}
