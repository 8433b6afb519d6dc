package promotions

import (
	"fmt"

	"github.com/wharfhq/wharf/internal/money"
)

// Refusal says why a code gives nothing.
type Refusal string

// The reasons, by the names of the vocabulary's warnings.
const (
	NotFound         Refusal = "DISCOUNT_NOT_FOUND"
	NotNow           Refusal = "DISCOUNT_CURRENTLY_INACTIVE"
	UsedUp           Refusal = "DISCOUNT_USAGE_LIMIT_REACHED"
	UsedUpByCustomer Refusal = "DISCOUNT_CUSTOMER_USAGE_LIMIT_REACHED"
	NoGoods          Refusal = "DISCOUNT_NO_ENTITLED_LINE_ITEMS"
	NoShipping       Refusal = "DISCOUNT_NO_ENTITLED_SHIPPING_LINES"
	SubtotalTooLow   Refusal = "DISCOUNT_PURCHASE_NOT_IN_RANGE"
	QuantityTooLow   Refusal = "DISCOUNT_QUANTITY_NOT_IN_RANGE"
	NotCombined      Refusal = "DISCOUNT_CODE_NOT_HONOURED" //nolint:misspell // the vocabulary spells it so; another discount gives as much or more, and they do not combine
	OtherCurrency    Refusal = NotCombined                  // the vocabulary has no name of its own for it
)

// refuse keeps why a code gives nothing; words have its place as %s.
func (r *Reduction) refuse(o Offer, why Refusal, words string) {
	if o.Code != "" {
		r.Refused[o.Code], r.Words[o.Code] = why, fmt.Sprintf(words, o.Code)
	}
}

// fits says why an offer gives nothing to the items, also in words with a place for the code; empty when it gives.
func (o Offer) fits(items []Item) (why Refusal, words string) {
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
	case p.Kind == "":
		return NotFound, "There is no discount code %s."
	case p.ended:
		return NotNow, "The code %s has expired."
	case !p.running:
		return NotNow, "The code %s can't be used yet."
	case p.usedUp():
		return UsedUp, "The code %s has been used as often as it can be."
	case o.Spent:
		return UsedUpByCustomer, "You have used the code %s as often as you can."
	case o.Foreign:
		return OtherCurrency, "The code %s is for orders in another currency."
	case !goods:
		return NoGoods, "Nothing in the cart is what the code %s is for."
	case p.Kind == KindFreeShipping && !ships:
		return NoShipping, "The code %s takes off the price of the delivery, and nothing that it is for has to be delivered."
	case p.MinimumSubtotal != nil && subtotal < p.MinimumSubtotal.Minor:
		missing := money.New(p.MinimumSubtotal.Minor-subtotal, p.MinimumSubtotal.CurrencyCode)
		return SubtotalTooLow, fmt.Sprintf("The code %%s is for %s or more%s. Add %s more to use it.", written(*p.MinimumSubtotal), o.ofWhat(), written(missing))
	}
	least := 0
	if p.MinimumQuantity != nil {
		least = *p.MinimumQuantity
	}
	if p.Kind == KindBuyXGetY {
		least = max(least, *p.BuyQuantity+*p.GetQuantity)
	}
	if quantity < least {
		return QuantityTooLow, fmt.Sprintf("The code %%s is for %d units or more%s. Add %d more to use it.", least, o.ofWhat(), least-quantity)
	}
	return "", ""
}

// ofWhat says of what there must be so much: of its goods, where those are not all.
func (o Offer) ofWhat() string {
	if len(o.Promotion.ProductIDs)+len(o.Promotion.CollectionIDs) == 0 {
		return ""
	}
	return " of its products"
}

func written(m money.Money) string { return string(m.Amount()) + " " + string(m.CurrencyCode) }
