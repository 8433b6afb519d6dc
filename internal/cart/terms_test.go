package cart_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/idempotency"
)

// once is Carts under a key.
func (c *counter) once(key string) *cart.Carts {
	return c.carts.Under(cart.Terms{IdempotencyKey: &key})
}

func TestOneKeyChangesACartOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	made := c.create()
	name, lines := made.ID.String(), []cart.CartLineInput{line(lamp, 2)}

	first := c.must(c.once("a").AddLines(t.Context(), name, lines)).Cart
	c.must(c.carts.UpdateNote(t.Context(), name, "between"))
	again := c.must(c.once("a").AddLines(t.Context(), name, lines)).Cart
	c.is(*again, "Lamp ×2")
	if again.Version != first.Version+1 || *again.Note != "between" {
		t.Errorf("sent again it is answered with version %d, want the cart as it is", again.Version)
	}

	// A key is for one call: of one cart, of one kind, with one input.
	other := c.create()
	c.is(*c.must(c.once("a").AddLines(t.Context(), other.ID.String(), lines)).Cart, "Lamp ×2")
	if _, err := c.once("a").AddLines(t.Context(), name, []cart.CartLineInput{line(lamp, 3)}); !isReused(err) {
		t.Errorf("another input under the key: %v", err)
	}
	if _, err := c.once("a").UpdateNote(t.Context(), name, "x"); !isReused(err) {
		t.Errorf("another mutation under the key: %v", err)
	}
	c.holds(made.ID, "Lamp ×2")

	// What is refused is not kept: the key may try again.
	p, err := c.once("b").AddLines(t.Context(), name, []cart.CartLineInput{line(lamp, -1)})
	c.refused(p, err, "INVALID lines.0.quantity")
	c.is(*c.must(c.once("b").AddLines(t.Context(), name, lines)).Cart, "Lamp ×4")
	for _, key := range []string{"", "\x00", string(make([]rune, 256))} {
		p, err := c.once(key).AddLines(t.Context(), name, lines)
		c.refused(p, err, "INVALID idempotencyKey")
	}

	// Who does not hold the cart learns nothing of its keys.
	p, err = c.once("a").AddLines(t.Context(), stranger(made), lines)
	c.refused(p, err, "INVALID cartId")
	c.holds(made.ID, "Lamp ×4")
}

func isReused(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Code == idempotency.ErrReused.Code && len(f.Field) == 1 && f.Field[0] == "idempotencyKey"
}

// stranger is a cart's id with a key that does not open it.
func stranger(of cart.Cart) string {
	bare, _, _ := strings.Cut(of.ID.String(), "?")
	return bare + "?key=no"
}

func TestTwinsUnderOneKeyAddOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	made := c.create()
	var group sync.WaitGroup
	start := make(chan struct{})
	for range 12 {
		group.Go(func() {
			<-start
			p, err := c.once("k").AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1)})
			if err != nil || len(p.UserErrors) > 0 || p.Cart.TotalQuantity() != 1 {
				t.Errorf("a twin is answered %+v, %v", p, err)
			}
		})
	}
	close(start)
	group.Wait()
	c.holds(made.ID, "Lamp ×1")
}

// TestAChangeOfNothingChangesNothing, and its key is used all the same.
func TestAChangeOfNothingChangesNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	made := c.create(line(lamp, 1))
	name := made.ID.String()
	for what, call := range map[string]func(*cart.Carts) (*cart.Payload, error){
		"no line added":      func(c *cart.Carts) (*cart.Payload, error) { return c.AddLines(t.Context(), name, nil) },
		"no line changed":    func(c *cart.Carts) (*cart.Payload, error) { return c.UpdateLines(t.Context(), name, nil) },
		"no line removed":    func(c *cart.Carts) (*cart.Payload, error) { return c.RemoveLines(t.Context(), name, nil) },
		"no address added":   func(c *cart.Carts) (*cart.Payload, error) { return c.AddAddresses(t.Context(), name, nil) },
		"no address changed": func(c *cart.Carts) (*cart.Payload, error) { return c.UpdateAddresses(t.Context(), name, nil) },
		"no address removed": func(c *cart.Carts) (*cart.Payload, error) { return c.RemoveAddresses(t.Context(), name, nil) },
		"no gift card added": func(c *cart.Carts) (*cart.Payload, error) {
			return c.AddGiftCards(t.Context(), access.Actor{}, name, []string{" "})
		},
		"no gift card there": func(c *cart.Carts) (*cart.Payload, error) {
			return c.UpdateGiftCards(t.Context(), access.Actor{}, name, nil)
		},
		"no gift card is off": func(c *cart.Carts) (*cart.Payload, error) { return c.RemoveGiftCards(t.Context(), name, nil) },
		"no option chosen":    func(c *cart.Carts) (*cart.Payload, error) { return c.SelectOptions(t.Context(), name, nil) },
		"nothing of the buyer": func(c *cart.Carts) (*cart.Payload, error) {
			return c.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{})
		},
		"no attribute": func(c *cart.Carts) (*cart.Payload, error) { return c.UpdateAttributes(t.Context(), name, nil) },
		"no code": func(c *cart.Carts) (*cart.Payload, error) {
			return c.UpdateDiscountCodes(t.Context(), access.Actor{}, name, nil)
		},
		"no address": func(c *cart.Carts) (*cart.Payload, error) { return c.ReplaceAddresses(t.Context(), name, nil) },
		"no note":    func(c *cart.Carts) (*cart.Payload, error) { return c.UpdateNote(t.Context(), name, "") },
		"the same quantity": func(c *cart.Carts) (*cart.Payload, error) {
			return c.UpdateLines(t.Context(), name, []cart.CartLineUpdateInput{{ID: made.AllLines[0].ID.String(), Quantity: ptr(1)}})
		},
	} {
		got := c.must(call(c.once(what))).Cart
		if c.is(*got, "Lamp ×1"); got.Version != made.Version || !got.UpdatedAt.Equal(made.UpdatedAt) {
			t.Errorf("%s: the cart is at version %d, want %d", what, got.Version, made.Version)
		}
		if _, err := c.once(what).AddLines(t.Context(), name, []cart.CartLineInput{line(lamp, 1)}); !isReused(err) {
			t.Errorf("%s: its key serves again: %v", what, err)
		}
		p, err := call(c.carts.Under(cart.Terms{ExpectedVersion: &[]int{made.Version + 1}[0]}))
		if f, ok := fault.As(err); !ok || f.Kind != fault.Conflict {
			t.Errorf("%s at another version: %+v, %v", what, p, err)
		}
	}
	c.holds(made.ID, "Lamp ×1")
}

// TestTheSameAgainChangesNothing, whatever it is of which a cart has it already.
func TestTheSameAgainChangesNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	made := c.create(line(c.variant("Lamp", 100), 1))
	name := made.ID.String()
	email, country := "ada@example.com", address.CountryCode("US")
	for what, call := range map[string]func() (*cart.Payload, error){
		"a note": func() (*cart.Payload, error) { return c.carts.UpdateNote(t.Context(), name, "Ring twice") },
		"attributes": func() (*cart.Payload, error) {
			return c.carts.UpdateAttributes(t.Context(), name, []attribute.AttributeInput{{Key: "gift", Value: "yes"}})
		},
		"a buyer": func() (*cart.Payload, error) {
			return c.carts.UpdateBuyerIdentity(t.Context(), name, cart.CartBuyerIdentityInput{Email: &email, CountryCode: &country})
		},
		"codes": func() (*cart.Payload, error) {
			return c.carts.UpdateDiscountCodes(t.Context(), access.Actor{}, name, []string{"SPRING"})
		},
		"addresses": func() (*cart.Payload, error) {
			return c.carts.ReplaceAddresses(t.Context(), name, []cart.CartSelectableAddressInput{selectable(berlin("A"), true)})
		},
	} {
		first := c.must(call()).Cart
		again := c.must(call()).Cart
		if again.Version != first.Version || !again.UpdatedAt.Equal(first.UpdatedAt) {
			t.Errorf("%s again: the cart is at version %d, want %d", what, again.Version, first.Version)
		}
		if first.Version != made.Version+1 {
			t.Errorf("%s: the cart is at version %d, want %d", what, first.Version, made.Version+1)
		}
		made = *first
	}
}

func TestLogInUnderAKey(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	ada, token := c.account("ada@example.com")
	made := c.create(line(lamp, 1))
	for range 2 {
		got := c.must(c.once("k").UpdateBuyerIdentity(t.Context(), made.ID.String(), cart.CartBuyerIdentityInput{CustomerAccessToken: &token})).Cart
		if got.Version != made.Version+1 || *got.BuyerIdentity.CustomerID != ada || got.BuyerIdentity.ShownTo == nil {
			t.Errorf("answered %+v at version %d", got.BuyerIdentity, got.Version)
		}
	}
}

func TestExpectedVersion(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	made := c.create()
	at := func(version int) *cart.Carts { return c.carts.Under(cart.Terms{ExpectedVersion: &version}) }
	grown := c.must(at(made.Version).AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1)})).Cart
	for _, version := range []int{made.Version, grown.Version + 1, 0, -1} {
		_, err := at(version).AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1)})
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Conflict || f.Code != event.Conflict(0).Code || f.Data["currentVersion"] != grown.Version {
			t.Errorf("at version %d: %v", version, err)
		}
	}
	c.holds(made.ID, "Lamp ×1")

	// Of many who have seen the same version one goes through.
	var group sync.WaitGroup
	through := make(chan struct{}, 8)
	for range 8 {
		group.Go(func() {
			if _, err := at(grown.Version).AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1)}); err == nil {
				through <- struct{}{}
			}
		})
	}
	group.Wait()
	if len(through) != 1 {
		t.Errorf("%d have changed one version", len(through))
	}
	c.holds(made.ID, "Lamp ×2")
}
