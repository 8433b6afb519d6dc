package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
)

// CustomerUpdate changes the customer of a token.
func (r mutationResolver) CustomerUpdate(ctx context.Context, customer customers.UpdateInput, customerAccessToken string) (*CustomerUpdatePayload, error) {
	for field, text := range map[string]**string{"firstName": &customer.FirstName, "lastName": &customer.LastName, "phone": &customer.Phone} {
		if givenNull(ctx, "customer", field) {
			*text = new(string)
		}
	}
	updated, token, err := r.shop.Customers.Update(ctx, access.From(ctx), customerAccessToken, customer)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerUpdatePayload{CustomerUserErrors: refused}
	if err == nil {
		payload.Customer, payload.CustomerAccessToken = &updated, token
	}
	return payload, failed
}

// givenNull says whether a field of an argument was given as null, which takes a text away, and not left out.
func givenNull(ctx context.Context, argument, field string) bool {
	at := graphql.GetFieldContext(ctx)
	given, ok := at.Field.ArgumentMap(graphql.GetOperationContext(ctx).Variables)[argument].(map[string]any)
	value, named := given[field]
	return ok && named && value == nil
}

// CustomerRecover sends a letter for a new password.
func (r mutationResolver) CustomerRecover(ctx context.Context, email string) (*CustomerRecoverPayload, error) {
	refused, failed := userErrors(r.shop.Customers.Recover(ctx, access.From(ctx), email), customerUserError)
	return &CustomerRecoverPayload{CustomerUserErrors: refused}, failed
}

// CustomerReset gives a customer a new password. Storefronts put the last part of a link's path into an id of their
// vocabulary: that is the same customer.
func (r mutationResolver) CustomerReset(ctx context.Context, text string, input customers.ResetInput) (*CustomerResetPayload, error) {
	if rest, theirs := strings.CutPrefix(text, "gid://shopify/Customer/"); theirs {
		text = "gid://wharf/Customer/" + rest
	}
	named, err := id.ParseCustomerID(text)
	if err != nil {
		named = id.CustomerID{} // nobody's, and answered as such
	}
	customer, token, err := r.shop.Customers.Reset(ctx, access.From(ctx), named, input)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerResetPayload{CustomerUserErrors: refused}
	if err == nil {
		payload.Customer, payload.CustomerAccessToken = &customer, &token
	}
	return payload, failed
}

// CustomerVerify confirms a customer's e-mail address.
func (r mutationResolver) CustomerVerify(ctx context.Context, input customers.VerifyInput) (*CustomerVerifyPayload, error) {
	customer, err := r.shop.Customers.Verify(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerVerifyPayload{UserErrors: refused}
	if err == nil {
		payload.Customer = &customer
	}
	return payload, failed
}

// CustomerVerificationSend sends the letter again that asks to confirm an e-mail address.
func (r mutationResolver) CustomerVerificationSend(ctx context.Context, input CustomerVerificationSendInput) (*CustomerVerificationSendPayload, error) {
	customer, err := r.shop.Customers.SendVerification(ctx, access.From(ctx), input.CustomerAccessToken)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerVerificationSendPayload{UserErrors: refused}
	if err == nil {
		payload.Customer = &customer
	}
	return payload, failed
}
