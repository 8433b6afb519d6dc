-- A charge that the shop knows nothing of is in order once it was found, and nothing of it is held any more: the provider
-- keeps it in its books for ever.
create or replace view audit.m4_violations as
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
  and not (a.id is null and c.authorised = c.voided + c.refunded
           and exists (select from payment_reconciliation_break b
                       where b.provider = 'test' and b.charge = c.charge_key::text and b.state <> 'OPEN'))
union all
select a.id::text, a.order_id, 'we have a charge that the provider knows nothing of'
from payment_attempt a
where a.provider = 'test' and a.authorized > 0
  and not exists (select from audit.test_charge c where c.charge_key = a.id and c.authorised > 0);
