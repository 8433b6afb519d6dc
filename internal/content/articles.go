package content

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/searchsyntax"
)

// ArticleConnection is one page of articles.
type ArticleConnection = pg.Connection[Article]

// ArticleEdge is one article of a page.
type ArticleEdge = pg.Edge[Article]

// ArticleSortKeys is an order in which articles can be listed.
type ArticleSortKeys string

// A list of articles is asked for many blogs at once, so that a page of blogs with their articles costs one statement;
// a null in the place of the blog stands for the articles of all blogs.
const (
	articles = `
select g.place, l.id, l.blog_id, l.handle, l.title, l.body_html, l.body, l.excerpt_html, l.excerpt, l.author_first_name,
       l.author_last_name, l.author_email, l.author_bio, l.tags, l.image_url, l.image_alt, l.image_width,
       l.image_height, l.seo_title, l.seo_description, l.published_at, coalesce(l.published_at <= now(), false),
       l.version, l.created_at, l.updated_at, l.key::text
from unnest($11::uuid[]) with ordinality g(blog_id, place)
cross join lateral (
    select t.id, t.blog_id, t.handle, t.title, t.body_html, t.body, t.excerpt_html, t.excerpt, t.author_first_name,
           t.author_last_name, t.author_email, t.author_bio, t.tags, t.image_url, t.image_alt, t.image_width,
           t.image_height, t.seo_title, t.seo_description, t.published_at, t.version, t.created_at, t.updated_at, k.key
    from article t
    join blog b on b.id = t.blog_id
    cross join lateral (select `
	articlesWhere = ` as key) k
    where ($1 or t.published_at <= now())
      and (g.blog_id is null or t.blog_id = g.blog_id)` + worded + `t.tags, jsonb_build_object(
          'handle', t.handle, 'blog_title', b.title, 'author', t.author_first_name || ' ' || t.author_last_name),
          jsonb_build_object('created_at', t.created_at, 'updated_at', t.updated_at, 'published_at', t.published_at)` + terms
	articlesUp = `
) l
order by g.place, l.key, l.id`
	articlesDown = `
) l
order by g.place, l.key desc, l.id desc`

	author    = `lower(t.author_first_name || ' ' || t.author_last_name)`
	published = `coalesce(t.published_at, t.created_at)`

	articlesIDUpSQL          = articles + `t.id` + articlesWhere + idUp + articlesUp
	articlesIDDownSQL        = articles + `t.id` + articlesWhere + idDown + articlesDown
	articlesAuthorUpSQL      = articles + author + articlesWhere + textUp + articlesUp
	articlesAuthorDownSQL    = articles + author + articlesWhere + textDown + articlesDown
	articlesBlogUpSQL        = articles + `lower(b.title)` + articlesWhere + textUp + articlesUp
	articlesBlogDownSQL      = articles + `lower(b.title)` + articlesWhere + textDown + articlesDown
	articlesPublishedUpSQL   = articles + published + articlesWhere + timeUp + articlesUp
	articlesPublishedDownSQL = articles + published + articlesWhere + timeDown + articlesDown
	articlesTitleUpSQL       = articles + `lower(t.title)` + articlesWhere + textUp + articlesUp
	articlesTitleDownSQL     = articles + `lower(t.title)` + articlesWhere + textDown + articlesDown
	articlesUpdatedUpSQL     = articles + `t.updated_at` + articlesWhere + timeUp + articlesUp
	articlesUpdatedDownSQL   = articles + `t.updated_at` + articlesWhere + timeDown + articlesDown
	articlesRankUpSQL        = articles + rank + articlesWhere + rankUp + articlesUp
	articlesRankDownSQL      = articles + rank + articlesWhere + rankDown + articlesDown
)

// The orders of articles. The most relevant come first; all else ascends.
var articleSortings = map[string]sorting{
	byID:           {articlesIDUpSQL, articlesIDDownSQL},
	byRelevance:    {articlesRankDownSQL, articlesRankUpSQL},
	"AUTHOR":       {articlesAuthorUpSQL, articlesAuthorDownSQL},
	"BLOG_TITLE":   {articlesBlogUpSQL, articlesBlogDownSQL},
	"PUBLISHED_AT": {articlesPublishedUpSQL, articlesPublishedDownSQL},
	"TITLE":        {articlesTitleUpSQL, articlesTitleDownSQL},
	"UPDATED_AT":   {articlesUpdatedUpSQL, articlesUpdatedDownSQL},
}

// ArticleFields are what a search for articles may name.
var ArticleFields = searchsyntax.Fields{
	"author": searchsyntax.Text, "blog_title": searchsyntax.Text, "title": searchsyntax.Words, "tag": searchsyntax.Text,
	"tag_not": searchsyntax.Without, "handle": searchsyntax.Text, "created_at": searchsyntax.Moment,
	"updated_at": searchsyntax.Moment, "published_at": searchsyntax.Moment,
	"published_status": searchsyntax.Published,
}

// Articles lists the articles of all blogs that the caller may see and the search asks for.
func Articles(ctx context.Context, db pg.DB, actor access.Actor, l Listing, page pg.Page) (ArticleConnection, error) {
	lists, err := articleLists(ctx, db, actor, []*id.BlogID{nil}, l, page)
	if err != nil {
		return ArticleConnection{}, err
	}
	return lists[0], nil
}

// ArticlesByBlog lists the articles of each of the blogs, with the same search, order and page for all.
func ArticlesByBlog(ctx context.Context, db pg.DB, actor access.Actor, in []id.BlogID, l Listing, page pg.Page) (map[id.BlogID]ArticleConnection, error) {
	places := make([]*id.BlogID, len(in))
	for i := range in {
		places[i] = &in[i]
	}
	lists, err := articleLists(ctx, db, actor, places, l, page)
	if err != nil {
		return nil, err
	}
	by := make(map[id.BlogID]ArticleConnection, len(in))
	for i, blog := range in {
		by[blog] = lists[i]
	}
	return by, nil
}

func articleLists(ctx context.Context, db pg.DB, actor access.Actor, in []*id.BlogID, l Listing, page pg.Page) ([]ArticleConnection, error) {
	a, err := ask(actor, l, articleSortings, ArticleFields, "Article", page)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, a.statement, append(a.arguments, in)...)
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	found, keys := make([][]Article, len(in)), map[id.ArticleID]string{}
	var place int
	var key string
	var article Article
	_, err = pgx.ForEachRow(rows, append(append([]any{&place}, article.fields()...), &key), func() error {
		found[place-1] = append(found[place-1], article)
		keys[article.ID] = key
		article = Article{}
		return nil
	})
	if err != nil {
		return nil, notOfThisList(err)
	}
	lists := make([]ArticleConnection, len(in))
	for i, list := range found {
		lists[i] = pg.Build(a.window, list, func(a Article) []string { return []string{keys[a.ID], a.ID.String()} })
	}
	return lists, nil
}
