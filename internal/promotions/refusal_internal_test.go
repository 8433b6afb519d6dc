package promotions

import (
	"testing"

	"github.com/wharfhq/wharf/internal/id"
)

// TestEveryRefusalSaysWhatIsTrue: a shopper whose code gives nothing is told why, and how much is missing.
func TestEveryRefusalSaysWhatIsTrue(t *testing.T) {
	t.Parallel()
	ten := percent(1000)
	of := func(o Offer, products ...id.ProductID) Offer {
		o.Promotion.ProductIDs = products
		return o
	}
	spent, foreign := offer("A", ten), offer("A", ten)
	spent.Spent, foreign.Foreign = true, true
	twin := offer("B", ten)
	same := twin
	same.Code = "A"
	least := func(cents int64) func(*Promotion) { return func(p *Promotion) { p.MinimumSubtotal = ptr(usd(cents)) } }
	units := func(n int) func(*Promotion) { return func(p *Promotion) { p.MinimumQuantity = &n } }
	mugs := []Item{item(mug, 1000, 2), item(card, 500, 1)}
	for _, c := range []struct {
		what   string
		items  []Item
		offers []Offer
		why    Refusal
		words  string
	}{
		{"nobody's", mugs, []Offer{{Code: "A"}}, NotFound, "There is no discount code A."},
		{"not begun", mugs, []Offer{offer("A", and(ten, func(p *Promotion) { p.running = false }))}, NotNow, "The code A can't be used yet."},
		{"ended", mugs, []Offer{offer("A", and(ten, func(p *Promotion) { p.running, p.ended = false, true }))}, NotNow, "The code A has expired."},
		{"used up", mugs, []Offer{offer("A", and(ten, func(p *Promotion) { p.UsageLimit = ptr(0) }))}, UsedUp, "The code A has been used as often as it can be."},
		{"had by the customer", mugs, []Offer{spent}, UsedUpByCustomer, "You have used the code A as often as you can."},
		{"in another currency", mugs, []Offer{foreign}, OtherCurrency, "The code A is for orders in another currency."},
		{"for other products", mugs, []Offer{of(offer("A", ten, pot), pot)}, NoGoods, "Nothing in the cart is what the code A is for."},
		{"in an empty cart", nil, []Offer{offer("A", ten)}, NoGoods, "Nothing in the cart is what the code A is for."},
		{"free shipping of what nobody carries", []Item{item(card, 500, 1)}, []Offer{offer("A", freeShipping)}, NoShipping, "The code A takes off the price of the delivery, and nothing that it is for has to be delivered."},
		{"too little", mugs, []Offer{offer("A", and(ten, least(4250)))}, SubtotalTooLow, "The code A is for 42.50 USD or more. Add 17.50 USD more to use it."},
		{"too little of its products", mugs, []Offer{of(offer("A", and(ten, least(2001)), mug), mug)}, SubtotalTooLow, "The code A is for 20.01 USD or more of its products. Add 0.01 USD more to use it."},
		{"too few", mugs, []Offer{offer("A", and(ten, units(5)))}, QuantityTooLow, "The code A is for 5 units or more. Add 2 more to use it."},
		{"too few of its products", mugs, []Offer{of(offer("A", and(ten, units(3)), mug), mug)}, QuantityTooLow, "The code A is for 3 units or more of its products. Add 1 more to use it."},
		{"no full set", mugs, []Offer{offer("A", buyGet(3, 1, 10_000))}, QuantityTooLow, "The code A is for 4 units or more. Add 1 more to use it."},
		{"no full set, and too few", mugs, []Offer{offer("A", and(buyGet(3, 1, 10_000), units(9)))}, QuantityTooLow, "The code A is for 9 units or more. Add 6 more to use it."},
		{"a second code", mugs, []Offer{twin, same}, NotCombined, "The code A is for the same discount as another one."},
		{"a second free shipping", mugs, []Offer{offer("", freeShipping), offer("A", freeShipping)}, NotCombined, "The code A takes off the price of the delivery, which another discount takes off already."},
		{"beside one that gives more", mugs, []Offer{offer("A", ten), offer("B", percent(2000))}, NotCombined, "The code A does not go together with another discount, which gives as much or more."},
		{"beside one that gives as much", mugs, []Offer{offer("A", ten), offer("B", ten)}, NotCombined, "The code B does not go together with another discount, which gives as much or more."},
		{"a code with a mark", mugs, []Offer{{Code: "100%S"}}, NotFound, "There is no discount code 100%S."},
	} {
		got, err := Apply(c.items, c.offers)
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		code := c.offers[len(c.offers)-1].Code
		if _, ok := got.Refused["A"]; ok {
			code = "A"
		}
		if got.Refused[code] != c.why || got.Words[code] != c.words {
			t.Errorf("%s: %s, %q; want %s, %q", c.what, got.Refused[code], got.Words[code], c.why, c.words)
		}
	}
}
