package content

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
)

// MenuSetInput makes a menu or changes the one that is named; what is nil stays as it is. Entries that are given
// replace all there were.
type MenuSetInput struct {
	ID              *string
	ExternalID      *string
	Handle          *string
	Title           *string
	Items           []MenuItemInput
	ExpectedVersion *int
}

// MenuItemInput is one entry of a menu. With the id of an entry that the menu has, that entry is kept.
type MenuItemInput struct {
	ID         *string
	Title      string
	Type       MenuItemType
	ResourceID *string
	URL        *string
	Tags       []string
	Items      []MenuItemInput
}

// The bounds of a menu.
const (
	maxDepth = 3
	maxItems = 250
)

const lockMenuSQL = `
select t.id, t.handle, t.title, t.version, t.created_at, t.updated_at, t.external_id is null
from menu t
where case
    when $1::uuid is not null then t.id = $1
    when $3::text is not null then t.owner = $2::text and t.external_id = $3
    else t.handle = $4::text
end
for update`

const insertMenuSQL = `
insert into menu (id, handle, title, owner, external_id)
values ($1, $2, $3, $4, $5)
returning version, created_at, updated_at`

const updateMenuSQL = `
update menu
set handle = $2, title = $3, owner = case when external_id is null then $4 else owner end,
    external_id = coalesce(external_id, $5), version = version + 1, updated_at = now()
where id = $1
returning version, created_at, updated_at`

const clearMenuSQL = `
delete from menu_item
where menu_id = $1`

const insertMenuItemsSQL = `
insert into menu_item (id, menu_id, parent_id, position, title, type, resource_id, url, tags)
select i.id, $1, i.parent_id, i.position, i.title, i.type, i.resource_id, i.url, i.tags
from jsonb_to_recordset($2::jsonb)
     as i(id uuid, parent_id uuid, position integer, title text, type text, resource_id uuid, url text, tags text[])`

// SetMenu makes a menu, or changes the one that is named. A change that changes nothing leaves the version as it is; an
// entry that is not named by its id is a new one.
func (c *Content) SetMenu(ctx context.Context, actor access.Actor, in MenuSetInput) (menu Menu, err error) {
	err = c.change(ctx, func(tx pgx.Tx) error {
		var p problems
		who := input.Named(actor, "Menu", in.ID, in.ExternalID, in.Handle, &p.Problems)
		if p.Err() != nil { // the rest is told at once, as far as it does not depend on what is there
			p.Title(in.Title, "", false)
			if _, err := c.entries(ctx, tx, nil, in.Items, &p); err != nil {
				return err
			}
			return p.Err()
		}
		was, there, err := input.Locked(ctx, tx, lockMenuSQL, (*Menu).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		filled, err := fill(ctx, tx, map[id.MenuID]Menu{was.ID: was})
		if err != nil {
			return err
		}
		was = filled[was.ID]
		menu = was
		menu.Title = p.Title(in.Title, menu.Title, !there)
		who.Rename(&menu.Handle, !there, &p.Problems)
		known := map[id.MenuItemID]bool{}
		Walk(was.Items, func(i MenuItem) { known[i.ID] = true })
		entries, err := c.entries(ctx, tx, known, in.Items, &p)
		if err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		statement := updateMenuSQL
		if !there {
			statement, menu.ID = insertMenuSQL, id.NewMenuID()
		}
		err = tx.QueryRow(ctx, statement, menu.ID, menu.Handle, menu.Title, who.Owner(), who.External).
			Scan(&menu.Version, &menu.CreatedAt, &menu.UpdatedAt)
		if err != nil {
			return fmt.Errorf("keep a menu: %w", err)
		}
		if in.Items != nil {
			if err := replaceEntries(ctx, tx, menu.ID, entries); err != nil {
				return err
			}
		}
		if filled, err = fill(ctx, tx, map[id.MenuID]Menu{menu.ID: menu}); err != nil {
			return err
		}
		menu = filled[menu.ID]
		if there && !who.Names() && menu.Handle == was.Handle && menu.Title == was.Title && reflect.DeepEqual(menu.Items, was.Items) {
			menu = was
			return errUnchanged
		}
		return nil
	})
	return menu, err
}

func replaceEntries(ctx context.Context, tx pgx.Tx, menu id.MenuID, entries []entry) error {
	rows, err := json.Marshal(entries)
	if err != nil {
		return fmt.Errorf("write a menu's entries: %w", err)
	}
	if _, err := tx.Exec(ctx, clearMenuSQL, menu); err != nil {
		return fmt.Errorf("clear a menu: %w", err)
	}
	if _, err := tx.Exec(ctx, insertMenuItemsSQL, menu, string(rows)); err != nil {
		return fmt.Errorf("keep a menu's entries: %w", err)
	}
	return nil
}

// entry is an item as it is stored.
type entry struct {
	ID         string       `json:"id"`
	ParentID   *string      `json:"parent_id"`
	Position   int          `json:"position"`
	Title      string       `json:"title"`
	Type       MenuItemType `json:"type"`
	ResourceID *string      `json:"resource_id"`
	URL        *string      `json:"url"`
	Tags       []string     `json:"tags"`

	at       []string // the path in the input
	resource id.Global
}

// entries checks a menu's entries and lays them out in rows. known has the entries that the menu has; nil where nobody can
// tell which menu is meant.
func (c *Content) entries(ctx context.Context, tx pgx.Tx, known map[id.MenuItemID]bool, items []MenuItemInput, p *problems) ([]entry, error) {
	if count(items) > maxItems {
		p.Add(fault.Newf(fault.Invalid, "TOO_MANY", "A menu has at most %d entries.", maxItems).At("input", "items"))
		return nil, nil
	}
	entries := []entry{}
	var lay func(items []MenuItemInput, parent *string, depth int, at []string)
	lay = func(items []MenuItemInput, parent *string, depth int, at []string) {
		if depth > maxDepth && len(items) > 0 {
			p.Add(fault.Newf(fault.Invalid, "TOO_MANY", "A menu has at most %d levels.", maxDepth).At(at...))
			return
		}
		for i, item := range items {
			here := append(slices.Clone(at), strconv.Itoa(i))
			e := p.entry(item, known, here)
			e.ParentID, e.Position = parent, i+1
			entries = append(entries, e)
			lay(item.Items, &e.ID, depth+1, append(slices.Clone(here), "items"))
		}
	}
	lay(items, nil, 1, []string{"input", "items"})
	return entries, c.lead(ctx, tx, entries, p)
}

// count says how many entries there are on all levels.
func count(items []MenuItemInput) int {
	n := len(items)
	for _, item := range items {
		n += count(item.Items)
	}
	return n
}

// entry checks one entry by itself. An id is used up once it is named.
func (p *problems) entry(item MenuItemInput, known map[id.MenuItemID]bool, at []string) entry {
	refuse := func(code, message, field string) {
		p.Add(fault.New(fault.Invalid, code, message).At(append(slices.Clone(at), field)...))
	}
	name := id.NewMenuItemID()
	if item.ID != nil {
		given, err := id.ParseMenuItemID(*item.ID)
		if err != nil || known != nil && !known[given] {
			p.Add(input.ErrAbsent.At(append(slices.Clone(at), "id")...))
		}
		delete(known, given)
		name = given
	}
	e := entry{ID: uuid.UUID(name).String(), Title: strings.TrimSpace(item.Title), Type: item.Type, Tags: []string{}, at: at}
	switch n := utf8.RuneCountInString(e.Title); {
	case n == 0:
		refuse("BLANK", "It is empty.", "title")
	case n > input.MaxName:
		refuse("TOO_LONG", fmt.Sprintf("It is longer than %d characters.", input.MaxName), "title")
	}
	kind, leads := resourceKinds[item.Type]
	switch {
	case leads && item.ResourceID == nil:
		refuse("BLANK", "An entry of this type needs a resourceId.", "resourceId")
	case leads:
		resource, err := id.Parse(*item.ResourceID)
		if err != nil || resource.Kind != kind {
			p.Add(input.ErrAbsent.At(append(slices.Clone(at), "resourceId")...))
			break
		}
		text := uuid.UUID(resource.UUID).String()
		e.resource, e.ResourceID = resource, &text
	case item.ResourceID != nil:
		refuse("INVALID", "An entry of this type leads to no resource.", "resourceId")
	}
	switch {
	case item.Type == HTTPItem && (item.URL == nil || *item.URL == ""):
		refuse("BLANK", "An entry of this type needs a url.", "url")
	case item.Type == HTTPItem:
		p.address(*item.URL, []string{"https", "http", "mailto", "tel"}, append(slices.Clone(at[1:]), "url")...)
		e.URL = item.URL
	case item.URL != nil:
		refuse("INVALID", "Only an entry of type HTTP has a url of its own.", "url")
	}
	switch {
	case len(item.Tags) > 0 && item.Type != "COLLECTION":
		refuse("INVALID", "Only an entry of type COLLECTION has tags.", "tags")
	case len(item.Tags) > maxTags:
		refuse("TOO_MANY", fmt.Sprintf("There are more than %d tags.", maxTags), "tags")
	case item.Tags != nil:
		e.Tags = item.Tags
		for i, tag := range item.Tags {
			p.Name(tag, append(slices.Clone(at[1:]), "tags", strconv.Itoa(i))...)
		}
	}
	return e
}

// lead looks whether everything is there that entries lead to.
func (c *Content) lead(ctx context.Context, tx pgx.Tx, entries []entry, p *problems) error {
	byKind := map[string][][16]byte{}
	for _, e := range entries {
		if e.ResourceID != nil {
			byKind[e.resource.Kind] = append(byKind[e.resource.Kind], e.resource.UUID)
		}
	}
	if len(byKind) == 0 {
		return nil
	}
	there, err := c.goods(ctx, tx, kindOf[id.ProductID](byKind["Product"]), kindOf[id.CollectionID](byKind["Collection"]))
	if err != nil {
		return err
	}
	if err := ownThings(ctx, tx, byKind, there); err != nil {
		return err
	}
	for _, e := range entries {
		if e.ResourceID != nil && !there[e.resource.UUID] {
			p.Add(input.ErrAbsent.At(append(slices.Clone(e.at), "resourceId")...))
		}
	}
	return nil
}

const ownThingsSQL = `
select id from page where id = any($1::uuid[])
union all
select id from blog where id = any($2::uuid[])
union all
select id from article where id = any($3::uuid[])
union all
select id from shop_policy where id = any($4::uuid[])`

// ownThings adds those pages, blogs, articles and policies that there are.
func ownThings(ctx context.Context, db pg.DB, byKind map[string][][16]byte, there map[[16]byte]bool) error {
	rows, err := db.Query(ctx, ownThingsSQL, kindOf[id.PageID](byKind["Page"]), kindOf[id.BlogID](byKind["Blog"]),
		kindOf[id.ArticleID](byKind["Article"]), kindOf[id.ShopPolicyID](byKind["ShopPolicy"]))
	if err != nil {
		return fmt.Errorf("look for what a menu leads to: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	if err != nil {
		return fmt.Errorf("look for what a menu leads to: %w", err)
	}
	for _, thing := range found {
		there[thing] = true
	}
	return nil
}

// kindOf turns ids into those of one kind.
func kindOf[K ~[16]byte](ids [][16]byte) []K {
	out := make([]K, len(ids))
	for i, one := range ids {
		out[i] = one
	}
	return out
}

const deleteMenuSQL = `
delete from menu
where id = $1`

// DeleteMenu takes a menu with its entries away.
func (c *Content) DeleteMenu(ctx context.Context, in DeleteInput) (id.MenuID, error) {
	menu, err := id.ParseMenuID(in.ID)
	if err != nil {
		return menu, input.ErrAbsent.At("input", "id")
	}
	return menu, c.remove(ctx, "Menu", in, func(ctx context.Context, tx pgx.Tx, who input.Identity) error {
		was, _, err := input.Locked(ctx, tx, lockMenuSQL, (*Menu).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		return gone(tx.Exec(ctx, deleteMenuSQL, menu))
	})
}
