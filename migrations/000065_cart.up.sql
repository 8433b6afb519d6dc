-- What shoppers have collected. The key that opens a cart is part of its id outside and kept only as a hash; a cart
-- that has become an order keeps the order's id and is closed from then on.
create table cart (
  id           uuid primary key,
  key_hash     bytea not null,
  version      integer not null default 1 check (version >= 1),
  currency     text not null check (currency ~ '^[A-Z]{3}$'),
  country      text check (country ~ '^[A-Z]{2}$'),
  email        text,
  phone        text,
  customer_id  uuid,
  note         text,
  attributes   jsonb not null default '[]',
  order_id     uuid unique,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

-- Carts that nobody touches are removed after a while, the oldest first.
create index cart_updated_at on cart (updated_at);

-- One line per variant and attributes; the ids are made in the order of adding, so they are also the order of the
-- lines.
create table cart_line (
  id              uuid primary key,
  cart_id         uuid not null references cart (id) on delete cascade,
  variant_id      uuid not null,
  quantity        integer not null check (quantity between 1 and 1000000),
  attributes      jsonb not null default '[]',
  attributes_hash bytea not null,
  created_at      timestamptz not null default now(),
  constraint cart_line_same unique (cart_id, variant_id, attributes_hash)
);
