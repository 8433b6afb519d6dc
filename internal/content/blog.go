package content

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/richtext"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// Blog is a row of articles under one name. It is there for everybody; its articles come when they are published.
type Blog struct {
	ID             id.BlogID
	Handle         string
	Title          string
	SEOTitle       *string
	SEODescription *string
	Version        int
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// IsNode marks a Blog as a Node of the API.
func (Blog) IsNode() {}

// IsMenuItemResource says that a menu may lead to a Blog.
func (Blog) IsMenuItemResource() {}

// SEO is what search engines are told of the blog.
func (b Blog) SEO() *richtext.SEO {
	return &richtext.SEO{Title: b.SEOTitle, Description: b.SEODescription}
}

func (b *Blog) fields() []any {
	return []any{&b.ID, &b.Handle, &b.Title, &b.SEOTitle, &b.SEODescription, &b.Version, &b.CreatedAt, &b.UpdatedAt}
}

const blogByHandleSQL = `
select t.id, t.handle, t.title, t.seo_title, t.seo_description, t.version, t.created_at, t.updated_at
from blog t
where t.handle = $1`

// BlogByHandle reads one blog; one that is not there is a fault.
func BlogByHandle(ctx context.Context, db pg.DB, handle string) (Blog, error) {
	return one(ctx, db, blogByHandleSQL, (*Blog).fields, handle)
}

const blogsByIDSQL = `
select t.id, t.handle, t.title, t.seo_title, t.seo_description, t.version, t.created_at, t.updated_at
from blog t
where t.id = any((select $1::uuid[])::uuid[])`

// BlogsByID reads blogs; one that is not there is absent from the answer.
func BlogsByID(ctx context.Context, db pg.DB, ids []id.BlogID) (map[id.BlogID]Blog, error) {
	return byKey(ctx, db, blogsByIDSQL, (*Blog).fields, func(b Blog) id.BlogID { return b.ID }, ids)
}

// BlogConnection is one page of blogs.
type BlogConnection = pg.Connection[Blog]

// BlogEdge is one blog of a page.
type BlogEdge = pg.Edge[Blog]

// BlogSortKeys is an order in which blogs can be listed.
type BlogSortKeys string

const (
	blogs = `
select t.id, t.handle, t.title, t.seo_title, t.seo_description, t.version, t.created_at, t.updated_at, k.key::text
from blog t
cross join lateral (select `
	blogsWhere = ` as key) k
where $1::boolean is not null` + worded + `'{}', jsonb_build_object('handle', t.handle),
          jsonb_build_object('created_at', t.created_at, 'updated_at', t.updated_at)` + terms

	blogsIDUpSQL       = blogs + `t.id` + blogsWhere + idUp
	blogsIDDownSQL     = blogs + `t.id` + blogsWhere + idDown
	blogsHandleUpSQL   = blogs + `t.handle` + blogsWhere + textUp
	blogsHandleDownSQL = blogs + `t.handle` + blogsWhere + textDown
	blogsTitleUpSQL    = blogs + `lower(t.title)` + blogsWhere + textUp
	blogsTitleDownSQL  = blogs + `lower(t.title)` + blogsWhere + textDown
	blogsRankUpSQL     = blogs + rank + blogsWhere + rankUp
	blogsRankDownSQL   = blogs + rank + blogsWhere + rankDown
)

// The orders of blogs. The most relevant come first; all else ascends.
var blogSortings = map[string]sorting{
	byID:        {blogsIDUpSQL, blogsIDDownSQL},
	byRelevance: {blogsRankDownSQL, blogsRankUpSQL},
	"HANDLE":    {blogsHandleUpSQL, blogsHandleDownSQL},
	"TITLE":     {blogsTitleUpSQL, blogsTitleDownSQL},
}

// BlogFields are what a search for blogs may name. A blog is always seen.
var BlogFields = searchsyntax.Fields{
	"title": searchsyntax.Words, "handle": searchsyntax.Text, "created_at": searchsyntax.Moment,
	"updated_at": searchsyntax.Moment, "published_status": searchsyntax.Published,
}

// Blogs lists the blogs that the search asks for.
func Blogs(ctx context.Context, db pg.DB, actor access.Actor, l Listing, page pg.Page) (BlogConnection, error) {
	a, err := ask(actor, l, blogSortings, BlogFields, "Blog", page)
	if err != nil {
		return BlogConnection{}, err
	}
	return read(ctx, db, a, (*Blog).fields, func(b Blog) string { return b.ID.String() })
}

const authorsByBlogSQL = `
select distinct on (t.blog_id, lower(t.author_first_name || ' ' || t.author_last_name), lower(t.author_email))
       t.blog_id, t.author_first_name, t.author_last_name, t.author_email, t.author_bio
from article t
where t.blog_id = any((select $1::uuid[])::uuid[])
  and ($2 or t.published_at <= now())
  and t.author_first_name || t.author_last_name <> ''
order by t.blog_id, lower(t.author_first_name || ' ' || t.author_last_name), lower(t.author_email), t.id desc`

// AuthorsByBlog gives those who wrote the articles of blogs that the caller may see, each once, by name, with what was
// said of them last.
func AuthorsByBlog(ctx context.Context, db pg.DB, actor access.Actor, ids []id.BlogID) (map[id.BlogID][]ArticleAuthor, error) {
	rows, err := db.Query(ctx, authorsByBlogSQL, ids, SeesAll(actor))
	if err != nil {
		return nil, fmt.Errorf("read the authors of blogs: %w", err)
	}
	by := map[id.BlogID][]ArticleAuthor{}
	var blog id.BlogID
	var author ArticleAuthor
	_, err = pgx.ForEachRow(rows, []any{&blog, &author.FirstName, &author.LastName, &author.Email, &author.Bio}, func() error {
		by[blog] = append(by[blog], author)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the authors of blogs: %w", err)
	}
	return by, nil
}
