package cart

import (
	"slices"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
)

// MaxAddresses is how many delivery addresses a cart has at most.
const MaxAddresses = 25

// CartDelivery is where a cart may go.
type CartDelivery struct{ all []CartSelectableAddress }

// Delivery is where the cart may go.
func (c Cart) Delivery() CartDelivery { return CartDelivery{c.AllAddresses} }

// Addresses are the addresses of the cart, or only the one that is selected.
func (d CartDelivery) Addresses(selected *bool) []CartSelectableAddress {
	all := append([]CartSelectableAddress{}, d.all...)
	if selected == nil || !*selected {
		return all
	}
	return slices.DeleteFunc(all, func(a CartSelectableAddress) bool { return !a.Selected })
}

// CartSelectableAddress is a delivery address of a cart, of which one may be selected.
type CartSelectableAddress struct {
	ID              id.CartSelectableAddressID `json:"id"`
	DeliveryAddress address.MailingAddress     `json:"address"`
	Selected        bool                       `json:"selected,omitempty"`
	OneTimeUse      bool                       `json:"oneTimeUse,omitempty"` // the order does not put it into the customer's book
}

// Address is the address itself.
func (a CartSelectableAddress) Address() CartAddress { return CartDeliveryAddress{a.DeliveryAddress} }

// CartAddress is an address on a cart.
type CartAddress any

// CartDeliveryAddress is an address that a cart may be delivered to.
type CartDeliveryAddress struct{ address.MailingAddress }

// CountryCode is the country's code.
func (a CartDeliveryAddress) CountryCode() *string { return (*string)(a.CountryCodeV2) }

// Selected is the address that is selected; nil until one is.
func (c Cart) Selected() *CartSelectableAddress {
	for i := range c.AllAddresses {
		if c.AllAddresses[i].Selected {
			return &c.AllAddresses[i]
		}
	}
	return nil
}

// SelectedAddress is where the cart goes; nil until one is selected.
func (c Cart) SelectedAddress() *address.MailingAddress {
	selected := c.Selected()
	if selected == nil {
		return nil
	}
	return &selected.DeliveryAddress
}

// sameAddress says whether two addresses are one, whatever their ids.
func sameAddress(a, b address.MailingAddress) bool {
	for _, pair := range [][2]*string{
		{a.FirstName, b.FirstName},
		{a.LastName, b.LastName},
		{a.Company, b.Company},
		{a.Address1, b.Address1},
		{a.Address2, b.Address2},
		{a.City, b.City},
		{a.ProvinceCode, b.ProvinceCode},
		{a.Zip, b.Zip},
		{a.Phone, b.Phone},
		{(*string)(a.CountryCodeV2), (*string)(b.CountryCodeV2)},
	} {
		if deref(pair[0]) != deref(pair[1]) {
			return false
		}
	}
	return true
}
