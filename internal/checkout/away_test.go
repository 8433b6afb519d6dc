package checkout_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/tax"
)

// wire leads to a remote service: whether it answers, and what is to be checked while it is asked.
type wire struct {
	away, silent atomic.Bool
	asked        atomic.Int64
	whileAsked   func()
}

func (w *wire) ask(ctx context.Context) error {
	w.asked.Add(1)
	if w.whileAsked != nil {
		w.whileAsked()
	}
	if w.silent.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if w.away.Load() {
		return errors.New("connection refused")
	}
	return nil
}

type carriers struct {
	fulfillment.RateProvider
	*wire
}

func (c carriers) Options(ctx context.Context, of fulfillment.Consignment) ([]fulfillment.Option, error) {
	if err := c.ask(ctx); err != nil {
		return nil, err
	}
	return c.RateProvider.Options(ctx, of)
}

type taxOffice struct {
	tax.Provider
	*wire
}

func (o taxOffice) Calculate(ctx context.Context, sale tax.Sale) (tax.Result, error) {
	if err := o.ask(ctx); err != nil {
		return tax.Result{}, err
	}
	return o.Provider.Calculate(ctx, sale)
}

// remote is a shop whose rates and taxes come over wires.
func remote(t *testing.T) (s *till, rates, taxes *wire) {
	t.Helper()
	rates, taxes = &wire{}, &wire{}
	s = open(t, func(cfg *shop.Config) {
		cfg.Rates, cfg.Tax = carriers{flatrate.New(cfg.Pool), rates}, taxOffice{tax.NewTable(cfg.Pool), taxes}
	})
	return s, rates, taxes
}

func warned(p *cart.Payload) (codes []string) {
	for _, w := range p.Warnings {
		codes = append(codes, string(w.Code))
	}
	return codes
}

// A cart that was changed is answered as changed, whoever else does not answer: a client that were told of an error
// would do it again.
func TestCartIsAnsweredWhileCarriersAndTaxesAreAway(t *testing.T) {
	t.Parallel()
	s, rates, taxes := remote(t)
	lamp := s.goods("Lamp", 10000, 50)
	made := s.goesToAlbany(s.cart(line(lamp, 1)))
	if made.Cost.TotalAmountEstimated || made.Cost.TotalTaxAmount == nil {
		t.Fatalf("with all there the cart costs %+v", made.Cost)
	}
	rates.away.Store(true)
	taxes.away.Store(true)
	name := made.ID.String()
	p, err := s.Carts.AddLines(t.Context(), name, []cart.CartLineInput{line(lamp, 1)})
	shown := s.changed(p, err)
	if shown.TotalQuantity() != 2 || shown.Version != made.Version+1 {
		t.Errorf("the cart has %d units at version %d", shown.TotalQuantity(), shown.Version)
	}
	if c := shown.Cost; c.TotalTaxAmount != nil || !c.TotalAmountEstimated || c.TotalAmount != usd(20000) {
		t.Errorf("the cart costs %+v", c)
	}
	if g := shown.Groups; len(g) != 1 || len(g[0].DeliveryOptions) != 0 || g[0].Selected != nil {
		t.Errorf("the groups are %+v", g)
	}
	if got, want := warned(p), []string{"DELIVERY_RATES_UNAVAILABLE", "TAX_UNAVAILABLE"}; !slices.Equal(got, want) {
		t.Errorf("warned of %v, want %v", got, want)
	}
	if found, err := s.Carts.Open(t.Context(), made.ID); err != nil || found.TotalQuantity() != 2 {
		t.Errorf("read again it is %d units, %v", found.TotalQuantity(), err)
	}

	other := s.cart(line(lamp, 1))
	for what, change := range map[string]func() (*cart.Payload, error){
		"note": func() (*cart.Payload, error) { return s.Carts.UpdateNote(t.Context(), name, "x") },
		"attributes": func() (*cart.Payload, error) {
			return s.Carts.UpdateAttributes(t.Context(), name, []attribute.AttributeInput{{Key: "a", Value: "b"}})
		},
		"buyer": func() (*cart.Payload, error) {
			return s.Carts.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{Email: ptr("a@example.com")})
		},
		"codes": func() (*cart.Payload, error) {
			return s.Carts.UpdateDiscountCodes(t.Context(), access.Actor{}, name, nil)
		},
		"cards": func() (*cart.Payload, error) { return s.Carts.UpdateGiftCards(t.Context(), access.Actor{}, name, nil) },
		"lines": func() (*cart.Payload, error) {
			return s.Carts.UpdateLines(t.Context(), name, []cart.CartLineUpdateInput{{ID: shown.AllLines[0].ID.String(), Quantity: ptr(3)}})
		},
		"clone": func() (*cart.Payload, error) { return s.Carts.Clone(t.Context(), name) },
		"merge": func() (*cart.Payload, error) {
			return s.Carts.Merge(t.Context(), cart.CartMergeInput{From: other.ID.String(), Into: name})
		},
		"create": func() (*cart.Payload, error) {
			return s.Carts.Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(lamp, 1)}, Delivery: &cart.CartDeliveryInput{Addresses: []cart.CartSelectableAddressInput{albany()}}})
		},
	} {
		if p, err := change(); err != nil || len(p.UserErrors) > 0 || p.Cart == nil {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
	}
	choice := []cart.CartSelectedDeliveryOptionInput{{DeliveryGroupID: made.Groups[0].ID.String(), DeliveryOptionHandle: "express"}}
	p, err = s.Carts.SelectOptions(t.Context(), name, choice)
	if err != nil || len(p.UserErrors) != 1 || *p.UserErrors[0].Code != cart.Unavailable || p.Cart != nil {
		t.Errorf("an option that nobody can be asked about: %+v, %v", p, err)
	}
	if _, err := s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k", made.ID)); !fault.IsKind(err, fault.Busy) {
		t.Errorf("placing says %v, want BUSY", err)
	}
	if s.reserved(lamp) != 0 || s.number(`select count(*) from idempotency_key`) != 0 {
		t.Error("an order that could not be worked out has left something")
	}

	rates.away.Store(false)
	taxes.away.Store(false)
	express := s.changed(s.Carts.SelectOptions(t.Context(), name, choice))
	if express.Cost.TotalAmountEstimated || express.Cost.TotalTaxAmount == nil || express.Groups[0].Selected.Handle != "express" {
		t.Errorf("with all there again the cart costs %+v", express.Cost)
	}
	if o := s.place(asShown("k", express)).Order; o.TotalPrice != express.Cost.TotalAmount {
		t.Errorf("the order costs %s, the cart %s", o.TotalPrice, express.Cost.TotalAmount)
	}
	s.sound()
}

// Whoever never answers is waited for only so long.
func TestCartDoesNotWaitForASilentCarrier(t *testing.T) {
	t.Parallel()
	s, rates, _ := remote(t)
	made := s.goesToAlbany(s.cart(line(s.goods("Lamp", 10000, 5), 1)))
	rates.silent.Store(true)
	began := time.Now()
	p, err := s.Carts.UpdateNote(t.Context(), made.ID.String(), "x")
	if s.changed(p, err); !slices.Equal(warned(p), []string{"DELIVERY_RATES_UNAVAILABLE"}) {
		t.Errorf("warned of %v", warned(p))
	}
	if waited := time.Since(began); waited > 4*time.Second {
		t.Errorf("the shopper has waited for %s", waited)
	}
	gone, leave := context.WithCancel(t.Context())
	rates.whileAsked = leave
	if _, err := s.Checkout.DeliveryGroups(gone, made); !errors.Is(err, context.Canceled) {
		t.Errorf("who has left is told %v", err)
	}
}

// Nothing waits for a remote system while a cart is locked or a transaction is open.
func TestNobodyIsAskedWhileACartIsLocked(t *testing.T) {
	t.Parallel()
	s, rates, taxes := remote(t)
	const transactions = `
select count(*)
from pg_locks l
join pg_stat_activity a on a.pid = l.pid
where a.datname = current_database()
  and a.pid <> pg_backend_pid()
  and l.locktype = 'virtualxid'`
	tx, err := s.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := s.number(transactions); n != 1 {
		t.Fatalf("%d transactions are seen, want the test's own", n)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	free := func() {
		if n := s.number(transactions); n != 0 {
			t.Errorf("%d transactions are open while a provider is asked", n)
		}
		if _, err := s.Pool.Exec(t.Context(), `select id from cart for update nowait`); err != nil {
			t.Errorf("a cart is locked while a provider is asked: %v", err)
		}
	}
	rates.whileAsked, taxes.whileAsked = free, free
	lamp := s.goods("Lamp", 10000, 50)
	made := s.goesToAlbany(s.cart(line(lamp, 1)))
	s.changed(s.Carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1)}))
	s.choose(made, made.Groups[0].ID, "express")
	other := s.changed(s.Carts.Clone(t.Context(), made.ID.String()))
	merged := s.changed(s.Carts.Merge(t.Context(), cart.CartMergeInput{From: other.ID.String(), Into: made.ID.String()}))
	s.place(func(in checkout.OrderPlaceInput) checkout.OrderPlaceInput { in.Delivery = nil; return in }(fromCart("k", merged.ID)))
	if rates.asked.Load() < 5 || taxes.asked.Load() < 5 {
		t.Errorf("carriers were asked %d times, taxes %d times", rates.asked.Load(), taxes.asked.Load())
	}
}
