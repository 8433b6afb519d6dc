package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// keeping is the test provider with somebody at its door who counts what it is asked to forget.
type keeping struct {
	meddler
	forgotten []string
	deaf      int    // how often it does not answer when it should forget
	meanwhile func() // what happens while it forgets for the first time
}

func (k *keeping) Forget(ctx context.Context, ref string) error {
	if k.deaf--; k.deaf >= 0 {
		return errors.New("503")
	}
	k.forgotten = append(k.forgotten, ref)
	if do := k.meanwhile; do != nil {
		k.meanwhile = nil
		do()
	}
	return k.Provider.Forget(ctx, ref)
}

func newKeeping(t *testing.T) (*desk, *keeping) {
	t.Helper()
	k := &keeping{}
	return newDesk(t, func(p payment.Provider) payment.Provider { meddle(&k.meddler)(p); return k }), k
}

// open places an order of a customer who wants to pay with the method again, and pays it not yet.
func (d *desk) open(customer id.CustomerID, token string) id.OrderID {
	d.t.Helper()
	order := d.placeUnpaid(30*time.Minute, func(p *orders.Placed) { p.CustomerID = &customer })
	yes, m := true, method(token)
	m.Save = &yes
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		return d.Start(ctx, tx, o, []payment.Method{m})
	})
	return order
}

// record lets something happen to an order that is no matter of its payment.
func (d *desk) record(order id.OrderID, data event.Data) {
	d.t.Helper()
	d.tx(func(ctx context.Context, tx pgx.Tx) error {
		o, err := d.orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		return d.orders.Record(ctx, tx, &o, "system", "test", data)
	})
}

// unheard lets the order end while its provider says yes, and the worker that asked die before it can write that down.
func (k *keeping) unheard(d *desk, order id.OrderID, end func()) {
	d.t.Helper()
	k.after = once("authorize", end)
	k.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
		if call == "authorize" || call == "lookup" {
			return payment.Charge{}, errors.New("503")
		}
		return c, err
	}
	d.work(d.authorize(order))
	k.answer = nil
}

// remembered are the methods that the test provider still keeps.
func (d *desk) remembered() (n int) {
	d.t.Helper()
	must(d.t, d.pool.QueryRow(d.t.Context(), `select count(*) from test_provider_method where forgotten_at is null`).Scan(&n))
	return n
}

// forgetAll works the jobs of methods that are to be forgotten, as often as the sweep would, and gives how many there were.
func (d *desk) forgetAll() int {
	d.t.Helper()
	for n := 0; ; n++ {
		var due []id.StoredPaymentMethodID
		d.exec(`update payment_stored_method set due_at = now() - interval '1 minute', lease_until = null where due_at is not null`)
		d.tx(func(ctx context.Context, tx pgx.Tx) error {
			overdue, err := d.TakeOverdue(ctx, tx, 10)
			due = overdue.Forget
			return err
		})
		if len(due) == 0 {
			return n
		}
		for _, method := range due {
			d.work(d.Forget(d.t.Context(), method, finished))
		}
	}
}

// TestAMethodIsKeptThoughItsOrderHasEnded before anybody knew that its payment had come through: the customer has agreed
// to that for the method, and finds it as after any other order.
func TestAMethodIsKeptThoughItsOrderHasEnded(t *testing.T) {
	d, k := newKeeping(t)
	ada := id.NewCustomerID()
	order := d.open(ada, "approve")
	k.unheard(d, order, func() { d.cancel(order) })
	if n := len(d.stored(ada)); n != 0 || d.remembered() != 1 {
		t.Fatalf("kept are %d here and %d there", n, d.remembered())
	}
	d.settle(order)
	d.mustBook(order, books{Charges: 1, Authorized: total, Voided: total})
	d.settle(order)
	d.reconcile()
	list := d.stored(ada)
	if len(list) != 1 || list[0].Label != "Test card ending in 4242" || d.forgetAll() != 0 || d.remembered() != 1 {
		t.Fatalf("kept are %+v here and %d there", list, d.remembered())
	}
	d.mustBook(d.placeFor(ada, byStored(list[0])), books{Charges: 1, Authorized: total})
}

// TestAMethodOfNobodyIsForgotten: whoever wanted it kept is not there any more, so its provider forgets it, sooner or later.
func TestAMethodOfNobodyIsForgotten(t *testing.T) {
	for name, goes := range map[string]event.Data{
		"the order was taken out of the account": orders.CustomerUnlinked{},
		"the order has forgotten its people":     orders.PersonalDataErased{},
	} {
		t.Run(name, func(t *testing.T) {
			d, k := newKeeping(t)
			ada := id.NewCustomerID()
			order := d.open(ada, "approve")
			k.unheard(d, order, func() { d.cancel(order); d.record(order, goes) })
			k.deaf = 2
			d.settle(order)
			d.settle(order)
			if n := len(d.stored(ada)); n != 0 {
				t.Errorf("%d are kept", n)
			}
			if n := d.told("payment.method_deleted"); n != 1 || d.told("payment.method_saved") != 0 {
				t.Errorf("its end is told %d times, and that it is kept %d times", n, d.told("payment.method_saved"))
			}
			if n := d.forgetAll(); n != 3 || len(k.forgotten) != 1 || d.remembered() != 0 {
				t.Errorf("after %d tries %v are forgotten, and %d are remembered", n, k.forgotten, d.remembered())
			}
		})
	}
}

// TestAMethodIsKeptForNobodyElse than with whom it was asked for: by the time that the yes is learnt, the order, or the account,
// is somebody else's.
func TestAMethodIsKeptForNobodyElse(t *testing.T) {
	for name, goes := range map[string]func(d *desk, ada id.CustomerID, order id.OrderID) (owner id.CustomerID){
		"the order is the owner's of its address": func(d *desk, _ id.CustomerID, order id.OrderID) id.CustomerID {
			bea := id.NewCustomerID()
			d.record(order, orders.CustomerUnlinked{})
			d.record(order, orders.CustomerLinked{CustomerID: bea})
			return bea
		},
		"the account is the owner's of its address": func(d *desk, ada id.CustomerID, _ id.OrderID) id.CustomerID {
			d.tx(func(ctx context.Context, tx pgx.Tx) error {
				return d.DeleteAllStored(ctx, tx, ada, nil, "owner", "customerReset")
			})
			return ada
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, k := newKeeping(t)
			ada := id.NewCustomerID()
			order := d.open(ada, "approve")
			owner := ada
			k.unheard(d, order, func() { d.cancel(order); owner = goes(d, ada, order) })
			d.settle(order)
			d.settle(order)
			if n := len(d.stored(ada)) + len(d.stored(owner)); n != 0 || d.told("payment.method_saved") != 0 {
				t.Errorf("%d are kept", n)
			}
			if n := d.forgetAll(); n != 1 || len(k.forgotten) != 1 || d.remembered() != 0 {
				t.Errorf("after %d tries %v are forgotten, and %d are remembered", n, k.forgotten, d.remembered())
			}
		})
	}
}

// TestAMethodOfADeclinedChargeIsForgotten, should its provider keep it all the same.
func TestAMethodOfADeclinedChargeIsForgotten(t *testing.T) {
	for name, answer := range map[string]func(payment.Charge, error) (payment.Charge, error){
		"as an error": func(c payment.Charge, _ error) (payment.Charge, error) {
			return payment.Charge{Saved: c.Saved}, payment.Declined("No.")
		},
		"as a charge": func(c payment.Charge, _ error) (payment.Charge, error) {
			return payment.Charge{State: payment.ChargeDeclined, Saved: c.Saved}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, k := newKeeping(t)
			ada := id.NewCustomerID()
			k.answer = func(call string, c payment.Charge, err error) (payment.Charge, error) {
				if call != "authorize" {
					return c, err
				}
				return answer(c, err)
			}
			d.settle(d.open(ada, "approve"))
			if n := len(d.stored(ada)); n != 0 {
				t.Errorf("%d are kept", n)
			}
			if n := d.forgetAll(); n != 1 || len(k.forgotten) != 1 || d.remembered() != 0 {
				t.Errorf("after %d tries %v are forgotten, and %d are remembered", n, k.forgotten, d.remembered())
			}
		})
	}
}

// TestAPendingChargeKeepsNoMethodYet: it may still be declined.
func TestAPendingChargeKeepsNoMethodYet(t *testing.T) {
	d, k := newKeeping(t)
	ada := id.NewCustomerID()
	k.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		c.Saved = &payment.SavedMethod{Ref: "early"}
		return c, err
	}
	order := d.open(ada, "pending")
	d.work(d.authorize(order))
	if n := len(d.stored(ada)); n != 0 {
		t.Errorf("%d are kept while it is pending", n)
	}
	d.cancel(order)
	d.settle(order)
	if n := len(d.stored(ada)); n != 0 || d.forgetAll() != 1 || len(k.forgotten) != 1 {
		t.Errorf("%d are kept, and %v forgotten", n, k.forgotten)
	}
}

// TestAMethodThatIsKeptAgainStays: its provider knows it by the same name, and must not forget what the customer has let it
// keep with a later order.
func TestAMethodThatIsKeptAgainStays(t *testing.T) {
	d, k := newKeeping(t)
	ada := id.NewCustomerID()
	k.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		if c.Saved != nil {
			c.Saved = &payment.SavedMethod{Ref: "the-one-card"}
		}
		return c, err
	}
	first := d.kept(ada, "approve")
	must(t, d.remove(signedIn(ada), first.ID))
	second := d.kept(ada, "approve")
	if n := d.forgetAll(); n != 1 || len(k.forgotten) != 0 {
		t.Errorf("after %d tries %v are forgotten", n, k.forgotten)
	}
	if list := d.stored(ada); len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("kept are %+v", list)
	}
	must(t, d.remove(signedIn(ada), second.ID))
	if n := d.forgetAll(); n != 1 || len(k.forgotten) != 1 {
		t.Errorf("after %d tries %v are forgotten", n, k.forgotten)
	}
}

// TestAMethodThatIsKeptWhileItIsForgottenIsGone, and the customer sees that nobody can pay with it.
func TestAMethodThatIsKeptWhileItIsForgottenIsGone(t *testing.T) {
	d, k := newKeeping(t)
	ada := id.NewCustomerID()
	k.answer = func(_ string, c payment.Charge, err error) (payment.Charge, error) {
		if c.Saved != nil {
			c.Saved = &payment.SavedMethod{Ref: "the-one-card"}
		}
		return c, err
	}
	must(t, d.remove(signedIn(ada), d.kept(ada, "approve").ID))
	k.meanwhile = func() { d.kept(ada, "approve") }
	if n := d.forgetAll(); n != 2 || len(k.forgotten) != 2 || len(d.stored(ada)) != 0 || d.told("payment.method_deleted") != 2 {
		t.Errorf("after %d tries %v are forgotten, and %+v is kept", n, k.forgotten, d.stored(ada))
	}
}

// TestAMethodOfNobodyThatSomebodyHasStays at its provider.
func TestAMethodOfNobodyThatSomebodyHasStays(t *testing.T) {
	d, k := newKeeping(t)
	ada := id.NewCustomerID()
	card := d.kept(ada, "approve")
	d.exec(`insert into payment_stored_method (id, provider, ref, label, deleted_at, due_at) select gen_random_uuid(), provider, ref, '', now(), now() from payment_stored_method`)
	if n := d.forgetAll(); n != 1 || len(k.forgotten) != 0 {
		t.Errorf("after %d tries %v are forgotten", n, k.forgotten)
	}
	d.mustBook(d.placeFor(ada, byStored(card)), books{Charges: 1, Authorized: total})
}

// TestAReservationOfNobodyKeepsItsMethod while it may have to be renewed: the order goes on, though not in an account any more.
func TestAReservationOfNobodyKeepsItsMethod(t *testing.T) {
	d, k := newKeeping(t)
	order := d.open(id.NewCustomerID(), "expires")
	k.unheard(d, order, func() { d.record(order, orders.CustomerUnlinked{}) })
	d.settle(order)
	if n := d.forgetAll(); n != 0 || d.remembered() != 1 {
		t.Fatalf("%d are to be forgotten while all is reserved", n)
	}
	d.comeDue(order)
	d.settle(order)
	d.mustShow(order, payment.PaymentAuthorized, total, 0)
	if n := d.told("payment.declined"); n != 0 {
		t.Errorf("the renewal was declined %d times", n)
	}

	other := d.open(id.NewCustomerID(), "approve")
	k.unheard(d, other, func() { d.record(other, orders.CustomerUnlinked{}) })
	d.settle(other)
	d.capture(other)
	d.settle(other)
	if n := d.forgetAll(); n != 1 || len(k.forgotten) != 1 {
		t.Errorf("once it is taken, %d are to be forgotten", n)
	}
}

// TestAChallengeThatComesToNothingKeepsNothing at the test provider.
func TestAChallengeThatComesToNothingKeepsNothing(t *testing.T) {
	d := newDesk(t)
	order := d.open(id.NewCustomerID(), "challenge")
	d.settle(order)
	d.cancel(order)
	d.settle(order)
	if n := d.remembered(); n != 0 {
		t.Errorf("it keeps %d", n)
	}
}
