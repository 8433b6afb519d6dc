package orders

import (
	"slices"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
)

// GiftCardRedeemed tells that an amount was taken from a gift card to pay the order.
type GiftCardRedeemed struct {
	GiftCardID     id.GiftCardID `json:"giftCardId"`
	LastCharacters string        `json:"lastCharacters"`
	Amount         money.Money   `json:"amount"`
}

// GiftCardReturned tells that what a gift card had paid went back to it, because the order has ended.
type GiftCardReturned struct {
	GiftCardID     id.GiftCardID `json:"giftCardId"`
	LastCharacters string        `json:"lastCharacters"`
	Amount         money.Money   `json:"amount"`
}

// GiftCardRefunded tells that the shop has given money back to a gift card.
type GiftCardRefunded struct {
	GiftCardID     id.GiftCardID `json:"giftCardId"`
	LastCharacters string        `json:"lastCharacters"`
	Amount         money.Money   `json:"amount"`
	Redeemed       bool          `json:"redeemed,omitempty"` // it had come from that card; else it was paid in another way
	Issued         bool          `json:"issued,omitempty"`   // the card was made for it
}

// Kind is the stored name of the event; it never changes.
func (GiftCardRedeemed) Kind() string { return "giftcard.redeemed" }

// Kind is the stored name of the event; it never changes.
func (GiftCardReturned) Kind() string { return "giftcard.returned" }

// Kind is the stored name of the event; it never changes.
func (GiftCardRefunded) Kind() string { return "giftcard.refunded" }

// OrderGiftCard is a gift card as one order knows it. The amounts are in the order's currency.
type OrderGiftCard struct {
	ID             id.GiftCardID `json:"id"`
	LastCharacters string        `json:"lastCharacters"`
	Amount         money.Money   `json:"amount"`   // that it has paid
	Returned       money.Money   `json:"returned"` // of that, because the order has ended
	Refunded       money.Money   `json:"refunded"` // of that, by the shop
	Credited       money.Money   `json:"credited"` // that was paid in another way and given back to this card
	IssuedIn       int           `json:"issuedIn,omitempty"`
}

// kept is what the card has paid and was not given back.
func (g OrderGiftCard) kept() int64 { return g.Amount.Minor - g.Returned.Minor - g.Refunded.Minor }

// fromCards adds up what gift cards have paid, what of it went back, and what else was given back to cards.
func (o Order) fromCards() (paid, back, credited int64) {
	for _, g := range o.GiftCards {
		paid += g.Amount.Minor
		back += g.Returned.Minor + g.Refunded.Minor
		credited += g.Credited.Minor
	}
	return paid, back, credited
}

// Owed is what gift cards have left to be paid in other ways.
func (o Order) Owed() money.Money {
	owed := o.TotalPrice
	for _, g := range o.GiftCards {
		owed.Minor -= g.Amount.Minor
	}
	return owed
}

// card finds the order's own entry of a card.
func (o Order) card(card id.GiftCardID) OrderGiftCard {
	for _, g := range o.GiftCards {
		if g.ID == card {
			return g
		}
	}
	zero := money.Zero(o.CurrencyCode)
	return OrderGiftCard{ID: card, Amount: zero, Returned: zero, Refunded: zero, Credited: zero}
}

// withCard is the order with a changed entry of a card, or with a new one. The order that it is made from stays as it
// is.
func (o Order) withCard(g OrderGiftCard) Order {
	o.GiftCards = slices.Clone(o.GiftCards)
	for i := range o.GiftCards {
		if o.GiftCards[i].ID == g.ID {
			o.GiftCards[i] = g
			return o
		}
	}
	o.GiftCards = append(o.GiftCards, g)
	return o
}
