create or replace view audit.m5_violations as
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

create or replace view audit.m6_violations as
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
