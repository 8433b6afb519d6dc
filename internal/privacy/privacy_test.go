package privacy_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/audit"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/privacy"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// office is a shop with a customer, Ada, of whom every domain knows something.
type office struct {
	*shoptest.Shop
	*testing.T
	ada    id.CustomerID
	login  string
	order  orders.Order
	posted *[]privacy.CustomerDataRequest
}

func ptr[T any](v T) *T { return &v }

func open(t *testing.T, state shoptest.State) office {
	t.Helper()
	s := shoptest.New(t)
	o := office{Shop: s, T: t, posted: new([]privacy.CustomerDataRequest)}
	s.Privacy.Connect(func(_ context.Context, _ pgx.Tx, request privacy.CustomerDataRequest) error {
		*o.posted = append(*o.posted, request)
		return nil
	})
	ada, err := s.Customers.Create(t.Context(), access.Actor{}, customers.CreateInput{Email: "ada@example.com", Password: "difference", FirstName: ptr("Ada")})
	o.must(err)
	o.ada, o.login = ada.ID, o.signIn()
	_, err = s.Customers.AddressCreate(t.Context(), o.login, address.MailingAddressInput{Address1: ptr("1 Secret Lane"), City: ptr("Berlin"), Country: ptr("DE")})
	o.must(err)
	_, err = s.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{
		Note: ptr("a secret note"), BuyerIdentity: &cart.CartBuyerIdentityInput{CustomerAccessToken: &o.login},
		Delivery: &cart.CartDeliveryInput{Addresses: []cart.CartSelectableAddressInput{{Address: cart.CartAddressInput{
			DeliveryAddress: &cart.CartDeliveryAddressInput{Address1: ptr("2 Hidden Court"), CountryCode: ptr(address.CountryCode("DE"))},
		}}}},
	})
	o.must(err)
	_, err = s.Pool.Exec(t.Context(), `insert into payment_stored_method (id, customer_id, provider, ref, label) values ($1, $2, 'test', 'a-provider-secret', 'Card ending in 4242')`, o.method(), ada.ID)
	o.must(err)
	o.order = shoptest.Order(t, s, state).Order
	o.must(s.Orders.LinkGuestOrders(t.Context(), ada.ID, "ada@example.com", "test"))
	return o
}

func (o office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o office) signIn() string {
	o.Helper()
	token, err := o.Customers.SignIn(o.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference"})
	o.must(err)
	return token.AccessToken
}

// method is a kept payment method with its history.
func (o office) method() id.StoredPaymentMethodID {
	o.Helper()
	method := id.NewStoredPaymentMethodID()
	o.must(pg.InTx(o.Context(), o.Pool, func(tx pgx.Tx) error {
		_, err := o.Events.Append(o.Context(), tx, method, 0, "system", "test", payment.MethodSaved{Provider: "test"})
		return err
	}))
	return method
}

func (o office) count(from string) int {
	o.Helper()
	var n int
	o.must(o.Pool.QueryRow(o.Context(), "select count(*) from "+from).Scan(&n))
	return n
}

// blocked waits until somebody waits for a lock in the test's database, or has ended without.
func (o office) blocked(ended <-chan error) {
	o.Helper()
	for o.count("pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()") == 0 {
		if len(ended) > 0 {
			o.Error("nobody waits for the lock")
			return
		}
	}
}

func (o office) history() []string {
	o.Helper()
	events, err := event.ReadAll(o.Context(), o.Pool, [][16]byte{o.ada})
	o.must(err)
	var kinds []string
	for _, e := range events[o.ada] {
		kinds = append(kinds, e.Kind+" "+strings.SplitN(e.By, ":", 2)[0])
	}
	return kinds
}

func (o office) read(request privacy.CustomerDataRequest) privacy.CustomerDataRequest {
	o.Helper()
	found, err := o.Privacy.Visible(o.Context(), access.SystemActor, request.ID.String(), nil)
	o.must(err)
	return *found
}

// wantClean asks whether everything that must always be true of the shop is.
func (o office) wantClean() {
	o.Helper()
	report, err := o.Audit.Verify(o.Context(), audit.Options{})
	o.must(err)
	for _, r := range report.Results {
		for _, v := range r.Violations {
			o.Errorf("%s is broken: %s: %s", r.Name, v.Subject, v.Detail)
		}
	}
}

var clerk = access.Actor{Kind: access.Staff, Scopes: access.Scopes{"customers:read", "customers:write"}}

func TestExport(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	request, err := o.Privacy.AskExport(t.Context(), access.Actor{}, privacy.CustomerDataExportInput{CustomerAccessToken: &o.login})
	o.must(err)
	again, err := o.Privacy.AskExport(t.Context(), clerk, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())})
	o.must(err)
	if again.ID != request.ID || len(*o.posted) != 1 {
		t.Errorf("asked twice, there are %d requests", len(*o.posted))
	}
	for range 2 {
		o.must(o.Privacy.Export(t.Context(), request.ID))
	}
	done := o.read(request)
	if done.Status != privacy.Done || done.CompletedAt == nil {
		t.Fatalf("the request is %+v", done)
	}
	text, err := json.Marshal(done.Document)
	o.must(err)
	for _, known := range []string{"ada@example.com", "1 Secret Lane", "a secret note", "2 Hidden Court", "1 Main Street", o.order.Name, "Card ending in 4242"} {
		if !strings.Contains(string(text), known) {
			t.Errorf("the export does not tell of %s: %s", known, text)
		}
	}
	for _, secret := range []string{"a-provider-secret", "password", "argon2", "tokenHash"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the export tells %s", secret)
		}
	}
	if got, want := o.history(), []string{"customer.data_exported customer"}; !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
	if _, err := o.Pool.Exec(t.Context(), `update customer_data_request set completed_at = now() - interval '8 days'`); err != nil {
		t.Fatal(err)
	}
	o.must(o.Privacy.Purge(t.Context()))
	if o.read(request).Document != nil {
		t.Error("an old export is kept")
	}
}

func TestCustomerDoesNotReadNotesInAnExportOfTheStaff(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	staff := access.Actor{Kind: access.Staff, Scopes: access.Scopes{"customers:read", "orders:read", "orders:write"}}
	_, err := o.Orders.AddNote(t.Context(), staff, o.Keys, orders.OrderNoteAddInput{IdempotencyKey: "n", OrderID: o.order.ID.String(), Note: "a tiresome person"})
	o.must(err)
	request, err := o.Privacy.AskExport(t.Context(), staff, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())})
	o.must(err)
	again, err := o.Privacy.AskExport(t.Context(), access.Actor{}, privacy.CustomerDataExportInput{CustomerAccessToken: &o.login})
	o.must(err)
	if again.ID != request.ID {
		t.Fatal("there are two exports at once")
	}
	o.must(o.Privacy.Export(t.Context(), request.ID))
	own, err := o.Privacy.Visible(t.Context(), access.Actor{}, request.ID.String(), &o.login)
	o.must(err)
	for who, shown := range map[string]struct {
		document any
		note     bool
	}{"the customer": {own.Document, false}, "the staff": {o.read(request).Document, true}} {
		text, err := json.Marshal(shown.document)
		o.must(err)
		if !strings.Contains(string(text), o.order.Name) || strings.Contains(string(text), "tiresome") != shown.note {
			t.Errorf("%s reads %s", who, text)
		}
	}
}

// TestAnExportDoesNotTellWhoOfTheStaffHasBookedMoney: what came in, when and under which reference is the customer's to know.
func TestAnExportDoesNotTellWhoOfTheStaffHasBookedMoney(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.ActionRequired)
	staff := access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.Scopes{"orders:read", "payments:write"}}
	_, err := o.Payments.MarkPaid(t.Context(), staff, payment.PaymentMarkPaidInput{IdempotencyKey: "k", OrderID: o.order.ID.String(), Reference: ptr("transfer 4711")})
	o.must(err)
	for name, actor := range map[string]access.Actor{"the customer": {}, "the staff": clerk} {
		in := privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())}
		if actor.Kind != access.Staff {
			in = privacy.CustomerDataExportInput{CustomerAccessToken: &o.login}
		}
		request, err := o.Privacy.AskExport(t.Context(), actor, in)
		o.must(err)
		o.must(o.Privacy.Export(t.Context(), request.ID))
		text, err := json.Marshal(o.read(request).Document)
		o.must(err)
		if !strings.Contains(string(text), "transfer 4711") || strings.Contains(string(text), staff.By()) {
			t.Errorf("%s read %s", name, text)
		}
	}
}

func TestErase(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	export, err := o.Privacy.AskExport(t.Context(), clerk, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())})
	o.must(err)
	o.must(o.Privacy.Export(t.Context(), export.ID))
	_, err = o.Pool.Exec(t.Context(), `update customer set email_verified_at = now()`)
	o.must(err)
	guests := shoptest.Order(t, o.Shop, shoptest.Expired).Order // with the same address, and not signed in
	request, err := o.Privacy.AskErase(t.Context(), access.Actor{}, privacy.CustomerEraseInput{CustomerAccessToken: &o.login, Password: ptr("difference")})
	o.must(err)
	// From the answer on nobody is logged in, or logs in, though no job has worked yet.
	name := "Eve"
	if _, _, err := o.Customers.Update(t.Context(), access.Actor{}, o.login, customers.UpdateInput{FirstName: &name}); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("an account that is being erased is changed: %v", err)
	}
	if _, err := o.Customers.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference"}); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("somebody logs in to an account that is being erased: %v", err)
	}
	if n := o.count("customer_access_token"); n != 0 {
		t.Errorf("%d logins are left", n)
	}
	var later *payment.Later
	if err := o.Privacy.Erase(t.Context(), request.ID); !errors.As(err, &later) {
		t.Fatalf("it does not look once more: %v", err)
	}
	if bought, err := o.Orders.Order(t.Context(), o.Pool, guests.ID); err != nil || !bought.Erased {
		t.Errorf("the guest's order is %+v, %v", bought, err)
	}
	for range 2 {
		o.must(o.Privacy.Erase(t.Context(), request.ID))
	}
	if done := o.read(request); done.Status != privacy.Done || done.Reason != nil {
		t.Errorf("the request is %+v", done)
	}
	for _, from := range []string{
		"customer", "customer_address", "customer_access_token", "customer_letter", "cart", "order_key",
		"payment_stored_method where deleted_at is null", "customer_data_request where document is not null",
	} {
		if n := o.count(from); n != 0 {
			t.Errorf("%s: %d are left", from, n)
		}
	}
	erased, err := o.Orders.Order(t.Context(), o.Pool, o.order.ID)
	o.must(err)
	if !erased.Erased || erased.Email != nil || erased.ShippingAddress != nil || erased.TotalPrice != o.order.TotalPrice {
		t.Errorf("the order is %+v", erased)
	}
	if _, err := o.Customers.Authenticate(t.Context(), o.login); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("the login lives on: %v", err)
	}
	if got, want := o.history(), []string{"customer.data_exported staff", "customer.erased customer"}; !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
	again, err := o.Privacy.AskErase(t.Context(), clerk, privacy.CustomerEraseInput{CustomerID: ptr(o.ada.String())})
	if err != nil || again.ID != request.ID {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	if _, err := o.Privacy.AskExport(t.Context(), clerk, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())}); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("an erased customer is exported: %v", err)
	}
	o.wantClean()
}

// Somebody still has to bring the goods to their buyer: what that takes is forgotten when it is done, and the rest at once.
func TestEraseKeepsWhatARunningOrderNeeds(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Confirmed)
	done := shoptest.Order(t, o.Shop, shoptest.Cancelled).Order
	o.must(o.Orders.LinkGuestOrders(t.Context(), o.ada, "ada@example.com", "test"))
	paidWith := o.method()
	_, err := o.Pool.Exec(t.Context(), `insert into payment_stored_method (id, customer_id, provider, ref, label) values ($1, $2, 'test', 'another-secret', '')`, paidWith, o.ada)
	o.must(err)
	fallsBackTo := o.method()
	_, err = o.Pool.Exec(t.Context(), `insert into payment_stored_method (id, customer_id, provider, ref, label) values ($1, $2, 'test', 'a-third-secret', '')`, fallsBackTo, o.ada)
	o.must(err)
	_, err = o.Pool.Exec(t.Context(), `update payment_attempt set stored_method_id = $1 where order_id = $2`, paidWith, o.order.ID)
	o.must(err)
	_, err = o.Pool.Exec(t.Context(), `update payment set methods = methods || jsonb_build_array(jsonb_build_object('provider', 'test', 'storedMethodId', $1::text)) where order_id = $2`,
		fallsBackTo.String(), o.order.ID)
	o.must(err)

	request, err := o.Privacy.AskErase(t.Context(), access.Actor{}, privacy.CustomerEraseInput{CustomerAccessToken: &o.login, Password: ptr("difference")})
	o.must(err)
	var later *payment.Later
	for range 2 {
		if err := o.Privacy.Erase(t.Context(), request.ID); !errors.As(err, &later) || later.In != time.Hour {
			t.Fatalf("it does not come back in an hour: %v", err)
		}
	}
	waits := o.read(request)
	if waits.Status != privacy.Waiting || waits.Reason == nil || *waits.Reason != "The account is gone. These orders are not over yet: "+o.order.Name+"." {
		t.Errorf("the request is %+v", waits)
	}
	for from, want := range map[string]int{
		"customer": 0, "customer_address": 0, "customer_access_token": 0, "cart": 0, "order_key": 1, "payment_stored_method where deleted_at is null": 2,
	} {
		if n := o.count(from); n != want {
			t.Errorf("%s: %d are left, want %d", from, n, want)
		}
	}
	for order, erased := range map[id.OrderID]bool{o.order.ID: false, done.ID: true} {
		now, err := o.Orders.Order(t.Context(), o.Pool, order)
		if err != nil || now.Erased != erased || (now.ShippingAddress == nil) != erased {
			t.Errorf("%s is erased: %t, want %t; %v", now.Name, now.Erased, erased, err)
		}
	}
	o.wantClean()

	o.must(pg.InTx(t.Context(), o.Pool, func(tx pgx.Tx) error {
		held, err := o.Orders.Lock(t.Context(), tx, o.order.ID)
		if err != nil {
			return err
		}
		return o.Orders.Record(t.Context(), tx, &held, "system", "test", orders.Cancelled{Reason: orders.CancelCustomer})
	}))
	if err := o.Privacy.Erase(t.Context(), request.ID); !errors.As(err, &later) || later.In != time.Minute {
		t.Fatalf("it does not look once more: %v", err)
	}
	o.must(o.Privacy.Erase(t.Context(), request.ID))
	if done := o.read(request); done.Status != privacy.Done || done.Reason != nil || o.count("order_key") != 0 || o.count("payment_stored_method where deleted_at is null") != 0 {
		t.Errorf("the request is %+v", done)
	}
	if got, want := o.history(), []string{"customer.erased customer"}; !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
}

// Whoever has only got hold of a login erases nobody.
func TestErasingTakesThePassword(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	own := access.Actor{Kind: access.Customer, ID: o.ada}
	for name, c := range map[string]struct {
		actor    access.Actor
		token    *string
		password *string
		want     string
	}{
		"none":                    {access.Actor{}, &o.login, nil, "BLANK"},
		"an empty one":            {access.Actor{}, &o.login, ptr(""), "BLANK"},
		"a wrong one":             {access.Actor{}, &o.login, ptr("differenc"), "UNIDENTIFIED_CUSTOMER"},
		"none, as bearer":         {own, nil, nil, "BLANK"},
		"a wrong one, as bearer":  {own, nil, ptr("x"), "UNIDENTIFIED_CUSTOMER"},
		"staff, for the customer": {clerk, &o.login, nil, "BLANK"},
	} {
		_, err := o.Privacy.AskErase(t.Context(), c.actor, privacy.CustomerEraseInput{CustomerAccessToken: c.token, Password: c.password})
		if f, ok := fault.As(err); !ok || f.Code != c.want || !slices.Equal(f.Field, []string{"input", "password"}) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for range access.MaxAttempts - 2 {
		_, err := o.Privacy.AskErase(t.Context(), own, privacy.CustomerEraseInput{Password: ptr("guess")})
		if f, ok := fault.As(err); !ok || f.Code != "UNIDENTIFIED_CUSTOMER" {
			t.Fatal(err)
		}
	}
	if _, err := o.Privacy.AskErase(t.Context(), own, privacy.CustomerEraseInput{Password: ptr("difference")}); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("who has guessed ten times guesses on: %v", err)
	}
	if _, err := o.Customers.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "ada@example.com", Password: "difference"}); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("the guesses don't count as tries to sign in: %v", err)
	}
	if n := o.count("customer_data_request"); n != 0 || len(*o.posted) != 0 {
		t.Errorf("%d requests were written down", n)
	}
	if _, err := o.Privacy.AskErase(t.Context(), clerk, privacy.CustomerEraseInput{CustomerID: ptr(o.ada.String())}); err != nil {
		t.Errorf("the staff are asked for the customer's password: %v", err)
	}
}

// The password that was right when it was looked at must be so still when the request is written down.
func TestPasswordThatHasChangedConfirmsNothing(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	known, err := o.Customers.Confirm(t.Context(), access.Actor{}, o.ada, ptr("difference"))
	o.must(err)
	stands := func() error {
		return pg.InTx(t.Context(), o.Pool, func(tx pgx.Tx) error { return known.Stands(t.Context(), tx) })
	}
	o.must(stands())
	_, _, err = o.Customers.Update(t.Context(), access.Actor{}, o.login, customers.UpdateInput{Password: ptr("analytical")})
	o.must(err)
	if f, ok := fault.As(stands()); !ok || f.Code != "UNIDENTIFIED_CUSTOMER" {
		t.Errorf("the old password still confirms: %v", f)
	}
}

// Each export reads all of somebody's orders: there are only so many, and one that runs is given again.
func TestExportsAreCounted(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	ask := func() (privacy.CustomerDataRequest, error) {
		return o.Privacy.AskExport(t.Context(), access.Actor{}, privacy.CustomerDataExportInput{CustomerAccessToken: &o.login})
	}
	for range 5 {
		request, err := ask()
		o.must(err)
		for range 3 {
			again, err := ask()
			if err != nil || again.ID != request.ID {
				t.Fatalf("a running export is %+v, %v", again, err)
			}
		}
		o.must(o.Privacy.Export(t.Context(), request.ID))
	}
	if _, err := ask(); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("a sixth export: %v", err)
	}
	if _, err := o.Privacy.AskExport(t.Context(), clerk, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())}); !fault.IsKind(err, fault.Throttled) {
		t.Errorf("a sixth export by the staff: %v", err)
	}
	if n := o.count("customer_data_request"); n != 5 || len(*o.posted) != 5 {
		t.Errorf("%d exports were made, want 5", n)
	}
	if _, err := o.Privacy.AskErase(t.Context(), access.Actor{}, privacy.CustomerEraseInput{CustomerAccessToken: &o.login, Password: ptr("difference")}); err != nil {
		t.Errorf("who has no exports left can't be erased: %v", err)
	}
}

// A guest's cart is somebody's by the e-mail address in it, once that was shown to be theirs; another's account is not.
func TestGuestCartsWithTheProvenAddress(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	eve, err := o.Customers.Create(t.Context(), access.Actor{}, customers.CreateInput{Email: "eve@example.com", Password: "difference"})
	o.must(err)
	eves, err := o.Customers.SignIn(t.Context(), access.Actor{}, customers.AccessTokenCreateInput{Email: "eve@example.com", Password: "difference"})
	o.must(err)
	for note, buyer := range map[string]cart.CartBuyerIdentityInput{
		"as a guest":       {Email: ptr("Ada@Example.com")},
		"of another guest": {Email: ptr("adam@example.com")},
		"of eve's account": {Email: ptr("ada@example.com"), CustomerAccessToken: &eves.AccessToken},
	} {
		made, err := o.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{Note: &note, BuyerIdentity: &buyer})
		if err != nil || made.Cart == nil {
			t.Fatalf("%s: %+v, %v", note, made, err)
		}
	}
	told := func() string {
		request, err := o.Privacy.AskExport(t.Context(), clerk, privacy.CustomerDataExportInput{CustomerID: ptr(o.ada.String())})
		o.must(err)
		o.must(o.Privacy.Export(t.Context(), request.ID))
		text, err := json.Marshal(o.read(request).Document)
		o.must(err)
		return string(text)
	}
	if text := told(); !strings.Contains(text, "a secret note") || strings.Contains(text, "as a guest") {
		t.Errorf("before the address is shown to be hers, the export says %s", text)
	}
	_, err = o.Pool.Exec(t.Context(), `update customer set email_verified_at = now() where id = $1`, o.ada)
	o.must(err)
	if text := told(); !strings.Contains(text, "as a guest") || strings.Contains(text, "of another guest") || strings.Contains(text, "of eve's account") {
		t.Errorf("the export says %s", text)
	}
	request, err := o.Privacy.AskErase(t.Context(), clerk, privacy.CustomerEraseInput{CustomerID: ptr(o.ada.String())})
	o.must(err)
	var later *payment.Later
	if err := o.Privacy.Erase(t.Context(), request.ID); !errors.As(err, &later) {
		t.Fatal(err)
	}
	for from, want := range map[string]int{
		"cart": 2, "cart where email = 'ada@example.com'": 0, "cart where note = 'of another guest' and email = 'adam@example.com'": 1,
		"cart where note = 'of eve''s account' and customer_id = '" + uuid.UUID(eve.ID).String() + "'": 1,
	} {
		if n := o.count(from); n != want {
			t.Errorf("%s: %d, want %d", from, n, want)
		}
	}
}

func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	eve, err := o.Customers.Create(t.Context(), access.Actor{}, customers.CreateInput{Email: "eve@example.com", Password: "difference"})
	o.must(err)
	named, absent := ptr(o.ada.String()), ptr(id.NewCustomerID().String())
	for name, c := range map[string]struct {
		actor        access.Actor
		token, named *string
		want         string
	}{
		"another customer":        {access.Actor{Kind: access.Customer, ID: eve.ID}, nil, named, "NOT_FOUND"},
		"anybody":                 {access.Actor{}, nil, named, "NOT_FOUND"},
		"staff that only reads":   {access.Actor{Kind: access.Staff, Scopes: access.Scopes{"customers:read"}}, nil, named, "NOT_FOUND"},
		"staff, of nobody":        {clerk, nil, absent, "NOT_FOUND"},
		"staff, of what is no id": {clerk, nil, ptr("1"), "NOT_FOUND"},
		"a wrong token":           {access.Actor{}, ptr("wharfc_x"), nil, "TOKEN_INVALID"},
		"both":                    {clerk, &o.login, named, "INVALID"},
		"neither":                 {clerk, nil, nil, "BLANK"},
	} {
		_, err := o.Privacy.AskErase(t.Context(), c.actor, privacy.CustomerEraseInput{CustomerAccessToken: c.token, CustomerID: c.named})
		if f, ok := fault.As(err); !ok || f.Code != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if n := o.count("customer_data_request"); n != 0 || len(*o.posted) != 0 {
		t.Errorf("%d requests were written down", n)
	}
	request, err := o.Privacy.AskErase(t.Context(), access.Actor{Kind: access.Customer, ID: o.ada}, privacy.CustomerEraseInput{Password: ptr("difference")})
	o.must(err)
	for name, c := range map[string]struct {
		actor access.Actor
		token *string
		sees  bool
	}{
		"herself": {access.Actor{Kind: access.Customer, ID: o.ada}, nil, true}, "staff": {clerk, nil, true},
		"her login, which has ended": {access.Actor{}, &o.login, false},
		"another customer":           {access.Actor{Kind: access.Customer, ID: eve.ID}, nil, false},
		"anybody":                    {access.Actor{}, nil, false}, "a wrong token": {clerk, ptr("x"), false},
	} {
		if got, err := o.Privacy.Visible(t.Context(), c.actor, request.ID.String(), c.token); err != nil || (got != nil) != c.sees {
			t.Errorf("%s sees %v, %v", name, got, err)
		}
	}
}
