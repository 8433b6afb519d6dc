// Package content holds what a shop writes besides its products: pages, blogs with their articles, menus and policies.
//
// It promises that HTML is sanitized when it is written, that shoppers see nothing before its time, and that a write
// that runs twice leaves what it left the first time: everything is named by an id, an external id or a handle. What a
// menu's entry leads to is kept by its id; whether it is there for a shopper is decided when the menu is read.
package content

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Content writes what the shop says.
type Content struct {
	db    Database
	goods Goods
}

// Database is what content needs of the pool: reads and transactions.
type Database interface {
	pg.DB
	pg.Beginner
}

// Goods says which of these products and collections there are, for the menus that lead to them.
type Goods func(ctx context.Context, db pg.DB, products []id.ProductID, collections []id.CollectionID) (map[[16]byte]bool, error)

// New makes the content of the shop whose database it is.
func New(db Database, goods Goods) *Content { return &Content{db: db, goods: goods} }

// SeesAll says whether the caller also sees what is not published: whoever may read the catalog's back side. Pages are
// written by the people who write products, so they need no permission of their own.
func SeesAll(actor access.Actor) bool { return actor.Can("catalog:read") }
