package customers

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// OnTakeOver says what else goes when an account goes over to the owner of its e-mail address: forget is called in that
// transaction, with the customer's row held, for what other domains keep.
func (c *Customers) OnTakeOver(forget func(ctx context.Context, tx pgx.Tx, customer Customer) error) {
	c.forget = forget
}

const emptyProfileSQL = `
update customer
set first_name = null, last_name = null, phone = null, accepts_marketing = false, tags = '{}'
where id = $1`

const emptyBookSQL = `
delete from customer_address
where customer_id = $1`

// takeOver empties an account, whose row is held, before the owner of its e-mail address comes in. Until somebody has
// read a letter to it, anybody may have made the account: the owner must find nothing that a stranger laid out there, such
// as an address to which their parcels would go, and a stranger who reads the letter of somebody who has mistyped their own
// address must not find that person's. The logins end with every new password.
func (c *Customers) takeOver(ctx context.Context, tx pgx.Tx, held Customer) error {
	for _, statement := range []string{emptyProfileSQL, emptyBookSQL} {
		if _, err := tx.Exec(ctx, statement, held.ID); err != nil {
			return fmt.Errorf("empty an account that is taken over: %w", err)
		}
	}
	if err := c.forgetLetters(ctx, tx, held.ID); err != nil {
		return err
	}
	return c.forget(ctx, tx, held)
}

const keepAccountSQL = `
select id
from customer
where id = $1
for key share`

// Keep keeps an account as it is until the transaction ends: nobody takes it over or erases it meanwhile. It waits for
// those two alone. They forget carts while they hold the account: of one that has locked such a cart before and one of them
// the database ends one, which is done again.
func Keep(ctx context.Context, tx pgx.Tx, customer id.CustomerID) error {
	if _, err := tx.Exec(ctx, keepAccountSQL, customer); err != nil {
		return fmt.Errorf("keep an account as it is: %w", err)
	}
	return nil
}

const keepAloneSQL = `
select id
from customer
where id = $1
for no key update`

// KeepAlone is Keep for one caller at a time: two who keep an account so wait for each other, and for nobody who keeps it
// or orders in its name. False says that there is no such account.
func KeepAlone(ctx context.Context, tx pgx.Tx, customer id.CustomerID) (bool, error) {
	tag, err := tx.Exec(ctx, keepAloneSQL, customer)
	if err != nil {
		return false, fmt.Errorf("keep an account as it is: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// StaysSignedIn says whether a login that was good a moment ago still is, and keeps its account as it is. It is asked
// before the caller locks anything else.
func StaysSignedIn(ctx context.Context, tx pgx.Tx, customer id.CustomerID, session [16]byte) (bool, error) {
	if err := Keep(ctx, tx, customer); err != nil {
		return false, err
	}
	return lasts(ctx, tx, session)
}
