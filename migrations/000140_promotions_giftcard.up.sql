-- Gift cards: money that the shop owes to whoever knows a code. Of the code only a keyed hash and the last characters
-- are kept. A card's balance is the sum of its ledger: nothing but a new line of the ledger moves it, and whoever
-- writes, it is never negative.
create table giftcard (
  id              uuid primary key,
  code_hash       bytea not null,
  last_characters text not null check (char_length(last_characters) between 1 and 4),
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  initial         bigint not null check (initial > 0),
  balance         bigint not null default 0,
  customer_id     uuid references customer (id) on delete set null,
  note            text,
  expires_at      timestamptz,
  disabled_at     timestamptz,
  by              text not null,
  created_at      timestamptz not null default now(),
  constraint gift_card_code_hash_key unique (code_hash),
  constraint gift_card_balance_check check (balance >= 0)
);

create index gift_card_customer_idx on giftcard (customer_id, id) where customer_id is not null;

-- Every movement of a card's money. What goes back names the redemption that it undoes; together never more goes back
-- than was redeemed. REFUNDED without one is money that was paid in another way and given back to a card.
create table giftcard_movement (
  id           uuid primary key,
  gift_card_id uuid not null references giftcard (id),
  kind         text not null check (kind in ('ISSUED', 'REDEEMED', 'RETURNED', 'REFUNDED')),
  amount       bigint not null,
  order_id     uuid,
  undoes       uuid references giftcard_movement (id),
  refund_id    uuid,
  by           text not null,
  cause        text not null,
  at           timestamptz not null default clock_timestamp(),
  constraint giftcard_movement_sign_check check (amount <> 0 and (kind = 'REDEEMED') = (amount < 0)),
  constraint giftcard_movement_order_check check (order_id is not null or kind = 'ISSUED'),
  constraint giftcard_movement_undoes_check check (case kind when 'RETURNED' then undoes is not null
    when 'REFUNDED' then true else undoes is null end),
  constraint giftcard_movement_refund_check check (case kind when 'REFUNDED' then refund_id is not null
    when 'ISSUED' then (refund_id is null) = (order_id is null) else refund_id is null end)
);

-- one effect per cause
create unique index giftcard_movement_issued on giftcard_movement (gift_card_id) where kind = 'ISSUED';
create unique index giftcard_movement_redeemed on giftcard_movement (order_id, gift_card_id) where kind = 'REDEEMED';
create unique index giftcard_movement_returned on giftcard_movement (undoes) where kind = 'RETURNED';
create unique index giftcard_movement_refunded on giftcard_movement (refund_id, gift_card_id, undoes) nulls not distinct where kind = 'REFUNDED';
create index giftcard_movement_card on giftcard_movement (gift_card_id, id);
create index giftcard_movement_undoes on giftcard_movement (undoes) where undoes is not null;

select ledger_only('giftcard_movement');

create function giftcard_movement_counts() returns trigger
language plpgsql as $$
declare
  redeemed giftcard_movement;
  back     numeric;
begin
  -- the row of the card is locked from here on, so lines of one card are counted one after another
  update giftcard set balance = balance + new.amount where id = new.gift_card_id;
  if new.undoes is not null then
    select * into redeemed from giftcard_movement where id = new.undoes;
    select coalesce(sum(amount), 0) into back from giftcard_movement where undoes = new.undoes;
    if redeemed.kind <> 'REDEEMED' or redeemed.gift_card_id <> new.gift_card_id or redeemed.order_id <> new.order_id
       or back + new.amount > -redeemed.amount then
      raise exception 'gift card %: % goes back of a redemption of %, of which % went back before', new.gift_card_id,
        new.amount, -redeemed.amount, back
        using errcode = 'check_violation', constraint = 'giftcard_movement_within', table = 'giftcard_movement';
    end if;
  end if;
  return new;
end
$$;

create trigger giftcard_movement_counts before insert on giftcard_movement
  for each row execute function giftcard_movement_counts();

-- A card begins empty; what it is issued with is the first line of its ledger.
create function gift_card_guard() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.balance := 0;
  elsif (new.balance <> old.balance and pg_trigger_depth() < 2)
     or (new.id, new.currency, new.initial) is distinct from (old.id, old.currency, old.initial) then
    raise exception 'the balance of a gift card is moved by its ledger alone'
      using errcode = 'integrity_constraint_violation', constraint = 'gift_card_guard', table = 'giftcard';
  end if;
  return new;
end
$$;

create trigger gift_card_guard before insert or update on giftcard
  for each row execute function gift_card_guard();

-- also while a session setting switches ordinary triggers off
alter table giftcard enable always trigger gift_card_guard;
alter table giftcard_movement enable always trigger giftcard_movement_counts;

-- A redemption is a payment that was taken at once.
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
from payment_attempt a
union all
select m.id,
       m.order_id,
       m.gift_card_id::text,
       c.currency,
       -m.amount,
       -m.amount,
       coalesce((select sum(b.amount) from giftcard_movement b where b.undoes = m.id), 0)::bigint,
       0,
       'REDEEMED'
from giftcard_movement m
join giftcard c on c.id = m.gift_card_id
where m.kind = 'REDEEMED';

create view audit.giftcard as
select c.id, c.currency, c.balance,
       coalesce(sum(m.amount) filter (where m.kind = 'ISSUED'), 0)::bigint as issued,
       coalesce(-sum(m.amount) filter (where m.kind = 'REDEEMED'), 0)::bigint as spent,
       coalesce(sum(m.amount) filter (where m.kind in ('RETURNED', 'REFUNDED')), 0)::bigint as given_back
from giftcard c
left join giftcard_movement m on m.gift_card_id = c.id
group by c.id;

-- Promises on codes and cards. What an order took from a card is what its own history says; nothing is held of an
-- order that is over.
create view audit.m7_gift_card_violations as
select g.id::text as subject, null::uuid as order_id,
       format('the balance is %s; %s issued, %s spent, %s given back', g.balance, g.issued, g.spent, g.given_back) as detail
from audit.giftcard g
where g.balance < 0 or g.balance <> g.issued - g.spent + g.given_back
union all
select m.id::text, m.order_id,
       case when o.id is null then 'redeemed for an order that is not there'
            else format('%s is still held of an order that is %s', -m.amount - b.back, o.state) end
from giftcard_movement m
left join audit."order" o on o.id = m.order_id
cross join lateral (select coalesce(sum(x.amount), 0) as back from giftcard_movement x where x.undoes = m.id) b
where m.kind = 'REDEEMED' and (o.id is null or (o.state in ('CANCELLED', 'EXPIRED') and b.back < -m.amount))
union all
select o.id::text, o.id, format('the order says that its gift cards gave %s, their ledgers say %s', o.said, coalesce(m.redeemed, 0))
from (select o.id, coalesce(sum((g ->> 'minor')::bigint), 0) as said
      from orders o
      left join lateral (select c -> 'amount' as g from json_array_elements(o.doc -> 'giftCards') c) g on true
      group by o.id) o
full join (select order_id, -sum(amount) as redeemed from giftcard_movement where kind = 'REDEEMED' group by order_id) m
  on m.order_id = o.id
where o.said <> coalesce(m.redeemed, 0)
union all
select t.name, null, 'no trigger keeps the balance and the ledger together, or it is switched off'
from (values ('giftcard', 'gift_card_guard'), ('giftcard_movement', 'giftcard_movement_counts'),
             ('giftcard_movement', 'ledger_only_row')) t(name, trigger)
where not exists (
  select from pg_trigger g
  where g.tgrelid = to_regclass(t.name) and g.tgname = t.trigger and g.tgenabled = 'A');

do $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    revoke all on all tables in schema audit from wharf_app;
    grant select on all tables in schema audit to wharf_app;
  end if;
end
$$;
