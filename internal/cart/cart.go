// Package cart keeps what shoppers have collected until they buy it.
//
// A cart belongs to whoever holds its id, which carries a secret; with a wrong secret a cart does not exist. Changes
// of one cart wait for each other under a lock on its row, so that two sides changing it at once lose no line. Prices
// are never kept: a cart costs what the catalog says now. It promises no stock; that is done when the order is
// placed, and then the cart is closed for good.
package cart

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

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
	settings   *settings.Settings
	customers  *customers.Customers
	promotions *promotions.Promotions
	tax        tax.Provider
}

// New makes the domain.
func New(pool *pgxpool.Pool, set *settings.Settings, cust *customers.Customers, promo *promotions.Promotions, taxes tax.Provider) *Carts {
	return &Carts{pool: pool, settings: set, customers: cust, promotions: promo, tax: taxes}
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
	AllLines          []CartLine        // in the order in which they were added
	GiftCardIDs       []id.GiftCardID   // that it is to be paid with, in the shopper's order
	AppliedGiftCards  []AppliedGiftCard // the same, with what they would give now
	Cost              CartCost
	FreeShipping      bool // a promotion takes the price off the delivery
	CheckoutURL       string
	CreatedAt         time.Time
	UpdatedAt         time.Time

	refused map[string]promotions.Refusal // why codes give nothing
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
}

// BaseCartLine is what stands in a cart. Nothing else may pass for one, since a node's kind is told by its Go type.
type BaseCartLine interface {
	id.Node
	IsBaseCartLine()
}

// CartLine is one variant in a cart, with what it costs now.
type CartLine struct {
	ID                  id.CartLineID
	VariantID           id.ProductVariantID
	Quantity            int
	Attributes          []attribute.Attribute
	Cost                CartLineCost
	Variant             catalog.ProductVariant
	DiscountAllocations []CartDiscountAllocation
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

// CartCost is what a cart costs, as far as it is known before the delivery is chosen.
type CartCost struct {
	SubtotalAmount money.Money  // the lines together
	TotalTaxAmount *money.Money // nil until the country is known
	TotalAmount    money.Money  // with tax, without delivery
}

// CheckoutChargeAmount is what would be charged at checkout.
func (c CartCost) CheckoutChargeAmount() money.Money { return c.TotalAmount }

// SubtotalAmountEstimated is false: the lines' prices are known.
func (CartCost) SubtotalAmountEstimated() bool { return false }

// TotalAmountEstimated is true: delivery is chosen, and tax is settled, when the order is placed.
func (CartCost) TotalAmountEstimated() bool { return true }

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
