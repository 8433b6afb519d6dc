package content

import (
	"context"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
)

// BlogSetInput makes a blog or changes the one that is named; what is nil stays as it is.
type BlogSetInput struct {
	ID              *string
	ExternalID      *string
	Handle          *string
	Title           *string
	SEO             *SEOInput
	ExpectedVersion *int
}

const lockBlogSQL = `
select t.id, t.handle, t.title, t.seo_title, t.seo_description, t.version, t.created_at, t.updated_at,
       t.external_id is null
from blog t
where case
    when $1::uuid is not null then t.id = $1
    when $3::text is not null then t.owner = $2::text and t.external_id = $3
    else t.handle = $4::text
end
for update`

const insertBlogSQL = `
insert into blog (id, handle, title, seo_title, seo_description, owner, external_id)
values ($1, $2, $3, $4, $5, $6, $7)
returning version, created_at, updated_at`

const updateBlogSQL = `
update blog
set handle = $2, title = $3, seo_title = $4, seo_description = $5,
    owner = case when external_id is null then $6 else owner end, external_id = coalesce(external_id, $7),
    version = version + 1, updated_at = now()
where id = $1
returning version, created_at, updated_at`

// SetBlog makes a blog, or changes the one that is named. A change that changes nothing leaves the version as it is.
func (c *Content) SetBlog(ctx context.Context, actor access.Actor, in BlogSetInput) (blog Blog, err error) {
	err = c.change(ctx, func(tx pgx.Tx) error {
		var p problems
		who := input.Named(actor, "Blog", in.ID, in.ExternalID, in.Handle, &p.Problems)
		if p.Err() != nil { // the rest is told at once, as far as it does not depend on what is there
			p.blog(in, who, &Blog{}, false)
			return p.Err()
		}
		was, there, err := input.Locked(ctx, tx, lockBlogSQL, (*Blog).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		blog = was
		p.blog(in, who, &blog, !there)
		if err := p.Err(); err != nil {
			return err
		}
		if there && !who.Names() && reflect.DeepEqual(blog, was) {
			return errUnchanged
		}
		statement := updateBlogSQL
		if !there {
			statement, blog.ID = insertBlogSQL, id.NewBlogID()
		}
		err = tx.QueryRow(ctx, statement, blog.ID, blog.Handle, blog.Title, blog.SEOTitle, blog.SEODescription,
			who.Owner(), who.External,
		).Scan(&blog.Version, &blog.CreatedAt, &blog.UpdatedAt)
		if err != nil {
			return fmt.Errorf("keep a blog: %w", err)
		}
		return nil
	})
	return blog, err
}

// blog writes what is wanted over a blog.
func (p *problems) blog(in BlogSetInput, who input.Identity, blog *Blog, isNew bool) {
	blog.Title = p.Title(in.Title, blog.Title, isNew)
	who.Rename(&blog.Handle, isNew, &p.Problems)
	p.SEO(in.SEO, &blog.SEOTitle, &blog.SEODescription)
}

const deleteBlogSQL = `
delete from blog
where id = $1`

// DeleteBlog takes a blog without articles away.
func (c *Content) DeleteBlog(ctx context.Context, in DeleteInput) (id.BlogID, error) {
	blog, err := id.ParseBlogID(in.ID)
	if err != nil {
		return blog, input.ErrAbsent.At("input", "id")
	}
	return blog, c.remove(ctx, "Blog", in, func(ctx context.Context, tx pgx.Tx, who input.Identity) error {
		was, _, err := input.Locked(ctx, tx, lockBlogSQL, (*Blog).fields, &who, in.ExpectedVersion)
		if err != nil {
			return err
		}
		if err := input.Stale(in.ExpectedVersion, was.Version); err != nil {
			return err
		}
		return gone(tx.Exec(ctx, deleteBlogSQL, blog))
	})
}
