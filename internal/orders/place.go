package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// Placing is an order about to be placed. The id is made by the caller, whose stock and payment rows name it too.
type Placing struct {
	ID     id.OrderID
	Placed Placed             // with the order number
	Cards  []GiftCardRedeemed // what gift cards pay of it
	At     time.Time          // the database's time
	By     string             // who places it
	Cause  string             // the operation that placed it
}

// Place places one order in the caller's transaction, under the next number.
func (s *Orders) Place(ctx context.Context, tx pgx.Tx, actor access.Actor, order Placing) (Order, error) {
	b := &pgx.Batch{}
	numbers := QueueNumbers(b, 1)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return Order{}, fmt.Errorf("take an order number: %w", err)
	}
	order.Placed.OrderNumber, order.At, order.By = numbers.Next(), numbers.Now, actor.By()
	placed, err := s.PlaceAll(ctx, tx, []Placing{order})
	if err != nil {
		return Order{}, err
	}
	return placed[0], nil
}

// AlreadyPlaced is the answer to a cart that has become an order before.
var AlreadyPlaced = fault.New(fault.Conflict, "CART_ALREADY_PLACED", "This cart has been placed already.")

const takeNumbersSQL = `
select nextval('order_number'), clock_timestamp()
from generate_series(1, $1::int)`

const insertKeysSQL = `
insert into order_key (order_id, key)
select order_id, key
from unnest($1::uuid[], $2::bytea[]) k(order_id, key)`

// PlaceAll places many orders at once with a fixed number of statements, under the numbers and at the time that the
// caller has taken. An order that owes nothing is confirmed in the same step. What others write beside the orders goes
// into the same batch.
func (s *Orders) PlaceAll(ctx context.Context, tx pgx.Tx, orders []Placing, beside ...func(*pgx.Batch, []Order) error) ([]Order, error) {
	entries, keys := make([]event.Entry, len(orders)), make([]key, len(orders))
	for i, order := range orders {
		p := order.Placed
		if err := p.adds(); err != nil {
			return nil, err
		}
		data := []event.Data{p}
		for _, redeemed := range order.Cards {
			data = append(data, redeemed)
		}
		if order.owed() == 0 {
			data = append(data, Confirmed{})
		}
		keys[i] = newKey()
		stored, err := prepare(Order{ID: order.ID}, keys[i], data)
		if err != nil {
			return nil, err
		}
		entries[i] = event.Entry{Stream: order.ID, At: order.At, By: order.By, Cause: order.Cause, Data: stored}
	}
	b := &pgx.Batch{}
	queueKeys(b, orders, keys)
	events, err := s.log.QueueNew(ctx, tx, b, entries)
	if err != nil {
		return nil, err
	}
	placed, left := make([]Order, len(orders)), events
	for i, entry := range entries {
		if placed[i], err = fold(Order{}, keys[i], left[:len(entry.Data)]); err != nil {
			return nil, err
		}
		left = left[len(entry.Data):]
	}
	if err := queueRows(b, insertRowsSQL, placed); err != nil {
		return nil, err
	}
	for _, write := range beside {
		if err := write(b, placed); err != nil {
			return nil, err
		}
	}
	err = tx.SendBatch(ctx, b).Close()
	if pg.IsUnique(err, "orders_cart_id_key") {
		return nil, AlreadyPlaced.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("write orders: %w", err)
	}
	return placed, nil
}

// Numbers are order numbers that were taken, and the database's time at which they were. They are unique and rise; one
// whose order is not placed after all leaves a gap.
type Numbers struct {
	Now  time.Time
	left []int
}

// Next gives the next of the numbers. Who has taken n asks n times at most.
func (n *Numbers) Next() int {
	number := n.left[0]
	n.left = n.left[1:]
	return number
}

// QueueNumbers takes the next n order numbers, as the batch is sent.
func QueueNumbers(b *pgx.Batch, n int) *Numbers {
	numbers := &Numbers{}
	b.Queue(takeNumbersSQL, n).Query(func(rows pgx.Rows) error {
		var number int
		_, err := pgx.ForEachRow(rows, []any{&number, &numbers.Now}, func() error {
			numbers.left = append(numbers.left, number)
			return nil
		})
		numbers.Now = numbers.Now.UTC()
		return err
	})
	return numbers
}

func queueKeys(b *pgx.Batch, orders []Placing, keys []key) {
	ids, texts := make([]id.OrderID, len(orders)), make([][]byte, len(orders))
	for i, order := range orders {
		ids[i], texts[i] = order.ID, keys[i]
	}
	b.Queue(insertKeysSQL, ids, texts)
}

// owed is what gift cards leave to be paid in other ways. That they never pay too much is checked as their events are.
func (p Placing) owed() int64 {
	owed := p.Placed.TotalPrice.Minor
	for _, redeemed := range p.Cards {
		owed -= redeemed.Amount.Minor
	}
	return owed
}

// adds holds the placed order against the books' rule: the total is what the lines cost, less discounts, plus
// shipping, plus tax that is not in the prices; all of it in one currency.
func (p Placed) adds() error {
	amounts := []money.Money{p.ShippingPrice}
	if !p.TaxesIncluded {
		amounts = append(amounts, p.ShippingTax)
	}
	for _, line := range p.Lines {
		price, err := line.UnitPrice.Mul(int64(line.Quantity))
		if err != nil {
			return fmt.Errorf("line %s: %w", line.ID, err)
		}
		if price, err = price.Sub(line.Discount); err != nil {
			return fmt.Errorf("line %s: %w", line.ID, err)
		}
		if line.Quantity < 1 || price.Minor < 0 || line.Discount.Minor < 0 || line.Tax.Minor < 0 || line.Tax.CurrencyCode != p.CurrencyCode {
			return fmt.Errorf("line %s: %d at %s less %s, tax %s", line.ID, line.Quantity, line.UnitPrice, line.Discount, line.Tax)
		}
		amounts = append(amounts, price)
		if !p.TaxesIncluded {
			amounts = append(amounts, line.Tax)
		}
	}
	total, err := money.Sum(p.CurrencyCode, amounts...)
	if err != nil {
		return fmt.Errorf("add the order up: %w", err)
	}
	if err := p.explains(); err != nil {
		return err
	}
	if total != p.TotalPrice || len(p.Lines) == 0 || p.ShippingPrice.Minor < 0 {
		return fmt.Errorf("an order over %s adds up to %s", p.TotalPrice, total)
	}
	return nil
}

// explains holds the lines' discounts against the promotions that are said to make them up. An order that names none
// may be reduced for reasons of its own.
func (p Placed) explains() error {
	if len(p.Discounts) == 0 {
		return nil
	}
	for i, line := range p.Lines {
		sum := int64(0)
		for _, d := range p.Discounts {
			if d.TargetType == TargetLines {
				if len(d.Lines) != len(p.Lines) || d.Lines[i] < 0 {
					return fmt.Errorf("promotion %s is not shared out over %d lines", d.PromotionID, len(p.Lines))
				}
				sum += d.Lines[i]
			}
		}
		if sum != line.Discount.Minor {
			return fmt.Errorf("line %s is reduced by %s, its promotions give %d", line.ID, line.Discount, sum)
		}
	}
	return nil
}
