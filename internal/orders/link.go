package orders

import (
	"context"
	"fmt"
	"time"

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

const othersOrdersSQL = `
select id
from orders
where customer_id = $1
	and (email is null or lower(email) <> $2)
	and not coalesce((doc ->> 'erased')::boolean, false)
	and ($3::timestamptz is null or processed_at < $3)
order by id
limit $4`

// UnlinkOthers takes orders out of the account of a customer who has taken it over: those that were placed with another
// e-mail address than the customer's are somebody else's, all of them, or those from before a moment. It takes at most
// limit, and says whether it found so many.
func (s *Orders) UnlinkOthers(ctx context.Context, tx pgx.Tx, customer id.CustomerID, email string, before *time.Time, limit int, cause string) (bool, error) {
	rows, err := tx.Query(ctx, othersOrdersSQL, customer, email, before, limit)
	if err != nil {
		return false, fmt.Errorf("find the orders of somebody else: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[id.OrderID])
	if err != nil {
		return false, fmt.Errorf("find the orders of somebody else: %w", err)
	}
	for _, order := range list {
		o, err := s.Lock(ctx, tx, order)
		if err != nil {
			return false, err
		}
		if o.CustomerID == nil || *o.CustomerID != customer || o.Erased {
			continue
		}
		if err := s.Record(ctx, tx, &o, "system", cause, CustomerUnlinked{}); err != nil {
			return false, err
		}
	}
	return len(list) == limit, nil
}
