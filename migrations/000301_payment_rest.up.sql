-- Why an attempt is not made yet, in words that a shopper may read: its provider is left alone, or has too much to do.
alter table payment add column waits_for text;

-- A reservation whose renewal was refused ends all the same, and nobody renews it any more.
alter table payment_attempt
  drop constraint payment_attempt_renewal,
  add constraint payment_attempt_renewal check ((renew_at is null or expires_at is not null) and renews <> id);

-- Reservations that nobody renews are looked up at their end. For those of before it has not been noted when that is.
update payment p
set due_at = e.at
from (select a.payment_id, min(a.expires_at) as at
      from payment_attempt a
      where a.state = 'AUTHORIZED' and a.expires_at is not null and a.authorized > a.captured + a.voided
      group by a.payment_id) e
where e.payment_id = p.id and p.due_at is null and p.state in ('ACTION_REQUIRED', 'AUTHORIZED');
