package orders

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

const goingOrdersSQL = `
select doc::text
from orders
where customer_id = $1
  and status not in ('COMPLETED', 'CANCELLED', 'EXPIRED')
  and not coalesce((doc ->> 'erased')::boolean, false)
order by id`

// Going are the orders of an account that are not over. Who holds the account knows that none is added to them until the
// transaction ends.
func (s *Orders) Going(ctx context.Context, tx pgx.Tx, customer id.CustomerID) ([]Order, error) {
	rows, err := tx.Query(ctx, goingOrdersSQL, customer)
	if err != nil {
		return nil, fmt.Errorf("find an account's open orders: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanDoc)
	if err != nil {
		return nil, fmt.Errorf("find an account's open orders: %w", err)
	}
	return list, nil
}
