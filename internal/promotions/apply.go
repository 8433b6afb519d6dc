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
	Of        map[id.ProductID]bool
}

// Refusal says why a code gives nothing.
type Refusal string

// The reasons, by the names of the vocabulary's warnings.
const (
	NotFound         Refusal = "DISCOUNT_NOT_FOUND" // unknown, over or not begun: the same answer for all
	UsedUp           Refusal = "DISCOUNT_USAGE_LIMIT_REACHED"
	UsedUpByCustomer Refusal = "DISCOUNT_CUSTOMER_USAGE_LIMIT_REACHED"
	NoGoods          Refusal = "DISCOUNT_NO_ENTITLED_LINE_ITEMS"
	NoShipping       Refusal = "DISCOUNT_NO_ENTITLED_SHIPPING_LINES"
	SubtotalTooLow   Refusal = "DISCOUNT_PURCHASE_NOT_IN_RANGE"
	QuantityTooLow   Refusal = "DISCOUNT_QUANTITY_NOT_IN_RANGE"
	NotCombined      Refusal = "DISCOUNT_CODE_NOT_HONOURED" //nolint:misspell // the vocabulary spells it so; another discount gives more, and they do not combine
)

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
}

// Apply works out what the offers, in their order, give to the items. What is taken off adds up to the unit, and no
// line costs less than nothing. Discounts that combine are taken one after the other, each off what the ones before have
// left; one that does not combine is taken alone. Of these choices the one that gives most is taken, the earlier on a
// tie. Free shipping goes with everything but itself.
func Apply(items []Item, offers []Offer) (Reduction, error) {
	r := Reduction{Lines: make([]int64, len(items)), Refused: map[string]Refusal{}}
	var choices [][]Offer
	var together []Offer
	seen := map[id.PromotionID]bool{}
	for _, o := range offers {
		switch refusal := o.fits(items); {
		case refusal != "":
			r.refuse(o, refusal)
		case seen[o.Promotion.ID]: // another code of the same
			r.refuse(o, NotCombined)
			continue
		case o.Promotion.Kind == KindFreeShipping:
			if r.FreeShipping != nil { // nothing is left to be taken off
				r.refuse(o, NotCombined)
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
				r.refuse(o, NotCombined)
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

func (r *Reduction) refuse(o Offer, why Refusal) {
	if o.Code != "" {
		r.Refused[o.Code] = why
	}
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

// fits says why an offer gives nothing to the items; empty when it gives.
func (o Offer) fits(items []Item) Refusal {
	p := o.Promotion
	quantity, subtotal, ships, goods := 0, int64(0), false, false
	for _, item := range items {
		if o.Of[item.ProductID] {
			goods, ships = true, ships || item.Ships
			quantity += item.Quantity
			subtotal += item.Unit.Minor * int64(item.Quantity)
		}
	}
	switch {
	case !p.running:
		return NotFound
	case p.usedUp():
		return UsedUp
	case o.Spent:
		return UsedUpByCustomer
	case !goods:
		return NoGoods
	case p.Kind == KindFreeShipping && !ships:
		return NoShipping
	case p.MinimumSubtotal != nil && subtotal < p.MinimumSubtotal.Minor:
		return SubtotalTooLow
	case p.MinimumQuantity != nil && quantity < *p.MinimumQuantity:
		return QuantityTooLow
	case p.Kind == KindBuyXGetY && quantity < *p.BuyQuantity+*p.GetQuantity:
		return QuantityTooLow
	}
	return ""
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
