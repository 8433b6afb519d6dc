package orders

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

// examples is one of each kind with every field set.
func examples() []event.Data {
	u := uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")
	attempt, customer, location := id.PaymentAttemptID(u), id.CustomerID(u), id.LocationID(u)
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	text := func(s string) *string { return &s }
	moment := time.Date(2026, 11, 22, 19, 46, 13, 123456000, time.UTC)
	return []event.Data{
		Placed{
			OrderNumber: 1042, CartID: &u, CustomerID: &customer, TokenHash: []byte("token hash"), CurrencyCode: "USD",
			TaxesIncluded: true, Locale: text("en-US"),
			Lines: []PlacedLine{{
				ID: id.OrderLineItemID(u), VariantID: id.ProductVariantID(u), ProductID: id.ProductID(u), Sku: text("LAMP-1"),
				Title: "Lamp", VariantTitle: text("Brass"), Quantity: 2, UnitPrice: usd(2000), Discount: usd(100),
				Tax: usd(312), RequiresShipping: true, Backordered: 1, PromisedAt: &moment,
				Components: []LineComponent{{VariantID: id.ProductVariantID(u), Quantity: 3}},
				Collected:  true, Parent: (*id.OrderLineItemID)(&u),
			}},
			Delivery:      OrderDelivery{MethodType: DeliveryPickUp, OptionHandle: "pick-up", Title: text("Main Street"), LocationID: &location},
			Pickup:        &OrderDelivery{MethodType: DeliveryPickUp, Title: text("Main Street"), LocationID: &location},
			ShippingPrice: usd(500), ShippingTax: usd(40), TotalPrice: usd(4400),
			Discounts: []OrderDiscount{{PromotionID: id.PromotionID(u), Title: "Spring", Code: text("SPRING"), TargetType: TargetLines, Amount: usd(100), Lines: []int64{100}}},
			Providers: []string{"test", "manual"}, Deadline: &moment, Sealed: []byte("sealed"),
		},
		Confirmed{},
		Cancelled{Reason: CancelCustomer},
		Expired{},
		NoteAdded{Sealed: []byte("sealed")},
		CustomerLinked{CustomerID: id.CustomerID(u)},
		CustomerUnlinked{},
		PersonalDataErased{},
		PaymentStarted{AttemptID: attempt, Attempt: 1, Provider: "test", Amount: usd(4400)},
		PaymentDeclined{AttemptID: attempt, Attempt: 1, Provider: "test", Reason: "Your bank has declined the payment."},
		PaymentUnknown{AttemptID: attempt, Attempt: 1, Provider: "test", NextTry: &moment},
		PaymentPending{AttemptID: attempt, Attempt: 1, Provider: "manual", Invoice: true},
		PaymentActionRequired{AttemptID: &attempt, Deadline: moment, Reason: "Please confirm the payment with your bank.", Challenge: true},
		PaymentMethodsUpdated{Providers: []string{"test"}, Deadline: moment},
		PaymentAuthorized{AttemptID: attempt, Attempt: 2, Provider: "test", Amount: usd(4400)},
		PaymentCaptured{AttemptID: attempt, Provider: "test", Amount: usd(4400)},
		PaymentVoided{AttemptID: attempt, Provider: "test", Amount: usd(4400)},
		PaymentMethodSkipped{Rank: 2, Provider: "test", Reason: "This payment method may be charged at most 20.00 USD."},
		PaymentDisputed{AttemptID: attempt, Provider: "test", Amount: usd(4400)},
		PaymentDisputeWon{AttemptID: attempt, Provider: "test", Amount: usd(4400)},
		PaymentDisputeLost{AttemptID: attempt, Provider: "test", Amount: usd(4400)},
		PaymentRefunded{AttemptID: attempt, Provider: "test", Amount: usd(4400), Reason: "The order was cancelled."},
		PaymentCaptureFailed{AttemptID: attempt, Provider: "test", Amount: usd(4400), Reason: "The reservation has lapsed."},
		PaymentRefundFailed{AttemptID: attempt, Provider: "test", Amount: usd(4400), Reason: "The account is closed."},
		CompensationStarted{Reason: "The order was cancelled.", Steps: []CompensationStep{
			{AttemptID: attempt, Provider: "test", Action: "void", Amount: usd(4400)},
		}},
		GiftCardRedeemed{GiftCardID: id.GiftCardID(u), LastCharacters: "7QRX", Amount: usd(1500)},
		GiftCardReturned{GiftCardID: id.GiftCardID(u), LastCharacters: "7QRX", Amount: usd(1500)},
		GiftCardRefunded{GiftCardID: id.GiftCardID(u), LastCharacters: "7QRX", Amount: usd(500), Redeemed: true, Issued: true},
	}
}

// Stored events are read for ever: their form only grows. The golden files hold each kind as it is stored, and what
// the shopper reads about it.
func TestStoredFormOfEvents(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, data := range examples() {
		seen[data.Kind()] = true
		stored, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, data.Kind()+".json", struct {
			Kind    string
			Message string
			Data    json.RawMessage
		}{data.Kind(), message(Order{Name: "#1042", TotalPrice: money.New(4400, "USD")}, data), stored})
		back, err := decode(event.Event{Kind: data.Kind(), Data: stored, Version: 1})
		if err != nil || !reflect.DeepEqual(back, data) {
			t.Errorf("%s reads back as %+v, want %+v (%v)", data.Kind(), back, data, err)
		}
	}
	for kind := range kinds {
		if !seen[kind] {
			t.Errorf("%s has no example", kind)
		}
	}
}

// grown is one of each kind with the fields that it has gained since its first form was stored.
func grown() map[string]event.Data {
	u := uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")
	attempt, usd := id.PaymentAttemptID(u), money.New(4400, "USD")
	moment := time.Date(2026, 11, 22, 19, 46, 13, 123456000, time.UTC)
	return map[string]event.Data{
		"renewal": PaymentStarted{AttemptID: attempt, Attempt: 2, Provider: "test", Amount: usd, Renews: &attempt},
		"late":    PaymentDeclined{AttemptID: attempt, Attempt: 1, Provider: "test", Reason: "Your bank has declined the payment.", Deadline: &moment},
		"resumed": PaymentDeclined{AttemptID: attempt, Attempt: 1, Provider: "test", Reason: "Your bank has declined the payment.", Resumed: true},
		"silent":  PaymentDeclined{AttemptID: attempt, Attempt: 1, Provider: "test", Reason: "The payment provider did not answer, so this payment was called off.", Code: DeclinedNoAnswer},
		"days":    PaymentPending{AttemptID: attempt, Attempt: 1, Provider: "test", SettlesBy: &moment, Deadline: &moment},
		"consent": PaymentActionRequired{
			Deadline: moment, Reason: "Another payment method may only be used when you agree.",
			Fallback: &Fallback{Rank: 2, Provider: "test", Amount: usd},
		},
		"rest":   PaymentActionRequired{Deadline: moment, Reason: "A part of the total is still to be paid.", Rest: &usd},
		"beside": PaymentActionRequired{Deadline: moment, Reason: "Your bank has declined the payment.", Partial: true},
		"part":   PaymentAuthorized{AttemptID: attempt, Attempt: 1, Provider: "test", Amount: usd, Partial: true},
		"lasting": PaymentAuthorized{
			AttemptID: attempt, Attempt: 2, Provider: "test", Amount: usd, Renews: &attempt, ExpiresAt: &moment, RenewAt: &moment,
		},
		"kept":     Placed{OrderNumber: 1042, CurrencyCode: "USD", ShippingPrice: usd, ShippingTax: usd, TotalPrice: usd, KeepAddress: true},
		"reversed": PaymentDisputeWon{AttemptID: attempt, Provider: "test", Amount: usd, Reversed: money.New(1000, "USD")},
		"reopened": PaymentDisputeWon{AttemptID: attempt, Provider: "test", Amount: money.Zero("USD"), Reversed: usd},
		"invoice":  PaymentCaptured{AttemptID: attempt, Provider: "manual", Amount: usd, Invoice: true, Sealed: []byte("sealed")},
		"over":     PaymentCaptureFailed{AttemptID: attempt, Provider: "test", Amount: usd, Reason: "The order is over.", Over: true},
		"replaced": PaymentVoided{AttemptID: attempt, Provider: "test", Amount: usd, Replaced: true},
	}
}

func TestStoredFormOfGrownEvents(t *testing.T) {
	t.Parallel()
	for name, data := range grown() {
		stored, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, data.Kind()+"."+name+".json", struct {
			Kind    string
			Message string
			Data    json.RawMessage
		}{data.Kind(), message(Order{Name: "#1042", TotalPrice: money.New(4400, "USD")}, data), stored})
		back, err := decode(event.Event{Kind: data.Kind(), Data: stored, Version: 1})
		if err != nil || !reflect.DeepEqual(back, data) {
			t.Errorf("%s reads back as %+v, want %+v (%v)", data.Kind(), back, data, err)
		}
	}
}

func TestStoredFormOfPersonalData(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	country := address.CountryCode("US")
	golden(t, "personal.json", Personal{
		Email: text("ada@example.com"), Phone: text("+12025550123"), FirstName: text("Ada"), LastName: text("Byron"),
		ShippingAddress: &address.MailingAddress{
			ID:        id.MailingAddressID(uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057")),
			FirstName: text("Ada"), LastName: text("Byron"), Address1: text("1 Main St"), City: text("Springfield"),
			ProvinceCode: text("IL"), Zip: text("62701"), CountryCodeV2: &country,
		},
		Collector: text("Charles Babbage"), Note: text("Ring twice"),
		Attributes:     []attribute.Attribute{{Key: "gift", Value: text("yes")}},
		LineAttributes: map[int][]attribute.Attribute{0: {{Key: "Engraving", Value: text("A. B.")}}},
	})
}

// Every file that was ever released still decodes, also when its kind has grown since.
func TestEveryStoredFormStillDecodes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/events/*.*.json")
	if err != nil || len(files) < len(kinds) {
		t.Fatalf("%d golden files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var stored struct {
			Kind string
			Data json.RawMessage
		}
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
		if _, err := decode(event.Event{Kind: stored.Kind, Data: stored.Data}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func golden(t *testing.T, name string, value any) {
	t.Helper()
	got, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	file := filepath.Join("testdata", "events", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is stored as\n%s\nwant\n%s(%v)", strings.TrimSuffix(name, ".json"), got, want, err)
	}
}
