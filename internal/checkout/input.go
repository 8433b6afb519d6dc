package checkout

import (
	"slices"
	"strings"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/contact"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/promotions"
)

// OrderPlaceInput is a whole order in one call: what, for whom, where to, paid how.
type OrderPlaceInput struct {
	IdempotencyKey  string
	CartID          *string // exactly one of CartID and Lines
	Lines           []cart.CartLineInput
	Buyer           *OrderBuyerInput
	Delivery        *OrderDeliveryInput
	DiscountCodes   []string
	GiftCardCodes   []string
	Payment         []payment.PaymentMethodInput // ranked
	ExpectedTotal   *money.MoneyInput            // another total refuses the order
	ExpectedVersion *int                         // of the cart; a later one refuses the order
	Note            *string
}

// OrderBuyerInput says who buys.
type OrderBuyerInput struct {
	Email     *string
	Phone     *string
	FirstName *string
	LastName  *string
}

// OrderDeliveryInput says where an order goes: exactly one of the two.
type OrderDeliveryInput struct {
	Shipping *OrderShippingInput
	Pickup   *OrderPickupInput
}

// OrderShippingInput is delivery by a carrier.
type OrderShippingInput struct {
	Address           address.MailingAddressInput
	CustomerAddressID *string             `json:",omitempty"` // of the customer's address book, in place of an address
	OptionHandle      *string             // nil is the cheapest
	Near              *address.Coordinate // where the address is, when the client knows
}

// OrderPickupInput is pick-up in a store: a given one, or the best.
type OrderPickupInput struct {
	LocationID *string
	Near       *address.Coordinate
	PostalCode *string
	Collector  *string // who comes, when it is not the buyer
}

const placeOperation = "orderPlace"

// request is the use of the idempotency key: whose it is, and the hash of what is asked.
func (c *Checkout) request(actor access.Actor, in OrderPlaceInput) (idempotency.Request, error) {
	var ofCart [16]byte
	if in.CartID != nil {
		if named, ok := cart.ParseID(*in.CartID); ok {
			ofCart = named.UUID
		}
	}
	hash, err := idempotency.Hash(c.Keys, normal(in))
	return idempotency.Request{
		Caller:    idempotency.Caller(c.Keys, actor, id.OrderID{}, ofCart, contactOf(in.Buyer)),
		Key:       in.IdempotencyKey,
		Operation: placeOperation,
		Hash:      hash,
	}, err
}

// contactOf is whom a guest says to be, however they have written it.
func contactOf(buyer *OrderBuyerInput) string {
	switch {
	case buyer == nil:
		return ""
	case present(buyer.Email):
		return strings.ToLower(strings.TrimSpace(*buyer.Email))
	case present(buyer.Phone):
		return strings.TrimSpace(*buyer.Phone)
	}
	return ""
}

// normal gives an input the one form that all ways to write it share: ids and decimals as we write them, countries
// and provinces as codes, nothing around the texts, empty texts and lists left out, and what is left out filled in with
// what it means. What can't be understood stays as it is, to be refused later. The key is not part of it.
func normal(in OrderPlaceInput) OrderPlaceInput {
	in.IdempotencyKey = ""
	in.CartID = changed(in.CartID, func(text string) string {
		if named, ok := cart.ParseID(text); ok {
			return named.String()
		}
		return text
	})
	lines := make([]cart.CartLineInput, len(in.Lines))
	for i, line := range in.Lines {
		if variant, err := id.ParseProductVariantID(line.MerchandiseID); err == nil {
			line.MerchandiseID = variant.String()
		}
		if line.Quantity == nil {
			one := 1
			line.Quantity = &one
		}
		line.Attributes = filled(line.Attributes)
		lines[i] = line
	}
	in.Lines = lines
	in.DiscountCodes, in.GiftCardCodes = filled(slices.Clone(in.DiscountCodes)), filled(in.GiftCardCodes)
	for i, code := range in.DiscountCodes {
		in.DiscountCodes[i] = promotions.CodeOf(code)
	}
	if in.CartID == nil && !present(in.Note) { // an empty one takes the note of a cart away
		in.Note = nil
	}
	if in.Buyer != nil {
		buyer := *in.Buyer
		buyer.Email = written(changed(buyer.Email, normalEmail))
		buyer.Phone = written(changed(buyer.Phone, normalPhone))
		buyer.FirstName = written(buyer.FirstName)
		buyer.LastName = written(buyer.LastName)
		in.Buyer = &buyer
		if buyer == (OrderBuyerInput{}) {
			in.Buyer = nil
		}
	}
	in.Payment = payment.Normal(in.Payment)
	if in.Delivery != nil {
		delivery := *in.Delivery
		if delivery.Shipping != nil {
			shipping := *delivery.Shipping
			shipping.Address = normalAddress(shipping.Address)
			shipping.CustomerAddressID = changed(shipping.CustomerAddressID, func(text string) string {
				if named, err := id.ParseMailingAddressID(text); err == nil {
					return named.String()
				}
				return text
			})
			if !present(shipping.OptionHandle) {
				shipping.OptionHandle = nil
			}
			delivery.Shipping = &shipping
		}
		if delivery.Pickup != nil {
			pickup := *delivery.Pickup
			pickup.LocationID = changed(pickup.LocationID, func(text string) string {
				if location, err := id.ParseLocationID(text); err == nil {
					return location.String()
				}
				return text
			})
			pickup.PostalCode = written(pickup.PostalCode)
			pickup.Collector = written(pickup.Collector)
			delivery.Pickup = &pickup
		}
		in.Delivery = &delivery
	}
	if in.ExpectedTotal != nil {
		if expected, err := in.ExpectedTotal.Money(); err == nil {
			in.ExpectedTotal = &money.MoneyInput{Amount: expected.Amount(), CurrencyCode: expected.CurrencyCode}
		}
	}
	return in
}

func normalEmail(text string) string {
	if email, ok := contact.Email(text); ok {
		return email
	}
	return text
}

// A number that is not written with its country means another one in another country, and stays as it is.
func normalPhone(text string) string {
	if phone, ok := contact.Phone(text, ""); ok {
		return phone
	}
	return text
}

func normalAddress(a address.MailingAddressInput) address.MailingAddressInput {
	for _, text := range []**string{&a.Address1, &a.Address2, &a.City, &a.Company, &a.FirstName, &a.LastName, &a.Phone, &a.Zip, &a.Country, &a.Province} {
		*text = written(*text)
	}
	if a.Country == nil {
		return a
	}
	country, ok := address.ParseCountry(*a.Country)
	if !ok {
		return a
	}
	code := string(country)
	a.Country = &code
	a.Province = changed(a.Province, func(text string) string {
		if province, ok := address.ParseProvince(country, text); ok {
			return province
		}
		return text
	})
	return a
}

// changed is a changed copy of a text that is there.
func changed(text *string, how func(string) string) *string {
	if text == nil {
		return nil
	}
	result := how(*text)
	return &result
}

// written is a text without what stands around it, or none where nothing is written.
func written(text *string) *string {
	if text = changed(text, strings.TrimSpace); !present(text) {
		return nil
	}
	return text
}

// filled is a list, or none where nothing is in it.
func filled[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
