package content

import (
	"context"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/richtext"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// Page is a page of text, such as the one about the shop.
type Page struct {
	ID             id.PageID
	Handle         string
	Title          string
	Body           string // HTML, sanitized when it was written
	Text           string // the body without markup
	SEOTitle       *string
	SEODescription *string
	PublishedAt    *time.Time // nil keeps it back
	IsPublished    bool       // whether shoppers see it now
	Version        int
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// IsNode marks a Page as a Node of the API.
func (Page) IsNode() {}

// IsMenuItemResource says that a menu may lead to a Page.
func (Page) IsMenuItemResource() {}

// IsSearchResultItem says that a search may find a Page.
func (Page) IsSearchResultItem() {}

// SEO is what search engines are told of the page.
func (p Page) SEO() *richtext.SEO {
	return &richtext.SEO{Title: p.SEOTitle, Description: p.SEODescription}
}

// summary is the length of a page's summary.
var summary = 150

// BodySummary is how the body begins, without markup.
func (p Page) BodySummary() string { return richtext.Truncate(p.Text, &summary) }

func (p *Page) fields() []any {
	return []any{
		&p.ID, &p.Handle, &p.Title, &p.Body, &p.Text, &p.SEOTitle, &p.SEODescription, &p.PublishedAt, &p.IsPublished,
		&p.Version, &p.CreatedAt, &p.UpdatedAt,
	}
}

const pageByHandleSQL = `
select t.id, t.handle, t.title, t.body_html, t.body, t.seo_title, t.seo_description, t.published_at,
       coalesce(t.published_at <= now(), false), t.version, t.created_at, t.updated_at
from page t
where t.handle = $1
  and ($2 or t.published_at <= now())`

// PageByHandle reads one page; one that is not there, or not the caller's to see, is a fault.
func PageByHandle(ctx context.Context, db pg.DB, actor access.Actor, handle string) (Page, error) {
	return one(ctx, db, pageByHandleSQL, (*Page).fields, handle, SeesAll(actor))
}

const pagesByIDSQL = `
select t.id, t.handle, t.title, t.body_html, t.body, t.seo_title, t.seo_description, t.published_at,
       coalesce(t.published_at <= now(), false), t.version, t.created_at, t.updated_at
from page t
where t.id = any((select $1::uuid[])::uuid[])
  and ($2 or t.published_at <= now())`

// PagesByID reads pages; one that is not there, or not the caller's to see, is absent from the answer.
func PagesByID(ctx context.Context, db pg.DB, actor access.Actor, ids []id.PageID) (map[id.PageID]Page, error) {
	return byKey(ctx, db, pagesByIDSQL, (*Page).fields, func(p Page) id.PageID { return p.ID }, ids, SeesAll(actor))
}

// PageConnection is one page of pages.
type PageConnection = pg.Connection[Page]

// PageEdge is one page of a page.
type PageEdge = pg.Edge[Page]

// PageSortKeys is an order in which pages can be listed.
type PageSortKeys string

const (
	pages = `
select t.id, t.handle, t.title, t.body_html, t.body, t.seo_title, t.seo_description, t.published_at,
       coalesce(t.published_at <= now(), false), t.version, t.created_at, t.updated_at, k.key::text
from page t
cross join lateral (select `
	pagesWhere = ` as key) k
where ($1 or t.published_at <= now())` + worded + `'{}', jsonb_build_object('handle', t.handle),
          jsonb_build_object('created_at', t.created_at, 'updated_at', t.updated_at, 'published_at', t.published_at)` + terms

	pagesIDUpSQL        = pages + `t.id` + pagesWhere + idUp
	pagesIDDownSQL      = pages + `t.id` + pagesWhere + idDown
	pagesTitleUpSQL     = pages + `lower(t.title)` + pagesWhere + textUp
	pagesTitleDownSQL   = pages + `lower(t.title)` + pagesWhere + textDown
	pagesUpdatedUpSQL   = pages + `t.updated_at` + pagesWhere + timeUp
	pagesUpdatedDownSQL = pages + `t.updated_at` + pagesWhere + timeDown
	pagesRankUpSQL      = pages + rank + pagesWhere + rankUp
	pagesRankDownSQL    = pages + rank + pagesWhere + rankDown
)

// The orders of pages. The most relevant come first; all else ascends.
var pageSortings = map[string]sorting{
	byID:         {pagesIDUpSQL, pagesIDDownSQL},
	byRelevance:  {pagesRankDownSQL, pagesRankUpSQL},
	"TITLE":      {pagesTitleUpSQL, pagesTitleDownSQL},
	"UPDATED_AT": {pagesUpdatedUpSQL, pagesUpdatedDownSQL},
}

// PageFields are what a search for pages may name.
var PageFields = searchsyntax.Fields{
	"title": searchsyntax.Words, "handle": searchsyntax.Text, "created_at": searchsyntax.Moment,
	"updated_at": searchsyntax.Moment, "published_at": searchsyntax.Moment,
	"published_status": searchsyntax.Published,
}

// Pages lists the pages that the caller may see and the search asks for.
func Pages(ctx context.Context, db pg.DB, actor access.Actor, l Listing, page pg.Page) (PageConnection, error) {
	a, err := ask(actor, l, pageSortings, PageFields, "Page", page)
	if err != nil {
		return PageConnection{}, err
	}
	return read(ctx, db, a, (*Page).fields, func(p Page) string { return p.ID.String() })
}
