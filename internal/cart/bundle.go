package cart

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// ComponentizableCartLine is a line with a bundle on it, which shows what the bundle is made of.
type ComponentizableCartLine struct{ CartLine }

// LineComponents are the parts of the bundle, each with its share of what the line costs.
func (l ComponentizableCartLine) LineComponents() []CartLine { return l.components }

// Components are the parts of what is on the line, if it is a bundle.
func (l CartLine) Components() []CartLine { return l.components }

// base is the line as it is shown: one with a bundle on it shows its parts.
func (l CartLine) base() BaseCartLine {
	if len(l.components) > 0 {
		return ComponentizableCartLine{l}
	}
	return l
}

func (l CartLine) plain() CartLine { return l }

// bundles is what the bundles among variants are made of.
type bundles map[id.ProductVariantID][]inventory.Component

// parts are what one unit of a variant takes: itself, or what a bundle is made of.
func (b bundles) parts(variant id.ProductVariantID) []inventory.Component {
	if parts := b[variant]; len(parts) > 0 {
		return parts
	}
	return []inventory.Component{{VariantID: variant, Quantity: 1}}
}

// variants are all parts of all bundles.
func (b bundles) variants() []id.ProductVariantID {
	var all []id.ProductVariantID
	for _, parts := range b {
		for _, c := range parts {
			all = append(all, c.VariantID)
		}
	}
	return all
}

// partsOf reads what the bundles on lines are made of, and gives all variants that are needed to show them.
func partsOf(ctx context.Context, db pg.DB, lines []CartLine) (bundles, []id.ProductVariantID, error) {
	wanted := variantsOf(lines)
	parts, err := inventory.Components(ctx, db, wanted)
	if err != nil {
		return nil, nil, err
	}
	for _, bundle := range slices.SortedFunc(maps.Keys(parts), func(a, b id.ProductVariantID) int { return slices.Compare(a[:], b[:]) }) {
		for _, part := range parts[bundle] {
			wanted = append(wanted, part.VariantID)
		}
	}
	return parts, wanted, nil
}

// open gives a line with a bundle on it its parts. What the line costs is shared out over them by what they cost alone,
// so that the shares add up to the unit. A part that was deleted from the catalog is left out.
func (b bundles) open(line *CartLine, variants map[id.ProductVariantID]catalog.ProductVariant) error {
	line.components = nil
	var weights []int64
	for _, part := range b[line.VariantID] {
		variant, ok := variants[part.VariantID]
		if !ok {
			continue
		}
		line.components = append(line.components, CartLine{
			ID:        id.CartLineID(uuid.NewSHA1(uuid.UUID(line.ID), part.VariantID[:])),
			VariantID: part.VariantID, Quantity: part.Quantity * line.Quantity, Attributes: line.Attributes, Variant: variant,
			DiscountAllocations: []CartDiscountAllocation{},
		})
		weights = append(weights, max(variant.Price.Minor, 0)*int64(part.Quantity))
	}
	return line.shareOut(weights)
}

// shareOut shares what the line costs out over its parts.
func (l *CartLine) shareOut(weights []int64) error {
	if len(l.components) == 0 {
		return nil
	}
	if sum(weights) == 0 {
		for i := range weights {
			weights[i] = 1
		}
	}
	before, err := l.Cost.SubtotalAmount.Allocate(weights)
	if err != nil {
		return err
	}
	after, err := l.Cost.TotalAmount.Allocate(weights)
	if err != nil {
		return err
	}
	for i := range l.components {
		part := &l.components[i]
		part.Cost = CartLineCost{
			AmountPerQuantity: money.New(before[i].Minor/int64(max(part.Quantity, 1)), before[i].CurrencyCode),
			SubtotalAmount:    before[i], TotalAmount: after[i],
		}
	}
	return nil
}

func sum(weights []int64) (total int64) {
	for _, w := range weights {
		total += w
	}
	return total
}
