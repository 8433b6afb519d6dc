package cart

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Standing is how a locked cart stands: its version, and whether it may still become an order.
type Standing struct {
	Version int
	Open    bool
}

// The rows are locked in the order of their ids, so that two transactions that want the same carts can't deadlock.
const lockCartsSQL = `
select id, version, order_id is null
from cart
where id = any($1::uuid[])
order by id
for update`

// LockAll holds carts that are about to become orders: whoever wants to change one of them waits. A cart that is gone
// has no standing, and is not open.
func LockAll(ctx context.Context, tx pgx.Tx, carts [][16]byte) (map[[16]byte]Standing, error) {
	standing := make(map[[16]byte]Standing, len(carts))
	if len(carts) == 0 {
		return standing, nil
	}
	var (
		cart [16]byte
		s    Standing
	)
	rows, err := tx.Query(ctx, lockCartsSQL, carts)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&cart, &s.Version, &s.Open}, func() error {
			standing[cart] = s
			return nil
		})
	}
	if pg.IsLockTimeout(err) {
		return nil, busy.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("lock carts: %w", err)
	}
	return standing, nil
}

const closeCartsSQL = `
update cart
set order_id = o.id,
    version = cart.version + 1,
    updated_at = clock_timestamp()
from unnest($1::uuid[], $2::uuid[]) o(cart_id, id)
where cart.id = o.cart_id
  and cart.order_id is null`

// CloseAll ends carts that the caller has locked: the i-th has become the i-th order.
func CloseAll(ctx context.Context, tx pgx.Tx, carts [][16]byte, orders []id.OrderID) error {
	if len(carts) == 0 {
		return nil
	}
	tag, err := tx.Exec(ctx, closeCartsSQL, carts, orders)
	if err != nil {
		return fmt.Errorf("close carts: %w", err)
	}
	if tag.RowsAffected() != int64(len(carts)) {
		return fmt.Errorf("close carts: %d of %d were open", tag.RowsAffected(), len(carts))
	}
	return nil
}
