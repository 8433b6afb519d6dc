package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// expectCollections says that collections came in one list: what is asked of one will be asked of all.
func (l *loaders) expectCollections(ctx context.Context, list []catalog.Collection) {
	keys := make([]id.CollectionID, len(list))
	for i, c := range list {
		keys[i] = c.ID
		l.collectionsByID.prime(c.ID, c)
	}
	l.collectionKeys.expect(keys)
	l.collectionsAt(placeOf(graphql.GetFieldContext(ctx))).expect(keys)
}

func (r collectionResolver) PublishedAt(_ context.Context, c *catalog.Collection) (*time.Time, error) {
	return c.PublishedOn, nil
}

func (r collectionResolver) RuleSet(ctx context.Context, c *catalog.Collection) (*catalog.CollectionRuleSet, error) {
	if !c.RuleBased {
		return nil, nil
	}
	rules, ok, err := r.load(ctx).rules.load(ctx, c.ID)
	if err != nil || !ok {
		return nil, err
	}
	return &rules, nil
}

func (r collectionResolver) Membership(ctx context.Context, c *catalog.Collection) (*catalog.CollectionMembership, error) {
	if !c.RuleBased {
		return nil, nil
	}
	membership, ok, err := r.load(ctx).memberships.load(ctx, c.ID)
	if err != nil || !ok {
		return nil, err
	}
	return &membership, nil
}

// collectionUserError writes a refusal in the words of the collections' API. A code that it does not list is INVALID.
func collectionUserError(f *fault.Fault) CollectionUserError {
	e := CollectionUserError{Code: CollectionErrorCode(f.Code), Field: f.Field, Message: f.Message}
	if !e.Code.IsValid() {
		e.Code = CollectionErrorCodeInvalid
	}
	if v, ok := f.Data["currentVersion"].(int); ok {
		e.CurrentVersion = &v
	}
	return e
}

// collected divides what a write gave back: the collection as it is now, or what was wrong with the input.
func collected(c catalog.Collection, err error) (*catalog.Collection, []CollectionUserError, error) {
	refused, err := userErrors(err, collectionUserError)
	if err != nil || len(refused) > 0 {
		return nil, refused, err
	}
	return &c, refused, nil
}

func (r mutationResolver) CollectionSet(ctx context.Context, input catalog.CollectionSetInput) (*CollectionSetPayload, error) {
	shop, err := r.shop.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	c, refused, err := collected(catalog.SetCollection(ctx, r.shop.Pool, access.From(ctx), shop.Currency, input))
	if err != nil {
		return nil, err
	}
	return &CollectionSetPayload{Collection: c, Position: r.standing(ctx, c == nil), UserErrors: refused}, nil
}

func (r mutationResolver) CollectionDelete(ctx context.Context, input catalog.CollectionDeleteInput) (*CollectionDeletePayload, error) {
	gone, err := catalog.DeleteCollection(ctx, r.shop.Pool, input)
	refused, err := userErrors(err, collectionUserError)
	if err != nil {
		return nil, err
	}
	if len(refused) > 0 {
		return &CollectionDeletePayload{UserErrors: refused}, nil
	}
	text := gone.String()
	return &CollectionDeletePayload{DeletedCollectionID: &text, Position: r.standing(ctx, false), UserErrors: refused}, nil
}

func (r mutationResolver) CollectionProductsAdd(ctx context.Context, input catalog.CollectionProductsInput) (*CollectionProductsPayload, error) {
	return r.productsPayload(ctx)(catalog.AddToCollection(ctx, r.shop.Pool, input))
}

func (r mutationResolver) CollectionProductsMove(ctx context.Context, input catalog.CollectionProductsInput) (*CollectionProductsPayload, error) {
	return r.productsPayload(ctx)(catalog.MoveInCollection(ctx, r.shop.Pool, input))
}

func (r mutationResolver) CollectionProductsRemove(ctx context.Context, input catalog.CollectionProductsInput) (*CollectionProductsPayload, error) {
	return r.productsPayload(ctx)(catalog.RemoveFromCollection(ctx, r.shop.Pool, input))
}

// productsPayload writes what became of a change of a collection's products.
func (r mutationResolver) productsPayload(ctx context.Context) func(catalog.Collection, error) (*CollectionProductsPayload, error) {
	return func(c catalog.Collection, err error) (*CollectionProductsPayload, error) {
		now, refused, err := collected(c, err)
		if err != nil {
			return nil, err
		}
		return &CollectionProductsPayload{Collection: now, Position: r.standing(ctx, now == nil), UserErrors: refused}, nil
	}
}
