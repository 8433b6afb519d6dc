package promotions

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
)

const giftCardsByCodeSQL = `
select c.code_hash, c.id
from giftcard c
where c.code_hash = any($1::bytea[])`

// Usable finds the cards of codes, in their order and each once. What can't pay an order in the currency, because it is
// unknown, disabled, expired, empty or of another currency, is named by its place; each counts as a wrong code.
func (p *Promotions) Usable(ctx context.Context, actor access.Actor, c money.Currency, codes []string) (cards []GiftCard, wrong []int, err error) {
	if len(codes) == 0 {
		return nil, nil, nil
	}
	if err := p.mayTry(ctx, actor); err != nil {
		return nil, nil, err
	}
	hashes := make([][]byte, len(codes))
	for i, code := range codes {
		hashes[i] = hashCode(p.keys, code)
	}
	rows, err := p.pool.Query(ctx, giftCardsByCodeSQL, hashes)
	if err != nil {
		return nil, nil, fmt.Errorf("find gift cards: %w", err)
	}
	ids := map[string]id.GiftCardID{}
	var hash []byte
	var card id.GiftCardID
	if _, err := pgx.ForEachRow(rows, []any{&hash, &card}, func() error {
		ids[string(hash)] = card
		return nil
	}); err != nil {
		return nil, nil, fmt.Errorf("find gift cards: %w", err)
	}
	list := make([]id.GiftCardID, 0, len(ids))
	for _, card := range ids {
		list = append(list, card)
	}
	found, err := GiftCardsByID(ctx, p.pool, list)
	if err != nil {
		return nil, nil, err
	}
	seen := map[id.GiftCardID]bool{}
	for i, hash := range hashes {
		card := found[ids[string(hash)]]
		switch {
		case !card.Usable(c):
			wrong = append(wrong, i)
		case !seen[card.ID]:
			seen[card.ID] = true
			cards = append(cards, card)
		}
	}
	return cards, wrong, p.wrong(ctx, actor, len(wrong))
}

// Drawer holds gift cards that are locked to pay orders with, and what was taken of them.
type Drawer struct {
	cards map[id.GiftCardID]*GiftCard
	taken []movement
}

// The rows are locked in the order of their ids, so that two transactions that want the same cards can't deadlock.
const lockGiftCardsSQL = `
select id, last_characters, initial, balance, currency, customer_id, note, expires_at, disabled_at, by, created_at,
	coalesce(expires_at <= clock_timestamp(), false)
from giftcard
where id = any($1::uuid[])
order by id
for update`

// QueueGiftCards locks cards as the batch is sent.
func QueueGiftCards(b *pgx.Batch, cards []id.GiftCardID) *Drawer {
	d := &Drawer{cards: make(map[id.GiftCardID]*GiftCard, len(cards))}
	if len(cards) == 0 {
		return d
	}
	b.Queue(lockGiftCardsSQL, cards).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, scanGiftCard)
		for i := range list {
			d.cards[list[i].ID] = &list[i]
		}
		return err
	})
	return d
}

// Tender is how a total is paid: what gift cards give of it, and what is left for other ways to pay.
type Tender struct {
	Redeemed []orders.GiftCardRedeemed
	Owed     money.Money
}

// Cover works out what each of the cards gives to a total, one after the other, and takes nothing yet. A card that is
// not needed gives nothing. The place of the first that can't be used any more is told; else it is -1.
func (d *Drawer) Cover(total money.Money, cards []id.GiftCardID) (t Tender, unusable int) {
	t.Owed = total
	for i, id := range cards {
		card := d.cards[id]
		if card == nil || !card.Usable(total.CurrencyCode) {
			return Tender{Owed: total}, i
		}
		if amount := card.gives(t.Owed); amount.Minor > 0 {
			t.Owed.Minor -= amount.Minor
			t.Redeemed = append(t.Redeemed, orders.GiftCardRedeemed{
				GiftCardID: id, LastCharacters: card.LastCharacters, Amount: amount,
			})
		}
	}
	return t, -1
}

// gives is what the card can give of what is owed.
func (g GiftCard) gives(owed money.Money) money.Money {
	return money.New(min(g.Balance.Minor, owed.Minor), owed.CurrencyCode)
}

// Take takes what Cover has worked out. The next order finds the rest.
func (d *Drawer) Take(t Tender, order id.OrderID, by, cause string) {
	for _, r := range t.Redeemed {
		d.cards[r.GiftCardID].Balance.Minor -= r.Amount.Minor
		d.taken = append(d.taken, movement{
			card: r.GiftCardID, kind: MovementRedeemed, amount: -r.Amount.Minor, order: &order, by: by, cause: cause,
		})
	}
}

// QueueWrites writes what was taken.
func (d *Drawer) QueueWrites(b *pgx.Batch) { queueMovements(b, d.taken) }

// Covers says what cards would give to a total now, one after the other, and what is left to be paid in other ways.
func Covers(total money.Money, cards []GiftCard) (given []money.Money, owed money.Money) {
	given, owed = make([]money.Money, len(cards)), total
	for i, card := range cards {
		given[i] = money.Zero(total.CurrencyCode)
		if card.Usable(total.CurrencyCode) {
			given[i] = card.gives(owed)
		}
		owed.Minor -= given[i].Minor
	}
	return given, owed
}
