package customers

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Purpose is what the token of a letter is for. It is stored, so it never changes.
type Purpose string

// The purposes of letters.
const (
	toReset  Purpose = "RESET"
	toVerify Purpose = "VERIFY"
)

// How long the token of a letter works. Whoever reads an old mailbox must not get into an account by it.
const (
	resetLasts  = 3 * time.Hour
	verifyLasts = 7 * 24 * time.Hour
)

const letterTokenPrefix = "wharfl_"

// letter is a letter as it is written down. Whose it is may be found out only when it is sent.
type letter struct {
	purpose  Purpose
	email    string
	customer *id.CustomerID
}

func (l letter) lasts() time.Duration {
	if l.purpose == toReset {
		return resetLasts
	}
	return verifyLasts
}

const writeLetterSQL = `
insert into customer_letter (id, purpose, email, customer_id, expires_at)
values ($1, $2, $3, $4, now() + make_interval(secs => $5))`

// write writes a letter down and has it sent once the transaction is committed.
func (c *Customers) write(ctx context.Context, tx pgx.Tx, l letter) error {
	key := id.NewCustomerLetterID()
	if _, err := tx.Exec(ctx, writeLetterSQL, key, l.purpose, l.email, l.customer, l.lasts().Seconds()); err != nil {
		return fmt.Errorf("write a letter to a customer: %w", err)
	}
	return c.post(ctx, tx, key)
}

// Letter is a letter as it is sent.
type Letter struct {
	Reset     bool // it lets the customer choose a new password; else it lets them confirm the e-mail address
	Customer  id.CustomerID
	Email     string
	FirstName *string // of an account whose address was shown to be its customer's
	Proven    bool    // it was
	Token     string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// The address is compared once more: a customer whose e-mail has changed gets no letter at the old one. The name is left
// out until somebody has shown that the address is theirs: a stranger who registers with it must not write the letter.
const addressLetterSQL = `
update customer_letter l
set customer_id = c.id, token_hash = $2
from customer c
where l.id = $1
  and l.expires_at > now()
  and c.email = l.email
  and (l.customer_id is null or l.customer_id = c.id)
returning l.purpose, c.id, c.email, case when c.email_verified_at is not null then c.first_name end,
  c.email_verified_at is not null, l.created_at, l.expires_at`

const dropLetterSQL = `
delete from customer_letter
where id = $1`

// Letter gives a letter as it is sent, each time with the same token, and makes the token work. False says that there
// is nobody to send it to, or nothing left to say: the letter is forgotten then.
func (c *Customers) Letter(ctx context.Context, key id.CustomerLetterID) (Letter, bool, error) {
	l := Letter{Token: c.letterToken(key)}
	var purpose Purpose
	err := c.db.QueryRow(ctx, addressLetterSQL, key, access.HashToken(l.Token)).
		Scan(&purpose, &l.Customer, &l.Email, &l.FirstName, &l.Proven, &l.CreatedAt, &l.ExpiresAt)
	if pg.IsNoRows(err) {
		if _, err := c.db.Exec(ctx, dropLetterSQL, key); err != nil {
			return Letter{}, false, fmt.Errorf("forget a letter to nobody: %w", err)
		}
		return Letter{}, false, nil
	}
	if err != nil {
		return Letter{}, false, fmt.Errorf("address a letter: %w", err)
	}
	l.Reset = purpose == toReset
	return l, true, nil
}

func (c *Customers) letterToken(key id.CustomerLetterID) string {
	return letterTokenPrefix + base64.RawURLEncoding.EncodeToString(c.keys.Sign(access.CustomerLetters, key[:]))
}

const openLetterSQL = `
select l.customer_id
from customer_letter l
join customer c on c.id = l.customer_id
where l.token_hash = $1
  and l.purpose = $2
  and l.email = c.email
  and l.expires_at > now()`

const useLetterSQL = `
delete from customer_letter
where token_hash = $1
  and purpose = $2
  and customer_id = $3
  and email = $4
  and expires_at > now()
returning id`

// open says to whom a token was sent, if it still works. It stays good: only use takes it.
func (c *Customers) open(ctx context.Context, purpose Purpose, token string) (customer id.CustomerID, good bool, err error) {
	err = c.db.QueryRow(ctx, openLetterSQL, access.HashToken(token), purpose).Scan(&customer)
	if pg.IsNoRows(err) {
		return customer, false, nil
	}
	if err != nil {
		return customer, false, fmt.Errorf("look a letter up: %w", err)
	}
	return customer, true, nil
}

// use takes a token that was sent to a customer, whose row is held: of two who come with it at once, one finds it.
func (c *Customers) use(ctx context.Context, tx pgx.Tx, purpose Purpose, token string, held Customer) (good bool, err error) {
	var key id.CustomerLetterID
	err = tx.QueryRow(ctx, useLetterSQL, access.HashToken(token), purpose, held.ID, held.Email).Scan(&key)
	if pg.IsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("use a letter: %w", err)
	}
	return true, nil
}

const forgetLettersSQL = `
delete from customer_letter
where customer_id = $1`

// forgetLetters makes every letter worthless that was sent to a customer before.
func (c *Customers) forgetLetters(ctx context.Context, tx pgx.Tx, customer id.CustomerID) error {
	if _, err := tx.Exec(ctx, forgetLettersSQL, customer); err != nil {
		return fmt.Errorf("forget letters to a customer: %w", err)
	}
	return nil
}
