package cart

import (
	"context"
	"fmt"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/pg"
)

// goods is what the shop says about variants at this moment.
type goods struct {
	variants map[id.ProductVariantID]catalog.ProductVariant
	most     map[id.ProductVariantID]int // units that one order can have; a variant that is not tracked is absent
	bundles  bundles
}

// goodsOf reads what is known about the lines of a cart and the variants that are to come in.
func goodsOf(ctx context.Context, db pg.DB, lines []CartLine, wanted []id.ProductVariantID) (goods, error) {
	ids := append(variantsOf(lines), wanted...)
	parts, err := inventory.Components(ctx, db, ids)
	if err != nil {
		return goods{}, err
	}
	variants, err := catalog.VariantsByID(ctx, db, ids)
	if err != nil {
		return goods{}, err
	}
	most, err := inventory.MostForOneOrder(ctx, db, ids)
	if err != nil {
		return goods{}, err
	}
	return goods{variants, most, parts}, nil
}

// sold drops the lines whose variant was deleted, whenever a cart is changed, with what belongs to them.
func (g goods) sold(lines []CartLine) []CartLine {
	gone := map[id.CartLineID]bool{}
	for _, l := range lines {
		if _, ok := g.variants[l.VariantID]; !ok {
			gone[l.ID] = true
		}
	}
	return without(lines, gone)
}

// fit says how many of the wanted units find a place in the cart: no more than one order can have of the variant, all
// its lines together, in steps of what it is sold in, but never fewer than are to be kept of what was there before.
func (g goods) fit(lines []CartLine, index int, variant catalog.ProductVariant, wanted, keep int) (int, *CartWarning) {
	most, tracked := g.most[variant.ID]
	if !tracked {
		return wanted, nil
	}
	for i, line := range lines {
		if i != index && line.VariantID == variant.ID {
			most -= line.Quantity
		}
	}
	if wanted <= most {
		return wanted, nil
	}
	most = sellable(variant.QuantityRule(), most)
	target := max(most, keep, 0)
	if most <= 0 {
		return target, &CartWarning{
			Code: OutOfStock, Target: variant.ID.String(),
			Message: fmt.Sprintf("%q is sold out.", variant.ProductTitle),
		}
	}
	return target, &CartWarning{
		Code: NotEnoughStock, Target: variant.ID.String(),
		Message: fmt.Sprintf("Only %d of %q can be had.", most, variant.ProductTitle),
	}
}

// sellable is the largest quantity that the rule allows of so many units; 0 when that is none.
func sellable(rule catalog.QuantityRule, units int) int {
	if rule.Increment > 1 {
		units -= units % rule.Increment
	}
	if units < rule.Minimum {
		return 0
	}
	return units
}

func (g goods) offered(text string, path ...string) (catalog.ProductVariant, *fault.Fault) {
	variant, err := id.ParseProductVariantID(text)
	known, ok := g.variants[variant]
	if err != nil || !ok || !known.Offered {
		return catalog.ProductVariant{}, refuse(Invalid, fmt.Sprintf("The merchandise with id %.100s does not exist.", text), path...)
	}
	return known, nil
}

// within holds the quantity that a line would have against the variant's rule and the bound of every line.
func within(variant catalog.ProductVariant, had, more int, path ...string) *fault.Fault {
	rule := variant.QuantityRule()
	most := MaxQuantity
	if rule.Maximum != nil {
		most = min(most, *rule.Maximum)
	}
	switch {
	case more > most-had:
		return refuse(MaximumExceeded, fmt.Sprintf("At most %d of this can be bought.", most), path...)
	case had+more < rule.Minimum:
		return refuse(MinimumNotMet, fmt.Sprintf("At least %d of this must be bought.", rule.Minimum), path...)
	case rule.Increment > 1 && (had+more)%rule.Increment != 0:
		return refuse(InvalidIncrement, fmt.Sprintf("This is sold in steps of %d.", rule.Increment), path...)
	}
	return nil
}
