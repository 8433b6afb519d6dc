package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

type (
	pageResolver                  struct{ *Resolver }
	blogResolver                  struct{ *Resolver }
	articleResolver               struct{ *Resolver }
	shopPolicyResolver            struct{ *Resolver }
	shopPolicyWithDefaultResolver struct{ *Resolver }
)

// Page answers the fields of Page that are not simply there.
func (r *Resolver) Page() PageResolver { return pageResolver{r} }

// Blog answers the fields of Blog that are not simply there.
func (r *Resolver) Blog() BlogResolver { return blogResolver{r} }

// Article answers the fields of Article that are not simply there.
func (r *Resolver) Article() ArticleResolver { return articleResolver{r} }

// ShopPolicy answers the fields of ShopPolicy that are not simply there.
func (r *Resolver) ShopPolicy() ShopPolicyResolver { return shopPolicyResolver{r} }

// ShopPolicyWithDefault answers the fields of ShopPolicyWithDefault that are not simply there.
func (r *Resolver) ShopPolicyWithDefault() ShopPolicyWithDefaultResolver {
	return shopPolicyWithDefaultResolver{r}
}

// listing puts the arguments of a list of content together.
func listing[K ~string](query *string, sortKey *K) content.Listing {
	l := content.Listing{Query: query}
	if sortKey != nil {
		l.SortKey = string(*sortKey)
	}
	return l
}

func (r queryResolver) Page(ctx context.Context, handle, text *string) (*content.Page, error) {
	switch {
	case text != nil:
		name, err := id.ParsePageID(*text)
		if err != nil {
			return nil, err
		}
		page, ok, err := r.load(ctx).pages.load(ctx, name)
		if err != nil || !ok || handle != nil && page.Handle != *handle {
			return nil, err
		}
		return &page, nil
	case handle != nil:
		return r.PageByHandle(ctx, *handle)
	default:
		return nil, oneOfHandleAndID
	}
}

func (r queryResolver) PageByHandle(ctx context.Context, handle string) (*content.Page, error) {
	return absent(content.PageByHandle(ctx, r.db(ctx), access.From(ctx), handle))
}

func (r queryResolver) Pages(ctx context.Context, after, before *string, first, last *int, query *string, reverse *bool, sortKey *content.PageSortKeys) (*content.PageConnection, error) {
	warnUnread(ctx, query, content.PageFields)
	list, err := content.Pages(ctx, r.db(ctx), access.From(ctx), listing(query, sortKey), paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	return &list, nil
}

func (r queryResolver) Blog(ctx context.Context, handle, text *string) (*content.Blog, error) {
	switch {
	case text != nil:
		name, err := id.ParseBlogID(*text)
		if err != nil {
			return nil, err
		}
		blog, ok, err := r.load(ctx).blogs.load(ctx, name)
		if err != nil || !ok || handle != nil && blog.Handle != *handle {
			return nil, err
		}
		return &blog, nil
	case handle != nil:
		return absent(content.BlogByHandle(ctx, r.db(ctx), *handle))
	default:
		return nil, oneOfHandleAndID
	}
}

func (r queryResolver) Blogs(ctx context.Context, after, before *string, first, last *int, query *string, reverse *bool, sortKey *content.BlogSortKeys) (*content.BlogConnection, error) {
	warnUnread(ctx, query, content.BlogFields)
	list, err := content.Blogs(ctx, r.db(ctx), access.From(ctx), listing(query, sortKey), paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	keys := make([]id.BlogID, len(list.Nodes))
	for i, blog := range list.Nodes {
		keys[i] = blog.ID
		r.load(ctx).blogs.prime(blog.ID, blog)
	}
	r.load(ctx).blogKeys.expect(keys)
	return &list, nil
}

func (r queryResolver) Article(ctx context.Context, text string) (*content.Article, error) {
	name, err := id.ParseArticleID(text)
	if err != nil {
		return nil, err
	}
	article, ok, err := r.load(ctx).articles.load(ctx, name)
	if err != nil || !ok {
		return nil, err
	}
	return &article, nil
}

func (r queryResolver) Articles(ctx context.Context, after, before *string, first, last *int, query *string, reverse *bool, sortKey *content.ArticleSortKeys) (*content.ArticleConnection, error) {
	warnUnread(ctx, query, content.ArticleFields)
	list, err := content.Articles(ctx, r.db(ctx), access.From(ctx), listing(query, sortKey), paged(after, before, first, last, reverse))
	if err != nil {
		return nil, err
	}
	r.load(ctx).expectArticles(list.Nodes)
	return &list, nil
}

func (r blogResolver) Articles(ctx context.Context, blog *content.Blog, after, before *string, first, last *int, query *string, reverse *bool, sortKey *content.ArticleSortKeys) (*content.ArticleConnection, error) {
	warnUnread(ctx, query, content.ArticleFields)
	lists := r.load(ctx).articlesIn(listing(query, sortKey), paged(after, before, first, last, reverse))
	list, _, err := lists.load(ctx, blog.ID)
	if err != nil {
		return nil, err
	}
	return &list, nil
}

func (r blogResolver) ArticleByHandle(ctx context.Context, blog *content.Blog, handle string) (*content.Article, error) {
	article, ok, err := r.load(ctx).articlesNamed(handle).load(ctx, blog.ID)
	if err != nil || !ok {
		return nil, err
	}
	return &article, nil
}

func (r blogResolver) Authors(ctx context.Context, blog *content.Blog) ([]content.ArticleAuthor, error) {
	authors, _, err := r.load(ctx).authors.load(ctx, blog.ID)
	if authors == nil {
		authors = []content.ArticleAuthor{}
	}
	return authors, err
}

func (r articleResolver) Blog(ctx context.Context, article *content.Article) (*content.Blog, error) {
	blog, ok, err := r.load(ctx).blogs.load(ctx, article.BlogID)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "NOT_FOUND", "There is no such blog.")
	}
	return &blog, err
}

func (r pageResolver) OnlineStoreURL(ctx context.Context, page *content.Page) (*string, error) {
	return r.storefront(ctx, pagePath(page.Handle))
}

func (r blogResolver) OnlineStoreURL(ctx context.Context, blog *content.Blog) (*string, error) {
	return r.storefront(ctx, blogPath(blog.Handle))
}

func (r articleResolver) OnlineStoreURL(ctx context.Context, article *content.Article) (*string, error) {
	blog, err := r.Blog(ctx, article)
	if err != nil {
		return nil, err
	}
	return r.storefront(ctx, articlePath(blog.Handle, article.Handle))
}

// TrackingParameters is null: the shop does not measure its own lists.
func (r pageResolver) TrackingParameters(context.Context, *content.Page) (*string, error) {
	return nil, nil
}

// TrackingParameters is null: the shop does not measure its own lists.
func (r articleResolver) TrackingParameters(context.Context, *content.Article) (*string, error) {
	return nil, nil
}

func (r shopPolicyResolver) URL(ctx context.Context, policy *content.ShopPolicy) (string, error) {
	shop, err := r.settings(ctx)
	return shop.Page(policyPath(policy.Handle())), err
}

func (r shopPolicyWithDefaultResolver) URL(ctx context.Context, policy *content.ShopPolicy) (string, error) {
	return shopPolicyResolver(r).URL(ctx, policy)
}
