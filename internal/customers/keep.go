package customers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
)

const removedSinceSQL = `
select coalesce(addresses_removed_at >= $2, false)
from customer
where id = $1`

// KeepAddress puts an address that the customer has used into their book; the first is the default. One that is in the
// book already is not put twice, a full book stays as it is, and an account that is gone takes nothing. What was used
// before somebody had shown that the account is theirs may be a stranger's, and is not taken either once somebody has.
// Nor is what was used before the customer last took an address out: it may be that one.
func (c *Customers) KeepAddress(ctx context.Context, tx pgx.Tx, customer id.CustomerID, used address.MailingAddress, at time.Time) error {
	account, err := c.Held(ctx, tx, customer)
	if err != nil || account == nil || account.EmailVerifiedAt != nil && at.Before(*account.EmailVerifiedAt) {
		return err
	}
	var removed bool
	if err := tx.QueryRow(ctx, removedSinceSQL, customer, at).Scan(&removed); err != nil {
		return fmt.Errorf("look when an address was taken out: %w", err)
	}
	if removed {
		return nil
	}
	book, err := readAddresses(ctx, tx, addressesByCustomerSQL, []id.CustomerID{customer})
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(book, func(a Address) bool { return same(a.MailingAddress, used) })
	if known || len(book) >= maxAddresses {
		return nil
	}
	used.ID = id.NewMailingAddressID()
	return putAddress(ctx, tx, Address{MailingAddress: used, CustomerID: customer, Default: len(book) == 0})
}
