package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/privacy"
)

// CustomerDataRequest is a request about personal data that the caller may see.
func (r queryResolver) CustomerDataRequest(ctx context.Context, key string, customerAccessToken *string) (*privacy.CustomerDataRequest, error) {
	return r.shop.Privacy.Visible(ctx, access.From(ctx), key, customerAccessToken)
}

// CustomerDataExport has a customer's personal data put together.
func (r mutationResolver) CustomerDataExport(ctx context.Context, input privacy.CustomerDataExportInput) (*CustomerDataExportPayload, error) {
	request, err := r.shop.Privacy.AskExport(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerDataExportPayload{UserErrors: refused}
	if err == nil {
		payload.Request = &request
	}
	return payload, failed
}

// CustomerErase has a customer forgotten.
func (r mutationResolver) CustomerErase(ctx context.Context, input privacy.CustomerEraseInput) (*CustomerErasePayload, error) {
	request, err := r.shop.Privacy.AskErase(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerErasePayload{UserErrors: refused}
	if err == nil {
		payload.Request = &request
	}
	return payload, failed
}
