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
	most     map[id.ProductVariantID]inventory.Most // that one order can have; a variant that is not tracked is absent
	bundles  bundles
	taken    takings
}

// takings are the units that the lines of a cart take of each variant, of the parts of bundles for those. What is shipped
// and what is collected each go one way.
type takings map[taking]int

type taking struct {
	variant id.ProductVariantID
	pickUp  bool
}

// with is what is known, with what lines take. It is counted once, and whoever changes lines takes and gives back: what a
// line finds then is found without looking at all the others.
func (g goods) with(lines []CartLine) goods {
	g.taken = takings{}
	for _, line := range lines {
		g.take(line)
	}
	return g
}

func (g goods) take(line CartLine) { g.count(line, line.Quantity) }

func (g goods) giveBack(line CartLine) { g.count(line, -line.Quantity) }

func (g goods) count(line CartLine, units int) {
	for _, part := range g.bundles.parts(line.VariantID) {
		g.taken[taking{part.VariantID, line.PickUp}] += units * part.Quantity
	}
}

// goodsOf reads what is known about the lines of a cart and the variants that are to come in.
func goodsOf(ctx context.Context, db pg.DB, lines []CartLine, wanted []id.ProductVariantID) (goods, error) {
	ids := append(variantsOf(lines), wanted...)
	components, err := inventory.Components(ctx, db, ids)
	if err != nil {
		return goods{}, err
	}
	parts := bundles(components)
	variants, err := catalog.VariantsByID(ctx, db, ids)
	if err != nil {
		return goods{}, err
	}
	most, err := inventory.MostForOneOrder(ctx, db, append(ids, parts.variants()...))
	if err != nil {
		return goods{}, err
	}
	return goods{variants: variants, most: most, bundles: parts}, nil
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

// fit says how many of the units that a line wants find a place in the cart: no more than one order can have beside the
// other lines, which alone have taken something, in steps of what the variant is sold in, but never fewer than are to be
// kept of what was there before.
func (g goods) fit(line CartLine, keep int) (int, *CartWarning) {
	most, tracked := g.most[line.VariantID]
	if !tracked {
		return line.Quantity, nil
	}
	left := g.left(line, g.taken)
	if line.Quantity <= left {
		return line.Quantity, nil
	}
	variant := g.variants[line.VariantID]
	rule, title := variant.QuantityRule(), variant.ProductTitle
	left, alone := sellable(rule, left), sellable(rule, g.left(line, nil))
	warning := CartWarning{Code: NotEnoughStock, Target: variant.ID.String()}
	switch {
	case most.Any() == 0:
		warning.Code, warning.Message = OutOfStock, fmt.Sprintf("%q is sold out.", title)
	case alone == 0:
		warning.Message = fmt.Sprintf("There is less of %q than can be bought at once.", title)
	case left == 0:
		warning.Message = fmt.Sprintf("No more of %q can be had with what the cart holds already.", title)
	case left < alone:
		warning.Message = fmt.Sprintf("Only %d of %q can be had beside what the cart holds of it already.", left, title)
	default:
		warning.Message = fmt.Sprintf("Only %d of %q can be had.", left, title)
	}
	return max(left, keep), &warning
}

// left is how many units of a line's variant one order can have beside what the other lines take of it: those of the same
// variant, and bundles with it or with a part that it has too.
func (g goods) left(line CartLine, taken takings) int {
	units := g.most[line.VariantID].Any()
	for _, part := range g.bundles.parts(line.VariantID) {
		sameWay := taken[taking{part.VariantID, line.PickUp}]
		all := sameWay + taken[taking{part.VariantID, !line.PickUp}]
		most := g.most[part.VariantID]
		units = min(units, (most.Any()-sameWay)/part.Quantity, (most.Together-all)/part.Quantity)
	}
	return max(units, 0)
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
