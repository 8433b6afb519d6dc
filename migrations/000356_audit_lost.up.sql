-- What a shopper's bank has taken back for good is not held any more either: an order may be paid in another way beside it.
create or replace view audit.m2_violations as
select p.id::text as subject, p.order_id,
       format('authorised %s, captured %s, refunded %s', p.authorised, p.captured, p.refunded) as detail
from audit.payment p
where p.refunded < 0 or p.refunded > p.captured or p.captured > p.authorised
union all
select o.id::text, o.id,
       format('%s live and %s kept of a total of %s, %s lost', s.live, s.kept, o.total, coalesce(d.lost, 0))
from audit."order" o
join (select order_id, sum(authorised - voided - refunded) as live, sum(captured - refunded) as kept
      from audit.payment group by order_id) s on s.order_id = o.id
left join (select order_id, sum(amount) as amount from payment_operation
           where kind in ('VOID', 'REFUND') and state = 'OPEN' group by order_id) v on v.order_id = o.id
left join (select order_id, sum(least(dispute_lost, captured - refunded)) as lost from payment_attempt
           where dispute_lost > 0 group by order_id) d on d.order_id = o.id
where s.kept - coalesce(d.lost, 0) > o.total or s.live - coalesce(v.amount, 0) - coalesce(d.lost, 0) > o.total;
