package customers

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// How many letters one address gets, and one network asks for, within half an hour, whatever they are for. They are counted
// apart from wrong passwords: who cannot sign in must be able to ask for a new one.
const (
	lettersFrom = "letters from"
	lettersTo   = "letters to"

	lettersPerEmail   = 5
	lettersPerNetwork = 20
)

// Recover sends a letter by which a customer chooses a new password. The answer, and the work before it, are the same
// whether or not the e-mail is a customer's: that is looked up when the letter is sent.
func (c *Customers) Recover(ctx context.Context, actor access.Actor, email string) error {
	w := wrong{}
	email = w.email(email)
	if err := w.err(); err != nil {
		return err
	}
	if err := c.spendLetter(ctx, c.db, actor, email); err != nil {
		return err
	}
	return pg.InTx(ctx, c.db, func(tx pgx.Tx) error { return c.write(ctx, tx, letter{purpose: toReset, email: email}) })
}

// spendLetter counts one letter, for the network that asks and for the address that gets it.
func (c *Customers) spendLetter(ctx context.Context, db pg.DB, actor access.Actor, email string) error {
	if err := c.attempts.Spend(ctx, db, lettersFrom, network(actor), lettersPerNetwork); err != nil {
		return err
	}
	return c.attempts.Spend(ctx, db, lettersTo, email, lettersPerEmail)
}

// lettersLeft refuses what would send a letter when there are none left, before anybody looks whether the address is a
// customer's, and counts nothing: the answer is the same for all, and who sends a form in vain takes no letter from the
// address's owner.
func (c *Customers) lettersLeft(ctx context.Context, actor access.Actor, email string) error {
	if err := c.attempts.Spent(ctx, c.db, lettersFrom, network(actor), lettersPerNetwork); err != nil {
		return err
	}
	return c.attempts.Spent(ctx, c.db, lettersTo, email, lettersPerEmail)
}

func network(actor access.Actor) string { return access.Network(actor.Address).String() }

// ResetInput is a customer's new password, and the token that was sent to them.
type ResetInput struct {
	Password   string
	ResetToken string
}

var errResetToken = fault.New(fault.Invalid, "TOKEN_INVALID", "Reset token is invalid or has ended").At("input", "resetToken")

const changePasswordSQL = `
update customer
set password_hash = $2, email_verified_at = coalesce(email_verified_at, clock_timestamp()), updated_at = now()
where id = $1
returning id, email, first_name, last_name, phone, accepts_marketing, tags, email_verified_at, created_at, updated_at`

// Reset gives a customer a new password for the token of a letter, and a login. All logins from before end, and the
// token, with any other that was sent, is worth nothing from then on. Whoever has read the letter has shown that the
// e-mail is theirs. Where nobody had shown that before, they take over an account that anybody may have made, and find it
// empty.
func (c *Customers) Reset(ctx context.Context, actor access.Actor, customer id.CustomerID, input ResetInput) (Customer, AccessToken, error) {
	w := wrong{at: []string{"input"}}
	w.password(input.Password)
	if input.ResetToken == "" {
		w.refuse("resetToken", "BLANK", "Reset token can't be blank")
	}
	if err := w.err(); err != nil {
		return Customer{}, AccessToken{}, err
	}
	try, err := c.attempts.Begin(ctx, "reset", customer.String(), actor.Address)
	if err != nil {
		return Customer{}, AccessToken{}, err
	}
	owner, good, err := c.open(ctx, toReset, input.ResetToken)
	switch {
	case err != nil:
		return Customer{}, AccessToken{}, err
	case !good || owner != customer:
		return Customer{}, AccessToken{}, errResetToken
	}
	hash, err := c.passwords.Hash(ctx, input.Password)
	if err != nil {
		return Customer{}, AccessToken{}, err
	}
	var changed Customer
	var fresh *AccessToken
	err = pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		held, err := c.hold(ctx, tx, customer)
		if err != nil {
			return errResetToken // the account went away meanwhile
		}
		if good, err := c.use(ctx, tx, toReset, input.ResetToken, held); err != nil || !good {
			return firstOf(err, errResetToken)
		}
		if !held.EmailVerified() {
			if err := c.takeOver(ctx, tx, held); err != nil {
				return err
			}
		}
		if changed, err = scan(tx.QueryRow(ctx, changePasswordSQL, customer, hash)); err != nil {
			return fmt.Errorf("give a customer a new password: %w", err)
		}
		if fresh, err = c.startAnew(ctx, tx, customer); err != nil || held.EmailVerified() {
			return err
		}
		return c.verified(ctx, tx, changed, "customerReset", Verified{TakenOver: true})
	})
	if err != nil {
		return Customer{}, AccessToken{}, err
	}
	changed.seenBy = access.Actor{Kind: access.Customer, ID: changed.ID, Address: actor.Address}
	return changed, *fresh, try.Right(ctx)
}

// firstOf is an error that happened, else the one to say.
func firstOf(happened, say error) error {
	if happened != nil {
		return happened
	}
	return say
}
