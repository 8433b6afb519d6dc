package payment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// placeFor places an order of a customer who has signed in.
func (d *desk) placeFor(customer id.CustomerID, list ...payment.Method) id.OrderID {
	d.t.Helper()
	order := d.placeUnpaid(30*time.Minute, func(p *orders.Placed) { p.CustomerID = &customer })
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		if err := d.Admit(ctx, tx, payment.WishOf(signedIn(customer), o.CustomerID, o.TotalPrice), list); err != nil {
			return err
		}
		return d.Start(ctx, tx, o, list)
	})
	d.settle(order)
	return order
}

func signedIn(customer id.CustomerID) access.Actor {
	return access.Actor{Kind: access.Customer, ID: uuid.UUID(customer)}
}

func (d *desk) stored(customer id.CustomerID) []payment.StoredPaymentMethod {
	d.t.Helper()
	first := 10
	list, err := d.StoredPaymentMethods(d.t.Context(), customer, pg.Page{First: &first})
	if err != nil {
		d.t.Fatal(err)
	}
	return list.Nodes
}

// kept pays an order of the customer with a method that is to be kept, and gives it.
func (d *desk) kept(customer id.CustomerID, token string) payment.StoredPaymentMethod {
	d.t.Helper()
	yes, m := true, method(token)
	m.Save = &yes
	d.placeFor(customer, m)
	list := d.stored(customer)
	if len(list) == 0 {
		d.t.Fatal("nothing was kept")
	}
	return list[len(list)-1]
}

func (d *desk) remove(actor access.Actor, method id.StoredPaymentMethodID) error {
	_, err := d.DeleteStored(d.t.Context(), actor, payment.StoredPaymentMethodDeleteInput{ID: method.String()})
	return err
}

func byStored(m payment.StoredPaymentMethod) payment.Method {
	text := m.ID.String()
	return payment.Method{Provider: m.Provider, StoredMethodID: &text}
}

func TestAMethodIsKeptOnceAndPaysAgain(t *testing.T) {
	d := newDesk(t)
	ada := id.NewCustomerID()
	yes, m := true, method("approve")
	m.Save = &yes
	order := d.placeFor(ada, m)
	d.reconcile() // looks the charge up again
	list := d.stored(ada)
	if len(list) != 1 || list[0].Provider != "test" || list[0].Label != "Test card ending in 4242" {
		t.Fatalf("kept are %+v", list)
	}
	events, err := event.Read(t.Context(), d.pool, list[0].ID, 0, 10)
	if err != nil || len(events) != 1 || events[0].Kind != "payment.method_saved" {
		t.Errorf("its history is %+v, %v", events, err)
	}
	again := d.placeFor(ada, byStored(list[0]))
	d.mustBook(again, books{Charges: 1, Authorized: total})
	d.mustBook(order, books{Charges: 1, Authorized: total})
	if n := len(d.stored(ada)); n != 1 {
		t.Errorf("paying with it has kept it again: %d", n)
	}
	if n := len(d.stored(id.NewCustomerID())); n != 0 {
		t.Errorf("somebody else sees %d", n)
	}
	if text := fmt.Sprintf("%v %s", list[0].LogValue(), list[0].LogValue()); text != list[0].ID.String()+" "+list[0].ID.String() {
		t.Errorf("logged is %s", text)
	}
}

func TestADeclinedMethodIsNotKept(t *testing.T) {
	d := newDesk(t)
	ada := id.NewCustomerID()
	yes, m := true, method("decline")
	m.Save = &yes
	d.placeFor(ada, m)
	if list := d.stored(ada); len(list) != 0 {
		t.Errorf("kept are %+v", list)
	}
}

// TestAKeptMethodIsItsCustomersAlone: named by anybody else it looks as if it were not there.
func TestAKeptMethodIsItsCustomersAlone(t *testing.T) {
	d := newDesk(t)
	ada, eve := id.NewCustomerID(), id.NewCustomerID()
	m := d.kept(ada, "approve")
	order := d.placeFor(eve, method("decline"))
	own := d.placeFor(ada, method("decline"))
	for name, c := range map[string]struct {
		actor access.Actor
		order id.OrderID
		token *string
	}{
		"another customer":           {signedIn(eve), order, nil},
		"a guest with the own order": {anyone, own, token()},
		"staff":                      {clerk, own, nil},
	} {
		_, err := d.UpdateMethods(t.Context(), c.actor, payment.OrderPaymentUpdateInput{
			IdempotencyKey: name, OrderID: c.order.String(), AccessToken: c.token, Payment: []payment.Method{byStored(m)},
		})
		mustRefuse(t, err, fault.Invalid, "PAYMENT_METHOD_NOT_FOUND")
	}
	mustRefuse(t, d.remove(signedIn(eve), m.ID), fault.NotFound, "NOT_FOUND")
	mustRefuse(t, d.remove(anyone, m.ID), fault.NotFound, "NOT_FOUND")
	mustRefuse(t, d.remove(access.Actor{Kind: access.Staff, Scopes: access.Scopes{"customers:read"}}, m.ID), fault.NotFound, "NOT_FOUND")
	if n := len(d.stored(ada)); n != 1 {
		t.Errorf("of Ada's methods %d are left", n)
	}
	if _, err := d.UpdateMethods(t.Context(), signedIn(ada), payment.OrderPaymentUpdateInput{
		IdempotencyKey: "mine", OrderID: own.String(), Payment: []payment.Method{byStored(m)},
	}); err != nil {
		t.Fatal(err)
	}
	d.settle(own)
	d.mustBook(own, books{Charges: 1, Authorized: total})
}

// TestADeletedMethodIsForgotten: at once by the shop, by a job at its provider, however often the job runs.
func TestADeletedMethodIsForgotten(t *testing.T) {
	d := newDesk(t)
	ada := id.NewCustomerID()
	m := d.kept(ada, "approve")
	if err := d.remove(signedIn(ada), m.ID); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, d.remove(signedIn(ada), m.ID), fault.NotFound, "NOT_FOUND")
	if n := len(d.stored(ada)); n != 0 {
		t.Errorf("%d are still there", n)
	}
	const leftSQL = `
select (select count(*) from payment_stored_method where ref is not null or due_at is not null),
	(select count(*) from test_provider_method where forgotten_at is null)`
	var ours, theirs int
	left := func() (int, int) {
		if err := d.pool.QueryRow(t.Context(), leftSQL).Scan(&ours, &theirs); err != nil {
			t.Fatal(err)
		}
		return ours, theirs
	}
	if ours, theirs := left(); ours != 1 || theirs != 1 {
		t.Errorf("before the job %d and %d know it", ours, theirs)
	}
	for range 2 {
		if err := d.Forget(t.Context(), m.ID, finished); err != nil {
			t.Fatal(err)
		}
	}
	if ours, theirs := left(); ours != 0 || theirs != 0 {
		t.Errorf("after the job %d and %d know it", ours, theirs)
	}
	err := d.Admit(t.Context(), d.pool, payment.Wish{Owed: *amount(total), Customer: &ada}, []payment.Method{byStored(m)}, "p")
	mustRefuse(t, err, fault.Invalid, "PAYMENT_METHOD_NOT_FOUND")
}

// stubborn is a provider that does not answer when it should forget.
type stubborn struct {
	payment.Provider
	times int
}

func (s *stubborn) Forget(context.Context, string) error {
	if s.times--; s.times >= 0 {
		return errors.New("503")
	}
	return nil
}

func TestForgettingGoesOnUntilTheProviderHas(t *testing.T) {
	s := &stubborn{times: 2}
	d := newDesk(t, func(p payment.Provider) payment.Provider { s.Provider = p; return s })
	ada := id.NewCustomerID()
	m := d.kept(ada, "approve")
	if err := d.remove(clerk, m.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var later *payment.Later
		if err := d.Forget(t.Context(), m.ID, finished); !errors.As(err, &later) || later.In <= 0 {
			t.Fatalf("it answers %v", err)
		}
	}
	d.exec(`update payment_stored_method set due_at = now() - interval '1 minute'`)
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		overdue, err := d.TakeOverdue(ctx, tx, 10)
		if err == nil && (len(overdue.Forget) != 1 || overdue.Forget[0] != m.ID) {
			t.Errorf("the sweep takes up %v", overdue.Forget)
		}
		return err
	})
	if err := d.Forget(t.Context(), m.ID, finished); err != nil || s.times != -1 {
		t.Errorf("it answers %v", err)
	}
}

// TestAMethodThatWasDeletedMeanwhileIsPassedOver, and the reservation that was made with it is not renewed, also while
// the provider still knows the method. In the end no attempt names it.
func TestAMethodThatWasDeletedMeanwhileIsPassedOver(t *testing.T) {
	d := newDesk(t)
	ada := id.NewCustomerID()
	m := d.kept(ada, "expires")
	order := d.placeFor(ada, byStored(m))
	if err := d.remove(signedIn(ada), m.ID); err != nil {
		t.Fatal(err)
	}
	d.comeDue(order)
	d.settle(order)
	d.mustHave(order, orders.StatusActionRequired, orders.FinancialAuthorized, "order.placed", "payment.started",
		"payment.authorized", "order.confirmed", "payment.declined", "payment.action_required")
	d.mustBook(order, books{Charges: 1, Authorized: total})
	if reason := d.attempts(order)[1].Reason; reason == nil || *reason != "This stored payment method is not there any more." {
		t.Errorf("the shopper reads %v", reason)
	}
	if got := d.codes(order); got != "NOT_ASKED" {
		t.Errorf("the event says %s", got)
	}
	must(t, d.Forget(t.Context(), m.ID, finished))
	var named int
	must(t, d.pool.QueryRow(t.Context(), `select count(*) from payment_attempt where token <> '' and stored_method_id = $1`, m.ID).Scan(&named))
	if named != 0 {
		t.Errorf("%d attempts still name it", named)
	}
	late := d.placeUnpaid(30*time.Minute, func(p *orders.Placed) { p.CustomerID = &ada })
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, late)
		if err != nil {
			return err
		}
		return d.Start(ctx, tx, o, []payment.Method{byStored(m), method("approve")})
	})
	d.settle(late)
	d.mustHave(late, orders.StatusConfirmed, orders.FinancialAuthorized,
		"order.placed", "payment.method_skipped", "payment.started", "payment.authorized", "order.confirmed")
}
