// Package customers keeps the accounts of shoppers: who they are, and their logins.
//
// Answers don't tell who has an account: a wrong password and an unknown e-mail take the same work and give the same
// words, and tries are counted for both; whoever asks for a new password is answered before anybody looks. Only taking
// an e-mail that is taken says so, since without it a person could not be told why, and that is counted as a try too.
// Orders are linked to an account by its e-mail only once the customer has shown that the e-mail is theirs.
//
// Everything that gives or ends logins holds the customer's row first, so that a password that has changed lets nobody
// in who came with the old one, however close the two were.
package customers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Customer is a shopper's account.
type Customer struct {
	ID               id.CustomerID
	Email            *string // in its normal form
	FirstName        *string
	LastName         *string
	Phone            *string // E.164
	AcceptsMarketing bool
	Tags             []string
	EmailVerifiedAt  *time.Time // when the customer showed that the e-mail is theirs
	CreatedAt        time.Time
	UpdatedAt        time.Time

	seenBy access.Actor
}

// SeenBy is who was shown the account: what hangs on it, such as its orders, is for their eyes too and for nobody
// else's, whichever way they came.
func (c Customer) SeenBy() access.Actor { return c.seenBy }

// IsNode marks a Customer as a Node of the API.
func (Customer) IsNode() {}

// DisplayName is the name to show: the full name, else the e-mail address, else the phone number.
func (c Customer) DisplayName() string {
	var parts []string
	for _, part := range []*string{c.FirstName, c.LastName} {
		if part != nil {
			parts = append(parts, *part)
		}
	}
	for _, name := range []*string{c.Email, c.Phone} {
		if len(parts) == 0 && name != nil {
			parts = append(parts, *name)
		}
	}
	return strings.Join(parts, " ")
}

// EmailVerified says whether the customer has shown that the e-mail address is theirs.
func (c Customer) EmailVerified() bool { return c.EmailVerifiedAt != nil }

// ProvenEmail is the customer's e-mail address once they have shown that it is theirs; until then it is nobody's.
func (c Customer) ProvenEmail() *string {
	if !c.EmailVerified() {
		return nil
	}
	return c.Email
}

// AvatarURL is none: the shop keeps no pictures of people.
func (Customer) AvatarURL() *string { return nil }

// SocialLoginProvider is an account elsewhere that customers sign in with.
type SocialLoginProvider struct{ Handle string }

// SocialLoginProvider is none: customers sign in with their password.
func (Customer) SocialLoginProvider() *SocialLoginProvider { return nil }

// Customers reads and changes the accounts.
type Customers struct {
	db        Database
	passwords *access.Passwords
	attempts  *access.Attempts
	keys      *access.Keys
	log       *event.Log
	post      func(ctx context.Context, tx pgx.Tx, letter id.CustomerLetterID) error
	forget    func(ctx context.Context, tx pgx.Tx, customer Customer) error
}

// Database is what customers need of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// New makes the customers of the shop whose database it is.
func New(db Database, passwords *access.Passwords, attempts *access.Attempts, keys *access.Keys, log *event.Log) *Customers {
	return &Customers{
		db: db, passwords: passwords, attempts: attempts, keys: keys, log: log,
		post:   func(context.Context, pgx.Tx, id.CustomerLetterID) error { return nil },
		forget: func(context.Context, pgx.Tx, Customer) error { return nil },
	}
}

// Connect says who sends letters: post is called in the transaction that writes one.
func (c *Customers) Connect(post func(ctx context.Context, tx pgx.Tx, letter id.CustomerLetterID) error) {
	c.post = post
}

const customersSQL = `
select id, email, first_name, last_name, phone, accepts_marketing, tags, email_verified_at, created_at, updated_at
from customer
where id = any($1)`

// Visible is the account as the actor may see it: customers see their own, staff and partners with customers:read
// see all. Nil means that there is none or that it is not theirs to see; the two look the same.
func (c *Customers) Visible(ctx context.Context, actor access.Actor, customer id.CustomerID) (*Customer, error) {
	visible, err := c.VisibleByID(ctx, actor, []id.CustomerID{customer})
	if found, ok := visible[customer]; ok {
		return &found, err
	}
	return nil, err
}

// VisibleByID gives those of the accounts that the actor may see, read together.
func (c *Customers) VisibleByID(ctx context.Context, actor access.Actor, ids []id.CustomerID) (map[id.CustomerID]Customer, error) {
	if own, signedIn := actor.CustomerID(); !actor.Can("customers:read") {
		if !signedIn || !slices.Contains(ids, own) {
			return nil, nil
		}
		ids = []id.CustomerID{own}
	}
	rows, err := c.db.Query(ctx, customersSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Customer, error) { return scan(row) })
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	visible := make(map[id.CustomerID]Customer, len(list))
	for _, found := range list {
		found.seenBy = actor
		visible[found.ID] = found
	}
	return visible, nil
}

func scan(row pgx.Row) (Customer, error) {
	var c Customer
	err := row.Scan(&c.ID, &c.Email, &c.FirstName, &c.LastName, &c.Phone, &c.AcceptsMarketing, &c.Tags,
		&c.EmailVerifiedAt, &c.CreatedAt, &c.UpdatedAt)
	return c, err
}
