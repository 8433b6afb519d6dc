-- What came in and was not sold is what can still be sold, over all locations of a variant whose stock is counted.
create or replace view audit.s5_violations as
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

drop view audit.order_part;
