drop view audit.s8_violations, audit.s5_violations, audit.s4_violations, audit.s3_violations, audit.s2_violations, audit.s1_violations;
drop view audit.stock_ledger, audit.stock;

alter table idempotency_key drop column made;

alter table stock_movement drop column adjustment_id;
drop table stock_transfer_line, stock_transfer, stock_adjustment;

drop index stock_movement_location_idx, stock_movement_variant_idx;

-- What the older ledger has no word for is forgotten by it: a movement that changed no shelf.
alter table stock_movement disable trigger ledger_only_row;
delete from stock_movement where delta = 0;
alter table stock_movement enable always trigger ledger_only_row;
alter table stock_movement
    drop constraint stock_movement_delta_check,
    drop column damaged_delta,
    drop column incoming_delta,
    add constraint stock_movement_delta_check check (delta <> 0);

drop trigger stock_level_signal on stock_level;
drop function stock_level_signal();
drop table stock_signal;
alter table stock_item drop column told_version;

alter table stock_level
    drop column sellable,
    drop column state,
    drop constraint stock_level_promise_check,
    drop constraint stock_level_damaged_check,
    drop constraint stock_level_incoming_check,
    drop constraint stock_level_wishes_check,
    drop constraint stock_level_on_hand_check,
    drop constraint stock_level_told_check,
    drop column damaged,
    drop column safety_stock,
    drop column incoming,
    drop column low_stock,
    drop column told,
    add constraint stock_level_promise_check check (reserved <= on_hand + backorder_limit);

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

do $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    revoke all on all tables in schema audit from wharf_app;
    grant select on all tables in schema audit to wharf_app;
  end if;
end
$$;
