package orders

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const guestOrdersSQL = `
select id
from orders
where lower(email) = $1
	and customer_id is null
order by id`

// LinkGuestOrders makes the orders a customer's that were placed as a guest with an e-mail address which the customer
// has shown to be theirs: one transaction each. Done twice it changes nothing.
func (s *Orders) LinkGuestOrders(ctx context.Context, customer id.CustomerID, email, cause string) error {
	rows, err := s.pool.Query(ctx, guestOrdersSQL, email)
	if err != nil {
		return fmt.Errorf("find a guest's orders: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[id.OrderID])
	if err != nil {
		return fmt.Errorf("find a guest's orders: %w", err)
	}
	for _, order := range list {
		err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
			o, err := s.Lock(ctx, tx, order)
			if err != nil || o.CustomerID != nil || o.Erased || o.Email == nil {
				return err
			}
			return s.Record(ctx, tx, &o, "system", cause, CustomerLinked{CustomerID: customer})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
