package cart

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const customersCartSQL = `
select id
from cart
where customer_id = $1
  and id <> $2
  and order_id is null
  and merged_into is null
  and updated_at >= now() - make_interval(secs => $3)
order by updated_at desc, id desc
limit 1`

const lockPairSQL = `
select id
from cart
where id = any($1::uuid[])
order by id
for update`

// logIn makes a customer the buyer of a cart. When a guest's cart becomes the customer's, what the customer has changed
// last elsewhere is merged into it in the same transaction, and the other cart is closed: it has no id that could be
// given back, since its secret is not kept. A cart that is the customer's already takes nothing in, so that the same call
// again changes nothing but the buyer.
func (c *Carts) logIn(ctx context.Context, cart string, call asked, identify func(*CartBuyerIdentity)) (*Payload, error) {
	name, ok := ParseID(cart)
	if !ok {
		return payload(Cart{}, nil, absent)
	}
	if err := c.terms.check(); err != nil {
		return payload(Cart{}, nil, err)
	}
	shop, err := c.settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	var (
		mine     Cart
		warnings []CartWarning
	)
	var buyer CartBuyerIdentity
	identify(&buyer)
	customer := *buyer.CustomerID
	err = pg.InTx(ctx, c.pool, func(tx pgx.Tx) error {
		key, err := c.claim(ctx, tx, name, call)
		if err != nil {
			return err
		}
		other, err := c.otherOf(ctx, tx, name, buyer)
		if err != nil {
			return err
		}
		content, err := c.begin(ctx, tx, name, key)
		if err != nil {
			return err
		}
		if key.repeated {
			var now CartBuyerIdentity
			identify(&now)
			content.BuyerIdentity.ShownTo = now.ShownTo
			mine, err = bounded(ctx, tx, content)
			return err
		}
		guest := content.BuyerIdentity.CustomerID == nil
		identify(&content.BuyerIdentity)
		before := content.AllLines
		poured := false
		if guest && other != [16]byte{} {
			if warnings, poured, err = c.takeIn(ctx, tx, other, customer, &content); err != nil {
				return err
			}
		}
		if !poured {
			if err := write(ctx, tx, &content, before); err != nil {
				return err
			}
		}
		if err := c.end(ctx, tx, name, call); err != nil {
			return err
		}
		mine, err = bounded(ctx, tx, content)
		return err
	})
	if pg.IsLockTimeout(err) {
		err = busy.Because(err)
	}
	return c.answer(ctx, shop, mine, warnings, err)
}

// otherOf finds the customer's other cart, and locks it and the one that is logged in to. The account is held first: of
// two log-ins at once the second finds the first one's cart, so that what was in the two comes together, too. A login that
// has ended since it was looked up is refused: whoever has lost an account puts no cart into it.
func (c *Carts) otherOf(ctx context.Context, tx pgx.Tx, name ID, buyer CartBuyerIdentity) (other [16]byte, err error) {
	known, err := customers.KeepAlone(ctx, tx, *buyer.CustomerID)
	switch {
	case err != nil:
		return other, err
	case !known:
		return other, noToken("buyerIdentity", "customerAccessToken")
	}
	if err := staysIn(ctx, tx, buyer, "buyerIdentity"); err != nil {
		return other, err
	}
	err = tx.QueryRow(ctx, customersCartSQL, *buyer.CustomerID, name.UUID, c.ttl().Seconds()).Scan(&other)
	if err != nil && !pg.IsNoRows(err) {
		return other, fmt.Errorf("look for a customer's cart: %w", err)
	}
	if _, err := tx.Exec(ctx, lockPairSQL, [][16]byte{name.UUID, other}); err != nil {
		return other, fmt.Errorf("lock a customer's carts: %w", err)
	}
	return other, nil
}

// staysIn refuses a login that has ended since it was looked up. Until the transaction ends the account stays as it is.
func staysIn(ctx context.Context, tx pgx.Tx, buyer CartBuyerIdentity, path ...string) error {
	if buyer.ShownTo == nil {
		return nil
	}
	good, err := customers.StaysSignedIn(ctx, tx, *buyer.CustomerID, buyer.ShownTo.SessionID)
	if err == nil && !good {
		return noToken(append(slices.Clone(path), "customerAccessToken")...)
	}
	return err
}

// takeIn merges another cart of the customer, which is locked, if it is still that. One that does not fit in stays where
// it is: nobody is kept out of their account by what is in a cart.
func (c *Carts) takeIn(ctx context.Context, tx pgx.Tx, other [16]byte, customer id.CustomerID, content *Content) ([]CartWarning, bool, error) {
	source, err := c.Lock(ctx, tx, ID{UUID: other, inside: true})
	switch {
	case fault.IsKind(err, fault.NotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case !source.Open() || source.BuyerIdentity.CustomerID == nil || *source.BuyerIdentity.CustomerID != customer:
		return nil, false, nil
	}
	// Whoever once had the account may have written how to reach them into their cart: orders of now are not told there.
	source.BuyerIdentity.Email, source.BuyerIdentity.Phone = nil, nil
	warnings, err := pour(ctx, tx, source, content)
	if tooMuch(err) {
		return nil, false, nil
	}
	return warnings, err == nil, err
}
