package customers

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// Lock is a password that nobody knows.
type Lock struct{ hash string }

// NewLock makes a lock. It takes as long as any password, so it is made before a transaction begins.
func (c *Customers) NewLock(ctx context.Context) (Lock, error) {
	hash, err := c.passwords.Hash(ctx, rand.Text())
	return Lock{hash}, err
}

const shutAccountSQL = `
update customer
set password_hash = $2
where id = $1`

// Shut ends all logins of an account that is about to go, and lets nobody log in to it: from the commit on nothing is
// changed there. Its owner may still take it back by letter from whoever made it with their address. The customer's row
// is held.
func (c *Customers) Shut(ctx context.Context, tx pgx.Tx, customer id.CustomerID, lock Lock) error {
	if _, err := tx.Exec(ctx, shutAccountSQL, customer, lock.hash); err != nil {
		return fmt.Errorf("shut an account: %w", err)
	}
	if _, err := tx.Exec(ctx, endLoginsSQL, customer); err != nil {
		return fmt.Errorf("end a customer's logins: %w", err)
	}
	return nil
}
