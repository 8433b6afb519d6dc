-- What lies on a shelf is on_hand. Of it damaged units can't be sold, and safety_stock units are not offered; what is
-- left is sellable. incoming is on its way there. A shelf with low_stock units or fewer left to promise is low.
alter table stock_level
    add column damaged      integer not null default 0,
    add column safety_stock integer not null default 0,
    add column incoming     integer not null default 0,
    add column low_stock    integer not null default 0,
    -- the state that the shop was last told of; null while it was told of none
    add column told         text;

alter table stock_level
    add column sellable integer not null generated always as (on_hand - damaged - safety_stock) stored,
    add column state text not null generated always as (
        case when on_hand - damaged - safety_stock <= reserved then 'OUT'
             when on_hand - damaged - safety_stock - reserved <= low_stock then 'LOW'
             else 'IN' end) stored;

-- Safety stock is a wish of the shop's, which may be greater than what there is; damage is a fact.
alter table stock_level
    drop constraint stock_level_promise_check,
    add constraint stock_level_promise_check check (reserved <= on_hand - damaged + backorder_limit),
    add constraint stock_level_damaged_check check (damaged >= 0),
    add constraint stock_level_incoming_check check (incoming between 0 and 1000000000),
    add constraint stock_level_wishes_check check (safety_stock between 0 and 1000000000 and low_stock between 0 and 1000000000),
    add constraint stock_level_on_hand_check check (on_hand between -1000000000 and 1000000000),
    add constraint stock_level_told_check check (told in ('OUT', 'LOW', 'IN'));

update stock_level set told = state;

-- How many events the history of the variant has.
alter table stock_item add column told_version integer not null default 0;

-- Shelves whose state has changed, for whoever tells the shop. The row of the shelf is locked by whoever writes and
-- by whoever takes one of these.
create table stock_signal (
    variant_id  uuid not null,
    location_id uuid not null,
    primary key (variant_id, location_id)
);

create function stock_level_signal() returns trigger
language plpgsql as $$
begin
    insert into stock_signal (variant_id, location_id)
    values (new.variant_id, new.location_id)
    on conflict do nothing;
    return null;
end
$$;

create trigger stock_level_signal
    after update on stock_level
    for each row when (old.state <> new.state)
    execute function stock_level_signal();

-- The ledger tells of every figure that is a number of things.
alter table stock_movement
    drop constraint stock_movement_delta_check,
    add column damaged_delta  integer not null default 0,
    add column incoming_delta integer not null default 0,
    add column adjustment_id  uuid,
    add constraint stock_movement_delta_check check (delta <> 0 or damaged_delta <> 0 or incoming_delta <> 0);

create index stock_movement_variant_idx on stock_movement (variant_id, id);
create index stock_movement_location_idx on stock_movement (location_id, id);

-- Why somebody changed shelves; the movements name it as their cause.
create table stock_adjustment (
    id          uuid primary key,
    operation   text not null,
    reason      text not null,
    reference   text,
    transfer_id uuid,
    by          text not null,
    created_at  timestamptz not null default now()
);

select ledger_only('stock_adjustment');

alter table stock_movement
    add constraint stock_movement_adjustment_fkey foreign key (adjustment_id) references stock_adjustment (id),
    add constraint stock_movement_adjustment_check check ((cause_kind = 'adjustment') = (adjustment_id is not null));

-- Goods on their way from one location, or from a supplier, to another. The lines are counted down as they come in.
create table stock_transfer (
    id             uuid primary key,
    origin_id      uuid references location (id),
    destination_id uuid not null references location (id),
    state          text not null check (state in ('IN_TRANSIT', 'RECEIVED', 'CANCELED')),
    reference      text,
    expected_at    timestamptz,
    by             text not null,
    version        integer not null default 1,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint stock_transfer_way_check check (origin_id <> destination_id)
);

create index stock_transfer_destination_idx on stock_transfer (destination_id, id);
create index stock_transfer_origin_idx on stock_transfer (origin_id, id);

create table stock_transfer_line (
    transfer_id uuid not null references stock_transfer (id),
    variant_id  uuid not null,
    quantity    integer not null check (quantity > 0),
    received    integer not null default 0,
    damaged     integer not null default 0,
    missing     integer not null default 0,
    returned    integer not null default 0,
    primary key (transfer_id, variant_id),
    constraint stock_transfer_line_received_check check (received >= 0 and damaged between 0 and received and missing >= 0
        and returned >= 0 and received + missing + returned <= quantity)
);

-- A key may stand for something else than a change of one order.
alter table idempotency_key add column made uuid;

create or replace view audit.stock as
select coalesce(k.sku, l.variant_id::text) as sku,
       l.location_id as location,
       l.on_hand,
       l.reserved,
       l.backorder_limit,
       l.damaged,
       l.incoming
from stock_level l
left join audit.sku k on k.variant_id = l.variant_id;

create or replace view audit.stock_ledger as
select m.id,
       coalesce(k.sku, m.variant_id::text) as sku,
       m.location_id as location,
       m.delta,
       m.cause_kind,
       m.cause_id,
       m.at,
       m.damaged_delta,
       m.incoming_delta
from stock_movement m
left join audit.sku k on k.variant_id = m.variant_id;

create or replace view audit.s1_violations as
select s.sku || ' at ' || s.location as subject, null::uuid as order_id,
       format('on hand, damaged and incoming are %s, %s and %s, the ledger says %s, %s and %s',
              s.on_hand, s.damaged, s.incoming, coalesce(l.on_hand, 0), coalesce(l.damaged, 0), coalesce(l.incoming, 0)) as detail
from audit.stock s
left join (select sku, location, sum(delta) as on_hand, sum(damaged_delta) as damaged, sum(incoming_delta) as incoming
           from audit.stock_ledger group by sku, location) l
  on l.sku = s.sku and l.location = s.location
where s.on_hand <> coalesce(l.on_hand, 0) or s.damaged <> coalesce(l.damaged, 0) or s.incoming <> coalesce(l.incoming, 0)
union all
select l.sku || ' at ' || l.location, null, format('the ledger says %s for a level that is not there', l.sum)
from (select sku, location, sum(delta) from audit.stock_ledger group by sku, location) l
left join audit.stock s on s.sku = l.sku and s.location = l.location
where s.sku is null and l.sum <> 0;

create or replace view audit.s2_violations as
select s.sku || ' at ' || s.location as subject, null::uuid as order_id,
       format('reserved %s of %s on hand with %s damaged, backorder limit %s', s.reserved, s.on_hand, s.damaged, s.backorder_limit) as detail
from audit.stock s
where s.reserved < 0 or s.reserved > s.on_hand - s.damaged + s.backorder_limit;

-- What is on its way is what open transfers still owe.
create view audit.s8_violations as
select coalesce(s.sku, t.sku) || ' at ' || coalesce(s.location, t.location) as subject, null::uuid as order_id,
       format('incoming is %s, open transfers bring %s', coalesce(s.incoming, 0), coalesce(t.units, 0)) as detail
from audit.stock s
full join (select coalesce(k.sku, l.variant_id::text) as sku, x.destination_id as location,
                  sum(l.quantity - l.received - l.missing - l.returned) as units
           from stock_transfer x
           join stock_transfer_line l on l.transfer_id = x.id
           left join audit.sku k on k.variant_id = l.variant_id
           where x.state = 'IN_TRANSIT'
           group by 1, 2) t
  on t.sku = s.sku and t.location = s.location
where coalesce(s.incoming, 0) <> coalesce(t.units, 0);

do $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    revoke all on audit.s8_violations from wharf_app;
    grant select on audit.s8_violations to wharf_app;
  end if;
end
$$;
