-- Discounts as data. One with codes is for whoever names one of them, one without is for every order that fits.
create table promotion (
  id             uuid primary key,
  version        integer not null default 1,
  external_owner text,
  external_id    text,
  title          text not null check (char_length(title) between 1 and 255),
  kind           text not null check (kind in ('PERCENTAGE', 'FIXED_AMOUNT', 'FREE_SHIPPING', 'BUY_X_GET_Y')),
  -- in hundredths of a percent: of PERCENTAGE the whole, of BUY_X_GET_Y what is taken off each unit that is got
  rate           integer check (rate between 1 and 10000),
  amount         bigint check (amount between 1 and 1000000000000000),
  currency       text not null check (currency ~ '^[A-Z]{3}$'),
  buy_quantity   integer check (buy_quantity between 1 and 1000000),
  get_quantity   integer check (get_quantity between 1 and 1000000),
  automatic      boolean not null,
  combines       boolean not null,
  -- what it is for; everything where both are empty
  product_ids    uuid[] not null default '{}',
  collection_ids uuid[] not null default '{}',
  minimum_subtotal bigint check (minimum_subtotal between 1 and 1000000000000000),
  minimum_quantity integer check (minimum_quantity between 1 and 1000000),
  starts_at      timestamptz not null,
  ends_at        timestamptz,
  usage_limit    integer check (usage_limit >= 0),
  customer_limit integer check (customer_limit >= 1),
  uses           integer not null default 0,
  deleted_at     timestamptz,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  constraint promotion_external_key unique (external_owner, external_id),
  constraint promotion_uses_check check (uses >= 0 and (usage_limit is null or uses <= usage_limit)),
  constraint promotion_dates_check check (ends_at > starts_at),
  constraint promotion_kind_fields_check check (case kind
    when 'PERCENTAGE' then rate is not null and amount is null and buy_quantity is null and get_quantity is null
    when 'FIXED_AMOUNT' then rate is null and amount is not null and buy_quantity is null and get_quantity is null
    when 'BUY_X_GET_Y' then rate is not null and amount is null and buy_quantity is not null and get_quantity is not null
    else rate is null and amount is null and buy_quantity is null and get_quantity is null end)
);

create index promotion_automatic_idx on promotion (id) where automatic and deleted_at is null;

-- A code is one promotion's, however it is written.
create table promotion_code (
  code         text primary key check (code = upper(code) and char_length(code) between 1 and 64),
  promotion_id uuid not null references promotion (id)
);

create index promotion_code_promotion_idx on promotion_code (promotion_id);

-- Each order that a promotion has reduced, once. A use is returned when its order ends unfulfilled. Of a buyer's
-- contact only a keyed hash is kept.
create table promotion_use (
  promotion_id uuid not null references promotion (id),
  order_id     uuid not null,
  code         text,
  amount       bigint not null check (amount > 0),
  customer_id  uuid,
  contact      bytea,
  used_at      timestamptz not null default clock_timestamp(),
  returned_at  timestamptz,
  primary key (promotion_id, order_id)
);

create index promotion_use_order_idx on promotion_use (order_id);
create index promotion_use_customer_idx on promotion_use (promotion_id, customer_id) where returned_at is null and customer_id is not null;
create index promotion_use_contact_idx on promotion_use (promotion_id, contact) where returned_at is null and contact is not null;

-- The count of a promotion follows from its uses: nothing else moves it, and beyond the limit nothing goes in, whoever
-- writes.
create function promotion_use_counts() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.returned_at is null then
      update promotion set uses = uses + 1 where id = new.promotion_id;
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' or (new.promotion_id, new.order_id, new.amount) is distinct from (old.promotion_id, old.order_id, old.amount)
     or (old.returned_at is not null and new.returned_at is distinct from old.returned_at) then
    raise exception 'a use of a promotion is never changed, and returned once'
      using errcode = 'integrity_constraint_violation', constraint = 'promotion_use_counts', table = 'promotion_use';
  end if;
  if old.returned_at is null and new.returned_at is not null then
    update promotion set uses = uses - 1 where id = new.promotion_id;
  end if;
  return new;
end
$$;

create trigger promotion_use_counts before insert or update or delete on promotion_use
  for each row execute function promotion_use_counts();

create function promotion_guard() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.uses := 0;
  elsif new.uses <> old.uses and pg_trigger_depth() < 2 then
    raise exception 'the count of a promotion is moved by its uses alone'
      using errcode = 'integrity_constraint_violation', constraint = 'promotion_guard', table = 'promotion';
  end if;
  return new;
end
$$;

create trigger promotion_guard before insert or update on promotion
  for each row execute function promotion_guard();

alter table promotion enable always trigger promotion_guard;
alter table promotion_use enable always trigger promotion_use_counts;

create or replace view audit.coupon as
select p.id::text as id, p.usage_limit::bigint as usage_limit, p.uses::bigint as uses
from promotion p;

-- What an order was reduced by, each with its name; the amounts are within its lines' discounts and its shipping
-- already, so they are no adjustments of the total.
create view audit.discount as
select o.id as order_id, right(d ->> 'promotionId', 36)::uuid as promotion_id, d ->> 'code' as code,
       d ->> 'target' as target, (d #>> '{amount,minor}')::bigint as amount
from orders o
cross join lateral json_array_elements(o.doc -> 'discounts') d;

create view audit.m7_coupon_violations as
select c.id as subject, null::uuid as order_id,
       format('%s uses of %s, %s orders have it', c.uses, coalesce(c.usage_limit::text, 'any number'), u.orders) as detail
from audit.coupon c
cross join lateral (
  select count(distinct x.order_id) as orders
  from promotion_use x
  join audit."order" o on o.id = x.order_id
  where x.promotion_id::text = c.id and o.state not in ('CANCELLED', 'EXPIRED')) u
where c.uses > c.usage_limit or c.uses <> u.orders
union all
select x.promotion_id::text, x.order_id, 'an order is reduced by a promotion that does not count it'
from audit.discount x
left join promotion_use u on u.promotion_id = x.promotion_id and u.order_id = x.order_id
where x.amount > 0 and (u.order_id is null or u.amount <> x.amount)
union all
select d.id::text, d.id, format('its lines are reduced by %s, its promotions give %s', d.lines, d.given)
from (select o.id,
             (select coalesce(sum(l.discount), 0) from audit.order_line l where l.order_id = o.id) as lines,
             (select coalesce(sum(x.amount), 0) from audit.discount x where x.order_id = o.id and x.target = 'LINE_ITEM') as given
      from orders o
      where o.doc -> 'discounts' is not null) d
where d.lines <> d.given
union all
select t.name, null, 'no trigger keeps the count and the uses together, or it is switched off'
from (values ('promotion', 'promotion_guard'), ('promotion_use', 'promotion_use_counts')) t(name, trigger)
where not exists (
  select from pg_trigger g
  where g.tgrelid = to_regclass(t.name) and g.tgname = t.trigger and g.tgenabled = 'A');

create view audit.m7_violations as
select subject, order_id, detail from audit.m7_gift_card_violations
union all
select subject, order_id, detail from audit.m7_coupon_violations;

do $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    revoke all on all tables in schema audit from wharf_app;
    grant select on all tables in schema audit to wharf_app;
  end if;
end
$$;
