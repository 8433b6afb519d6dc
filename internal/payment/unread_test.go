package payment_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/simulator"
)

// charge makes a charge at a simulated provider without the shop.
func charge(t *testing.T, w *simulator.World, key, reference string, amount money.Money) {
	t.Helper()
	answer, err := w.Books.Authorize(simulator.Authorization{Face: "remote", Key: key, Reference: reference, Token: "approve", Amount: amount})
	if err != nil || answer.Charge.State != simulator.Authorized {
		t.Fatalf("a charge is %+v, %v", answer, err)
	}
}

// detail is what a break says of a charge.
func (d *desk) detail(charge string) (kind payment.BreakKind, detail string, order *uuid.UUID) {
	d.t.Helper()
	err := d.pool.QueryRow(d.t.Context(), `select kind, detail, order_id from payment_reconciliation_break where charge = $1`, charge).
		Scan(&kind, &detail, &order)
	if err != nil {
		d.t.Fatalf("no break of %.40q: %v", charge, err)
	}
	return kind, detail, order
}

// TestAChargeThatCannotBeReadHoldsUpNoOther: it is told, and what else differs is found and mended.
func TestAChargeThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	d, w := outside(t)
	order := d.place("approve")
	d.settle(order)
	odd, stray, long := uuid.NewString(), uuid.NewString(), "a\x00b"+strings.Repeat("é", 200)
	charge(t, w, odd, uuid.UUID(order).String(), money.New(700, "XYZ"))
	charge(t, w, long, uuid.UUID(order).String(), money.New(700, "USD"))
	charge(t, w, "order-80", "order-80", money.New(700, "XYZ"))
	charge(t, w, long+"x", uuid.NewString(), money.New(700, "USD"))
	charge(t, w, stray, uuid.UUID(order).String(), money.New(700, "USD"))
	if _, err := w.Books.Capture(simulator.Change{Key: "dashboard", Charge: d.firstKey(order), Amount: money.New(100, "USD")}); err != nil {
		t.Fatal(err)
	}
	d.reconcile()
	d.reconcile()
	if o := d.order(order); o.FinancialStatus != orders.FinancialPartiallyPaid {
		t.Errorf("what was taken at the dashboard is not taken over: the order is %s", o.FinancialStatus)
	}
	if c, err := w.Books.Charge(stray); err != nil || c.Voided != 700 {
		t.Errorf("the stray charge is %+v, %v", c, err)
	}
	for key, says := range map[string]string{
		odd: `amounts in "XYZ"`, uuid.NewSHA1(uuid.NameSpaceOID, []byte(long)).String(): `its key "a\x00bééé`,
	} {
		if kind, detail, of := d.detail(key); kind != payment.BreakMissing || !strings.Contains(detail, says) || of == nil || *of != uuid.UUID(order) {
			t.Errorf("told is %s, %q, of %v", kind, detail, of)
		}
	}
	if n := d.told("payment.reconciliation_broken"); n != 4 {
		t.Errorf("the operators were told of %d breaks", n)
	}
}

// TestAChargeOfTheShopThatCannotBeRead is told with its order, and is no break any more once it can be.
func TestAChargeOfTheShopThatCannotBeRead(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.show = func(e *payment.Entry) {
		*e = payment.Entry{Key: e.Key, ChangedAt: e.ChangedAt, Unread: "it is in no language" + strings.Repeat("!", 1000)}
	}
	d.reconcile()
	d.reconcile()
	d.mustFind("MISSING OPEN")
	_, detail, of := d.detail(d.firstKey(order))
	says := "it is in no language" + strings.Repeat("!", 280)
	if detail != "the provider does not say what it knows of this charge: "+says || of == nil || *of != uuid.UUID(order) {
		t.Errorf("told is %q, of %v", detail, of)
	}
	m.show = nil
	d.reconcile()
	d.mustFind("MISSING RESOLVED")
}

// TestAChargeThatNobodyKnowsIsLookedForNoLonger: it could not be read, and is in the books no more. Of the shop's own name for
// a key that cannot be kept, a provider knows nothing either.
func TestAChargeThatNobodyKnowsIsLookedForNoLonger(t *testing.T) {
	m := &meddler{}
	d := newDesk(t, meddle(m))
	order := d.place("approve")
	d.settle(order)
	m.show = func(e *payment.Entry) {
		*e = payment.Entry{Key: "a\x00b", Reference: uuid.UUID(order).String(), ChangedAt: e.ChangedAt, Charge: held(0, 0, 0)}
	}
	d.reconcile()
	d.mustFind("MISSING OPEN")
	m.show = nil
	d.reconcile()
	d.mustFind("MISSING RESOLVED")
}

// TestAForeignChargeThatCanBeReadAgain is missing no more, though money is held under it: what else is to be told of it stands by
// itself.
func TestAForeignChargeThatCanBeReadAgain(t *testing.T) {
	for name, c := range map[string]struct{ key, reference, want string }{
		"foreign key, order":         {"order-78", "", "MISSING RESOLVED, STRAY_CHARGE OPEN"},
		"the shop's key, other name": {uuid.NewString(), "order-78", "MISSING RESOLVED, STRAY_CHARGE OPEN"},
	} {
		t.Run(name, func(t *testing.T) {
			m := &meddler{}
			d := newDesk(t, meddle(m))
			order := d.place("approve")
			d.settle(order)
			reference := c.reference
			if reference == "" {
				reference = uuid.UUID(order).String()
			}
			entry := func(unread string) func(*payment.Entry) {
				return func(e *payment.Entry) {
					*e = payment.Entry{Key: c.key, Reference: reference, ChangedAt: e.ChangedAt, Charge: held(0, 0, 0), Unread: unread}
				}
			}
			m.show = entry("it is in no language")
			d.reconcile()
			d.mustFind("MISSING OPEN")
			m.show = entry("")
			d.reconcile()
			d.mustFind(c.want)
		})
	}
}

// TestAChargeUnderAForeignKeyIsToldAndKept: its key is not of the shop's kind, so another system has made it, which says that
// it is for an order of the shop. What says nothing of the sort is none of the shop's business.
func TestAChargeUnderAForeignKeyIsToldAndKept(t *testing.T) {
	d, w := outside(t)
	order := d.place("approve")
	d.settle(order)
	charge(t, w, "order-77", uuid.UUID(order).String(), money.New(555, "USD"))
	charge(t, w, "order-78", "order-78", money.New(555, "USD"))
	charge(t, w, "order-79", uuid.NewString(), money.New(555, "USD"))
	d.reconcile()
	d.reconcile()
	d.mustFind("STRAY_CHARGE OPEN")
	_, detail, of := d.detail("order-77")
	if !strings.Contains(detail, "authorized 5.55 USD") || !strings.Contains(detail, "under a key that no shop like this one makes") ||
		of == nil || *of != uuid.UUID(order) {
		t.Errorf("told is %q, of %v", detail, of)
	}
	for _, key := range []string{"order-77", "order-78", "order-79"} {
		if c, err := w.Books.Charge(key); err != nil || c.Authorized != 555 || c.Voided != 0 {
			t.Errorf("%s is %+v, %v", key, c, err)
		}
	}
	if _, err := w.Books.Void(simulator.Change{Key: "back", Charge: "order-77"}); err != nil {
		t.Fatal(err)
	}
	d.reconcile()
	d.mustFind("STRAY_CHARGE RESOLVED")
}
