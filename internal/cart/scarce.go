package cart

import (
	"context"
	"fmt"
	"slices"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

// scarce warns of the lines of a priced cart that can't be had as it stands: what is not sold any more, and of what there
// is less than the cart wants where it is to come from. While nobody has said how the cart is delivered, a line is only
// warned of when it can be had in no way. Whoever changes a cart hears of all that, whatever the change was about, since
// others buy meanwhile.
func (c *Carts) scarce(ctx context.Context, cart Cart) ([]CartWarning, error) {
	var (
		warnings  []CartWarning
		wanted    []inventory.Demand
		lines     []CartLine // that are wanted
		undecided []CartLine
		nowhereTo []CartLine // to be collected where no store takes them now
	)
	for _, line := range cart.AllLines {
		demand := line.wanted[line.place]
		group, chosen := cart.groupOf(line), cart.chosenFor(line)
		switch {
		case !line.Variant.Offered:
			warnings = append(warnings, warn(OutOfStock, line, fmt.Sprintf("%q is not sold any more.", line.Variant.ProductTitle)))
			continue
		case line.Variant.RequiresShipping && (group == nil || !line.PickUp && group.Selected == nil && chosen == nil):
			undecided = append(undecided, line)
			continue
		case group != nil && group.Selected == nil && chosen != nil: // it is not offered any more, perhaps for want of stock
			demand.LocationID = StoreOf(chosen)
		case demand.LocationID == &nowhere:
			nowhereTo = append(nowhereTo, line)
			continue
		}
		wanted, lines = append(wanted, demand), append(lines, line)
	}
	short, err := inventory.Short(ctx, c.pool, wanted)
	switch {
	case fault.IsKind(err, fault.Invalid): // more than can be counted
		for _, line := range lines {
			warnings = append(warnings, warn(NotEnoughStock, line, "So many can't be had."))
		}
	case err != nil:
		return nil, err
	}
	for _, s := range short {
		for _, i := range s.Lines {
			warnings = append(warnings, shortage(lines[i], s.Available, s.LocationID != nil))
		}
	}
	more, err := c.inNoWay(ctx, undecided)
	if err != nil {
		return nil, err
	}
	rest, err := c.inNoStore(ctx, nowhereTo)
	return slices.Concat(warnings, more, rest), err
}

// inNoStore warns of lines that are to be collected together where no store has all of them. One that has, and takes no
// order in this hour, may in the next.
func (c *Carts) inNoStore(ctx context.Context, lines []CartLine) ([]CartWarning, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	wanted := make([]inventory.Demand, len(lines))
	for i, line := range lines {
		wanted[i] = inventory.Demand{VariantID: line.VariantID, Quantity: line.Quantity}
	}
	able, err := inventory.StoresWithStock(ctx, c.pool, wanted)
	if err != nil || len(able) > 0 {
		return nil, err
	}
	warnings := make([]CartWarning, len(lines))
	for i, line := range lines {
		warnings[i] = warn(NotEnoughStock, line, "No store has all that is to be collected.")
	}
	return warnings, nil
}

// inNoWay warns of the lines of which one order can't have as many as they want together, however it is delivered.
func (c *Carts) inNoWay(ctx context.Context, lines []CartLine) ([]CartWarning, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	most, err := inventory.MostForOneOrder(ctx, c.pool, variantsOf(lines))
	if err != nil {
		return nil, err
	}
	wanted := map[id.ProductVariantID]int{}
	for _, line := range lines {
		wanted[line.VariantID] += line.Quantity
	}
	var warnings []CartWarning
	for _, line := range lines {
		if units, tracked := most[line.VariantID]; tracked && wanted[line.VariantID] > units {
			warnings = append(warnings, shortage(line, units, false))
		}
	}
	return warnings, nil
}

// shortage warns of a line of which there are only so many.
func shortage(line CartLine, available int, atStore bool) CartWarning {
	where := ""
	if atStore {
		where = " in this store"
	}
	title := line.Variant.ProductTitle
	switch {
	case available == 0:
		return warn(OutOfStock, line, fmt.Sprintf("%q is sold out%s.", title, where))
	case available >= line.Quantity:
		return warn(NotEnoughStock, line, fmt.Sprintf("There is not enough of %q%s for all that the cart wants of it.", title, where))
	}
	return warn(NotEnoughStock, line, fmt.Sprintf("Only %d of %q can be had%s.", available, title, where))
}

func warn(code CartWarningCode, line CartLine, message string) CartWarning {
	return CartWarning{Code: code, Message: message, Target: line.ID.String()}
}

// groupOf is the group in which a line is delivered; nil until that is known, and for what nobody carries.
func (c Cart) groupOf(line CartLine) *CartDeliveryGroup {
	if !line.Variant.RequiresShipping {
		return nil
	}
	i := slices.IndexFunc(c.Groups, func(g CartDeliveryGroup) bool { return g.PickUp == line.PickUp })
	if i < 0 {
		return nil
	}
	return &c.Groups[i]
}

// chosenFor is the way of delivery that was chosen for a line.
func (c Cart) chosenFor(line CartLine) *string {
	if line.PickUp {
		return c.Chosen.PickUp
	}
	return c.Chosen.Option
}

// unlike are the warnings whose targets the others don't warn of: what a change has found out about a line is said again,
// and more exactly, by how the line stands after it.
func unlike(warnings, others []CartWarning) []CartWarning {
	return slices.DeleteFunc(slices.Clone(warnings), func(w CartWarning) bool {
		return slices.ContainsFunc(others, func(other CartWarning) bool { return other.Target == w.Target })
	})
}
