package customers

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// A text that is empty takes away what is there.
const updateCustomerSQL = `
update customer
set email = coalesce($2, email),
    email_verified_at = case when $2 <> email then null else email_verified_at end,
    first_name = nullif(coalesce($3, first_name), ''),
    last_name = nullif(coalesce($4, last_name), ''),
    phone = nullif(coalesce($5, phone), ''),
    accepts_marketing = coalesce($6, accepts_marketing),
    password_hash = coalesce($7, password_hash),
    updated_at = now()
where id = $1
returning id, email, first_name, last_name, phone, accepts_marketing, tags, email_verified_at, created_at, updated_at`

// Update changes the account that a token belongs to. A new e-mail must be shown to be the customer's again, and makes
// letters to the old one worthless. A new password ends all logins, that of the token too, and comes with a new one.
func (c *Customers) Update(ctx context.Context, actor access.Actor, token string, input UpdateInput) (Customer, *AccessToken, error) {
	owner, err := c.owner(ctx, token)
	if err != nil {
		return Customer{}, nil, err
	}
	if input, err = input.normal(); err != nil {
		return Customer{}, nil, err
	}
	var try access.Attempt
	if input.Email != nil { // as it is counted when an account is made: the answer tells whether it is taken
		if try, err = c.attempts.Begin(ctx, "register", *input.Email, actor.Address); err != nil {
			return Customer{}, nil, err
		}
	}
	var hash *string
	if input.Password != nil {
		made, err := c.passwords.Hash(ctx, *input.Password)
		if err != nil {
			return Customer{}, nil, err
		}
		hash = &made
	}
	var updated Customer
	var fresh *AccessToken
	err = pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		before, err := c.hold(ctx, tx, owner.ID)
		if err != nil {
			return err
		}
		if err := c.stillSignedIn(ctx, tx, owner); err != nil {
			return err
		}
		updated, err = scan(tx.QueryRow(ctx, updateCustomerSQL, owner.ID, input.Email, input.FirstName, input.LastName,
			input.Phone, input.AcceptsMarketing, hash))
		switch {
		case pg.IsUnique(err, "customer_email_key"):
			return taken("customer")
		case err != nil:
			return fmt.Errorf("change a customer: %w", err)
		}
		if *before.Email != *updated.Email {
			// Counted, or whoever changes it to and fro fills another's mailbox.
			if err := c.spendLetter(ctx, tx, actor, *updated.Email); err != nil {
				return err
			}
			if err := c.forgetLetters(ctx, tx, updated.ID); err != nil {
				return err
			}
			if err := c.write(ctx, tx, letter{purpose: toVerify, email: *updated.Email, customer: &updated.ID}); err != nil {
				return err
			}
		}
		if hash != nil {
			fresh, err = c.startAnew(ctx, tx, updated.ID)
		}
		return err
	})
	if err != nil {
		return Customer{}, nil, err
	}
	updated.seenBy = access.Actor{Kind: access.Customer, ID: updated.ID, Address: actor.Address}
	return updated, fresh, try.Right(ctx)
}

// owner is whose token it is; a token that is not one is refused as a part of the input.
func (c *Customers) owner(ctx context.Context, token string) (access.Actor, error) {
	owner, err := c.Authenticate(ctx, token)
	if fault.IsKind(err, fault.Unauthenticated) {
		return access.Actor{}, errOwner
	}
	return owner, err
}

var errOwner = fault.New(fault.Invalid, "TOKEN_INVALID", "Customer access token is invalid").At("customerAccessToken")

const holdCustomerSQL = `
select id, email, first_name, last_name, phone, accepts_marketing, tags, email_verified_at, created_at, updated_at
from customer
where id = $1
for update`

// hold locks an account that a caller has shown to be theirs.
func (c *Customers) hold(ctx context.Context, tx pgx.Tx, customer id.CustomerID) (Customer, error) {
	held, err := scan(tx.QueryRow(ctx, holdCustomerSQL, customer))
	if errors.Is(err, pgx.ErrNoRows) {
		return held, errOwner
	}
	if err != nil {
		return held, fmt.Errorf("lock a customer: %w", err)
	}
	return held, nil
}

// stillSignedIn refuses a login that was ended while its customer's row was waited for.
func (c *Customers) stillSignedIn(ctx context.Context, tx pgx.Tx, owner access.Actor) error {
	good, err := lasts(ctx, tx, owner.SessionID)
	if err == nil && !good {
		return errOwner
	}
	return err
}

// lasts says whether a login is still good.
func lasts(ctx context.Context, tx pgx.Tx, session [16]byte) (bool, error) {
	var good bool
	err := tx.QueryRow(ctx, recheckSQL, session).Scan(&good)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read a customer's login: %w", err)
	}
	return good, nil
}

const endLoginsSQL = `
delete from customer_access_token
where customer_id = $1`

const forgetResetsSQL = `
delete from customer_letter
where customer_id = $1 and purpose = 'RESET'`

// startAnew ends all logins of a customer whose password has changed, makes other letters for a new password worthless,
// and gives a new login. The customer's row is held.
func (c *Customers) startAnew(ctx context.Context, tx pgx.Tx, customer id.CustomerID) (*AccessToken, error) {
	if _, err := tx.Exec(ctx, endLoginsSQL, customer); err != nil {
		return nil, fmt.Errorf("end a customer's logins: %w", err)
	}
	if _, err := tx.Exec(ctx, forgetResetsSQL, customer); err != nil {
		return nil, fmt.Errorf("forget letters for a new password: %w", err)
	}
	given, err := c.issue(ctx, tx, customer)
	return &given, err
}
