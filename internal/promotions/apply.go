package promotions

import (
	"cmp"
	"slices"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// Item is one line that discounts are worked out for.
type Item struct {
	ProductID id.ProductID
	Unit      money.Money
	Quantity  int
	Ships     bool // somebody has to carry it
}

// Offer is a promotion that an order may have: an automatic one, or one whose code was named.
type Offer struct {
	Promotion Promotion
	Code      string // as it is kept; empty for an automatic one
	Spent     bool   // this buyer has had it as often as one may
	Foreign   bool   // it is in another currency than the order
	Of        map[id.ProductID]bool
}

// Applied is what one promotion gives to an order.
type Applied struct {
	Offer Offer
	Lines []int64 // what it takes off each line; nil for free shipping
}

// Sum is what it takes off all lines.
func (a Applied) Sum() int64 {
	sum := int64(0)
	for _, amount := range a.Lines {
		sum += amount
	}
	return sum
}

// Reduction is what all promotions give to an order together.
type Reduction struct {
	Lines        []int64 // off each line
	Applied      []Applied
	FreeShipping *Offer // if one makes the shipping free
	Refused      map[string]Refusal
	Words        map[string]string // of each refused code, for people
}

// Apply works out what the offers, in their order, give to the items. What is taken off adds up to the unit, and no
// line costs less than nothing. Discounts that combine are taken one after the other, each off what the ones before have
// left; one that does not combine is taken alone. Of these choices the one that gives most is taken, the earlier on a
// tie. Free shipping goes with everything but itself.
func Apply(items []Item, offers []Offer) (Reduction, error) {
	r := Reduction{Lines: make([]int64, len(items)), Refused: map[string]Refusal{}, Words: map[string]string{}}
	var choices [][]Offer
	var together []Offer
	seen := map[id.PromotionID]bool{}
	for _, o := range offers {
		switch refusal, words := o.fits(items); {
		case refusal != "":
			r.refuse(o, refusal, words)
		case seen[o.Promotion.ID]:
			r.refuse(o, NotCombined, "The code %s is for the same discount as another one.")
			continue
		case o.Promotion.Kind == KindFreeShipping:
			if r.FreeShipping != nil {
				r.refuse(o, NotCombined, "The code %s takes off the price of the delivery, which another discount takes off already.")
			} else {
				r.FreeShipping = &o
			}
		case o.Promotion.Combines:
			together = append(together, o)
		default:
			choices = append(choices, []Offer{o})
		}
		seen[o.Promotion.ID] = true
	}
	if len(together) > 0 {
		choices = append([][]Offer{together}, choices...)
	}
	var best []Applied
	most := int64(-1)
	for _, choice := range choices {
		applied, sum, err := take(items, choice)
		if err != nil {
			return r, err
		}
		if sum > most {
			best, most = applied, sum
		}
	}
	for _, choice := range choices {
		for _, o := range choice {
			if !slices.ContainsFunc(best, func(a Applied) bool { return a.Offer.Promotion.ID == o.Promotion.ID }) {
				r.refuse(o, NotCombined, "The code %s does not go together with another discount, which gives as much or more.")
			}
		}
	}
	for _, a := range best {
		for i, amount := range a.Lines {
			r.Lines[i] += amount
		}
	}
	r.Applied = best
	return r, nil
}

// take takes offers one after the other, each off what the ones before have left.
func take(items []Item, offers []Offer) (applied []Applied, sum int64, err error) {
	left := make([]int64, len(items))
	for i, item := range items {
		left[i] = item.Unit.Minor * int64(item.Quantity) // was checked to fit when the lines were added up
	}
	for _, o := range offers {
		a := Applied{Offer: o}
		if a.Lines, err = o.takes(items, left); err != nil {
			return nil, 0, err
		}
		for i, amount := range a.Lines {
			left[i] -= amount
			sum += amount
		}
		applied = append(applied, a)
	}
	return applied, sum, nil
}

// takes works out what one offer takes off each line of what is left.
func (o Offer) takes(items []Item, left []int64) ([]int64, error) {
	p := o.Promotion
	if p.Kind == KindBuyXGetY {
		return o.cheapest(items, left)
	}
	weights, sum := make([]int64, len(items)), money.Zero(p.currency)
	for i, item := range items {
		if o.Of[item.ProductID] {
			weights[i] = left[i]
			sum.Minor += left[i]
		}
	}
	total := sum
	if p.Kind == KindPercentage {
		var err error
		if total, err = sum.Share(int64(*p.rate), 10_000); err != nil {
			return nil, err
		}
	} else {
		total.Minor = min(p.Amount.Minor, sum.Minor)
	}
	lines := make([]int64, len(items))
	if total.Minor == 0 {
		return lines, nil
	}
	parts, err := total.Allocate(weights)
	for i, part := range parts {
		lines[i] = part.Minor
	}
	return lines, err
}

// cheapest reduces the cheapest units: of each full set of so many bought and got, those that are got.
func (o Offer) cheapest(items []Item, left []int64) ([]int64, error) {
	p := o.Promotion
	quantity := 0
	var byPrice []int
	for i, item := range items {
		if o.Of[item.ProductID] {
			quantity += item.Quantity
			byPrice = append(byPrice, i)
		}
	}
	slices.SortStableFunc(byPrice, func(a, b int) int { return cmp.Compare(items[a].Unit.Minor, items[b].Unit.Minor) })
	got := quantity / (*p.BuyQuantity + *p.GetQuantity) * *p.GetQuantity
	lines := make([]int64, len(items))
	for _, i := range byPrice {
		units := min(got, items[i].Quantity)
		got -= units
		reduced, err := money.New(items[i].Unit.Minor*int64(units), p.currency).Share(int64(*p.rate), 10_000)
		if err != nil {
			return nil, err
		}
		lines[i] = min(reduced.Minor, left[i])
	}
	return lines, nil
}
