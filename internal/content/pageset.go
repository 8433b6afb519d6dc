package content

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/richtext"
)

// PageSetInput makes a page or changes the one that is named; what is nil stays as it is.
type PageSetInput struct {
	ID              *string
	ExternalID      *string
	Handle          *string
	Title           *string
	Body            *string
	SEO             *SEOInput
	PublishedAt     *time.Time
	Published       *bool
	ExpectedVersion *int
}

const lockPageSQL = `
select t.id, t.handle, t.title, t.body_html, t.body, t.seo_title, t.seo_description, t.published_at,
       coalesce(t.published_at <= now(), false), t.version, t.created_at, t.updated_at,
       t.external_id is null
from page t
where case
    when $1::uuid is not null then t.id = $1
    when $3::text is not null then t.owner = $2::text and t.external_id = $3
    else t.handle = $4::text
end
for update`

const insertPageSQL = `
insert into page (id, handle, title, body_html, body, seo_title, seo_description, published_at, owner, external_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
returning coalesce(published_at <= now(), false), version, created_at, updated_at`

const updatePageSQL = `
update page
set handle = $2, title = $3, body_html = $4, body = $5, seo_title = $6, seo_description = $7, published_at = $8,
    owner = case when external_id is null then $9 else owner end, external_id = coalesce(external_id, $10),
    version = version + 1, updated_at = now()
where id = $1
returning coalesce(published_at <= now(), false), version, created_at, updated_at`

// SetPage makes a page, or changes the one that is named. A change that changes nothing leaves the version as it is.
func (c *Content) SetPage(ctx context.Context, actor access.Actor, in PageSetInput) (page Page, err error) {
	err = c.change(ctx, func(tx pgx.Tx) error {
		var p problems
		who := input.Named(actor, "Page", in.ID, in.ExternalID, in.Handle, &p.Problems)
		if p.Err() != nil { // the rest is told at once, as far as it does not depend on what is there
			p.page(in, who, &Page{}, false, time.Time{})
			return p.Err()
		}
		was, there, err := input.Locked(ctx, tx, lockPageSQL, (*Page).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		page = was
		now, err := present(ctx, tx)
		if err != nil {
			return err
		}
		p.page(in, who, &page, !there, now)
		if err := p.Err(); err != nil {
			return err
		}
		if there && !who.Names() && reflect.DeepEqual(page, was) {
			return errUnchanged
		}
		statement := updatePageSQL
		if !there {
			statement, page.ID = insertPageSQL, id.NewPageID()
		}
		err = tx.QueryRow(ctx, statement, page.ID, page.Handle, page.Title, page.Body, page.Text, page.SEOTitle,
			page.SEODescription, page.PublishedAt, who.Owner(), who.External,
		).Scan(&page.IsPublished, &page.Version, &page.CreatedAt, &page.UpdatedAt)
		if err != nil {
			return fmt.Errorf("keep a page: %w", err)
		}
		return nil
	})
	return page, err
}

// page writes what is wanted over a page.
func (p *problems) page(in PageSetInput, who input.Identity, page *Page, isNew bool, now time.Time) {
	page.Title = p.Title(in.Title, page.Title, isNew)
	who.Rename(&page.Handle, isNew, &p.Problems)
	if body := p.HTML(in.Body, "body"); body != nil {
		page.Body, page.Text = *body, richtext.Plain(*body)
	}
	p.SEO(in.SEO, &page.SEOTitle, &page.SEODescription)
	page.PublishedAt = p.Publication(page.PublishedAt, isNew, now, in.PublishedAt, in.Published)
}

const deletePageSQL = `
delete from page
where id = $1`

// DeletePage takes a page away. Menus that led to it lead nowhere.
func (c *Content) DeletePage(ctx context.Context, in DeleteInput) (id.PageID, error) {
	page, err := id.ParsePageID(in.ID)
	if err != nil {
		return page, input.ErrAbsent.At("input", "id")
	}
	return page, c.remove(ctx, "Page", in, func(ctx context.Context, tx pgx.Tx, who input.Identity) error {
		was, _, err := input.Locked(ctx, tx, lockPageSQL, (*Page).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		return gone(tx.Exec(ctx, deletePageSQL, page))
	})
}
