// Package search lists, filters and finds products, and finds pages and articles beside them.
//
// It keeps the listing: a row per product and per variant with all that lists are sorted, filtered and searched by,
// made of the catalog and the stock. The listing is refreshed by a job, so a list may be a moment late in whom it holds
// and in which order; what it then shows of a product is read from the catalog and is never late. How far it has come
// is a number that readers can wait for. It can be rebuilt while it is read.
//
// Whoever refreshes the listing holds one lock from reading the catalog to its commit, so that a row never goes back to
// what the product was before.
package search

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
)

// Search keeps the listing and reads it.
type Search struct {
	db       Database
	from     pg.DB // what lists, filters and finds are read from
	settings func(context.Context) (settings.Shop, error)
	looks    *looks[*int64]               // at the listing's backlog
	rules    *looks[catalog.RulesBacklog] // at that of collections with rules
	logger   *slog.Logger
}

// Database is what search needs of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// New makes the search of the shop whose database it is.
func New(db Database, shop *settings.Settings, logger *slog.Logger) *Search {
	return &Search{
		db: db, from: db, settings: shop.Load, logger: logger,
		looks: &looks[*int64]{behind: catalog.Behind}, rules: &looks[catalog.RulesBacklog]{behind: catalog.RulesBehind},
	}
}

// From is the same search reading from db, such as a snapshot of the shop, with the settings of the same moment.
func (s *Search) From(db pg.DB, shop func(context.Context) (settings.Shop, error)) *Search {
	return &Search{db: s.db, from: db, settings: shop, looks: s.looks, rules: s.rules, logger: s.logger}
}

// patientSQL lets who keeps the listing wait for its turn longer than a shopper's request would.
const patientSQL = `
select set_config('lock_timeout', '10s', true), set_config('statement_timeout', '60s', true)`

const turnSQL = `
select pg_advisory_xact_lock(hashtextextended('listing', 0))`

// inTurn runs a transaction while nobody else changes the listing.
func (s *Search) inTurn(ctx context.Context, do func(tx pgx.Tx) error) error {
	return pg.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, patientSQL); err != nil {
			return fmt.Errorf("wait for the listing: %w", err)
		}
		if _, err := tx.Exec(ctx, turnSQL); err != nil {
			return fmt.Errorf("wait for the listing: %w", err)
		}
		return do(tx)
	})
}

// seesAll says whether the caller also sees what is not published.
func seesAll(actor access.Actor) bool { return catalog.SeesAll(actor) }
