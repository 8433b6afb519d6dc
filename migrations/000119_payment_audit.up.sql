-- The invariants of money know of reservations that are being renewed, of orders that are paid with several methods,
-- and of what a bank has taken back by itself.

-- At the provider no more is held for an order than it costs, beyond what will be released or given back, and beyond a
-- renewal whose outcome is being found out.
create or replace view audit.m5_violations as
select c.charge_key::text as subject, a.order_id, format('charged %s times', count(*)) as detail
from test_provider_entry c
left join payment_attempt a on a.id = c.charge_key
where c.kind = 'AUTHORIZE'
group by c.charge_key, a.order_id
having count(*) > 1
union all
select a.order_id::text, a.order_id, format('%s is held at the provider in %s charges, and %s was to be paid', sum(c.authorised - c.voided - c.refunded), count(*), p.amount)
from audit.test_charge c
join payment_attempt a on a.id = c.charge_key
join payment p on p.id = a.payment_id
where c.authorised - c.voided - c.refunded > 0
  and not exists (select from payment_operation o where o.attempt_id = a.id and o.kind in ('VOID', 'REFUND') and o.state = 'OPEN')
  and not (a.renews is not null and a.state in ('STARTED', 'UNKNOWN', 'PENDING', 'ACTION_REQUIRED'))
group by a.order_id, p.amount
having sum(c.authorised - c.voided - c.refunded) > p.amount;

create or replace view audit.m6_violations as
select a.id::text as subject, a.order_id,
       case when o.id is null then 'paid, but the order is not there'
            else format('%s is still held of an order that is %s', a.authorized - a.voided - a.refunded - a.disputed, o.state) end as detail
from payment_attempt a
left join audit."order" o on o.id = a.order_id
where a.authorized - a.voided - a.refunded - a.disputed > 0
  and (o.id is null or o.state in ('CANCELLED', 'EXPIRED'))
  and a.started_at < now() - interval '15 minutes'
  and not exists (select from payment_operation x where x.attempt_id = a.id and x.state = 'OPEN')
  and not exists (select from audit.job() j where j.subject = a.order_id and j.kind = 'move_money');
