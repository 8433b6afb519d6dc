package privacy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/privacy"
	"github.com/wharfhq/wharf/internal/shoptest"
)

// kept is one more payment method of Ada's.
func (o office) kept() id.StoredPaymentMethodID {
	o.Helper()
	method := o.method()
	_, err := o.Pool.Exec(o.Context(), `insert into payment_stored_method (id, customer_id, provider, ref, label) values ($1, $2, 'test', $3, '')`, method, o.ada, method.String())
	o.must(err)
	return method
}

// gone says whether a payment method was taken from Ada.
func (o office) gone(method id.StoredPaymentMethodID) (gone bool) {
	o.Helper()
	o.must(o.Pool.QueryRow(o.Context(), `select deleted_at is not null from payment_stored_method where id = $1`, method).Scan(&gone))
	return gone
}

// eraseWhile erases Ada, and does something after the work has begun and before it gets hold of her account, which an
// order that is being committed holds until then.
func (o office) eraseWhile(do func()) (privacy.CustomerDataRequest, error) {
	o.Helper()
	request, err := o.Privacy.AskErase(o.Context(), clerk, privacy.CustomerEraseInput{CustomerID: ptr(o.ada.String())})
	o.must(err)
	holder, err := o.Pool.Begin(o.Context())
	o.must(err)
	_, err = holder.Exec(o.Context(), `select id from customer where id = $1 for key share`, o.ada)
	o.must(err)
	ended := make(chan error, 1)
	go func() { ended <- o.Privacy.Erase(context.WithoutCancel(o.Context()), request.ID) }()
	o.blocked(ended)
	do()
	o.must(holder.Commit(o.Context()))
	return request, <-ended
}

// lingering gives back Ada's logins as they are now, once they have ended.
func (o office) lingering() (giveBack func()) {
	o.Helper()
	var logins []byte
	o.must(o.Pool.QueryRow(o.Context(), `select jsonb_agg(to_jsonb(t)) from customer_access_token t where customer_id = $1`, o.ada).Scan(&logins))
	return func() {
		_, err := o.Pool.Exec(o.Context(), `insert into customer_access_token select r.* from jsonb_populate_recordset(null::customer_access_token, $1) r`, logins)
		o.must(err)
	}
}

// An order that comes just before the account goes keeps the method that it is paid with.
func TestOrderOfTheLastMomentKeepsItsPaymentMethod(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Cancelled)
	lamp, pays, other, ada := o.Goods(t, "lamp", "100.00", 5), o.kept(), o.kept(), o.stranger()
	var late orders.Order
	relogin := o.lingering()
	request, err := o.eraseWhile(func() {
		relogin() // the order had looked it up before it ended
		in := shoptest.Wish(lamp, 1)
		in.IdempotencyKey, in.Payment = "late", []payment.Method{{Provider: "test", StoredMethodID: ptr(pays.String())}}
		placed, err := o.Checkout.Place(t.Context(), ada, in)
		o.must(err)
		late = placed.Order
	})
	var later *payment.Later
	if !errors.As(err, &later) || later.In != time.Hour {
		t.Fatalf("it does not wait for the order: %v", err)
	}
	if waits := o.read(request); waits.Status != privacy.Waiting || waits.Reason == nil || *waits.Reason != "The account is gone. These orders are not over yet: "+late.Name+"." {
		t.Errorf("the request is %+v", waits)
	}
	if o.gone(pays) || !o.gone(other) {
		t.Errorf("the method that pays is gone: %t; the other one: %t", o.gone(pays), o.gone(other))
	}
	o.wantClean()

	o.cancel(late)
	if err := o.Privacy.Erase(t.Context(), request.ID); !errors.As(err, &later) || later.In != time.Minute || !o.gone(pays) {
		t.Errorf("when the order is over: %v, the method is gone: %t", err, o.gone(pays))
	}
	now, err := o.Orders.Order(t.Context(), o.Pool, late.ID)
	if err != nil || !now.Erased {
		t.Errorf("the order is %+v, %v", now, err)
	}
	if _, err := o.placeAs(ada, "after", lamp); !fault.IsKind(err, fault.Unauthenticated) {
		t.Errorf("an account that is gone orders: %v", err)
	}
}

// An order that ends just before the account goes needs nothing any more.
func TestOrderThatEndsMeanwhileKeepsNoPaymentMethod(t *testing.T) {
	t.Parallel()
	o := open(t, shoptest.Confirmed)
	paid := o.kept()
	_, err := o.Pool.Exec(t.Context(), `update payment_attempt set stored_method_id = $1 where order_id = $2`, paid, o.order.ID)
	o.must(err)
	request, err := o.eraseWhile(func() { o.cancel(o.order) })
	var later *payment.Later
	if !errors.As(err, &later) || later.In != time.Minute {
		t.Errorf("it waits for an order that is over: %v", err)
	}
	if !o.gone(paid) {
		t.Error("the method of an order that is over is kept")
	}
	if done := o.read(request); done.Status != privacy.Done {
		t.Errorf("the request is %+v", done)
	}
}

// cancel ends an order.
func (o office) cancel(order orders.Order) {
	o.Helper()
	o.must(pg.InTx(o.Context(), o.Pool, func(tx pgx.Tx) error {
		held, err := o.Orders.Lock(o.Context(), tx, order.ID)
		if err != nil {
			return err
		}
		return o.Orders.Record(o.Context(), tx, &held, "system", "test", orders.Cancelled{Reason: orders.CancelCustomer})
	}))
}
