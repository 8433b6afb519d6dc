package content

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/richtext"
)

// ArticleSetInput makes an article or changes the one that is named; what is nil stays as it is. A handle names an
// article within its blog.
type ArticleSetInput struct {
	ID              *string
	ExternalID      *string
	Handle          *string
	BlogID          *string
	BlogHandle      *string
	Title           *string
	Content         *string
	Excerpt         *string
	Author          *ArticleAuthorInput
	Tags            []string
	Image           *ImageInput
	SEO             *SEOInput
	PublishedAt     *time.Time
	Published       *bool
	ExpectedVersion *int
}

// ArticleAuthorInput is who wrote an article.
type ArticleAuthorInput struct {
	FirstName string
	LastName  string
	Email     *string
	Bio       *string
}

// ImageInput is a picture; an empty address takes it away.
type ImageInput struct {
	URL     string
	AltText *string
	Width   *int
	Height  *int
}

const lockArticleSQL = `
select t.id, t.blog_id, t.handle, t.title, t.body_html, t.body, t.excerpt_html, t.excerpt, t.author_first_name,
       t.author_last_name, t.author_email, t.author_bio, t.tags, t.image_url, t.image_alt, t.image_width,
       t.image_height, t.seo_title, t.seo_description, t.published_at, coalesce(t.published_at <= now(), false),
       t.version, t.created_at, t.updated_at, t.external_id is null
from article t
where case
    when $1::uuid is not null then t.id = $1
    when $3::text is not null then t.owner = $2::text and t.external_id = $3
    else t.handle = $4::text and t.blog_id = $5::uuid
end
for update`

const insertArticleSQL = `
insert into article (id, blog_id, handle, title, body_html, body, excerpt_html, excerpt, author_first_name,
                     author_last_name, author_email, author_bio, tags, image_url, image_alt, image_width, image_height,
                     seo_title, seo_description, published_at, owner, external_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
returning coalesce(published_at <= now(), false), version, created_at, updated_at`

const updateArticleSQL = `
update article
set blog_id = $2, handle = $3, title = $4, body_html = $5, body = $6, excerpt_html = $7, excerpt = $8,
    author_first_name = $9, author_last_name = $10, author_email = $11, author_bio = $12, tags = $13, image_url = $14,
    image_alt = $15, image_width = $16, image_height = $17, seo_title = $18, seo_description = $19, published_at = $20,
    owner = case when external_id is null then $21 else owner end, external_id = coalesce(external_id, $22),
    version = version + 1, updated_at = now()
where id = $1
returning coalesce(published_at <= now(), false), version, created_at, updated_at`

// SetArticle makes an article, or changes the one that is named. A change that changes nothing leaves the version as
// it is.
func (c *Content) SetArticle(ctx context.Context, actor access.Actor, in ArticleSetInput) (article Article, err error) {
	err = c.change(ctx, func(tx pgx.Tx) error {
		var p problems
		who := input.Named(actor, "Article", in.ID, in.ExternalID, in.Handle, &p.Problems)
		blog, err := blogOf(ctx, tx, in, &p)
		if err != nil {
			return err
		}
		if in.ID == nil && in.ExternalID == nil && in.BlogID == nil && in.BlogHandle == nil {
			p.Add(errNoBlog)
		}
		if p.Err() != nil { // the rest is told at once, as far as it does not depend on what is there
			isNew, err := unheard(ctx, tx, in)
			if err != nil {
				return err
			}
			p.article(in, who, &Article{}, isNew, time.Time{})
			return p.Err()
		}
		was, there, err := input.Locked(ctx, tx, lockArticleSQL, (*Article).fields, &who, in.ExpectedVersion, blog)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		article = was
		if blog.Valid {
			article.BlogID = blog.Bytes
		} else if !there {
			p.Add(errNoBlog)
		}
		now, err := present(ctx, tx)
		if err != nil {
			return err
		}
		p.article(in, who, &article, !there, now)
		if err := p.Err(); err != nil {
			return err
		}
		if there && !who.Names() && reflect.DeepEqual(article, was) {
			return errUnchanged
		}
		statement := updateArticleSQL
		if !there {
			statement, article.ID = insertArticleSQL, id.NewArticleID()
		}
		a := &article
		err = tx.QueryRow(ctx, statement, a.ID, a.BlogID, a.Handle, a.Title, a.ContentHTML, a.Text, a.ExcerptHTML,
			a.ExcerptText, a.Author.FirstName, a.Author.LastName, a.Author.Email, a.Author.Bio, a.Tags, a.ImageURL,
			a.ImageAlt, a.ImageWidth, a.ImageHeight, a.SEOTitle, a.SEODescription, a.PublishedOn, who.Owner(), who.External,
		).Scan(&a.IsPublished, &a.Version, &a.CreatedAt, &a.UpdatedAt)
		if err != nil {
			return fmt.Errorf("keep an article: %w", err)
		}
		return nil
	})
	return article, err
}

var errNoBlog = fault.New(fault.Invalid, "BLANK", "Say in which blog: give a blogId or a blogHandle.").At("input", "blogId")

const handleKnownSQL = `
select exists (
    select
    from article
    where handle = $1
)`

// unheard says that an article is named by a handle which none has, in whatever blog: it is new for certain.
func unheard(ctx context.Context, tx pgx.Tx, in ArticleSetInput) (bool, error) {
	if in.ID != nil || in.ExternalID != nil || in.Handle == nil {
		return false, nil
	}
	var known bool
	if err := tx.QueryRow(ctx, handleKnownSQL, strings.ToLower(strings.TrimSpace(*in.Handle))).Scan(&known); err != nil {
		return false, fmt.Errorf("look for an article's handle: %w", err)
	}
	return !known, nil
}

const lockBlogOfSQL = `
select t.id
from blog t
where case when $1::uuid is not null then t.id = $1 else t.handle = $2::text end
for key share`

// blogOf finds the blog that is named, and holds it, so that it isn't deleted from under the article.
func blogOf(ctx context.Context, tx pgx.Tx, in ArticleSetInput, p *problems) (pgtype.UUID, error) {
	var blog pgtype.UUID
	field := "blogHandle"
	if in.BlogID != nil {
		field = "blogId"
		if given, err := id.ParseBlogID(*in.BlogID); err == nil {
			blog = pgtype.UUID{Bytes: given, Valid: true}
		} else {
			p.Add(input.ErrAbsent.At("input", field))
			return blog, nil
		}
	} else if in.BlogHandle == nil {
		return blog, nil
	}
	switch err := tx.QueryRow(ctx, lockBlogOfSQL, blog, in.BlogHandle).Scan(&blog); {
	case pg.IsNoRows(err):
		p.Add(input.ErrAbsent.At("input", field))
	case err != nil:
		return blog, fmt.Errorf("find a blog: %w", err)
	}
	return blog, nil
}

// article writes what is wanted over an article.
func (p *problems) article(in ArticleSetInput, who input.Identity, a *Article, isNew bool, now time.Time) {
	a.Title = p.Title(in.Title, a.Title, isNew)
	who.Rename(&a.Handle, isNew, &p.Problems)
	if body := p.HTML(in.Content, "content"); body != nil {
		a.ContentHTML, a.Text = *body, richtext.Plain(*body)
	}
	if excerpt := p.HTML(in.Excerpt, "excerpt"); excerpt != nil {
		a.ExcerptHTML, a.ExcerptText = nil, nil
		if text := richtext.Plain(*excerpt); *excerpt != "" {
			a.ExcerptHTML, a.ExcerptText = excerpt, &text
		}
	}
	if in.Author != nil {
		p.author(*in.Author, &a.Author)
	}
	a.Tags = p.tags(in.Tags, a.Tags)
	if a.Tags == nil {
		a.Tags = []string{}
	}
	if in.Image != nil {
		p.image(*in.Image, a)
	}
	p.SEO(in.SEO, &a.SEOTitle, &a.SEODescription)
	a.PublishedOn = p.Publication(a.PublishedOn, isNew, now, in.PublishedAt, in.Published)
}

func (p *problems) author(in ArticleAuthorInput, to *ArticleAuthor) {
	*to = ArticleAuthor{FirstName: strings.TrimSpace(in.FirstName), LastName: strings.TrimSpace(in.LastName)}
	if in.Email != nil {
		to.Email = p.email(*in.Email)
	}
	if in.Bio != nil && strings.TrimSpace(*in.Bio) != "" {
		bio := richtext.Plain(richtext.Sanitize(*in.Bio))
		to.Bio = &bio
		if utf8.RuneCountInString(bio) > input.MaxShort {
			p.Add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d characters.", input.MaxShort).At("input", "author", "bio"))
		}
	}
	for _, part := range []struct{ field, value string }{{"firstName", to.FirstName}, {"lastName", to.LastName}} {
		if utf8.RuneCountInString(part.value) > input.MaxName {
			p.Add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d characters.", input.MaxName).At("input", "author", part.field))
		}
	}
}

// email checks an author's address, and gives it as it is to be read; an empty one is none.
func (p *problems) email(text string) string {
	text = strings.TrimSpace(text)
	if _, ok := contact.Email(text); !ok && text != "" {
		p.Add(fault.New(fault.Invalid, "INVALID", "This is no e-mail address.").At("input", "author", "email"))
	}
	return text
}

func (p *problems) image(in ImageInput, a *Article) {
	a.ImageURL, a.ImageAlt, a.ImageWidth, a.ImageHeight = nil, nil, nil, nil
	if in.URL == "" {
		return
	}
	p.address(in.URL, []string{"https", "http"}, "image", "url")
	a.ImageURL, a.ImageAlt, a.ImageWidth, a.ImageHeight = &in.URL, in.AltText, in.Width, in.Height
	if in.AltText != nil && utf8.RuneCountInString(*in.AltText) > input.MaxShort {
		p.Add(fault.Newf(fault.Invalid, "TOO_LONG", "It is longer than %d characters.", input.MaxShort).At("input", "image", "altText"))
	}
	for field, n := range map[string]*int{"width": in.Width, "height": in.Height} {
		if n != nil && *n < 1 {
			p.Add(fault.New(fault.Invalid, "INVALID", "It is below 1.").At("input", "image", field))
		}
	}
}

const deleteArticleSQL = `
delete from article
where id = $1`

// DeleteArticle takes an article away.
func (c *Content) DeleteArticle(ctx context.Context, in DeleteInput) (id.ArticleID, error) {
	article, err := id.ParseArticleID(in.ID)
	if err != nil {
		return article, input.ErrAbsent.At("input", "id")
	}
	return article, c.remove(ctx, "Article", in, func(ctx context.Context, tx pgx.Tx, who input.Identity) error {
		was, _, err := input.Locked(ctx, tx, lockArticleSQL, (*Article).fields, &who, in.ExpectedVersion, nil)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		return gone(tx.Exec(ctx, deleteArticleSQL, article))
	})
}
