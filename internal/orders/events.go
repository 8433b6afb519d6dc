package orders

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// Placed is the first event of every order: what was bought, by whom, at which price. A total of zero needs no
// payment; then Confirmed follows in the same transaction.
type Placed struct {
	OrderNumber   int             `json:"orderNumber"`
	CartID        *uuid.UUID      `json:"cartId,omitempty"`
	CustomerID    *id.CustomerID  `json:"customerId,omitempty"`
	TokenHash     []byte          `json:"tokenHash,omitempty"`
	CurrencyCode  money.Currency  `json:"currency"`
	TaxesIncluded bool            `json:"taxesIncluded,omitempty"`
	Locale        *string         `json:"locale,omitempty"`
	Lines         []PlacedLine    `json:"lines"`
	Delivery      OrderDelivery   `json:"delivery"`         // without the collector, who is in Personal
	Pickup        *OrderDelivery  `json:"pickup,omitempty"` // of the lines that are collected while the others are shipped
	ShippingPrice money.Money     `json:"shippingPrice"`
	ShippingTax   money.Money     `json:"shippingTax"`
	TotalPrice    money.Money     `json:"totalPrice"`
	Discounts     []OrderDiscount `json:"discounts,omitempty"`   // which promotions the lines' discounts and the shipping's are of
	Providers     []string        `json:"providers,omitempty"`   // of the payment methods, in the shopper's order
	Deadline      *time.Time      `json:"deadline,omitempty"`    // until when it must be paid; nil when nothing is owed
	KeepAddress   bool            `json:"keepAddress,omitempty"` // the shipping address goes into the customer's book
	Sealed        []byte          `json:"sealed,omitempty"`      // Personal, encrypted under the order's key

	Personal *Personal `json:"-"` // nil once it has been erased
}

// PlacedLine is one line of an order as it was placed.
type PlacedLine struct {
	ID               id.OrderLineItemID  `json:"id"`
	VariantID        id.ProductVariantID `json:"variantId"`
	ProductID        id.ProductID        `json:"productId"`
	Sku              *string             `json:"sku,omitempty"`
	Title            string              `json:"title"`
	VariantTitle     *string             `json:"variantTitle,omitempty"`
	Quantity         int                 `json:"quantity"`
	UnitPrice        money.Money         `json:"unitPrice"`
	Discount         money.Money         `json:"discount"`
	Tax              money.Money         `json:"tax"`
	RequiresShipping bool                `json:"requiresShipping,omitempty"`
	Backordered      int                 `json:"backordered,omitempty"` // of the quantity, what was on no shelf
	PromisedAt       *time.Time          `json:"promisedAt,omitempty"`  // by when all of it is; nil when at once, or when nobody could say
	Components       []LineComponent     `json:"components,omitempty"`  // of a bundle, as it was then
	Collected        bool                `json:"collected,omitempty"`   // at the order's Pickup
	Parent           *id.OrderLineItemID `json:"parent,omitempty"`      // the line that it belongs to
}

// LineComponent is what one unit of a bundle takes from stock.
type LineComponent struct {
	VariantID id.ProductVariantID `json:"variantId"`
	Quantity  int                 `json:"quantity"`
}

// Personal is what an order knows about people. It is stored encrypted only.
type Personal struct {
	Email           *string                       `json:"email,omitempty"`
	Phone           *string                       `json:"phone,omitempty"`
	FirstName       *string                       `json:"firstName,omitempty"`
	LastName        *string                       `json:"lastName,omitempty"`
	ShippingAddress *address.MailingAddress       `json:"shippingAddress,omitempty"`
	Collector       *string                       `json:"collector,omitempty"`
	Note            *string                       `json:"note,omitempty"`
	Attributes      []attribute.Attribute         `json:"attributes,omitempty"`
	LineAttributes  map[int][]attribute.Attribute `json:"lineAttributes,omitempty"` // by the line's place in Lines
	Metafields      []OrderMetafield              `json:"metafields,omitempty"`     // by their keys
}

// Confirmed tells that the order is paid for, as far as it must be, and goes to fulfillment.
type Confirmed struct {
	Capture bool `json:"capture,omitempty"` // the shop takes the money at once
}

// Cancelled tells that the order is called off.
type Cancelled struct {
	Reason OrderCancelReason `json:"reason"`
}

// Expired tells that the deadline passed before the order was paid.
type Expired struct{}

// NoteAdded tells that the staff wrote a remark on the order.
type NoteAdded struct {
	Sealed []byte `json:"sealed,omitempty"` // Body, encrypted under the order's key

	Body *string `json:"-"` // nil once it has been erased
}

// PersonalDataErased tells that the order's key was deleted, and with it all that the order knew about people.
type PersonalDataErased struct{}

// CustomerLinked tells that an order which was placed as a guest is a customer's: they have shown that its e-mail address
// is theirs.
type CustomerLinked struct {
	CustomerID id.CustomerID `json:"customerId"`
}

// CustomerUnlinked tells that an order is in no account any more: it was placed with one by somebody who had not shown
// that its e-mail address is theirs, under another address, and the owner has taken the account over.
type CustomerUnlinked struct{}

// Kind is the stored name of the event; it never changes.
func (CustomerLinked) Kind() string { return "order.customer_linked" }

// Kind is the stored name of the event; it never changes.
func (CustomerUnlinked) Kind() string { return "order.customer_unlinked" }

// Kind is the stored name of the event; it never changes.
func (Placed) Kind() string { return "order.placed" }

// Kind is the stored name of the event; it never changes.
func (Confirmed) Kind() string { return "order.confirmed" }

// Kind is the stored name of the event; it never changes.
func (Cancelled) Kind() string { return "order.cancelled" }

// Kind is the stored name of the event; it never changes.
func (Expired) Kind() string { return "order.expired" }

// Kind is the stored name of the event; it never changes.
func (NoteAdded) Kind() string { return "order.note_added" }

// Kind is the stored name of the event; it never changes.
func (PersonalDataErased) Kind() string { return "order.personal_data_erased" }

// kinds is the list of all that can happen to an order, and how each is read from its stored bytes.
var kinds = map[string]func(json.RawMessage) (event.Data, error){
	Placed{}.Kind():                read[Placed],
	Confirmed{}.Kind():             read[Confirmed],
	Cancelled{}.Kind():             read[Cancelled],
	Expired{}.Kind():               read[Expired],
	NoteAdded{}.Kind():             read[NoteAdded],
	PersonalDataErased{}.Kind():    read[PersonalDataErased],
	CustomerLinked{}.Kind():        read[CustomerLinked],
	CustomerUnlinked{}.Kind():      read[CustomerUnlinked],
	PaymentStarted{}.Kind():        read[PaymentStarted],
	PaymentDeclined{}.Kind():       read[PaymentDeclined],
	PaymentUnknown{}.Kind():        read[PaymentUnknown],
	PaymentPending{}.Kind():        read[PaymentPending],
	PaymentActionRequired{}.Kind(): read[PaymentActionRequired],
	PaymentMethodsUpdated{}.Kind(): read[PaymentMethodsUpdated],
	PaymentAuthorized{}.Kind():     read[PaymentAuthorized],
	PaymentCaptured{}.Kind():       read[PaymentCaptured],
	PaymentVoided{}.Kind():         read[PaymentVoided],
	PaymentRefunded{}.Kind():       read[PaymentRefunded],
	PaymentMethodSkipped{}.Kind():  read[PaymentMethodSkipped],
	PaymentDisputed{}.Kind():       read[PaymentDisputed],
	PaymentDisputeWon{}.Kind():     read[PaymentDisputeWon],
	PaymentDisputeLost{}.Kind():    read[PaymentDisputeLost],
	PaymentCaptureFailed{}.Kind():  read[PaymentCaptureFailed],
	PaymentRefundFailed{}.Kind():   read[PaymentRefundFailed],
	CompensationStarted{}.Kind():   read[CompensationStarted],
	GiftCardRedeemed{}.Kind():      read[GiftCardRedeemed],
	GiftCardReturned{}.Kind():      read[GiftCardReturned],
	GiftCardRefunded{}.Kind():      read[GiftCardRefunded],
}

func read[D event.Data](text json.RawMessage) (event.Data, error) {
	var d D
	err := json.Unmarshal(text, &d)
	return d, err
}

// decode reads an event's data. Fields that this version does not know are left alone, so that events written by a
// newer process can still be folded by an older one during a deploy.
func decode(e event.Event) (event.Data, error) {
	from, ok := kinds[e.Kind]
	if !ok {
		return nil, fmt.Errorf("event %s of version %d is of no known kind", e.Kind, e.Version)
	}
	data, err := from(e.Data)
	if err != nil {
		return nil, fmt.Errorf("decode %s of version %d: %w", e.Kind, e.Version, err)
	}
	return data, nil
}
