package content

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Menu is what a storefront shows in its header or footer.
type Menu struct {
	ID         id.MenuID
	Handle     string
	Title      string
	Version    int
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Items      []MenuItem
	ItemsCount int // all entries, those below others included
}

// IsNode marks a Menu as a Node of the API.
func (Menu) IsNode() {}

func (m *Menu) fields() []any {
	return []any{&m.ID, &m.Handle, &m.Title, &m.Version, &m.CreatedAt, &m.UpdatedAt}
}

// MenuItemType is what kind of place an entry leads to.
type MenuItemType string

// resourceKinds are the kinds of things that an entry of a type leads to. Entries of other types lead to fixed places
// of a storefront, or to an address.
var resourceKinds = map[MenuItemType]string{
	"ARTICLE": "Article", "BLOG": "Blog", "COLLECTION": "Collection", "PAGE": "Page", "PRODUCT": "Product",
	"SHOP_POLICY": "ShopPolicy",
}

// HTTPItem is an entry that leads to an address.
const HTTPItem MenuItemType = "HTTP"

// MenuItem is one entry of a menu.
type MenuItem struct {
	ID      id.MenuItemID
	Title   string
	Type    MenuItemType
	Leads   pgtype.UUID // to what it leads, of the kind that its type says
	Address *string     // of an HTTP entry: absolute, or a path of the storefront
	Tags    []string    // of a collection: only what has all of these
	Items   []MenuItem
}

// IsNode marks a MenuItem as a Node of the API.
func (MenuItem) IsNode() {}

// Resource is the thing that the entry leads to, whether it is there or not; false for an entry that leads to a place.
func (i MenuItem) Resource() (id.Global, bool) {
	return id.Global{Kind: resourceKinds[i.Type], UUID: i.Leads.Bytes}, i.Leads.Valid
}

// ResourceID is the id of what the entry leads to; nil for an entry that leads to a place.
func (i MenuItem) ResourceID() *string {
	resource, ok := i.Resource()
	if !ok {
		return nil
	}
	text := resource.String()
	return &text
}

const menuByHandleSQL = `
select t.id, t.handle, t.title, t.version, t.created_at, t.updated_at
from menu t
where t.handle = $1`

// MenuByHandle reads a menu with all its entries; one that is not there is a fault.
func MenuByHandle(ctx context.Context, db pg.DB, handle string) (Menu, error) {
	menu, err := one(ctx, db, menuByHandleSQL, (*Menu).fields, handle)
	if err != nil {
		return menu, err
	}
	filled, err := fill(ctx, db, map[id.MenuID]Menu{menu.ID: menu})
	return filled[menu.ID], err
}

const menusByIDSQL = `
select t.id, t.handle, t.title, t.version, t.created_at, t.updated_at
from menu t
where t.id = any((select $1::uuid[])::uuid[])
   or t.id in (select i.menu_id from menu_item i where i.id = any((select $2::uuid[])::uuid[]))`

// MenusByID reads menus with all their entries, by their own ids and by those of entries.
func MenusByID(ctx context.Context, db pg.DB, menus []id.MenuID, items []id.MenuItemID) (map[id.MenuID]Menu, error) {
	found, err := byKey(ctx, db, menusByIDSQL, (*Menu).fields, func(m Menu) id.MenuID { return m.ID }, menus, items)
	if err != nil {
		return nil, err
	}
	return fill(ctx, db, found)
}

const menuItemsSQL = `
select i.menu_id, i.parent_id, i.id, i.title, i.type, i.resource_id, i.url, i.tags
from menu_item i
where i.menu_id = any((select $1::uuid[])::uuid[])
order by i.position, i.id`

// fill reads the entries of menus and hangs each below its parent.
func fill(ctx context.Context, db pg.DB, menus map[id.MenuID]Menu) (map[id.MenuID]Menu, error) {
	ids := make([]id.MenuID, 0, len(menus))
	for menu := range menus {
		ids = append(ids, menu)
	}
	rows, err := db.Query(ctx, menuItemsSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read the entries of menus: %w", err)
	}
	type place struct {
		menu   id.MenuID
		parent pgtype.UUID
	}
	below, counts := map[place][]MenuItem{}, map[id.MenuID]int{}
	var at place
	var item MenuItem
	_, err = pgx.ForEachRow(rows, []any{&at.menu, &at.parent, &item.ID, &item.Title, &item.Type, &item.Leads, &item.Address, &item.Tags}, func() error {
		below[at] = append(below[at], item)
		counts[at.menu]++
		item = MenuItem{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the entries of menus: %w", err)
	}
	var hang func(at place) []MenuItem
	hang = func(at place) []MenuItem {
		items := below[at]
		for i := range items {
			items[i].Items = hang(place{at.menu, pgtype.UUID{Bytes: items[i].ID, Valid: true}})
		}
		if items == nil {
			return []MenuItem{}
		}
		return items
	}
	for name, menu := range menus {
		menu.Items, menu.ItemsCount = hang(place{menu: name}), counts[name]
		menus[name] = menu
	}
	return menus, nil
}

// Walk visits all entries of menus, those below others included.
func Walk(items []MenuItem, visit func(MenuItem)) {
	for _, item := range items {
		visit(item)
		Walk(item.Items, visit)
	}
}
