// Package promotions keeps what orders are paid with and reduced by besides money: gift cards and discounts.
//
// A gift card is money that the shop owes to whoever knows its code. Its balance is the sum of an append-only ledger
// and is never negative: the database holds that against everybody. A discount's rules are data; what they come to
// for a cart is worked out by a pure function, to the unit, and how often a code was used is counted in the transaction
// that places the order. What an order took goes back in the transaction that ends it.
//
// The package tells orders' events and leaves it to checkout and payment to record them under the order's lock. Codes
// that are wrong are counted per caller and address, and look the same whatever is wrong with them.
package promotions

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
)

// Promotions keeps gift cards and discounts.
type Promotions struct {
	pool     *pgxpool.Pool
	keys     *access.Keys
	attempts *access.Attempts
}

// New makes the domain.
func New(pool *pgxpool.Pool, keys *access.Keys, attempts *access.Attempts) *Promotions {
	return &Promotions{pool: pool, keys: keys, attempts: attempts}
}
