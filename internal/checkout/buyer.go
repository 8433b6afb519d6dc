package checkout

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/settings"
)

// buyer is who the order is for, and how to reach them.
type buyer struct {
	customer  *id.CustomerID
	email     *string
	phone     *string
	firstName *string
	lastName  *string
}

// identifyBuyer takes what the input says about the buyer, else what the cart knows, else what the customer's own
// account says when they call themselves: whoever merely holds the cart is not told how to reach them. Somebody who can
// be reached is needed.
func (c *Checkout) identifyBuyer(ctx context.Context, d *draft, shop settings.Shop, in OrderPlaceInput) error {
	var given OrderBuyerInput
	if in.Buyer != nil {
		given = *in.Buyer
	}
	region := string(shop.Country)
	if d.cart != nil {
		known := d.cart.BuyerIdentity
		d.buyer = buyer{customer: known.CustomerID, email: known.Email, phone: known.Phone}
		if known.CountryCode != nil {
			region = string(*known.CountryCode)
		}
	}
	var refused refusals
	if present(given.Email) {
		email, ok := contact.Email(*given.Email)
		if !ok {
			refused.refuse(Invalid, "This is no e-mail address.", "input", "buyer", "email")
		}
		d.buyer.email = &email
	}
	if present(given.Phone) {
		phone, ok := contact.Phone(*given.Phone, region)
		if !ok {
			refused.refuse(Invalid, "This is no phone number. Write it with its country, such as +14155550123.", "input", "buyer", "phone")
		}
		d.buyer.phone = &phone
	}
	d.buyer.firstName = refused.name(given.FirstName, "input", "buyer", "firstName")
	d.buyer.lastName = refused.name(given.LastName, "input", "buyer", "lastName")
	if err := refused.err(); err != nil {
		return err
	}
	if own, ok := d.actor.CustomerID(); ok {
		d.buyer.customer = &own
		account, err := c.Customers.Visible(ctx, d.actor, own)
		if err != nil {
			return err
		}
		if account != nil {
			d.buyer.complete(account.Email, account.Phone, account.FirstName, account.LastName)
		}
	}
	if d.buyer.email == nil && d.buyer.phone == nil {
		return refuse(Blank, "An e-mail address or a phone number is needed to reach the buyer.", "input", "buyer")
	}
	return nil
}

// complete fills in what is not known yet.
func (b *buyer) complete(email, phone, firstName, lastName *string) {
	for _, field := range []struct{ to, from **string }{
		{&b.email, &email}, {&b.phone, &phone}, {&b.firstName, &firstName}, {&b.lastName, &lastName},
	} {
		if *field.to == nil {
			*field.to = *field.from
		}
	}
}

// name checks one short text that a person writes about people or places; empty is none.
func (r *refusals) name(text *string, field ...string) *string {
	if !present(text) {
		return nil
	}
	field = slices.Clone(field)
	switch {
	case utf8.RuneCountInString(*text) > maxName:
		r.refuse(TooLong, "This is too long.", field...)
	case !isText(*text):
		r.refuse(Invalid, "This holds characters that are no text.", field...)
	case holdsCard(*text):
		r.add(refuseCard(field...))
	case contact.HoldsMarkup(*text):
		r.refuse(Invalid, "This holds characters that do not belong here.", field...)
	}
	return text
}

func present(text *string) bool { return text != nil && *text != "" }
