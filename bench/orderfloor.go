package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/wharfhq/wharf/migrations"
)

// The floor of an order is what Wharf itself writes for one, in Wharf's own tables with their indexes, constraints and
// triggers: the same statements, each order in a transaction of its own, with nothing that thinks around them. The
// texts are those of a real order of the run.

// floorGoods are copied from the shop, so that reads and locks find the same rows.
var floorGoods = []string{"product", "product_variant", "location", "stock_item", "stock_level"}

const floorSample = `
create table floor_item (n bigint generated always as identity primary key, variant_id uuid not null, location_id uuid not null);
insert into floor_item (variant_id, location_id)
select l.variant_id, l.location_id from stock_level l join location c on c.id = l.location_id where c.active and c.ships_online
order by l.variant_id;
create table floor_order (event text not null, doc text not null, methods text not null, hash bytea not null, key bytea not null);
analyze;`

const floorSampleOrder = `
select e.data::text, o.doc::text, p.methods::text, e.hash, k.key
from orders o
join event e on e.stream = o.id and e.version = 1
join payment p on p.order_id = o.id
join order_key k on k.order_id = o.id
limit 1`

// sameOrderScript places one order as Wharf does: claim the key, lock the stock row, look at the variant again, then
// write everything and give the key its outcome. :last is how many shelves are in use. Ids rise, as Wharf's do.
const sameOrderScript = `\set item random(1, :last)
begin;
select nextval('order_number') as number, lpad(to_hex(currval('order_number')), 32, '0') as id \gset
insert into idempotency_key (caller, key, operation, input_hash) select 'floor', :id, 'orderPlace', hash from floor_order on conflict (caller, key) do nothing returning caller, key;
select l.variant_id as variant, l.location_id as location, l.sellable + l.backorder_limit - l.reserved as free from floor_item i join stock_level l on l.variant_id = i.variant_id and l.location_id = i.location_id where i.n = :item for update of l \gset
select v.id, v.product_id, v.position, v.title, v.sku, v.barcode, p.option_names, v.option_values, v.price, v.compare_at_price, v.currency, v.taxable, v.tax_class, v.requires_shipping, v.weight_grams, v.weight_unit, v.image_id, p.handle, p.title, p.vendor, v.updated_at from product_variant v join product p on p.id = v.product_id where v.id = :variant::uuid;
insert into order_key (order_id, key) select :id::uuid, key from floor_order;
insert into event (stream, version, kind, data, at, by, cause, hash) select :id::uuid, 1, 'order.placed', event::json, clock_timestamp(), 'guest', 'orderPlace', hash from floor_order;
insert into orders (id, version, order_number, status, financial_status, fulfillment_status, return_status, currency, total, email, processed_at, updated_at, deadline, doc) select :id::uuid, 1, :number, 'PENDING_PAYMENT', 'PENDING', 'UNFULFILLED', 'NONE', 'USD', 1000, 'ada@example.com', now(), now(), now() + interval '30 minutes', doc::json from floor_order;
update stock_level set reserved = reserved + 1, version = version + 1, updated_at = now() where variant_id = :variant::uuid and location_id = :location::uuid and reserved + 1 <= sellable + backorder_limit;
insert into reservation (id, order_id, variant_id, location_id, quantity, method, state, expires_at) values (:id::uuid, :id::uuid, :variant::uuid, :location::uuid, 1, 'SHIPPING', 'HELD', now() + interval '30 minutes');
update idempotency_key set order_id = :id::uuid, order_version = 1 where caller = 'floor' and key = :id and order_id is null;
insert into payment (id, order_id, amount, currency, methods, state, deadline, due_at, expiry_due_at) select :id::uuid, :id::uuid, 1000, 'USD', methods::jsonb, 'OPEN', now() + interval '30 minutes', now(), now() + interval '30 minutes' from floor_order;
insert into river.river_job (kind, queue, max_attempts, state, args) values ('authorize_payment', 'payment', 25, 'available', jsonb_build_object('order_id', :id::text)), ('expire_order', 'default', 25, 'scheduled', jsonb_build_object('order_id', :id::text)), ('send_notification', 'notification', 60, 'available', jsonb_build_object('order_id', :id::text, 'version', 1));
commit;
`

func (f *floors) sameOrderSpread(ctx context.Context, clients int) (figures, error) {
	return f.sameOrder(ctx, "same-spread", clients, f.bench.stock.variants())
}

func (f *floors) sameOrderHot(ctx context.Context, clients int) (figures, error) {
	return f.sameOrder(ctx, "same-hot", clients, 1)
}

// sameOrder needs an order of the shop as its sample, so the first one that is measured fills the floor's tables.
func (f *floors) sameOrder(ctx context.Context, name string, clients, last int) (figures, error) {
	if f.pgbench == "" {
		return figures{}, nil
	}
	if !f.filled {
		if err := f.fill(ctx); err != nil {
			return figures{}, fmt.Errorf("fill the floor's tables: %w", err)
		}
		f.filled = true
	}
	return f.measure(ctx, name, sameOrderScript, clients, last)
}

// fill gives the floor's database Wharf's tables, the shop's goods, and the texts of one of its orders.
func (f *floors) fill(ctx context.Context) error {
	url := f.bench.database.URL(floorDatabase)
	if err := migrations.Up(ctx, url); err != nil {
		return err
	}
	floor, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = floor.Close(context.WithoutCancel(ctx)) }()
	if _, err := floor.Exec(ctx, `set session_replication_role = replica`); err != nil {
		return err
	}
	for _, table := range floorGoods {
		if err := copyTable(ctx, f.bench.conn, floor, table); err != nil {
			return fmt.Errorf("copy %s: %w", table, err)
		}
	}
	if _, err := floor.Exec(ctx, floorSample); err != nil {
		return err
	}
	var event, doc, methods string
	var hash, key []byte
	if err := f.bench.conn.QueryRow(ctx, floorSampleOrder).Scan(&event, &doc, &methods, &hash, &key); err != nil {
		return err
	}
	_, err = floor.Exec(ctx, `insert into floor_order (event, doc, methods, hash, key) values ($1, $2, $3, $4, $5)`,
		event, doc, methods, hash, key)
	return err
}

func copyTable(ctx context.Context, from, to *pgx.Conn, table string) error {
	if _, err := to.Exec(ctx, "truncate "+table+" cascade"); err != nil {
		return err
	}
	out, in := io.Pipe()
	var both errgroup.Group
	both.Go(func() error {
		_, err := from.PgConn().CopyTo(ctx, in, "copy "+table+" to stdout")
		return errors.Join(err, in.CloseWithError(err))
	})
	both.Go(func() error {
		_, err := to.PgConn().CopyFrom(ctx, out, "copy "+table+" from stdin")
		return errors.Join(err, out.CloseWithError(err))
	})
	return both.Wait()
}
