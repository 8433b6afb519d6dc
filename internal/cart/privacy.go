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
order by c.id`

// KnownOf is what the carts of a customer know.
func KnownOf(ctx context.Context, db pg.DB, customer id.CustomerID) ([]Known, error) {
	rows, err := db.Query(ctx, knownSQL, customer)
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
where customer_id = $1`

// Erase forgets the carts of a customer, placed or not. Orders keep what they need of their cart.
func Erase(ctx context.Context, tx pgx.Tx, customer id.CustomerID) error {
	if _, err := tx.Exec(ctx, eraseSQL, customer); err != nil {
		return fmt.Errorf("forget a customer's carts: %w", err)
	}
	return nil
}
