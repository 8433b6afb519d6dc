package cart

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
)

// busy is the answer when others have been changing the cart for too long.
var busy = fault.New(fault.Busy, "BUSY", "The cart is being changed elsewhere. Try again.")

// some is a change of some things: of none it is nothing.
func some(n int, apply func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error)) func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error) {
	if n > 0 {
		return apply
	}
	return func(context.Context, pgx.Tx, *Content) ([]CartWarning, error) { return nil, nil }
}

// change runs one change of a cart under the lock on its row, writes what became of it, and answers with the cart as
// it is then. What the change refuses leaves the cart as it was. A call whose key has had its effect changes nothing; one
// after which all is as it was leaves the version, too, and its key is used all the same.
func (c *Carts) change(ctx context.Context, text string, call asked, apply func(ctx context.Context, tx pgx.Tx, content *Content) ([]CartWarning, error)) (*Payload, error) {
	name, ok := ParseID(text)
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
		cart     Cart
		warnings []CartWarning
	)
	err = pg.InTx(ctx, c.pool, func(tx pgx.Tx) error {
		key, err := c.claim(ctx, tx, name, call)
		if err != nil {
			return err
		}
		content, err := c.begin(ctx, tx, name, key)
		if err != nil {
			return err
		}
		if !key.repeated {
			before := content
			if warnings, err = apply(ctx, tx, &content); err != nil {
				return err
			}
			if !same(&before, &content) {
				if err := write(ctx, tx, &content, before.AllLines); err != nil {
					return err
				}
			}
			if err := c.end(ctx, tx, name, call); err != nil {
				return err
			}
		}
		cart, err = bounded(ctx, tx, content)
		return err
	})
	return c.answer(ctx, shop, cart, warnings, err)
}

// bounded prices a cart that was just changed, and refuses the change when it comes to more than an order can be, or more
// than can be read at once.
func bounded(ctx context.Context, tx pgx.Tx, content Content) (Cart, error) {
	if content.text() > maxText {
		return Cart{}, refuse(TooLarge, "The attributes of a cart and its lines are at most 1 MiB together.")
	}
	cart, err := price(ctx, tx, content)
	if errors.Is(err, ErrAmount) {
		return Cart{}, refuse(TooLarge, ErrAmount.Message)
	}
	return cart, err
}

// answer completes what a change came to. Carriers and the tax provider are asked after the transaction, while nothing
// is locked; what they do not answer is left out, with a warning, for the change is made by then.
func (c *Carts) answer(ctx context.Context, shop settings.Shop, cart Cart, warnings []CartWarning, err error) (*Payload, error) {
	if err == nil {
		if cart, err = c.complete(ctx, shop, cart); err == nil {
			var scarce []CartWarning
			if scarce, err = c.scarce(ctx, cart); err == nil {
				warnings = slices.Concat(unlike(warnings, scarce), scarce, cart.refusedCodes(), cart.deadCards(), cart.unanswered())
			}
		}
	}
	return payload(cart, warnings, err)
}

// text is how many bytes the attributes of a cart and of its lines have.
func (c Content) text() int {
	size := 0
	count := func(list []attribute.Attribute) {
		for _, a := range list {
			size += len(a.Key) + len(deref(a.Value))
		}
	}
	count(c.Attributes)
	for _, line := range c.AllLines {
		count(line.Attributes)
	}
	return size
}

const changeCartSQL = `
update cart
set version = version + 1,
    country = $2,
    email = $3,
    phone = $4,
    customer_id = $5,
    note = $6,
    attributes = $7,
    gift_card_ids = $8,
    discount_codes = $9,
    delivery_addresses = $10,
    delivery_option = $11,
    pickup_option = $12,
    metafields = $13,
    updated_at = clock_timestamp()
where id = $1
returning version, updated_at`

const dropLinesSQL = `
delete from cart_line
where cart_id = $1
  and id = any($2::uuid[])`

const putLinesSQL = `
insert into cart_line (id, cart_id, variant_id, quantity, attributes, attributes_hash, parent_id, delivery_method)
select l.id, $1, l.variant_id, l.quantity, l.attributes::jsonb, l.attributes_hash, l.parent_id, l.delivery_method
from unnest($2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::bytea[], $7::uuid[], $8::text[])
     l(id, variant_id, quantity, attributes, attributes_hash, parent_id, delivery_method)`

// columns are a cart as changeCartSQL keeps it, without its lines.
func columns(content *Content) []any {
	buyer := content.BuyerIdentity
	return []any{
		content.ID.UUID, (*string)(buyer.CountryCode), buyer.Email, buyer.Phone, buyer.CustomerID,
		content.Note, attribute.Encode(content.Attributes), append([]id.GiftCardID{}, content.GiftCardIDs...),
		append([]string{}, content.DiscountCodeTexts...), append([]CartSelectableAddress{}, content.AllAddresses...),
		content.Chosen.Option, content.Chosen.PickUp, append([]CartMetafield{}, content.AllMetafields...),
	}
}

// same says that a change has left a cart as it was.
func same(before, after *Content) bool {
	dropped, put := difference(before.AllLines, after.AllLines)
	return len(dropped)+len(put) == 0 && reflect.DeepEqual(columns(before), columns(after))
}

// write keeps a changed cart. Lines that changed are dropped and put again under their own ids, so that two lines may
// take each other's place in one change.
func write(ctx context.Context, tx pgx.Tx, content *Content, before []CartLine) error {
	dropped, put := difference(before, content.AllLines)
	batch := &pgx.Batch{}
	if len(dropped) > 0 {
		batch.Queue(dropLinesSQL, content.ID.UUID, dropped)
	}
	if len(put) > 0 {
		l := columnsOf(put)
		batch.Queue(putLinesSQL, content.ID.UUID, l.ids, l.variants, l.quantities, l.attributes, l.hashes, l.parents, l.methods)
	}
	batch.Queue(changeCartSQL, columns(content)...).QueryRow(func(row pgx.Row) error {
		return row.Scan(&content.Version, &content.UpdatedAt)
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("change a cart: %w", err)
	}
	return nil
}
