package checkout

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// KeepAddress puts the address that an order goes to into its customer's book, and ends its job in the same transaction.
// An order whose people were forgotten has none, an account that is gone takes none, and one whose owner has come in since
// takes nothing of those who had it before.
func (c *Checkout) KeepAddress(ctx context.Context, order id.OrderID, done payment.Done) error {
	o, err := c.Orders.Order(ctx, c.Pool, order)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
		if o.CustomerID != nil && o.ShippingAddress != nil {
			if err := c.Customers.KeepAddress(ctx, tx, *o.CustomerID, *o.ShippingAddress, o.ProcessedAt); err != nil {
				return err
			}
		}
		return done.End(ctx, tx)
	})
}
