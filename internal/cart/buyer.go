package cart

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
)

// CartBuyerIdentityInput says who buys. What is nil stays as it is.
type CartBuyerIdentityInput struct {
	CountryCode         *address.CountryCode
	CustomerAccessToken *string
	Email               *string
	Phone               *string
}

// UpdateBuyerIdentity says who buys. What the input leaves out stays as it is. A guest who logs in finds what the
// customer has put into a cart elsewhere.
func (c *Carts) UpdateBuyerIdentity(ctx context.Context, cart string, input CartBuyerIdentityInput) (*Payload, error) {
	call := asked{"cartBuyerIdentityUpdate", input}
	var refused refusals
	region, err := c.regionOf(ctx, cart, input)
	if err != nil {
		return nil, err
	}
	identify, err := c.identify(ctx, &input, region, &refused, "buyerIdentity")
	if err != nil {
		return nil, err
	}
	var buyer CartBuyerIdentity
	if identify(&buyer); buyer.CustomerID != nil && len(refused) == 0 {
		return c.logIn(ctx, cart, call, identify)
	}
	return c.change(ctx, cart, call, func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		identify(&content.BuyerIdentity)
		return nil, refused.err()
	})
}

// UpdateNote replaces the note; an empty one removes it.
func (c *Carts) UpdateNote(ctx context.Context, cart, note string) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartNoteUpdate", note}, func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		if f := Note(note, "note"); f != nil {
			return nil, f
		}
		content.Note = &note
		if note == "" {
			content.Note = nil
		}
		return nil, nil
	})
}

// UpdateAttributes replaces the attributes.
func (c *Carts) UpdateAttributes(ctx context.Context, cart string, attributes []attribute.AttributeInput) (*Payload, error) {
	return c.change(ctx, cart, asked{"cartAttributesUpdate", attributes}, func(_ context.Context, _ pgx.Tx, content *Content) ([]CartWarning, error) {
		var refused refusals
		content.Attributes = Attributes(attributes, refused.add, "attributes")
		return nil, refused.err()
	})
}

// regionOf is the country in which a phone number is read that names none: that of the same input, else that of the cart.
func (c *Carts) regionOf(ctx context.Context, cart string, input CartBuyerIdentityInput) (*address.CountryCode, error) {
	if input.CountryCode != nil || input.Phone == nil {
		return input.CountryCode, nil
	}
	name, ok := ParseID(cart)
	if !ok {
		return nil, nil //nolint:nilnil // the change says that there is no such cart
	}
	content, err := c.row(ctx, c.pool, name, cartSQL)
	if fault.IsKind(err, fault.NotFound) {
		return nil, nil //nolint:nilnil // as above
	}
	return content.BuyerIdentity.CountryCode, err
}

// identify checks who buys before any transaction begins, since a customer's token is looked up on a connection of
// its own, and gives the change that is to be made.
func (c *Carts) identify(ctx context.Context, input *CartBuyerIdentityInput, region *address.CountryCode, refused *refusals, path ...string) (func(*CartBuyerIdentity), error) {
	if input == nil {
		return func(*CartBuyerIdentity) {}, nil
	}
	at := func(field string) []string { return append(slices.Clone(path), field) }
	email, phone := input.Email, input.Phone
	if email != nil && *email != "" {
		normal, ok := contact.Email(*email)
		if !ok {
			refused.add(refuse(Invalid, "Email is invalid.", at("email")...))
		}
		email = &normal
	}
	if phone != nil && *phone != "" {
		normal, ok := contact.Phone(*phone, deref((*string)(region)))
		if !ok {
			refused.add(refuse(Invalid, "Phone is invalid.", at("phone")...))
		}
		phone = &normal
	}
	var (
		customer *id.CustomerID
		shownTo  *access.Actor
	)
	if token := input.CustomerAccessToken; token != nil && *token != "" {
		actor, err := c.customers.Authenticate(ctx, *token)
		switch {
		case fault.IsKind(err, fault.Unauthenticated):
			refused.add(noToken(at("customerAccessToken")...))
		case err != nil:
			return nil, err
		}
		if account, ok := actor.CustomerID(); ok {
			customer, shownTo = &account, &actor
		}
	}
	return func(buyer *CartBuyerIdentity) {
		if input.CountryCode != nil {
			buyer.CountryCode = input.CountryCode
		}
		if email != nil {
			buyer.Email = present(email)
		}
		if phone != nil {
			buyer.Phone = present(phone)
		}
		if input.CustomerAccessToken != nil {
			buyer.CustomerID, buyer.ShownTo = customer, shownTo
		}
	}, nil
}

func noToken(path ...string) *fault.Fault {
	return refuse(Invalid, "Customer access token is invalid.", path...)
}

// present turns an empty text into none.
func present(text *string) *string {
	if text == nil || *text == "" {
		return nil
	}
	return text
}
