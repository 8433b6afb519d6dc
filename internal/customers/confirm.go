package customers

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// Known is the proof that somebody who is signed in knows the password too. The zero value proves nothing and stands.
type Known struct {
	customer id.CustomerID
	hash     string
}

const passwordSQL = `
select email, password_hash
from customer
where id = $1`

// Confirm asks a customer who is signed in for the password, before something that can't be undone. A wrong one counts as
// one of the tries to sign in. What is wrong is told at input.password.
func (c *Customers) Confirm(ctx context.Context, actor access.Actor, customer id.CustomerID, password *string) (Known, error) {
	if password == nil || *password == "" {
		return Known{}, fault.New(fault.Invalid, "BLANK", "Password can't be blank").At("input", "password")
	}
	var email, stored string
	err := c.db.QueryRow(ctx, passwordSQL, customer).Scan(&email, &stored)
	if errors.Is(err, pgx.ErrNoRows) {
		return Known{}, errOwner.At("input", "customerAccessToken") // the account has just gone
	}
	if err != nil {
		return Known{}, fmt.Errorf("read a customer's password: %w", err)
	}
	try, err := c.attempts.Begin(ctx, "customer", email, actor.Address)
	if err != nil {
		return Known{}, err
	}
	right, err := c.passwords.Check(ctx, stored, *password)
	if err != nil {
		return Known{}, err
	}
	if !right {
		return Known{}, errWrongPassword
	}
	return Known{customer: customer, hash: stored}, try.Right(ctx)
}

var errWrongPassword = fault.New(fault.Invalid, "UNIDENTIFIED_CUSTOMER", "The password is wrong").At("input", "password")

// Stands refuses a proof whose password has changed since: whoever changes it after a theft must not find that the thief
// was faster.
func (k Known) Stands(ctx context.Context, tx pgx.Tx) error {
	if k.hash == "" {
		return nil
	}
	var stands bool
	err := tx.QueryRow(ctx, passwordStandsSQL, k.customer, k.hash).Scan(&stands)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !stands {
		return errWrongPassword
	}
	if err != nil {
		return fmt.Errorf("hold a customer's password: %w", err)
	}
	return nil
}
