package orders

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
)

const deleteKeySQL = `
delete from order_key
where order_id = $1`

// Erase makes the order forget whose it was: its key is deleted, so that the personal data in its events can never
// be read again, and the read row has nulls in its place. What was bought, paid and delivered stays. Done twice it
// changes nothing.
func (s *Orders) Erase(ctx context.Context, tx pgx.Tx, actor access.Actor, order id.OrderID, cause string) (Order, error) {
	o, err := s.Lock(ctx, tx, order)
	if err != nil || o.Erased {
		return o, err
	}
	if _, err := tx.Exec(ctx, deleteKeySQL, order); err != nil {
		return Order{}, fmt.Errorf("delete the order's key: %w", err)
	}
	err = s.Record(ctx, tx, &o, actor.By(), cause, PersonalDataErased{})
	return o, err
}
