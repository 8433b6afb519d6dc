package promotions

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// maxAutomatic bounds how many automatic promotions are looked at for one order, the oldest first.
const maxAutomatic = 100

// Buyer is who a promotion's uses are counted for: the account, and whoever can be reached in this way.
type Buyer struct {
	Customer *id.CustomerID
	Contact  []byte // a keyed hash
}

// Buyer names who buys. An e-mail address counts before a phone number.
func (p *Promotions) Buyer(customer *id.CustomerID, email, phone *string) Buyer {
	b := Buyer{Customer: customer}
	switch {
	case email != nil:
		b.Contact = p.keys.Sign(access.GiftCardCodes, []byte("email\x00"+*email))
	case phone != nil:
		b.Contact = p.keys.Sign(access.GiftCardCodes, []byte("phone\x00"+*phone))
	}
	return b
}

const offersSQL = `select ` + promotionColumns + `
from promotion p
where p.deleted_at is null
	and p.id in (
		select promotion_id from promotion_code where code = any($1::text[])
		union all
		(select id from promotion where automatic and deleted_at is null and starts_at <= now() and coalesce(ends_at > now(), true)
			order by id limit $2))
order by p.id`

// Offers reads what may reduce the price of the items for this buyer: the automatic promotions that run, then those of
// the codes, in the order of the codes. A code that is nobody's is an offer of nothing, so that it is refused by name.
func Offers(ctx context.Context, db pg.DB, currency money.Currency, items []Item, codes []string, buyer Buyer) ([]Offer, error) {
	rows, err := db.Query(ctx, offersSQL, codes, maxAutomatic)
	if err != nil {
		return nil, fmt.Errorf("read promotions: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanPromotion)
	if err != nil {
		return nil, fmt.Errorf("read promotions: %w", err)
	}
	var offers []Offer
	for _, p := range list {
		if p.automatic && p.currency == currency {
			offers = append(offers, Offer{Promotion: p})
		}
	}
	for _, code := range codes {
		offer := Offer{Code: code}
		for _, p := range list {
			if slices.Contains(p.Codes, code) {
				offer.Promotion, offer.Foreign = p, p.currency != currency
			}
		}
		offers = append(offers, offer)
	}
	if len(offers) == 0 {
		return nil, nil
	}
	if err := entitle(ctx, db, items, offers); err != nil {
		return nil, err
	}
	return offers, spend(ctx, db, offers, buyer)
}

func scanPromotion(row pgx.CollectableRow) (Promotion, error) {
	var p Promotion
	var amount, least *int64
	err := row.Scan(&p.ID, &p.Version, &p.ExternalID, &p.Title, &p.Kind, &amount, &p.currency, &p.rate, &p.BuyQuantity, &p.GetQuantity,
		&p.automatic, &p.Combines, &p.ProductIDs, &p.CollectionIDs, &least, &p.MinimumQuantity, &p.StartsAt, &p.EndsAt,
		&p.UsageLimit, &p.UsageLimitPerCustomer, &p.Uses, &p.CreatedAt, &p.UpdatedAt, &p.Codes, &p.running, &p.ended)
	p.Amount, p.MinimumSubtotal = inCurrency(amount, p.currency), inCurrency(least, p.currency)
	return p, err
}

func inCurrency(minor *int64, c money.Currency) *money.Money {
	if minor == nil {
		return nil
	}
	m := money.New(*minor, c)
	return &m
}

// entitle says for each offer which of the products it is for.
func entitle(ctx context.Context, db pg.DB, items []Item, offers []Offer) error {
	var collections []id.CollectionID
	products := make([]id.ProductID, len(items))
	for i, item := range items {
		products[i] = item.ProductID
	}
	for _, o := range offers {
		collections = append(collections, o.Promotion.CollectionIDs...)
	}
	members := map[id.CollectionID][]id.ProductID{}
	if len(collections) > 0 {
		var err error
		if members, err = catalog.Membership(ctx, db, collections, products); err != nil {
			return err
		}
	}
	for i := range offers {
		o := &offers[i]
		o.Of = make(map[id.ProductID]bool, len(products))
		everything := len(o.Promotion.ProductIDs)+len(o.Promotion.CollectionIDs) == 0
		for _, product := range products {
			o.Of[product] = everything || slices.Contains(o.Promotion.ProductIDs, product)
		}
		for _, collection := range o.Promotion.CollectionIDs {
			for _, product := range members[collection] {
				o.Of[product] = true
			}
		}
	}
	return nil
}

// Only promotions with a limit per customer are counted: of the others a buyer may have had any number.
const usesOfBuyersSQL = `
select promotion_id, customer_id, contact, count(*)
from promotion_use
where promotion_id in (select id from promotion where id = any($1::uuid[]) and customer_limit is not null)
	and returned_at is null
	and (customer_id = any($2::uuid[]) or contact = any($3::bytea[]))
group by promotion_id, customer_id, contact`

// use is how many orders of one buyer had a promotion.
type use struct {
	promotion id.PromotionID
	customer  *uuid.UUID
	contact   []byte
	orders    int
}

// by says whether it was this buyer's: the same account, or the same contact.
func (u use) by(b Buyer) bool {
	return u.customer != nil && b.Customer != nil && [16]byte(*u.customer) == [16]byte(*b.Customer) ||
		b.Contact != nil && string(u.contact) == string(b.Contact)
}

// usesArgs are the promotions and the buyers, as usesOfBuyersSQL takes them.
func usesArgs(promotions []id.PromotionID, buyers []Buyer) []any {
	var customers []id.CustomerID
	var contacts [][]byte
	for _, b := range buyers {
		if b.Customer != nil {
			customers = append(customers, *b.Customer)
		}
		if b.Contact != nil {
			contacts = append(contacts, b.Contact)
		}
	}
	return []any{promotions, customers, contacts}
}

func collectUses(rows pgx.Rows) ([]use, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (use, error) {
		var u use
		err := row.Scan(&u.promotion, &u.customer, &u.contact, &u.orders)
		return u, err
	})
}

// spend says which of the offers the buyer has had as often as one may.
func spend(ctx context.Context, db pg.DB, offers []Offer, buyer Buyer) error {
	var limited []id.PromotionID
	for _, o := range offers {
		if o.Promotion.UsageLimitPerCustomer != nil {
			limited = append(limited, o.Promotion.ID)
		}
	}
	if len(limited) == 0 || (buyer.Customer == nil && buyer.Contact == nil) {
		return nil
	}
	rows, err := db.Query(ctx, usesOfBuyersSQL, usesArgs(limited, []Buyer{buyer})...)
	if err != nil {
		return fmt.Errorf("count a buyer's uses of promotions: %w", err)
	}
	uses, err := collectUses(rows)
	if err != nil {
		return fmt.Errorf("count a buyer's uses of promotions: %w", err)
	}
	for i := range offers {
		p := offers[i].Promotion
		offers[i].Spent = p.UsageLimitPerCustomer != nil && countOf(uses, p.ID, buyer) >= *p.UsageLimitPerCustomer
	}
	return nil
}

func countOf(uses []use, promotion id.PromotionID, buyer Buyer) int {
	n := 0
	for _, u := range uses {
		if u.promotion == promotion && u.by(buyer) {
			n += u.orders
		}
	}
	return n
}

const knownCodesSQL = `
select c.code, p.starts_at <= clock_timestamp() and coalesce(p.ends_at > clock_timestamp(), true)
from promotion_code c
join promotion p on p.id = c.promotion_id
where c.code = any($1::text[])
	and p.deleted_at is null`

// Try counts the codes that are nobody's, or whose time is not now, as wrong ones of the caller's, and gives those that are the
// shop's, at whatever time. What comes of them is not told here.
func (p *Promotions) Try(ctx context.Context, actor access.Actor, codes []string) ([]string, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	if err := p.mayTry(ctx, actor); err != nil {
		return nil, err
	}
	rows, err := p.pool.Query(ctx, knownCodesSQL, codes)
	if err != nil {
		return nil, fmt.Errorf("look discount codes up: %w", err)
	}
	var known, running []string
	var code string
	var runs bool
	_, err = pgx.ForEachRow(rows, []any{&code, &runs}, func() error {
		known = append(known, code)
		if runs {
			running = append(running, code)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look discount codes up: %w", err)
	}
	wrong := 0
	for _, code := range codes {
		if !slices.Contains(running, code) {
			wrong++
		}
	}
	return known, p.wrong(ctx, actor, wrong)
}
