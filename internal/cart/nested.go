package cart

import (
	"crypto/sha256"
	"slices"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

// CartLineParentRelationship is what a line has to do with the one that it belongs to.
type CartLineParentRelationship struct{ Parent CartLine }

// ParentRelationship leads to the line that this one belongs to; nil when it stands for itself.
func (l CartLine) ParentRelationship() *CartLineParentRelationship {
	if l.parent == nil {
		return nil
	}
	return &CartLineParentRelationship{Parent: *l.parent}
}

// link shows the priced lines how they belong together, and bundles what they are made of.
func (c *Cart) link() error {
	at := make(map[id.CartLineID]int, len(c.AllLines))
	for i := range c.AllLines {
		if err := c.bundles.open(&c.AllLines[i], c.variants); err != nil {
			return err
		}
		at[c.AllLines[i].ID] = i
	}
	for i, line := range c.AllLines {
		if line.ParentID == nil {
			continue
		}
		if parent, ok := at[*line.ParentID]; ok {
			c.AllLines[i].parent = &c.AllLines[parent]
		}
	}
	return nil
}

// parentOf finds the line that an input belongs to: one of the cart by its id, one of the same call by what is on it.
// Without an error there may be none: the goods that were asked for in the same call are sold out.
func (a *adding) parentOf(i int) (parent *CartLine, wrong bool) {
	in := a.inputs[i].Parent
	refuseAt := func(code CartErrorCode, message string, field ...string) (*CartLine, bool) {
		a.refused.add(refuse(code, message, a.at(i, append([]string{"parent"}, field...)...)...))
		return nil, true
	}
	const tooDeep = "A line that belongs to another can't have lines of its own."
	switch {
	case (in.LineID == nil) == (in.MerchandiseID == nil):
		return refuseAt(ParentReference, "Name the parent by lineId or by merchandiseId.")
	case in.LineID != nil:
		named, err := id.ParseCartLineID(*in.LineID)
		place := indexOf(a.lines, named)
		switch {
		case err != nil || place < 0:
			return refuseAt(ParentNotFound, "The parent line does not exist.", "lineId")
		case a.lines[place].ParentID != nil:
			return refuseAt(ParentTooDeep, tooDeep, "lineId")
		}
		return &a.lines[place], false
	}
	same := func(l CartLineInput) bool { return sameID(l.MerchandiseID, *in.MerchandiseID) }
	for j, other := range a.inputs {
		if !same(other) || other.Parent != nil {
			continue
		}
		if place := indexOf(a.lines, a.added[j]); place >= 0 {
			return &a.lines[place], false
		}
		return nil, false
	}
	switch variant, err := id.ParseProductVariantID(*in.MerchandiseID); {
	case slices.ContainsFunc(a.inputs, same):
		return refuseAt(ParentTooDeep, tooDeep, "merchandiseId")
	case err == nil && slices.ContainsFunc(a.lines, func(l CartLine) bool { return l.VariantID == variant }):
		return refuseAt(ParentReference, "Name a line that is in the cart already by its lineId.", "merchandiseId")
	}
	return refuseAt(ParentNotFound, "The parent line does not exist.", "merchandiseId")
}

// sameID says whether two texts name one variant.
func sameID(a, b string) bool {
	one, err := id.ParseProductVariantID(a)
	other, err2 := id.ParseProductVariantID(b)
	return err == nil && err2 == nil && one == other
}

// holds says whether one of the variants is a bundle.
func (b bundles) holds(variants ...id.ProductVariantID) bool {
	return slices.ContainsFunc(variants, func(v id.ProductVariantID) bool { return len(b[v]) > 0 })
}

// goBy settles the way of a line. One that belongs to another goes the way of that.
func (l *CartLine) goBy(method *orders.DeliveryMethodType, parent *CartLine, path ...string) *fault.Fault {
	if parent != nil {
		if method != nil && (*method == orders.DeliveryPickUp) != parent.PickUp {
			return refuse(ParentBlocked, "A line goes the way of the line that it belongs to.", path...)
		}
		l.PickUp = parent.PickUp
		return nil
	}
	switch {
	case method == nil:
	case *method == orders.DeliveryPickUp:
		l.PickUp = true
	case *method == orders.DeliveryShipping:
		l.PickUp = false
	default:
		return refuse(Invalid, "A line is shipped or picked up.", path...)
	}
	return nil
}

// marks are the fingerprints of the attributes of lines, by their ids. Lines are compared with each other again and again,
// and may hold a lot of text: each is read once, as long as nothing is written over it.
type marks map[id.CartLineID][sha256.Size]byte

func (m marks) of(l CartLine) [sha256.Size]byte {
	mark, known := m[l.ID]
	if !known {
		mark = attribute.Fingerprint(l.Attributes)
		m[l.ID] = mark
	}
	return mark
}

// like finds the line that another one is one with: the same variant with the same attributes, of the same line, on the
// same way.
func (m marks) like(line CartLine, lines []CartLine) int {
	mark := attribute.Fingerprint(line.Attributes)
	return slices.IndexFunc(lines, func(l CartLine) bool {
		return l.ID != line.ID && l.VariantID == line.VariantID && l.PickUp == line.PickUp && sameLine(l.ParentID, line.ParentID) && m.of(l) == mark
	})
}

func sameLine(a, b *id.CartLineID) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func indexOf(lines []CartLine, line id.CartLineID) int {
	return slices.IndexFunc(lines, func(l CartLine) bool { return l.ID == line })
}

// without takes lines out, with those that belong to them.
func without(lines []CartLine, gone map[id.CartLineID]bool) []CartLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l CartLine) bool {
		return gone[l.ID] || l.ParentID != nil && gone[*l.ParentID]
	})
}

// fold makes one of lines that have become alike, the first of them; what belonged to the others belongs to it then, and
// may become alike in turn.
func fold(lines []CartLine) []CartLine {
	known := marks{}
	for {
		folded := make([]CartLine, 0, len(lines))
		became := map[id.CartLineID]id.CartLineID{}
		for _, line := range lines {
			if line.ParentID != nil {
				if parent, ok := became[*line.ParentID]; ok {
					line.ParentID = &parent
				}
			}
			same := known.like(line, folded)
			if same < 0 {
				folded = append(folded, line)
				continue
			}
			became[line.ID] = folded[same].ID
			folded[same].Quantity = min(folded[same].Quantity+line.Quantity, MaxQuantity)
		}
		for i, line := range folded { // of a line that stands before its parent
			if line.ParentID != nil {
				if parent, ok := became[*line.ParentID]; ok {
					folded[i].ParentID = &parent
				}
			}
		}
		if len(folded) == len(lines) {
			return folded
		}
		lines = folded
	}
}
