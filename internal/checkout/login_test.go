package checkout_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
)

// Between the moment at which a request is let in and the one at which its order is committed, its login may end: by
// signing out, by a new password, or because the account is gone. Then nothing is ordered.
func TestLoginThatHasEndedOrdersNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *till, token string){
		"signed out": func(s *till, token string) {
			if _, err := s.Customers.SignOut(s.Context(), token); err != nil {
				s.Fatal(err)
			}
		},
		"a new password": func(s *till, token string) {
			if _, _, err := s.Customers.Update(s.Context(), access.Actor{}, token, customers.UpdateInput{Password: ptr("another password")}); err != nil {
				s.Fatal(err)
			}
		},
		"a new token": func(s *till, token string) {
			if _, err := s.Customers.Renew(s.Context(), token); err != nil {
				s.Fatal(err)
			}
		},
		"the account is gone": func(s *till, _ string) { s.exec(`delete from customer`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			lamp := s.goods("Lamp", 10000, 5)
			ada, token := s.login("ada@example.com")
			made := s.cart(line(lamp, 1))
			end(s, token)
			_, err := s.Checkout.Place(t.Context(), ada, order("bare", line(lamp, 1)))
			s.refused(err, "TOKEN_INVALID")
			if !fault.IsKind(err, fault.Unauthenticated) {
				t.Errorf("refused as %v", err)
			}
			_, err = s.Checkout.Place(t.Context(), ada, fromCart("cart", made.ID))
			s.refused(err, "TOKEN_INVALID")
			s.nothingHappened()

			// The key is free, and the cart is nobody's yet: whoever holds it orders as a guest.
			if guest := s.place(fromCart("cart", made.ID)); guest.Order.CustomerID != nil {
				t.Errorf("the guest's order is %v's", guest.Order.CustomerID)
			}
		})
	}
}

// Who holds a customer's cart orders for them, signed in or not; what was ordered under a key stays answered when the
// login has ended.
func TestOrdersOfAnAccountThatStands(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 10000, 5)
	ada, token := s.login("ada@example.com")
	customer, _ := ada.CustomerID()
	made := s.cart(line(lamp, 1))
	s.changed(s.Carts.UpdateBuyerIdentity(t.Context(), made.ID.String(), cart.CartBuyerIdentityInput{CustomerAccessToken: &token}))
	hers, err := s.Checkout.Place(t.Context(), ada, order("a", line(lamp, 1)))
	if err != nil || hers.Order.CustomerID == nil || *hers.Order.CustomerID != customer {
		t.Fatalf("her order is %v's: %v", hers.Order.CustomerID, err)
	}
	if _, err := s.Customers.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	again, err := s.Checkout.Place(t.Context(), ada, order("a", line(lamp, 1)))
	if err != nil {
		t.Fatalf("the same call again: %v", err)
	}
	same(t, again, hers)
	if held := s.place(fromCart("b", made.ID)); held.Order.CustomerID == nil || *held.Order.CustomerID != customer {
		t.Errorf("the order of her cart is %v's", held.Order.CustomerID)
	}
	s.sound()
}
