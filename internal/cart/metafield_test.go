package cart_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/id"
)

func (c *counter) metafields(name cart.ID, want ...string) {
	c.Helper()
	found, err := c.carts.Open(c.Context(), name)
	if err != nil {
		c.Fatal(err)
	}
	got := []string{}
	for _, m := range found.Metafields() {
		got = append(got, m.Key+" "+m.Type+" "+m.Value)
	}
	if !slices.Equal(got, append([]string{}, want...)) {
		c.Errorf("the cart has %q, want %q", got, want)
	}
}

// wrong checks that something about metafields was refused at these places.
func (c *counter) wrong(err error, want ...string) {
	c.Helper()
	refused, ok := cart.Refusals(err)
	if err == nil || !ok {
		c.Fatalf("not refused: %v", err)
	}
	var got []string
	for _, f := range refused {
		got = append(got, f.Code+" "+strings.Join(f.Field, "."))
	}
	if !slices.Equal(got, want) {
		c.Errorf("refused with %q, want %q", got, want)
	}
}

func TestMetafieldsOfCarts(t *testing.T) {
	t.Parallel()
	c := open(t)
	one, two := c.create(), c.create()
	set := func(owner cart.Cart, key, kind, value string) cart.CartMetafieldsSetInput {
		return cart.CartMetafieldsSetInput{Key: key, OwnerID: owner.ID.String(), Type: kind, Value: value}
	}
	write := func(inputs ...cart.CartMetafieldsSetInput) error {
		_, err := c.carts.SetMetafields(t.Context(), inputs)
		return err
	}
	if err := write(set(two, "zeta", "json", `{"a":1}`), set(one, "gift.wrap", "boolean", "true"), set(one, "alpha", "number_integer", "-7")); err != nil {
		t.Fatal(err)
	}
	c.metafields(one.ID, "alpha number_integer -7", "gift.wrap boolean true")
	c.metafields(two.ID, `zeta json {"a":1}`)
	if err := write(set(one, "alpha", "number_decimal", "1.50")); err != nil {
		t.Fatal(err)
	}
	c.wrong(write(set(one, "", "boolean", "true"), set(one, "x", "boolean", "true"), set(one, strings.Repeat("k", 65), "boolean", "true"),
		set(one, "kk", "reference", "x"), set(one, "kk", "boolean", "yes"), set(one, "kk", "json", "{"), set(one, "kk", "date", "2026-13-01"),
		set(one, "kk", "number_decimal", "1e5"), set(one, "kk", "multi_line_text_field", ""), set(one, "kk", "multi_line_text_field", "4242 4242 4242 4242"),
		cart.CartMetafieldsSetInput{Key: "kk", OwnerID: id.NewProductID().String(), Type: "boolean", Value: "true"}),
		"BLANK metafields.0.key", "TOO_SHORT metafields.1.key", "TOO_LONG metafields.2.key", "INVALID_TYPE metafields.3.type",
		"INVALID_VALUE metafields.4.value", "INVALID_VALUE metafields.5.value", "INVALID_VALUE metafields.6.value", "INVALID_VALUE metafields.7.value",
		"BLANK metafields.8.value", "INVALID_VALUE metafields.9.value", "INVALID_OWNER metafields.10.ownerId")
	drop := func(owner, key string) error {
		return c.carts.DeleteMetafield(t.Context(), cart.CartMetafieldDeleteInput{Key: key, OwnerID: owner})
	}
	// An address is one whole, and nothing that a browser runs.
	for _, value := range []string{"see https://a.example", "www.a.example", "//a.example", "javascript:alert('https://a.example')", "https://", "https://a.example/a b"} {
		c.wrong(write(set(one, "kk", "url", value)), "INVALID_VALUE metafields.0.value")
	}
	if err := write(set(two, "link", "url", "https://a.example/x?y=1#z")); err != nil {
		t.Error(err)
	}
	if err := drop(two.ID.String(), "link"); err != nil {
		t.Error(err)
	}
	// All or none, also where one of the carts is somebody else's.
	bare, _, _ := strings.Cut(two.ID.String(), "?")
	foreign := set(two, "kk", "boolean", "true")
	foreign.OwnerID = bare + "?key=guess"
	c.wrong(write(set(one, "kk", "boolean", "true"), foreign), "INVALID_OWNER metafields.1.ownerId")
	c.wrong(write(make([]cart.CartMetafieldsSetInput, 26)...), "LESS_THAN_OR_EQUAL_TO metafields")
	c.metafields(one.ID, "alpha number_decimal 1.50", "gift.wrap boolean true")

	if err := drop(one.ID.String(), "alpha"); err != nil {
		t.Fatal(err)
	}
	c.wrong(drop(one.ID.String(), "alpha"), "METAFIELD_DOES_NOT_EXIST input.key")
	c.wrong(drop(foreign.OwnerID, "zeta"), "INVALID_OWNER input.ownerId")
	c.wrong(drop("x", "zeta"), "INVALID_OWNER input.ownerId")
	c.metafields(one.ID, "gift.wrap boolean true")
	c.metafields(two.ID, `zeta json {"a":1}`)

	// Two who write on the same carts in opposite order both succeed.
	var group sync.WaitGroup
	for i := range 8 {
		a, b := set(one, "k"+strconv.Itoa(i), "boolean", "true"), set(two, "k"+strconv.Itoa(i), "boolean", "true")
		if i%2 == 1 {
			a, b = b, a
		}
		group.Go(func() {
			if err := write(a, b); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, owner := range []cart.Cart{one, two} {
		if found, err := c.carts.Open(t.Context(), owner.ID); err != nil || len(found.AllMetafields) != 9 {
			t.Errorf("%d metafields, %v; want 9", len(found.AllMetafields), err)
		}
	}
}
