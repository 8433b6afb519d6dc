package promotions

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

// Counter holds the counts of promotions that are locked, and counts the orders that are placed with them.
type Counter struct {
	promotions map[id.PromotionID]*counted
	before     []use // of the buyers whose orders are being placed
	columns    struct {
		promotions []id.PromotionID
		orders     []id.OrderID
		codes      []*string
		amounts    []int64
		customers  []*id.CustomerID
		contacts   [][]byte
	}
}

// counted is what decides on one promotion, under its lock.
type counted struct {
	version, uses   int
	limit, customer *int
	running         bool
}

// The rows are locked in the order of their ids, so that two transactions that want the same ones can't deadlock. What
// buyers had before is read by a statement of its own, after the locks: nobody adds to it meanwhile.
const lockPromotionsSQL = `
select id, version, uses, usage_limit, customer_limit,
	deleted_at is null and starts_at <= clock_timestamp() and coalesce(ends_at > clock_timestamp(), true)
from promotion
where id = any($1::uuid[])
order by id
for update`

// QueuePromotions locks promotions as the batch is sent, for orders of these buyers.
func QueuePromotions(b *pgx.Batch, promotions []id.PromotionID, buyers []Buyer) *Counter {
	c := &Counter{promotions: make(map[id.PromotionID]*counted, len(promotions))}
	if len(promotions) == 0 {
		return c
	}
	b.Queue(lockPromotionsSQL, promotions).Query(func(rows pgx.Rows) error {
		var promotion id.PromotionID
		var now counted
		_, err := pgx.ForEachRow(rows, []any{&promotion, &now.version, &now.uses, &now.limit, &now.customer, &now.running}, func() error {
			c.promotions[promotion] = &counted{now.version, now.uses, now.limit, now.customer, now.running}
			return nil
		})
		return err
	})
	b.Queue(usesOfBuyersSQL, usesArgs(promotions, buyers)...).Query(func(rows pgx.Rows) (err error) {
		c.before, err = collectUses(rows)
		return err
	})
	return c
}

// Verdict is whether an order may have what was worked out for it.
type Verdict struct {
	Stale   bool    // a promotion is not any more what it was worked out from
	Refused Refusal // its count, or the buyer's, is used up
	Code    string  // of the promotion that is
}

// Allows says whether an order may have its discounts: exactly what they were when they were worked out, and not more
// often than they may be had.
func (c *Counter) Allows(discounts []orders.OrderDiscount, versions map[id.PromotionID]int, buyer Buyer) Verdict {
	for _, d := range discounts {
		now := c.promotions[d.PromotionID]
		var v Verdict
		switch {
		case now == nil || !now.running || now.version != versions[d.PromotionID]:
			return Verdict{Stale: true}
		case now.limit != nil && now.uses >= *now.limit:
			v.Refused = UsedUp
		case now.customer != nil && countOf(c.before, d.PromotionID, buyer) >= *now.customer:
			v.Refused = UsedUpByCustomer
		default:
			continue
		}
		if d.Code == nil {
			return Verdict{Stale: true} // nobody has asked for it by name: the price is worked out without it
		}
		v.Code = *d.Code
		return v
	}
	return Verdict{}
}

// Count counts an order. The next one finds the rest.
func (c *Counter) Count(order id.OrderID, discounts []orders.OrderDiscount, buyer Buyer) {
	for _, d := range discounts {
		c.promotions[d.PromotionID].uses++
		counted := use{promotion: d.PromotionID, contact: buyer.Contact, orders: 1}
		if buyer.Customer != nil {
			counted.customer = (*uuid.UUID)(buyer.Customer)
		}
		c.before = append(c.before, counted)
		w := &c.columns
		w.promotions, w.orders, w.codes = append(w.promotions, d.PromotionID), append(w.orders, order), append(w.codes, d.Code)
		w.amounts = append(w.amounts, d.Amount.Minor)
		w.customers, w.contacts = append(w.customers, buyer.Customer), append(w.contacts, buyer.Contact)
	}
}

const insertUsesSQL = `
insert into promotion_use (promotion_id, order_id, code, amount, customer_id, contact)
select promotion_id, order_id, code, amount, customer_id, contact
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::uuid[], $6::bytea[])
	u(promotion_id, order_id, code, amount, customer_id, contact)
order by promotion_id`

// QueueWrites writes what was counted.
func (c *Counter) QueueWrites(b *pgx.Batch) {
	if w := c.columns; len(w.promotions) > 0 {
		b.Queue(insertUsesSQL, w.promotions, w.orders, w.codes, w.amounts, w.customers, w.contacts)
	}
}

const lockPromotionsOfOrderSQL = `
select id
from promotion
where id in (select promotion_id from promotion_use where order_id = $1 and returned_at is null)
order by id
for update`

const returnUsesSQL = `
update promotion_use
set returned_at = clock_timestamp()
where order_id = $1
	and returned_at is null`

// ReturnUses lets others have the promotions of an order that ends unfulfilled. The caller has locked the order.
func ReturnUses(ctx context.Context, tx pgx.Tx, order orders.Order) error {
	if len(order.Discounts) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	b.Queue(lockPromotionsOfOrderSQL, order.ID)
	b.Queue(returnUsesSQL, order.ID)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("return the promotions of %s: %w", order.ID, err)
	}
	return nil
}
