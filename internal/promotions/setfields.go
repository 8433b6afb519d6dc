package promotions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// maxDiscountCode is the longest discount code, in characters.
const maxDiscountCode = 64

// readFields checks that a promotion has what its kind needs, and nothing that its kind has no meaning for.
func (p *Promotion) readFields(in PromotionSetInput, refuse func(string, ...string)) {
	needs := map[PromotionKind][]string{
		KindPercentage: {"percentage"}, KindFixedAmount: {"amount"}, KindFreeShipping: {},
		KindBuyXGetY: {"buyQuantity", "getQuantity", "percentage"},
	}[p.Kind]
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"percentage", in.Percentage != nil}, {"amount", in.Amount != nil}, {"buyQuantity", in.BuyQuantity != nil}, {"getQuantity", in.GetQuantity != nil},
	} {
		switch needed := slices.Contains(needs, f.name); {
		case needed && !f.given && f.name == "percentage" && p.Kind == KindBuyXGetY:
			all := 10_000 // what is got is free
			p.rate = &all
		case needed && !f.given:
			refuse("This kind of promotion needs it.", f.name)
		case !needed && f.given:
			refuse("This kind of promotion has none.", f.name)
		}
	}
	for name, quantity := range map[string]*int{"buyQuantity": in.BuyQuantity, "getQuantity": in.GetQuantity} {
		if quantity != nil && (*quantity < 1 || *quantity > maxQuantity) {
			refuse(fmt.Sprintf("It is 1 to %d.", maxQuantity), name)
		}
	}
	if in.Percentage != nil {
		// Two digits after the point, as money in hundredths has.
		hundredths, err := money.Parse(string(*in.Percentage), "USD")
		rate := int(hundredths.Minor)
		if err != nil || rate < 1 || rate > 10_000 {
			refuse("A percentage is above 0, at most 100, and has at most two digits after the point.", "percentage")
		}
		p.rate = &rate
	}
}

// readNames reads the codes, and what the promotion is for.
func (p *Promotion) readNames(in PromotionSetInput, refuse func(string, ...string)) {
	for field, n := range map[string]int{"codes": len(in.Codes), "productIds": len(in.ProductIDs), "collectionIds": len(in.CollectionIDs)} {
		if n > maxNames {
			refuse(fmt.Sprintf("There are at most %d.", maxNames), field)
			return
		}
	}
	for i, text := range in.Codes {
		code := CodeOf(text)
		switch {
		case !ValidCode(code):
			refuse(fmt.Sprintf("A code has 1 to %d characters.", maxDiscountCode), "codes", strconv.Itoa(i))
		case !slices.Contains(p.Codes, code):
			p.Codes = append(p.Codes, code)
		}
	}
	for i, text := range in.ProductIDs {
		product, err := id.ParseProductID(text)
		if err != nil {
			refuse("This is no id of a product.", "productIds", strconv.Itoa(i))
		}
		p.ProductIDs = append(p.ProductIDs, product)
	}
	for i, text := range in.CollectionIDs {
		collection, err := id.ParseCollectionID(text)
		if err != nil {
			refuse("This is no id of a collection.", "collectionIds", strconv.Itoa(i))
		}
		p.CollectionIDs = append(p.CollectionIDs, collection)
	}
}

// ValidCode says whether a text, as CodeOf gives it, can be a discount code.
func ValidCode(code string) bool {
	n := len([]rune(code))
	return n >= 1 && n <= maxDiscountCode && storable(code) && strings.ToUpper(code) == code
}

func readAmount(in *money.MoneyInput, shop money.Currency, refuse func(string, ...string), field string) *money.Money {
	if in == nil {
		return nil
	}
	amount, err := in.Money()
	switch {
	case err != nil:
		refuse("This is no amount of its currency.", field, "amount")
	case amount.CurrencyCode != shop:
		refuse("The shop sells in "+string(shop)+".", field, "currencyCode")
	case amount.Minor < 1 || amount.Minor > maxValue:
		refuse("It is more than nothing, and at most what the largest order comes to.", field, "amount")
	}
	return &amount
}
