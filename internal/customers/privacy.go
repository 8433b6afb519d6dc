package customers

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// DataExported says that what the shop knows of the customer was put together for the customer or the staff.
type DataExported struct{}

// Kind is customer.data_exported.
func (DataExported) Kind() string { return "customer.data_exported" }

// Erased says that the customer's account is gone, with all that it knew.
type Erased struct{}

// Kind is customer.erased.
func (Erased) Kind() string { return "customer.erased" }

// Held is an account that is locked until the transaction ends: nobody signs in, changes it or makes an address meanwhile.
// Nil says that there is none.
func (c *Customers) Held(ctx context.Context, tx pgx.Tx, customer id.CustomerID) (*Customer, error) {
	held, err := scan(tx.QueryRow(ctx, holdCustomerSQL, customer))
	if pg.IsNoRows(err) {
		return nil, nil //nolint:nilnil // no account is no error
	}
	if err != nil {
		return nil, fmt.Errorf("lock a customer: %w", err)
	}
	return &held, nil
}

// Login is when a customer signed in, and until when that lasts.
type Login struct {
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

const loginsSQL = `
select created_at, expires_at
from customer_access_token
where customer_id = $1
order by created_at`

// Logins are the customer's logins that are kept.
func (c *Customers) Logins(ctx context.Context, customer id.CustomerID) ([]Login, error) {
	rows, err := c.db.Query(ctx, loginsSQL, customer)
	if err != nil {
		return nil, fmt.Errorf("read a customer's logins: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Login])
	if err != nil {
		return nil, fmt.Errorf("read a customer's logins: %w", err)
	}
	return list, nil
}

const removeCustomerSQL = `
delete from customer
where id = $1`

// Remove deletes an account that the caller holds, with its addresses, logins and letters.
func (c *Customers) Remove(ctx context.Context, tx pgx.Tx, customer id.CustomerID) error {
	if _, err := tx.Exec(ctx, removeCustomerSQL, customer); err != nil {
		return fmt.Errorf("delete a customer: %w", err)
	}
	return nil
}
