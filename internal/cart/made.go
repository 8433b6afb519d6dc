package cart

import (
	"context"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
)

// minMakingKey is the shortest key under which a cart is made. Nobody has to be signed in to fill a cart, so whoever
// repeats the key is given the cart with its secret: the key itself must be one that nobody guesses and no two shoppers
// have in common.
const minMakingKey = 20

// keyOf is the use of a key for making a cart, nil where the call has none. A key is the account's, staff member's or API
// key's; all other shoppers have theirs in common.
func (c *Carts) keyOf(actor access.Actor, input CartInput, refused *refusals) (*idempotency.Request, error) {
	if c.terms.IdempotencyKey == nil {
		return nil, nil //nolint:nilnil // no key is no error
	}
	key := *c.terms.IdempotencyKey
	if f, ok := fault.As(c.terms.check()); ok {
		refused.add(f)
		return nil, nil //nolint:nilnil // said above
	}
	if utf8.RuneCountInString(key) < minMakingKey {
		refused.add(refuse(Invalid, fmt.Sprintf(
			"Who repeats the key is given the cart. Take one of at least %d characters that nobody can guess, such as a UUID.", minMakingKey), "idempotencyKey"))
		return nil, nil //nolint:nilnil // said above
	}
	hash, err := idempotency.Hash(c.keys, input)
	if err != nil {
		return nil, err
	}
	caller := actor.Caller()
	if caller == "" {
		caller = actor.By()
	}
	return &idempotency.Request{Caller: caller, Key: key, Operation: "cartCreate", Hash: hash}, nil
}

// newID names a cart that is about to be made. The secret of one that is made under a key is derived, so that it can be
// given again; any other is known to its holder alone.
func (c *Carts) newID() ID {
	if c.terms.IdempotencyKey == nil {
		return ID{UUID: id.New(), key: access.NewSecret()}
	}
	return c.idOf(id.New())
}

// idOf is the id, with its secret, of a cart that was made under a key.
func (c *Carts) idOf(made [16]byte) ID {
	return ID{UUID: made, key: base64.RawURLEncoding.EncodeToString(c.keys.Sign(access.CartSecrets, made[:]))}
}

// given is the cart that a call has made, for whoever comes with its key again.
func (c *Carts) given(ctx context.Context, tx pgx.Tx, made [16]byte) (Content, error) {
	content, err := c.Lock(ctx, tx, c.idOf(made))
	if err == nil && !content.Open() {
		err = absent
	}
	return content, at(err, "idempotencyKey")
}

const createCartSQL = `
insert into cart (id, key_hash, currency)
values ($1, $2, $3)
returning version, created_at, updated_at`

// begun makes the row of a cart that has an id and nothing in it yet.
func begun(ctx context.Context, tx pgx.Tx, content *Content) error {
	err := tx.QueryRow(ctx, createCartSQL, content.ID.UUID, access.HashToken(content.ID.key), string(content.CurrencyCode)).
		Scan(&content.Version, &content.CreatedAt, &content.UpdatedAt)
	if err != nil {
		return fmt.Errorf("make a cart: %w", err)
	}
	return nil
}
