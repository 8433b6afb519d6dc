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
// is less than the cart wants where it is to come from. While nobody has said how the cart is delivered it counts as one
// that is shipped, as availableForSale and quantityAvailable do; the warning says where else there is more. Whoever changes
// a cart hears of all that, whatever the change was about, since others buy meanwhile.
func (c *Carts) scarce(ctx context.Context, cart Cart) ([]CartWarning, error) {
	var (
		warnings  []CartWarning
		wanted    []inventory.Demand
		lines     []CartLine // that are wanted
		nowhereTo []CartLine // to be collected where no store takes them now
		undecided = map[id.CartLineID]bool{}
	)
	for _, line := range cart.AllLines {
		demand := line.wanted[line.place]
		group, chosen := cart.groupOf(line), cart.chosenFor(line)
		unsettled := line.Variant.RequiresShipping && (group == nil || group.Selected == nil)
		switch {
		case !line.Variant.Offered:
			warnings = append(warnings, warn(OutOfStock, line, fmt.Sprintf("%q is not sold any more.", line.Variant.ProductTitle)))
			continue
		case unsettled && group != nil && chosen != nil: // it is not offered any more, perhaps for want of stock
			demand.LocationID = StoreOf(chosen)
		case demand.LocationID == &nowhere || unsettled && group == nil && line.PickUp:
			nowhereTo = append(nowhereTo, line)
			continue
		case unsettled && !line.PickUp:
			undecided[line.ID] = true
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
	missing := map[id.CartLineID]int{} // how many there are instead of what an undecided line wants
	var unshipped []CartLine
	for _, s := range short {
		for _, i := range s.Lines {
			if undecided[lines[i].ID] {
				unshipped, missing[lines[i].ID] = append(unshipped, lines[i]), s.Available
				continue
			}
			where := anywhere
			if s.LocationID != nil {
				where = thisStore
			}
			warnings = append(warnings, shortage(lines[i], s.Available, where))
		}
	}
	more, err := c.notShipped(ctx, unshipped, missing)
	if err != nil {
		return nil, err
	}
	rest, err := c.inNoStore(ctx, nowhereTo)
	return slices.Concat(warnings, more, rest), err
}

// notShipped warns of lines of which less can be shipped than they want, while they may still be collected.
func (c *Carts) notShipped(ctx context.Context, lines []CartLine, available map[id.CartLineID]int) ([]CartWarning, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	most, err := inventory.MostForOneOrder(ctx, c.pool, variantsOf(lines))
	if err != nil {
		return nil, err
	}
	warnings := make([]CartWarning, len(lines))
	for i, line := range lines {
		units, title := available[line.ID], line.Variant.ProductTitle
		switch store := most[line.VariantID].Store; {
		case store <= units:
			warnings[i] = shortage(line, units, anywhere)
		case units == 0:
			warnings[i] = warn(OutOfStock, line, fmt.Sprintf("%q is sold out online. %d can be collected in a store.", title, store))
		default:
			warnings[i] = warn(NotEnoughStock, line, fmt.Sprintf("Only %d of %q can be shipped. %d can be collected in a store.", units, title, store))
		}
	}
	return warnings, nil
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
	most, err := inventory.MostForOneOrder(ctx, c.pool, variantsOf(lines))
	if err != nil {
		return nil, err
	}
	var warnings []CartWarning
	for _, line := range lines {
		switch units, tracked := most[line.VariantID]; {
		case !tracked || units.Store >= line.Quantity:
		case units.Store == 0:
			warnings = append(warnings, warn(OutOfStock, line, fmt.Sprintf("%q is sold out in all stores.", line.Variant.ProductTitle)))
		default:
			warnings = append(warnings, shortage(line, units.Store, oneStore))
		}
	}
	if len(warnings) > 0 {
		return warnings, nil
	}
	for _, line := range lines {
		warnings = append(warnings, warn(NotEnoughStock, line, "No store has all that is to be collected."))
	}
	return warnings, nil
}

// The places in which something is scarce, as warnings name them.
const (
	anywhere  = ""
	thisStore = " in this store"
	oneStore  = " in one store"
)

// shortage warns of a line of which there are only so many.
func shortage(line CartLine, available int, where string) CartWarning {
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
