package inventory

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
)

// LockShelvesSQL is the statement that locks the shelves of a batch of orders.
const LockShelvesSQL = lockShelvesSQL

// SetWithRepetitions is Set as it was when a shelf could be named twice.
func (inv *Inventory) SetWithRepetitions(ctx context.Context, actor access.Actor, in InventorySetInput) (Adjusted, error) {
	a := setting(in)
	a.once = false
	return inv.change(ctx, actor, a)
}
