package cart

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
)

// store knows bundles of some parts each, out of twice as many, and the parts themselves; there is enough for a few.
func store(bundles, parts int) (goods, []id.ProductVariantID) {
	g := goods{variants: map[id.ProductVariantID]catalog.ProductVariant{}, most: map[id.ProductVariantID]inventory.Most{}, bundles: map[id.ProductVariantID][]inventory.Component{}}
	offer := func(most inventory.Most) id.ProductVariantID {
		variant := catalog.ProductVariant{ID: id.NewProductVariantID(), Offered: true, Quantities: catalog.QuantityRule{Minimum: 1, Increment: 1}}
		g.variants[variant.ID], g.most[variant.ID] = variant, most
		return variant.ID
	}
	var all []id.ProductVariantID
	for range 2 * parts {
		all = append(all, offer(inventory.Most{Shipped: 30 * bundles, Store: 20 * bundles, Together: 40 * bundles}))
	}
	for i := range bundles {
		bundle := offer(inventory.Most{Shipped: 20, Store: 10, Together: 25})
		for n := range parts {
			g.bundles[bundle] = append(g.bundles[bundle], inventory.Component{VariantID: all[(i+n)%(2*parts)], Quantity: 1 + n%3})
		}
		all = append(all, bundle)
	}
	return g, all
}

// TestWhatIsTakenIsCounted: after each change of lines, what they take is what they would be counted to take.
func TestWhatIsTakenIsCounted(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	for range 200 {
		g, variants := store(3, 2)
		counted := func(after string, got goods, lines []CartLine) {
			t.Helper()
			given := func(_ taking, units int) bool { return units == 0 }
			want := g.with(lines).taken
			maps.DeleteFunc(got.taken, given)
			maps.DeleteFunc(want, given)
			if !maps.Equal(got.taken, want) {
				t.Fatalf("after %s %v are counted, want %v", after, got.taken, want)
			}
		}
		anything := func() *string { text := variants[random.IntN(len(variants))].String(); return &text }
		some := func(least, most int) *int { n := least + random.IntN(most-least+1); return &n }
		way := func() *orders.DeliveryMethodType {
			return []*orders.DeliveryMethodType{nil, new(orders.DeliveryPickUp), new(orders.DeliveryShipping)}[random.IntN(3)]
		}

		a := &adding{goods: g.with(nil), known: marks{}, refused: &refusals{}, added: map[int]id.CartLineID{}}
		for i := range 12 {
			input := CartLineInput{MerchandiseID: *anything(), Quantity: some(1, 9), DeliveryMethod: way()}
			a.inputs = append(a.inputs, input)
			var parent *CartLine
			if random.IntN(3) == 0 && len(a.lines) > 0 && a.lines[0].ParentID == nil {
				parent = &a.lines[0]
			}
			a.put(i, parent)
			counted("an addition", a.goods, a.lines)
		}

		u := &updating{goods: g.with(a.lines), lines: a.lines, known: marks{}, refused: &refusals{}}
		for i := range 12 {
			if len(u.lines) == 0 {
				break
			}
			input := CartLineUpdateInput{ID: u.lines[random.IntN(len(u.lines))].ID.String(), DeliveryMethod: way()}
			if random.IntN(2) == 0 {
				input.MerchandiseID = anything()
			}
			if random.IntN(3) > 0 {
				input.Quantity = some(0, 9)
			}
			u.inputs = append(u.inputs, input)
			u.change(i)
			counted("an update", u.goods, u.lines)
		}
	}
}

// BenchmarkUpdateOfLargestCart changes 250 of 500 lines, each with a bundle of 50 parts, in one call.
func BenchmarkUpdateOfLargestCart(b *testing.B) {
	g, variants := store(MaxLines, 50)
	var lines []CartLine
	var inputs []CartLineUpdateInput
	for i, variant := range variants[100:] {
		lines = append(lines, CartLine{ID: id.NewCartLineID(), VariantID: variant, Quantity: 1})
		if i < 250 {
			inputs = append(inputs, CartLineUpdateInput{ID: lines[i].ID.String(), Quantity: new(3)})
		}
	}
	for b.Loop() {
		g.update(append([]CartLine{}, lines...), inputs, &refusals{})
	}
}
