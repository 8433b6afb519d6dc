package cart

import (
	"crypto/sha256"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/id"
)

// difference says which lines are to be dropped and which put, to come from before to after.
func difference(before, after []CartLine) (dropped []id.CartLineID, put []CartLine) {
	type value struct {
		variant  id.ProductVariantID
		quantity int
		hash     [sha256.Size]byte
	}
	valueOf := func(l CartLine) value { return value{l.VariantID, l.Quantity, l.fingerprint()} }
	now := make(map[id.CartLineID]value, len(after))
	for _, line := range after {
		now[line.ID] = valueOf(line)
	}
	same := make(map[id.CartLineID]bool, len(before))
	for _, line := range before {
		if v, ok := now[line.ID]; ok && v == valueOf(line) {
			same[line.ID] = true
			continue
		}
		dropped = append(dropped, line.ID)
	}
	for _, line := range after {
		if !same[line.ID] {
			put = append(put, line)
		}
	}
	return dropped, put
}

// fingerprint tells lines of one variant apart: by attributes, by the line that they belong to, and by the way of
// delivery. A plain line has that of its attributes.
func (l CartLine) fingerprint() [sha256.Size]byte {
	hash := attribute.Fingerprint(l.Attributes)
	if l.ParentID == nil && !l.PickUp {
		return hash
	}
	mark := hash[:]
	if l.ParentID != nil {
		mark = append(mark, l.ParentID[:]...)
	}
	if l.PickUp {
		mark = append(mark, pickUpMethod...)
	}
	return sha256.Sum256(mark)
}

// pickUpMethod is how the way of a line that is collected is kept; of a line that is not, nothing is.
const pickUpMethod = "PICK_UP"

// lineColumns are lines as columns for a set-based statement.
type lineColumns struct {
	ids        []id.CartLineID
	variants   []id.ProductVariantID
	quantities []int32
	attributes []string
	hashes     [][]byte
	parents    []*id.CartLineID
	methods    []*string
}

func columnsOf(lines []CartLine) lineColumns {
	var c lineColumns
	for _, line := range lines {
		hash := line.fingerprint()
		var method *string
		if line.PickUp {
			kept := pickUpMethod
			method = &kept
		}
		c.ids, c.variants = append(c.ids, line.ID), append(c.variants, line.VariantID)
		c.quantities = append(c.quantities, int32(line.Quantity))
		c.attributes = append(c.attributes, string(attribute.Encode(line.Attributes)))
		c.hashes, c.parents, c.methods = append(c.hashes, hash[:]), append(c.parents, line.ParentID), append(c.methods, method)
	}
	return c
}
