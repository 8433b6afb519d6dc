// Package position tells how far each part of what shoppers read has come.
//
// A position is a number per realm that is one higher with each committed change of it. A writer advances it at the
// end of its transaction, with nothing after it but the notes that bear the position: the row stays locked until the
// commit, so positions become visible in their order, and whoever reads a position, then the data, then the same position
// again, has read nothing half changed.
package position

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
)

// Realm is a part of what shoppers read that changes by itself.
type Realm string

// The realms.
const (
	Catalog Realm = "catalog" // products, variants, media, metafields, collections as they are written
	Listing Realm = "listing" // the rows that lists, filters and searches read, availability included
	Content Realm = "content" // pages, blogs, articles, menus, policies
	Shop    Realm = "shop"    // the shop's own settings
)

// Followers are told at the commit. The lock that a notification takes there is one that writers of the realm, who wait
// for its row already, do not feel.
const advanceSQL = `
with moved as (
	insert into realm_position as r (realm, position)
	values ($1, 1)
	on conflict (realm) do update set position = r.position + 1
	returning position
)
select position
from moved
cross join pg_notify('wharf_position', '')`

// Advance moves a realm on and gives the position of the change that tx is. It belongs at the end of the transaction,
// since other writers of the realm wait from here to its commit.
func Advance(ctx context.Context, tx pgx.Tx, realm Realm) (int64, error) {
	var at int64
	if err := tx.QueryRow(ctx, advanceSQL, realm).Scan(&at); err != nil {
		return 0, fmt.Errorf("advance the position of the %s: %w", realm, err)
	}
	return at, nil
}

const currentSQL = `
select realm, position
from realm_position`

// Realms are all of them.
var Realms = []Realm{Catalog, Listing, Content, Shop}

// Current gives where all realms are. One that never changed is absent, which reads as zero.
func Current(ctx context.Context, db pg.DB) (map[Realm]int64, error) {
	rows, err := db.Query(ctx, currentSQL)
	if err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	at := map[Realm]int64{}
	var realm Realm
	var position int64
	_, err = pgx.ForEachRow(rows, []any{&realm, &position}, func() error {
		at[realm] = position
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read positions: %w", err)
	}
	return at, nil
}
