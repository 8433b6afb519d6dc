package graph

import (
	"context"
	"net/url"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/id"
)

type menuItemResolver struct{ *Resolver }

// MenuItem answers the fields of MenuItem that are not simply there.
func (r *Resolver) MenuItem() MenuItemResolver { return menuItemResolver{r} }

func (r queryResolver) Menu(ctx context.Context, handle string) (*content.Menu, error) {
	menu, err := absent(content.MenuByHandle(ctx, r.db(ctx), handle))
	if menu != nil {
		r.load(ctx).expectMenu(menu.Items)
	}
	return menu, err
}

// Resource is what an entry leads to; null for a fixed place or an address, and for what the caller may not see.
func (r menuItemResolver) Resource(ctx context.Context, item *content.MenuItem) (MenuItemResource, error) {
	resource, _ := item.Resource()
	l := r.load(ctx)
	switch resource.Kind {
	case "Article":
		return there[content.Article](l.articles.load(ctx, resource.UUID))
	case "Blog":
		return there[content.Blog](l.blogs.load(ctx, resource.UUID))
	case "Collection":
		return there[catalog.Collection](l.collectionsByID.load(ctx, resource.UUID))
	case "Page":
		return there[content.Page](l.pages.load(ctx, resource.UUID))
	case "Product":
		return there[catalog.Product](l.products.load(ctx, resource.UUID))
	case "ShopPolicy":
		all, _, err := l.policies.load(ctx, struct{}{})
		for _, policy := range all {
			if policy.ID == resource.UUID {
				return policy, err
			}
		}
		return nil, err
	default:
		return nil, nil
	}
}

// there is a thing that was looked for, as what a menu may lead to; an untyped nil where it is not.
func there[T any](thing T, ok bool, err error) (MenuItemResource, error) {
	if err != nil || !ok {
		return nil, err
	}
	return thing, nil
}

// The fixed places of a storefront, where storefronts of the vocabulary have them.
var places = map[content.MenuItemType]string{
	"CATALOG": "/collections/all", "COLLECTIONS": "/collections", "CUSTOMER_ACCOUNT_PAGE": "/account", "FRONTPAGE": "/",
	"SEARCH": "/search",
}

func productPath(handle string) string       { return "/products/" + handle }
func collectionPath(handle string) string    { return "/collections/" + handle }
func pagePath(handle string) string          { return "/pages/" + handle }
func blogPath(handle string) string          { return "/blogs/" + handle }
func articlePath(blog, handle string) string { return "/blogs/" + blog + "/" + handle }
func policyPath(handle string) string        { return "/policies/" + handle }

// URL is where an entry leads; null where shoppers don't see what it leads to.
func (r menuItemResolver) URL(ctx context.Context, item *content.MenuItem) (*string, error) {
	shop, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	path, err := r.path(ctx, item)
	if err != nil || path == "" {
		return nil, err
	}
	if strings.HasPrefix(path, "/") {
		path = shop.Page(path)
	}
	return &path, nil
}

// path is where in the storefront an entry leads, or a whole address; empty where it leads nowhere.
func (r menuItemResolver) path(ctx context.Context, item *content.MenuItem) (string, error) {
	if item.Address != nil {
		return *item.Address, nil
	}
	if place, ok := places[item.Type]; ok {
		return place, nil
	}
	resource, err := r.Resource(ctx, item)
	if err != nil {
		return "", err
	}
	switch thing := resource.(type) {
	case catalog.Product:
		return productPath(thing.Handle), nil
	case catalog.Collection:
		return collectionPath(thing.Handle) + tagged(item.Tags), nil
	case content.Page:
		return pagePath(thing.Handle), nil
	case content.Blog:
		return blogPath(thing.Handle), nil
	case content.Article:
		blog, err := articleResolver(r).Blog(ctx, &thing)
		if err != nil {
			return "", err
		}
		return articlePath(blog.Handle, thing.Handle), nil
	case content.ShopPolicy:
		return policyPath(thing.Handle()), nil
	default:
		return "", nil
	}
}

// tagged is the part of a collection's address that asks for tags.
func tagged(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	names := make([]string, len(tags))
	for i, tag := range tags {
		names[i] = url.PathEscape(strings.ReplaceAll(strings.ToLower(tag), " ", "-"))
	}
	return "/" + strings.Join(names, "+")
}

func findMenus(ctx context.Context, r *Resolver, _ access.Actor, ids []id.Global, _ []string) (found, error) {
	menus, err := content.MenusByID(ctx, r.db(ctx), kindOf[id.MenuID](ids), nil)
	for _, menu := range menus {
		r.load(ctx).expectMenu(menu.Items)
	}
	return in(menus), err
}

func findMenuItems(ctx context.Context, r *Resolver, _ access.Actor, ids []id.Global, _ []string) (found, error) {
	menus, err := content.MenusByID(ctx, r.db(ctx), nil, kindOf[id.MenuItemID](ids))
	byID := map[id.MenuItemID]content.MenuItem{}
	for _, menu := range menus {
		r.load(ctx).expectMenu(menu.Items)
		content.Walk(menu.Items, func(item content.MenuItem) { byID[item.ID] = item })
	}
	return in(byID), err
}

func findPages(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	pages, err := content.PagesByID(ctx, r.db(ctx), actor, kindOf[id.PageID](ids))
	return in(pages), err
}

func findBlogs(ctx context.Context, r *Resolver, _ access.Actor, ids []id.Global, _ []string) (found, error) {
	blogs, err := content.BlogsByID(ctx, r.db(ctx), kindOf[id.BlogID](ids))
	return in(blogs), err
}

func findArticles(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	articles, err := content.ArticlesByID(ctx, r.db(ctx), actor, kindOf[id.ArticleID](ids))
	return in(articles), err
}

func findPolicies(ctx context.Context, r *Resolver, _ access.Actor, _ []id.Global, _ []string) (found, error) {
	all, err := content.Policies(ctx, r.db(ctx))
	byID := map[id.ShopPolicyID]content.ShopPolicy{}
	for _, policy := range all {
		byID[policy.ID] = policy
	}
	return in(byID), err
}
