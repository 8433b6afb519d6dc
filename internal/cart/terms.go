package cart

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/idempotency"
)

// Terms are the terms on which a cart is changed. Neither is needed.
type Terms struct {
	ExpectedVersion *int    // that the cart must still have; nil takes any
	IdempotencyKey  *string // under which the cart is changed once, however often the call comes; nil is no key
}

// Under is Carts whose changes are made on these terms.
func (c *Carts) Under(terms Terms) *Carts {
	bound := *c
	bound.terms = terms
	return &bound
}

// asked is one call for a change of a cart, as its key is kept.
type asked struct {
	operation string
	input     any
}

// errReused says at the argument that the key has served for something else.
var errReused = idempotency.ErrReused.At("idempotencyKey")

// check refuses a key that none can be.
func (t Terms) check() error {
	if t.IdempotencyKey == nil {
		return nil
	}
	if f, ok := fault.As(idempotency.Check(*t.IdempotencyKey)); ok {
		return f.At("idempotencyKey")
	}
	return nil
}

// request is the use of a key for a call, nil where the call has none. A key is the cart's, whoever is logged in
// meanwhile. What was asked is hashed under the cart's own secret, which is kept nowhere: it may hold names and addresses
// that could be guessed.
func (t Terms) request(name ID, call asked) (*idempotency.Request, error) {
	if t.IdempotencyKey == nil {
		return nil, nil //nolint:nilnil // no key is no error
	}
	text, err := json.Marshal(call.input)
	if err != nil {
		return nil, fmt.Errorf("hash what was asked of a cart: %w", err)
	}
	mac := hmac.New(sha256.New, []byte(name.key))
	mac.Write(text)
	return &idempotency.Request{
		Caller: fmt.Sprintf("cart:%x", name.UUID[:]), Key: *t.IdempotencyKey, Operation: call.operation, Hash: mac.Sum(nil),
	}, nil
}

// claimed is what became of a call's key: neither is a call that has no key, or is the first with it.
type claimed struct {
	repeated bool     // the call has had its effect already
	reused   bool     // the key has served for something else
	made     [16]byte // the cart that was changed or made, when it was repeated
}

// claim takes the key of a call, before any cart is locked: that is the order in which placing takes the two.
func (c *Carts) claim(ctx context.Context, tx pgx.Tx, name ID, call asked) (claimed, error) {
	request, err := c.terms.request(name, call)
	if err != nil {
		return claimed{}, err
	}
	return take(ctx, tx, request)
}

// take takes a key, if there is one.
func take(ctx context.Context, tx pgx.Tx, key *idempotency.Request) (claimed, error) {
	if key == nil {
		return claimed{}, nil
	}
	outcome, repeated, err := idempotency.Claim(ctx, tx, *key)
	if errors.Is(err, idempotency.ErrReused) {
		return claimed{reused: true}, nil
	}
	return claimed{repeated: repeated, made: outcome.Made}, err
}

// begin locks the cart of a call. Who does not hold the cart learns nothing of its keys.
func (c *Carts) begin(ctx context.Context, tx pgx.Tx, name ID, key claimed) (Content, error) {
	content, err := c.Lock(ctx, tx, name)
	switch {
	case err != nil:
		return content, err
	case !content.Open():
		return content, absent
	case key.reused:
		return content, errReused
	case !key.repeated && c.terms.ExpectedVersion != nil && *c.terms.ExpectedVersion != content.Version:
		return content, event.Conflict(content.Version).At("expectedVersion")
	}
	return content, nil
}

// end keeps with its key that a call has had its effect, in the same transaction.
func (c *Carts) end(ctx context.Context, tx pgx.Tx, name ID, call asked) error {
	return c.endWith(ctx, tx, name, call, name.UUID)
}

// endWith is end for a call that has made another cart of the one that it names.
func (c *Carts) endWith(ctx context.Context, tx pgx.Tx, name ID, call asked, made [16]byte) error {
	request, err := c.terms.request(name, call)
	if err != nil {
		return err
	}
	return keep(ctx, tx, request, made)
}

// keep keeps with a key, if there is one, which cart was changed or made under it.
func keep(ctx context.Context, tx pgx.Tx, key *idempotency.Request, made [16]byte) error {
	if key == nil {
		return nil
	}
	return idempotency.Complete(ctx, tx, *key, idempotency.Outcome{Made: made})
}
