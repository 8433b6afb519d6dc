package promotions

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/input"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// PromotionSetInput is a whole promotion: one that is there is replaced, one that is not is made.
type PromotionSetInput struct {
	ID                    *string
	ExternalID            *string
	ExpectedVersion       *int
	Title                 string
	Kind                  PromotionKind
	Percentage            *money.Decimal
	Amount                *money.MoneyInput
	BuyQuantity           *int
	GetQuantity           *int
	Codes                 []string
	Combines              *bool
	ProductIDs            []string
	CollectionIDs         []string
	MinimumSubtotal       *money.MoneyInput
	MinimumQuantity       *int
	StartsAt              *time.Time
	EndsAt                *time.Time
	UsageLimit            *int
	UsageLimitPerCustomer *int
}

// PromotionDeleteInput says which promotion ends.
type PromotionDeleteInput struct {
	ID string
}

const (
	maxTitle    = 255
	maxNames    = 250 // codes, products and collections of one promotion
	maxQuantity = 1_000_000
)

var (
	errNoPromotion    = fault.New(fault.NotFound, "PROMOTION_NOT_FOUND", "There is no such promotion.")
	errPromotionBound = fault.New(fault.Forbidden, "FORBIDDEN", "Promotions are the whole shop's; your role is bound to a location.")
)

const promotionColumns = `p.id, p.version, p.external_id, p.title, p.kind, p.amount, p.currency, p.rate, p.buy_quantity, p.get_quantity,
	p.automatic, p.combines, p.product_ids, p.collection_ids, p.minimum_subtotal, p.minimum_quantity, p.starts_at, p.ends_at,
	p.usage_limit, p.customer_limit, p.uses, p.created_at, p.updated_at,
	array(select c.code from promotion_code c where c.promotion_id = p.id order by c.code),
	p.deleted_at is null and p.starts_at <= clock_timestamp() and coalesce(p.ends_at > clock_timestamp(), true),
	coalesce(p.ends_at <= clock_timestamp(), false)
`

const promotionForUpdateSQL = `select ` + promotionColumns + `
from promotion p
where p.deleted_at is null
	and (p.id = $1 or (p.external_owner = $2 and p.external_id = $3))
for update of p`

const putPromotionSQL = `
insert into promotion (id, external_owner, external_id, title, kind, rate, amount, currency, buy_quantity, get_quantity, automatic,
	combines, product_ids, collection_ids, minimum_subtotal, minimum_quantity, starts_at, ends_at, usage_limit, customer_limit)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, coalesce($17, clock_timestamp()), $18, $19, $20)
on conflict (id) do update
set version = promotion.version + 1, title = excluded.title, kind = excluded.kind, rate = excluded.rate, amount = excluded.amount,
	currency = excluded.currency, buy_quantity = excluded.buy_quantity, get_quantity = excluded.get_quantity,
	automatic = excluded.automatic, combines = excluded.combines, product_ids = excluded.product_ids,
	collection_ids = excluded.collection_ids, minimum_subtotal = excluded.minimum_subtotal, minimum_quantity = excluded.minimum_quantity,
	starts_at = case when $17::timestamptz is null then promotion.starts_at else excluded.starts_at end, ends_at = excluded.ends_at,
	usage_limit = excluded.usage_limit, customer_limit = excluded.customer_limit, updated_at = clock_timestamp()
where (promotion.title, promotion.kind, promotion.rate, promotion.amount, promotion.currency, promotion.buy_quantity,
	promotion.get_quantity, promotion.automatic, promotion.combines, promotion.product_ids, promotion.collection_ids,
	promotion.minimum_subtotal, promotion.minimum_quantity, promotion.ends_at, promotion.usage_limit, promotion.customer_limit)
	is distinct from (excluded.title, excluded.kind, excluded.rate, excluded.amount, excluded.currency, excluded.buy_quantity,
	excluded.get_quantity, excluded.automatic, excluded.combines, excluded.product_ids, excluded.collection_ids,
	excluded.minimum_subtotal, excluded.minimum_quantity, excluded.ends_at, excluded.usage_limit, excluded.customer_limit)
	or promotion.starts_at <> $17
	or array(select c.code from promotion_code c where c.promotion_id = promotion.id order by c.code)
	is distinct from array(select c.code from unnest($21::text[]) c(code) order by c.code)`

const dropCodesSQL = `
delete from promotion_code
where promotion_id = $1`

const putCodesSQL = `
insert into promotion_code (code, promotion_id)
select code, $1
from unnest($2::text[]) c(code)
order by code`

// Set makes a promotion or replaces one, named by its id or by the caller's own. The same call twice leaves what it left the
// first time, its version too. Orders that have it keep what they
// have.
func (p *Promotions) Set(ctx context.Context, actor access.Actor, shop money.Currency, in PromotionSetInput) (Promotion, error) {
	if actor.Bound {
		return Promotion{}, errPromotionBound
	}
	want, err := in.read(shop)
	if err != nil {
		return Promotion{}, err
	}
	named := id.PromotionID{}
	if in.ID != nil {
		if named, err = id.ParsePromotionID(*in.ID); err != nil {
			return Promotion{}, errNoPromotion.At("input", "id")
		}
	}
	var owner *string
	if in.ExternalID != nil {
		text := externalOwner(actor)
		owner = &text
	}
	var after Promotion
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		w := want
		rows, err := tx.Query(ctx, promotionForUpdateSQL, named, owner, in.ExternalID)
		if err != nil {
			return fmt.Errorf("lock a promotion: %w", err)
		}
		before, err := pgx.CollectRows(rows, scanPromotion)
		if err != nil {
			return fmt.Errorf("lock a promotion: %w", err)
		}
		switch {
		case len(before) > 1 || (len(before) == 1 && in.ID != nil && before[0].ID != named):
			return fault.New(fault.Conflict, "EXTERNAL_ID_TAKEN", "Another promotion has this external id.").At("input", "externalId")
		case len(before) == 0 && in.ID != nil:
			return errNoPromotion.At("input", "id")
		case len(before) == 0 && in.ExpectedVersion != nil:
			return conflict(0)
		case len(before) == 0:
			w.ID = id.NewPromotionID()
		case in.ExpectedVersion != nil && *in.ExpectedVersion != before[0].Version:
			return conflict(before[0].Version)
		default:
			w.ID = before[0].ID
		}
		if after, err = put(ctx, tx, w, owner, in.StartsAt); err != nil {
			return err
		}
		return nil
	})
	return after, err
}

func conflict(current int) error {
	return fault.Newf(fault.Conflict, "VERSION_CONFLICT", "It has changed since; its version is %d.", current).
		With("currentVersion", current).At("input", "expectedVersion")
}

// externalOwner is whose external ids these are: a partner's own, or the shop's.
func externalOwner(actor access.Actor) string {
	if actor.Kind == access.Partner {
		return actor.By()
	}
	return "shop"
}

func put(ctx context.Context, tx pgx.Tx, w Promotion, owner *string, starts *time.Time) (Promotion, error) {
	b := &pgx.Batch{}
	b.Queue(putPromotionSQL, w.ID, owner, w.ExternalID, w.Title, string(w.Kind), w.rate, minor(w.Amount), string(w.currency), w.BuyQuantity,
		w.GetQuantity, len(w.Codes) == 0, w.Combines, w.ProductIDs, w.CollectionIDs, minor(w.MinimumSubtotal), w.MinimumQuantity,
		starts, w.EndsAt, w.UsageLimit, w.UsageLimitPerCustomer, w.Codes)
	b.Queue(dropCodesSQL, w.ID)
	b.Queue(putCodesSQL, w.ID, w.Codes)
	err := tx.SendBatch(ctx, b).Close()
	switch {
	case pg.IsUnique(err, "promotion_code_pkey"):
		return w, fault.New(fault.Conflict, "CODE_TAKEN", "Another promotion has one of these codes.").At("input", "codes")
	case pg.IsUnique(err, "promotion_external_key"):
		return w, fault.New(fault.Conflict, "EXTERNAL_ID_TAKEN", "Another promotion has, or had, this external id.").At("input", "externalId")
	case pg.IsCheck(err, "promotion_uses_check"):
		return w, fault.New(fault.Conflict, "USAGE_LIMIT_TOO_LOW", "More orders have it already.").At("input", "usageLimit")
	case pg.IsCheck(err, "promotion_dates_check"):
		return w, fault.New(fault.Invalid, "INVALID", "It ends before it begins.").At("input", "endsAt")
	case err != nil:
		return w, fmt.Errorf("set a promotion: %w", err)
	}
	return one(ctx, tx, w.ID)
}

func minor(m *money.Money) *int64 {
	if m == nil {
		return nil
	}
	return &m.Minor
}

const promotionSQL = `select ` + promotionColumns + `
from promotion p
where p.id = $1
	and p.deleted_at is null`

func one(ctx context.Context, db pg.DB, promotion id.PromotionID) (Promotion, error) {
	rows, err := db.Query(ctx, promotionSQL, promotion)
	if err != nil {
		return Promotion{}, fmt.Errorf("read a promotion: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, scanPromotion)
	switch {
	case pg.IsNoRows(err):
		return Promotion{}, errNoPromotion
	case err != nil:
		return Promotion{}, fmt.Errorf("read a promotion: %w", err)
	}
	return found, nil
}

const deletePromotionSQL = `
update promotion
set deleted_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
where id = $1
	and deleted_at is null`

// Delete ends a promotion for good and frees its codes. Orders that have it keep what they have.
func (p *Promotions) Delete(ctx context.Context, actor access.Actor, in PromotionDeleteInput) (id.PromotionID, error) {
	if actor.Bound {
		return id.PromotionID{}, errPromotionBound
	}
	promotion, err := id.ParsePromotionID(in.ID)
	if err != nil {
		return promotion, errNoPromotion.At("input", "id")
	}
	return promotion, pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, deletePromotionSQL, promotion)
		if err != nil {
			return fmt.Errorf("end a promotion: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return errNoPromotion.At("input", "id")
		}
		if _, err := tx.Exec(ctx, dropCodesSQL, promotion); err != nil {
			return fmt.Errorf("free the codes of a promotion: %w", err)
		}
		return nil
	})
}

const promotionPageSQL = `select ` + promotionColumns + `
from promotion p
where p.deleted_at is null
	and ($1::uuid is null or p.id > $1)
order by p.id
limit $2`

const promotionPageDownSQL = `select ` + promotionColumns + `
from promotion p
where p.deleted_at is null
	and ($1::uuid is null or p.id < $1)
order by p.id desc
limit $2`

// List lists promotions, oldest first, for whoever holds catalog:read beside shoppers: what they do is no secret of the
// shop's, but their codes are.
func (p *Promotions) List(ctx context.Context, page pg.Page) (PromotionConnection, error) {
	w, after, err := window(page)
	if err != nil {
		return PromotionConnection{}, err
	}
	sql := promotionPageSQL
	if w.Descending {
		sql = promotionPageDownSQL
	}
	rows, err := p.pool.Query(ctx, sql, after, w.Fetch())
	if err != nil {
		return PromotionConnection{}, fmt.Errorf("list promotions: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanPromotion)
	if err != nil {
		return PromotionConnection{}, fmt.Errorf("list promotions: %w", err)
	}
	return pg.Build(w, list, func(p Promotion) []string { return []string{uuid.UUID(p.ID).String()} }), nil
}

const promotionsByIDSQL = `select ` + promotionColumns + `
from promotion p
where p.id = any($1::uuid[])
	and p.deleted_at is null`

// PromotionsByID gives those of the promotions that there are and that the actor may see.
func (p *Promotions) PromotionsByID(ctx context.Context, actor access.Actor, ids []id.PromotionID) (map[id.PromotionID]Promotion, error) {
	if !actor.Can("catalog:read") {
		return nil, nil
	}
	rows, err := p.pool.Query(ctx, promotionsByIDSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read promotions: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanPromotion)
	if err != nil {
		return nil, fmt.Errorf("read promotions: %w", err)
	}
	byID := make(map[id.PromotionID]Promotion, len(list))
	for _, found := range list {
		byID[found.ID] = found
	}
	return byID, nil
}

// read checks a promotion, and names everything that is wrong with it.
func (in PromotionSetInput) read(shop money.Currency) (Promotion, error) {
	p := Promotion{
		ExternalID: in.ExternalID, Title: strings.TrimSpace(in.Title), Kind: in.Kind, BuyQuantity: in.BuyQuantity, GetQuantity: in.GetQuantity,
		Combines: in.Combines != nil && *in.Combines, MinimumQuantity: in.MinimumQuantity, EndsAt: in.EndsAt,
		UsageLimit: in.UsageLimit, UsageLimitPerCustomer: in.UsageLimitPerCustomer, ProductIDs: []id.ProductID{},
		CollectionIDs: []id.CollectionID{}, Codes: []string{}, currency: shop,
	}
	var wrong input.Problems
	refuse := func(message string, field ...string) {
		wrong.Add(fault.New(fault.Invalid, "INVALID", message).At(append([]string{"input"}, field...)...))
	}
	if n := utf8.RuneCountInString(p.Title); n < 1 || n > maxTitle || !storable(p.Title) {
		refuse(fmt.Sprintf("A title has 1 to %d characters.", maxTitle), "title")
	}
	if in.ExternalID != nil && (*in.ExternalID == "" || len(*in.ExternalID) > maxTitle || !storable(*in.ExternalID)) {
		refuse(fmt.Sprintf("An external id has 1 to %d characters.", maxTitle), "externalId")
	}
	p.readFields(in, refuse)
	p.readNames(in, refuse)
	p.Amount = readAmount(in.Amount, shop, refuse, "amount")
	p.MinimumSubtotal = readAmount(in.MinimumSubtotal, shop, refuse, "minimumSubtotal")
	for field, limit := range map[string]*int{"minimumQuantity": in.MinimumQuantity, "usageLimitPerCustomer": in.UsageLimitPerCustomer} {
		if limit != nil && (*limit < 1 || *limit > maxQuantity) {
			refuse(fmt.Sprintf("It is 1 to %d.", maxQuantity), field)
		}
	}
	if in.UsageLimit != nil && (*in.UsageLimit < 0 || *in.UsageLimit > 1_000_000_000) {
		refuse("It is 0 to a thousand million.", "usageLimit")
	}
	if in.StartsAt != nil && in.EndsAt != nil && !in.EndsAt.After(*in.StartsAt) {
		refuse("It ends before it begins.", "endsAt")
	}
	return p, wrong.Err()
}

func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
