package cart

import (
	"slices"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// Chosen are the ways of delivery that the shopper has chosen, by their handles: one for the lines that are shipped
// unless a store is chosen for all of them, and one for the lines that are collected whatever becomes of the others.
type Chosen struct {
	Option *string
	PickUp *string
}

// CartDeliveryGroup is the lines of a cart that are delivered together, with the ways to deliver them.
type CartDeliveryGroup struct {
	ID              id.CartDeliveryGroupID
	PickUp          bool // its lines are collected in a store; no carrier is asked
	AllLines        []CartLine
	DeliveryAddress address.MailingAddress
	DeliveryOptions []CartDeliveryOption // those of carriers first, the cheapest at the head; then stores
	Selected        *CartDeliveryOption  // what the group goes by when the cart is placed; nil while that is open
	Estimated       bool                 // what it costs may still change: where it goes is not known
	Unasked         bool                 // the carriers could not be asked, so that their options are missing
}

// GroupID names the group of a cart whose lines are collected, or the other one. It is the same as long as the cart is.
func (c Cart) GroupID(pickUp bool) id.CartDeliveryGroupID {
	if !pickUp {
		return id.CartDeliveryGroupID(c.ID.UUID)
	}
	return id.CartDeliveryGroupID(uuid.NewSHA1(uuid.UUID(c.ID.UUID), []byte(pickUpMethod)))
}

// CartLines is a page of the group's lines.
func (g CartDeliveryGroup) CartLines(after, before *string, first, last *int, reverse *bool) (*BaseCartLineConnection, error) {
	return pageOf(g.AllLines, after, before, first, last, reverse)
}

// GroupType is always the same: nothing is sold by subscription.
func (CartDeliveryGroup) GroupType() CartDeliveryGroupType { return OneTimePurchase }

// SelectedDeliveryOption is the chosen option, else the cheapest of the carriers'.
func (g CartDeliveryGroup) SelectedDeliveryOption() *CartDeliveryOption { return g.Selected }

// Option finds an option of the group by its handle.
func (g CartDeliveryGroup) Option(handle string) *CartDeliveryOption {
	i := slices.IndexFunc(g.DeliveryOptions, func(o CartDeliveryOption) bool { return o.Handle == handle })
	if i < 0 {
		return nil
	}
	return &g.DeliveryOptions[i]
}

// CartDeliveryGroupConnection is a page of delivery groups.
type CartDeliveryGroupConnection = pg.Connection[CartDeliveryGroup]

// CartDeliveryGroupEdge is one group of a page.
type CartDeliveryGroupEdge = pg.Edge[CartDeliveryGroup]

// CartDeliveryGroupType says whether something is bought once or again and again.
type CartDeliveryGroupType string

// OneTimePurchase is bought once.
const OneTimePurchase CartDeliveryGroupType = "ONE_TIME_PURCHASE"

// CartDeliveryOption is a way to deliver a group.
type CartDeliveryOption struct {
	Handle             string
	Title              string
	Description        *string
	EstimatedCost      money.Money
	DeliveryMethodType orders.DeliveryMethodType
	Location           *PickUpPlace // of a pick-up
}

// PickUpPlace is a store in which a group can be collected, and where sales there are taxed.
type PickUpPlace struct {
	ID       id.LocationID
	Country  *address.CountryCode
	Province string
}

// Code is the handle.
func (o CartDeliveryOption) Code() *string { return &o.Handle }

// storeHandle is how the options of stores begin.
const storeHandle = "pick-up-"

// StoreHandle names a store as a delivery option.
func StoreHandle(store id.LocationID) string { return storeHandle + uuid.UUID(store).String() }

// StoreOf is the store that a delivery option's handle names; nil for one of a carrier.
func StoreOf(handle *string) *id.LocationID {
	if handle == nil || len(*handle) <= len(storeHandle) || (*handle)[:len(storeHandle)] != storeHandle {
		return nil
	}
	named, err := uuid.Parse((*handle)[len(storeHandle):])
	if err != nil {
		return nil
	}
	store := id.LocationID(named)
	return &store
}
