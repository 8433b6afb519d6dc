// Package customers keeps the accounts of shoppers: who they are, and their logins.
//
// Answers don't tell who has an account: a wrong password and an unknown e-mail take the same work and give the same
// words, and tries are counted for both. Only registering with an e-mail that is taken says so, since without it a
// person could not be told why, and that is counted as a try too. An account is never linked to orders by its
// e-mail, since nobody has shown yet that the e-mail is theirs.
package customers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
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

// Customers reads and changes the accounts.
type Customers struct {
	db        Database
	passwords *access.Passwords
	attempts  *access.Attempts
}

// Database is what customers need of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// New makes the customers of the shop whose database it is.
func New(db Database, passwords *access.Passwords, attempts *access.Attempts) *Customers {
	return &Customers{db: db, passwords: passwords, attempts: attempts}
}

const customersSQL = `
select id, email, first_name, last_name, phone, accepts_marketing, tags, created_at, updated_at
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
	err := row.Scan(&c.ID, &c.Email, &c.FirstName, &c.LastName, &c.Phone, &c.AcceptsMarketing, &c.Tags, &c.CreatedAt, &c.UpdatedAt)
	return c, err
}

const addCustomerSQL = `
insert into customer (id, email, password_hash, first_name, last_name, phone, accepts_marketing)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (email) do nothing
returning id, email, first_name, last_name, phone, accepts_marketing, tags, created_at, updated_at`

// Create makes an account. What is wrong with the input comes back as faults joined into one error, each with the
// field it is about.
func (c *Customers) Create(ctx context.Context, actor access.Actor, input CreateInput) (Customer, error) {
	input, err := input.normal()
	if err != nil {
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
	added, err := scan(c.db.QueryRow(ctx, addCustomerSQL, id.NewCustomerID(), input.Email, hash,
		input.FirstName, input.LastName, input.Phone, marketing))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Customer{}, fault.New(fault.Conflict, "TAKEN", "Email has already been taken").At("input", "email")
	case err != nil:
		return Customer{}, fmt.Errorf("add a customer: %w", err)
	}
	added.seenBy = access.Actor{Kind: access.Customer, ID: added.ID, Address: actor.Address}
	return added, try.Right(ctx)
}
