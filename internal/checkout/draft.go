package checkout

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/promotions"
	"github.com/wharfhq/wharf/internal/settings"
	"github.com/wharfhq/wharf/internal/tax"
)

// draft is an order that was worked out and is ready to be committed, if nothing has changed by then.
type draft struct {
	actor    access.Actor
	cart     *cart.Content // the cart as it was read; nil for bare lines
	lines    []line
	buyer    buyer
	delivery delivery
	route    inventory.Route // how the locations that ship are chosen
	note     *string
	notes    []attribute.Attribute   // the cart's attributes
	fields   []orders.OrderMetafield // the cart's metafields
	tax      tax.Result
	total    money.Money
	less     discounts             // what promotions take off
	cards    []promotions.GiftCard // that pay before the methods do
	methods  []payment.Method
	deadline time.Duration          // from placing until it must be paid
	full     map[id.LocationID]bool // stores that were found to have no place left
}

// line is one line of the order to be.
type line struct {
	variant    catalog.ProductVariant
	quantity   int
	attributes []attribute.Attribute
	field      []string // the input that asked for it, for refusals
	amount     money.Money
	collect    bool           // it is collected in the store of the delivery
	of         *cart.CartLine // the cart's line that it was
}

// workOut prices and checks everything, on committed data and without any lock. Refusals name everything that is
// wrong with one step of it at once.
func (c *Checkout) workOut(ctx context.Context, actor access.Actor, in OrderPlaceInput, full map[id.LocationID]bool) (draft, error) {
	d := draft{actor: actor, full: full}
	shop, err := c.Settings.Load(ctx)
	if err != nil {
		return d, err
	}
	d.deadline = shop.PaymentDeadline
	if err := c.readContent(ctx, &d, in); err != nil {
		return d, err
	}
	if err := c.identifyBuyer(ctx, &d, shop, in); err != nil {
		return d, err
	}
	if err := c.readGiftCards(ctx, actor, &d, shop, in); err != nil {
		return d, err
	}
	if _, err := d.price(shop); err != nil { // before discounts
		return d, err
	}
	if err := c.reduce(ctx, actor, &d, shop, in); err != nil {
		return d, err
	}
	subtotal, err := d.price(shop)
	if err != nil {
		return d, err
	}
	if err := c.chooseDelivery(ctx, &d, shop, in, subtotal); err != nil {
		return d, err
	}
	d.route = inventory.RouteOf(shop, d.delivery.destination())
	d.shipFree()
	if err := c.addUp(ctx, &d, shop, subtotal); err != nil {
		return d, err
	}
	return d, c.checkPayment(ctx, &d, in)
}

// price puts today's prices to the lines, less what promotions take off them.
func (d *draft) price(shop settings.Shop) (money.Money, error) {
	priced := make([]cart.Priced, len(d.lines))
	for i, l := range d.lines {
		if l.variant.Price.CurrencyCode != shop.Currency {
			return money.Money{}, refuse(VariantNotFound, "This product is not sold in the shop's currency.", l.field...)
		}
		priced[i] = cart.Priced{Unit: l.variant.Price, Quantity: l.quantity, Discount: d.discount(i, shop.Currency)}
	}
	amounts, subtotal, err := cart.Subtotal(shop.Currency, priced)
	if err != nil {
		return subtotal, at(err, "input")
	}
	for i := range d.lines {
		d.lines[i].amount = amounts[i]
	}
	return subtotal, nil
}

// discount is what promotions take off a line.
func (d *draft) discount(line int, c money.Currency) money.Money {
	if len(d.less.reduction.Lines) == 0 {
		return money.Zero(c)
	}
	return money.New(d.less.reduction.Lines[line], c)
}

// addUp adds delivery and tax.
func (c *Checkout) addUp(ctx context.Context, d *draft, shop settings.Shop, subtotal money.Money) error {
	sale := tax.Sale{Currency: shop.Currency, Included: shop.PricesIncludeTax, Lines: make([]tax.Line, len(d.lines))}
	for i, l := range d.lines {
		sale.Lines[i] = tax.Line{Amount: l.amount, Taxable: l.variant.Taxable, Class: tax.Class(l.variant.TaxClass)}
	}
	result, err := cart.Tax(ctx, c.Tax, sale, d.places(shop))
	if err != nil {
		return at(err, "input")
	}
	d.tax = result
	d.total, err = cart.Total(subtotal, d.delivery.price, result.Added())
	return at(err, "input")
}

// checkPayment holds the total against what the shopper expects, and the ways to pay against what the shop takes.
func (c *Checkout) checkPayment(ctx context.Context, d *draft, in OrderPlaceInput) error {
	if in.ExpectedTotal != nil {
		expected, err := in.ExpectedTotal.Money()
		if err != nil {
			return refuse(Invalid, "The expected total is no amount of its currency.", "input", "expectedTotal", "amount")
		}
		if expected != d.total {
			return refuse(TotalChanged, "The total is "+d.total.String()+" now.", "input", "expectedTotal").
				With(currentPrice, d.total)
		}
	}
	owed := d.owed()
	switch {
	case len(in.Payment) == 0 && owed.IsZero():
		return nil
	case len(in.Payment) == 0 && len(d.cards) > 0:
		return stillOwed(owed)
	}
	if owed.IsZero() {
		return c.Payments.CheckMethods(in.Payment, "input", "payment")
	}
	d.methods = in.Payment
	return c.Payments.Admit(ctx, c.Pool, payment.WishOf(d.actor, d.buyer.customer, owed), in.Payment, "input", "payment")
}

// demand is what the order takes from stock, line by line.
func (d *draft) demand() []inventory.Demand {
	demand := make([]inventory.Demand, len(d.lines))
	for i, l := range d.lines {
		demand[i] = inventory.Demand{VariantID: l.variant.ID, Quantity: l.quantity}
		if l.collect {
			demand[i].LocationID = &d.delivery.store.ID
		}
	}
	return demand
}

// placed is the order's first event, with what its lines were promised. Where nothing is owed, nobody is asked for money.
func (d *draft) placed(token []byte, deadline *time.Time, promises []inventory.Promise) orders.Placed {
	p := orders.Placed{
		CustomerID:    d.buyer.customer,
		TokenHash:     token,
		CurrencyCode:  d.total.CurrencyCode,
		TaxesIncluded: d.tax.Included,
		Lines:         make([]orders.PlacedLine, len(d.lines)),
		Delivery:      d.delivery.chosen,
		Pickup:        d.delivery.pickup,
		ShippingPrice: d.delivery.price,
		ShippingTax:   d.tax.Shipping.Amount,
		TotalPrice:    d.total,
		Discounts:     d.given(),
		Deadline:      deadline,
		KeepAddress:   d.delivery.keep && d.buyer.customer != nil,
		Personal: &orders.Personal{
			Email: d.buyer.email, Phone: d.buyer.phone, FirstName: d.buyer.firstName, LastName: d.buyer.lastName,
			ShippingAddress: d.delivery.address, Collector: d.delivery.collector, Note: d.note, Attributes: d.notes, Metafields: d.fields,
			LineAttributes: map[int][]attribute.Attribute{},
		},
	}
	if d.cart != nil {
		p.CartID = cartUUID(d.cart.ID)
	}
	if deadline != nil {
		for _, m := range d.methods {
			p.Providers = append(p.Providers, m.Provider)
		}
	}
	ids := make(map[id.CartLineID]id.OrderLineItemID, len(d.lines))
	for i, l := range d.lines {
		p.Lines[i].ID = id.NewOrderLineItemID()
		if l.of != nil {
			ids[l.of.ID] = p.Lines[i].ID
		}
	}
	for i, l := range d.lines {
		v := l.variant
		p.Lines[i] = orders.PlacedLine{
			ID: p.Lines[i].ID, VariantID: v.ID, ProductID: v.ProductID, Sku: v.SKU, Title: v.ProductTitle,
			VariantTitle: variantTitle(v), Quantity: l.quantity, UnitPrice: v.Price,
			Discount: d.discount(i, v.Price.CurrencyCode), Tax: d.tax.Lines[i].Amount, RequiresShipping: v.RequiresShipping,
			Backordered: promises[i].Backordered, PromisedAt: promises[i].At, Components: components(promises[i]),
			Collected: l.collect && d.delivery.pickup != nil,
		}
		if l.of != nil && l.of.ParentID != nil {
			if parent, ok := ids[*l.of.ParentID]; ok {
				p.Lines[i].Parent = &parent
			}
		}
		if len(l.attributes) > 0 {
			p.Personal.LineAttributes[i] = l.attributes
		}
	}
	return p
}

// components are what each unit of a bundle takes from stock, as the order was promised it.
func components(p inventory.Promise) []orders.LineComponent {
	var parts []orders.LineComponent
	for _, part := range p.Parts {
		parts = append(parts, orders.LineComponent{VariantID: part.VariantID, Quantity: part.Quantity})
	}
	return parts
}

// variantTitle is the variant's name, which a product without options has none of.
func variantTitle(v catalog.ProductVariant) *string {
	if v.Title == catalog.DefaultTitle {
		return nil
	}
	return &v.Title
}

// outOfStock tells for each line that can't be had how many there are.
func (d *draft) outOfStock(shortages []inventory.Shortage) error {
	var refused refusals
	for _, s := range shortages {
		for _, i := range s.Lines {
			l := d.lines[i]
			message := fmt.Sprintf("Only %d of “%s” can be had.", s.Available, l.variant.ProductTitle)
			if s.Available == 0 {
				message = "“" + l.variant.ProductTitle + "” is sold out."
				if s.LocationID != nil {
					message = "“" + l.variant.ProductTitle + "” is sold out in this store."
				}
			}
			f := fault.New(fault.Conflict, string(OutOfStock), message).At(l.quantityField()...).
				With(quantityAvailable, s.Available).With("variantId", l.variant.ID.String())
			refused.add(l.named(f))
		}
	}
	return refused.err()
}

// named says in a refusal which line of a cart it is about, since the input names the cart only.
func (l line) named(f *fault.Fault) *fault.Fault {
	if l.of == nil {
		return f
	}
	return f.With(lineID, l.of.ID.String())
}

// quantityField is where the quantity of a line stands in the input; of a cart's line it is the cart.
func (l line) quantityField() []string {
	if l.field[1] == "lines" {
		return append(slices.Clone(l.field), "quantity")
	}
	return l.field
}
