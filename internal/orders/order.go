// Package orders keeps what a shopper has bought and how far it has come.
//
// An order is the fold of its event stream; its read row holds the folded state and is written in the transaction of
// the event, so both are always the same, byte for byte. Personal data is encrypted in the events under a key per
// order: erasing a person deletes the key. Payment, fulfillment and returns report what happened; this package asks
// nobody, moves no stock and no money, and calls nothing outside.
package orders

import (
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/live"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// Orders reads and writes orders, and lets those who may follow them.
type Orders struct {
	// Delivered, if set, is told when an event happened that has just reached somebody who follows its order. Set it
	// before Serve.
	Delivered func(at time.Time)

	log    *event.Log
	pool   *pgxpool.Pool
	logger *slog.Logger
	hub    *live.Hub[id.OrderID, *OrderEvent]
}

// New makes the domain over the log to which its events go.
func New(log *event.Log, pool *pgxpool.Pool, logger *slog.Logger) *Orders {
	s := &Orders{log: log, pool: pool, logger: logger}
	s.hub = live.New(s.source(), logger)
	return s
}

// Order is one purchase as it stands after its Version-th event. It is the vocabulary's Order, and its JSON is the
// read row: fields that are empty are left out, so that there is one way to write a state down.
type Order struct {
	ID                id.OrderID             `json:"id"`
	Version           int                    `json:"version"`
	OrderNumber       int                    `json:"orderNumber"`
	Name              string                 `json:"name"` // the number as people say it: #1001
	Status            OrderStatus            `json:"status"`
	FinancialStatus   OrderFinancialStatus   `json:"financialStatus"`
	FulfillmentStatus OrderFulfillmentStatus `json:"fulfillmentStatus"`
	ReturnStatus      OrderReturnStatus      `json:"returnStatus"`
	CancelReason      *OrderCancelReason     `json:"cancelReason,omitempty"`
	CanceledAt        *time.Time             `json:"canceledAt,omitempty"`
	ConfirmedAt       *time.Time             `json:"confirmedAt,omitempty"`
	ProcessedAt       time.Time              `json:"processedAt"` // when it was placed
	UpdatedAt         time.Time              `json:"updatedAt"`
	Deadline          *time.Time             `json:"deadline,omitempty"`  // until when it must be paid, or it expires
	Challenge         bool                   `json:"challenge,omitempty"` // the provider waits for the shopper to pass one
	PaymentFallback   *Fallback              `json:"fallback,omitempty"`  // the payment method that waits for the shopper's consent

	CartID         *uuid.UUID     `json:"cartId,omitempty"`
	CustomerID     *id.CustomerID `json:"customerId,omitempty"`
	TokenHash      []byte         `json:"tokenHash,omitempty"` // of the token that opens this order to a guest
	CurrencyCode   money.Currency `json:"currency"`
	TaxesIncluded  bool           `json:"taxesIncluded,omitempty"`
	CustomerLocale *string        `json:"customerLocale,omitempty"`

	Lines              []OrderLineItem `json:"lines"`
	Delivery           OrderDelivery   `json:"delivery"`
	Pickup             *OrderDelivery  `json:"pickup,omitempty"`
	SubtotalPrice      money.Money     `json:"subtotalPrice"` // all lines after discounts, without shipping
	TotalShippingPrice money.Money     `json:"totalShippingPrice"`
	ShippingTax        money.Money     `json:"shippingTax"` // the part of TotalTax that is on shipping
	TotalTax           money.Money     `json:"totalTax"`
	TotalDiscount      money.Money     `json:"totalDiscount"`
	TotalPrice         money.Money     `json:"totalPrice"`
	Paid               PaymentTotals   `json:"paid"`
	Discounts          []OrderDiscount `json:"discounts,omitempty"`
	GiftCards          []OrderGiftCard `json:"giftCards,omitempty"` // that have paid, or were given money back to

	// Personal data: null once it has been erased.
	Email            *string                 `json:"email,omitempty"`
	Phone            *string                 `json:"phone,omitempty"`
	FirstName        *string                 `json:"firstName,omitempty"`
	LastName         *string                 `json:"lastName,omitempty"`
	ShippingAddress  *address.MailingAddress `json:"shippingAddress,omitempty"`
	Note             *string                 `json:"note,omitempty"`
	CustomAttributes []attribute.Attribute   `json:"customAttributes,omitempty"`
	Metafields       []OrderMetafield        `json:"metafields,omitempty"`
	Notes            []OrderNote             `json:"notes,omitempty"`
	Receipts         []OrderReceipt          `json:"receipts,omitempty"` // of which the references are personal
	Erased           bool                    `json:"erased,omitempty"`
}

// IsNode marks an Order as a Node of the API.
func (Order) IsNode() {}

// OrderLineItem is one variant of the order with its price, as it was when the order was placed.
type OrderLineItem struct {
	ID                  id.OrderLineItemID    `json:"id"`
	VariantID           id.ProductVariantID   `json:"variantId"` // the variant may have been deleted since
	ProductID           id.ProductID          `json:"productId"`
	Sku                 *string               `json:"sku,omitempty"`
	Title               string                `json:"title"`
	VariantTitle        *string               `json:"variantTitle,omitempty"`
	Quantity            int                   `json:"quantity"`
	CurrentQuantity     int                   `json:"currentQuantity"`
	UnitPrice           money.Money           `json:"unitPrice"`
	Discount            money.Money           `json:"discount"`            // on the whole line
	Discounts           []OrderDiscount       `json:"discounts,omitempty"` // what it is made of
	Tax                 money.Money           `json:"tax"`                 // on the whole line; within the price if taxes are included
	RequiresShipping    bool                  `json:"requiresShipping,omitempty"`
	BackorderedQuantity int                   `json:"backordered,omitempty"`      // when it was ordered: of the quantity, what was on no shelf
	PromisedAt          *time.Time            `json:"promisedAt,omitempty"`       // by when all of it was promised
	Components          []LineComponent       `json:"components,omitempty"`       // of a bundle, as it was ordered
	Collected           bool                  `json:"collected,omitempty"`        // at the order's Pickup
	ParentLineItemID    *id.OrderLineItemID   `json:"parent,omitempty"`           // the line that it belongs to
	CustomAttributes    []attribute.Attribute `json:"customAttributes,omitempty"` // personal data too: engravings, gift texts
}

// OrderLineItemConnection is one page of an order's lines.
type OrderLineItemConnection = pg.Connection[OrderLineItem]

// OrderLineItemEdge is one line of a page.
type OrderLineItemEdge = pg.Edge[OrderLineItem]

// OrderDelivery is how the goods get to the shopper, as it was chosen when the order was placed.
type OrderDelivery struct {
	MethodType   DeliveryMethodType `json:"methodType"`
	OptionHandle string             `json:"optionHandle,omitempty"` // the shipping option
	Title        *string            `json:"title,omitempty"`        // its name, or the store's
	LocationID   *id.LocationID     `json:"locationId,omitempty"`   // the store of a pick-up
	Collector    *string            `json:"collector,omitempty"`    // who picks it up, if not the buyer; personal
}

// OrderDeliveryGroup is the lines of an order that reach the shopper together.
type OrderDeliveryGroup struct {
	Delivery  OrderDelivery
	LineItems []OrderLineItem
}

// DeliveryGroups are the ways that the order goes, each with its lines.
func (o Order) DeliveryGroups() []OrderDeliveryGroup {
	groups := []OrderDeliveryGroup{{Delivery: o.Delivery, LineItems: []OrderLineItem{}}}
	if o.Pickup != nil {
		groups = append(groups, OrderDeliveryGroup{Delivery: *o.Pickup, LineItems: []OrderLineItem{}})
	}
	for _, line := range o.Lines {
		group := &groups[0]
		if line.Collected {
			group = &groups[len(groups)-1]
		}
		group.LineItems = append(group.LineItems, line)
	}
	return groups
}

// Store is where the order, or what of it is not shipped, is collected; nil when all is shipped.
func (o Order) Store() *id.LocationID {
	if o.Pickup != nil {
		return o.Pickup.LocationID
	}
	return o.Delivery.LocationID
}

// PaymentTotals is what the order's payments add up to. Captured is part of Authorized, Refunded part of Captured.
type PaymentTotals struct {
	Authorized money.Money `json:"authorized"`
	Voided     money.Money `json:"voided"`
	Captured   money.Money `json:"captured"`
	Refunded   money.Money `json:"refunded"`

	Disputed    money.Money `json:"disputed,omitzero"`    // what the shopper's bank has taken back, or wants to
	DisputeLost money.Money `json:"disputeLost,omitzero"` // the part of that which is gone for good

	Asked bool `json:"asked,omitempty"` // a provider is being asked, and nobody knows yet what comes of it

	AskedOf *id.PaymentAttemptID `json:"askedOf,omitempty"` // under which attempt
}

// OrderNote is a remark of the staff, made after the order was placed. The shopper does not see it.
type OrderNote struct {
	Body      string    `json:"body"`
	By        string    `json:"by"`
	CreatedAt time.Time `json:"createdAt"`
}

// OrderReceipt is money that has come in outside the shop, as the staff have booked it.
type OrderReceipt struct {
	AttemptID id.PaymentAttemptID `json:"attemptId"` // the invoice that it pays
	Amount    money.Money         `json:"amount"`
	Reference *string             `json:"reference,omitempty"` // under which it is found where it came in
	By        string              `json:"by,omitempty"`
	CreatedAt time.Time           `json:"createdAt"`
}
