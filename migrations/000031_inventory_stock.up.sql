-- Stock. A variant without a stock_item row is not tracked and always available. on_hand counts what is on the
-- shelf, reserved what is promised to orders out of it. The checks are the last guard against selling a unit twice:
-- an order that would break them fails, whatever the program thought. backorder_limit is how far a location may
-- promise beyond its shelf.
create table stock_item (
    variant_id uuid primary key,
    created_at timestamptz not null default now()
);

-- The page is left half empty so that the many small updates of a popular variant stay in their page, and no
-- column that they change is indexed.
create table stock_level (
    variant_id      uuid not null references stock_item (variant_id),
    location_id     uuid not null references location (id),
    on_hand         integer not null,
    reserved        integer not null default 0,
    backorder_limit integer not null default 0 check (backorder_limit >= 0),
    last_imported   integer,
    version         integer not null default 1,
    updated_at      timestamptz not null default now(),
    primary key (variant_id, location_id),
    constraint stock_level_reserved_check check (reserved >= 0),
    constraint stock_level_promise_check check (reserved <= on_hand + backorder_limit)
) with (fillfactor = 60);

create index stock_level_location_idx on stock_level (location_id);

-- Every change of on_hand with its cause; the sum is the shelf. One cause has one effect per shelf.
create table stock_movement (
    id          uuid primary key,
    variant_id  uuid not null,
    location_id uuid not null,
    delta       integer not null check (delta <> 0),
    cause_kind  text not null check (cause_kind <> ''),
    cause_id    text not null check (cause_id <> ''),
    by          text not null,
    at          timestamptz not null default now(),
    constraint stock_movement_cause_key unique (variant_id, location_id, cause_kind, cause_id)
);

select ledger_only('stock_movement');

-- What an order holds. HELD lapses at expires_at when the order is not paid; CONFIRMED stays until it is fulfilled
-- or released. Only HELD and CONFIRMED rows count as reserved.
create table reservation (
    id          uuid primary key,
    order_id    uuid not null,
    variant_id  uuid not null,
    location_id uuid not null,
    quantity    integer not null check (quantity > 0),
    method      text not null check (method in ('SHIPPING', 'PICKUP')),
    state       text not null check (state in ('HELD', 'CONFIRMED', 'RELEASED', 'FULFILLED')),
    expires_at  timestamptz,
    cause       text,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint reservation_order_key unique (order_id, variant_id, location_id)
) with (fillfactor = 80);

create index reservation_live_idx on reservation (variant_id, location_id) where state in ('HELD', 'CONFIRMED');
create index reservation_expiry_idx on reservation (expires_at) where state = 'HELD';
create index reservation_pickup_idx on reservation (location_id, created_at) where method = 'PICKUP';
