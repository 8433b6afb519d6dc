package promotions

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

var mug, pot, card = id.NewProductID(), id.NewProductID(), id.NewProductID()

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func ptr[T any](v T) *T { return &v }

func item(product id.ProductID, cents int64, quantity int) Item {
	return Item{ProductID: product, Unit: usd(cents), Quantity: quantity, Ships: product != card}
}

// offer is a promotion that runs, for these products or for all.
func offer(code string, change func(*Promotion), of ...id.ProductID) Offer {
	if len(of) == 0 {
		of = []id.ProductID{mug, pot, card}
	}
	o := Offer{Code: code, Promotion: Promotion{ID: id.NewPromotionID(), currency: "USD", running: true}, Of: map[id.ProductID]bool{}}
	for _, product := range of {
		o.Of[product] = true
	}
	change(&o.Promotion)
	return o
}

func percent(rate int) func(*Promotion) {
	return func(p *Promotion) { p.Kind, p.rate = KindPercentage, &rate }
}

func fixed(cents int64) func(*Promotion) {
	return func(p *Promotion) { p.Kind, p.Amount = KindFixedAmount, ptr(usd(cents)) }
}

func buyGet(buy, get, rate int) func(*Promotion) {
	return func(p *Promotion) { p.Kind, p.BuyQuantity, p.GetQuantity, p.rate = KindBuyXGetY, &buy, &get, &rate }
}

func freeShipping(p *Promotion) { p.Kind = KindFreeShipping }

func and(changes ...func(*Promotion)) func(*Promotion) {
	return func(p *Promotion) {
		for _, change := range changes {
			change(p)
		}
	}
}

func combines(p *Promotion) { p.Combines = true }

func TestWhatPromotionsGive(t *testing.T) {
	t.Parallel()
	spent := offer("A", percent(1000))
	spent.Spent = true
	same := offer("A", percent(1000))
	twin := same
	twin.Code = "B"
	for _, c := range []struct {
		what   string
		items  []Item
		offers []Offer
		lines  []int64
		free   bool
		codes  map[string]Refusal
	}{
		{"a tenth of all", []Item{item(mug, 1000, 3), item(pot, 505, 1)}, []Offer{offer("", percent(1000))}, []int64{300, 51}, false, nil},
		{"a third, to the unit", []Item{item(mug, 100, 1), item(pot, 100, 1), item(card, 100, 1)}, []Offer{offer("A", percent(3333))}, []int64{34, 33, 33}, false, nil},
		{"of some goods only", []Item{item(mug, 1000, 1), item(pot, 1000, 1)}, []Offer{offer("A", percent(5000), pot)}, []int64{0, 500}, false, nil},
		{"an amount, shared out", []Item{item(mug, 1000, 2), item(pot, 1000, 1)}, []Offer{offer("A", fixed(1000))}, []int64{667, 333}, false, nil},
		{"never more than they cost", []Item{item(mug, 300, 1)}, []Offer{offer("A", fixed(1000))}, []int64{300}, false, nil},
		{"the cheapest free", []Item{item(mug, 1000, 2), item(pot, 400, 1)}, []Offer{offer("A", buyGet(2, 1, 10_000))}, []int64{0, 400}, false, nil},
		{"two sets, half price", []Item{item(mug, 1000, 5), item(pot, 400, 1)}, []Offer{offer("A", buyGet(2, 1, 5000))}, []int64{500, 200}, false, nil},
		{"no full set", []Item{item(mug, 1000, 2)}, []Offer{offer("A", buyGet(2, 1, 10_000))}, []int64{0}, false, map[string]Refusal{"A": QuantityTooLow}},
		{"the best of two that do not combine", []Item{item(mug, 1000, 1)}, []Offer{offer("A", percent(1000)), offer("B", fixed(200))}, []int64{200}, false, map[string]Refusal{"A": NotCombined}},
		{"those that combine, each off what is left", []Item{item(mug, 1000, 1)}, []Offer{offer("", and(percent(1000), combines)), offer("A", and(percent(5000), combines))}, []int64{550}, false, nil},
		{"alone, where that gives more", []Item{item(mug, 1000, 1)}, []Offer{offer("A", and(percent(1000), combines)), offer("B", percent(3000))}, []int64{300}, false, map[string]Refusal{"A": NotCombined}},
		{"free shipping beside another", []Item{item(mug, 1000, 1)}, []Offer{offer("A", percent(1000)), offer("B", freeShipping)}, []int64{100}, true, nil},
		{"free shipping twice", []Item{item(mug, 1000, 1)}, []Offer{offer("A", freeShipping), offer("B", freeShipping)}, []int64{0}, true, map[string]Refusal{"B": NotCombined}},
		{"free shipping that comes by itself, and by a code", []Item{item(mug, 1000, 1)}, []Offer{offer("", freeShipping), offer("B", freeShipping), offer("C", percent(1000))}, []int64{100}, true, map[string]Refusal{"B": NotCombined}},
		{"free shipping of what nobody carries", []Item{item(card, 1000, 1)}, []Offer{offer("B", freeShipping)}, []int64{0}, false, map[string]Refusal{"B": NoShipping}},
		{"a minimum that is met", []Item{item(mug, 1000, 2), item(pot, 1, 1)}, []Offer{offer("A", and(percent(1000), func(p *Promotion) { p.MinimumSubtotal = ptr(usd(2000)) }), mug)}, []int64{200, 0}, false, nil},
		{"a minimum that other goods would meet", []Item{item(mug, 1000, 1), item(pot, 5000, 1)}, []Offer{offer("A", and(percent(1000), func(p *Promotion) { p.MinimumSubtotal = ptr(usd(2000)) }), mug)}, []int64{0, 0}, false, map[string]Refusal{"A": SubtotalTooLow}},
		{"too few", []Item{item(mug, 1000, 1), item(mug, 1000, 1)}, []Offer{offer("A", and(percent(1000), func(p *Promotion) { p.MinimumQuantity = ptr(3) }))}, []int64{0, 0}, false, map[string]Refusal{"A": QuantityTooLow}},
		{"enough over two lines", []Item{item(mug, 1000, 2), item(mug, 1000, 1)}, []Offer{offer("A", and(percent(1000), func(p *Promotion) { p.MinimumQuantity = ptr(3) }))}, []int64{200, 100}, false, nil},
		{"none of its goods", []Item{item(mug, 1000, 1)}, []Offer{offer("A", percent(1000), pot)}, []int64{0}, false, map[string]Refusal{"A": NoGoods}},
		{"used up", []Item{item(mug, 1000, 1)}, []Offer{offer("A", and(percent(1000), func(p *Promotion) { p.UsageLimit, p.Uses = ptr(3), 3 }))}, []int64{0}, false, map[string]Refusal{"A": UsedUp}},
		{"used up by this buyer", []Item{item(mug, 1000, 1)}, []Offer{spent}, []int64{0}, false, map[string]Refusal{"A": UsedUpByCustomer}},
		{"nobody's code", []Item{item(mug, 1000, 1)}, []Offer{{Code: "X"}}, []int64{0}, false, map[string]Refusal{"X": NotFound}},
		{"two codes of one promotion", []Item{item(mug, 1000, 1)}, []Offer{same, twin}, []int64{100}, false, map[string]Refusal{"B": NotCombined}},
		{"nothing", nil, []Offer{offer("A", percent(1000))}, []int64{}, false, map[string]Refusal{"A": NoGoods}},
	} {
		got, err := Apply(c.items, c.offers)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if !slices.Equal(got.Lines, c.lines) || (got.FreeShipping != nil) != c.free {
			t.Errorf("%s: %v off, free shipping %v; want %v, %v", c.what, got.Lines, got.FreeShipping != nil, c.lines, c.free)
		}
		if len(got.Refused) != len(c.codes) {
			t.Errorf("%s: refused %v, want %v", c.what, got.Refused, c.codes)
		}
		for code, why := range c.codes {
			if got.Refused[code] != why {
				t.Errorf("%s: %s is refused for %q, want %q", c.what, code, got.Refused[code], why)
			}
		}
	}
}

// Whatever is offered: what promotions give is the sum of what each gives, line by line, and no line costs less than
// nothing or more than before. The same again gives the same again.
func TestReductionsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		products := []id.ProductID{mug, pot, card}
		var items []Item
		for range rapid.IntRange(0, 6).Draw(t, "lines") {
			items = append(items, item(rapid.SampledFrom(products).Draw(t, "product"), rapid.Int64Range(0, 1_000_000).Draw(t, "unit"), rapid.IntRange(1, 1000).Draw(t, "quantity")))
		}
		var offers []Offer
		for i := range rapid.IntRange(0, 5).Draw(t, "offers") {
			kind := rapid.SampledFrom([]func(*Promotion){
				percent(rapid.IntRange(1, 10_000).Draw(t, "rate")), fixed(rapid.Int64Range(1, 5_000_000).Draw(t, "amount")),
				buyGet(rapid.IntRange(1, 5).Draw(t, "buy"), rapid.IntRange(1, 5).Draw(t, "get"), rapid.IntRange(1, 10_000).Draw(t, "rate")), freeShipping,
			}).Draw(t, "kind")
			o := offer(string(rune('A'+i)), kind, products[:rapid.IntRange(1, 3).Draw(t, "of")]...)
			o.Promotion.Combines = rapid.Bool().Draw(t, "combines")
			offers = append(offers, o)
		}
		got, err := Apply(items, offers)
		if err != nil {
			t.Fatal(err)
		}
		for i, it := range items {
			sum := int64(0)
			for _, a := range got.Applied {
				if a.Lines[i] < 0 || a.Lines[i] > 0 && !a.Offer.Of[it.ProductID] {
					t.Fatalf("%d off a line that it is not for", a.Lines[i])
				}
				sum += a.Lines[i]
			}
			if sum != got.Lines[i] || sum > it.Unit.Minor*int64(it.Quantity) {
				t.Fatalf("line %d: %d off, its promotions give %d of %d", i, got.Lines[i], sum, it.Unit.Minor*int64(it.Quantity))
			}
		}
		again, err := Apply(items, offers)
		if err != nil || !slices.Equal(again.Lines, got.Lines) {
			t.Fatalf("the same again gives %v, not %v", again.Lines, got.Lines)
		}
	})
}
