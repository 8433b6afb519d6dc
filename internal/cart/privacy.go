package cart

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Known is what a cart knows of its customer, for the customer to read.
type Known struct {
	ID         uuid.UUID       `json:"id"`
	Email      *string         `json:"email,omitempty"`
	Phone      *string         `json:"phone,omitempty"`
	Country    *string         `json:"country,omitempty"`
	Note       *string         `json:"note,omitempty"`
	Attributes json.RawMessage `json:"attributes"`
	Addresses  json.RawMessage `json:"addresses"`
	Metafields json.RawMessage `json:"metafields"`
	Lines      json.RawMessage `json:"lines"`
	CreatedAt  time.Time       `json:"createdAt"`
	UpdatedAt  time.Time       `json:"updatedAt"`
}

const knownSQL = `
select c.id, c.email, c.phone, c.country, c.note, c.attributes, c.delivery_addresses, c.metafields,
       coalesce(l.lines, '[]'), c.created_at, c.updated_at
from cart c
left join lateral (
  select jsonb_agg(jsonb_build_object('variantId', variant_id, 'quantity', quantity, 'attributes', attributes) order by id) as lines
  from cart_line
  where cart_line.cart_id = c.id
) l on true
where c.customer_id = $1
   or c.customer_id is null and c.email = $2
order by c.id`

// KnownOf is what the carts of a customer know. With an e-mail address that the customer has shown to be theirs, the carts
// which carry it and are in nobody's account are the customer's too.
func KnownOf(ctx context.Context, db pg.DB, customer id.CustomerID, email *string) ([]Known, error) {
	rows, err := db.Query(ctx, knownSQL, customer, email)
	if err != nil {
		return nil, fmt.Errorf("read a customer's carts: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Known])
	if err != nil {
		return nil, fmt.Errorf("read a customer's carts: %w", err)
	}
	return list, nil
}

const eraseSQL = `
delete from cart
where customer_id = $1
   or customer_id is null and email = $2`

const eraseEmailSQL = `
update cart
set email = null,
    version = version + 1
where email = $1`

// Erase forgets the carts that KnownOf tells of, placed or not, and takes the address out of carts in other people's
// accounts. Orders keep what they need of their cart.
func Erase(ctx context.Context, tx pgx.Tx, customer id.CustomerID, email *string) error {
	if _, err := tx.Exec(ctx, eraseSQL, customer, email); err != nil {
		return fmt.Errorf("forget a customer's carts: %w", err)
	}
	if email == nil {
		return nil
	}
	if _, err := tx.Exec(ctx, eraseEmailSQL, email); err != nil {
		return fmt.Errorf("forget a customer's e-mail address in carts of others: %w", err)
	}
	return nil
}
