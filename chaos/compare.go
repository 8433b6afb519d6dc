package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What the shop's database says of every order, read as its owner and without Wharf's own code.
const ordersQuery = `
select o.id::text, o.status, i.key
from orders o
left join idempotency_key i on i.order_id = o.id and i.operation = 'orderPlace'`

// What the provider has booked and not given back, per order.
const booksQuery = `
select a.order_id::text,
       sum(e.amount) filter (where e.kind = 'AUTHORIZE')
         - coalesce(sum(e.amount) filter (where e.kind in ('VOID', 'REFUND')), 0) as kept,
       count(*) filter (where e.kind = 'AUTHORIZE') as charges,
       max(o.total) as total
from test_provider_entry e
left join payment_attempt a on a.id = e.charge_key
left join orders o on o.id = a.order_id
group by a.order_id
having count(*) filter (where e.kind = 'AUTHORIZE') > 0`

// What was sold of the scarce thing, by the orders that stand.
const scarceQuery = `
select coalesce(sum((l.doc ->> 'quantity')::int), 0)
from orders o
cross join lateral json_array_elements(o.doc -> 'lines') l(doc)
where o.status not in ('CANCELLED', 'EXPIRED') and l.doc ->> 'sku' = 'RARE'`

// compare holds what the shoppers were told against the shop's database and the provider's books.
func compare(ctx context.Context, s *server, c *crowd) (summary string, err error) {
	err = s.asOwner(ctx, func(conn *pgx.Conn) (err error) {
		summary, err = compareWith(ctx, conn, c)
		return err
	})
	return summary, err
}

func compareWith(ctx context.Context, conn *pgx.Conn, c *crowd) (string, error) {
	var wrong []error
	kept := map[string]string{} // order → status
	byKey := map[string]string{}
	var id, status, key string
	rows, err := conn.Query(ctx, ordersQuery)
	if err != nil {
		return "", err
	}
	if _, err := pgx.ForEachRow(rows, []any{&id, &status, &key}, func() error {
		if other, twice := byKey[key]; twice {
			wrong = append(wrong, fmt.Errorf("key %s placed %s and %s", key, other, id))
		}
		kept[id], byKey[key] = status, id
		return nil
	}); err != nil {
		return "", err
	}
	states := map[string]int{}
	for _, t := range c.tales {
		if t.ID == "" {
			if other, there := byKey[t.Key]; there {
				wrong = append(wrong, fmt.Errorf("order %s was refused with %s, and is there as %s", t.Key, t.Refused, other))
			}
			continue
		}
		order := t.ID[strings.LastIndex(t.ID, "/")+1:]
		status, there := kept[order]
		switch {
		case !there:
			wrong = append(wrong, fmt.Errorf("the acknowledged order %s of key %s is lost", order, t.Key))
		case byKey[t.Key] != order:
			wrong = append(wrong, fmt.Errorf("key %s was answered with %s and stands for %s", t.Key, order, byKey[t.Key]))
		case t.Cancelled && status != "CANCELLED":
			wrong = append(wrong, fmt.Errorf("order %s was cancelled and is %s", order, status))
		case status == "PENDING_PAYMENT", status == "ACTION_REQUIRED": // every deadline has passed
			wrong = append(wrong, fmt.Errorf("order %s rests without a next step", order))
		}
		states[status]++
	}
	if len(kept) != len(byKey) {
		wrong = append(wrong, fmt.Errorf("%d orders stand for %d keys", len(kept), len(byKey)))
	}
	charges, err := books(ctx, conn, kept, &wrong)
	if err != nil {
		return "", err
	}
	var sold int
	if err := conn.QueryRow(ctx, scarceQuery).Scan(&sold); err != nil {
		return "", err
	}
	if sold > scarce {
		wrong = append(wrong, fmt.Errorf("%d of %d scarce things were sold", sold, scarce))
	}
	summary := fmt.Sprintf("%d orders placed: %v; %d charges at the provider; %d of %d scarce things sold; %d requests repeated",
		len(kept), states, charges, sold, scarce, c.retries.Load())
	return summary, errors.Join(wrong...)
}

// books checks the provider's side: an order that stands is charged at most once and never beyond its total, one that
// has ended keeps nothing.
func books(ctx context.Context, conn *pgx.Conn, kept map[string]string, wrong *[]error) (int, error) {
	rows, err := conn.Query(ctx, booksQuery)
	if err != nil {
		return 0, err
	}
	total := 0
	var order *string
	var live, charges int
	var price *int
	_, err = pgx.ForEachRow(rows, []any{&order, &live, &charges, &price}, func() error {
		total += charges
		switch {
		case order == nil || price == nil:
			*wrong = append(*wrong, fmt.Errorf("the provider has %d charges that belong to no order", charges))
		case live > *price:
			*wrong = append(*wrong, fmt.Errorf("order %s costs %d and %d is held", *order, *price, live))
		case kept[*order] == "CONFIRMED" && live != *price:
			*wrong = append(*wrong, fmt.Errorf("order %s is confirmed at %d, and %d is held", *order, *price, live))
		case kept[*order] != "CONFIRMED" && live != 0:
			*wrong = append(*wrong, fmt.Errorf("order %s is %s, and %d is still held", *order, kept[*order], live))
		}
		return nil
	})
	return total, err
}
