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

// movement is a line of a card's ledger, to be written. Writing it moves the balance.
type movement struct {
	id     id.GiftCardMovementID // zero makes one
	card   id.GiftCardID
	kind   GiftCardMovementKind
	amount int64
	order  *id.OrderID
	undoes *id.GiftCardMovementID
	refund *id.RefundID
	by     string
	cause  string
}

// The lines go in by the order of their cards, so that the cards are locked in it.
const insertMovementsSQL = `
insert into giftcard_movement (id, gift_card_id, kind, amount, order_id, undoes, refund_id, by, cause)
select id, gift_card_id, kind, amount, order_id, undoes, refund_id, by, cause
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[])
	m(id, gift_card_id, kind, amount, order_id, undoes, refund_id, by, cause)
order by gift_card_id, id`

func queueMovements(b *pgx.Batch, list []movement) {
	if len(list) == 0 {
		return
	}
	n := len(list)
	ids, cards, kinds, amounts := make([]id.GiftCardMovementID, n), make([]id.GiftCardID, n), make([]string, n), make([]int64, n)
	owners, undone, refunds := make([]*id.OrderID, n), make([]*id.GiftCardMovementID, n), make([]*id.RefundID, n)
	bys, causes := make([]string, n), make([]string, n)
	for i, m := range list {
		ids[i], cards[i], kinds[i], amounts[i] = m.id, m.card, string(m.kind), m.amount
		if ids[i].IsZero() {
			ids[i] = id.NewGiftCardMovementID()
		}
		owners[i], undone[i], refunds[i], bys[i], causes[i] = m.order, m.undoes, m.refund, m.by, m.cause
	}
	b.Queue(insertMovementsSQL, ids, cards, kinds, amounts, owners, undone, refunds, bys, causes)
}

// Redemption is what an order took from one card.
type Redemption struct {
	ID             id.GiftCardMovementID
	CardID         id.GiftCardID
	LastCharacters string
	Left           money.Money // of it, that has not gone back
}

const redemptionsSQL = `
select m.id, c.id, c.last_characters, c.currency,
	-m.amount - coalesce((select sum(b.amount) from giftcard_movement b where b.undoes = m.id), 0)::bigint
from giftcard_movement m
join giftcard c on c.id = m.gift_card_id
where m.order_id = $1
	and m.kind = 'REDEEMED'
order by m.id`

// Redemptions lists what an order, which the caller has locked, took from cards, in the order in which it did.
func Redemptions(ctx context.Context, tx pgx.Tx, order id.OrderID) ([]Redemption, error) {
	rows, err := tx.Query(ctx, redemptionsSQL, order)
	if err != nil {
		return nil, fmt.Errorf("read what %s took from gift cards: %w", order, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Redemption, error) {
		var r Redemption
		err := row.Scan(&r.ID, &r.CardID, &r.LastCharacters, &r.Left.CurrencyCode, &r.Left.Minor)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what %s took from gift cards: %w", order, err)
	}
	return list, nil
}

// GiveBack returns to its cards what an order that ends took from them and has not given back, and gives what there is
// to tell. The caller has locked the order. It goes back whatever has become of the card meanwhile.
func GiveBack(ctx context.Context, tx pgx.Tx, order orders.Order, by, cause string) ([]event.Data, error) {
	if len(order.GiftCards) == 0 {
		return nil, nil
	}
	redeemed, err := Redemptions(ctx, tx, order.ID)
	if err != nil {
		return nil, err
	}
	var lines []movement
	var news []event.Data
	for _, r := range redeemed {
		if r.Left.Minor == 0 {
			continue
		}
		lines = append(lines, movement{
			card: r.CardID, kind: MovementReturned, amount: r.Left.Minor, order: &order.ID, undoes: &r.ID, by: by, cause: cause,
		})
		news = append(news, orders.GiftCardReturned{GiftCardID: r.CardID, LastCharacters: r.LastCharacters, Amount: r.Left})
	}
	b := &pgx.Batch{}
	queueMovements(b, lines)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("give back what %s took from gift cards: %w", order.ID, err)
	}
	return news, nil
}
