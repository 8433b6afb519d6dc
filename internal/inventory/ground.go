package inventory

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/id"
)

// lockBundlesSQL keeps the parts of bundles as they are until the order is committed. It comes before what reads the
// parts, so that those are read as they are after any wait, and before the shelves, as whoever changes a bundle locks.
const lockBundlesSQL = `
select variant_id
from stock_item
where variant_id = any((select $1::uuid[])::uuid[])
  and is_bundle
order by variant_id
for share`

const termsSQL = `
select i.variant_id, i.is_bundle,
       case when i.available_from > now() then i.available_from end,
       now() + make_interval(days => i.restock_days)
from stock_item i
where i.variant_id in (select v.id from unnest($1::uuid[]) v(id)
                       union
                       select c.component_id from bundle_component c where c.bundle_id = any((select $1)::uuid[]))`

const componentsSQL = `
select bundle_id, component_id, quantity
from bundle_component
where bundle_id = any((select $1::uuid[])::uuid[])
order by bundle_id, position`

// arrivalsSQL reads what open transfers bring to the shelves, the earliest first. What is overdue promises nothing.
const arrivalsSQL = `
select l.variant_id, t.destination_id, t.expected_at, l.quantity - l.received - l.missing - l.returned
from stock_transfer_line l
join stock_transfer t on t.id = l.transfer_id
where l.variant_id in (select v.id from unnest($1::uuid[]) v(id)
                       union
                       select c.component_id from bundle_component c where c.bundle_id = any((select $1)::uuid[]))
  and l.received + l.missing + l.returned < l.quantity
  and t.state = 'IN_TRANSIT'
  and t.expected_at > now()
order by t.expected_at, t.id`

const reachableLocationsSQL = `
select id, ships_online, pickup_enabled, pickup_lead_minutes, is_default, country_code, coalesce(province_code, ''), coalesce(zip, ''), latitude, longitude
from location
where active
  and (ships_online or id = any($1::uuid[]))
order by is_default desc, id`

// shelvesSQL names the variants of the shelves beside the join: by itself a plan does not know how few are wanted and, in a
// shop whose few locations were never counted, reads all shelves there are.
const shelvesSQL = `
with wanted as materialized (
    select i.id as variant_id, c.id as location_id
    from (select v.id from unnest($1::uuid[]) v(id)
          union
          select b.component_id from bundle_component b where b.bundle_id = any((select $1)::uuid[])) i
    cross join location c
    where c.active and c.ships_online
    union
    select coalesce(b.component_id, p.variant_id), p.location_id
    from unnest($2::uuid[], $3::uuid[]) p(variant_id, location_id)
    left join bundle_component b on b.bundle_id = p.variant_id
)
select l.variant_id, l.location_id, l.sellable, l.reserved, l.backorder_limit
from stock_level l
where l.variant_id = any(array(select w.variant_id from wanted w))
  and (l.variant_id, l.location_id) in (select w.variant_id, w.location_id from wanted w)
order by l.variant_id, l.location_id`

// lockShelvesSQL locks in one fixed order, so that two orders that share variants wait for each other instead of
// deadlocking.
const lockShelvesSQL = shelvesSQL + `
for update of l`

// QueueLocks locks every shelf that the orders may take from and reads what decisions need, as the batch is sent. Of
// the orders only the lines need to be known.
func QueueLocks(batch *pgx.Batch, rs []Reservation) *Shelves {
	var lines []Demand
	for _, r := range rs {
		lines = append(lines, r.Lines...)
	}
	return &Shelves{ground: queueGround(batch, lines, true)}
}

// queueGround reads what decisions need, with locks that keep it true or without.
func queueGround(batch *pgx.Batch, lines []Demand, lock bool) *ground {
	g := newGround()
	var all, shipped, collected []id.ProductVariantID
	var stores []id.LocationID
	for _, line := range lines {
		all = append(all, line.VariantID)
		if line.LocationID == nil {
			shipped = append(shipped, line.VariantID)
			continue
		}
		collected, stores = append(collected, line.VariantID), append(stores, *line.LocationID)
	}
	sql := shelvesSQL
	if lock {
		sql = lockShelvesSQL
		batch.Queue(lockBundlesSQL, all)
	}
	batch.Queue(sql, shipped, collected, stores).Query(g.readShelves)
	batch.Queue(termsSQL, all).Query(g.readTerms)
	batch.Queue(componentsSQL, all).Query(g.readComponents)
	batch.Queue(arrivalsSQL, all).Query(g.readArrivals)
	batch.Queue(reachableLocationsSQL, stores).Query(g.readLocations)
	return g
}

func (g *ground) readShelves(rows pgx.Rows) error {
	var s shelf
	var sellable, reserved, beyond int
	_, err := pgx.ForEachRow(rows, []any{&s.variant, &s.location, &sellable, &reserved, &beyond}, func() error {
		here := max(sellable-reserved, 0)
		g.stock[s] = stock{here: here, beyond: max(sellable+beyond-reserved, 0) - here, owed: max(reserved-sellable, 0)}
		return nil
	})
	return err
}

func (g *ground) readTerms(rows pgx.Rows) error {
	var variant id.ProductVariantID
	var bundle bool
	var t terms
	_, err := pgx.ForEachRow(rows, []any{&variant, &bundle, &t.from, &t.restocked}, func() error {
		g.tracked[variant], g.terms[variant] = true, t
		return nil
	})
	return err
}

func (g *ground) readComponents(rows pgx.Rows) (err error) {
	g.bundles, err = scanComponents(rows)
	return err
}

func scanComponents(rows pgx.Rows) (map[id.ProductVariantID][]Component, error) {
	bundles := map[id.ProductVariantID][]Component{}
	var bundle id.ProductVariantID
	var c Component
	_, err := pgx.ForEachRow(rows, []any{&bundle, &c.VariantID, &c.Quantity}, func() error {
		bundles[bundle] = append(bundles[bundle], c)
		return nil
	})
	return bundles, err
}

func (g *ground) readArrivals(rows pgx.Rows) error {
	var s shelf
	var a incoming
	_, err := pgx.ForEachRow(rows, []any{&s.variant, &s.location, &a.at, &a.quantity}, func() error {
		g.coming[s] = append(g.coming[s], a)
		return nil
	})
	return err
}

func (g *ground) readLocations(rows pgx.Rows) error {
	var s site
	var ships, pickup bool
	var lead int
	var latitude, longitude *float64
	fields := []any{&s.id, &ships, &pickup, &lead, &s.isDefault, &s.country, &s.province, &s.zip, &latitude, &longitude}
	_, err := pgx.ForEachRow(rows, fields, func() error {
		s.at = nil
		if latitude != nil && longitude != nil {
			s.at = &address.Coordinate{Latitude: *latitude, Longitude: *longitude}
		}
		if ships {
			g.sites = append(g.sites, s)
		}
		g.pickup[s.id], g.lead[s.id] = pickup, time.Duration(lead)*time.Minute
		return nil
	})
	return err
}
