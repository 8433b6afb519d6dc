package customers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// AccessToken is a customer's login, as it is given once: only its hash is kept.
type AccessToken struct {
	AccessToken string
	ExpiresAt   time.Time
}

// AccessTokenCreateInput is a customer's e-mail and password.
type AccessTokenCreateInput struct {
	Email    string
	Password string
}

const (
	tokenPrefix   = "wharfc_"
	tokenLifetime = 30 * 24 * time.Hour
)

var (
	errUnidentified = fault.New(fault.Invalid, "UNIDENTIFIED_CUSTOMER", "Unidentified customer")
	errToken        = fault.New(fault.Unauthenticated, "TOKEN_INVALID", "The access token is not valid or has ended.")
)

const loginSQL = `
select id, password_hash
from customer
where email = $1`

// SignIn gives a new token for an e-mail and its password. An unknown e-mail and a wrong password get the same
// answer after the same work.
func (c *Customers) SignIn(ctx context.Context, actor access.Actor, input AccessTokenCreateInput) (AccessToken, error) {
	email, ok := contact.Email(input.Email)
	if !ok {
		email = "" // nobody's, and counted as such
	}
	try, err := c.attempts.Begin(ctx, "customer", email, actor.Address)
	if err != nil {
		return AccessToken{}, err
	}
	for {
		var customer id.CustomerID
		var stored string
		if err := c.db.QueryRow(ctx, loginSQL, email).Scan(&customer, &stored); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return AccessToken{}, fmt.Errorf("read a customer's login: %w", err)
		}
		right, err := c.passwords.Check(ctx, stored, input.Password)
		if err != nil {
			return AccessToken{}, err
		}
		if !right {
			return AccessToken{}, errUnidentified.At("input")
		}
		given, err := c.issueFor(ctx, customer, stored)
		if errors.Is(err, errPasswordChanged) {
			continue
		}
		if err != nil {
			return AccessToken{}, err
		}
		if err := try.Right(ctx); err != nil {
			return AccessToken{}, err
		}
		return given, c.refresh(ctx, customer, stored, input.Password)
	}
}

const passwordStandsSQL = `
select password_hash = $2
from customer
where id = $1
for share`

// errPasswordChanged says that somebody changed the password while it was being checked.
var errPasswordChanged = errors.New("the password has changed meanwhile")

// issueFor gives a token for a password that was checked, if it is the customer's still: a new password ends all logins,
// and no login may slip past it.
func (c *Customers) issueFor(ctx context.Context, customer id.CustomerID, stored string) (AccessToken, error) {
	var given AccessToken
	err := pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		var stands bool
		switch err := tx.QueryRow(ctx, passwordStandsSQL, customer, stored).Scan(&stands); {
		case errors.Is(err, pgx.ErrNoRows) || err == nil && !stands:
			return errPasswordChanged
		case err != nil:
			return fmt.Errorf("hold a customer's password: %w", err)
		}
		var err error
		given, err = c.issue(ctx, tx, customer)
		return err
	})
	return given, err
}

const refreshPasswordSQL = `
update customer
set password_hash = $3
where id = $1 and password_hash = $2`

// refresh hashes the password anew when today's cost is another than that of the stored hash.
func (c *Customers) refresh(ctx context.Context, customer id.CustomerID, stored, password string) error {
	if !c.passwords.Stale(stored) {
		return nil
	}
	hash, err := c.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	if _, err := c.db.Exec(ctx, refreshPasswordSQL, customer, stored, hash); err != nil {
		return fmt.Errorf("refresh a password's hash: %w", err)
	}
	return nil
}

const addTokenSQL = `
insert into customer_access_token (id, customer_id, token_hash, expires_at)
values ($1, $2, $3, now() + make_interval(secs => $4))
returning expires_at`

const dropEndedTokensSQL = `
delete from customer_access_token
where customer_id = $1 and expires_at <= now()`

func (c *Customers) issue(ctx context.Context, db pg.DB, customer id.CustomerID) (AccessToken, error) {
	if _, err := db.Exec(ctx, dropEndedTokensSQL, customer); err != nil {
		return AccessToken{}, fmt.Errorf("drop a customer's ended logins: %w", err)
	}
	token, hash := access.NewToken(tokenPrefix)
	given := AccessToken{AccessToken: token}
	if err := db.QueryRow(ctx, addTokenSQL, id.New(), customer, hash, tokenLifetime.Seconds()).Scan(&given.ExpiresAt); err != nil {
		return AccessToken{}, fmt.Errorf("keep a customer's login: %w", err)
	}
	return given, nil
}

const authenticateSQL = `
select t.id, t.customer_id, t.expires_at
from customer_access_token t
where t.token_hash = $1 and t.expires_at > now()`

// Authenticate says whose token it is. A token that is not one, or has ended, is UNAUTHENTICATED.
func (c *Customers) Authenticate(ctx context.Context, token string) (access.Actor, error) {
	actor := access.Actor{Kind: access.Customer}
	if !IsToken(token) {
		return access.Actor{}, errToken
	}
	err := c.db.QueryRow(ctx, authenticateSQL, access.HashToken(token)).Scan(&actor.SessionID, &actor.ID, &actor.ExpiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return access.Actor{}, errToken
	}
	if err != nil {
		return access.Actor{}, fmt.Errorf("read a customer's token: %w", err)
	}
	return actor, nil
}

// IsToken says whether a text looks like a customer's token.
func IsToken(token string) bool { return strings.HasPrefix(token, tokenPrefix) }

const recheckSQL = `
select expires_at > now()
from customer_access_token
where id = $1`

// Recheck asks whether the token of an open socket is still good: UNAUTHENTICATED when it has ended, FORBIDDEN when
// it was signed out.
func (c *Customers) Recheck(ctx context.Context, actor access.Actor) error {
	var lasts bool
	err := c.db.QueryRow(ctx, recheckSQL, actor.SessionID).Scan(&lasts)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.New(fault.Forbidden, "RIGHT_GONE", "This login was ended. Sign in again.")
	case err != nil:
		return fmt.Errorf("read a customer's login: %w", err)
	case !lasts:
		return errToken
	}
	return nil
}

const dropTokenSQL = `
delete from customer_access_token
where token_hash = $1 and expires_at > now()
returning id, customer_id`

const holdTokenOwnerSQL = `
select c.id
from customer c
join customer_access_token t on t.customer_id = c.id
where t.token_hash = $1
for share of c`

// Renew gives a new token for one that is still good; the old one is dead from then on.
func (c *Customers) Renew(ctx context.Context, token string) (AccessToken, error) {
	var given AccessToken
	err := pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, holdTokenOwnerSQL, access.HashToken(token)); err != nil {
			return fmt.Errorf("hold a login's customer: %w", err)
		}
		_, customer, err := drop(ctx, tx, token)
		if err != nil {
			return err
		}
		given, err = c.issue(ctx, tx, customer)
		return err
	})
	return given, err
}

// SignOut ends a token and gives its id.
func (c *Customers) SignOut(ctx context.Context, token string) (id.Global, error) {
	session, _, err := drop(ctx, c.db, token)
	return id.Global{Kind: "CustomerAccessToken", UUID: session}, err
}

func drop(ctx context.Context, db pg.DB, token string) (session [16]byte, customer id.CustomerID, err error) {
	err = db.QueryRow(ctx, dropTokenSQL, access.HashToken(token)).Scan(&session, &customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return session, customer, fault.New(fault.NotFound, "NOT_FOUND", "Access token does not exist").At("customerAccessToken")
	}
	if err != nil {
		return session, customer, fmt.Errorf("end a customer's login: %w", err)
	}
	return session, customer, nil
}

const purgeTokensSQL = `
delete from customer_access_token
where expires_at < now() - interval '1 day'`

const purgeLettersSQL = `
delete from customer_letter
where expires_at < now()`

// Purge forgets logins that ended a day ago or earlier. Until then an open socket is told that its token has ended,
// and not that it was taken away. Letters whose token has ended are forgotten too.
func (c *Customers) Purge(ctx context.Context) error {
	if _, err := c.db.Exec(ctx, purgeTokensSQL); err != nil {
		return fmt.Errorf("forget ended logins of customers: %w", err)
	}
	if _, err := c.db.Exec(ctx, purgeLettersSQL); err != nil {
		return fmt.Errorf("forget letters that have ended: %w", err)
	}
	return nil
}
