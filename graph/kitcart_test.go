package graph_test

import (
	"encoding/json"
	"testing"
)

// TestAKitsCartIsNotThrottled: a kit asks for up to 100 whole products on each page, of a cart that has none or one. What was
// not there is given back, so a shopper's budget lasts for hundreds of pages, as it would for somebody who asked for less.
func TestAKitsCartIsNotThrottled(t *testing.T) {
	t.Parallel()
	m := openMarket(t)
	lamp := m.variant("lamp-ab", 0)
	made, _ := m.ask(`mutation { cartCreate { cart { id } } }`)
	empty := under(t, made, "cartCreate.cart.id")
	made, _ = m.ask(`mutation($v: ID!) { cartCreate(input: { lines: [{ merchandiseId: $v }] }) { cart { id } } }`, "v", lamp)
	one := under(t, made, "cartCreate.cart.id")
	a := api{Shop: m.Shop, server: m.server}
	for name, c := range map[string]struct {
		cart any
		want cost
	}{
		"empty":    {empty, cost{Requested: kitCartCost, Actual: 2}},
		"with one": {one, cost{Requested: kitCartCost, Actual: 12}},
	} {
		for range 40 { // nine would use the budget up
			got := a.ask(t, "", document(t, "kitcart"), map[string]any{"cartId": c.cart})
			if got.codes() != "" {
				t.Fatalf("%s: %s", name, got.codes())
			}
			var has struct{ Cost cost }
			if err := json.Unmarshal(got.Extensions, &has); err != nil || has.Cost != c.want {
				t.Fatalf("%s costs %+v, want %+v (%v)", name, has.Cost, c.want, err)
			}
		}
	}
}

type cost struct{ Requested, Actual int }

// kitCartCost is what the document may cost at most.
const kitCartCost = 4401
