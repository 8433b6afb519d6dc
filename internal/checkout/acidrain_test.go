package checkout_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/shoptest"
	"github.com/wharfhq/wharf/internal/tax"
	"github.com/wharfhq/wharf/jobs"
)

// beside is another shop on the database of this one, as another process has it: a pool, memory and a writer of its own.
func (s *till) beside() *till {
	s.Helper()
	other := &till{TB: s.TB, warehouse: s.warehouse, Shop: shoptest.New(s.TB, func(cfg *shop.Config) {
		pool, err := pgxpool.NewWithConfig(s.Context(), s.Pool.Config())
		if err != nil {
			s.Fatal(err)
		}
		s.Cleanup(pool.Close)
		cfg.Pool, cfg.Rates, cfg.Tax = pool, flatrate.New(pool), tax.NewTable(pool)
	})}
	other.Run(s.TB, jobs.Config{})
	return other
}

// bundle makes something of so many units of each part.
func (s *till) bundle(title string, cents int64, parts map[id.ProductVariantID]int) id.ProductVariantID {
	s.Helper()
	made := s.goods(title, cents, 0)
	in := inventory.ProductBundleSetInput{IdempotencyKey: title, VariantID: made.String()}
	for part, quantity := range parts {
		in.Components = append(in.Components, inventory.ProductBundleComponentInput{VariantID: part.String(), Quantity: quantity})
	}
	staff := access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.AllScopes()}
	if _, err := s.Inventory.SetBundle(s.Context(), staff, in); err != nil {
		s.Fatal(err)
	}
	return made
}

// TestACIDRain replays the attacks on shops of the paper of that name against two shops on one database, at the moments that
// hurt most. Those on vouchers and gift cards are in TestACIDRainOnTender; chaos/faults attacks two real processes.
func TestACIDRain(t *testing.T) {
	t.Parallel()
	t.Run("stock", func(t *testing.T) { t.Parallel(); attackStock(t) })
	t.Run("cart", func(t *testing.T) { t.Parallel(); attackCart(t) })
	t.Run("cart between pricing and commit", func(t *testing.T) { t.Parallel(); attackPricing(t) })
}

// attackStock races the last lamps: alone, in a bundle of two, and both ways in one cart, from bare lines and carts.
func attackStock(t *testing.T) {
	const units, buyers = 11, 90
	here := staffed(t)
	there := here.beside()
	lamp, shade := here.goods("Lamp", 2000, units), here.goods("Shade", 500, 100)
	set := here.bundle("Set", 4000, map[id.ProductVariantID]int{lamp: 2, shade: 1})
	wants := [][]cart.CartLineInput{
		{line(lamp, 1)},
		{line(set, 1)},
		{line(set, 1), line(lamp, 1)}, // the same lamps twice in one cart
	}
	lamps := []int{1, 2, 3}
	answers, start := make([]answer, buyers), make(chan struct{})
	var all sync.WaitGroup
	for i := range buyers {
		s := []*till{here, there}[i%2]
		in := order("k"+strconv.Itoa(i), wants[i%3]...)
		if i%4 == 0 {
			in = fromCart("k"+strconv.Itoa(i), s.cart(wants[i%3]...).ID)
		}
		all.Go(func() {
			<-start
			answers[i].Placement, answers[i].err = s.Checkout.Place(s.Context(), access.Actor{}, in)
		})
	}
	close(start)
	all.Wait()
	sold, sets := 0, 0
	for i, a := range answers {
		if a.err == nil {
			sold += lamps[i%3]
			if i%3 > 0 {
				sets++
			}
			continue
		}
		if got := strings.Fields(strings.Join(refusals(a.err), " ")); len(got) == 0 || got[0] != "OUT_OF_STOCK" {
			t.Errorf("buyer %d is told %v", i, a.err)
		}
	}
	if sold != units || here.reserved(lamp) != units || here.reserved(shade) != sets {
		t.Errorf("%d lamps sold, %d and %d shades reserved; want %d, %d and %d", sold, here.reserved(lamp), here.reserved(shade), units, units, sets)
	}
	here.sound()

	// All of it comes back, part by part.
	for i, a := range answers {
		if a.err == nil {
			if _, err := there.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c"+strconv.Itoa(i), a.Placement)); err != nil {
				t.Error(err)
			}
		}
	}
	if here.reserved(lamp) != 0 || here.reserved(shade) != 0 {
		t.Errorf("after all was canceled %d lamps and %d shades are reserved", here.reserved(lamp), here.reserved(shade))
	}
	here.sound()
}

// contents writes lines as "2 Lamp, 1 Set", in alphabetical order.
func contents(names map[id.ProductVariantID]string, count func(add func(id.ProductVariantID, int))) string {
	var words []string
	count(func(variant id.ProductVariantID, quantity int) {
		words = append(words, fmt.Sprint(quantity, " ", names[variant]))
	})
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// consistent holds an order against the cart that it was made of: the same lines, each at its price.
func (s *till) consistent(what string, made cart.ID, placed checkout.Placement, names map[id.ProductVariantID]string, prices map[id.ProductVariantID]int64) {
	s.Helper()
	content, err := s.Carts.Read(s.Context(), s.Pool, made)
	if err != nil {
		s.Fatal(err)
	}
	if content.OrderID == nil || *content.OrderID != placed.Order.ID {
		s.Errorf("%s: the cart became %v, and the shopper was told of %s", what, content.OrderID, placed.Order.ID)
	}
	inCart := contents(names, func(add func(id.ProductVariantID, int)) {
		for _, l := range content.AllLines {
			add(l.VariantID, l.Quantity)
		}
	})
	subtotal := int64(0)
	inOrder := contents(names, func(add func(id.ProductVariantID, int)) {
		for _, l := range placed.Order.Lines {
			add(l.VariantID, l.Quantity)
			subtotal += int64(l.Quantity) * prices[l.VariantID]
		}
	})
	if inCart != inOrder || placed.Order.SubtotalPrice != usd(subtotal) {
		s.Errorf("%s: the cart has %s, the order %s for %s, which costs %d", what, inCart, inOrder, placed.Order.SubtotalPrice, subtotal)
	}
}

// attackCart lets lines be added, changed and removed in turn at both, which are asked all the while to place the cart.
func attackCart(t *testing.T) {
	here := staffed(t)
	there := here.beside()
	lamp, gold, shade := here.goods("Lamp", 100, 10_000), here.goods("Gold", 1_000_000, 10_000), here.goods("Shade", 50, 10_000)
	names := map[id.ProductVariantID]string{lamp: "Lamp", gold: "Gold", shade: "Shade"}
	prices := map[id.ProductVariantID]int64{lamp: 100, gold: 1_000_000, shade: 50}
	for round := range 12 {
		made := here.cart(line(lamp, 1), line(shade, 5))
		shades := made.AllLines[1].ID.String()
		start := make(chan struct{})
		var all sync.WaitGroup
		for i, attack := range []func(*till, int) (cart.Payload, error){
			func(s *till, _ int) (cart.Payload, error) {
				return payload(s.Carts.AddLines(s.Context(), made.ID.String(), []cart.CartLineInput{line(gold, 1)}))
			},
			func(s *till, n int) (cart.Payload, error) {
				return payload(s.Carts.UpdateLines(s.Context(), made.ID.String(), []cart.CartLineUpdateInput{{ID: shades, Quantity: ptr(1 + n%4)}}))
			},
			func(s *till, _ int) (cart.Payload, error) {
				return payload(s.Carts.RemoveLines(s.Context(), made.ID.String(), []string{shades}))
			},
		} {
			s := []*till{here, there}[i%2]
			all.Go(func() {
				<-start
				for n := range 4 {
					p, err := attack(s, n)
					if err != nil {
						t.Error(err)
						return
					}
					if p.Cart == nil {
						return // it was placed
					}
				}
			})
		}
		answers := make([]answer, 4)
		for i := range answers {
			s := []*till{here, there}[i%2]
			all.Go(func() {
				<-start
				in := fromCart(fmt.Sprint("k", round, " ", i), made.ID)
				for again := true; again; again = fault.IsKind(answers[i].err, fault.Busy) { // as a client of a slow machine does
					answers[i].Placement, answers[i].err = s.Checkout.Place(s.Context(), access.Actor{}, in)
				}
			})
		}
		close(start)
		all.Wait()
		placed := 0
		for _, a := range answers {
			if a.err == nil {
				placed++
				here.consistent(fmt.Sprint("round ", round), made.ID, a.Placement, names, prices)
				continue
			}
			here.refused(a.err, "CART_ALREADY_PLACED input.cartId")
		}
		if placed != 1 {
			t.Errorf("round %d: the cart became %d orders", round, placed)
		}
		p, err := there.Carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(gold, 1)})
		if err != nil || p.Cart != nil {
			t.Errorf("round %d: a placed cart was changed: %+v %v", round, p, err)
		}
	}
	here.sound()
}

func payload(p *cart.Payload, err error) (cart.Payload, error) {
	if err != nil {
		return cart.Payload{}, err
	}
	return *p, nil
}

// attackPricing changes a cart at the one moment at which it hurts: priced here, not yet committed, and changed there.
func attackPricing(t *testing.T) {
	m := &meddler{}
	here := open(t, func(cfg *shop.Config) { m.Provider, cfg.Tax = tax.NewTable(cfg.Pool), m })
	there := here.beside()
	lamp, gold := here.goods("Lamp", 100, 1000), here.goods("Gold", 1_000_000, 1000)
	names := map[id.ProductVariantID]string{lamp: "Lamp", gold: "Gold"}
	prices := map[id.ProductVariantID]int64{lamp: 100, gold: 1_000_000}
	for what, attack := range map[string]func(context.Context, cart.Cart) (*cart.Payload, error){
		"a line is added": func(ctx context.Context, c cart.Cart) (*cart.Payload, error) {
			return there.Carts.AddLines(ctx, c.ID.String(), []cart.CartLineInput{line(gold, 3)})
		},
		"a line is changed": func(ctx context.Context, c cart.Cart) (*cart.Payload, error) {
			return there.Carts.UpdateLines(ctx, c.ID.String(), []cart.CartLineUpdateInput{{ID: c.AllLines[1].ID.String(), Quantity: ptr(9)}})
		},
		"its variant is another": func(ctx context.Context, c cart.Cart) (*cart.Payload, error) {
			return there.Carts.UpdateLines(ctx, c.ID.String(), []cart.CartLineUpdateInput{{ID: c.AllLines[0].ID.String(), MerchandiseID: ptr(gold.String())}})
		},
		"a line is removed": func(ctx context.Context, c cart.Cart) (*cart.Payload, error) {
			return there.Carts.RemoveLines(ctx, c.ID.String(), []string{c.AllLines[0].ID.String()})
		},
	} {
		made := here.cart(line(lamp, 2), line(gold, 1))
		changed := 0
		m.meddle = func() {
			if p, err := attack(t.Context(), made); err != nil || p.Cart == nil || len(p.UserErrors) > 0 {
				t.Errorf("%s: %+v %v", what, p, err)
			}
			changed++
		}
		placed := here.place(fromCart(what, made.ID))
		if changed != 1 {
			t.Errorf("%s: it was changed %d times", what, changed)
		}
		here.consistent(what, made.ID, placed, names, prices)

		// Who says which cart they saw, or which total, is not given another one.
		for name, say := range map[string]func(*checkout.OrderPlaceInput){
			"VERSION_CONFLICT input.expectedVersion": func(in *checkout.OrderPlaceInput) { in.ExpectedVersion = ptr(1) },
			"TOTAL_CHANGED input.expectedTotal":      func(in *checkout.OrderPlaceInput) { in.ExpectedTotal = expect("12345.67", "USD") },
		} {
			made := here.cart(line(lamp, 2), line(gold, 1))
			in := fromCart(what+name, made.ID)
			say(&in)
			if in.ExpectedVersion != nil {
				in.ExpectedVersion = ptr(made.Version)
			}
			m.meddle = func() { _, _ = attack(t.Context(), made) }
			_, err := here.Checkout.Place(t.Context(), access.Actor{}, in)
			m.meddle = nil
			here.refused(err, name)
		}
	}
	here.sound()
}
