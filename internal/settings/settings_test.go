package settings_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/settings"
)

func TestFirstProcessMakesTheDefaults(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	shops := make([]settings.Shop, 6)
	var all sync.WaitGroup
	for i := range shops {
		all.Go(func() {
			var err error
			if shops[i], err = settings.New(pool, event.New(), clock.System).Load(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	shop := shops[0]
	if shop.ID == (id.ShopID{}) || shop.Name != "Wharf" || shop.Currency != "USD" || shop.Country != "US" || shop.PricesIncludeTax ||
		shop.WeightUnit != "KILOGRAMS" || shop.Capture != settings.CaptureOnFulfillment || shop.Allocation != settings.FewestSplits ||
		shop.PaymentDeadline != 30*time.Minute || shop.ActionDeadline != 30*time.Minute {
		t.Errorf("the defaults are %+v", shop)
	}
	for _, other := range shops {
		if other.ID != shop.ID {
			t.Fatal("processes that started at once made two shops")
		}
	}
}

// TestAShopWithoutAStorefrontGivesOutItsOwnAddress: each process gives out its own, none is kept, and what is told counts.
func TestAShopWithoutAStorefrontGivesOutItsOwnAddress(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	here, there := settings.New(pool, event.New(), clock.System), settings.New(pool, event.New(), clock.System)
	here.Own = "http://127.0.0.1:9191"
	want := func(s *settings.Settings, url string, told bool) {
		t.Helper()
		at, err := s.At(t.Context(), pool)
		if err != nil || at.URL != url || at.HasStorefront() != told {
			t.Errorf("the shop is at %s, told: %v, %v; want %s, %v", at.URL, at.HasStorefront(), err, url, told)
		}
	}
	shop, err := here.Load(t.Context())
	if err != nil || shop.URL != here.Own || shop.HasStorefront() || shop.Page("/a") != "http://127.0.0.1:9191/a" {
		t.Fatalf("%+v, %v", shop, err)
	}
	shop, err = here.Change(t.Context(), access.SystemActor, func(s *settings.Shop) { s.Name, s.Language = "Harbor", "FIL" })
	if err != nil || shop.URL != here.Own || shop.Name != "Harbor" || shop.Language != "FIL" {
		t.Fatalf("%+v, %v", shop, err)
	}
	want(here, "http://127.0.0.1:9191", false)
	want(there, "http://127.0.0.1:8080", false)
	if _, err := there.Change(t.Context(), access.SystemActor, func(s *settings.Shop) { s.URL = "https://harbor.example" }); err != nil {
		t.Fatal(err)
	}
	want(here, "https://harbor.example", true)
	want(there, "https://harbor.example", true)
}

func TestChangeIsSeenByOtherProcessesWithinASecond(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	clk := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	here, there := settings.New(pool, event.New(), clk), settings.New(pool, event.New(), clk)
	if _, err := there.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	changed, err := here.Change(t.Context(), access.SystemActor, func(shop *settings.Shop) {
		shop.Name, shop.Currency, shop.Country, shop.PricesIncludeTax = "Harbor", "EUR", "DE", true
		shop.Ships = []address.CountryCode{"DE", "AT"}
		shop.Capture, shop.PaymentDeadline = settings.CaptureImmediately, time.Hour
		shop.Allocation, shop.LocationPriority = settings.ByPriority, []id.LocationID{{2}, {1}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := here.Load(t.Context()); got.Name != "Harbor" {
		t.Errorf("the process that made the change sees %q", got.Name)
	}
	if got, _ := there.Load(t.Context()); got.Name != "Wharf" {
		t.Errorf("the other process asked the database again at once (%q)", got.Name)
	}
	clk.Advance(time.Second)
	got, err := there.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "Harbor" || got.Currency != "EUR" || got.Country != "DE" || !got.PricesIncludeTax ||
		!slices.Equal(got.Ships, changed.Ships) || got.Capture != settings.CaptureImmediately || got.PaymentDeadline != time.Hour ||
		got.Allocation != settings.ByPriority || !slices.Equal(got.LocationPriority, []id.LocationID{{2}, {1}}) {
		t.Errorf("a second later the other process sees %+v", got)
	}
}

func TestWhoChangedWhatIsKept(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := settings.New(pool, event.New(), clock.System)
	rename := func(name string) func(*settings.Shop) {
		return func(shop *settings.Shop) { shop.Name, shop.PaymentDeadline = name, time.Hour }
	}
	admin := access.Actor{Kind: access.Staff, ID: [16]byte{7}}
	for _, name := range []string{"Harbor", "Harbor", " ", "Port"} { // changed, the same again, refused, changed
		_, _ = s.Change(t.Context(), admin, rename(name))
	}
	shop, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	history, err := event.Read(t.Context(), pool, shop.ID, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range history {
		got = append(got, e.Kind+" "+e.By+" "+string(e.Data))
	}
	want := []string{
		`shop.changed staff:07000000-0000-0000-0000-000000000000 {"changes":[{"field":"Name","before":"Wharf","after":"Harbor"},{"field":"PaymentDeadline","before":"30m0s","after":"1h0m0s"}]}`,
		`shop.changed staff:07000000-0000-0000-0000-000000000000 {"changes":[{"field":"Name","before":"Harbor","after":"Port"}]}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the history is\n%q\nwant\n%q", got, want)
	}
}

func TestSettingsThatTheShopCannotRunByAreRefused(t *testing.T) {
	t.Parallel()
	s := settings.New(pgtest.New(t), event.New(), clock.System)
	before, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	broken := "EUR"
	for field, change := range map[string]func(*settings.Shop){
		"name":             func(s *settings.Shop) { s.Name = " " },
		"currency":         func(s *settings.Shop) { s.Currency = "XYZ" },
		"country":          func(s *settings.Shop) { s.Country = "Germany" },
		"weightUnit":       func(s *settings.Shop) { s.WeightUnit = "STONES" },
		"moneyTemplate":    func(s *settings.Shop) { s.MoneyTemplate = &broken },
		"url":              func(s *settings.Shop) { s.URL = "javascript:alert(1)" },
		"checkoutTemplate": func(s *settings.Shop) { s.CheckoutTemplate = "{url}/checkout" },
		"ships.1":          func(s *settings.Shop) { s.Ships = []address.CountryCode{"DE", "??"} },
		"capture":          func(s *settings.Shop) { s.Capture = "LATER" },
		"allocation":       func(s *settings.Shop) { s.Allocation = "CHEAPEST" },
		"locationPriority": func(s *settings.Shop) { s.LocationPriority = []id.LocationID{{1}, {2}, {1}} },
		"paymentDeadline":  func(s *settings.Shop) { s.PaymentDeadline = time.Second },
		"actionDeadline":   func(s *settings.Shop) { s.ActionDeadline = 91 * 24 * time.Hour },
	} {
		_, err := s.Change(t.Context(), access.SystemActor, change)
		if refused, ok := fault.As(err); !ok || refused.Kind != fault.Invalid || !slices.Equal(refused.Field, []string{field}) {
			t.Errorf("%s: got %v, want a refusal that names it", field, err)
		}
	}
	after, err := settings.New(pgtest.New(t), event.New(), clock.System).Load(t.Context())
	if err != nil || after.Name != before.Name || after.PaymentDeadline != before.PaymentDeadline {
		t.Errorf("a refused change left %+v, %v", after, err)
	}
}

func TestShopAsShoppersSeeIt(t *testing.T) {
	t.Parallel()
	euro := "{{amount}} €"
	shop := settings.Shop{Currency: "USD", URL: "https://shop.example:8443/", CheckoutTemplate: "{url}/pay/{cart}"}
	if got := shop.MoneyFormat(); got != "${{amount}}" {
		t.Errorf("the money format is %q", got)
	}
	shop.MoneyTemplate = &euro
	if got := shop.MoneyFormat(); got != euro {
		t.Errorf("the money format is %q, want the shop's own", got)
	}
	if got, want := shop.PrimaryDomain(), (settings.Domain{Host: "shop.example:8443", SSLEnabled: true, URL: "https://shop.example:8443/"}); got != want {
		t.Errorf("the domain is %+v, want %+v", got, want)
	}
	if got := shop.CheckoutURL("abc?key=1"); got != "https://shop.example:8443/pay/abc?key=1" {
		t.Errorf("the checkout is at %q", got)
	}
	for template, want := range map[string]string{
		"https://pay.example/{cartId}":       "https://pay.example/abc?key=1",
		"{url}/c/{cart}?x=1":                 "https://shop.example:8443/c/abc?x=1&key=1",
		"{url}/c/{cart}/pay?x=1&y#top":       "https://shop.example:8443/c/abc/pay?x=1&y&key=1#top",
		"https://pay.example/?cart={cart}":   "https://pay.example/?cart=abc%3Fkey%3D1",
		"https://pay.example/p#/c/{cartId}":  "https://pay.example/p#/c/abc%3Fkey%3D1",
		"https://pay.example/{cart}?b={url}": "https://pay.example/abc?b=https%3A%2F%2Fshop.example%3A8443&key=1",
	} {
		shop.CheckoutTemplate = template
		if got := shop.CheckoutURL("abc?key=1"); got != want {
			t.Errorf("by %s the checkout is at %q, want %q", template, got, want)
		}
	}
	if all := shop.ShipsToCountries(); len(all) < 240 || !slices.IsSorted(all) || !shop.ShipsTo("NZ") {
		t.Errorf("a shop without a list ships to %d countries, want all", len(all))
	}
	shop.Ships = []address.CountryCode{"DE"}
	if shop.ShipsTo("NZ") || !shop.ShipsTo("DE") || !slices.Equal(shop.ShipsToCountries(), shop.Ships) {
		t.Error("a shop with a list ships elsewhere")
	}
}
