package content

import (
	"context"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/media"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/richtext"
)

// Article is a text of a blog.
type Article struct {
	ID             id.ArticleID
	BlogID         id.BlogID
	Handle         string
	Title          string
	ContentHTML    string // sanitized when it was written
	Text           string // the content without markup
	ExcerptHTML    *string
	ExcerptText    *string
	Author         ArticleAuthor
	Tags           []string
	ImageURL       *string
	ImageAlt       *string
	ImageWidth     *int
	ImageHeight    *int
	SEOTitle       *string
	SEODescription *string
	PublishedOn    *time.Time // nil keeps it back
	IsPublished    bool       // whether shoppers see it now
	Version        int
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ArticleAuthor is who wrote an article.
type ArticleAuthor struct {
	FirstName string
	LastName  string
	Email     string
	Bio       *string
}

// Name is the author's whole name.
func (a ArticleAuthor) Name() string { return strings.TrimSpace(a.FirstName + " " + a.LastName) }

// IsNode marks an Article as a Node of the API.
func (Article) IsNode() {}

// IsMenuItemResource says that a menu may lead to an Article.
func (Article) IsMenuItemResource() {}

// IsSearchResultItem says that a search may find an Article.
func (Article) IsSearchResultItem() {}

// SEO is what search engines are told of the article.
func (a Article) SEO() *richtext.SEO {
	return &richtext.SEO{Title: a.SEOTitle, Description: a.SEODescription}
}

// AuthorV2 is who wrote the article; nil where nobody is named.
func (a Article) AuthorV2() *ArticleAuthor {
	if a.Author.Name() == "" {
		return nil
	}
	return &a.Author
}

// Content is the article without markup, cut after a number of characters when one is given.
func (a Article) Content(truncateAt *int) string { return richtext.Truncate(a.Text, truncateAt) }

// Excerpt is the article in short, without markup; nil where it has none.
func (a Article) Excerpt(truncateAt *int) *string {
	if a.ExcerptText == nil {
		return nil
	}
	text := richtext.Truncate(*a.ExcerptText, truncateAt)
	return &text
}

// Image is the picture above the article; nil where it has none.
func (a Article) Image() *media.Image {
	if a.ImageURL == nil {
		return nil
	}
	return &media.Image{Address: *a.ImageURL, AltText: a.ImageAlt, Width: a.ImageWidth, Height: a.ImageHeight}
}

// PublishedAt is when shoppers first saw the article; for one that is kept back, when it was made.
func (a Article) PublishedAt() time.Time {
	if a.PublishedOn == nil {
		return a.CreatedAt
	}
	return *a.PublishedOn
}

func (a *Article) fields() []any {
	return []any{
		&a.ID, &a.BlogID, &a.Handle, &a.Title, &a.ContentHTML, &a.Text, &a.ExcerptHTML, &a.ExcerptText,
		&a.Author.FirstName, &a.Author.LastName, &a.Author.Email, &a.Author.Bio, &a.Tags, &a.ImageURL, &a.ImageAlt,
		&a.ImageWidth, &a.ImageHeight, &a.SEOTitle, &a.SEODescription, &a.PublishedOn, &a.IsPublished, &a.Version,
		&a.CreatedAt, &a.UpdatedAt,
	}
}

const articlesByIDSQL = `
select t.id, t.blog_id, t.handle, t.title, t.body_html, t.body, t.excerpt_html, t.excerpt, t.author_first_name,
       t.author_last_name, t.author_email, t.author_bio, t.tags, t.image_url, t.image_alt, t.image_width,
       t.image_height, t.seo_title, t.seo_description, t.published_at, coalesce(t.published_at <= now(), false),
       t.version, t.created_at, t.updated_at
from article t
where t.id = any((select $1::uuid[])::uuid[])
  and ($2 or t.published_at <= now())`

// ArticlesByID reads articles; one that is not there, or not the caller's to see, is absent from the answer.
func ArticlesByID(ctx context.Context, db pg.DB, actor access.Actor, ids []id.ArticleID) (map[id.ArticleID]Article, error) {
	return byKey(ctx, db, articlesByIDSQL, (*Article).fields, func(a Article) id.ArticleID { return a.ID }, ids, SeesAll(actor))
}

const articlesByHandleSQL = `
select t.id, t.blog_id, t.handle, t.title, t.body_html, t.body, t.excerpt_html, t.excerpt, t.author_first_name,
       t.author_last_name, t.author_email, t.author_bio, t.tags, t.image_url, t.image_alt, t.image_width,
       t.image_height, t.seo_title, t.seo_description, t.published_at, coalesce(t.published_at <= now(), false),
       t.version, t.created_at, t.updated_at
from article t
where t.blog_id = any((select $1::uuid[])::uuid[])
  and t.handle = $2
  and ($3 or t.published_at <= now())`

// ArticlesByHandle finds the article of that handle in each of the blogs.
func ArticlesByHandle(ctx context.Context, db pg.DB, actor access.Actor, in []id.BlogID, handle string) (map[id.BlogID]Article, error) {
	return byKey(ctx, db, articlesByHandleSQL, (*Article).fields, func(a Article) id.BlogID { return a.BlogID }, in, handle, SeesAll(actor))
}
