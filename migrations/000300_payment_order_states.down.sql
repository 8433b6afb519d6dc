create or replace view audit.e3_violations as
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
