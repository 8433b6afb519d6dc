package privacy

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// ordersAtOnce is how many orders go out of an account in one transaction. Nobody has so many under another address but
// whoever wants the owner's new password to take for ever: the rest is the job's.
const ordersAtOnce = 100

const takeOverOperation = "customerReset"

const withdrawSQL = `
delete from customer_data_request
where customer_id = $1 and by = $2`

// ForgetMaker takes out of an account what other domains keep of whoever made it, in the transaction in which the owner
// of its e-mail address takes it over: carts, kept payment methods, orders under another address, and what was asked
// about personal data, so that nobody has the owner's account erased who asked for it before.
func (p *Privacy) ForgetMaker(ctx context.Context, tx pgx.Tx, customer customers.Customer) error {
	by := ownerOf(customer.ID)
	if _, err := p.Orders.UnlinkOthers(ctx, tx, customer.ID, *customer.Email, nil, ordersAtOnce, takeOverOperation); err != nil {
		return err
	}
	if err := cart.Erase(ctx, tx, customer.ID, nil); err != nil {
		return err
	}
	if err := p.Payments.DeleteAllStored(ctx, tx, customer.ID, nil, by, takeOverOperation); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, withdrawSQL, customer.ID, by); err != nil {
		return fmt.Errorf("withdraw requests about personal data: %w", err)
	}
	return nil
}

// UnlinkOthers takes what is left of the orders of whoever made an account out of it, after it was taken over at a moment.
// Has the customer shown another address to be theirs since, nobody knows any more which orders are whose, and they stay.
func (p *Privacy) UnlinkOthers(ctx context.Context, customer id.CustomerID, takenOver time.Time, cause string) error {
	owner, err := p.Customers.Visible(ctx, access.SystemActor, customer)
	if err != nil || owner == nil || owner.EmailVerifiedAt == nil || owner.EmailVerifiedAt.After(takenOver) {
		return err
	}
	for more := true; more && err == nil; {
		err = pg.InTx(ctx, p.Pool, func(tx pgx.Tx) (err error) {
			more, err = p.Orders.UnlinkOthers(ctx, tx, customer, *owner.Email, &takenOver, ordersAtOnce, cause)
			return err
		})
	}
	return err
}
