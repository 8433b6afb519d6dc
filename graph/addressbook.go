package graph

import (
	"context"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// CustomerAddressCreate puts an address into a customer's book.
func (r mutationResolver) CustomerAddressCreate(ctx context.Context, in address.MailingAddressInput, customerAccessToken string) (*CustomerAddressCreatePayload, error) {
	entry, err := r.shop.Customers.AddressCreate(ctx, customerAccessToken, in)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerAddressCreatePayload{CustomerUserErrors: refused}
	if err == nil {
		payload.CustomerAddress = &entry
	}
	return payload, failed
}

// CustomerAddressUpdate changes an address of a customer's book.
func (r mutationResolver) CustomerAddressUpdate(ctx context.Context, in address.MailingAddressInput, customerAccessToken, key string) (*CustomerAddressUpdatePayload, error) {
	for field, text := range map[string]**string{
		"address2": &in.Address2, "company": &in.Company, "firstName": &in.FirstName, "lastName": &in.LastName,
		"phone": &in.Phone, "province": &in.Province, "zip": &in.Zip,
	} {
		if givenNull(ctx, "address", field) {
			*text = new(string)
		}
	}
	entry, err := r.shop.Customers.AddressUpdate(ctx, customerAccessToken, key, in)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerAddressUpdatePayload{CustomerUserErrors: refused}
	if err == nil {
		payload.CustomerAddress = &entry
	}
	return payload, failed
}

// CustomerAddressDelete takes an address out of a customer's book.
func (r mutationResolver) CustomerAddressDelete(ctx context.Context, customerAccessToken, key string) (*CustomerAddressDeletePayload, error) {
	gone, err := r.shop.Customers.AddressDelete(ctx, customerAccessToken, key)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerAddressDeletePayload{CustomerUserErrors: refused}
	if err == nil {
		text := gone.String()
		payload.DeletedCustomerAddressID = &text
	}
	return payload, failed
}

// CustomerDefaultAddressUpdate makes an address of a customer's book the default.
func (r mutationResolver) CustomerDefaultAddressUpdate(ctx context.Context, key, customerAccessToken string) (*CustomerDefaultAddressUpdatePayload, error) {
	customer, err := r.shop.Customers.SetDefaultAddress(ctx, customerAccessToken, key)
	refused, failed := userErrors(err, customerUserError)
	payload := &CustomerDefaultAddressUpdatePayload{CustomerUserErrors: refused}
	if err == nil {
		payload.Customer = &customer
	}
	return payload, failed
}

// book is the customer's address book, for the customer and for whoever may see all customers.
func (r customerResolver) book(ctx context.Context, customer *customers.Customer) ([]customers.Address, error) {
	viewer := customer.SeenBy()
	if own, ok := viewer.CustomerID(); (!ok || own != customer.ID) && !viewer.Can("customers:read") {
		return nil, fault.New(fault.Forbidden, "FORBIDDEN", "This needs the scope customers:read, which you don't hold.")
	}
	book, _, err := r.load(ctx).ofCustomers.books.load(ctx, customer.ID)
	return book, err
}

// Addresses is the address book, the oldest entry first.
func (r customerResolver) Addresses(ctx context.Context, customer *customers.Customer, after, before *string, first, last *int, reverse *bool) (*pg.Connection[address.MailingAddress], error) {
	book, err := r.book(ctx, customer)
	if err != nil {
		return nil, err
	}
	entries := make([]address.MailingAddress, len(book))
	for i, entry := range book {
		entries[i] = entry.MailingAddress
	}
	list, err := pg.Slice(paged(after, before, first, last, reverse), entries, func(a address.MailingAddress) string { return a.ID.String() })
	return &list, err
}

// DefaultAddress is the address to which orders go unless another is chosen.
func (r customerResolver) DefaultAddress(ctx context.Context, customer *customers.Customer) (*address.MailingAddress, error) {
	book, err := r.book(ctx, customer)
	for _, entry := range book {
		if entry.Default {
			return &entry.MailingAddress, err
		}
	}
	return nil, err
}

func findAddresses(ctx context.Context, r *Resolver, actor access.Actor, ids []id.Global, _ []string) (found, error) {
	visible, err := r.shop.Customers.AddressesByID(ctx, actor, kindOf[id.MailingAddressID](ids))
	return in(visible), err
}
