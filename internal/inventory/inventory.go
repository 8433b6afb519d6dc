// Package inventory says how much of each variant lies where, and promises units to orders.
//
// It promises that no unit is promised twice: rows of stock are locked in one order, the demand of an order is summed
// per row before it is compared, and the database itself refuses a promise beyond the shelf. Every change of a shelf
// stands in an append-only ledger with its cause, and one cause takes effect once. A variant that inventory has no
// record of is not tracked and always available.
package inventory

import (
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/live"
)

// Inventory is what staff and partners do with stock, and what shoppers watch of it.
type Inventory struct {
	pool   *pgxpool.Pool
	log    *event.Log
	keys   *access.Keys
	hub    *live.Hub[id.ProductVariantID, *StockChange]
	logger *slog.Logger
}

// New makes the inventory of a shop. Nobody who follows stock hears of anything before Serve.
func New(pool *pgxpool.Pool, log *event.Log, keys *access.Keys, logger *slog.Logger) *Inventory {
	i := &Inventory{pool: pool, log: log, keys: keys, logger: logger}
	i.hub = live.New(i.source(), logger)
	return i
}
