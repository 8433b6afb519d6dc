package cart

import (
	"slices"
	"strconv"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// updating changes lines of a cart, one input after the other.
type updating struct {
	goods
	lines    []CartLine
	known    marks
	inputs   []CartLineUpdateInput
	refused  *refusals
	warnings []CartWarning
}

func (g goods) update(lines []CartLine, inputs []CartLineUpdateInput, refused *refusals) ([]CartLine, []CartWarning) {
	u := &updating{goods: g.with(lines), lines: lines, known: marks{}, inputs: inputs, refused: refused}
	for i := range inputs {
		u.change(i)
	}
	return fold(u.lines), u.warnings
}

func (u *updating) at(i int, field string) []string { return []string{"lines", strconv.Itoa(i), field} }

// change is one input. A line that becomes like another joins it: the other grows, this one goes.
func (u *updating) change(i int) {
	input := u.inputs[i]
	lineID, err := id.ParseCartLineID(input.ID)
	index := indexOf(u.lines, lineID)
	if err != nil || index < 0 {
		u.refused.add(noSuchLine(input.ID, u.at(i, "id")...))
		u.apply(i, &CartLine{}) // what else is wrong with the input
		return
	}
	line := u.lines[index]
	before := line.Quantity
	variant, had, sound := u.apply(i, &line)
	if !sound {
		return
	}
	if line.Quantity == 0 {
		u.drop(line)
		return
	}
	join := u.known.like(line, u.lines)
	joined := 0
	if join >= 0 {
		joined = u.lines[join].Quantity
	}
	if f := within(variant, joined, line.Quantity, u.at(i, "quantity")...); f != nil {
		u.refused.add(f)
		return
	}
	u.giveBack(u.lines[index])
	if join >= 0 {
		u.giveBack(u.lines[join])
		u.adopt(line, u.lines[join])
		u.lines[join].Quantity += line.Quantity
		u.lines = slices.Delete(u.lines, index, index+1)
		if join > index {
			join--
		}
		index, line, had = join, u.lines[join], joined
		before = line.Quantity // what belongs to the two adds up as it is
	}
	target, warning := u.fit(line, min(had, line.Quantity))
	if target == 0 {
		// Another variant, of which there is none: the line stays what it was.
		u.take(u.lines[index])
		u.warnings = append(u.warnings, *warning)
		return
	}
	line.Quantity = target
	u.lines[index] = line
	u.take(line)
	delete(u.known, line.ID)
	if warning != nil {
		warning.Target = line.ID.String()
		u.warnings = append(u.warnings, *warning)
	}
	u.takeAlong(line, before)
}

// apply writes an input over a line, and says what is on it then and how many of that it had before. All that is wrong with
// the input by itself is refused.
func (u *updating) apply(i int, line *CartLine) (variant catalog.ProductVariant, had int, sound bool) {
	input, sound := u.inputs[i], true
	wrong := func(f *fault.Fault) {
		if f != nil {
			u.refused.add(f)
			sound = false
		}
	}
	variant, had = u.variants[line.VariantID], line.Quantity
	if input.MerchandiseID != nil {
		other, f := u.offered(*input.MerchandiseID, u.at(i, "merchandiseId")...)
		wrong(f)
		if f == nil && other.ID != variant.ID {
			variant, had = other, 0
		}
	}
	nested := line.ParentID != nil || slices.ContainsFunc(u.lines, func(l CartLine) bool { return sameLine(l.ParentID, &line.ID) })
	if nested && u.bundles.holds(variant.ID) {
		wrong(refuse(BundleMixed, "A bundle neither belongs to a line nor has lines that belong to it.", u.at(i, "merchandiseId")...))
	}
	line.VariantID = variant.ID
	if input.Attributes != nil {
		line.Attributes = Attributes(input.Attributes, u.refused.add, u.at(i, "attributes")...)
	}
	if input.Quantity != nil {
		line.Quantity = *input.Quantity
	}
	if line.Quantity < 0 {
		wrong(refuse(Invalid, "The quantity must be at least 0.", u.at(i, "quantity")...))
	}
	var parent *CartLine
	if line.ParentID != nil {
		if place := indexOf(u.lines, *line.ParentID); place >= 0 {
			parent = &u.lines[place]
		}
	}
	wrong(line.goBy(input.DeliveryMethod, parent, u.at(i, "deliveryMethod")...))
	return variant, had, sound
}

// drop takes a line out, with what belongs to it.
func (u *updating) drop(line CartLine) {
	for _, l := range u.lines {
		if l.ID == line.ID || sameLine(l.ParentID, &line.ID) {
			u.giveBack(l)
		}
	}
	u.lines = without(u.lines, map[id.CartLineID]bool{line.ID: true})
}

// adopt gives what belongs to one line to another.
func (u *updating) adopt(from, to CartLine) {
	for i, child := range u.lines {
		if sameLine(child.ParentID, &from.ID) {
			u.giveBack(child)
			u.lines[i].ParentID, u.lines[i].PickUp = &to.ID, to.PickUp
			u.take(u.lines[i])
		}
	}
}

// takeAlong takes along what belongs to a line: it goes the same way, and there is as much more or less of it as of the line,
// rounded up, unless the same call says how many there are to be.
func (u *updating) takeAlong(parent CartLine, before int) {
	for i := range u.lines {
		child := &u.lines[i]
		if !sameLine(child.ParentID, &parent.ID) {
			continue
		}
		u.giveBack(*child)
		child.PickUp = parent.PickUp
		own := func(in CartLineUpdateInput) bool {
			named, err := id.ParseCartLineID(in.ID)
			return err == nil && named == child.ID && in.Quantity != nil
		}
		if before == parent.Quantity || slices.ContainsFunc(u.inputs, own) {
			u.take(*child)
			continue
		}
		wanted := *child
		wanted.Quantity = min((child.Quantity*parent.Quantity+before-1)/before, MaxQuantity)
		variant := u.variants[child.VariantID]
		if rule := variant.QuantityRule(); within(variant, 0, wanted.Quantity) != nil {
			wanted.Quantity = nearest(rule, wanted.Quantity)
		}
		target, warning := u.fit(wanted, min(child.Quantity, wanted.Quantity))
		child.Quantity = target
		u.take(*child)
		if warning != nil {
			warning.Target = child.ID.String()
			u.warnings = append(u.warnings, *warning)
		}
	}
}

// nearest is the quantity that a rule and the bound of every line allow next to one that they do not, upwards while there
// is one.
func nearest(rule catalog.QuantityRule, quantity int) int {
	step := max(rule.Increment, 1)
	most := MaxQuantity
	if rule.Maximum != nil {
		most = min(most, *rule.Maximum)
	}
	return min(max((quantity+step-1)/step*step, rule.Minimum), most/step*step)
}
