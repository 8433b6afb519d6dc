-- The invariants of the shop as read-only views. The first part shows the shop under fixed names, so that a checker
-- that trusts none of our code can look; the second has one view of violations per invariant, which must be empty.
-- subject names the row at fault, order_id the order that it belongs to where it belongs to one.
create schema audit;

-- River's tables are made after these migrations, so they are read inside functions, which PostgreSQL resolves
-- when they run.
create function audit.job()
returns table (id bigint, kind text, state text, subject uuid, attempted_at timestamptz, scheduled_at timestamptz)
language plpgsql stable as $$
begin
  return query
  select j.id, j.kind, j.state::text,
         substring(coalesce(j.args ->> 'orderId', j.args ->> 'order_id')
                   from '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')::uuid,
         j.attempted_at, j.scheduled_at
  from river.river_job j
  where j.state in ('available', 'pending', 'retryable', 'running', 'scheduled');
end
$$;

-- A variant is named by its SKU where that is its own, else by its id: many real exports leave SKUs empty.
create view audit.sku as
select v.id as variant_id,
       case
         when v.sku <> '' and count(*) over (partition by v.sku) = 1 then v.sku
         else v.id::text
       end as sku
from product_variant v;

create view audit.stock as
select coalesce(k.sku, l.variant_id::text) as sku,
       l.location_id as location,
       l.on_hand,
       l.reserved,
       l.backorder_limit
from stock_level l
left join audit.sku k on k.variant_id = l.variant_id;

create view audit.stock_ledger as
select m.id,
       coalesce(k.sku, m.variant_id::text) as sku,
       m.location_id as location,
       m.delta,
       m.cause_kind,
       m.cause_id,
       m.at
from stock_movement m
left join audit.sku k on k.variant_id = m.variant_id;

create view audit.reservation as
select r.id,
       coalesce(k.sku, r.variant_id::text) as sku,
       r.location_id as location,
       r.quantity as qty,
       r.order_id,
       null::uuid as cart_id,
       r.state,
       r.expires_at
from reservation r
left join audit.sku k on k.variant_id = r.variant_id;

create view audit."order" as
select o.id,
       o.cart_id,
       o.status as state,
       o.status in ('COMPLETED', 'CANCELLED', 'EXPIRED') as terminal,
       o.currency,
       o.total,
       o.processed_at as placed_at
from orders o;

create view audit.order_line as
select o.id as order_id,
       l.line::int as line,
       coalesce(k.sku, right(l.doc ->> 'variantId', 36)) as sku,
       (l.doc ->> 'quantity')::int as quantity,
       (l.doc #>> '{unitPrice,minor}')::bigint as unit_price,
       (l.doc #>> '{discount,minor}')::bigint as discount,
       (l.doc #>> '{tax,minor}')::bigint as tax
from orders o
cross join lateral json_array_elements(o.doc -> 'lines') with ordinality l(doc, line)
left join audit.sku k on k.variant_id = right(l.doc ->> 'variantId', 36)::uuid;

-- What else makes up a total. Where prices include tax, the lines' tax is in their price already and is taken off
-- again, so that for every order: total = sum(unit_price * quantity - discount + tax) + sum(amount).
create view audit.adjustment as
select o.id as order_id, 'SHIPPING' as kind, (o.doc #>> '{totalShippingPrice,minor}')::bigint as amount
from orders o
union all
select o.id, 'SHIPPING_TAX', (o.doc #>> '{shippingTax,minor}')::bigint
from orders o
where not coalesce((o.doc ->> 'taxesIncluded')::boolean, false)
union all
select l.order_id, 'TAX_INCLUDED', -sum(l.tax)::bigint
from audit.order_line l
join orders o on o.id = l.order_id
where coalesce((o.doc ->> 'taxesIncluded')::boolean, false)
group by l.order_id;

create view audit.payment as
select a.id,
       a.order_id,
       a.provider_ref,
       a.currency,
       a.authorized as authorised,
       a.captured,
       a.refunded,
       a.voided,
       a.state
from payment_attempt a;

create view audit.event as
select e.stream, e.version, e.kind as type, e.at as recorded_at,
       encode(sha256(convert_to(e.data::text, 'UTF8')), 'hex') as payload_sha256
from event e;

create view audit.read_model as
select o.id as stream, encode(sha256(convert_to(o.doc::text, 'UTF8')), 'hex') as doc_sha256
from orders o;

-- No source yet: webhooks and coupons are not part of the shop. The names are here so that a checker finds them.
create view audit.delivery as
select null::text as event_id, null::text as endpoint_id, null::text as state, null::int as attempts,
       null::timestamptz as next_at
where false;

create view audit.coupon as
select null::text as id, null::bigint as usage_limit, null::bigint as uses
where false;

-- What must still be done for an order, and by when: a live job, or a step that the sweep takes up by itself.
create view audit.obligation as
select j.subject, j.scheduled_at as due_at, j.id as job_id
from audit.job() j
where j.subject is not null
union all
select p.order_id, p.due_at, null::bigint
from payment p
where p.due_at is not null
union all
select p.order_id, p.expiry_due_at, null::bigint
from payment p
where p.expiry_due_at is not null
union all
select o.order_id, coalesce(o.due_at, o.next_try_at), null::bigint
from payment_operation o
where o.state = 'OPEN';

-- Orders that somebody works on this moment: left out of the invariants that only hold at rest.
create view audit.busy as
select j.subject as order_id
from audit.job() j
where j.subject is not null and j.state in ('running', 'available')
union
select a.order_id from payment_attempt a where a.lease_until > now()
union
select o.order_id from payment_operation o where o.lease_until > now();

-- Stock

create view audit.s1_violations as
select s.sku || ' at ' || s.location as subject, null::uuid as order_id,
       format('on hand is %s, the ledger says %s', s.on_hand, coalesce(l.sum, 0)) as detail
from audit.stock s
left join (select sku, location, sum(delta) from audit.stock_ledger group by sku, location) l
  on l.sku = s.sku and l.location = s.location
where s.on_hand <> coalesce(l.sum, 0)
union all
select l.sku || ' at ' || l.location, null, format('the ledger says %s for a level that is not there', l.sum)
from (select sku, location, sum(delta) from audit.stock_ledger group by sku, location) l
left join audit.stock s on s.sku = l.sku and s.location = l.location
where s.sku is null and l.sum <> 0;

create view audit.s2_violations as
select s.sku || ' at ' || s.location as subject, null::uuid as order_id,
       format('reserved %s of %s on hand, backorder limit %s', s.reserved, s.on_hand, s.backorder_limit) as detail
from audit.stock s
where s.reserved < 0 or s.reserved > s.on_hand + s.backorder_limit;

create view audit.s3_violations as
select coalesce(s.sku, r.sku) || ' at ' || coalesce(s.location, r.location) as subject, null::uuid as order_id,
       format('reserved is %s, live reservations hold %s', coalesce(s.reserved, 0), coalesce(r.sum, 0)) as detail
from audit.stock s
full join (select sku, location, sum(qty) from audit.reservation where state in ('HELD', 'CONFIRMED')
           group by sku, location) r
  on r.sku = s.sku and r.location = s.location
where coalesce(s.reserved, 0) <> coalesce(r.sum, 0);

create view audit.s4_violations as
select l.sku || ' at ' || l.location as subject, null::uuid as order_id,
       format('%s effects of %s %s', count(*), l.cause_kind, l.cause_id) as detail
from audit.stock_ledger l
group by l.sku, l.location, l.cause_kind, l.cause_id
having count(*) > 1;

-- What came in and was not sold is what can still be sold, over all locations of a variant whose stock is counted.
create view audit.s5_violations as
with came as (
  select sku, sum(delta) as units from audit.stock_ledger where cause_kind <> 'order' group by sku
), sold as (
  select l.sku, sum(l.quantity) as units
  from audit.order_line l
  join audit."order" o on o.id = l.order_id
  where o.state not in ('CANCELLED', 'EXPIRED')
    and exists (select from audit.reservation r where r.order_id = l.order_id and r.sku = l.sku)
  group by l.sku
), free as (
  select sku, sum(on_hand - reserved) as units from audit.stock group by sku
)
select f.sku as subject, null::uuid as order_id,
       format('%s came in, %s were sold, %s are free', coalesce(c.units, 0), coalesce(s.units, 0), f.units) as detail
from free f
left join came c on c.sku = f.sku
left join sold s on s.sku = f.sku
where coalesce(c.units, 0) - coalesce(s.units, 0) <> f.units;

create view audit.s6_violations as
select r.sku || ' at ' || r.location as subject, r.order_id,
       case when o.terminal then format('%s units are held for an order that is %s', r.qty, o.state)
            else format('%s units are held since their time ran out at %s', r.qty, r.expires_at) end as detail
from audit.reservation r
left join audit."order" o on o.id = r.order_id
where r.state in ('HELD', 'CONFIRMED')
  and (o.id is null or (o.terminal and o.state <> 'COMPLETED') or r.expires_at < now() - interval '60 seconds');

create view audit.s7_violations as
select c.oid::regclass::text as subject, null::uuid as order_id,
       format('the role wharf_app may %s', p.privilege) as detail
from pg_class c
cross join (values ('update'), ('delete'), ('truncate')) p(privilege)
where c.oid in (select tgrelid from pg_trigger where tgname = 'ledger_only_row')
  and exists (select from pg_roles where rolname = 'wharf_app')
  and has_table_privilege('wharf_app', c.oid, p.privilege)
union all
select t.name, null, 'no trigger refuses a change, or it is switched off'
from (values ('event'), ('event_feed'), ('stock_movement'), ('test_provider_entry')) t(name)
where not exists (
  select from pg_trigger g
  where g.tgrelid = to_regclass(t.name) and g.tgname = 'ledger_only_row' and g.tgenabled = 'A');

-- Money

create view audit.m1_violations as
select o.id::text as subject, o.id as order_id,
       format('the total is %s, its parts add up to %s', o.total, l.sum + coalesce(a.sum, 0)) as detail
from audit."order" o
join (select order_id, sum(unit_price * quantity - discount + tax) from audit.order_line group by order_id) l
  on l.order_id = o.id
left join (select order_id, sum(amount) from audit.adjustment group by order_id) a on a.order_id = o.id
where o.total <> l.sum + coalesce(a.sum, 0);

create view audit.m2_violations as
select p.id::text as subject, p.order_id,
       format('authorised %s, captured %s, refunded %s', p.authorised, p.captured, p.refunded) as detail
from audit.payment p
where p.refunded < 0 or p.refunded > p.captured or p.captured > p.authorised
union all
select o.id::text, o.id,
       format('%s live and %s kept of a total of %s', s.live, s.kept, o.total)
from audit."order" o
join (select order_id, sum(authorised - voided) as live, sum(captured - refunded) as kept
      from audit.payment group by order_id) s on s.order_id = o.id
left join (select order_id, sum(amount) as amount from payment_operation
           where kind in ('VOID', 'REFUND') and state = 'OPEN' group by order_id) v on v.order_id = o.id
where s.kept > o.total or s.live - coalesce(v.amount, 0) > o.total;

create view audit.m3_violations as
select p.id::text as subject, p.order_id, format('paid in %s, ordered in %s', p.currency, o.currency) as detail
from audit.payment p
join audit."order" o on o.id = p.order_id
where p.currency <> o.currency
union all
select o.id::text, o.id, format('line %s is priced in %s, the order in %s', l.line, l.doc #>> '{unitPrice,currency}', o.currency)
from orders o
cross join lateral json_array_elements(o.doc -> 'lines') with ordinality l(doc, line)
where l.doc #>> '{unitPrice,currency}' <> o.currency
union all
select x.id::text, x.order_id, format('an operation in %s on an order in %s', x.currency, o.currency)
from payment_operation x
join audit."order" o on o.id = x.order_id
where x.currency <> o.currency;

-- Both books, per charge: the test provider's and ours.
create view audit.test_charge as
select e.charge_key,
       min(e.currency) as currency,
       coalesce(sum(e.amount) filter (where e.kind = 'AUTHORIZE'), 0) as authorised,
       coalesce(sum(e.amount) filter (where e.kind = 'CAPTURE'), 0) as captured,
       coalesce(sum(e.amount) filter (where e.kind = 'REFUND'), 0) as refunded,
       coalesce(sum(e.amount) filter (where e.kind = 'VOID'), 0) as voided
from test_provider_entry e
group by e.charge_key;

create view audit.m4_violations as
select c.charge_key::text as subject, a.order_id,
       case when a.id is null then 'the provider has a charge that we know nothing of'
            else format('provider: authorised %s, captured %s, refunded %s, voided %s %s; ours: %s, %s, %s, %s %s',
                        c.authorised, c.captured, c.refunded, c.voided, c.currency,
                        a.authorized, a.captured, a.refunded, a.voided, a.currency) end as detail
from audit.test_charge c
left join payment_attempt a on a.id = c.charge_key
where c.authorised > 0
  and (a.id is null or (c.authorised, c.captured, c.refunded, c.voided, c.currency)
       is distinct from (a.authorized, a.captured, a.refunded, a.voided, a.currency))
union all
select a.id::text, a.order_id, 'we have a charge that the provider knows nothing of'
from payment_attempt a
where a.provider = 'test' and a.authorized > 0
  and not exists (select from audit.test_charge c where c.charge_key = a.id and c.authorised > 0);

create view audit.m5_violations as
select c.charge_key::text as subject, a.order_id, format('charged %s times', count(*)) as detail
from test_provider_entry c
left join payment_attempt a on a.id = c.charge_key
where c.kind = 'AUTHORIZE'
group by c.charge_key, a.order_id
having count(*) > 1
union all
select a.order_id::text, a.order_id, format('%s live charges at the provider for one order', count(*))
from audit.test_charge c
join payment_attempt a on a.id = c.charge_key
where c.authorised - c.voided - c.refunded > 0
  and not exists (select from payment_operation o where o.attempt_id = a.id and o.kind in ('VOID', 'REFUND') and o.state = 'OPEN')
group by a.order_id
having count(*) > 1;

create view audit.m6_violations as
select a.id::text as subject, a.order_id,
       case when o.id is null then 'paid, but the order is not there'
            else format('%s is still held of an order that is %s', a.authorized - a.voided - a.refunded, o.state) end as detail
from payment_attempt a
left join audit."order" o on o.id = a.order_id
where a.authorized - a.voided - a.refunded > 0
  and (o.id is null or o.state in ('CANCELLED', 'EXPIRED'))
  and a.started_at < now() - interval '15 minutes'
  and not exists (select from payment_operation x where x.attempt_id = a.id and x.state = 'OPEN')
  and not exists (select from audit.job() j where j.subject = a.order_id and j.kind = 'move_money');

-- Orders and events

create view audit.e1_violations as
select e.stream::text as subject, o.id as order_id,
       format('versions from %s to %s, %s of them', min(e.version), max(e.version), count(*)) as detail
from event e
left join orders o on o.id = e.stream
group by e.stream, o.id
having max(e.version) <> count(*) or min(e.version) <> 1;

-- That every read row is the fold of its events, byte for byte, and that the hash chain holds, is checked in Go.
-- Here: every order has its events and its read row, and both agree on the version.
create view audit.e2_violations as
select coalesce(o.id, e.stream)::text as subject, coalesce(o.id, e.stream) as order_id,
       case when o.id is null then 'there are events and no read row'
            when e.stream is null then 'there is a read row and no events'
            else format('the read row has version %s, the log %s', o.version, e.version) end as detail
from orders o
full join (select stream, max(version) as version from event
           where stream in (select stream from event where version = 1 and kind = 'order.placed') group by stream) e
  on e.stream = o.id
where o.version is distinct from e.version;

create view audit.e3_violations as
with steps as (
  select e.stream, e.version,
         case e.kind
           when 'order.placed' then 'PENDING_PAYMENT'
           when 'payment.action_required' then 'ACTION_REQUIRED'
           when 'payment.methods_updated' then 'PENDING_PAYMENT'
           when 'order.confirmed' then 'CONFIRMED'
           when 'order.cancelled' then 'CANCELLED'
           when 'order.expired' then 'EXPIRED'
         end as state
  from event e
  where e.kind in ('order.placed', 'payment.action_required', 'payment.methods_updated', 'order.confirmed',
                   'order.cancelled', 'order.expired')
), pairs as (
  select stream, version, state, lag(state) over (partition by stream order by version) as before from steps
)
select p.stream::text as subject, p.stream as order_id,
       format('from %s to %s at version %s', coalesce(p.before, 'nothing'), p.state, p.version) as detail
from pairs p
where (coalesce(p.before, ''), p.state) not in (
  ('', 'PENDING_PAYMENT'),
  ('PENDING_PAYMENT', 'PENDING_PAYMENT'), ('PENDING_PAYMENT', 'CONFIRMED'), ('PENDING_PAYMENT', 'ACTION_REQUIRED'),
  ('PENDING_PAYMENT', 'CANCELLED'), ('PENDING_PAYMENT', 'EXPIRED'),
  ('ACTION_REQUIRED', 'ACTION_REQUIRED'), ('ACTION_REQUIRED', 'PENDING_PAYMENT'), ('ACTION_REQUIRED', 'CONFIRMED'),
  ('ACTION_REQUIRED', 'CANCELLED'), ('ACTION_REQUIRED', 'EXPIRED'),
  ('CONFIRMED', 'ACTION_REQUIRED'), ('CONFIRMED', 'CANCELLED')
);

-- An open order has a next step: a live job, a step the sweep takes up, or, once confirmed, the staff who fulfill it.
create view audit.e4_violations as
select o.id::text as subject, o.id as order_id, format('the order is %s and nothing will move it on', o.state) as detail
from audit."order" o
where o.state in ('PENDING_PAYMENT', 'ACTION_REQUIRED')
  and not exists (select from audit.obligation b where b.subject = o.id)
union all
select o.id::text, o.id, format('the order is %s and its deadline passed at %s', o.state, r.deadline)
from audit."order" o
join orders r on r.id = o.id
where o.state in ('PENDING_PAYMENT', 'ACTION_REQUIRED') and r.deadline < now() - interval '60 seconds';

create view audit.e5_violations as
select o.cart_id::text as subject, null::uuid as order_id, format('%s orders came of one cart', count(*)) as detail
from audit."order" o
where o.cart_id is not null
group by o.cart_id
having count(*) > 1;

create view audit.e6_violations as
select i.caller || ' ' || i.key as subject, i.order_id,
       case when o.id is null then 'the key''s order is not there'
            else format('the key answers with version %s of an order at version %s', i.order_version, o.version) end as detail
from idempotency_key i
left join orders o on o.id = i.order_id
where i.order_id is not null and (o.id is null or i.order_version > o.version or i.order_version < 1)
union all
select min(i.caller || ' ' || i.key), i.order_id, format('%s keys placed one order', count(*))
from idempotency_key i
where i.operation = 'orderPlace'
group by i.order_id
having count(*) > 1;

-- Every order that was acknowledged under a key is there with the event that placed it.
create view audit.e7_violations as
select i.order_id::text as subject, i.order_id, 'an acknowledged order has no order.placed event' as detail
from idempotency_key i
where i.operation = 'orderPlace'
  and not exists (select from event e where e.stream = i.order_id and e.version = 1 and e.kind = 'order.placed');

-- Jobs: none may run much longer than it is allowed to. Discarded ones stand in the job console's own list.
create view audit.j1_violations as
select format('job %s %s', j.id, j.kind) as subject, j.subject as order_id,
       format('it runs since %s', j.attempted_at) as detail
from audit.job() j
where j.state = 'running' and j.attempted_at < now() - interval '3 minutes';

-- The processes look and change nothing here, whatever default privileges say.
do $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    grant usage on schema audit to wharf_app;
    revoke all on all tables in schema audit from wharf_app;
    grant select on all tables in schema audit to wharf_app;
  end if;
end
$$;
