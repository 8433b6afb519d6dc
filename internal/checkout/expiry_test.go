package checkout_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/shop"
	"github.com/wharfhq/wharf/internal/tax"
)

// A cart that expires and is removed while its order is worked out is not placed.
func TestCartThatIsRemovedWhileItIsPlacedIsNotSold(t *testing.T) {
	t.Parallel()
	m := &meddler{}
	s := open(t, func(cfg *shop.Config) { m.Provider, cfg.Tax = tax.NewTable(cfg.Pool), m })
	made := s.cart(line(s.goods("Lamp", 10000, 5), 1))
	m.meddle = func() {
		s.exec(`update cart set updated_at = now() - interval '31 days'`)
		if n, err := s.Carts.Purge(t.Context(), 100); n != 1 || err != nil {
			t.Errorf("removed %d, %v; want 1", n, err)
		}
	}
	_, err := s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k", made.ID))
	s.refused(err, "CART_NOT_FOUND input.cartId")
	s.nothingHappened()
}

// Old carts are removed, and placed, at the same moment: each is placed whole or not at all.
func TestCartsArePlacedWhileOldOnesAreRemoved(t *testing.T) {
	t.Parallel()
	const n = 20
	s := open(t)
	lamp := s.goods("Lamp", 10000, n)
	carts := make([]cart.Cart, n)
	for i := range carts {
		carts[i] = s.cart(line(lamp, 1))
	}
	var placed, removed atomic.Int64
	var all []func()
	for i, made := range carts {
		all = append(all, func() {
			_, err := s.Checkout.Place(t.Context(), access.Actor{}, fromCart("k"+strconv.Itoa(i), made.ID))
			if err == nil {
				placed.Add(1)
				return
			}
			removed.Add(1)
			s.refused(err, "CART_NOT_FOUND input.cartId")
		}, func() {
			if i%2 == 0 {
				s.exec(`update cart set updated_at = now() - interval '31 days' where id = $1`, made.ID.UUID)
			}
			if _, err := s.Carts.Purge(t.Context(), n); err != nil {
				t.Error(err)
			}
		})
	}
	together(all...)
	if orders := s.number(`select count(*) from orders`); orders != int(placed.Load()) || s.reserved(lamp) != orders || placed.Load()+removed.Load() != n || orders < n/2 {
		t.Errorf("%d orders and %d units of %d that were acknowledged, %d refused", orders, s.reserved(lamp), placed.Load(), removed.Load())
	}
	s.sound()
}
