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

const addCustomerSQL = `
insert into customer (id, email, password_hash, first_name, last_name, phone, accepts_marketing)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (email) do nothing
returning id, email, first_name, last_name, phone, accepts_marketing, tags, email_verified_at, created_at, updated_at`

// Create makes an account, and sends a letter by which the customer shows that the e-mail is theirs. What is wrong with
// the input comes back as faults joined into one error, each with the field it is about.
func (c *Customers) Create(ctx context.Context, actor access.Actor, input CreateInput) (Customer, error) {
	input, err := input.normal()
	if err != nil {
		return Customer{}, err
	}
	if err := c.lettersLeft(ctx, actor, input.Email); err != nil {
		return Customer{}, err
	}
	// A taken e-mail counts as a wrong try, so that nobody goes through a list of addresses to learn who is a customer.
	try, err := c.attempts.Begin(ctx, "register", input.Email, actor.Address)
	if err != nil {
		return Customer{}, err
	}
	// Hashed in any case, so that the time of the answer is the same for an e-mail that is taken.
	hash, err := c.passwords.Hash(ctx, input.Password)
	if err != nil {
		return Customer{}, err
	}
	marketing := input.AcceptsMarketing != nil && *input.AcceptsMarketing
	var added Customer
	err = pg.InTx(ctx, c.db, func(tx pgx.Tx) (err error) {
		added, err = scan(tx.QueryRow(ctx, addCustomerSQL, id.NewCustomerID(), input.Email, hash,
			input.FirstName, input.LastName, input.Phone, marketing))
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return taken("input")
		case err != nil:
			return fmt.Errorf("add a customer: %w", err)
		}
		if err := c.spendLetter(ctx, tx, actor, input.Email); err != nil {
			return err
		}
		return c.write(ctx, tx, letter{purpose: toVerify, email: input.Email, customer: &added.ID})
	})
	if err != nil {
		return Customer{}, err
	}
	added.seenBy = access.Actor{Kind: access.Customer, ID: added.ID, Address: actor.Address}
	return added, try.Right(ctx)
}

func taken(input string) error {
	return fault.New(fault.Conflict, "TAKEN", "Email has already been taken").At(input, "email")
}
