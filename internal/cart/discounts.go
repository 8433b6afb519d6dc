package cart

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/promotions"
)

// CartDiscountCode is a discount code of a cart, and whether it gives something now.
type CartDiscountCode struct {
	Code       string
	Applicable bool
}

// CartDiscountAllocation is the part of a discount that is on one line of a cart.
type CartDiscountAllocation any

// CartCodeDiscountAllocation is a part of a discount whose code was named.
type CartCodeDiscountAllocation struct {
	Code             string
	Title            string // of its promotion
	DiscountedAmount money.Money
	TargetType       orders.DiscountApplicationTargetType
}

// CartAutomaticDiscountAllocation is a part of a discount that came by itself.
type CartAutomaticDiscountAllocation struct {
	Title            string
	DiscountedAmount money.Money
	TargetType       orders.DiscountApplicationTargetType
}

// CartCustomDiscountAllocation is a part of a discount that a shop's own program gives; no cart has one.
type CartCustomDiscountAllocation struct {
	Title            string
	DiscountedAmount money.Money
	TargetType       orders.DiscountApplicationTargetType
}

// IsCartDiscountAllocation marks it as a part of a discount.
func (CartCustomDiscountAllocation) IsCartDiscountAllocation() {}

// IsCartDiscountAllocation marks it as a part of a discount.
func (CartCodeDiscountAllocation) IsCartDiscountAllocation() {}

// IsCartDiscountAllocation marks it as a part of a discount.
func (CartAutomaticDiscountAllocation) IsCartDiscountAllocation() {}

// DiscountAllocations are the discounts on the cart as a whole. There are none: each is shared out over the lines, and
// what shipping is reduced by is known when the delivery is.
func (Cart) DiscountAllocations() []CartDiscountAllocation { return []CartDiscountAllocation{} }

// UpdateDiscountCodes replaces the discount codes of a cart. One that gives nothing stays, with a warning: it may give
// something when the cart is another.
func (c *Carts) UpdateDiscountCodes(ctx context.Context, actor access.Actor, cart string, codes []string) (*Payload, error) {
	was, err := c.existing(ctx, cart)
	if err != nil {
		return payload(Cart{}, nil, err)
	}
	texts, refused, err := c.discountCodes(ctx, actor, was.DiscountCodeTexts, codes, "discountCodes")
	if err != nil {
		return nil, err
	}
	return c.change(ctx, cart, asked{"cartDiscountCodesUpdate", codes}, func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		content.DiscountCodeTexts = texts
		return nil, refused.err()
	})
}

// discountCodes reads codes as they are kept, each once, and counts those that are nobody's. What looks like a card's number
// is kept when it is a code of the shop's alone, or one that the cart had.
func (c *Carts) discountCodes(ctx context.Context, actor access.Actor, had, codes []string, path ...string) ([]string, refusals, error) {
	var refused refusals
	if len(codes) > promotions.MaxCodes {
		refused.add(tooManyCodes(path...))
		return nil, refused, nil
	}
	texts := []string{}
	suspects := map[string]int{} // by their place
	for i, code := range codes {
		text := promotions.CodeOf(code)
		switch {
		case text == "": // a storefront takes the codes away by sending an empty one
		case !promotions.ValidCode(text):
			refused.add(refuse(Invalid, "This is no discount code.", append(slices.Clone(path), strconv.Itoa(i))...))
		case !slices.Contains(texts, text):
			texts = append(texts, text)
			if contact.HoldsCardNumber(text) {
				suspects[text] = i
			}
		}
	}
	if len(refused) > 0 {
		return nil, refused, nil
	}
	known, err := c.promotions.Try(ctx, actor, texts)
	if err != nil {
		return nil, nil, err
	}
	for _, text := range texts {
		if i, ok := suspects[text]; ok && !slices.Contains(known, text) && !slices.Contains(had, text) {
			refused.add(noCardNumber(append(slices.Clone(path), strconv.Itoa(i))...))
		}
	}
	return texts, refused, nil
}

// reduce takes off a priced cart what promotions give, line by line.
func (c *Carts) reduce(ctx context.Context, cart *Cart) error {
	items := make([]promotions.Item, len(cart.AllLines))
	for i, line := range cart.AllLines {
		items[i] = promotions.Item{
			ProductID: line.Variant.ProductID, Unit: line.Variant.Price, Quantity: line.Quantity, Ships: line.Variant.RequiresShipping,
		}
	}
	buyer := c.promotions.Buyer(cart.BuyerIdentity.CustomerID, cart.BuyerIdentity.Email, cart.BuyerIdentity.Phone)
	offers, err := promotions.Offers(ctx, c.pool, cart.CurrencyCode, items, cart.DiscountCodeTexts, buyer)
	if err != nil {
		return err
	}
	reduction, err := promotions.Apply(items, offers)
	if err != nil {
		return fmt.Errorf("reduce a cart: %w", err)
	}
	cart.FreeShipping = reduction.FreeShipping != nil
	cart.refused, cart.refusedWords = reduction.Refused, reduction.Words
	cart.DiscountCodes = make([]CartDiscountCode, len(cart.DiscountCodeTexts))
	for i, code := range cart.DiscountCodeTexts {
		_, refused := reduction.Refused[code]
		cart.DiscountCodes[i] = CartDiscountCode{Code: code, Applicable: !refused}
	}
	for i := range cart.AllLines {
		line := &cart.AllLines[i]
		line.Cost.TotalAmount.Minor -= reduction.Lines[i]
		cart.Cost.SubtotalAmount.Minor -= reduction.Lines[i]
		line.DiscountAllocations = allocations(reduction.Applied, i, cart.CurrencyCode)
	}
	cart.Cost.TotalAmount = cart.Cost.SubtotalAmount
	return nil
}

// allocations are the parts of discounts that are on one line.
func allocations(applied []promotions.Applied, line int, c money.Currency) []CartDiscountAllocation {
	list := []CartDiscountAllocation{}
	for _, a := range applied {
		amount := money.New(a.Lines[line], c)
		switch title := a.Offer.Promotion.Title; {
		case amount.IsZero():
		case a.Offer.Code == "":
			list = append(list, CartAutomaticDiscountAllocation{Title: title, DiscountedAmount: amount, TargetType: orders.TargetLines})
		default:
			list = append(list, CartCodeDiscountAllocation{Code: a.Offer.Code, Title: title, DiscountedAmount: amount, TargetType: orders.TargetLines})
		}
	}
	return list
}

// refusedCodes warns of the codes of a cart that give nothing, and says why.
func (c Cart) refusedCodes() []CartWarning {
	var warnings []CartWarning
	for _, code := range c.DiscountCodeTexts {
		if why, ok := c.refused[code]; ok {
			warnings = append(warnings, CartWarning{Code: CartWarningCode(why), Message: c.refusedWords[code], Target: c.ID.String()})
		}
	}
	return warnings
}
