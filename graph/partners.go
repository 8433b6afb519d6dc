package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/partners"
	"github.com/wharfhq/wharf/internal/pg"
)

// APIKeys lists the keys that the caller may see.
func (r queryResolver) APIKeys(ctx context.Context, after *string, before *string, first *int, last *int, reverse *bool) (*partners.APIKeyConnection, error) {
	keys, err := r.shop.Partners.Keys(ctx, access.From(ctx), pg.Page{
		First: first, Last: last, After: after, Before: before, Reverse: reverse != nil && *reverse,
	})
	return &keys, err
}

// APIKeyCreate makes a key and shows its secret this once.
func (r mutationResolver) APIKeyCreate(ctx context.Context, input partners.KeyCreateInput) (*APIKeyCreatePayload, error) {
	key, text, err := r.shop.Partners.CreateKey(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, apiKeyUserError)
	payload := &APIKeyCreatePayload{UserErrors: refused}
	if err == nil {
		payload.APIKey, payload.Key = &key, &text
	}
	return payload, failed
}

// APIKeyRevoke ends a key.
func (r mutationResolver) APIKeyRevoke(ctx context.Context, input partners.KeyRevokeInput) (*APIKeyRevokePayload, error) {
	key, err := r.shop.Partners.RevokeKey(ctx, access.From(ctx), input.ID)
	refused, failed := userErrors(err, apiKeyUserError)
	payload := &APIKeyRevokePayload{UserErrors: refused}
	if err == nil {
		payload.APIKey = &key
	}
	return payload, failed
}

// StaffAccessTokenCreate signs a member of staff in.
func (r mutationResolver) StaffAccessTokenCreate(ctx context.Context, input partners.StaffAccessTokenCreateInput) (*StaffAccessTokenCreatePayload, error) {
	token, err := r.shop.Partners.SignIn(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, func(f *fault.Fault) StaffUserError {
		return StaffUserError{Code: StaffErrorCode(f.Code), Field: f.Field, Message: f.Message}
	})
	payload := &StaffAccessTokenCreatePayload{UserErrors: refused}
	if err == nil {
		payload.AccessToken, payload.ExpiresAt = &token.AccessToken, &token.ExpiresAt
	}
	return payload, failed
}

type apiKeyResolver struct{ *Resolver }

// ApiKey answers the fields of ApiKey that its struct holds in another form.
func (r *Resolver) ApiKey() ApiKeyResolver { return apiKeyResolver{r} }

// Scopes are what a key may do, as texts.
func (apiKeyResolver) Scopes(_ context.Context, key *partners.APIKey) ([]string, error) {
	return key.Scopes.Strings(), nil
}

func apiKeyUserError(f *fault.Fault) APIKeyUserError {
	return APIKeyUserError{Code: APIKeyErrorCode(f.Code), Field: f.Field, Message: f.Message}
}
