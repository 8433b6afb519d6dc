package customers

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Verified says that a customer has shown that the e-mail address of the account is theirs. The orders that were placed
// with it as a guest are theirs from then on. An account that was taken over loses the orders of whoever made it, save
// those that were placed with the address itself.
type Verified struct {
	TakenOver bool `json:"takenOver,omitempty"`
}

// Kind is customer.verified.
func (Verified) Kind() string { return "customer.verified" }

// VerifyInput is the token of a letter that asks to confirm an e-mail address.
type VerifyInput struct {
	Token string
}

var (
	errVerifyToken = fault.New(fault.Invalid, "TOKEN_INVALID", "The token is invalid or has ended").At("input", "token")
	errNotSignedIn = fault.New(fault.Invalid, "UNIDENTIFIED_CUSTOMER", "Sign in to the account whose e-mail address this confirms").At("input")
)

// guessesPerNetwork is how many tokens one network may try within half an hour.
const guessesPerNetwork = 30

const verifyCustomerSQL = `
update customer
set email_verified_at = now(), updated_at = now()
where id = $1
returning id, email, first_name, last_name, phone, accepts_marketing, tags, email_verified_at, created_at, updated_at`

// Verify notes that a customer has read the letter to an e-mail address. The token works once, and only for the customer
// who is signed in: whoever registers with somebody else's address must not get its orders by a click of the person who
// reads the letter. That person asks for a new password, which ends the other's logins.
func (c *Customers) Verify(ctx context.Context, actor access.Actor, input VerifyInput) (Customer, error) {
	if input.Token == "" {
		return Customer{}, fault.New(fault.Invalid, "BLANK", "The token can't be blank").At("input", "token")
	}
	if err := c.attempts.Spend(ctx, c.db, "verify from", network(actor), guessesPerNetwork); err != nil {
		return Customer{}, err
	}
	owner, good, err := c.open(ctx, toVerify, input.Token)
	if err != nil || !good {
		return Customer{}, firstOf(err, errVerifyToken)
	}
	if own, signedIn := actor.CustomerID(); !signedIn || own != owner {
		return Customer{}, errNotSignedIn
	}
	var changed Customer
	err = pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		held, err := c.hold(ctx, tx, owner)
		if err != nil {
			return errVerifyToken // the account went away meanwhile
		}
		if good, err := c.use(ctx, tx, toVerify, input.Token, held); err != nil || !good {
			return firstOf(err, errVerifyToken)
		}
		if changed = held; held.EmailVerified() {
			return nil
		}
		if changed, err = scan(tx.QueryRow(ctx, verifyCustomerSQL, owner)); err != nil {
			return fmt.Errorf("verify a customer: %w", err)
		}
		return c.verified(ctx, tx, changed, "customerVerify", Verified{})
	})
	if err != nil {
		return Customer{}, err
	}
	changed.seenBy = access.Actor{Kind: access.Customer, ID: changed.ID, Address: actor.Address}
	return changed, nil
}

// SendVerification sends the letter again by which the customer of a token confirms the e-mail address. For one that is
// confirmed already there is nothing to do.
func (c *Customers) SendVerification(ctx context.Context, actor access.Actor, token string) (Customer, error) {
	owner, err := c.Authenticate(ctx, token)
	if fault.IsKind(err, fault.Unauthenticated) {
		return Customer{}, errOwner.At("input", "customerAccessToken")
	}
	if err != nil {
		return Customer{}, err
	}
	account, err := c.Visible(ctx, owner, owner.ID)
	switch {
	case err != nil:
		return Customer{}, err
	case account == nil:
		return Customer{}, errOwner.At("input", "customerAccessToken")
	case account.EmailVerified():
		return *account, nil
	}
	if err := c.spendLetter(ctx, c.db, actor, *account.Email); err != nil {
		return Customer{}, err
	}
	err = pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		return c.write(ctx, tx, letter{purpose: toVerify, email: *account.Email, customer: &account.ID})
	})
	return *account, err
}

// verified appends to the customer's history that the address is theirs. The customer's row is held.
func (c *Customers) verified(ctx context.Context, tx pgx.Tx, held Customer, cause string, how Verified) error {
	return c.Record(ctx, tx, held.ID, "customer:"+uuid.UUID(held.ID).String(), cause, how)
}

// Record appends to a customer's history. The caller holds the customer's row, so nobody else appends meanwhile. What
// is appended stays for ever and holds no personal data.
func (c *Customers) Record(ctx context.Context, tx pgx.Tx, customer id.CustomerID, by, cause string, data event.Data) error {
	history, err := event.ReadAll(ctx, tx, [][16]byte{customer})
	if err != nil {
		return fmt.Errorf("read a customer's history: %w", err)
	}
	_, err = c.log.Append(ctx, tx, customer, len(history[customer]), by, cause, data)
	return err
}
