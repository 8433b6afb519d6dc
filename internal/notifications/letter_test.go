package notifications

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

var update = flag.Bool("update", false, "write the golden files anew")

func some(s string) *string { return &s }

func usd(minor int64) money.Money { return money.New(minor, "USD") }

// sample is an order of two lines, shipped, 159.12 in all.
func sample() orders.Order {
	country := address.CountryCode("US")
	deadline := time.Date(2026, 11, 22, 19, 30, 0, 0, time.UTC)
	return orders.Order{
		Name: "#1001", FirstName: some("Ada"), Email: some("ada@example.com"), CurrencyCode: "USD",
		Lines: []orders.OrderLineItem{
			{Title: "Skerry Mug", VariantTitle: some("Harbor Blue"), Quantity: 2, UnitPrice: usd(2800), Discount: usd(0)},
			{Title: "Harbor Gift Box", VariantTitle: some("Default Title"), Quantity: 1, UnitPrice: usd(8400), Discount: usd(400)},
		},
		SubtotalPrice: usd(13600), TotalShippingPrice: usd(900), TotalTax: usd(1412), TotalPrice: usd(15912),
		Delivery:        orders.OrderDelivery{MethodType: orders.DeliveryShipping, Title: some("Standard")},
		ShippingAddress: &address.MailingAddress{FirstName: some("Ada"), LastName: some("Byron"), Address1: some("1 Main St"), City: some("Springfield"), ProvinceCode: some("IL"), Zip: some("62701"), CountryCodeV2: &country},
		Deadline:        &deadline,
		Paid:            orders.PaymentTotals{Authorized: usd(0), Voided: usd(0), Captured: usd(0), Refunded: usd(0)},
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	cancelled := sample()
	why := orders.CancelCustomer
	cancelled.CancelReason, cancelled.Paid.Authorized = &why, usd(15912)
	pickup := sample()
	pickup.Delivery = orders.OrderDelivery{MethodType: orders.DeliveryPickUp, Title: some("Boston Seaport"), Collector: some("Charles B.")}
	pickup.TotalShippingPrice, pickup.ShippingAddress = usd(0), nil
	challenge := sample()
	challenge.Challenge = true
	free := sample()
	free.TotalPrice, free.FirstName = usd(0), nil
	for name, c := range map[string]struct {
		kind  Kind
		order orders.Order
	}{
		"order_received":        {OrderReceived, sample()},
		"order_received_free":   {OrderReceived, free},
		"payment_problem":       {PaymentProblem, sample()},
		"payment_challenge":     {PaymentProblem, challenge},
		"order_confirmed":       {OrderConfirmed, pickup},
		"order_cancelled":       {OrderCancelled, cancelled},
		"order_cancelled_plain": {OrderCancelled, sample()},
		"order_expired":         {OrderExpired, sample()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := letterOf(c.kind, "Fennwick Harbor Supply", c.order)
			if name == "payment_problem" {
				l.Link = "https://shop.example/orders/0197"
			}
			subject, plain, page, err := render(c.kind, l)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", "Subject: "+subject+"\n\n"+plain)
			golden(t, name+".html", page)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s\n(go test ./internal/notifications -update writes it anew)", name, got, want)
	}
}

// A shopper's own words are text, in HTML and in headers.
func TestForeignTextStaysText(t *testing.T) {
	t.Parallel()
	o := sample()
	o.FirstName = some("<script>alert(1)</script>\r\nBcc: all@example.com")
	o.Name = "#1001\r\nBcc: all@example.com"
	o.Lines[0].Title = `"><img src=x onerror=alert(1)>`
	o.ShippingAddress.Address1 = some("1 Main St\nOrder #9 is free")
	subject, plain, page, err := render(OrderReceived, letterOf(OrderReceived, "Shop & Sons", o))
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(subject, "\r\n") {
		t.Errorf("the subject has line breaks: %q", subject)
	}
	if strings.Contains(plain, "\nBcc:") || strings.Contains(plain, "\nOrder #9") {
		t.Errorf("foreign text begins a line of its own:\n%s", plain)
	}
	for _, raw := range []string{"<script>", "<img src=x", "Shop & Sons"} {
		if strings.Contains(page, raw) {
			t.Errorf("the page holds %q unescaped", raw)
		}
	}
}

func TestPrice(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]money.Money{
		"$1,234,567.50": usd(123456750), "$0.05": usd(5), "-$12.00": usd(-1200), "¥1,250": money.New(1250, "JPY"),
		"1,000.000 KWD": money.New(1000000, "KWD"), "€999.99": money.New(99999, "EUR"),
	} {
		if got := price(m); got != want {
			t.Errorf("price(%s) = %s, want %s", m, got, want)
		}
	}
}
