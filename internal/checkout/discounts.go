package checkout

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/settings"
)

// discounts is what promotions take off an order, and what it was worked out from.
type discounts struct {
	fields    map[string][]string // the input that named each code, for refusals
	buyer     promotions.Buyer    // for whom uses are counted
	reduction promotions.Reduction
	shipping  money.Money // what is taken off the delivery
}

// reduce works out what promotions take off the lines. Every code that is named must give something: an order whose
// code gives nothing is refused and never placed at another price than its shopper expects.
func (c *Checkout) reduce(ctx context.Context, actor access.Actor, d *draft, shop settings.Shop, in OrderPlaceInput) error {
	codes, err := d.codes(in)
	if err != nil {
		return err
	}
	if _, err := c.Promotions.Try(ctx, actor, in.DiscountCodes); err != nil {
		return err
	}
	d.less.buyer = c.Promotions.Buyer(d.buyer.customer, d.buyer.email, d.buyer.phone)
	items := make([]promotions.Item, len(d.lines))
	for i, l := range d.lines {
		items[i] = promotions.Item{ProductID: l.variant.ProductID, Unit: l.variant.Price, Quantity: l.quantity, Ships: l.variant.RequiresShipping}
	}
	offers, err := promotions.Offers(ctx, c.Pool, shop.Currency, items, codes, d.less.buyer)
	if err != nil {
		return err
	}
	if d.less.reduction, err = promotions.Apply(items, offers); err != nil {
		return err
	}
	var refused refusals
	for _, code := range codes {
		if why, ok := d.less.reduction.Refused[code]; ok {
			refused.add(d.refusedCode(code, why))
		}
	}
	return refused.err()
}

// codes gathers the codes of the cart, then those of the input, each once.
func (d *draft) codes(in OrderPlaceInput) ([]string, error) {
	d.less.fields = map[string][]string{}
	var codes []string
	name := func(code string, field ...string) {
		if _, known := d.less.fields[code]; !known {
			d.less.fields[code] = field
			codes = append(codes, code)
		}
	}
	if d.cart != nil {
		for _, code := range d.cart.DiscountCodeTexts {
			name(code, "input", "cartId")
		}
	}
	var refused refusals
	for i, code := range in.DiscountCodes {
		if !promotions.ValidCode(code) {
			refused.add(noCode("input", "discountCodes", strconv.Itoa(i)))
			continue
		}
		name(code, "input", "discountCodes", strconv.Itoa(i))
	}
	if len(codes) > promotions.MaxCodes {
		refused.refuse(Invalid, fmt.Sprintf("There are at most %d codes.", promotions.MaxCodes), "input", "discountCodes")
	}
	return codes, refused.err()
}

// refusedCode says that a code gives nothing. That its uses are used up is told; what else is wrong is not.
func (d *draft) refusedCode(code string, why promotions.Refusal) *fault.Fault {
	field := d.less.fields[code]
	switch {
	case why == promotions.UsedUp:
		return refuse(CodeUsedUp, "This code has been used as often as it can be.", field...)
	case why == promotions.UsedUpByCustomer:
		return refuse(CodeUsedUp, "You have used this code as often as you can.", field...)
	case field[1] == "cartId":
		return refuse(CodeNotApplicable, fmt.Sprintf("The code %s of the cart can't be used for this order. Remove it and try again.", code), field...)
	}
	return noCode(field...)
}

// shipFree takes the price off the delivery, if a promotion says so.
func (d *draft) shipFree() {
	d.less.shipping = money.Zero(d.delivery.price.CurrencyCode)
	if d.less.reduction.FreeShipping != nil {
		d.less.shipping, d.delivery.price = d.delivery.price, d.less.shipping
	}
}

// given lists what promotions give to the order. One that gives nothing after all does not count as used.
func (d *draft) given() []orders.OrderDiscount {
	var list []orders.OrderDiscount
	add := func(o promotions.Offer, target orders.DiscountApplicationTargetType, amount int64, lines []int64) {
		if amount == 0 {
			return
		}
		discount := orders.OrderDiscount{
			PromotionID: o.Promotion.ID, Title: o.Promotion.Title, TargetType: target,
			Amount: money.New(amount, d.total.CurrencyCode), Lines: lines,
		}
		if o.Code != "" {
			discount.Code = &o.Code
		}
		list = append(list, discount)
	}
	for _, a := range d.less.reduction.Applied {
		add(a.Offer, orders.TargetLines, a.Sum(), a.Lines)
	}
	if free := d.less.reduction.FreeShipping; free != nil {
		add(*free, orders.TargetShipping, d.less.shipping.Minor, nil)
	}
	return list
}

// versions are those of the promotions from which the discounts were worked out.
func (d *draft) versions() map[id.PromotionID]int {
	versions := map[id.PromotionID]int{}
	for _, a := range d.less.reduction.Applied {
		versions[a.Offer.Promotion.ID] = a.Offer.Promotion.Version
	}
	if free := d.less.reduction.FreeShipping; free != nil {
		versions[free.Promotion.ID] = free.Promotion.Version
	}
	return versions
}

// promotionIDs names the promotions whose counts decide on the order.
func (d *draft) promotionIDs() []id.PromotionID {
	var ids []id.PromotionID
	for _, g := range d.given() {
		ids = append(ids, g.PromotionID)
	}
	slices.SortFunc(ids, func(a, b id.PromotionID) int { return slices.Compare(a[:], b[:]) })
	return ids
}

// allowed says, under the locks, whether the order may have its discounts still.
func (d *draft) allowed(counter *promotions.Counter) error {
	switch v := counter.Allows(d.given(), d.versions(), d.less.buyer); {
	case v.Stale:
		return errStale
	case v.Refused != "":
		return d.refusedCode(v.Code, v.Refused)
	}
	return nil
}
