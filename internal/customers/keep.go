package customers

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
)

// KeepAddress puts an address that the customer has used into their book; the first is the default. One that is in the
// book already is not put twice, a full book stays as it is, and an account that is gone takes nothing. What was used
// before somebody had shown that the account is theirs may be a stranger's, and is not taken either once somebody has.
func (c *Customers) KeepAddress(ctx context.Context, tx pgx.Tx, customer id.CustomerID, used address.MailingAddress, at time.Time) error {
	account, err := c.Held(ctx, tx, customer)
	if err != nil || account == nil || account.EmailVerifiedAt != nil && at.Before(*account.EmailVerifiedAt) {
		return err
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
