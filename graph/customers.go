package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
)

// CustomerCreate makes an account.
func (r mutationResolver) CustomerCreate(ctx context.Context, input customers.CreateInput) (*CustomerCreatePayload, error) {
	customer, err := r.shop.Customers.Create(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerCreatePayload{CustomerUserErrors: refused}
	if err == nil {
		payload.Customer = &customer
	}
	return payload, failed
}

// CustomerAccessTokenCreate signs a customer in.
func (r mutationResolver) CustomerAccessTokenCreate(ctx context.Context, input customers.AccessTokenCreateInput) (*CustomerAccessTokenCreatePayload, error) {
	token, err := r.shop.Customers.SignIn(ctx, access.From(ctx), input)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerAccessTokenCreatePayload{CustomerUserErrors: refused}
	if err == nil {
		payload.CustomerAccessToken = &token
	}
	return payload, failed
}

// CustomerAccessTokenRenew gives a new token for an old one.
func (r mutationResolver) CustomerAccessTokenRenew(ctx context.Context, customerAccessToken string) (*CustomerAccessTokenRenewPayload, error) {
	token, err := r.shop.Customers.Renew(ctx, customerAccessToken)
	refused, failed := userErrors(err, userError)
	payload := &CustomerAccessTokenRenewPayload{UserErrors: refused}
	if err == nil {
		payload.CustomerAccessToken = &token
	}
	return payload, failed
}

// CustomerAccessTokenDelete signs a customer out.
func (r mutationResolver) CustomerAccessTokenDelete(ctx context.Context, customerAccessToken string) (*CustomerAccessTokenDeletePayload, error) {
	session, err := r.shop.Customers.SignOut(ctx, customerAccessToken)
	refused, failed := userErrors(err, userError)
	payload := &CustomerAccessTokenDeletePayload{UserErrors: refused}
	if err == nil {
		ended := session.String()
		payload.DeletedAccessToken, payload.DeletedCustomerAccessTokenID = &customerAccessToken, &ended
	}
	return payload, failed
}

// Customer is the account that an access token belongs to; for a token that is not valid there is none.
func (r queryResolver) Customer(ctx context.Context, customerAccessToken string) (*customers.Customer, error) {
	owner, err := r.shop.Customers.Authenticate(ctx, customerAccessToken)
	if fault.IsKind(err, fault.Unauthenticated) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.shop.Customers.Visible(ctx, owner, id.CustomerID(owner.ID))
}

// Customers lists the accounts.
func (r queryResolver) Customers(ctx context.Context, after, before *string, first, last *int, query *string, reverse *bool, sortKey *customers.CustomerSortKeys) (*customers.CustomerConnection, error) {
	sort, page := customers.SortCreatedAt, paged(after, before, first, last, reverse)
	if sortKey != nil {
		sort = *sortKey
	}
	if sort == customers.SortCreatedAt || sort == customers.SortUpdatedAt {
		page.Reverse = !page.Reverse // the newest first
	}
	list, err := r.shop.Customers.Customers(ctx, access.From(ctx), query, sort, page)
	if err != nil {
		return nil, err
	}
	r.load(ctx).ofCustomers.expect(list.Nodes)
	return &list, nil
}

func customerUserError(f *fault.Fault) CustomerUserError {
	code := CustomerErrorCode(f.Code)
	return CustomerUserError{Code: &code, Field: f.Field, Message: f.Message}
}

func userError(f *fault.Fault) UserError {
	return UserError{Field: f.Field, Message: f.Message}
}

type customerResolver struct{ *Resolver }

// Customer answers the fields of Customer that are not simply there in its struct.
func (r *Resolver) Customer() CustomerResolver { return customerResolver{r} }

// NumberOfOrders is how many orders were placed with the account.
func (r customerResolver) NumberOfOrders(ctx context.Context, customer *customers.Customer) (uint64, error) {
	count, _, err := r.load(ctx).ofCustomers.counts.load(ctx, customer.ID)
	return count, err
}

// StoredPaymentMethods are the account's own: for the customer, and for whoever may see all customers.
func (r customerResolver) StoredPaymentMethods(ctx context.Context, customer *customers.Customer, after, before *string, first, last *int, reverse *bool) (*payment.StoredPaymentMethodConnection, error) {
	viewer := customer.SeenBy()
	if own, ok := viewer.CustomerID(); (!ok || own != customer.ID) && !viewer.Can("customers:read") {
		return nil, fault.New(fault.Forbidden, "FORBIDDEN", "This needs the scope customers:read, which you don't hold.")
	}
	list, _, err := r.load(ctx).methodsOf(paged(after, before, first, last, reverse)).load(ctx, customer.ID)
	return &list, err
}

// Orders are the account's own: for the customer, and for whoever may see all orders.
func (r customerResolver) Orders(ctx context.Context, customer *customers.Customer, after, before *string, first, last *int, query *string, reverse *bool, sortKey *orders.OrderSortKeys) (*orders.OrderConnection, error) {
	viewer := customer.SeenBy()
	if own, ok := viewer.CustomerID(); (!ok || own != customer.ID) && (!viewer.Can("orders:read") || viewer.Bound) {
		return nil, fault.New(fault.Forbidden, "FORBIDDEN", "This needs the scope orders:read, which you don't hold.")
	}
	sort := orders.SortID
	if sortKey != nil {
		sort = *sortKey
	}
	list, _, err := r.load(ctx).ordersOf(query, sort, paged(after, before, first, last, reverse)).load(ctx, customer.ID)
	return &list, err
}
