// Package cart keeps what shoppers have collected until they buy it.
//
// A cart belongs to whoever holds its id, which carries a secret; with a wrong secret a cart does not exist. Changes
// of one cart wait for each other under a lock on its row, so that two sides changing it at once lose no line. Prices
// are never kept: a cart costs what the catalog says now. It promises no stock; that is done when the order is
// placed, and then the cart is closed for good.
package cart

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/tax"
)

// Carts keeps the carts of the shop.
type Carts struct {
	pool       *pgxpool.Pool
	keys       *access.Keys
	settings   *settings.Settings
	customers  *customers.Customers
	promotions *promotions.Promotions
	tax        tax.Provider
	terms      Terms // of the next change; see Under

	// Deliveries says how a cart can be delivered, and for how much. What is asked of whom is known above; without it
	// carts are shown without their delivery. Set it before use.
	Deliveries func(ctx context.Context, cart Cart) ([]CartDeliveryGroup, error)
	// TTL is how long a cart lives that nobody changes. Set it before use; zero is DefaultTTL.
	TTL time.Duration
}

// DefaultTTL is how long a cart lives that nobody changes, unless the operator says otherwise.
const DefaultTTL = 30 * 24 * time.Hour

// New makes the domain.
func New(pool *pgxpool.Pool, keys *access.Keys, set *settings.Settings, cust *customers.Customers, promo *promotions.Promotions, taxes tax.Provider) *Carts {
	return &Carts{pool: pool, keys: keys, settings: set, customers: cust, promotions: promo, tax: taxes}
}

// Cart is what a shopper has collected, with what it costs now.
type Cart struct {
	ID                ID
	Version           int
	CurrencyCode      money.Currency
	DiscountCodeTexts []string           // that the shopper has named, in capitals
	DiscountCodes     []CartDiscountCode // the same, and whether each gives something
	BuyerIdentity     CartBuyerIdentity
	Note              *string
	Attributes        []attribute.Attribute
	AllMetafields     []CartMetafield         // in the order of their keys
	AllAddresses      []CartSelectableAddress // where it may go, in the order in which they were added
	Chosen            Chosen                  // the ways of delivery that the shopper has chosen
	Groups            []CartDeliveryGroup     // how it can be delivered; nil until that is asked or needed
	AllLines          []CartLine              // in the order in which they were added
	GiftCardIDs       []id.GiftCardID         // that it is to be paid with, in the shopper's order
	AppliedGiftCards  []AppliedGiftCard       // the same, with what they would give now
	Cost              CartCost
	FreeShipping      bool // a promotion takes the price off the delivery
	CheckoutURL       string
	CreatedAt         time.Time
	UpdatedAt         time.Time

	refused      map[string]promotions.Refusal // why codes give nothing
	refusedWords map[string]string             // the same, for people
	unusable     []id.AppliedGiftCardID        // the gift cards that can't pay any more
	untaxed      bool                          // the tax could not be worked out
	bundles      bundles
	variants     map[id.ProductVariantID]catalog.ProductVariant
}

// IsNode marks a Cart as a Node of the API.
func (Cart) IsNode() {}

// Attribute is the attribute of that name, if the cart has it.
func (c Cart) Attribute(key string) *attribute.Attribute { return find(c.Attributes, key) }

// TotalQuantity is how many units are in the cart.
func (c Cart) TotalQuantity() int {
	total := 0
	for _, line := range c.AllLines {
		total += line.Quantity
	}
	return total
}

// CartBuyerIdentity is what a cart knows about who buys.
type CartBuyerIdentity struct {
	CountryCode *address.CountryCode
	Email       *string
	Phone       *string
	CustomerID  *id.CustomerID // who is logged in
	ShownTo     *access.Actor  // the customer, in the answer to the call that came with the customer's token
}

// BaseCartLine is what stands in a cart. Nothing else may pass for one, since a node's kind is told by its Go type.
type BaseCartLine interface {
	id.Node
	IsBaseCartLine()
	plain() CartLine
}

// CartLine is one variant in a cart, with what it costs now.
type CartLine struct {
	ID                  id.CartLineID
	VariantID           id.ProductVariantID
	Quantity            int
	Attributes          []attribute.Attribute
	ParentID            *id.CartLineID // the line that this one belongs to
	PickUp              bool           // it is collected in a store, whatever becomes of the others
	Cost                CartLineCost
	Variant             catalog.ProductVariant
	DiscountAllocations []CartDiscountAllocation
	parent              *CartLine          // of ParentID, priced
	components          []CartLine         // of a bundle, with their shares of its cost
	wanted              []inventory.Demand // by all lines of the cart
	place               int                // of this line among them
}

// Wanted is what all lines of the cart ask of stock, and which of them this one is: they may want the same units.
func (l CartLine) Wanted() (all []inventory.Demand, place int) { return l.wanted, l.place }

// IsNode marks a CartLine as a Node of the API.
func (CartLine) IsNode() {}

// IsBaseCartLine marks a CartLine as something that stands in a cart.
func (CartLine) IsBaseCartLine() {}

// Attribute is the attribute of that name, if the line has it.
func (l CartLine) Attribute(key string) *attribute.Attribute { return find(l.Attributes, key) }

// Merchandise is what is bought.
func (l CartLine) Merchandise() Merchandise { return l.Variant }

// Instructions say that every line may be changed and removed.
func (CartLine) Instructions() CartLineInstructions {
	return CartLineInstructions{CanRemove: true, CanUpdateQuantity: true}
}

// Merchandise is what can stand on a line: a product variant.
type Merchandise any

// CartLineInstructions say what may be done with a line.
type CartLineInstructions struct {
	CanRemove         bool
	CanUpdateQuantity bool
}

// CartLineCost is what a line costs.
type CartLineCost struct {
	AmountPerQuantity          money.Money
	CompareAtAmountPerQuantity *money.Money
	SubtotalAmount             money.Money // before discounts
	TotalAmount                money.Money // after discounts
}

// CartCost is what a cart costs, as far as it is known.
type CartCost struct {
	SubtotalAmount       money.Money  // the lines together
	TotalTaxAmount       *money.Money // nil until the country is known
	TotalAmount          money.Money  // with tax, and with the delivery once that is known
	TotalAmountEstimated bool         // the delivery, or where it goes, is not known yet
}

// CheckoutChargeAmount is what would be charged at checkout.
func (c CartCost) CheckoutChargeAmount() money.Money { return c.TotalAmount }

// SubtotalAmountEstimated is false: the lines' prices are known.
func (CartCost) SubtotalAmountEstimated() bool { return false }

// TotalDutyAmount is absent: the shop charges no customs duties.
func (CartCost) TotalDutyAmount() *money.Money { return nil }

func find(attributes []attribute.Attribute, key string) *attribute.Attribute {
	for _, a := range attributes {
		if a.Key == key {
			return &a
		}
	}
	return nil
}
