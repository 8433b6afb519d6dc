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
	Placed Placed    // with the order number
	At     time.Time // the database's time
	By     string    // who places it
	Cause  string    // the operation that placed it
}

// Place places one order in the caller's transaction, under the next number.
func (s *Orders) Place(ctx context.Context, tx pgx.Tx, actor access.Actor, order Placing) (Order, error) {
	numbers, now, err := TakeNumbers(ctx, tx, 1)
	if err != nil {
		return Order{}, err
	}
	order.Placed.OrderNumber, order.At, order.By = numbers[0], now, actor.By()
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
// caller has taken. An order that owes nothing is confirmed in the same step.
func (s *Orders) PlaceAll(ctx context.Context, tx pgx.Tx, orders []Placing) ([]Order, error) {
	entries, keys := make([]event.Entry, len(orders)), make([]key, len(orders))
	for i, order := range orders {
		p := order.Placed
		if err := p.adds(); err != nil {
			return nil, err
		}
		data := []event.Data{p}
		if p.TotalPrice.IsZero() {
			data = append(data, Confirmed{})
		}
		keys[i] = newKey()
		stored, err := prepare(Order{ID: order.ID}, keys[i], data)
		if err != nil {
			return nil, err
		}
		entries[i] = event.Entry{Stream: order.ID, At: order.At, By: order.By, Cause: order.Cause, Data: stored}
	}
	if err := insertKeys(ctx, tx, orders, keys); err != nil {
		return nil, err
	}
	events, err := s.log.AppendAll(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	placed := make([]Order, len(orders))
	for i, entry := range entries {
		if placed[i], err = fold(Order{}, keys[i], events[:len(entry.Data)]); err != nil {
			return nil, err
		}
		events = events[len(entry.Data):]
	}
	err = writeRows(ctx, tx, insertRowsSQL, placed)
	if pg.IsUnique(err, "orders_cart_id_key") {
		return nil, AlreadyPlaced.Because(err)
	}
	return placed, err
}

// TakeNumbers takes the next order numbers, which are unique and rise, and tells the database's time. A number whose
// order is not placed after all leaves a gap.
func TakeNumbers(ctx context.Context, tx pgx.Tx, n int) ([]int, time.Time, error) {
	numbers := make([]int, 0, n)
	var number int
	var now time.Time
	rows, err := tx.Query(ctx, takeNumbersSQL, n)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&number, &now}, func() error {
			numbers = append(numbers, number)
			return nil
		})
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("take order numbers: %w", err)
	}
	return numbers, now.UTC(), nil
}

func insertKeys(ctx context.Context, tx pgx.Tx, orders []Placing, keys []key) error {
	ids, texts := make([]id.OrderID, len(orders)), make([][]byte, len(orders))
	for i, order := range orders {
		ids[i], texts[i] = order.ID, keys[i]
	}
	if _, err := tx.Exec(ctx, insertKeysSQL, ids, texts); err != nil {
		return fmt.Errorf("keep the orders' keys: %w", err)
	}
	return nil
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
	if total != p.TotalPrice || len(p.Lines) == 0 || p.ShippingPrice.Minor < 0 {
		return fmt.Errorf("an order over %s adds up to %s", p.TotalPrice, total)
	}
	return nil
}
