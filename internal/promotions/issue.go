package promotions

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// GiftCardCreateInput says what card to issue.
type GiftCardCreateInput struct {
	IdempotencyKey string
	InitialValue   money.MoneyInput
	Code           *string // nil makes one
	CustomerID     *string
	ExpiresAt      *time.Time
	Note           *string
}

// GiftCardDisableInput says which card pays no more.
type GiftCardDisableInput struct {
	ID string
}

// Issued is a card that was issued, with the code that nobody can be told later.
type Issued struct {
	Card GiftCard
	Code string
}

const (
	maxNote = 5000
	// maxValue is the largest first amount of a card in minor units, that of the largest order.
	maxValue = 1_000_000_000_000_000
)

var (
	errBound      = fault.New(fault.Forbidden, "FORBIDDEN", "Gift cards are the whole shop's; your role is bound to a location.")
	errNoCustomer = fault.New(fault.NotFound, "CUSTOMER_NOT_FOUND", "There is no such customer.").At("input", "customerId")
	errCodeTaken  = fault.New(fault.Conflict, "CODE_TAKEN", "There is a gift card with this code already.").At("input", "code")
)

// Issue makes a gift card. The same key gives the same card and code again.
func (p *Promotions) Issue(ctx context.Context, actor access.Actor, shop money.Currency, in GiftCardCreateInput) (Issued, error) {
	if actor.Bound {
		return Issued{}, errBound
	}
	var wrong input.Problems
	card, given := in.read(shop, &wrong)
	if wrong.Err() != nil { // nothing was ever issued so: the time at which it comes is as good as any
		wrong.Add(mayEnd(ctx, p.pool, in.ExpiresAt))
		return Issued{}, wrong.Err()
	}
	hash, err := idempotency.Hash(p.keys, []any{card.InitialValue, given, card.CustomerID, in.ExpiresAt, in.Note})
	if err != nil {
		return Issued{}, err
	}
	request := idempotency.Request{
		Caller: idempotency.Caller(p.keys, actor, id.OrderID{}, [16]byte{}, ""), Key: in.IdempotencyKey,
		Operation: "giftCardCreate", Hash: hash,
	}
	made, err := idempotency.Once(ctx, p.pool, request, func(ctx context.Context, tx pgx.Tx) (idempotency.Outcome, error) {
		if err := mayEnd(ctx, tx, in.ExpiresAt); err != nil {
			return idempotency.Outcome{}, err
		}
		code := given
		if code == "" {
			code = newCode(p.keys, card.ID)
		}
		first := movement{card: card.ID, kind: MovementIssued, amount: card.InitialValue.Minor, by: actor.By(), cause: "giftCardCreate"}
		return idempotency.Outcome{Made: card.ID}, p.insert(ctx, tx, card, code, first)
	})
	if err != nil {
		return Issued{}, err
	}
	issued := Issued{Code: given}
	if issued.Card, err = p.GiftCard(ctx, actor, made.Made); err != nil {
		return Issued{}, err
	}
	if given == "" {
		issued.Code = newCode(p.keys, issued.Card.ID)
	}
	return issued, nil
}

// read gives the card that is wanted and its code, where one is given; what is wrong with the input is among the problems
// then.
func (in GiftCardCreateInput) read(shop money.Currency, wrong *input.Problems) (card GiftCard, given string) {
	card = GiftCard{ID: id.NewGiftCardID(), ExpiresAt: in.ExpiresAt, Note: in.Note}
	if err := idempotency.Check(in.IdempotencyKey); err != nil {
		wrong.Add(err)
	}
	var err error
	if card.InitialValue, err = in.value(shop); err != nil {
		wrong.Add(err)
	}
	if in.Code != nil {
		if given = plain(*in.Code); !validCode(given) {
			wrong.Add(fault.Newf(fault.Invalid, "INVALID", "A code has %d to %d letters and digits.", minCode, maxCode).At("input", "code"))
		}
	}
	if in.CustomerID != nil {
		customer, err := id.ParseCustomerID(*in.CustomerID)
		if err != nil {
			wrong.Add(errNoCustomer)
		}
		card.CustomerID = &customer
	}
	if in.Note != nil && (utf8.RuneCountInString(*in.Note) > maxNote || !utf8.ValidString(*in.Note) || strings.ContainsRune(*in.Note, 0)) {
		wrong.Add(fault.Newf(fault.Invalid, "TOO_LONG", "A note is a text of at most %d characters.", maxNote).At("input", "note"))
	}
	return card, given
}

func (in GiftCardCreateInput) value(shop money.Currency) (money.Money, error) {
	field := []string{"input", "initialValue"}
	value, err := in.InitialValue.Money()
	switch {
	case err != nil:
		return value, fault.New(fault.Invalid, "INVALID", "This is no amount of its currency.").At(append(field, "amount")...)
	case value.CurrencyCode != shop:
		return value, fault.New(fault.Invalid, "INVALID", "The shop sells in "+string(shop)+".").At(append(field, "currencyCode")...)
	case value.Minor < 1 || value.Minor > maxValue:
		return value, fault.New(fault.Invalid, "AMOUNT_OUT_OF_RANGE", "A gift card is issued with more than nothing, and at most with what the largest order comes to.").
			At(append(field, "amount")...)
	}
	return value, nil
}

const isPastSQL = `
select $1::timestamptz <= clock_timestamp()`

// mayEnd refuses a card that could never pay. A card that was issued and has ended since is given again under its key.
func mayEnd(ctx context.Context, db pg.DB, at *time.Time) error {
	if at == nil {
		return nil
	}
	var past bool
	if err := db.QueryRow(ctx, isPastSQL, *at).Scan(&past); err != nil {
		return fmt.Errorf("ask for the time: %w", err)
	}
	if past {
		return fault.New(fault.Invalid, "INVALID", "A gift card ends in the future.").At("input", "expiresAt")
	}
	return nil
}

const insertGiftCardSQL = `
insert into giftcard (id, code_hash, last_characters, currency, initial, customer_id, note, expires_at, by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// insert makes a card with the first line of its ledger, which fills it.
func (p *Promotions) insert(ctx context.Context, tx pgx.Tx, card GiftCard, code string, first movement) error {
	b := &pgx.Batch{}
	b.Queue(insertGiftCardSQL, card.ID, hashCode(p.keys, code), lastCharacters(code), string(card.InitialValue.CurrencyCode),
		card.InitialValue.Minor, card.CustomerID, card.Note, card.ExpiresAt, first.by)
	queueMovements(b, []movement{first})
	err := tx.SendBatch(ctx, b).Close()
	switch {
	case pg.IsUnique(err, "gift_card_code_hash_key"):
		return errCodeTaken
	case pg.IsForeignKey(err, "giftcard_customer_id_fkey"):
		return errNoCustomer
	case err != nil:
		return fmt.Errorf("issue a gift card: %w", err)
	}
	return nil
}

// The time is kept of the first that disabled it.
const disableGiftCardSQL = `
update giftcard
set disabled_at = coalesce(disabled_at, clock_timestamp())
where id = $1
returning id, last_characters, initial, balance, currency, customer_id, note, expires_at, disabled_at, by, created_at,
	coalesce(expires_at <= clock_timestamp(), false)`

// Disable lets a card pay no more. Its balance stays as it is, and what orders took from it can still go back.
func (p *Promotions) Disable(ctx context.Context, actor access.Actor, in GiftCardDisableInput) (GiftCard, error) {
	if actor.Bound {
		return GiftCard{}, errBound
	}
	card, err := id.ParseGiftCardID(in.ID)
	if err != nil {
		return GiftCard{}, errNoGiftCard.At("input", "id")
	}
	rows, err := p.pool.Query(ctx, disableGiftCardSQL, card)
	if err != nil {
		return GiftCard{}, fmt.Errorf("disable a gift card: %w", err)
	}
	disabled, err := pgx.CollectExactlyOneRow(rows, scanGiftCard)
	switch {
	case pg.IsNoRows(err):
		return GiftCard{}, errNoGiftCard.At("input", "id")
	case err != nil:
		return GiftCard{}, fmt.Errorf("disable a gift card: %w", err)
	}
	return disabled, nil
}
