package payment_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/remote"
	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/pg"
	signed "github.com/wharfhq/wharf/internal/remote"
)

// outside gives a till whose provider is a simulated one, behind real HTTP.
func outside(t *testing.T) (*desk, *simulator.World) {
	t.Helper()
	return pacedOutside(t, quick)
}

func pacedOutside(t *testing.T, pace payment.Pace) (*desk, *simulator.World) {
	t.Helper()
	secrets := []signed.Secret{signed.NewSecret(secret)}
	w, err := simulator.New(simulator.Options{
		Ledger: filepath.Join(t.TempDir(), "books"), Faces: []simulator.Face{simulator.Remote{Secrets: secrets, Live: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	url, err := w.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := remote.New(remote.Options{
		Name: "test", URL: url + "/remote/", Secrets: secrets, Live: true, Loopback: true,
		Client: signed.Options{FirstByte: 200 * time.Millisecond, Whole: 400 * time.Millisecond, MaxAnswer: 64 << 10},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pacedDesk(t, pace, func(payment.Provider) payment.Provider { return provider }), w
}

// only is the totals of the only charge that the world has for an order.
func only(t *testing.T, w *simulator.World, order id.OrderID) [4]int64 {
	t.Helper()
	all, err := w.Books.Changed(time.Time{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(c simulator.Charge) bool { return c.Asked.Reference != uuid.UUID(order).String() })
	if len(all) != 1 {
		t.Fatalf("the provider has %d charges for the order", len(all))
	}
	return [4]int64{all[0].Authorized, all[0].Captured, all[0].Refunded, all[0].Voided}
}

// TestNoFaultOfAProviderIsBelieved lets a provider fail, lie and break off while the money of an order is reserved and
// again while it is taken. Nothing that it says then is taken over; once it is well, one charge is there, of the right
// amount, and taken once.
func TestNoFaultOfAProviderIsBelieved(t *testing.T) {
	for _, fault := range []simulator.Fault{
		simulator.Down, simulator.Hang, simulator.Broken, simulator.Throttled, simulator.Moved, simulator.Malformed, simulator.Oversized,
		simulator.Cut, simulator.Dropped, simulator.AnswerSize, simulator.AnswerCoin, simulator.AnswerRef,
	} {
		t.Run(string(fault), func(t *testing.T) {
			d, w := outside(t)
			disturbed := func(work func() error) {
				t.Helper()
				if err := w.Modes.Set(simulator.Rule{Fault: fault}); err != nil {
					t.Fatal(err)
				}
				if wait := d.work(work()); wait == 0 {
					t.Error("the job is done, though nobody knows what has come of it")
				}
				if err := w.Modes.Set(); err != nil {
					t.Fatal(err)
				}
			}
			order := d.place("approve")
			disturbed(func() error { return d.authorize(order) })
			d.mustHave(order, orders.StatusPendingPayment, orders.FinancialPending, "order.placed", "payment.started", "payment.unknown")
			d.settle(order)
			d.mustHave(order, orders.StatusConfirmed, orders.FinancialAuthorized,
				"order.placed", "payment.started", "payment.unknown", "payment.authorized", "order.confirmed")
			if got := only(t, w, order); got != [4]int64{total, 0, 0, 0} {
				t.Errorf("the provider's books say %v", got)
			}
			d.capture(order)
			disturbed(func() error { return d.Operate(t.Context(), order, "job:move_money:1", finished) })
			if o := d.order(order); o.FinancialStatus != orders.FinancialAuthorized {
				t.Errorf("disturbed, the order is %s", o.FinancialStatus)
			}
			d.settle(order)
			d.mustHave(order, orders.StatusConfirmed, orders.FinancialPaid,
				"order.placed", "payment.started", "payment.unknown", "payment.authorized", "order.confirmed", "payment.captured")
			if got := only(t, w, order); got != [4]int64{total, total, 0, 0} {
				t.Errorf("the provider's books say %v", got)
			}
			d.mustOweNothing(order)
		})
	}
}

// TestAnAnswerThatDoesNotFitIsTold to the operators, once however often it comes, and ends when the books agree.
func TestAnAnswerThatDoesNotFitIsTold(t *testing.T) {
	for fault, says := range map[simulator.Fault]string{
		simulator.AnswerSize: "48.60 USD was asked for", simulator.AnswerCoin: "48.60 USD was asked for", simulator.AnswerRef: "and not for its order",
	} {
		t.Run(string(fault), func(t *testing.T) {
			d, w := outside(t)
			asked := d.place("approve")
			must(t, w.Modes.Set(simulator.Rule{Fault: fault}))
			for range 3 {
				time.Sleep(d.work(d.authorize(asked)))
			}
			taken := d.place("approve")
			must(t, w.Modes.Set())
			d.settle(asked)
			d.settle(taken)
			d.capture(taken)
			must(t, w.Modes.Set(simulator.Rule{Fault: fault}))
			for range 3 {
				time.Sleep(d.work(d.Operate(t.Context(), taken, "job:move_money:1", finished)))
			}
			must(t, w.Modes.Set())
			d.settle(taken)
			d.mustFind("MISFIT OPEN, MISFIT OPEN")
			ten := 10
			found, err := d.Breaks(t.Context(), nil, pg.Page{First: &ten})
			must(t, err)
			if len(found.Nodes) != 2 {
				t.Fatalf("told are %d", len(found.Nodes))
			}
			for i, order := range []id.OrderID{asked, taken} {
				if b := found.Nodes[i]; b.OrderID == nil || *b.OrderID != order || b.Charge != d.firstKey(order) || !strings.Contains(b.Detail, says) {
					t.Errorf("told is %+v", b)
				}
			}
			d.reconcile()
			d.mustFind("MISFIT RESOLVED, MISFIT RESOLVED")
		})
	}
}
