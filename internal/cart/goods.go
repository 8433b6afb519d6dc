package cart

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/wharfhq/wharf/internal/attribute"
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
}

// goodsOf reads what is known about the lines of a cart and the variants that are to come in.
func goodsOf(ctx context.Context, db pg.DB, lines []CartLine, wanted []id.ProductVariantID) (goods, error) {
	ids := append(variantsOf(lines), wanted...)
	variants, err := catalog.VariantsByID(ctx, db, ids)
	if err != nil {
		return goods{}, err
	}
	most, err := inventory.MostForOneOrder(ctx, db, ids)
	if err != nil {
		return goods{}, err
	}
	return goods{variants, most}, nil
}

// sold drops the lines whose variant was deleted, whenever a cart is changed.
func (g goods) sold(lines []CartLine) []CartLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l CartLine) bool {
		_, ok := g.variants[l.VariantID]
		return !ok
	})
}

func (g goods) add(lines []CartLine, inputs []CartLineInput, refused *refusals, path ...string) ([]CartLine, []CartWarning) {
	var warnings []CartWarning
	for i, input := range inputs {
		at := func(field string) []string { return append(slices.Clone(path), strconv.Itoa(i), field) }
		variant, f := g.offered(input.MerchandiseID, at("merchandiseId")...)
		if f != nil {
			refused.add(f)
			continue
		}
		attributes := Attributes(input.Attributes, refused.add, at("attributes")...)
		quantity := 1
		if input.Quantity != nil {
			quantity = *input.Quantity
		}
		if quantity < 1 {
			refused.add(refuse(Invalid, "The quantity must be at least 1.", at("quantity")...))
			continue
		}
		index := slices.IndexFunc(lines, func(l CartLine) bool { return like(l, variant.ID, attributes) })
		had := 0
		if index >= 0 {
			had = lines[index].Quantity
		}
		if f := within(variant, had, quantity, at("quantity")...); f != nil {
			refused.add(f)
			continue
		}
		target, warning := g.fit(lines, index, variant, had+quantity, had)
		switch {
		case target == 0:
			warnings = append(warnings, *warning)
			continue
		case index >= 0:
			lines[index].Quantity = target
		case len(lines) == MaxLines:
			refused.add(refuse(TooLarge, fmt.Sprintf("A cart has at most %d lines.", MaxLines), path...))
			return lines, nil
		default:
			index = len(lines)
			lines = append(lines, CartLine{ID: id.NewCartLineID(), VariantID: variant.ID, Quantity: target, Attributes: attributes})
		}
		if warning != nil {
			warning.Target = lines[index].ID.String()
			warnings = append(warnings, *warning)
		}
	}
	return lines, warnings
}

func (g goods) update(lines []CartLine, inputs []CartLineUpdateInput, refused *refusals) ([]CartLine, []CartWarning) {
	var warnings []CartWarning
	for i, input := range inputs {
		at := func(field string) []string { return []string{"lines", strconv.Itoa(i), field} }
		lineID, err := id.ParseCartLineID(input.ID)
		index := slices.IndexFunc(lines, func(l CartLine) bool { return l.ID == lineID })
		if err != nil || index < 0 {
			refused.add(noSuchLine(input.ID, at("id")...))
			continue
		}
		line := lines[index]
		variant, had := g.variants[line.VariantID], line.Quantity
		if input.MerchandiseID != nil {
			other, f := g.offered(*input.MerchandiseID, at("merchandiseId")...)
			if f != nil {
				refused.add(f)
				continue
			}
			if other.ID != variant.ID {
				variant, had = other, 0
			}
		}
		line.VariantID = variant.ID
		if input.Attributes != nil {
			line.Attributes = Attributes(input.Attributes, refused.add, at("attributes")...)
		}
		if input.Quantity != nil {
			line.Quantity = *input.Quantity
		}
		if line.Quantity == 0 {
			lines = slices.Delete(lines, index, index+1)
			continue
		}
		if line.Quantity < 0 {
			refused.add(refuse(Invalid, "The quantity must be at least 0.", at("quantity")...))
			continue
		}
		// A line that becomes like another joins it: the other grows, this one goes.
		join := slices.IndexFunc(lines, func(l CartLine) bool { return l.ID != line.ID && like(l, line.VariantID, line.Attributes) })
		joined := 0
		if join >= 0 {
			joined = lines[join].Quantity
		}
		if f := within(variant, joined, line.Quantity, at("quantity")...); f != nil {
			refused.add(f)
			continue
		}
		if join >= 0 {
			lines[join].Quantity += line.Quantity
			lines = slices.Delete(lines, index, index+1)
			if join > index {
				join--
			}
			index, line, had = join, lines[join], joined
		}
		target, warning := g.fit(lines, index, variant, line.Quantity, min(had, line.Quantity))
		if target == 0 {
			// Another variant, of which there is none: the line stays what it was.
			warnings = append(warnings, *warning)
			continue
		}
		line.Quantity = target
		lines[index] = line
		if warning != nil {
			warning.Target = line.ID.String()
			warnings = append(warnings, *warning)
		}
	}
	return lines, warnings
}

// fit says how many of the wanted units find a place in the cart: no more than one order can have of the variant, all
// its lines together, but never fewer than are to be kept of what was there before.
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

func like(line CartLine, variant id.ProductVariantID, attributes []attribute.Attribute) bool {
	return line.VariantID == variant && attribute.Same(line.Attributes, attributes)
}
