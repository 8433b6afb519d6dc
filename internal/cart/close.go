package cart

import (
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/wharfhq/wharf/internal/id"
)

// Standing is how a locked cart stands: its version, and whether it may still become an order.
type Standing struct {
	Version int
	Open    bool
}

// The rows are locked in the order of their ids, so that two transactions that want the same carts can't deadlock.
const lockCartsSQL = `
select id, version, order_id is null and merged_into is null
from cart
where id = any($1::uuid[])
order by id
for update`

// QueueLocks holds carts that are about to become orders, as the batch is sent: whoever wants to change one of them
// waits. A cart that is gone has no standing, and is not open.
func QueueLocks(b *pgx.Batch, carts [][16]byte) map[[16]byte]Standing {
	standing := make(map[[16]byte]Standing, len(carts))
	if len(carts) == 0 {
		return standing
	}
	b.Queue(lockCartsSQL, carts).Query(func(rows pgx.Rows) error {
		var cart [16]byte
		var s Standing
		_, err := pgx.ForEachRow(rows, []any{&cart, &s.Version, &s.Open}, func() error {
			standing[cart] = s
			return nil
		})
		return err
	})
	return standing
}

const closeCartsSQL = `
update cart
set order_id = o.id,
    version = cart.version + 1,
    updated_at = clock_timestamp()
from unnest($1::uuid[], $2::uuid[]) o(cart_id, id)
where cart.id = o.cart_id
  and cart.order_id is null
  and cart.merged_into is null`

// QueueCloses ends carts that the caller has locked: the i-th has become the i-th order.
func QueueCloses(b *pgx.Batch, carts [][16]byte, orders []id.OrderID) {
	if len(carts) == 0 {
		return
	}
	b.Queue(closeCartsSQL, carts, orders).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != int64(len(carts)) {
			return fmt.Errorf("close carts: %d of %d were open", tag.RowsAffected(), len(carts))
		}
		return nil
	})
}
