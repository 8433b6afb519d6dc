package graph_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/id"
)

const placeWith = `mutation($key: String!, $variant: ID!, $payment: [PaymentMethodInput!]!) { orderPlace(input: {
  idempotencyKey: $key, lines: [{ merchandiseId: $variant }], buyer: { email: "ada@example.com" },
  delivery: { shipping: { address: { firstName: "Ada", lastName: "Lovelace", address1: "1 Main St", city: "Albany", province: "NY", zip: "12207", country: "US" } } },
  payment: $payment }) { order { id totalPrice { amount } } accessToken userErrors { code field message } } }`

type placedAnswer struct {
	OrderPlace struct {
		Order *struct {
			ID         string
			TotalPrice struct{ Amount string }
		}
		AccessToken *string
		UserErrors  refusals
	}
}

// pays places an order that is to be paid with these methods, and works its payment.
func (w *world) pays(t *testing.T, bearer string, methods ...map[string]any) (order, token string) {
	t.Helper()
	var variant id.ProductVariantID
	if err := w.Pool.QueryRow(t.Context(), `select id from product_variant where sku = 'SKU-Lamp'`).Scan(&variant); err != nil {
		t.Fatal(err)
	}
	var got placedAnswer
	w.want(t, bearer, placeWith, map[string]any{"key": uuid.NewString(), "variant": variant.String(), "payment": methods}, &got)
	if got.OrderPlace.Order == nil {
		t.Fatalf("the order was refused: %+v", got.OrderPlace.UserErrors)
	}
	w.works(t, got.OrderPlace.Order.ID)
	return got.OrderPlace.Order.ID, *got.OrderPlace.AccessToken
}

func (w *world) works(t *testing.T, text string) {
	t.Helper()
	order, err := id.ParseOrderID(text)
	if err != nil {
		t.Fatal(err)
	}
	w.pay(t, order)
}

func by(token string, more ...any) map[string]any {
	m := map[string]any{"provider": "test", "token": token}
	for i := 0; i < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

type shownOrder struct {
	Order struct {
		Status          string
		PaymentFallback *struct {
			Provider string
			Rank     int
			Amount   struct{ Amount string }
		}
		AvailableActions []struct {
			Action    string
			Available bool
		}
		Payments []struct {
			OutstandingAmount struct{ Amount string }
			Attempts          []struct {
				Number, Rank                                             int
				State                                                    string
				Amount, AuthorizedAmount, DisputedAmount                 struct{ Amount string }
				ExpiresAt, RenewAt, SettlesBy, Renews, ProviderReference *string
			}
		}
	}
}

const showOrder = `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status
  paymentFallback { provider rank amount { amount } } availableActions { action available }
  payments { outstandingAmount { amount } attempts { number rank state amount { amount } authorizedAmount { amount } disputedAmount { amount } expiresAt renewAt settlesBy renews } } } }`

func TestConsentAndPartsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	order, token := w.pays(t, "",
		by("approve", "amount", map[string]any{"amount": "4.00", "currencyCode": "USD"}),
		by("decline"), by("approve", "fallback", "ASK"))
	var got shownOrder
	w.want(t, "", showOrder, map[string]any{"id": order, "token": token}, &got)
	o := got.Order
	if o.Status != "ACTION_REQUIRED" || o.PaymentFallback == nil || o.PaymentFallback.Rank != 3 || o.PaymentFallback.Provider != "test" ||
		o.Payments[0].OutstandingAmount != o.PaymentFallback.Amount || len(o.Payments[0].Attempts) != 2 {
		t.Fatalf("the order shows %+v", o)
	}
	for _, a := range o.AvailableActions {
		if a.Action == "CONFIRM_FALLBACK" && !a.Available {
			t.Error("the shopper is not told that they may agree")
		}
	}
	if a := o.Payments[0].Attempts[0]; a.State != "AUTHORIZED" || a.Number != 1 || a.Amount.Amount != "4.00" || a.AuthorizedAmount.Amount != "4.00" || a.ExpiresAt != nil {
		t.Errorf("the first part is %+v", a)
	}
	var confirmed struct {
		PaymentFallbackConfirm struct {
			Order      *struct{ Status string }
			UserErrors refusals
		}
	}
	document := `mutation($input: PaymentFallbackConfirmInput!) { paymentFallbackConfirm(input: $input) { order { status } userErrors { code field message } } }`
	in := map[string]any{"idempotencyKey": "k", "orderId": order, "accessToken": token}
	w.want(t, "", document, map[string]any{"input": in}, &confirmed)
	if c := confirmed.PaymentFallbackConfirm; c.Order == nil || c.Order.Status != "PENDING_PAYMENT" {
		t.Fatalf("it answers %+v", c)
	}
	w.works(t, order)
	got = shownOrder{}
	w.want(t, "", showOrder, map[string]any{"id": order, "token": token}, &got)
	if o := got.Order; o.Status != "CONFIRMED" || o.PaymentFallback != nil || o.Payments[0].OutstandingAmount.Amount != "0.00" {
		t.Errorf("afterwards it shows %+v", o)
	}
	reference := `query($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status payments { attempts { providerReference } } } }`
	if answer := w.ask(t, "", reference, map[string]any{"id": order, "token": token}); answer.codes() == "" {
		t.Errorf("a shopper reads the provider's name of the charge: %s", answer.Data)
	}
	w.want(t, w.tokens["admin"], reference, map[string]any{"id": order}, &got)
	if r := got.Order.Payments[0].Attempts[0].ProviderReference; r == nil || *r == "" {
		t.Error("staff do not see the provider's name of the charge")
	}
}

func TestBadPartsAreRefusedAtPlacing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	usd := func(amount string) map[string]any { return map[string]any{"amount": amount, "currencyCode": "USD"} }
	var variant id.ProductVariantID
	if err := w.Pool.QueryRow(t.Context(), `select id from product_variant where sku = 'SKU-Lamp'`).Scan(&variant); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method map[string]any
		code   string
	}{
		"too much":           {by("approve", "amount", usd("9999.00")), "AMOUNT_TOO_LARGE"},
		"too little":         {by("approve", "amount", usd("0.01")), "AMOUNT_TOO_SMALL"},
		"below zero":         {by("approve", "amount", usd("-1.00")), "INVALID"},
		"another currency":   {by("approve", "maxAmount", map[string]any{"amount": "5", "currencyCode": "EUR"}), "INVALID"},
		"kept for nobody":    {by("approve", "save", true), "INVALID"},
		"somebody's method":  {map[string]any{"provider": "test", "storedMethodId": w.things["stored method"]}, "PAYMENT_METHOD_NOT_FOUND"},
		"token and a method": {by("approve", "storedMethodId", w.things["stored method"]), "INVALID"},
	} {
		var got placedAnswer
		w.want(t, "", placeWith, map[string]any{"key": uuid.NewString(), "variant": variant.String(), "payment": []any{c.method}}, &got)
		if e := got.OrderPlace.UserErrors; got.OrderPlace.Order != nil || len(e) != 1 || e[0].Code != c.code {
			t.Errorf("%s: %+v", name, got.OrderPlace)
		}
	}
}

func TestStoredMethodsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.tokens["customer"], w.tokens["customer B"]
	w.exec(t, `delete from payment_stored_method`)
	w.pays(t, ada, by("approve", "save", true))
	type method struct{ ID, Provider, Label, CreatedAt string }
	list := func(bearer string) []method {
		var got struct {
			Customer struct {
				StoredPaymentMethods struct{ Nodes []method }
			}
		}
		w.want(t, bearer, `query($token: String!) { customer(customerAccessToken: $token) { storedPaymentMethods(first: 5) { nodes { id provider label createdAt } } } }`, map[string]any{"token": bearer}, &got)
		return got.Customer.StoredPaymentMethods.Nodes
	}
	kept := list(ada)
	if len(kept) != 1 || kept[0].Provider != "test" || kept[0].Label == "" {
		t.Fatalf("kept are %+v", kept)
	}
	if others := list(eve); len(others) != 0 {
		t.Errorf("somebody else sees %+v", others)
	}
	order, token := w.pays(t, ada, map[string]any{"provider": "test", "storedMethodId": kept[0].ID})
	var got shownOrder
	w.want(t, "", showOrder, map[string]any{"id": order, "token": token}, &got)
	if got.Order.Status != "CONFIRMED" {
		t.Errorf("paid with it the order is %s", got.Order.Status)
	}
	var deleted struct {
		StoredPaymentMethodDelete struct {
			DeletedStoredPaymentMethodID *string
			UserErrors                   refusals
		}
	}
	document := `mutation($id: ID!) { storedPaymentMethodDelete(input: { id: $id }) { deletedStoredPaymentMethodId userErrors { code field message } } }`
	w.want(t, ada, document, map[string]any{"id": kept[0].ID}, &deleted)
	if d := deleted.StoredPaymentMethodDelete; d.DeletedStoredPaymentMethodID == nil || *d.DeletedStoredPaymentMethodID != kept[0].ID {
		t.Errorf("deleted is %+v", d)
	}
	if left := list(ada); len(left) != 0 {
		t.Errorf("left are %+v", left)
	}
}

func TestExpiryAndDaysOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for token, c := range map[string]struct{ status, state string }{"expires": {"CONFIRMED", "AUTHORIZED"}, "pending_days": {"PENDING_PAYMENT", "PENDING"}} {
		order, access := w.pays(t, "", by(token))
		var got shownOrder
		w.want(t, "", showOrder, map[string]any{"id": order, "token": access}, &got)
		a := got.Order.Payments[0].Attempts[0]
		ends, settles := a.ExpiresAt != nil && a.RenewAt != nil, a.SettlesBy != nil
		if got.Order.Status != c.status || a.State != c.state || ends != (token == "expires") || settles == ends {
			t.Errorf("%s: the order is %s, its attempt %+v", token, got.Order.Status, a)
		}
	}
}
