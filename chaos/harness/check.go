package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Prove lets everything come to rest and then holds four things against each other: what the shoppers and the staff
// were told, what the API says, what the shop's database says, read as its owner and without Wharf's own code, and the
// provider's own books. It stops the processes, which must end cleanly, and runs wharf verify --rest. It gives a line
// about what there is.
func (s *Shop) Prove(ctx context.Context, books Books, patience time.Duration, crowds ...*Crowd) (string, error) {
	return s.prove(ctx, &comparison{}, books, patience, crowds)
}

// ProveAtDesk is Prove where money was also moved at the provider's own desk, which nobody has asked the shop for.
func (s *Shop) ProveAtDesk(ctx context.Context, books Books, patience time.Duration, crowds ...*Crowd) (string, error) {
	return s.prove(ctx, &comparison{desk: true}, books, patience, crowds)
}

func (s *Shop) prove(ctx context.Context, c *comparison, books Books, patience time.Duration, crowds []*Crowd) (string, error) {
	if err := s.Revive(ctx); err != nil {
		return "", err
	}
	if err := s.Mend(ctx); err != nil {
		return "", err
	}
	rest, err := s.Settle(ctx, patience)
	if err != nil {
		return "", err
	}
	if !c.desk {
		if err := s.mended(ctx, patience); err != nil {
			return "", err
		}
	}
	if err := s.told(ctx, patience); err != nil {
		return "", err
	}
	for _, crowd := range crowds {
		if err := errors.Join(crowd.Fault(), crowd.recall(ctx)); err != nil {
			return "", err
		}
	}
	if err := s.Stop(); err != nil {
		return "", err
	}
	if _, err := s.Verify(ctx); err != nil {
		return "", err
	}
	summary, err := s.compare(ctx, c, books, crowds)
	return fmt.Sprintf("%s; at rest after %s", summary, rest), err
}

// told waits until the shop has taken and followed all that a provider outside has to tell, also of what has ended by itself
// since the crowd has left.
func (s *Shop) told(ctx context.Context, patience time.Duration) error {
	if s.outside == nil {
		return nil
	}
	if err := s.outside.Told(ctx, time.Minute); err != nil {
		return err
	}
	_, err := s.Settle(ctx, patience)
	return err
}

// kept is one order as the database has it.
type kept struct {
	ID, Status, Key string
	Total           int64 // beyond what its gift cards have paid
	Refunds         int   // that were asked for
}

// The refunds are counted as the shop has kept them; a key that stands for two orders would show as two rows.
const ordersSQL = `
select o.id::text, o.status, coalesce(i.key, ''),
	(o.total + coalesce((select sum(m.amount) from giftcard_movement m where m.order_id = o.id and m.kind in ('REDEEMED', 'RETURNED')), 0))::bigint,
	(select count(*) from payment_refund r where r.order_id = o.id)::int
from orders o
left join idempotency_key i on i.order_id = o.id and i.operation = 'orderPlace'`

// One line for each attempt whose amounts are not those of the provider's books is found by compareCharges.
const attemptsSQL = `
select id::text, order_id::text, authorized, captured, refunded, voided
from payment_attempt
where provider <> 'manual'`

const soldSQL = `
select l.doc ->> 'sku', sum((l.doc ->> 'quantity')::int)::int
from orders o
cross join lateral json_array_elements(o.doc -> 'lines') l(doc)
where o.status not in ('CANCELLED', 'EXPIRED')
group by 1`

type comparison struct {
	desk    bool // money was moved at the provider's desk
	orders  map[string]kept
	charges []Charge
	booked  map[string]Charge // by key, as the shop has it
	sold    map[string]int
	wrong   []error
}

func (c *comparison) complain(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Errorf(format, args...))
}

func (s *Shop) compare(ctx context.Context, c *comparison, books Books, crowds []*Crowd) (string, error) {
	c.orders, c.booked, c.sold = map[string]kept{}, map[string]Charge{}, map[string]int{}
	if err := s.Cluster.AsOwner(ctx, func(conn *pgx.Conn) error { return c.read(ctx, conn) }); err != nil {
		return "", err
	}
	var err error
	if c.charges, err = books(ctx); err != nil {
		return "", fmt.Errorf("read the provider's books: %w", err)
	}
	told := map[string]*Tale{} // by order
	tries := 0
	for _, crowd := range crowds {
		c.compareTales(crowd.Tales(), told)
		tries += len(crowd.History.tries)
	}
	c.compareCharges(told)
	if err := s.compareCounts(ctx, c, crowds); err != nil {
		return "", err
	}
	if err := s.compareMethods(ctx, c, crowds); err != nil {
		return "", err
	}
	for sku, most := range map[string]int{"RARE": Rare, "HOT": Hot + s.HotMore} {
		if c.sold[sku] > most {
			c.complain("%d of %d %s were sold", c.sold[sku], most, sku)
		}
	}
	states := map[string]int{}
	for _, o := range c.orders {
		states[o.Status]++
	}
	var list []string
	for _, state := range slices.Sorted(maps.Keys(states)) {
		list = append(list, fmt.Sprintf("%d %s", states[state], strings.ToLower(state)))
	}
	return fmt.Sprintf("%d orders in %d requests (%s); %d charges at the provider", len(c.orders), tries, strings.Join(list, ", "), len(c.charges)),
		errors.Join(c.wrong...)
}

const countsSQL = `
select count(*)
from stock_movement m
join stock_adjustment a on a.id::text = m.cause_id
where m.variant_id = $1::uuid and m.location_id = $2::uuid`

// compareCounts: each shelf that the staff have counted was changed once.
func (s *Shop) compareCounts(ctx context.Context, c *comparison, crowds []*Crowd) error {
	promised := 0
	for _, crowd := range crowds {
		promised += int(crowd.counted.Load())
	}
	kept, err := s.Cluster.Number(ctx, countsSQL, uuidOf(s.Variants[0]), uuidOf(s.Stores[0]))
	if err == nil && kept != promised {
		c.complain("%d changes of a shelf were promised, and %d are in its ledger", promised, kept)
	}
	return err
}

// A provider has forgotten a method when its books say so of the reference, which the shop wipes then.
const forgottenSQL = `
select count(*)
from payment_stored_method
where id = any($1::uuid[]) and deleted_at is not null and ref is null`

const rememberedSQL = `
select count(*)
from (select ref from test_provider_method where forgotten_at is null) there
full join (select ref from payment_stored_method where deleted_at is null and provider = 'test') here on here.ref = there.ref
where here.ref is null or there.ref is null`

// compareMethods: each kept method that its customer has taken away is gone, and its provider has forgotten it; it keeps
// what the shop has, and nothing else, whatever has become of the orders.
func (s *Shop) compareMethods(ctx context.Context, c *comparison, crowds []*Crowd) error {
	var deleted []string
	for _, crowd := range crowds {
		deleted = append(deleted, crowd.deleted...)
	}
	forgotten, err := s.Cluster.Number(ctx, forgottenSQL, deleted)
	if err != nil {
		return err
	}
	if forgotten != len(deleted) {
		c.complain("%d kept methods were deleted, and %d of them are forgotten", len(deleted), forgotten)
	}
	remembered, err := s.Cluster.Number(ctx, rememberedSQL)
	if err == nil && remembered != 0 {
		c.complain("%d methods are kept by the provider alone, or by the shop alone", remembered)
	}
	return err
}

// uuidOf is the last part of an id of the API.
func uuidOf(id string) string { return id[strings.LastIndex(id, "/")+1:] }

func (c *comparison) read(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, ordersSQL)
	if err != nil {
		return err
	}
	byKey := map[string]string{}
	var o kept
	if _, err := pgx.ForEachRow(rows, []any{&o.ID, &o.Status, &o.Key, &o.Total, &o.Refunds}, func() error {
		if other, twice := byKey[o.Key]; twice && o.Key != "" {
			c.complain("key %s placed %s and %s", o.Key, other, o.ID)
		}
		if _, twice := c.orders[o.ID]; twice || o.Key == "" {
			c.complain("order %s has not exactly one key", o.ID)
		}
		c.orders[o.ID], byKey[o.Key] = o, o.ID
		return nil
	}); err != nil {
		return err
	}
	rows, err = conn.Query(ctx, attemptsSQL)
	if err != nil {
		return err
	}
	var a Charge
	if _, err := pgx.ForEachRow(rows, []any{&a.Key, &a.Order, &a.Authorized, &a.Captured, &a.Refunded, &a.Voided}, func() error {
		c.booked[a.Key] = a
		return nil
	}); err != nil {
		return err
	}
	rows, err = conn.Query(ctx, soldSQL)
	if err != nil {
		return err
	}
	var sku string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&sku, &n}, func() error {
		c.sold[sku] = n
		return nil
	})
	return err
}

// compareTales: what was acknowledged is there, under its key; what was refused is not.
func (c *comparison) compareTales(tales []*Tale, told map[string]*Tale) {
	byKey := map[string]string{}
	for _, o := range c.orders {
		byKey[o.Key] = o.ID
	}
	for _, t := range tales {
		if t.ID == "" {
			if other, there := byKey[t.Key]; there {
				c.complain("order %s was refused with %s, and is there as %s", t.Key, t.Refused, other)
			}
			continue
		}
		id := uuidOf(t.ID)
		o, there := c.orders[id]
		told[id] = t
		switch {
		case !there:
			c.complain("the acknowledged order %s of key %s is lost", id, t.Key)
		case o.Key != t.Key:
			c.complain("key %s was answered with %s, which stands for %s", t.Key, id, o.Key)
		case t.Cancelled && o.Status != "CANCELLED":
			c.complain("order %s was cancelled and is %s", id, o.Status)
		case o.Refunds != t.Refunds:
			c.complain("%d refunds of order %s were promised, and %d are kept", t.Refunds, id, o.Refunds)
		}
	}
}

// compareCharges: the provider's books and the shop's agree charge by charge, both ways; an order that stands is paid
// once, and one that has ended keeps nothing.
func (c *comparison) compareCharges(told map[string]*Tale) {
	held, refunded, confirmed := map[string]int64{}, map[string]int64{}, map[string]int{}
	seen := map[string]bool{}
	for _, ch := range c.charges {
		seen[ch.Key] = true
		held[ch.Order] += ch.Authorized - ch.Voided - ch.Refunded
		refunded[ch.Order] += ch.Refunded
		if ch.Authorizations > 1 {
			c.complain("charge %s was authorized %d times", ch.Key, ch.Authorizations)
		}
		if ch.Authorized-ch.Voided-ch.Refunded > 0 {
			confirmed[ch.Order]++
		}
		a, known := c.booked[ch.Key]
		switch {
		case !known && ch.Authorized-ch.Voided-ch.Refunded != 0: // a stray one that went back is none any more
			c.complain("the provider holds %d under key %s, of which the shop knows nothing", ch.Authorized-ch.Voided-ch.Refunded, ch.Key)
		case known && (a.Authorized != ch.Authorized || a.Captured != ch.Captured || a.Refunded != ch.Refunded || a.Voided != ch.Voided):
			c.complain("charge %s of order %s: the provider has %d authorized, %d captured, %d refunded, %d voided; the shop %d, %d, %d, %d",
				ch.Key, a.Order, ch.Authorized, ch.Captured, ch.Refunded, ch.Voided, a.Authorized, a.Captured, a.Refunded, a.Voided)
		}
	}
	for key, a := range c.booked {
		if a.Authorized > 0 && !seen[key] {
			c.complain("the shop believes in %d under key %s, of which the provider knows nothing", a.Authorized, key)
		}
	}
	for id, o := range c.orders {
		t := told[id]
		switch stands := o.Status != "CANCELLED" && o.Status != "EXPIRED"; {
		case held[id] > o.Total || confirmed[id] > 1:
			c.complain("order %s costs %d, and %d are held in %d charges", id, o.Total, held[id], confirmed[id])
		case !stands && held[id] != 0:
			c.complain("order %s is %s, and %d are still held", id, o.Status, held[id])
		case stands && (t == nil || t.Voids == 0) && held[id]+refunded[id] != o.Total:
			c.complain("order %s is %s at %d; %d are held and %d were given back", id, o.Status, o.Total, held[id], refunded[id])
		case stands && !c.desk && t != nil && t.Refunds == 0 && refunded[id] != 0:
			c.complain("order %s is %s, nobody asked for a refund, and %d were given back", id, o.Status, refunded[id])
		}
	}
}
