package cart

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// adding puts new lines into a cart, those that belong to others after the others.
type adding struct {
	goods
	lines    []CartLine
	known    marks
	inputs   []CartLineInput
	refused  *refusals
	path     []string
	warnings []CartWarning
	added    map[int]id.CartLineID // by the place of the input: the line that it has become or grown
	full     bool
}

func (g goods) add(lines []CartLine, inputs []CartLineInput, refused *refusals, path ...string) ([]CartLine, []CartWarning) {
	a := &adding{goods: g.with(lines), lines: lines, known: marks{}, inputs: inputs, refused: refused, path: path, added: map[int]id.CartLineID{}}
	for i, input := range inputs {
		if input.Parent == nil {
			a.put(i, nil)
		}
	}
	for i, input := range inputs {
		if input.Parent == nil {
			continue
		}
		switch parent, wrong := a.parentOf(i); {
		case parent != nil:
			a.put(i, parent)
		case wrong:
			a.read(i, nil)
		default:
			a.leaveOut(i)
		}
	}
	if a.full {
		return a.lines, nil
	}
	return a.lines, a.warnings
}

func (a *adding) at(i int, fields ...string) []string {
	return append(append(slices.Clone(a.path), strconv.Itoa(i)), fields...)
}

// put puts one input into the cart: a line like it grows, else it becomes one.
func (a *adding) put(i int, parent *CartLine) {
	line, variant, sound := a.read(i, parent)
	if parent != nil {
		of := parent.ID
		line.ParentID = &of
		if a.bundles.holds(variant.ID, parent.VariantID) {
			a.refused.add(refuse(BundleMixed, "A bundle neither belongs to a line nor has lines that belong to it.", a.at(i, "parent")...))
			return
		}
	}
	if sound {
		a.place(i, line, variant)
	}
}

// read gives the line that an input is to become, and says whether there is such a line. All that is wrong with the input by
// itself is refused; attributes that are none keep nobody from telling what is wrong with the quantity.
func (a *adding) read(i int, parent *CartLine) (line CartLine, variant catalog.ProductVariant, sound bool) {
	input, sound := a.inputs[i], true
	wrong := func(f *fault.Fault) {
		if f != nil {
			a.refused.add(f)
			sound = false
		}
	}
	variant, f := a.offered(input.MerchandiseID, a.at(i, "merchandiseId")...)
	wrong(f)
	line = CartLine{VariantID: variant.ID, Quantity: 1, Attributes: Attributes(input.Attributes, a.refused.add, a.at(i, "attributes")...)}
	if input.Quantity != nil {
		line.Quantity = *input.Quantity
	}
	if line.Quantity < 1 {
		wrong(refuse(Invalid, "The quantity must be at least 1.", a.at(i, "quantity")...))
	}
	wrong(line.goBy(input.DeliveryMethod, parent, a.at(i, "deliveryMethod")...))
	return line, variant, sound
}

func (a *adding) place(i int, line CartLine, variant catalog.ProductVariant) {
	index := a.known.like(line, a.lines)
	had := 0
	if index >= 0 {
		had = a.lines[index].Quantity
	}
	if f := within(variant, had, line.Quantity, a.at(i, "quantity")...); f != nil {
		a.refused.add(f)
		return
	}
	line.Quantity += had
	if index >= 0 {
		a.giveBack(a.lines[index])
	}
	target, warning := a.fit(line, had)
	switch {
	case target == 0:
		a.warnings = append(a.warnings, *warning)
		return
	case index >= 0:
		a.lines[index].Quantity = target
	case len(a.lines) == MaxLines:
		if !a.full {
			a.refused.add(refuse(TooLarge, fmt.Sprintf("A cart has at most %d lines.", MaxLines), a.path...))
		}
		a.full = true
		return
	default:
		index = len(a.lines)
		line.ID, line.Quantity = id.NewCartLineID(), target
		a.lines = append(a.lines, line)
	}
	a.take(a.lines[index])
	a.added[i] = a.lines[index].ID
	if warning != nil {
		warning.Target = a.lines[index].ID.String()
		a.warnings = append(a.warnings, *warning)
	}
}

// leaveOut warns of a line that found no place because what it belongs to found none, for the same reason.
func (a *adding) leaveOut(i int) {
	_, variant, sound := a.read(i, nil)
	if !sound {
		return
	}
	parent, _ := id.ParseProductVariantID(deref(a.inputs[i].Parent.MerchandiseID))
	left := CartWarning{
		Code: NotEnoughStock, Target: variant.ID.String(),
		Message: fmt.Sprintf("There is not enough of what %q belongs to.", variant.ProductTitle),
	}
	if a.most[parent].Any() == 0 {
		left.Code, left.Message = OutOfStock, fmt.Sprintf("What %q belongs to is sold out.", variant.ProductTitle)
	}
	a.warnings = append(a.warnings, left)
}
