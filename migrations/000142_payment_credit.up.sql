-- Money that a provider has taken may be given back to a gift card instead: a movement of the kind CREDIT, done when it
-- is asked for. The provider keeps what it has, and the shop owes it to the card's holder.
alter table payment_operation
  drop constraint payment_operation_kind_check,
  add constraint payment_operation_kind_check check (kind in ('CAPTURE', 'REFUND', 'VOID', 'CREDIT')),
  add constraint payment_operation_credit_check check (kind <> 'CREDIT' or (state = 'DONE' and refund_id is not null));

-- The part of a refund that went to gift cards.
alter table payment_refund
  add column gift_card bigint not null default 0,
  add constraint payment_refund_gift_card_check check (gift_card >= 0 and gift_card <= amount);

-- What is given back to a gift card can't be given back by the provider as well.
create or replace function payment_operation_within() returns trigger
language plpgsql as $$
declare
  charge payment_attempt;
  asked  numeric;
  most   bigint;
begin
  select * into charge from payment_attempt where id = new.attempt_id for update;
  select sum(amount) into asked
  from payment_operation
  where attempt_id = new.attempt_id and state <> 'FAILED'
    and case when new.kind in ('REFUND', 'CREDIT') then kind in ('REFUND', 'CREDIT') else kind = new.kind end;
  most := case when new.kind = 'CAPTURE' then charge.authorized - charge.voided
               when new.kind in ('REFUND', 'CREDIT') then charge.captured end;
  if asked > most then
    raise exception 'operations of kind % ask for % of attempt %, which has %', new.kind, asked, new.attempt_id, most
      using errcode = 'check_violation', constraint = 'payment_operation_within', table = 'payment_operation';
  end if;
  return null;
end
$$;

-- Money of an ended order that went to a gift card is not held any more.
create or replace view audit.m6_violations as
select a.id::text as subject, a.order_id,
       case when o.id is null then 'paid, but the order is not there'
            else format('%s is still held of an order that is %s', a.authorized - a.voided - a.refunded - a.disputed - c.credited, o.state) end as detail
from payment_attempt a
left join audit."order" o on o.id = a.order_id
cross join lateral (select coalesce(sum(x.amount), 0) as credited from payment_operation x
                    where x.attempt_id = a.id and x.kind = 'CREDIT') c
where a.authorized - a.voided - a.refunded - a.disputed - c.credited > 0
  and (o.id is null or o.state in ('CANCELLED', 'EXPIRED'))
  and a.started_at < now() - interval '15 minutes'
  and not exists (select from payment_operation x where x.attempt_id = a.id and x.state = 'OPEN')
  and not exists (select from audit.job() j where j.subject = a.order_id and j.kind = 'move_money');
