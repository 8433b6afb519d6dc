-- What each line of an order takes from stock: of a bundle its parts, as they were when the order was placed.
create view audit.order_part as
select l.order_id, l.line, l.sku, l.quantity
from audit.order_line l
join orders o on o.id = l.order_id
where coalesce(json_array_length(o.doc -> 'lines' -> (l.line - 1) -> 'components'), 0) = 0
union all
select l.order_id, l.line,
       coalesce(k.sku, right(c.doc ->> 'variantId', 36)),
       l.quantity * (c.doc ->> 'quantity')::int
from audit.order_line l
join orders o on o.id = l.order_id
cross join lateral json_array_elements(o.doc -> 'lines' -> (l.line - 1) -> 'components') c(doc)
left join audit.sku k on k.variant_id = right(c.doc ->> 'variantId', 36)::uuid;

-- What came in and was not sold is what can still be sold, over all locations of a variant whose stock is counted.
create or replace view audit.s5_violations as
with came as (
  select sku, sum(delta) as units from audit.stock_ledger where cause_kind <> 'order' group by sku
), sold as (
  select p.sku, sum(p.quantity) as units
  from audit.order_part p
  join audit."order" o on o.id = p.order_id
  where o.state not in ('CANCELLED', 'EXPIRED')
    and exists (select from audit.reservation r where r.order_id = p.order_id and r.sku = p.sku)
  group by p.sku
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
    revoke all on audit.order_part from wharf_app;
    grant select on audit.order_part to wharf_app;
  end if;
end
$$;
