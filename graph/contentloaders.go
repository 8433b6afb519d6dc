package graph

import (
	"context"
	"encoding/json"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// contentLoaders are the "by many keys" questions about what the shop says.
type contentLoaders struct {
	blogKeys       together[id.BlogID]
	articleKeys    together[id.ArticleID]
	pageKeys       together[id.PageID]
	collectionKeys together[id.CollectionID]
	onlyKey        together[struct{}]

	blogs           *loader[id.BlogID, content.Blog]
	authors         *loader[id.BlogID, []content.ArticleAuthor]
	articles        *loader[id.ArticleID, content.Article]
	pages           *loader[id.PageID, content.Page]
	collectionsByID *loader[id.CollectionID, catalog.Collection]
	rules           *loader[id.CollectionID, catalog.CollectionRuleSet]
	memberships     *loader[id.CollectionID, catalog.CollectionMembership]
	policies        *loader[struct{}, map[content.ShopPolicyType]content.ShopPolicy]

	actor  access.Actor
	lists  map[string]*loader[id.BlogID, content.ArticleConnection] // by their arguments
	inBlog map[string]*loader[id.BlogID, content.Article]           // by handle
}

func newContentLoaders(db pg.DB, actor access.Actor) *contentLoaders {
	l := &contentLoaders{
		actor: actor, lists: map[string]*loader[id.BlogID, content.ArticleConnection]{},
		inBlog: map[string]*loader[id.BlogID, content.Article]{},
	}
	l.blogs = newLoader(&l.blogKeys, func(ctx context.Context, ids []id.BlogID) (map[id.BlogID]content.Blog, error) {
		return content.BlogsByID(ctx, db, ids)
	})
	l.authors = newLoader(&l.blogKeys, func(ctx context.Context, ids []id.BlogID) (map[id.BlogID][]content.ArticleAuthor, error) {
		return content.AuthorsByBlog(ctx, db, actor, ids)
	})
	l.articles = newLoader(&l.articleKeys, func(ctx context.Context, ids []id.ArticleID) (map[id.ArticleID]content.Article, error) {
		by, err := content.ArticlesByID(ctx, db, actor, ids)
		var blogs []id.BlogID
		for _, article := range by {
			blogs = append(blogs, article.BlogID)
		}
		l.blogKeys.expect(blogs)
		return by, err
	})
	l.pages = newLoader(&l.pageKeys, func(ctx context.Context, ids []id.PageID) (map[id.PageID]content.Page, error) {
		return content.PagesByID(ctx, db, actor, ids)
	})
	l.collectionsByID = newLoader(&l.collectionKeys, func(ctx context.Context, ids []id.CollectionID) (map[id.CollectionID]catalog.Collection, error) {
		return catalog.CollectionsByID(ctx, db, actor, ids)
	})
	l.rules = newLoader(&l.collectionKeys, func(ctx context.Context, ids []id.CollectionID) (map[id.CollectionID]catalog.CollectionRuleSet, error) {
		return catalog.RulesByCollection(ctx, db, ids)
	})
	l.memberships = newLoader(&l.collectionKeys, func(ctx context.Context, ids []id.CollectionID) (map[id.CollectionID]catalog.CollectionMembership, error) {
		return catalog.MembershipByCollection(ctx, db, ids)
	})
	l.onlyKey.expect([]struct{}{{}})
	l.policies = newLoader(&l.onlyKey, func(ctx context.Context, _ []struct{}) (map[struct{}]map[content.ShopPolicyType]content.ShopPolicy, error) {
		all, err := content.Policies(ctx, db)
		return map[struct{}]map[content.ShopPolicyType]content.ShopPolicy{{}: all}, err
	})
	return l
}

// expectArticles says that articles came in one list: what is asked of one will be asked of all.
func (l *loaders) expectArticles(list []content.Article) {
	keys, blogs := make([]id.ArticleID, len(list)), make([]id.BlogID, len(list))
	for i, article := range list {
		keys[i], blogs[i] = article.ID, article.BlogID
		l.articles.prime(article.ID, article)
	}
	l.articleKeys.expect(keys)
	l.blogKeys.expect(blogs)
}

// expectMenu says that entries came in one menu: what they lead to will be asked of all.
func (l *loaders) expectMenu(items []content.MenuItem) {
	byKind := map[string][]id.Global{}
	content.Walk(items, func(item content.MenuItem) {
		if resource, ok := item.Resource(); ok {
			byKind[resource.Kind] = append(byKind[resource.Kind], resource)
		}
	})
	l.productKeys.expect(kindOf[id.ProductID](byKind["Product"]))
	l.collectionKeys.expect(kindOf[id.CollectionID](byKind["Collection"]))
	l.pageKeys.expect(kindOf[id.PageID](byKind["Page"]))
	l.blogKeys.expect(kindOf[id.BlogID](byKind["Blog"]))
	l.articleKeys.expect(kindOf[id.ArticleID](byKind["Article"]))
}

// articlesIn is the question for the articles of blogs, with one search, order and page for all.
func (l *loaders) articlesIn(wanted content.Listing, page pg.Page) *loader[id.BlogID, content.ArticleConnection] {
	name, err := json.Marshal([]any{wanted, page})
	if err != nil {
		panic("arguments that can't be written: " + err.Error()) // texts, numbers and truth values always can
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lists[string(name)] == nil {
		l.lists[string(name)] = newLoader(&l.blogKeys, func(ctx context.Context, ids []id.BlogID) (map[id.BlogID]content.ArticleConnection, error) {
			by, err := content.ArticlesByBlog(ctx, l.db, l.actor, ids, wanted, page)
			var all []content.Article
			for _, blog := range ids {
				all = append(all, by[blog].Nodes...)
			}
			l.expectArticles(all)
			return by, err
		})
	}
	return l.lists[string(name)]
}

// articlesNamed is the question for the article of one handle in blogs.
func (l *loaders) articlesNamed(handle string) *loader[id.BlogID, content.Article] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inBlog[handle] == nil {
		l.inBlog[handle] = newLoader(&l.blogKeys, func(ctx context.Context, ids []id.BlogID) (map[id.BlogID]content.Article, error) {
			return content.ArticlesByHandle(ctx, l.db, l.actor, ids, handle)
		})
	}
	return l.inBlog[handle]
}
