package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/fault"
)

// kept divides what a write gave back: the thing as it is now, or what was wrong with the input.
func kept[T any](thing T, err error) (*T, []ContentUserError, error) {
	refused, err := userErrors(err, contentUserError)
	if err != nil || len(refused) > 0 {
		return nil, refused, err
	}
	return &thing, refused, nil
}

// deleted divides what a deletion gave back: the id of what is gone, or why it is not.
func deleted[T interface{ String() string }](thing T, err error) (*string, []ContentUserError, error) {
	name, refused, err := kept(thing, err)
	if name == nil {
		return nil, refused, err
	}
	text := (*name).String()
	return &text, refused, nil
}

// contentUserError writes a refusal in the words of the content's API. A code that it does not list is INVALID.
func contentUserError(f *fault.Fault) ContentUserError {
	e := ContentUserError{Code: ContentErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = ContentErrorCodeInvalid
	}
	if v, ok := f.Data["currentVersion"].(int); ok {
		e.CurrentVersion = &v
	}
	return e
}

func (r mutationResolver) PageSet(ctx context.Context, input content.PageSetInput) (*PageSetPayload, error) {
	page, refused, err := kept(r.shop.Content.SetPage(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &PageSetPayload{Page: page, Position: r.standing(ctx, page == nil), UserErrors: refused}, nil
}

func (r mutationResolver) PageDelete(ctx context.Context, input content.DeleteInput) (*PageDeletePayload, error) {
	gone, refused, err := deleted(r.shop.Content.DeletePage(ctx, input))
	if err != nil {
		return nil, err
	}
	return &PageDeletePayload{DeletedPageID: gone, Position: r.standing(ctx, gone == nil), UserErrors: refused}, nil
}

func (r mutationResolver) BlogSet(ctx context.Context, input content.BlogSetInput) (*BlogSetPayload, error) {
	blog, refused, err := kept(r.shop.Content.SetBlog(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &BlogSetPayload{Blog: blog, Position: r.standing(ctx, blog == nil), UserErrors: refused}, nil
}

func (r mutationResolver) BlogDelete(ctx context.Context, input content.DeleteInput) (*BlogDeletePayload, error) {
	gone, refused, err := deleted(r.shop.Content.DeleteBlog(ctx, input))
	if err != nil {
		return nil, err
	}
	return &BlogDeletePayload{DeletedBlogID: gone, Position: r.standing(ctx, gone == nil), UserErrors: refused}, nil
}

func (r mutationResolver) ArticleSet(ctx context.Context, input content.ArticleSetInput) (*ArticleSetPayload, error) {
	article, refused, err := kept(r.shop.Content.SetArticle(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	return &ArticleSetPayload{Article: article, Position: r.standing(ctx, article == nil), UserErrors: refused}, nil
}

func (r mutationResolver) ArticleDelete(ctx context.Context, input content.DeleteInput) (*ArticleDeletePayload, error) {
	gone, refused, err := deleted(r.shop.Content.DeleteArticle(ctx, input))
	if err != nil {
		return nil, err
	}
	return &ArticleDeletePayload{DeletedArticleID: gone, Position: r.standing(ctx, gone == nil), UserErrors: refused}, nil
}

func (r mutationResolver) MenuSet(ctx context.Context, input content.MenuSetInput) (*MenuSetPayload, error) {
	menu, refused, err := kept(r.shop.Content.SetMenu(ctx, access.From(ctx), input))
	if err != nil {
		return nil, err
	}
	if menu != nil {
		r.load(ctx).expectMenu(menu.Items)
	}
	return &MenuSetPayload{Menu: menu, Position: r.standing(ctx, menu == nil), UserErrors: refused}, nil
}

func (r mutationResolver) MenuDelete(ctx context.Context, input content.DeleteInput) (*MenuDeletePayload, error) {
	gone, refused, err := deleted(r.shop.Content.DeleteMenu(ctx, input))
	if err != nil {
		return nil, err
	}
	return &MenuDeletePayload{DeletedMenuID: gone, Position: r.standing(ctx, gone == nil), UserErrors: refused}, nil
}

func (r mutationResolver) PolicySet(ctx context.Context, input content.PolicySetInput) (*PolicySetPayload, error) {
	policy, refused, err := kept(r.shop.Content.SetPolicy(ctx, input))
	if err != nil {
		return nil, err
	}
	if policy == nil {
		return &PolicySetPayload{UserErrors: refused}, nil
	}
	return &PolicySetPayload{Policy: *policy, Position: r.standing(ctx, false), UserErrors: refused}, nil
}
