package promotions

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

// CardRefund is money of an order that is given back to gift cards: what was redeemed goes to the cards that gave it;
// what was paid in another way, to the first of the order's cards that can still pay, or to a new one.
type CardRefund struct {
	Order    orders.Order
	ID       id.RefundID
	Redeemed []Redemption // what goes back to cards that gave it: Left is how much
	Other    money.Money  // what was paid in another way
	By       string
	Cause    string
}

// Refund gives money of an order, which the caller has locked, back to gift cards, and gives what there is to tell.
func (p *Promotions) Refund(ctx context.Context, tx pgx.Tx, r CardRefund) ([]event.Data, error) {
	var lines []movement
	var news []event.Data
	line := func(card id.GiftCardID, amount int64, undoes *id.GiftCardMovementID) {
		lines = append(lines, movement{
			card: card, kind: MovementRefunded, amount: amount, order: &r.Order.ID, undoes: undoes, refund: &r.ID,
			by: r.By, cause: r.Cause,
		})
	}
	for _, part := range r.Redeemed {
		line(part.CardID, part.Left.Minor, &part.ID)
		news = append(news, orders.GiftCardRefunded{GiftCardID: part.CardID, LastCharacters: part.LastCharacters, Amount: part.Left, Redeemed: true})
	}
	var fresh *movement
	if r.Other.Minor > 0 {
		card, ending, err := cardOfOrder(ctx, tx, r.Order.ID)
		if err != nil {
			return nil, err
		}
		told := orders.GiftCardRefunded{GiftCardID: card, LastCharacters: ending, Amount: r.Other}
		if card.IsZero() {
			told.GiftCardID, told.Issued = id.NewGiftCardID(), true
			told.LastCharacters = lastCharacters(newCode(p.keys, told.GiftCardID))
			fresh = &movement{
				card: told.GiftCardID, kind: MovementIssued, amount: r.Other.Minor, order: &r.Order.ID, refund: &r.ID,
				by: r.By, cause: r.Cause,
			}
		} else {
			line(card, r.Other.Minor, nil)
		}
		news = append(news, told)
	}
	b := &pgx.Batch{}
	queueMovements(b, lines)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("refund to gift cards: %w", err)
	}
	if fresh == nil {
		return news, nil
	}
	card := GiftCard{ID: fresh.card, InitialValue: r.Other, CustomerID: r.Order.CustomerID}
	return news, p.insert(ctx, tx, card, newCode(p.keys, card.ID), *fresh)
}

const cardOfOrderSQL = `
select c.id, c.last_characters
from giftcard_movement m
join giftcard c on c.id = m.gift_card_id
where m.order_id = $1
	and c.disabled_at is null
	and (c.expires_at is null or c.expires_at > clock_timestamp())
order by m.id
limit 1`

// cardOfOrder is the first card of an order that can still pay: it has paid for it, or was issued to give money of it
// back. The zero id says that there is none.
func cardOfOrder(ctx context.Context, tx pgx.Tx, order id.OrderID) (card id.GiftCardID, ending string, err error) {
	rows, err := tx.Query(ctx, cardOfOrderSQL, order)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&card, &ending}, func() error { return nil })
	}
	if err != nil {
		return card, "", fmt.Errorf("find a gift card of %s: %w", order, err)
	}
	return card, ending, nil
}

// RefundCode is the code of the card that was issued with the order's last event, if one was: whoever asked for that
// refund is told it, also when asking again under the same key.
func (p *Promotions) RefundCode(o orders.Order) *string {
	for _, g := range o.GiftCards {
		if g.IssuedIn == o.Version {
			code := newCode(p.keys, g.ID)
			return &code
		}
	}
	return nil
}
