package cart_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
)

const longKey = "2f1b6c0e-6a7e-4c1b-9a55-1f0c4d1d9c11"

// under is the shop's carts, for calls with this key.
func (c *counter) under(key string) *cart.Carts {
	return c.carts.Under(cart.Terms{IdempotencyKey: &key})
}

func (c *counter) count(sql string) int {
	c.Helper()
	var n int
	if err := c.pool.QueryRow(c.Context(), `select count(*) from `+sql).Scan(&n); err != nil {
		c.Fatal(err)
	}
	return n
}

// twins makes the same call many times at once, and gives the carts that it was answered with.
func (c *counter) twins(call func() (*cart.Payload, error)) map[string]int {
	c.Helper()
	var mu sync.Mutex
	given := map[string]int{}
	sides := make([]func(), 8)
	for i := range sides {
		sides[i] = func() {
			p, err := call()
			if err != nil || p.Cart == nil {
				c.Errorf("a twin is answered with %+v, %v", p, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			given[p.Cart.ID.String()]++
		}
	}
	together(sides...)
	return given
}

// However often a call to make a cart comes under its key, there is one cart, and whoever calls can open it.
func TestCartIsMadeOnceUnderAKey(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	input := cart.CartInput{Lines: []cart.CartLineInput{line(lamp, 2)}, Note: ptr("ring twice")}
	given := c.twins(func() (*cart.Payload, error) { return c.under(longKey).Create(t.Context(), access.Actor{}, input) })
	if len(given) != 1 || c.count("cart") != 1 || c.count("cart_line") != 1 {
		t.Fatalf("%d carts are given, of %d with %d lines", len(given), c.count("cart"), c.count("cart_line"))
	}
	for text, n := range given {
		name, ok := cart.ParseID(text)
		if !ok || n != 8 {
			t.Errorf("the cart %s was given %d times", text, n)
		}
		c.holds(name, "Lamp ×2")
		c.must(c.carts.AddLines(t.Context(), text, []cart.CartLineInput{line(lamp, 1)}))
		again := c.must(c.under(longKey).Create(t.Context(), access.Actor{}, input))
		c.is(*again.Cart, "Lamp ×3") // as it is now

		// Another input is another call, another caller has keys of their own, and without a key each call makes its own.
		if _, err := c.under(longKey).Create(t.Context(), access.Actor{}, cart.CartInput{}); !errors.Is(err, idempotency.ErrReused) {
			t.Errorf("another input is answered with %v", err)
		}
		ada := access.Actor{Kind: access.Customer, ID: id.New()}
		for _, other := range []*cart.Payload{
			c.must(c.under(longKey).Create(t.Context(), ada, input)), c.must(c.under(longKey+"x").Create(t.Context(), access.Actor{}, input)),
			c.must(c.carts.Create(t.Context(), access.Actor{}, input)),
		} {
			if other.Cart.ID.String() == text {
				t.Error("one cart was given for two calls")
			}
			c.is(*other.Cart, "Lamp ×2")
		}

		// A cart that is there no more is not made again.
		c.exec(`update cart set order_id = $1 where id = $2`, id.NewOrderID(), name.UUID)
		p, err := c.under(longKey).Create(t.Context(), access.Actor{}, input)
		c.refused(p, err, "INVALID idempotencyKey")
	}
}

func TestKeysOfNewCarts(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, key := range []string{"", "1", strings.Repeat("k", 19), strings.Repeat("k", 256), strings.Repeat("k", 30) + "\x00"} {
		p, err := c.under(key).Create(t.Context(), access.Actor{}, cart.CartInput{})
		c.refused(p, err, "INVALID idempotencyKey")
	}
	// What is refused leaves its key free, for another input, too.
	p, err := c.under(longKey).Create(t.Context(), access.Actor{}, cart.CartInput{Lines: []cart.CartLineInput{line(id.NewProductVariantID(), 1)}})
	if err != nil || len(p.UserErrors) != 1 {
		t.Fatalf("answered with %+v, %v", p, err)
	}
	if c.count("cart") != 0 || c.count("idempotency_key") != 0 {
		t.Error("a refusal has left something")
	}
	made := c.must(c.under(longKey).Create(t.Context(), access.Actor{}, cart.CartInput{}))
	c.must(c.under("k").UpdateNote(t.Context(), made.Cart.ID.String(), "x")) // a change takes any key, it is the cart's
}

// Who was logged out meanwhile is not given the cart that they had made as themselves.
func TestCartOfALoginIsGivenWhileItLasts(t *testing.T) {
	t.Parallel()
	c := open(t)
	customer, token := c.account("ada@example.com")
	input := cart.CartInput{BuyerIdentity: &cart.CartBuyerIdentityInput{CustomerAccessToken: &token}}
	for range 2 {
		p := c.must(c.under(longKey).Create(t.Context(), access.Actor{}, input))
		if b := p.Cart.BuyerIdentity; *b.CustomerID != customer || b.ShownTo == nil {
			t.Errorf("the buyer is %+v", b)
		}
	}
	if _, err := c.customers.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	p, err := c.under(longKey).Create(t.Context(), access.Actor{}, input)
	c.refused(p, err, "INVALID input.buyerIdentity.customerAccessToken")
}

// A clone is made once under a key of the cart, and stays when the cart is gone; the key says nothing without the cart.
func TestCloneIsMadeOnceUnderAKey(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	made, other := c.create(line(lamp, 2)), c.create(line(lamp, 5))
	given := c.twins(func() (*cart.Payload, error) { return c.under("k").Clone(t.Context(), made.ID.String()) })
	if len(given) != 1 || c.count("cart") != 3 {
		t.Fatalf("%d clones are given, of %d carts", len(given), c.count("cart"))
	}
	c.is(*c.must(c.under("k").Clone(t.Context(), other.ID.String())).Cart, "Lamp ×5")
	c.exec(`update cart set order_id = $1 where id = $2`, id.NewOrderID(), made.ID.UUID)
	again := c.must(c.under("k").Clone(t.Context(), made.ID.String()))
	if given[again.Cart.ID.String()] != 8 {
		t.Error("the same call gives another clone")
	}
	c.is(*again.Cart, "Lamp ×2")
	bare, _, _ := strings.Cut(made.ID.String(), "?")
	for _, name := range []string{bare, bare + "?key=x"} {
		p, err := c.under("k").Clone(t.Context(), name)
		c.refused(p, err, "INVALID cartId")
	}
	p, err := c.under("").Clone(t.Context(), other.ID.String())
	c.refused(p, err, "INVALID idempotencyKey")
	if _, err := c.under("k").UpdateNote(t.Context(), other.ID.String(), "x"); !errors.Is(err, idempotency.ErrReused) {
		t.Errorf("the key of a clone changes a note: %v", err)
	}
	p, err = c.under("l").Clone(t.Context(), made.ID.String())
	c.refused(p, err, "INVALID cartId") // it was placed, and this is a new call
}

// Metafields of several carts are written once under a key, all or none; who does not hold a cart learns nothing of keys.
func TestMetafieldsAreWrittenOnceUnderAKey(t *testing.T) {
	t.Parallel()
	c := open(t)
	a, b := c.create(), c.create()
	input := func(value string, owners ...cart.Cart) []cart.CartMetafieldsSetInput {
		var list []cart.CartMetafieldsSetInput
		for _, owner := range owners {
			list = append(list, cart.CartMetafieldsSetInput{Key: "wrap", OwnerID: owner.ID.String(), Type: "boolean", Value: value})
		}
		return list
	}
	is := func(what string, owner cart.Cart, want string, version int) {
		t.Helper()
		now, err := c.carts.Open(t.Context(), owner.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		if m := now.Metafield("wrap"); m != nil {
			got = m.Value
		}
		if got != want || now.Version != version {
			t.Errorf("%s a cart has %s at version %d, want %s at %d", what, got, now.Version, want, version)
		}
	}
	together(func() {
		for range 3 {
			if _, err := c.under("k").SetMetafields(t.Context(), input("true", a, b)); err != nil {
				t.Error(err)
			}
		}
	}, func() {
		for range 3 {
			if _, err := c.under("k").SetMetafields(t.Context(), input("true", a, b)); err != nil {
				t.Error(err)
			}
		}
	})
	is("after the twins", a, "true", a.Version+1)
	is("after the twins", b, "true", b.Version+1)

	if _, err := c.carts.SetMetafields(t.Context(), input("false", a)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.under("k").SetMetafields(t.Context(), input("true", a, b)); err != nil {
		t.Fatal(err)
	}
	is("after a late twin", a, "false", a.Version+2)

	for name, other := range map[string][]cart.CartMetafieldsSetInput{"one of them": input("true", a), "another value": input("false", b)} {
		if _, err := c.under("k").SetMetafields(t.Context(), other); !errors.Is(err, idempotency.ErrReused) {
			t.Errorf("%s is answered with %v", name, err)
		}
	}
	bare, _, _ := strings.Cut(a.ID.String(), "?")
	foreign := input("true", a)
	foreign[0].OwnerID = bare + "?key=x"
	if _, err := c.under("k").SetMetafields(t.Context(), foreign); !fault.IsKind(err, fault.Invalid) || errors.Is(err, idempotency.ErrReused) {
		t.Errorf("who does not hold the cart is told %v", err)
	}

	for range 2 {
		if err := c.under("d").DeleteMetafield(t.Context(), cart.CartMetafieldDeleteInput{Key: "wrap", OwnerID: a.ID.String()}); err != nil {
			t.Error(err)
		}
	}
	is("after the deletion", a, "none", a.Version+3)
	is("after the deletion", b, "true", b.Version+1)
	if err := c.carts.DeleteMetafield(t.Context(), cart.CartMetafieldDeleteInput{Key: "wrap", OwnerID: a.ID.String()}); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("without a key it is deleted again: %v", err)
	}
	if err := c.under("").DeleteMetafield(t.Context(), cart.CartMetafieldDeleteInput{Key: "wrap", OwnerID: b.ID.String()}); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("an empty key is taken: %v", err)
	}
	is("after a bad key", b, "true", b.Version+1)
}
