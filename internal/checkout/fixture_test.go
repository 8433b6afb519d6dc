package checkout_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/jobs"
)

// till is a shop with goods, at which tests place orders.
type till struct {
	testing.TB
	*shoptest.Shop
	warehouse id.LocationID
}

func open(t testing.TB, changes ...func(*shop.Config)) *till {
	t.Helper()
	s := &till{TB: t, Shop: shoptest.New(t, changes...)}
	s.warehouse = id.NewLocationID()
	s.exec(`
insert into location (id, kind, name, country_code, ships_online, is_default)
values ($1, 'WAREHOUSE', 'Warehouse', 'US', true, true)`, s.warehouse)
	return s
}

// staffed is a shop whose events are followed by jobs, which nobody runs.
func staffed(t testing.TB, changes ...func(*shop.Config)) *till {
	t.Helper()
	s := open(t, changes...)
	s.Run(t, jobs.Config{})
	return s
}

// sound checks everything that must always be true of a shop.
func (s *till) sound() {
	s.Helper()
	report, err := s.Audit.Verify(s.Context(), audit.Options{})
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range report.Results {
		for _, v := range r.Violations {
			s.Errorf("%s is broken: %s: %s", r.Name, v.Subject, v.Detail)
		}
	}
}

func (s *till) exec(sql string, args ...any) {
	s.Helper()
	if _, err := s.Pool.Exec(s.Context(), sql, args...); err != nil {
		s.Fatal(err)
	}
}

func (s *till) number(sql string, args ...any) int {
	s.Helper()
	var n int
	if err := s.Pool.QueryRow(s.Context(), sql, args...).Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

// goods puts something on sale of which there are so many in the warehouse.
func (s *till) goods(title string, cents int64, units int) id.ProductVariantID {
	s.Helper()
	product, variant := id.NewProductID(), id.NewProductVariantID()
	s.exec(`
insert into product (id, handle, title, published_at, currency, min_price, max_price, variants_count)
values ($1, $2, $3, now(), 'USD', $4, $4, 1)`, product, product.String(), title, cents)
	s.exec(`
insert into product_variant (id, product_id, position, title, sku, option_values, price, currency, weight_grams)
values ($1, $2, 1, 'Default Title', $3, '{Default Title}', $4, 'USD', 500)`, variant, product, "SKU-"+title, cents)
	s.exec(`insert into stock_item (variant_id) values ($1)`, variant)
	s.stock(variant, s.warehouse, units)
	return variant
}

func (s *till) stock(variant id.ProductVariantID, location id.LocationID, units int) {
	s.Helper()
	shoptest.Shelve(s, s.Pool, `
insert into stock_level (variant_id, location_id, on_hand)
values ($1, $2, $3)`, variant, location, units)
}

// store opens a store where orders are picked up; without a capacity it takes any number in an hour.
func (s *till) store(name, province, zip string, at address.Coordinate, capacity *int) id.LocationID {
	s.Helper()
	location := id.NewLocationID()
	s.exec(`
insert into location (id, kind, name, country_code, province_code, zip, latitude, longitude, pickup_enabled, pickup_capacity_per_hour)
values ($1, 'STORE', $2, 'US', $3, $4, $5, $6, true, $7)`, location, name, province, zip, at.Latitude, at.Longitude, capacity)
	return location
}

// reserved is how many units of a variant are promised, over all locations.
func (s *till) reserved(variant id.ProductVariantID) int {
	s.Helper()
	return s.number(`select coalesce(sum(reserved), 0) from stock_level where variant_id = $1`, variant)
}

// nothingHappened checks that a refusal has left no trace.
func (s *till) nothingHappened() {
	s.Helper()
	for _, table := range []string{"orders", "event where kind <> 'shop.changed'", "order_key", "reservation", "payment", "idempotency_key", "pickup_booking"} {
		if n := s.number("select count(*) from " + table); n != 0 {
			s.Errorf("after a refusal %s has %d rows, want none", table, n)
		}
	}
	if n := s.number(`select coalesce(sum(reserved), 0) from stock_level`); n != 0 {
		s.Errorf("after a refusal %d units are reserved, want none", n)
	}
}

// kinds are the kinds of an order's events, in order.
func (s *till) kinds(order id.OrderID) []string {
	s.Helper()
	events, err := event.Read(s.Context(), s.Pool, order, 0, 100)
	if err != nil {
		s.Fatal(err)
	}
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (s *till) place(in checkout.OrderPlaceInput) checkout.Placement {
	s.Helper()
	placed, err := s.Checkout.Place(s.Context(), access.Actor{}, in)
	if err != nil {
		s.Fatal(err)
	}
	return placed
}

// refused checks the codes and paths of a refusal.
func (s *till) refused(err error, want ...string) {
	s.Helper()
	if got := refusals(err); !slices.Equal(got, want) {
		s.Errorf("refused with %q (%v), want %q", got, err, want)
	}
}

func refusals(err error) []string {
	if err == nil {
		return nil
	}
	var list []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			list = append(list, refusals(one)...)
		}
		return list
	}
	f, ok := fault.As(err)
	if !ok {
		return []string{"no fault: " + err.Error()}
	}
	return []string{strings.TrimSpace(f.Code + " " + strings.Join(f.Field, "."))}
}

func data(err error, key string) any {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Data[key]
	}
	return nil
}

// order is a valid order of bare lines, sent to San Francisco and paid by the test provider.
func order(key string, lines ...cart.CartLineInput) checkout.OrderPlaceInput {
	return checkout.OrderPlaceInput{
		IdempotencyKey: key,
		Lines:          lines,
		Buyer:          &checkout.OrderBuyerInput{Email: ptr("ada@example.com"), FirstName: ptr("Ada"), LastName: ptr("Lovelace")},
		Delivery:       shipping("US", "CA"),
		Payment:        []payment.PaymentMethodInput{{Provider: "test", Token: ptr("approve")}},
	}
}

func fromCart(key string, name cart.ID) checkout.OrderPlaceInput {
	in := order(key)
	in.Lines, in.CartID = nil, ptr(name.String())
	return in
}

func shipping(country, province string) *checkout.OrderDeliveryInput {
	return &checkout.OrderDeliveryInput{Shipping: &checkout.OrderShippingInput{Address: address.MailingAddressInput{
		FirstName: ptr("Ada"), LastName: ptr("Lovelace"), Address1: ptr("1 Market St"), City: ptr("San Francisco"),
		Province: ptr(province), Zip: ptr("94105"), Country: ptr(country),
	}}}
}

func pickup(in checkout.OrderPickupInput) *checkout.OrderDeliveryInput {
	return &checkout.OrderDeliveryInput{Pickup: &in}
}

func line(variant id.ProductVariantID, quantity int) cart.CartLineInput {
	return cart.CartLineInput{MerchandiseID: variant.String(), Quantity: &quantity}
}

func (s *till) cart(lines ...cart.CartLineInput) cart.Cart {
	s.Helper()
	p, err := s.Carts.Create(s.Context(), access.Actor{}, cart.CartInput{Lines: lines})
	if err != nil || len(p.UserErrors) > 0 || len(p.Warnings) > 0 {
		s.Fatalf("make a cart: %+v, %v", p, err)
	}
	return *p.Cart
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func ptr[T any](v T) *T { return &v }

// together runs all at the same moment and waits for them.
func together(all ...func()) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for _, one := range all {
		group.Go(func() {
			<-start
			one()
		})
	}
	close(start)
	group.Wait()
}

// same checks that two answers are one, byte for byte.
func same(t testing.TB, got, want checkout.Placement) {
	t.Helper()
	g, err := orders.Doc(got.Order)
	if err != nil {
		t.Fatal(err)
	}
	w, err := orders.Doc(want.Order)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) || got.AccessToken != want.AccessToken {
		t.Errorf("answered\n%s\nwant\n%s", g, w)
	}
}

func expect(amount, currency string) *money.MoneyInput {
	return &money.MoneyInput{Amount: money.Decimal(amount), CurrencyCode: money.Currency(currency)}
}

// customer makes an account and signs it in.
func (s *till) customer(email string) access.Actor {
	s.Helper()
	actor, _ := s.login(email)
	return actor
}

// login is customer, with the token.
func (s *till) login(email string) (access.Actor, string) {
	s.Helper()
	const password = "correct horse battery"
	if _, err := s.Customers.Create(s.Context(), access.Actor{}, customers.CreateInput{Email: email, Password: password}); err != nil {
		s.Fatal(err)
	}
	token, err := s.Customers.SignIn(s.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: email, Password: password})
	if err != nil {
		s.Fatal(err)
	}
	actor, err := s.Customers.Authenticate(s.Context(), token.AccessToken)
	if err != nil {
		s.Fatal(err)
	}
	return actor, token.AccessToken
}
