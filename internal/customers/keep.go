package customers

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
)

// KeepAddress puts an address that the customer has used into their book; the first is the default. One that is in the
// book already is not put twice, a full book stays as it is, and an account that is gone takes nothing.
func (c *Customers) KeepAddress(ctx context.Context, tx pgx.Tx, customer id.CustomerID, used address.MailingAddress) error {
	account, err := c.Held(ctx, tx, customer)
	if err != nil || account == nil {
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
