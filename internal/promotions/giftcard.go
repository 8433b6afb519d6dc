package promotions

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// GiftCard is money that the shop owes to whoever knows its code.
type GiftCard struct {
	ID             id.GiftCardID
	LastCharacters string // of the code, which is not kept
	InitialValue   money.Money
	Balance        money.Money
	CustomerID     *id.CustomerID // for whom it was issued; whoever knows the code may use it
	Note           *string
	ExpiresAt      *time.Time
	DisabledAt     *time.Time
	CreatedBy      string // who, as in events
	CreatedAt      time.Time

	expired bool
}

// IsNode marks a GiftCard as a Node of the API.
func (GiftCard) IsNode() {}

// Enabled says whether it can pay: it is neither disabled nor expired.
func (g GiftCard) Enabled() bool { return g.DisabledAt == nil && !g.expired }

// Usable says whether it can give anything to an order in this currency.
func (g GiftCard) Usable(c money.Currency) bool {
	return g.Enabled() && g.Balance.Minor > 0 && g.Balance.CurrencyCode == c
}

// GiftCardConnection is one page of gift cards.
type GiftCardConnection = pg.Connection[GiftCard]

// GiftCardEdge is one gift card of a page.
type GiftCardEdge = pg.Edge[GiftCard]

// GiftCardMovementKind is what moved a card's money.
type GiftCardMovementKind string

// The kinds of movement.
const (
	MovementIssued   GiftCardMovementKind = "ISSUED"   // the card was made
	MovementRedeemed GiftCardMovementKind = "REDEEMED" // an order was paid with it
	MovementReturned GiftCardMovementKind = "RETURNED" // that order was cancelled or has expired
	MovementRefunded GiftCardMovementKind = "REFUNDED" // the shop has given money of an order back to it
)

// GiftCardMovement is one line of a card's ledger. It never changes.
type GiftCardMovement struct {
	ID      id.GiftCardMovementID
	Kind    GiftCardMovementKind
	Amount  money.Money // negative where the card paid
	OrderID *id.OrderID
	By      string // who, as in events
	At      time.Time
}

// GiftCardMovementConnection is one page of a card's ledger.
type GiftCardMovementConnection = pg.Connection[GiftCardMovement]

// GiftCardMovementEdge is one line of a page of a card's ledger.
type GiftCardMovementEdge = pg.Edge[GiftCardMovement]

var errNoGiftCard = fault.New(fault.NotFound, "GIFT_CARD_NOT_FOUND", "There is no such gift card.")

const giftCardsByIDSQL = `
select id, last_characters, initial, balance, currency, customer_id, note, expires_at, disabled_at, by, created_at,
	coalesce(expires_at <= clock_timestamp(), false)
from giftcard
where id = any($1::uuid[])`

// GiftCardsByID gives those of the cards that exist. Who may see them the caller has decided.
func GiftCardsByID(ctx context.Context, db pg.DB, ids []id.GiftCardID) (map[id.GiftCardID]GiftCard, error) {
	rows, err := db.Query(ctx, giftCardsByIDSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read gift cards: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanGiftCard)
	if err != nil {
		return nil, fmt.Errorf("read gift cards: %w", err)
	}
	byID := make(map[id.GiftCardID]GiftCard, len(list))
	for _, card := range list {
		byID[card.ID] = card
	}
	return byID, nil
}

func scanGiftCard(row pgx.CollectableRow) (GiftCard, error) {
	var g GiftCard
	err := row.Scan(&g.ID, &g.LastCharacters, &g.InitialValue.Minor, &g.Balance.Minor, &g.Balance.CurrencyCode, &g.CustomerID,
		&g.Note, &g.ExpiresAt, &g.DisabledAt, &g.CreatedBy, &g.CreatedAt, &g.expired)
	g.InitialValue.CurrencyCode = g.Balance.CurrencyCode
	return g, err
}

// VisibleByID gives those of the cards that the actor may see: staff and partners with payments:read see all. Who is
// bound to locations sees none, since cards are the whole shop's.
func (p *Promotions) VisibleByID(ctx context.Context, actor access.Actor, ids []id.GiftCardID) (map[id.GiftCardID]GiftCard, error) {
	if !mayRead(actor) {
		return nil, nil
	}
	return GiftCardsByID(ctx, p.pool, ids)
}

func mayRead(actor access.Actor) bool { return actor.Can("payments:read") && !actor.Bound }

// GiftCard gives one card; a fault of kind NotFound where there is none that the actor may see.
func (p *Promotions) GiftCard(ctx context.Context, actor access.Actor, card id.GiftCardID) (GiftCard, error) {
	found, err := p.VisibleByID(ctx, actor, []id.GiftCardID{card})
	if err != nil {
		return GiftCard{}, err
	}
	if g, ok := found[card]; ok {
		return g, nil
	}
	return GiftCard{}, errNoGiftCard
}

const giftCardPageSQL = `
select id, last_characters, initial, balance, currency, customer_id, note, expires_at, disabled_at, by, created_at,
	coalesce(expires_at <= clock_timestamp(), false)
from giftcard
where ($1::text is null or last_characters = $1)
	and ($2::uuid is null or id > $2)
order by id
limit $3`

const giftCardPageDownSQL = `
select id, last_characters, initial, balance, currency, customer_id, note, expires_at, disabled_at, by, created_at,
	coalesce(expires_at <= clock_timestamp(), false)
from giftcard
where ($1::text is null or last_characters = $1)
	and ($2::uuid is null or id < $2)
order by id desc
limit $3`

// GiftCards lists cards, oldest first: all, or those whose code ends so.
func (p *Promotions) GiftCards(ctx context.Context, actor access.Actor, ending *string, page pg.Page) (GiftCardConnection, error) {
	w, after, err := window(page)
	if err != nil {
		return GiftCardConnection{}, err
	}
	if !mayRead(actor) {
		return pg.Build[GiftCard](w, nil, nil), nil
	}
	if ending != nil {
		last := lastCharacters(*ending)
		ending = &last
	}
	sql := giftCardPageSQL
	if w.Descending {
		sql = giftCardPageDownSQL
	}
	rows, err := p.pool.Query(ctx, sql, ending, after, w.Fetch())
	if err != nil {
		return GiftCardConnection{}, fmt.Errorf("list gift cards: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanGiftCard)
	if err != nil {
		return GiftCardConnection{}, fmt.Errorf("list gift cards: %w", err)
	}
	return pg.Build(w, list, func(g GiftCard) []string { return []string{uuid.UUID(g.ID).String()} }), nil
}

const movementPageSQL = `
select m.id, m.kind, m.amount, c.currency, m.order_id, m.by, m.at
from giftcard_movement m
join giftcard c on c.id = m.gift_card_id
where m.gift_card_id = $1
	and ($2::uuid is null or m.id > $2)
order by m.id
limit $3`

const movementPageDownSQL = `
select m.id, m.kind, m.amount, c.currency, m.order_id, m.by, m.at
from giftcard_movement m
join giftcard c on c.id = m.gift_card_id
where m.gift_card_id = $1
	and ($2::uuid is null or m.id < $2)
order by m.id desc
limit $3`

// Movements lists the ledger of one card, oldest first.
func (p *Promotions) Movements(ctx context.Context, card id.GiftCardID, page pg.Page) (GiftCardMovementConnection, error) {
	w, after, err := window(page)
	if err != nil {
		return GiftCardMovementConnection{}, err
	}
	sql := movementPageSQL
	if w.Descending {
		sql = movementPageDownSQL
	}
	rows, err := p.pool.Query(ctx, sql, card, after, w.Fetch())
	if err != nil {
		return GiftCardMovementConnection{}, fmt.Errorf("list the movements of a gift card: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (GiftCardMovement, error) {
		var m GiftCardMovement
		err := row.Scan(&m.ID, &m.Kind, &m.Amount.Minor, &m.Amount.CurrencyCode, &m.OrderID, &m.By, &m.At)
		return m, err
	})
	if err != nil {
		return GiftCardMovementConnection{}, fmt.Errorf("list the movements of a gift card: %w", err)
	}
	return pg.Build(w, list, func(m GiftCardMovement) []string { return []string{uuid.UUID(m.ID).String()} }), nil
}

// window reads the page of a list that is sorted by id.
func window(page pg.Page) (pg.Window, *uuid.UUID, error) {
	w, err := page.Window(1)
	if err != nil {
		return w, nil, err
	}
	after, err := pg.At(w, 0, uuid.Parse)
	return w, after, err
}
