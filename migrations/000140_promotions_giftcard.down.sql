drop view audit.m7_gift_card_violations;
drop view audit.giftcard;

create or replace view audit.payment as
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

drop table giftcard_movement;
drop table giftcard;
drop function giftcard_movement_counts();
drop function gift_card_guard();
