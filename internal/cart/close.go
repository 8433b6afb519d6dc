package cart

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

const closeCartSQL = `
update cart
set order_id = $2,
    version = version + 1,
    updated_at = clock_timestamp()
where id = $1
  and order_id is null`

// Close ends a cart that the caller has locked: it has become an order.
func Close(ctx context.Context, tx pgx.Tx, cart ID, order id.OrderID) error {
	tag, err := tx.Exec(ctx, closeCartSQL, cart.UUID, order)
	if err != nil {
		return fmt.Errorf("close a cart: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("close a cart: it was closed before")
	}
	return nil
}
